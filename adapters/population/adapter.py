"""The national population database (C06): services 003, verify, and 037, look up.

Rule of this file: it joins profile, authentication, wire and mapping, and decides whether an answer is about
the person who was asked for. The number, the name and the birth date travel in the body of a POST only.
"""

import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from adapters import soap
from adapters.contract import AdapterError, Answer, Fault, Operation, Question
from adapters.population import auth, mapping, wire
from adapters.population.profiles import Credentials, Profile, folded
from adapters.transport import Call, Reply, Transport

T = TypeVar("T")

# A number nobody has: 000 is no place of registration. The name is no name and the year is before the
# register.
NOBODY: Mapping[str, str] = {
    "personal_id": "000000000000",
    "full_name": "Kiểm Tra Kết Nối",
    "birth_date": "1900-01-01",
}

_STATUSES = frozenset({200, 500})  # a SOAP 1.1 fault comes with 500
_BIRTH = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What one call says beside the service it calls."""

    identifiers: Mapping[str, str] = field(repr=False)
    service_code: str
    officer: str = field(repr=False)
    request_id: str


class PopulationAdapter:
    """Implements `adapters.contract.Adapter` for the source it was built for."""

    def __init__(
        self,
        source: str,
        url: str,
        profile: Profile,
        account: Credentials,
        *,
        wsdl: soap.Wsdl,
        transport: Transport,
        now: Callable[[], datetime],
    ) -> None:
        self.source = source
        self._url = url
        self._profile = profile
        self._account = account
        self._wsdl = wsdl
        self._transport = transport
        self._now = now
        self._checks = itertools.count(1)

    async def ask(self, question: Question, *, deadline: float) -> Answer:
        """Verify or look up one person; see `adapters.contract.Adapter`.

        Raises `AdapterError`: those of the transport and of `wire`; GARBLED `wrong_subject`,
        `subject_missing`, `many_subjects` and those of `mapping.values`; REFUSED `procedure_unmapped`,
        `officer_unmapped`.
        """
        asked = self._asked(question)
        if question.operation is Operation.VERIFY:
            match = await self._exchange(wire.VERIFY, asked, wire.read_verify, "verify", deadline)
            return Answer(self.source, match, self._now())

        def read(reply: Reply) -> Answer:
            return self._answer(wire.read_lookup(reply), question)

        return await self._exchange(wire.LOOKUP, asked, read, "lookup", deadline)

    async def check(self, *, deadline: float) -> None:
        """A well-formed 003 call about `NOBODY`; see `adapters.contract.Adapter`.

        Raises `AdapterError` like `ask`, and GARBLED `check_matched` when the service claims to know nobody.
        """
        codes = self._profile.service_codes
        asked = _Asked(
            NOBODY,
            self._profile.service_code or codes[min(codes)],
            self._profile.check_officer,
            f"KT-{int(self._now().timestamp() * 1000)}-{next(self._checks)}",
        )
        if await self._exchange(wire.VERIFY, asked, wire.read_verify, "check", deadline):
            raise AdapterError(Fault.GARBLED, "check_matched")

    async def close(self) -> None:
        """Let go of connections; see `adapters.contract.Adapter`."""
        await self._transport.close()

    async def _exchange(
        self, service: str, asked: _Asked, read: Callable[[Reply], T], operation: str, deadline: float
    ) -> T:
        accept = soap.SOAP_TYPES | {"application/json"} if service == wire.VERIFY else soap.SOAP_TYPES
        return await self._transport.exchange(
            lambda attempt: self._call(service, asked, attempt),
            read,
            deadline=deadline,
            idempotent=True,
            accept=accept,
            operation=operation,
            statuses=_STATUSES,
        )

    def _call(self, service: str, asked: _Asked, attempt: int) -> Call:
        # the service refuses a request id it has seen, so a second try needs its own
        request_id = asked.request_id if attempt == 1 else f"{asked.request_id}-{attempt}"
        number = asked.identifiers["personal_id"]
        message = self._wsdl.message(
            service,
            MaYeuCau=request_id,
            MaDVC=asked.service_code,
            MaTichHop=wire.CODES[service],
            MaCanBo=asked.officer,
            **self._profile.extra,
            **{"SoDinhDanh" if len(number) == 12 else "SoCMND": number},
            HoVaTen=folded(asked.identifiers["full_name"], self._profile.folding),
            NgayThangNamSinh=_birth(asked.identifiers["birth_date"]),
        )
        headers = auth.headers(self._account, auth_url=self._profile.auth_url, unit=self._profile.unit, at=self._now())
        return Call("POST", self._url, headers, soap.to_bytes(message))

    def _asked(self, question: Question) -> _Asked:
        purpose = question.purpose
        service_code = self._profile.service_codes.get(purpose.procedure, self._profile.service_code)
        if service_code is None:
            raise AdapterError(Fault.REFUSED, "procedure_unmapped")
        accounts = self._profile.officer_accounts
        officer = accounts.get(f"{purpose.agency}/{purpose.officer}") or accounts.get(purpose.officer)
        if officer is None:
            if accounts:
                raise AdapterError(Fault.REFUSED, "officer_unmapped")
            officer = purpose.officer
        return _Asked(question.identifiers, service_code, officer, purpose.request_id)

    def _answer(self, collection: wire.Collection, question: Question) -> Answer:
        as_of = mapping.moment(collection.data_as_of)
        if not collection.people:
            return Answer(self.source, found=False, retrieved_at=self._now(), as_of=as_of)
        if len(collection.people) > 1:
            raise AdapterError(Fault.GARBLED, "many_subjects")
        record = collection.people[0]
        _same_person(record, question.identifiers["personal_id"])
        found = mapping.values(record, question.fields)
        return Answer(
            self.source,
            found=True,
            retrieved_at=self._now(),
            values=found,
            as_of=as_of,
            doubts=mapping.doubts(record, found),
        )


def _same_person(record: Mapping[str, wire.Node], asked: str) -> None:
    answered = mapping.text(record, "SoDinhDanh" if len(asked) == 12 else "SoCMND")
    if answered is None:
        raise AdapterError(Fault.GARBLED, "subject_missing")
    if answered != asked:
        raise AdapterError(Fault.GARBLED, "wrong_subject")


def _birth(written: str) -> dict[str, str]:
    """ISO 8601 with reduced precision as `NgayThangNam` (yyyymmdd or yyyymm), or `Nam` for a year alone."""
    match = _BIRTH.fullmatch(written)
    if match is None:
        raise AdapterError(Fault.GARBLED, "request_invalid")
    year, month, day = match.groups()
    return {"Nam": year} if month is None else {"NgayThangNam": f"{year}{month}{day or ''}"}
