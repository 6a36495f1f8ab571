"""The form of a search, read: what the index is asked, and what the log is told about it.

Rule of this file: a citizen's number comes out in one place, `Filters.number`, which is hashed at once and kept
nowhere. A number in a field that is not for it is refused: the other fields are written into the log.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from gateway.audit.events import EntryKind
from gateway.console import numbers
from gateway.console.model import Wanted
from gateway.console.web import periods
from gateway.errors import Code

KINDS = tuple(kind.label for kind in EntryKind)
OUTCOMES = ("ok", *(code.value for code in Code))
CODED = ("kind", "portal", "procedure", "operation", "outcome", "source")
TYPED = ("officer", "dossier", "auditor")
FIELDS = ("from", "to", *CODED, *TYPED)
_LONGEST = 128


class FilterRefused(Exception):  # noqa: N818 - it says what happened
    """A field of the form cannot be read. `key`: of the text that says so; `name`: of the field."""

    def __init__(self, key: str, name: str) -> None:
        super().__init__(f"{name}: {key}")
        self.key, self.name = key, name


@dataclass(frozen=True, slots=True)
class Filters:
    """`wanted` lacks the tags of the subject; `typed`: to fill the form again; `about`: for the log."""

    wanted: Wanted
    number: str | None = field(repr=False)
    typed: Mapping[str, str]
    about: Mapping[str, str]


def read(form: Mapping[str, str]) -> Filters:
    """The filters of a form. Raises FilterRefused."""
    typed = {name: form.get(name, "").strip() for name in FIELDS}
    for name in (*CODED, *TYPED):
        if len(typed[name]) > _LONGEST or not typed[name].isprintable():
            raise FilterRefused("bad_value", name)
    for name in (*CODED, *TYPED):
        if numbers.is_like_one(typed[name]):
            raise FilterRefused("bad_number_here", name)
    if typed["kind"] and typed["kind"] not in KINDS:
        raise FilterRefused("bad_value", "kind")
    if typed["outcome"] and typed["outcome"] not in OUTCOMES:
        raise FilterRefused("bad_value", "outcome")
    try:
        since, until = periods.day(typed["from"]), periods.day(typed["to"])
    except ValueError:
        raise FilterRefused("bad_period", "from") from None
    if since is not None and until is not None and until < since:
        raise FilterRefused("bad_period", "to")
    said = form.get("subject", "").strip()
    number = numbers.read(said) if said else None
    if said and number is None:
        raise FilterRefused("bad_number", "subject")
    wanted = Wanted(
        since=since,
        until=until and until + timedelta(days=1),
        kind=typed["kind"] or None,
        portal=typed["portal"] or None,
        officer=typed["officer"] or None,
        procedure=typed["procedure"] or None,
        dossier=typed["dossier"] or None,
        operation=typed["operation"] or None,
        outcome=typed["outcome"] or None,
        source=typed["source"] or None,
        auditor=typed["auditor"] or None,
    )
    return Filters(wanted, number, typed, about(wanted))


def about(wanted: Wanted) -> dict[str, str]:
    """What was asked for, as the log is told: no subject."""
    said = {name: getattr(wanted, name) for name in (*CODED, *TYPED)}
    times = {name: at.isoformat(timespec="seconds") for name in ("since", "until") if (at := getattr(wanted, name))}
    return {**times, **{name: value for name, value in said.items() if value}}


def kept(form: Mapping[str, str]) -> dict[str, str]:
    """What was typed, to fill the form again: never the person, and nothing that looks like one."""
    return {name: "" if numbers.is_like_one(form.get(name, "")) else form.get(name, "") for name in FIELDS}
