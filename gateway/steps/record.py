"""Steps 4 and 8: the log entries of a call. Names of fields, never their values; subjects only for the keyed tag."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from config import documents
from gateway.audit.events import Context, Decided, Disclosed, Reached, Refused, SubjectRef
from gateway.audit.log import Once
from gateway.errors import Code
from gateway.model import IDENTIFIER, Call, Caller, Decision, SourceOutcome, Subject


def once(caller: Caller) -> Once:
    """The one use of this token."""
    return Once(caller.agency, caller.jti, caller.expires_at)


def context(caller: Caller, call: Call) -> Context:
    """Who, why and what of an entry."""
    purpose = caller.purpose
    return Context(
        req=caller.token_hash,
        agency=caller.agency,
        officer=purpose.officer,
        kid=caller.kid,
        operation=call.value,
        procedure=purpose.procedure,
        dossier=purpose.dossier,
        basis=purpose.basis,
        consent=purpose.consent,
        line=caller.line,
    )


def subjects(named: Iterable[Subject]) -> tuple[SubjectRef, ...]:
    """The subjects of a call, for their keyed tags and those of their family names."""
    return tuple(
        SubjectRef(
            s.role,
            s.kind.value,
            s.identifiers[IDENTIFIER[s.kind]],
            _family(s.identifiers.get("full_name", "")),
            Reached(s.hop.start, s.hop.field, s.hop.depth, s.hop.basis) if s.hop else None,
        )
        for s in named
    )


def _family(full_name: str | None) -> str:
    """The first word of a Vietnamese name."""
    return next(iter((full_name or "").split(maxsplit=1)), "")


def names(decision: Decision) -> tuple[str, ...]:
    """The names of the fields to be fetched, over all subjects, each once; of documents `document.` and the kind."""
    fields = [name for wanted in decision.wanted.values() for name in wanted]
    return tuple(dict.fromkeys([*fields, *(documents.field_name(kind) for _, kind in decision.documents)]))


def decided(decision: Decision, sources: Sequence[str], *, token: str, configuration: str, at: datetime) -> Decided:
    """The entry that is durable before any source is asked."""
    return Decided(
        at=at,
        context=context(decision.caller, decision.ask.call),
        subjects=subjects(decision.ask.subjects),
        fields=names(decision),
        sources=tuple(dict.fromkeys(sources)),
        token=token,
        configuration=configuration,
    )


def disclosed(
    caller: Caller,
    call: Call,
    *,
    subjects: tuple[SubjectRef, ...],
    fields: tuple[str, ...],
    sources: Sequence[SourceOutcome],
    status: int,
    digest: str,
    decided: int | None,
    found: bool | None,
    token: str | None,
    commitments: Mapping[str, str],
    reuse: tuple[int, int] | None,
    at: datetime,
    documents: tuple[int, int] | None = None,
) -> Disclosed:
    """The entry that is durable before the answer leaves. `fields`: names of those disclosed with a value."""
    return Disclosed(
        at=at,
        context=context(caller, call),
        subjects=subjects,
        fields=fields,
        sources={outcome.source: outcome.outcome for outcome in sources},
        status=status,
        digest=digest,
        decided=decided,
        found=found,
        token=token,
        commitments=commitments,
        reuse=reuse,
        documents=documents,
    )


def refused(
    caller: Caller,
    call: Call,
    *,
    subjects: tuple[SubjectRef, ...],
    code: Code,
    status: int,
    digest: str,
    decided: int | None,
    token: str | None,
    fields: tuple[str, ...],
    sources: Sequence[SourceOutcome],
    at: datetime,
) -> Refused:
    """The entry of a call that was denied or failed after its signature identified a registered key.

    `fields`: the names asked for, as far as they were understood; `sources`: what became of those that were asked.
    """
    return Refused(
        at=at,
        context=context(caller, call),
        subjects=subjects,
        code=code.value,
        status=status,
        digest=digest,
        decided=decided,
        token=token,
        fields=fields,
        sources={outcome.source: outcome.outcome for outcome in sources},
    )
