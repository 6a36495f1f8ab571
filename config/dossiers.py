"""`dossiers/<procedure>/dossier.toml`: the form of a procedure, its roles, and where each form field comes from.

Rule of this file: a form only names fields; what of it a portal receives is decided by the grant.
"""

import re
from collections.abc import Collection, Mapping

from config import components, documents, freshness, mapping, relations, schema
from config.codes import named
from config.fields import SUBJECTS
from config.files import Files
from config.grants import CODE, NOTHING
from config.mapping import Known
from config.model import FieldSpec, FormField, Grant, Origin, Procedure, Role
from config.place import Place
from config.preference import because
from config.table import Table
from config.transformations import Translation

_NAME = r"[a-z][a-z0-9_]{0,63}"
_SAY = "a name of small letters, digits and _"


def read(
    files: Files,
    fields: Mapping[str, FieldSpec],
    grants: Mapping[str, tuple[Place, Grant]],
    translations: Mapping[str, Translation],
    kinds: Collection[str] = (),
) -> Mapping[str, Procedure]:
    """Procedure code -> procedure. A dossier needs its grant and a grant its dossier. Mistakes go to the findings."""
    found: dict[str, Procedure] = {}
    folders = files.folders("dossiers")
    files.names("dossiers", r"(?!)", say="one folder per procedure")
    for code in folders:
        files.names(f"dossiers/{code}", r"dossier\.toml", say="a dossier.toml")
        if not re.fullmatch(CODE, code):
            place = Place(files.shown(f"dossiers/{code}"), 1)
            files.findings.problem(place, f'"{code}" is no procedure code such as 1.004222.')
            continue
        table = files.toml(f"dossiers/{code}/dossier.toml")
        if table is None:
            continue
        if code in grants:
            grant = grants[code][1]
            found[code] = _procedure(code, table, fields, grant, translations, kinds)
            documents.unused(files, grant, found[code].documents)
        else:
            table.problem(None, f"The procedure has no grants/{code}.txt, so it could see nothing.")
            # as if all were granted: one mistake is not to be said once more for each field of the form
            grant = Grant(code, dict.fromkeys(fields, ""), NOTHING, documents=dict.fromkeys(kinds, ""))
            found[code] = _procedure(code, table, fields, grant, translations, kinds)
    for code, (place, _) in grants.items():
        if code not in folders:
            files.findings.problem(place, f"There is no procedure {code}: dossiers/{code}/dossier.toml is missing.")
    return found


def _procedure(
    code: str,
    table: Table,
    fields: Mapping[str, FieldSpec],
    grant: Grant,
    translations: Mapping[str, Translation],
    kinds: Collection[str],
) -> Procedure:
    if (written := table.text("code")) and written != code:
        table.problem("code", f'code is "{written}" but the folder is named {code}.')
    name = named(table, "name_vi", "name_en")
    note = table.maybe_text("note")
    roles = {role: _role(role, block) for role, block in table.table("roles").children()}
    if table.has("roles") and not roles:
        table.problem("roles", "A procedure is about somebody: roles is empty.")
    known = Known(roles, fields, grant, translations)
    form: list[FormField] = []
    for block in table.tables("form"):
        field = _form_field(block, known)
        if any(field.name == earlier.name for earlier in form):
            block.problem("name", f"The form already has a field {field.name}.")
        form.append(field)
    roles = relations.check(roles, form, table, fields=fields, grant=grant)
    fresh = freshness.read(table, fields, grant)
    parts = components.read(table, tuple(form))
    accepted = documents.slots(table, roles, kinds, grant)
    table.done()
    return Procedure(code, name, roles, tuple(form), grant, note, fresh, parts, accepted)


def _role(name: str, table: Table) -> Role:
    if not re.fullmatch(_NAME, name):
        table.problem(None, f"A role has {_SAY}.")
    kind = table.text("kind")
    if kind and kind not in SUBJECTS:
        table.problem("kind", f'kind "{kind}" is none of: {", ".join(SUBJECTS)}.')
    role = Role(name, kind, named(table, "label_vi", "label_en"), table.boolean("required"), relations.read(table))
    table.done()
    return role


def _form_field(table: Table, known: Known) -> FormField:
    name = table.text("name", form=_NAME, say=_SAY)
    origins = [_origin(block, known) for block in table.tables("origins", required=False)]
    if origins and origins[0].fallback:
        table.problem("origins", "The first origin stands in for nothing: fallback belongs to a later one.")
    declared = table.table("schema")
    if table.has("schema"):
        schema.check(declared)
    field = FormField(
        name=name,
        label=named(table, "label_vi", "label_en"),
        origins=tuple(origins),
        required=table.boolean("required"),
        schema=dict(declared.data),
        because=because(table, origins=len(origins)),
    )
    table.done()
    return field


def _origin(table: Table, known: Known) -> Origin:
    first, change = mapping.change(table, known)
    fallback = table.boolean("fallback", default=False)
    table.done()
    return Origin(first.role, first.field, first.part, fallback, change)
