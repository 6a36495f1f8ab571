"""The procedures alone, for the policy officers who answer for them: mistakes, and what deserves a second look.

Rule of this file: mistakes are those of start-up, found by the function that start-up uses. What is added here is legal
and stops nothing.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from config.errors import Findings, Problem
from config.files import Files
from config.gateway import Overrides
from config.grants import UNWRITTEN, follow_line
from config.loader import examine
from config.model import FieldSpec, FormField, Procedure
from config.place import Place


@dataclass(frozen=True, slots=True)
class Reviewed:
    """The procedures asked about that can be used, the vocabulary, and what was found in their files."""

    procedures: Mapping[str, Procedure]
    fields: Mapping[str, FieldSpec]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


def review(root: Path, codes: Collection[str] = ()) -> Reviewed:
    """Check the procedures of a configuration, or those named by `codes`. Needs neither environment nor secrets."""
    findings = Findings()
    settings = examine(root, None, Overrides(), findings, at=None)
    chosen = {code: p for code, p in settings.procedures.items() if not codes or code in codes}
    ours = [found for found in findings.problems if _concerns(root, found, codes)]
    for code in codes:
        if code not in chosen and not any(f"/{code}" in found.file for found in ours):
            ours.append(Problem(str(root / "dossiers" / code), 1, f"There is no procedure {code}."))
    doubts = Findings()
    if not ours:
        files = Files(root, doubts)
        for procedure in chosen.values():
            for place, message in (*_dossier(files, procedure), *_grant(files, procedure)):
                doubts.warning(place, message)
    known = [found for found in findings.warnings if _concerns(root, found, codes)]
    return Reviewed(chosen, settings.fields, tuple(ours), tuple(sorted({*doubts.warnings, *known})))


def _concerns(root: Path, found: Problem, codes: Collection[str]) -> bool:
    """Whether a finding is in the files of the procedures, or in the vocabulary all of them use."""
    first, *rest = Path(found.file).relative_to(root).parts
    if first not in ("dossiers", "grants"):
        return first in ("fields.toml", "translations")
    return not codes or not rest or rest[0].removesuffix(".txt") in codes


def _dossier(files: Files, procedure: Procedure) -> Iterator[tuple[Place, str]]:
    table = files.toml(f"dossiers/{procedure.code}/dossier.toml")
    if table is None:
        return
    if procedure.name.vi == procedure.name.en:
        yield table.place("name_vi"), "The procedure has one name for both languages."
    if UNWRITTEN in (procedure.note or ""):
        yield table.place("note"), "The note is still to be written."
    for name, block in table.table("roles").children():
        if procedure.roles[name].label.vi == procedure.roles[name].label.en:
            yield block.place(), f"The role {name} has one label for both languages."
        if not any(role == name for field in procedure.form for origin in field.origins for role, _ in origin.reads):
            yield block.place(), f"Nothing in the form comes from the role {name}."
    for field, block in zip(procedure.form, table.tables("form"), strict=True):
        for message in _form_field(field, procedure):
            yield block.place(), message


def _form_field(field: FormField, procedure: Procedure) -> Iterator[str]:
    if field.label.vi == field.label.en:
        yield f"The form field {field.name} has one label for both languages."
    if (
        field.required
        and field.origins
        and not any(_sure(procedure, piece.role) for o in field.origins for piece in o.pieces)
    ):
        yield f"The form field {field.name} is required, and every role it comes from may be left out."


def _sure(procedure: Procedure, name: str) -> bool:
    """Whether the portal must name the subject, or a granted relation leads to it."""
    role = procedure.roles[name]
    via = role.via
    return role.required or (
        via is not None
        and follow_line(via.role, via.field, name) in procedure.grant.follows
        and _sure(procedure, via.role)
    )


def _grant(files: Files, procedure: Procedure) -> Iterator[tuple[Place, str]]:
    name = f"grants/{procedure.code}.txt"
    used = {name for field in procedure.form for origin in field.origins for _, name in origin.reads}
    used |= {role.via.field for role in procedure.roles.values() if role.via}
    for number, line in enumerate((files.text(name) or "").splitlines(), 1):
        field, *_ = line.split() or [""]
        if field in procedure.grant.fields and field not in used:
            place = Place(files.shown(name), number)
            yield place, f"{field} is granted and stands nowhere in the form: only look-ups can use it."
