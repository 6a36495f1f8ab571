"""The national business register as an `Adapter`.

Rule of this file: the order of things and nothing else: token, call, shape, identity, mapping.

The registry demands the enterprise code in the query string. It identifies a firm, not a person. Even so the
code is not logged here: nothing in this package logs, and the transport uses no client that logs addresses.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import datetime
from urllib.parse import urlencode

from adapters.business.auth import JSON_TYPES, access, require_utf8
from adapters.business.document import garbled, parse
from adapters.business.mapping import doubts, expired, values
from adapters.business.profiles import Profile, endpoint, profile
from adapters.business.wire import Record, absence, record
from adapters.connection import tls_context
from adapters.contract import AdapterError, Answer, Fault, Operation, Question
from adapters.observe import Observer
from adapters.settings import AdapterSettings
from adapters.transport import OK, Call, Reply, Transport
from adapters.values import VIETNAM

# A code with a right check digit below prefix 00, which no province ever had: it was never issued and never
# will be.
NEVER_ISSUED = "0099999998"
_OK_OR_ABSENT = OK | {404}
_HEADERS = {"accept": "application/json", "accept-charset": "UTF-8"}


def build(settings: AdapterSettings, *, now: Callable[[], datetime], observe: Observer) -> "BusinessAdapter":
    """The adapter of one configured source. Makes no call.

    Raises:
        ProfileError: an unknown profile, a wrong option, a missing or unused credential.
    """
    return BusinessAdapter(settings, profile(settings.profile, settings.options), now=now, observe=observe)


class BusinessAdapter:
    """Look-ups of enterprises by code. Registration data cannot be verified without being read: no VERIFY."""

    def __init__(
        self, settings: AdapterSettings, way: Profile, *, now: Callable[[], datetime], observe: Observer
    ) -> None:
        self.source = settings.source
        self._way = way
        self._now = now
        self._url = endpoint(settings.url, way.path)
        token_url = way.token_url or endpoint(settings.url, way.token_path)
        self._transport = Transport(settings, observe=observe, tls=tls_context(way.ca_file))
        self._access = access(settings, way, self._transport, token_url, now=now)

    async def ask(self, question: Question, *, deadline: float) -> Answer:
        """Look up one enterprise by `enterprise_code`, 10 digits or 10-3.

        Raises:
            AdapterError: REFUSED `operation_unsupported` or `identifier_missing` for a question this source
            cannot
                take; REFUSED `token_refused`, `http_401` (twice) or `http_403`; GARBLED `wrong_subject` when
                another enterprise answers; the reasons of `document`, `wire`, `scalars`, `auth` and the
                transport.
        """
        if question.operation is not Operation.LOOKUP:
            raise AdapterError(Fault.REFUSED, "operation_unsupported")
        code = question.identifiers.get("enterprise_code")
        if code is None:
            raise AdapterError(Fault.REFUSED, "identifier_missing")
        found = await self._found(code, deadline, "lookup")
        at = self._now()
        if found is None:
            return Answer(self.source, found=False, retrieved_at=at)
        return Answer(
            self.source,
            found=True,
            retrieved_at=at,
            values=values(found, question.fields),
            doubts=(*doubts(found, code), *expired(found, question.fields, at.astimezone(VIETNAM).date())),
        )

    async def check(self, *, deadline: float) -> None:
        """Ask for a code that was never issued: authenticated, and answered in a known shape.

        Raises:
            AdapterError: as `ask`.
        """
        found = await self._found(NEVER_ISSUED, deadline, "check")
        if found is not None:
            doubts(found, NEVER_ISSUED)

    async def close(self) -> None:
        """Let go of the token and the connections. Later calls raise `AdapterError(UNAVAILABLE, closed)`."""
        self._access.close()
        await self._transport.close()

    async def _found(self, code: str, deadline: float, operation: str) -> Record | None:
        loop = asyncio.get_running_loop()
        until = loop.time() + deadline
        headers = await self._access.headers(until)
        try:
            return await self._get(code, headers, until - loop.time(), operation)
        except AdapterError as error:
            # A token can be revoked before its time. Refused with a new one too, it is the gateway that is
            # refused.
            if error.reason != "http_401" or not self._access.refused(headers):
                raise
        headers = await self._access.headers(until)
        return await self._get(code, headers, until - loop.time(), operation)

    async def _get(self, code: str, headers: Mapping[str, str], deadline: float, operation: str) -> Record | None:
        call = Call("GET", f"{self._url}?{urlencode({self._way.parameter: code})}", {**_HEADERS, **headers})
        try:
            return await self._transport.exchange(
                lambda _: call,
                _read,
                deadline=deadline,
                idempotent=True,
                accept=JSON_TYPES,
                operation=operation,
                statuses=_OK_OR_ABSENT if self._way.absent_on_404 else OK,
            )
        except AdapterError as error:
            if error.reason == "http_404":
                raise garbled("http_404") from None
            raise


def _read(reply: Reply) -> Record | None:
    require_utf8(reply)
    document = parse(reply.body)
    if reply.status == 404:
        if not absence(document):
            raise garbled("http_404")
        return None
    return record(document)
