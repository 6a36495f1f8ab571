"""One call on its way: what is established about it so far, its log entries, and its end in a signed answer.

Rule of this file: bookkeeping only. What is checked, asked and said is decided by the steps, in the order of
`gateway.pipeline`; a refusal, wherever it comes from, records here what was known by then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gateway.audit.events import SubjectRef
from gateway.audit.log import LogUnavailable, Receipt, Replayed
from gateway.errors import Code, Refusal, Refused
from gateway.model import Caller, Decision, SourceOutcome
from gateway.steps import record, seal, verify
from gateway.wire import answers
from gateway.world import Arrived, Policy, World
from signing import commitments, digest, request

Ended = tuple[str, seal.Sealed]
"""How a call ended: `ok` or its error code, and the signed answer."""


@dataclass(slots=True)
class Course:
    """One call. The policy is the one in force when it arrived."""

    arrived: Arrived
    policy: Policy
    world: World
    caller: Caller | None = None
    subjects: tuple[SubjectRef, ...] = ()
    fields: tuple[str, ...] = ()
    sources: tuple[SourceOutcome, ...] = ()
    decided: Receipt | None = None
    earlier: int | None = None  # where the call whose job is read was decided
    salt: bytes | None = field(default=None, repr=False)  # opens the commitments of the `disclosed` entry
    spent: bool = False  # the token's one use is claimed, or it has none
    line: int | None = None  # of the stream this call's answer is a part of
    attempt: verify.Attempt = field(init=False)
    token: str | None = field(init=False, repr=False)  # as received

    def __post_init__(self) -> None:
        self.token = verify.token_of(self.arrived.authorization)
        self.attempt = verify.Attempt(
            authorization=self.arrived.authorization,
            content_digest=self.arrived.content_digest,
            method=self.arrived.method,
            url=self.policy.base_url + self.arrived.path,
            body=self.arrived.body,
            audience=self.policy.audience,
            keys=self.policy.keys,
            at=self.world.now(),
        )

    def prove(self) -> Caller:
        """The proven caller. Raises `Refused`, attributed to the key's owner where the signature got that far."""
        outcome = verify.verify(self.attempt)
        if isinstance(outcome, verify.Denied):
            # a token that fails its checks has no use to claim
            self.caller, self.spent = outcome.caller, True
            raise outcome.failure
        self.caller = outcome
        return outcome

    def attribute(self) -> Caller | None:
        """The caller as far as the token says, whatever its checks find; its use is not claimed."""
        outcome = verify.verify(self.attempt)
        self.caller = outcome.caller if isinstance(outcome, verify.Denied) else outcome
        self.spent = True
        return self.caller

    async def decide(self, decision: Decision, sources: Sequence[str], at: datetime) -> Receipt:
        """The `decided` entry, durable, and the token used up with it. Raises Replayed and LogUnavailable."""
        self.fields = record.names(decision)
        event = record.decided(
            decision, sources, token=self.token or "", configuration=self.policy.configuration, at=at
        )
        self.decided = await self.world.log.append(event, once=None if self.spent else record.once(decision.caller))
        self._used(decision.caller)
        return self.decided

    async def decide_further(self, step: Decision, sources: Sequence[str]) -> None:
        """A further `decided` entry: whom relations lead to, durable before they are asked about.

        Raises LogUnavailable.
        """
        event = record.decided(
            step,
            sources,
            token=self.token or "",
            configuration=self.policy.configuration,
            at=self.world.now(),
        )
        await self.world.log.append(event)
        self.subjects = (*self.subjects, *event.subjects)
        self.fields = tuple(dict.fromkeys((*self.fields, *event.fields)))

    async def disclose(
        self,
        caller: Caller,
        body: bytes,
        *,
        document: Mapping[str, Any],
        fields: tuple[str, ...],
        status: int = 200,
        found: bool | None = None,
        reuse: tuple[int, int] | None = None,
        documents: tuple[int, int] | None = None,
    ) -> Receipt:
        """The `disclosed` entry of a body, durable before it leaves. `fields`: names of those with a value in it.

        `document` is what `body` prints: its fields are committed to, under a salt that only the answer carries.
        Raises Replayed and LogUnavailable.
        """
        salt = self.world.urandom(commitments.SALT_BYTES)
        committed = commitments.commitments(salt, document)
        self.salt = salt if committed else None
        event = record.disclosed(
            caller,
            self.arrived.call,
            subjects=self.subjects,
            fields=fields,
            sources=self.sources,
            status=status,
            digest=digest.content_digest(body),
            decided=self._decided,
            found=found,
            token=None if self.decided else self.token,
            commitments=committed,
            reuse=reuse,
            documents=documents,
            at=self.world.now(),
        )
        receipt = await self.world.log.append(event, once=None if self.spent else record.once(caller))
        self._used(caller)
        return receipt

    async def refuse(self, refusal: Refusal) -> Ended:
        """The `refused` entry, durable, and the signed problem; without an entry where nobody is known."""
        if self.caller is None:
            return self.unrecorded(refusal)
        status, body, headers = self.world.problem(refusal, self.policy.base_url, self.arrived.instance)
        event = record.refused(
            self.caller,
            self.arrived.call,
            subjects=self.subjects,
            code=refusal.code,
            status=status,
            digest=digest.content_digest(body),
            decided=self._decided,
            token=None if self.decided else self.token,
            fields=self.fields,
            sources=self.sources,
            at=self.world.now(),
        )
        limits = self.policy.portals[self.caller.agency].limits
        try:
            with self.world.admission.refusing(self.caller.agency, limits):
                receipt = await self.world.log.append(event, once=None if self.spent else record.once(self.caller))
        except Refused as full:
            return self.unrecorded(full.refusal)
        except Replayed:
            self.spent = True
            return await self.refuse(Refusal(Code.REQUEST_REPLAYED))
        except LogUnavailable:
            return self.unrecorded(Refusal(Code.LOG_UNAVAILABLE))
        return refusal.code.value, self.seal(body, receipt, status=status, headers=headers, kind=answers.PROBLEM)

    def unrecorded(self, refusal: Refusal) -> Ended:
        """The signed problem without a log entry: nobody is known, or the log cannot be written."""
        status, body, headers = self.world.problem(refusal, self.policy.base_url, self.arrived.instance)
        return refusal.code.value, self.seal(body, None, status=status, headers=headers, kind=answers.PROBLEM)

    def seal(
        self,
        body: bytes,
        receipt: Receipt | None,
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        kind: str = answers.JSON,
    ) -> seal.Sealed:
        """The signed answer. `kind`: its content type."""
        return seal.seal(
            signer=self.world.signer,
            issuer=self.policy.audience,
            audience=self.caller.issuer if self.caller else None,
            req=request.token_hash(self.token) if self.token else None,
            status=status,
            body=body,
            content_type=kind,
            entry=receipt.as_json() if receipt else None,
            at=self.world.now(),
            jti=self.world.new_id(),
            headers=headers or {},
            salt=self.salt if receipt else None,
            line=self.line,
        )

    @property
    def _decided(self) -> int | None:
        return self.decided.index if self.decided else self.earlier

    def _used(self, caller: Caller) -> None:
        """The token's one use is claimed now, if it was not before: the call counts against the day's quota."""
        if not self.spent:
            self.world.admission.count(caller.agency)
        self.spent = True
