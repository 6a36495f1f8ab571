"""Procedures as text for a terminal of 80 columns, for readers who do not program.

Rule of this file: it prints what the files say, whole; what does not fit a line goes on below, never out of sight.
"""

import textwrap
from collections.abc import Iterable, Iterator, Mapping

from config import in_words
from config.grants import follow_line
from config.model import FieldSpec, FormField, Named, Origin, Procedure, Via
from gateway.cli.shown import WIDTH, printable

NEXT = (
    "Now open both files: name the law after each #, add the fields of the official form, and say in the\n"
    "note what is not confirmed. Then add {code} to `procedures` of the portals that may use it and run\n"
    "`gateway procedures check {code}` and `gateway check`; a running gateway takes it at SIGHUP."
)


def listing(procedures: Iterable[Procedure], *, english: bool) -> str:
    """One procedure a line, longer names on several: code, name, form fields in all, those that registries fill."""
    rows = [_columns("code", "name", "fields", "filled")]
    for one in procedures:
        filled = sum(1 for field in one.form if field.origins)
        code = f"{one.code}{'*' if one.note else ''}"
        first, *more = textwrap.wrap(_in(one.name, english=english), _NAME)
        rows += [_columns(code, first, str(len(one.form)), str(filled)), *(f"{'':10}{line}" for line in more)]
    return printable("\n".join(rows))


_NAME = WIDTH - 10 - 16


def _columns(code: str, name: str, fields: str, filled: str) -> str:
    return f"{code:10}{name:{_NAME}}{fields:>8}{filled:>8}"


def procedure(one: Procedure, fields: Mapping[str, FieldSpec], *, english: bool) -> str:
    """Name, note, roles, form and grant of a procedure."""
    return printable("\n".join(_lines(one, fields, english=english)))


def _lines(one: Procedure, fields: Mapping[str, FieldSpec], *, english: bool) -> Iterator[str]:
    yield from _wrapped(f"{one.code}  {_in(one.name, english=english)}", then=10)
    if one.note:
        yield from ("", *_wrapped(f"Note: {one.note}"))
    yield from ("", "Who it is about")
    for role in one.roles.values():
        must = "" if role.required else ", may be left out"
        yield from _item(f"{role.name} ({role.kind}{must})", _in(role.label, english=english))
        if role.via:
            yield from _wrapped(_reached(role.name, role.via, one, english=english), first=6, then=8)
    yield from ("", "The form; fields marked ! must be filled")
    for field in one.form:
        mark = "!" if field.required else " "
        yield from _wrapped(f"{mark} {_in(field.label, english=english)} [{field.name}]", then=2)
        yield from _wrapped(_where(field, one, fields), first=6, then=8)
    yield from ("", "What it may see, and the law that says so")
    for name, basis in one.grant.fields.items():
        yield from _item(name, basis)
        if name in one.grant.needs:
            yield from _wrapped(f"needed because {one.grant.needs[name]}", first=_LEFT, then=_LEFT)
    for relation, basis in one.grant.follows.items():
        yield from _item(f"follow {relation}", basis)


def _reached(role: str, via: Via, one: Procedure, *, english: bool) -> str:
    """In words: how a role is reached that the portal does not name."""
    held = follow_line(via.role, via.field, role) in one.grant.follows and via.field in one.grant.fields
    needs = f", with the birth date declared in {via.birth_date}" if via.birth_date else ""
    said = f"if not named: reached through {via.field} of the {via.role}{needs}"
    return f"{said}{'' if held else ', NOT GRANTED'}; {_in(via.reason, english=english)}"


_LEFT = 34


def _item(name: str, text: str) -> Iterator[str]:
    left = f"  {name}"
    if len(left) < _LEFT:
        first, *more = _wrapped(text, first=_LEFT, then=_LEFT)
        yield from (left + first[len(left) :], *more)
    else:
        yield from (left, *_wrapped(text, first=_LEFT, then=_LEFT))


def _wrapped(text: str, *, first: int = 0, then: int = 0) -> list[str]:
    """The text on lines of the terminal's width, indented by so many columns; a law's number is not torn apart."""
    indents = (" " * first, " " * then)
    return textwrap.wrap(text, WIDTH, initial_indent=indents[0], subsequent_indent=indents[1], break_on_hyphens=False)


def _where(field: FormField, one: Procedure, fields: Mapping[str, FieldSpec]) -> str:
    """In words: where a form field comes from."""
    if not field.origins:
        return "said by the citizen"
    first, *others = field.origins
    said = [f"from {_origin(first, one, fields)}"]
    said += [f"{'else' if o.fallback else 'compared with'} {_origin(o, one, fields)}" for o in others]
    return "; ".join(said)


def _origin(o: Origin, one: Procedure, fields: Mapping[str, FieldSpec]) -> str:
    held = "" if all(name in one.grant.fields for _, name in o.reads) else ", NOT GRANTED"
    done = in_words.done(o)
    return f"{fields[o.field].source}: {in_words.pieces(o)}{f', {done}' if done else ''}{held}"


def _in(name: Named, *, english: bool) -> str:
    return name.en if english else name.vi
