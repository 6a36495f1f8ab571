"""`via` in a role of `dossier.toml`: how a role is reached when the portal does not name its subject.

Rule of this file: a relation is one named step from one role to another. What may lead where is a closed list, roles
never form a circle, and how far a chain may go is decided here, before anybody is asked about. Whether a relation is
followed at all is the grant's word.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from config.codes import named
from config.errors import meant
from config.fields import unknown
from config.grants import follow_line
from config.model import FieldSpec, FormField, Grant, Role, Via
from config.table import Table

DEPTH, DEEPEST = 2, 3
"""Relations in a chain: unless `relation_depth` says otherwise, and at most."""

POINTING = frozenset({"person", "persons"})
"""Kinds of field whose value names somebody else."""

IDENTIFYING: Mapping[str, str] = MappingProxyType(
    {"person.personal_id": "taxpayer", "enterprise.code": "taxpayer", "taxpayer.tax_code": "enterprise"}
)
"""Fields that identify their own subject in another registry too, and what it is there."""


def read(role: Table) -> Via | None:
    """The `via` of a role; it is checked once the whole dossier is read."""
    if not role.has("via"):
        return None
    table = role.table("via")
    via = Via(
        table.text("role"),
        table.text("field"),
        named(table, "reason_vi", "reason_en"),
        table.maybe_text("birth_date"),
    )
    table.done()
    return via


def check(
    roles: Mapping[str, Role], form: Sequence[FormField], table: Table, *, fields: Mapping[str, FieldSpec], grant: Grant
) -> dict[str, Role]:
    """The roles, each relation with its depth. One with a mistake is a problem; one the grant does not allow is a
    warning, and is not followed."""
    most = table.whole("relation_depth", 1, DEEPEST, default=DEPTH)
    blocks = dict(table.table("roles").children()) if table.has("roles") else {}
    declared = {field.name for field in form}
    known: set[str] = set()
    checked = dict(roles)
    for name, role in roles.items():
        if role.via is None:
            continue
        depth = _depth(role, roles)
        known.add(follow_line(role.via.role, role.via.field, name))
        mistake = _mistake(role, role.via, roles, fields, declared) or (
            f"The roles lead in a circle: {name} is reached from itself."
            if depth is None
            else f"{name} is {depth} relations away; relation_depth allows {most}."
            if depth > most
            else None
        )
        if mistake is not None or depth is None:
            blocks[name].problem("via", mistake or "")
            continue
        checked[name] = replace(role, via=replace(role.via, depth=depth))
        lacking = _lacking(role.via, name, grant)
        if lacking:
            table.findings.warning(blocks[name].place("via"), lacking)
    for line in grant.follows:
        if line not in known:
            table.problem("roles", f"The grant says follow {line}, and no role here has such a via.")
    return checked


def _depth(role: Role, roles: Mapping[str, Role]) -> int | None:
    """Relations from a role that only the portal can name; None where they lead in a circle."""
    seen, depth, at = {role.name}, 0, role
    while at.via is not None and at.via.role in roles:
        depth += 1
        at = roles[at.via.role]
        if at.name in seen:
            return None
        seen.add(at.name)
    return depth


def _mistake(
    role: Role, via: Via, roles: Mapping[str, Role], fields: Mapping[str, FieldSpec], declared: set[str]
) -> str | None:
    start, spec = roles.get(via.role), fields.get(via.field)
    if start is None:
        return f"There is no [roles.{via.role}].{meant(via.role, roles)}"
    if spec is None:
        return unknown(via.field, fields)
    if via.field.partition(".")[0] != start.kind:
        return f"{via.field} is not a field of a {start.kind}, which {via.role} is."
    if role.required:
        return "A role that is reached may be left out by the portal: write required = false."
    reached = ("person", "taxpayer") if spec.kind in POINTING else (IDENTIFYING.get(via.field),)
    if role.kind not in reached:
        return f"{via.field} does not lead to a {role.kind}."
    if via.birth_date is not None and role.kind != "person":
        return f"birth_date belongs to a person, and {role.name} is a {role.kind}."
    if via.birth_date is not None and via.birth_date not in declared:
        return f"The form has no field {via.birth_date}."
    return None


def _lacking(via: Via, name: str, grant: Grant) -> str | None:
    if via.field not in grant.fields:
        return f"{via.field} is not granted to {grant.procedure}: {name} will not be reached."
    line = follow_line(via.role, via.field, name)
    if line not in grant.follows:
        return f"The grant does not say follow {line}: {name} will not be reached."
    return None
