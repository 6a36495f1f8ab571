"""What the page says: the parts of a pre-filled dossier, each with its labels and its words.

Rule of this file: from the answer's JSON (contract section 6) and the labels of the procedure, and nothing else. A
member that is not known is passed over, a label that is not there any more is the name itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from config.model import Named, Procedure
from gateway.view.values import VIETNAM, Printed, moment, number, printed
from gateway.view.words import KINDS, OUTCOMES, REASONS, SOURCES, STATUSES, Both, said

HAS_VALUE = frozenset({"ok", "stale", "conflict"})
DECLARED = "declared"
_DAY, _HOUR, _MINUTE = 86400, 3600, 60


@dataclass(frozen=True, slots=True)
class Answered:
    """The pre-fill that is shown. `entry`: index of the log entry that recorded it; `log`: the log's name."""

    document: Mapping[str, Any] = field(repr=False)
    at: datetime
    entry: int
    portal: Both
    agency: str
    gateway: str
    log: str


@dataclass(frozen=True, slots=True)
class Row:
    """One form field. `marks`: what is remarkable about it, in words."""

    name: str
    label: Both
    lines: tuple[Printed, ...] = field(repr=False)
    source: Both
    as_of: str
    status: str
    state: Both
    marks: tuple[Both, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """What one side of a conflict says."""

    source: Both
    lines: tuple[Printed, ...] = field(repr=False)
    as_of: str
    preferred: bool


@dataclass(frozen=True, slots=True)
class Dispute:
    """A conflict about one form field."""

    label: Both
    kind: Both
    statements: tuple[Statement, ...]
    because: Both | None


@dataclass(frozen=True, slots=True)
class Gap:
    """A form field without a value. `required`: the form cannot do without it."""

    label: Both
    reason: Both
    source: Both | None
    required: bool


@dataclass(frozen=True, slots=True)
class Doubt:
    """A notice about the subject in a role."""

    role: Both
    text: Both
    source: Both | None
    as_of: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What was taken from one source: labels of the form fields. `outcome`: of the question; None for a declaration."""

    source: Both
    labels: tuple[Both, ...]
    outcome: Both | None
    at: str


@dataclass(frozen=True, slots=True)
class Page:
    """The whole page, in the order in which it is read."""

    answered: Answered
    code: str
    dossier: str
    name: Both
    printed_at: str
    filled: int
    total: int
    gaps: tuple[Gap, ...]
    disputes: tuple[Dispute, ...]
    doubts: tuple[Doubt, ...]
    rows: tuple[Row, ...]
    documents: tuple[tuple[Printed, ...], ...]
    taken: tuple[Taken, ...]


def page(answered: Answered, procedure: Procedure) -> Page:
    """The page of a pre-filled dossier."""
    document = answered.document
    labels = {wanted.name: _both(wanted.label) for wanted in procedure.form}
    required = {wanted.name for wanted in procedure.form if wanted.required}
    roles = {role.name: _both(role.label) for role in procedure.roles.values()}
    form: Mapping[str, Any] = document["form"]
    reuse = document.get("reuse", {})
    gaps = [_gap(one, labels, required) for one in document.get("missing", ())]
    return Page(
        answered=answered,
        code=str(document["procedure"]),
        dossier=str(document["dossier"]),
        name=_both(procedure.name),
        printed_at=answered.at.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M"),
        filled=int(reuse.get("fields_filled", 0)),
        total=int(reuse.get("fields_total", len(form))),
        # what the form cannot do without comes first
        gaps=tuple(sorted(gaps, key=lambda gap: not gap.required)),
        disputes=tuple(_dispute(one, labels) for one in document.get("conflicts", ())),
        doubts=tuple(_doubt(one, roles) for one in document.get("notices", ())),
        rows=tuple(_row(name, one, labels) for name, one in form.items()),
        documents=tuple(printed(_without_places(one)) for one in document.get("documents", ())),
        taken=tuple(_taken(form, document.get("sources", {}), labels)),
    )


def _both(name: Named) -> Both:
    return Both(name.vi, name.en)


def _label(name: object, labels: Mapping[str, Both]) -> Both:
    return said(labels, name)


def _row(name: str, one: Mapping[str, Any], labels: Mapping[str, Both]) -> Row:
    status = str(one.get("status"))
    has = status in HAS_VALUE
    return Row(
        name=name,
        label=_label(name, labels),
        lines=printed(one.get("value")) if has else (),
        source=said(SOURCES, one.get("source")),
        as_of=moment(one.get("as_of") or one.get("retrieved_at")) if has else "",
        status=status,
        # what a citizen said was not taken from anywhere
        state=said(STATUSES, DECLARED if (status, one.get("source")) == ("ok", DECLARED) else status),
        marks=tuple(_marks(one)),
    )


def _marks(one: Mapping[str, Any]) -> Iterable[Both]:
    age = one.get("age_seconds")
    if isinstance(age, int | float) and not isinstance(age, bool):
        vi, en = _age(age)
        yield Both(f"cũ {vi}", f"{en} old")
    for also in _named(one.get("also_from")):
        yield Both(f"cũng theo {also.vi}", f"also from {also.en}")
    if isinstance(one.get("reached"), str | list | Mapping):
        yield Both("tìm được qua quan hệ", "found by way of a relation")
    by = one.get("by")
    if isinstance(by, str) and by:
        yield Both(f"theo quy tắc: {by}", f"by the rule: {by}")


def _named(also: Any) -> Iterable[Both]:
    for one in also if isinstance(also, list) else ():
        source = one.get("source") if isinstance(one, Mapping) else one
        if isinstance(source, str):
            yield said(SOURCES, source)


def _age(seconds: float) -> tuple[str, str]:
    for size, vi, en in ((_DAY, "ngày", "days"), (_HOUR, "giờ", "hours"), (_MINUTE, "phút", "minutes")):
        if seconds >= size:
            return f"{number(int(seconds // size))} {vi}", f"{int(seconds // size)} {en}"
    return f"{int(seconds)} giây", f"{int(seconds)} seconds"


def _gap(one: Mapping[str, Any], labels: Mapping[str, Both], required: set[str]) -> Gap:
    source = one.get("source")
    return Gap(
        _label(one.get("field"), labels),
        said(REASONS, one.get("reason")),
        said(SOURCES, source) if source else None,
        one.get("field") in required,
    )


def _dispute(one: Mapping[str, Any], labels: Mapping[str, Both]) -> Dispute:
    preferred = one.get("preferred", 0)
    because = one.get("because")
    return Dispute(
        _label(one.get("field"), labels),
        said(KINDS, one.get("kind", "value")),
        tuple(
            Statement(
                said(SOURCES, s.get("source")), printed(s.get("value")), moment(s.get("as_of")), number == preferred
            )
            for number, s in enumerate(one["values"])
        ),
        Both(str(because["vi"]), str(because["en"])) if isinstance(because, Mapping) else None,
    )


def _doubt(one: Mapping[str, Any], roles: Mapping[str, Both]) -> Doubt:
    source = one.get("source")
    return Doubt(
        said(roles, one.get("role")),
        Both(str(one.get("vi", "")), str(one.get("en", ""))),
        said(SOURCES, source) if source else None,
        moment(one.get("as_of")),
    )


def _taken(
    form: Mapping[str, Mapping[str, Any]], sources: Mapping[str, Any], labels: Mapping[str, Both]
) -> Iterable[Taken]:
    """For the citizen: every source that was asked, and what of the form came from it; then what was declared."""
    by_source: dict[str, list[Both]] = {name: [] for name in sources}
    for name, one in form.items():
        if one.get("status") in HAS_VALUE:
            by_source.setdefault(str(one.get("source")), []).append(_label(name, labels))
    for name, taken in by_source.items():
        outcome = sources.get(name)
        known: Mapping[str, Any] = outcome if isinstance(outcome, Mapping) else {}
        yield Taken(
            said(SOURCES, name),
            tuple(taken),
            said(OUTCOMES, known.get("outcome")) if known else None,
            moment(known.get("at")),
        )


# Where a document lies and by what it is known to machines is of no use on paper.
_MACHINE = frozenset({"id", "sha256", "href", "location", "url", "content", "signature", "media_type", "size"})


def _without_places(document: Any) -> Any:
    if not isinstance(document, Mapping):
        return document
    return {name: part for name, part in document.items() if name not in _MACHINE}
