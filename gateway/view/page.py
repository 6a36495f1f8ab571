"""What the page says: the parts of a pre-filled dossier, each with its labels and its words.

Rule of this file: from the answer's JSON (contract section 6) and the labels of procedure and vocabulary, and nothing
else. A member that is not known is passed over, a label that is not there any more is the name itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from config.model import Named, Procedure
from gateway.model import DECLARED, DOCUMENTS, HAS_VALUE
from gateway.view.values import Printed, date, moment, number, printed
from gateway.view.words import CHANGES, KINDS, MEMBERS, OUTCOMES, REASONS, SIGNATURES, SOURCES, STATUSES, said
from gateway.zone import VIETNAM

_DAY, _HOUR, _MINUTE = 86400, 3600, 60


@dataclass(frozen=True, slots=True)
class Answered:
    """The pre-fill that is shown. `entry`: index of the log entry that recorded it; `log`: the log's name."""

    document: Mapping[str, Any] = field(repr=False)
    at: datetime
    entry: int
    portal: Named
    agency: str
    gateway: str
    log: str


@dataclass(frozen=True, slots=True)
class Row:
    """One form field. `marks`: what is remarkable about it, in words."""

    name: str
    label: Named
    lines: tuple[Printed, ...] = field(repr=False)
    source: Named
    as_of: str
    status: str
    state: Named
    marks: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """What one side of a conflict says."""

    source: Named
    lines: tuple[Printed, ...] = field(repr=False)
    as_of: str
    preferred: bool


@dataclass(frozen=True, slots=True)
class Dispute:
    """A conflict about one form field."""

    label: Named
    kind: Named
    statements: tuple[Statement, ...]
    because: Named | None


@dataclass(frozen=True, slots=True)
class Gap:
    """A form field without a value. `required`: the form cannot do without it."""

    label: Named
    reason: Named
    source: Named | None
    required: bool


@dataclass(frozen=True, slots=True)
class Doubt:
    """A notice about the subject in a role."""

    role: Named
    text: Named
    source: Named | None
    as_of: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken from one source: labels of the form fields. `outcome`: of the question; None for a declaration."""

    source: Named
    labels: tuple[Named, ...]
    outcome: Named | None
    at: str


@dataclass(frozen=True, slots=True)
class Page:
    """The whole page, in the order in which it is read."""

    answered: Answered
    code: str
    dossier: str
    name: Named
    printed_at: str
    filled: int
    total: int
    gaps: tuple[Gap, ...]
    disputes: tuple[Dispute, ...]
    doubts: tuple[Doubt, ...]
    rows: tuple[Row, ...]
    documents: tuple[tuple[Printed, ...], ...]
    taken: tuple[Taken, ...]


def page(answered: Answered, procedure: Procedure, vocabulary: Mapping[str, Named]) -> Page:
    """The page of a pre-filled dossier. `vocabulary`: field -> its label."""
    document = answered.document
    labels = {wanted.name: wanted.label for wanted in procedure.form}
    required = {wanted.name for wanted in procedure.form if wanted.required}
    roles = {role.name: role.label for role in procedure.roles.values()}
    paths = {role: _path(hop, roles, vocabulary) for role, hop in document.get("reached", {}).items()}
    form: Mapping[str, Any] = document["form"]
    reuse = document.get("reuse", {})
    gaps = [_gap(one, labels, required) for one in document.get("missing", ())]
    return Page(
        answered=answered,
        code=str(document["procedure"]),
        dossier=str(document["dossier"]),
        name=procedure.name,
        printed_at=answered.at.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M"),
        filled=int(reuse.get("fields_filled", 0)),
        total=int(reuse.get("fields_total", len(form))),
        # what the form cannot do without comes first
        gaps=tuple(sorted(gaps, key=lambda gap: not gap.required)),
        disputes=tuple(_dispute(one, labels) for one in document.get("conflicts", ())),
        doubts=tuple(_doubt(one, roles) for one in document.get("notices", ())),
        rows=tuple(_row(name, one, labels, tuple(_marks(one, vocabulary, paths))) for name, one in form.items()),
        documents=tuple(tuple(_paper(one, roles)) for one in document.get("documents", ())),
        taken=tuple(_taken(form, document.get("sources", {}), labels)),
    )


def _row(name: str, one: Mapping[str, Any], labels: Mapping[str, Named], marks: tuple[Named, ...]) -> Row:
    status = str(one.get("status"))
    has = status in HAS_VALUE
    return Row(
        name=name,
        label=said(labels, name),
        lines=printed(one.get("value")) if has else (),
        source=said(SOURCES, one.get("source")),
        as_of=moment(one.get("as_of") or one.get("retrieved_at")) if has else "",
        status=status,
        # what a citizen said was not taken from anywhere
        state=said(STATUSES, DECLARED if (status, one.get("source")) == ("ok", DECLARED) else status),
        marks=marks,
    )


def _marks(one: Mapping[str, Any], vocabulary: Mapping[str, Named], paths: Mapping[str, Named]) -> Iterable[Named]:
    age = one.get("age_seconds")
    if isinstance(age, int | float) and not isinstance(age, bool):
        vi, en = _age(age)
        yield Named(f"cũ {vi}", f"{en} old")
    for word in _words(one.get("by")):
        yield said(CHANGES, word)
    for name in _words(one.get("also_from")):
        also = said(vocabulary, name)
        yield Named(f"cũng theo: {also.vi}", f"also from: {also.en}")
    if one.get("role") in paths:
        yield paths[str(one["role"])]


def _words(several: Any) -> Iterable[str]:
    return (one for one in several if isinstance(one, str)) if isinstance(several, list) else ()


def _path(hop: Mapping[str, Any], roles: Mapping[str, Named], vocabulary: Mapping[str, Named]) -> Named:
    """How somebody was reached whom the portal did not name."""
    start, field = said(roles, hop.get("from")), said(vocabulary, hop.get("via"))
    return Named(f"tìm đến từ {field.vi} của {start.vi}", f"reached through {field.en} of {start.en}")


def _age(seconds: float) -> tuple[str, str]:
    for size, vi, en in ((_DAY, "ngày", "days"), (_HOUR, "giờ", "hours"), (_MINUTE, "phút", "minutes")):
        if seconds >= size:
            return f"{number(int(seconds // size))} {vi}", f"{int(seconds // size)} {en}"
    return f"{int(seconds)} giây", f"{int(seconds)} seconds"


def _gap(one: Mapping[str, Any], labels: Mapping[str, Named], required: set[str]) -> Gap:
    source = one.get("source")
    return Gap(
        said(labels, one.get("field")),
        said(REASONS, one.get("reason")),
        said(SOURCES, source) if source else None,
        one.get("field") in required,
    )


def _dispute(one: Mapping[str, Any], labels: Mapping[str, Named]) -> Dispute:
    preferred = one.get("preferred", 0)
    because = one.get("because")
    return Dispute(
        said(labels, one.get("field")),
        said(KINDS, one.get("kind", "value")),
        tuple(
            Statement(
                said(SOURCES, s.get("source")), printed(s.get("value")), moment(s.get("as_of")), number == preferred
            )
            for number, s in enumerate(one["values"])
        ),
        Named(str(because["vi"]), str(because["en"])) if isinstance(because, Mapping) else None,
    )


def _doubt(one: Mapping[str, Any], roles: Mapping[str, Named]) -> Doubt:
    source, as_of = one.get("source"), moment(one.get("as_of"))
    return Doubt(
        said(roles, one.get("role")),
        Named(str(one.get("vi", "")), str(one.get("en", ""))),
        said(SOURCES, source) if source else None,
        # a paper has a day and no hour
        as_of.partition(" ")[0] if source == DOCUMENTS else as_of,
    )


def _taken(
    form: Mapping[str, Mapping[str, Any]], sources: Mapping[str, Any], labels: Mapping[str, Named]
) -> Iterable[Taken]:
    """For the citizen: every source that was asked, and what of the form came from it; then what was declared."""
    by_source: dict[str, list[Named]] = {name: [] for name in sources}
    for name, one in form.items():
        if one.get("status") in HAS_VALUE:
            by_source.setdefault(str(one.get("source")), []).append(said(labels, name))
    for name, taken in by_source.items():
        outcome = sources.get(name)
        known: Mapping[str, Any] = outcome if isinstance(outcome, Mapping) else {}
        yield Taken(
            said(SOURCES, name),
            tuple(taken),
            said(OUTCOMES, known.get("outcome")) if known else None,
            moment(known.get("at")),
        )


def _paper(one: Mapping[str, Any], roles: Mapping[str, Named]) -> Iterable[Printed]:
    """A document that can be attached: what it is, of whom, from whom, and what its signature is worth."""
    yield Printed(str(one.get("name_vi") or one.get("kind") or ""), str(one.get("name_en") or ""))
    facts = {
        "role": said(roles, one.get("role")),
        "issuer": _same(one.get("issuing_agency")),
        "registered_by": _same(one.get("registered_by")),
        "issued_on": _same(date(str(one.get("issued_on") or ""))),
        "valid_until": _same(date(str(one.get("valid_until") or ""))),
        "signature": said(SIGNATURES, one.get("signature", {}).get("outcome")),
    }
    for name, fact in facts.items():
        if fact.vi:
            member = MEMBERS[name]
            yield Printed(f"{member.vi} / {member.en}: {fact.vi}", "" if fact.en == fact.vi else fact.en)


def _same(text: Any) -> Named:
    return Named(str(text or ""), str(text or ""))
