"""One HTTP exchange with a source: a total deadline around bulkhead, breaker, tries and a bounded answer.

Rule of this file: it raises `AdapterError` (and `CancelledError`, which is the caller's) and nothing else. It
knows no registry and looks into no body. It logs nothing: URLs and bodies are the adapters' to keep from
logs.

A call goes through, in this order: closed? - breaker - bulkhead - breaker again - request - status - content
type - size - `read`. Each try takes a new place in the bulkhead, so a try that sleeps holds nothing.
"""

import asyncio
import random
import ssl
import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import httpx
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception

from adapters import faults
from adapters.breaker import Breaker
from adapters.bulkhead import Bulkhead
from adapters.connection import connect, tls_context
from adapters.contract import AdapterError, Fault
from adapters.observe import Observer
from adapters.settings import AdapterSettings

T = TypeVar("T")

OK = frozenset({200})
_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 1.0


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request. `url` is absolute and holds no personal data; `content` None means no body."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    content: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """One HTTP answer, wholly read. `content_type` is lower case without parameters, "" when absent."""

    status: int
    content_type: str
    charset: str | None
    body: bytes = field(repr=False)


def jitter(attempt: int) -> float:
    """Seconds to wait after failed try `attempt` (1, 2, ...): random, below a doubling bound of 1 s."""
    return random.uniform(0, min(_LONGEST_PAUSE, _FIRST_PAUSE * 2**attempt))


class Transport:
    """The way to one source. Safe to use from many tasks of one event loop."""

    def __init__(
        self,
        settings: AdapterSettings,
        *,
        observe: Observer,
        tls: ssl.SSLContext | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        pause: Callable[[int], float] = jitter,
        connections: Callable[[int, ssl.SSLContext], httpx.AsyncBaseTransport] = connect,
    ) -> None:
        self._source = settings.source
        self._attempts = settings.attempts
        self._max_bytes = settings.max_bytes
        self._observe = observe
        self._clock = clock
        self._sleep = sleep
        self._pause = pause
        self._closed = False
        # most sources have one address; reading it anew for each call costs as much as the rest of a request
        self._parsed = ("", httpx.URL())
        self._wire = connections(settings.concurrency, tls or tls_context())
        self._bulkhead = Bulkhead(
            settings.concurrency, settings.queue, waiting=lambda n: observe.waiting(settings.source, n)
        )
        self.breaker = Breaker(
            settings.breaker_failures,
            settings.breaker_pause,
            clock=clock,
            changed=lambda state: observe.breaker(settings.source, state.value),
        )

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        content: bytes | None = None,
        deadline: float,
        idempotent: bool,
        accept: Collection[str],
        operation: str,
        statuses: Collection[int] = OK,
    ) -> Reply:
        """The same request on every try, and its answer as it came. See `exchange`."""
        call = Call(method, url, headers, content)
        return await self.exchange(
            lambda _: call,
            lambda reply: reply,
            deadline=deadline,
            idempotent=idempotent,
            accept=accept,
            operation=operation,
            statuses=statuses,
        )

    async def exchange(
        self,
        prepare: Callable[[int], Call],
        read: Callable[[Reply], T],
        *,
        deadline: float,
        idempotent: bool,
        accept: Collection[str],
        operation: str,
        statuses: Collection[int] = OK,
    ) -> T:
        """Ask and read the answer.

        `prepare(n)` makes the request of try n (1, 2, ...): fresh timestamps, ids and signatures.
        `read` turns the answer into what the adapter wants; the `AdapterError` it raises counts for the
        breaker and, when `retryable`, leads to another try.
        `statuses` are the HTTP statuses given to `read`; every other one is a fault.
        `accept` are the media types given to `read`; another is `GARBLED wrong_content_type`, or the fault of
        the status when that is not 200 (a proxy's error page says nothing but its status).
        `deadline`: seconds from now for everything. `operation` names the call in metrics.
        """
        begun = self._clock()
        outcome = "cancelled"
        try:
            result = await self._tries(prepare, read, deadline, idempotent, accept, statuses)
            outcome = "ok"
        except AdapterError as error:
            outcome = error.fault.value
            raise
        else:
            return result
        finally:
            self._observe.called(self._source, operation, outcome, self._clock() - begun)

    async def close(self) -> None:
        """Close every connection. Later calls raise `AdapterError(UNAVAILABLE, closed)`."""
        self._closed = True
        await self._wire.aclose()

    async def _tries(
        self,
        prepare: Callable[[int], Call],
        read: Callable[[Reply], T],
        deadline: float,
        idempotent: bool,
        accept: Collection[str],
        statuses: Collection[int],
    ) -> T:
        if deadline <= 0:
            raise AdapterError(Fault.TIMED_OUT, "deadline_passed")
        loop = asyncio.get_running_loop()
        until = loop.time() + deadline

        attempt = 0

        async def once() -> T:
            nonlocal attempt
            attempt += 1
            number = attempt
            return await self._once(lambda: prepare(number), read, until, idempotent, accept, statuses)

        # nearly every call ends with its first try: the machinery of repeating is set up only when that one failed
        try:
            return await once()
        except AdapterError as error:
            failed: AdapterError | None = error
            if not error.retryable:
                raise

        async def again() -> T:
            nonlocal failed
            if failed is not None:
                first, failed = failed, None
                raise first
            return await once()

        def pause(state: RetryCallState) -> float:
            return self._pause(state.attempt_number)

        def give_up(state: RetryCallState) -> bool:
            # a sleep that would outlast the deadline would only hide why the last try failed
            return state.attempt_number >= self._attempts or loop.time() + state.upcoming_sleep >= until

        tries = AsyncRetrying(
            sleep=self._sleep,
            stop=give_up,
            wait=pause,
            retry=retry_if_exception(lambda error: isinstance(error, AdapterError) and error.retryable),
            before_sleep=lambda _: self._observe.retried(self._source),
            reraise=True,
        )
        return await tries(again)

    async def _once(
        self,
        prepare: Callable[[], Call],
        read: Callable[[Reply], T],
        until: float,
        idempotent: bool,
        accept: Collection[str],
        statuses: Collection[int],
    ) -> T:
        self._refuse_if_closed()
        self.breaker.refuse_if_open()
        async with self._bulkhead.place(until):
            self._refuse_if_closed()
            permit = self.breaker.admit()
            settle = self.breaker.abandoned
            try:
                call = prepare()
            except AdapterError:
                # nothing was sent, so nothing was learned about the source
                settle(permit)
                raise
            try:
                result = read(await self._send(call, until, idempotent, accept, statuses))
                settle = self.breaker.succeeded
            except AdapterError as error:
                silent = error.fault in {Fault.UNAVAILABLE, Fault.TIMED_OUT}
                settle = self.breaker.failed if silent else self.breaker.succeeded
                raise
            else:
                return result
            finally:
                settle(permit)

    async def _send(
        self, call: Call, until: float, idempotent: bool, accept: Collection[str], statuses: Collection[int]
    ) -> Reply:
        try:
            async with asyncio.timeout_at(until):
                return await self._answer(call, idempotent, accept, statuses)
        except AdapterError:
            raise
        except TimeoutError:
            raise AdapterError(Fault.TIMED_OUT, "deadline_passed") from None
        except tuple(faults.EXCEPTIONS) as error:
            # `from None`: the library's message may hold the address or a piece of the answer
            raise faults.error(faults.of_exception(error), idempotent=idempotent) from None

    async def _answer(self, call: Call, idempotent: bool, accept: Collection[str], statuses: Collection[int]) -> Reply:
        headers = httpx.Headers({"user-agent": "lienthong-gateway"})
        headers.update(call.headers)
        headers["accept-encoding"] = "identity"
        if call.url != self._parsed[0]:
            self._parsed = (call.url, httpx.URL(call.url))
        request = httpx.Request(call.method, self._parsed[1], headers=headers, content=call.content)
        response = await self._wire.handle_async_request(request)
        try:
            if response.status_code not in statuses:
                raise faults.error(faults.of_status(response.status_code), idempotent=idempotent)
            content_type, charset = media_type(response.headers.get("content-type", ""))
            if content_type not in accept:
                if response.status_code not in OK:
                    raise faults.error(faults.of_status(response.status_code), idempotent=idempotent)
                raise AdapterError(Fault.GARBLED, "wrong_content_type")
            # a compressed answer was not asked for, and its size on the wire says nothing about its size
            if response.headers.get("content-encoding", "identity").strip().lower() != "identity":
                raise AdapterError(Fault.GARBLED, "body_encoded")
            return Reply(response.status_code, content_type, charset, await self._body(response))
        finally:
            await response.aclose()

    async def _body(self, response: httpx.Response) -> bytes:
        declared = response.headers.get("content-length", "")
        if declared.isdecimal() and int(declared) > self._max_bytes:
            raise AdapterError(Fault.GARBLED, "body_oversized")
        body = bytearray()
        async for chunk in response.aiter_raw():
            body += chunk
            if len(body) > self._max_bytes:
                raise AdapterError(Fault.GARBLED, "body_oversized")
        return bytes(body)

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise AdapterError(Fault.UNAVAILABLE, "closed")


def media_type(header: str) -> tuple[str, str | None]:
    """`Content-Type` as (media type, charset), both lower case (RFC 9110 section 8.3)."""
    first, *parameters = header.split(";")
    charset = None
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            charset = value.strip().strip('"').lower() or None
    return first.strip().lower(), charset
