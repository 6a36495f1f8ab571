"""The tax source: signed SOAP out, signed SOAP back, one taxpayer per call.

Rule of this file: it only puts the pieces together: `wire` makes and reads messages, `wsse` signs and verifies,
`mapping` translates, the transport carries. Each try is a new message with an id and a signature of its own, because
the service refuses an id it has seen.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar

from lxml import etree

from adapters import soap
from adapters.contract import AdapterError, Answer, Fault, Operation, Question
from adapters.faults import error, of_status
from adapters.tax import failures, mapping, names, wire
from adapters.tax.profiles import Profile
from adapters.tax.wsse import sign, verify
from adapters.transport import Call, Reply, Transport

T = TypeVar("T")

_MEDIA_TYPE = "application/soap+xml"
# faults come with 400 and 500 (SOAP 1.2 part 2, section 7.5.2.2)
_STATUSES = frozenset({200, 400, 500})


class TaxAdapter:
    """One connection to the tax service. Made by `adapters.tax.build`."""

    def __init__(
        self,
        source: str,
        url: str,
        *,
        profile: Profile,
        wsdl: soap.Wsdl,
        schema: etree.XMLSchema,
        transport: Transport,
        now: Callable[[], datetime],
        new_id: Callable[[], str],
    ) -> None:
        self.source = source
        self._url = url
        self._profile = profile
        self._wsdl = wsdl
        self._schema = schema
        self._transport = transport
        self._now = now
        self._new_id = new_id

    async def ask(self, question: Question, *, deadline: float) -> Answer:
        """One taxpayer by tax code. See `adapters.contract.Adapter`.

        Raises `AdapterError(REFUSED, operation_unsupported)` for VERIFY: the service has no such operation.
        """
        if question.operation is not Operation.LOOKUP:
            raise AdapterError(Fault.REFUSED, "operation_unsupported")
        tax_code = question.identifiers["tax_code"]

        def values(request_id: str) -> Mapping[str, str]:
            return wire.lookup_values(tax_code, question.purpose, request_id=request_id)

        def read(payload: etree._Element, request_id: str) -> Answer:
            found = wire.read_found(payload, self._schema)
            _same_request(found.request_id, request_id)
            return mapping.answer(found, question, retrieved_at=self._now())

        return await self._exchange(
            wire.LOOKUP, values, read, first_id=question.purpose.request_id, operation="lookup", deadline=deadline
        )

    async def check(self, *, deadline: float) -> None:
        """A signed connection check that names no taxpayer. Raises `AdapterError`, also when the version differs."""

        def values(request_id: str) -> Mapping[str, str]:
            return wire.check_values(request_id=request_id)

        def read(payload: etree._Element, request_id: str) -> None:
            alive = wire.read_alive(payload, self._schema)
            _same_request(alive.request_id, request_id)
            if alive.version != wire.VERSION:
                raise AdapterError(Fault.GARBLED, "contract_changed")

        await self._exchange(wire.CHECK, values, read, first_id=self._new_id(), operation="check", deadline=deadline)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._transport.close()

    async def _exchange(
        self,
        name: str,
        values: Callable[[str], Mapping[str, str]],
        read: Callable[[etree._Element, str], T],
        *,
        first_id: str,
        operation: str,
        deadline: float,
    ) -> T:
        sent_id = first_id

        def prepare(attempt: int) -> Call:
            nonlocal sent_id
            sent_id = f"{first_id}.{attempt}"
            message = sign(self._wsdl.message(name, **values(sent_id)), self._profile.identity, at=self._now())
            action = f'{_MEDIA_TYPE}; charset=utf-8; action="{names.NNT}:{name}"'
            return Call("POST", self._url, {"content-type": action, "accept": _MEDIA_TYPE}, message)

        def verified(reply: Reply) -> T:
            return read(self._payload(reply), sent_id)

        return await self._transport.exchange(
            prepare,
            verified,
            deadline=deadline,
            idempotent=True,  # every try is a new request, and a look-up changes nothing
            accept={_MEDIA_TYPE},
            operation=operation,
            statuses=_STATUSES,
        )

    def _payload(self, reply: Reply) -> etree._Element:
        root = soap.parse(reply.body)
        found = soap.fault(soap.body(root))
        if found is not None:
            raise failures.of(found)
        if reply.status != 200:
            raise error(of_status(reply.status), idempotent=True)
        verified = verify(root, self._profile.server, at=self._now(), tolerance=self._profile.tolerance)
        return verified.payload


def _same_request(answered: str, asked: str) -> None:
    if answered != asked:
        raise AdapterError(Fault.GARBLED, "wrong_request")
