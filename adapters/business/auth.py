"""How the adapter proves who it is: the headers of a call, and the token behind them.

Rule of this file: a token lives in this process's memory only. It is in no log line, exception or repr, and
it is sent nowhere but to the source.

One token serves all callers. It is renewed shortly before it expires, and once more when the source refuses
it early; however many calls find it missing at the same moment, one request is made and all of them wait for
its answer.
"""

import asyncio
import base64
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from adapters.business.document import garbled, parse
from adapters.business.profiles import Family, Profile
from adapters.business.scalars import text
from adapters.contract import AdapterError, Fault
from adapters.settings import AdapterSettings, credentials
from adapters.transport import Call, Reply, Transport

JSON_TYPES = frozenset({"application/json", "text/json"})
_MARGIN = timedelta(seconds=60)
_LONGEST = timedelta(days=1)  # some platforms answer a "never" of 2^63 milliseconds
_UNSTATED = timedelta(minutes=5)  # RFC 6749 section 5.1: `expires_in` is only recommended
_BEARER = re.compile(r"[A-Za-z0-9._~+/-]{1,8192}=*")  # RFC 6750 section 2.1, b64token
_UTF8 = frozenset({None, "utf-8", "utf8", "us-ascii"})


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token and when to stop using it, some time before the source would."""

    value: str = field(repr=False)
    renew_at: datetime


class Access:
    """The headers that let a call in, without a token: the same for every call."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = dict(headers)

    async def headers(self, until: float) -> Mapping[str, str]:  # noqa: ARG002
        """The headers of one call. `until`: the call's end in the loop's time; nothing is waited for here."""
        return self._headers

    def refused(self, sent: Mapping[str, str]) -> bool:  # noqa: ARG002
        """Whether other headers may be had than the ones `sent` and refused: never."""
        return False

    def close(self) -> None:
        """Nothing is under way."""


class TokenAccess(Access):
    """The same with a bearer token. Safe for many tasks of one loop."""

    def __init__(
        self,
        headers: Mapping[str, str],
        fetch: Callable[[float], Awaitable[Token]],
        *,
        now: Callable[[], datetime],
    ) -> None:
        """`fetch(seconds)`: asks for a token within that time, raises `AdapterError`."""
        super().__init__(headers)
        self._fetch = fetch
        self._now = now
        self._token: Token | None = None
        self._asking: asyncio.Task[Token] | None = None

    async def headers(self, until: float) -> Mapping[str, str]:
        """The headers of one call, with a token that is good for a while.

        Raises:
            AdapterError: what asking for a token raised, or TIMED_OUT when `until` passes first.
        """
        token = self._token
        if token is None or self._now() >= token.renew_at:
            token = await self._renewed(until)
        return {**self._headers, "authorization": f"Bearer {token.value}"}

    def refused(self, sent: Mapping[str, str]) -> bool:
        """Drop the token if it is still the one that was refused; the next call asks for another."""
        if self._token is not None and sent.get("authorization") == f"Bearer {self._token.value}":
            self._token = None
        return True

    def close(self) -> None:
        """Stop asking and forget the token."""
        self._token = None
        if self._asking is not None:
            self._asking.cancel()

    async def _renewed(self, until: float) -> Token:
        loop = asyncio.get_running_loop()
        while True:
            asking = self._asking
            # one that has ended, but not yet been cleared away, has nothing more to say
            mine = asking is None or asking.done()
            if asking is None or asking.done():
                self._asking = asking = loop.create_task(self._ask(until - loop.time()))
                asking.add_done_callback(self._asked)
            try:
                # shielded: a caller that leaves must not take the token from those who wait with it
                async with asyncio.timeout_at(until):
                    return await asyncio.shield(asking)
            except TimeoutError:
                raise AdapterError(Fault.TIMED_OUT, "deadline_passed") from None
            except asyncio.CancelledError:
                if asking.cancelled():
                    raise AdapterError(Fault.UNAVAILABLE, "closed") from None
                raise
            except AdapterError as error:
                # It ran out of another caller's time. With time of its own left, this one asks again.
                if mine or error.fault is not Fault.TIMED_OUT or loop.time() >= until:
                    raise AdapterError(error.fault, error.reason, retryable=error.retryable) from None

    async def _ask(self, seconds: float) -> Token:
        self._token = token = await self._fetch(seconds)
        return token

    def _asked(self, task: asyncio.Task[Token]) -> None:
        if self._asking is task:
            self._asking = None
        if not task.cancelled():
            task.exception()  # looked at, so that nobody is warned when every caller has left


def access(
    settings: AdapterSettings,
    profile: Profile,
    transport: Transport,
    token_url: str,
    *,
    now: Callable[[], datetime],
) -> Access:
    """What the profile's family needs, from the source's credentials.

    Raises:
        ProfileError: a credential is missing or unused.
    """
    if profile.family is Family.WSO2:
        words = credentials(settings.credentials, required=("consumer_key", "consumer_secret"))
        basic = _base64(f"{words['consumer_key']}:{words['consumer_secret']}")
        asking, calling = {"authorization": f"Basic {basic}"}, dict(profile.headers)
    else:
        words = credentials(
            settings.credentials,
            required=("access_key", "secret_key", "app_name", "partner_code"),
            optional=("partner_code_cus",),
        )
        card = _card(words)
        if profile.family is Family.PLAIN:
            return Access({**profile.headers, "authorization": card})
        asking, calling = {"lgspaccesstoken": card}, {**profile.headers, "lgspaccesstoken": card}

    async def fetch(seconds: float) -> Token:
        return await _token(transport, token_url, {**profile.headers, **asking}, seconds, now=now)

    return TokenAccess(calling, fetch, now=now)


def require_utf8(reply: Reply) -> None:
    """Refuse an answer in another character set than JSON's (RFC 8259 section 8.1).

    Raises:
        AdapterError: GARBLED `encoding_wrong`.
    """
    if reply.charset not in _UTF8:
        raise garbled("encoding_wrong")


async def _token(
    transport: Transport, url: str, headers: Mapping[str, str], seconds: float, *, now: Callable[[], datetime]
) -> Token:
    form = {**headers, "accept": "application/json", "content-type": "application/x-www-form-urlencoded"}
    call = Call("POST", url, form, b"grant_type=client_credentials")
    try:
        return await transport.exchange(
            lambda _: call,
            lambda reply: read_token(reply, now()),
            deadline=seconds,
            idempotent=True,  # a second token does no harm
            accept=JSON_TYPES,
            operation="token",
        )
    except AdapterError as error:
        # Whatever the token address refuses are the gateway's credentials, RFC 6749 section 5.2: 400 or 401.
        if error.fault is Fault.REFUSED:
            raise AdapterError(Fault.REFUSED, "token_refused") from None
        raise


def read_token(reply: Reply, at: datetime) -> Token:
    """A token answer (RFC 6749 section 5.1), received at `at`.

    It is to be renewed a minute before it expires, or at nine tenths of a life shorter than ten minutes.

    Raises:
        AdapterError: GARBLED `token_malformed`, or a reason of `document.parse`.
    """
    require_utf8(reply)
    answer = parse(reply.body)
    value = answer.get("access_token")
    kind = answer.get("token_type", "Bearer")
    if not isinstance(value, str) or not _BEARER.fullmatch(value):
        raise garbled("token_malformed")
    if not isinstance(kind, str) or kind.lower() != "bearer":
        raise garbled("token_malformed")
    life = _life(text(answer, "expires_in"))
    return Token(value, at + life - min(_MARGIN, life / 10))


def _life(written: str | None) -> timedelta:
    if written is None:
        return _UNSTATED
    if not re.fullmatch(r"[0-9]{1,20}(\.0+)?", written) or (seconds := Decimal(written)) == 0:
        raise garbled("token_malformed")
    return timedelta(seconds=int(min(seconds, Decimal(int(_LONGEST.total_seconds())))))


def _card(words: Mapping[str, str | None]) -> str:
    names = {"AccessKey": "access_key", "SecretKey": "secret_key", "AppName": "app_name",
             "PartnerCode": "partner_code", "PartnerCodeCus": "partner_code_cus"}  # fmt: skip
    return _base64(json.dumps({name: words[key] or "" for name, key in names.items()}, ensure_ascii=False))


def _base64(plain: str) -> str:
    return base64.b64encode(plain.encode()).decode("ascii")
