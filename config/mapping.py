"""What an origin does with a value, read from its block: `join`, `expression`, `codes`, `format` and `when`.

Rule of this file: whatever can be wrong is found here, with file and line; nothing is left to be noticed by a citizen.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions

from config.errors import meant
from config.fields import PARTS, SUBJECTS, unknown
from config.model import FieldSpec, Grant, Role
from config.table import Table
from config.transformations import FORMATS, Change, Condition, Piece, Translation

LONGEST_EXPRESSION = 300
# What a part of a value is: (kind, code list of it).
_PART_KINDS: Mapping[str, tuple[str, str | None]] = {
    "name": ("name", None),
    "birth_date": ("date", None),
    "sex": ("code", "sex"),
    "nationality": ("code", "country"),
    "relation": ("code", "relation"),
}


@dataclass(frozen=True, slots=True)
class Known:
    """What a form may refer to."""

    roles: Mapping[str, Role]
    fields: Mapping[str, FieldSpec]
    grant: Grant
    translations: Mapping[str, Translation]


def piece(table: Table, known: Known) -> Piece:
    """`role`, `field` and `part` of a block. The caller calls `done`."""
    found = Piece(table.text("role"), table.text("field"), table.maybe_text("part"))
    _field(table, found.role, found.field, known)
    if found.part is not None and found.field in known.fields:
        parts = PARTS.get(known.fields[found.field].kind, ())
        if found.part not in parts:
            has = f"has these parts: {', '.join(parts)}" if parts else "has no parts"
            table.problem("part", f"{found.field} {has}.")
    return found


def change(table: Table, known: Known) -> tuple[Piece, Change]:
    """The field an origin begins with, and what is done to it. The caller calls `done`."""
    if table.has("join"):
        pieces = tuple(_piece(block, known) for block in table.tables("join"))
        if len(pieces) < 2:
            table.problem("join", "join takes two fields or parts, or more.")
        for key in ("role", "field", "part", "expression"):
            if table.has(key):
                table.problem(key, f"{key} belongs into the pieces of join." if key != "expression" else _NOT_BOTH)
                table.raw(key)
        first = pieces[0] if pieces else Piece("", "")
        kind: tuple[str | None, str | None] = ("text", None)
    else:
        pieces, first = (), piece(table, known)
        kind = _kind(first, known)
    separator = table.text("separator", default=" ") if pieces or not table.has("separator") else _alone(table)
    expression = _expression(table)
    if expression:
        kind = (None, None)
    codes = _codes(table, kind, known)
    return first, Change(expression, pieces, separator, codes, _format(table, kind, codes), _when(table, known))


_NOT_BOTH = "An origin has join or expression, not both."


def _piece(table: Table, known: Known) -> Piece:
    found = piece(table, known)
    table.done()
    return found


def _alone(table: Table) -> str:
    table.problem("separator", "separator goes with join.")
    return table.text("separator")


def _field(table: Table, role: str, name: str, known: Known) -> None:
    if role and role not in known.roles:
        table.problem("role", f"There is no [roles.{role}].{meant(role, known.roles)}")
    if name and name not in known.fields:
        table.problem("field", unknown(name, known.fields))
    elif (
        role in known.roles and known.roles[role].kind in SUBJECTS and name.partition(".")[0] != known.roles[role].kind
    ):
        table.problem("field", f"{name} is not a field of a {known.roles[role].kind}, which {role} is.")
    elif name and name not in known.grant.fields:
        code = known.grant.procedure
        said = (
            f"{name} is not granted to {code}: it will be withheld. "
            f"Add a line for it to grants/{code}.txt, or take it out here."
        )
        table.findings.warning(table.place("field"), said)


def _kind(first: Piece, known: Known) -> tuple[str | None, str | None]:
    spec = known.fields.get(first.field)
    if spec is None:
        return None, None
    if first.part is None:
        return spec.kind, spec.code_list
    return _PART_KINDS.get(first.part, ("text", None)) if spec.kind == "person" else ("text", None)


def _expression(table: Table) -> str | None:
    written = table.maybe_text("expression")
    if not written:
        return None
    if len(written) > LONGEST_EXPRESSION:
        table.problem("expression", f"expression is longer than {LONGEST_EXPRESSION} characters.")
        return None
    try:
        parsed = jmespath.compile(written).parsed
    except JMESPathError:
        table.problem("expression", "expression is not JMESPath (https://jmespath.org).")
        return None
    for name in _functions(parsed):
        if name not in Functions.FUNCTION_TABLE:
            table.problem("expression", f"JMESPath has no function {name}.")
    return written


def _functions(node: Mapping[str, object]) -> list[str]:
    own = [str(node["value"])] if node["type"] == "function_expression" else []
    children = node.get("children")
    inner = [child for child in children if isinstance(child, dict)] if isinstance(children, list) else []
    return [*own, *(name for child in inner for name in _functions(child))]


def _codes(table: Table, kind: tuple[str | None, str | None], known: Known) -> Translation | None:
    name = table.maybe_text("codes")
    if name is None:
        return None
    found = known.translations.get(name)
    if found is None:
        table.problem("codes", f'codes "{name}" has no file translations/{name}.toml.')
    elif kind[0] is not None and kind != ("code", found.code_list):
        table.problem("codes", f"{name} translates codes of the list {found.code_list}, which these are not.")
    return found


def _format(table: Table, kind: tuple[str | None, str | None], codes: Translation | None) -> str | None:
    name = table.maybe_text("format")
    if name is None:
        return None
    if name not in FORMATS:
        table.problem("format", f'format "{name}" is none of: {", ".join(FORMATS)}.')
        return None
    kinds, _ = FORMATS[name]
    if kinds and (codes is not None or (kind[0] is not None and kind[0] not in kinds)):
        table.problem("format", f"format {name} is for a {' or a '.join(sorted(kinds))}.")
    return name


def _when(table: Table, known: Known) -> Condition | None:
    if not table.has("when"):
        return None
    block = table.table("when")
    role, name = block.text("role"), block.maybe_text("field")
    values = block.texts("is", default=())
    absent = block.boolean("absent", default=False)
    block.done()
    if name is None and role and role not in known.roles:
        block.problem("role", f"There is no [roles.{role}].{meant(role, known.roles)}")
    if name is not None:
        _field(block, role, name, known)
        spec = known.fields.get(name)
        _judged(block, spec.kind if spec else "code")
    if (name is None) != (not values):
        block.problem(None, "when takes field and is together, or neither.")
    if absent and name is not None:
        block.problem("absent", "A role that is absent has no field.")
    return Condition(role, name, values, absent)


def _judged(block: Table, kind: str) -> None:
    if kind not in ("code", "text", "identifier"):
        block.problem("field", f"A field of kind {kind} cannot decide: take one of kind code, text or identifier.")
