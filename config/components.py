"""`[[components]]` of a dossier.toml: the papers of the dossier, and which form fields or documents stand in for each.

Rule of this file: a component says what it rests on; one that rests on nothing could never be reused, and says so by
having neither `fields` nor `documents`.
"""

from config.codes import named
from config.model import Component, FormField
from config.table import Table


def read(table: Table, form: tuple[FormField, ...]) -> tuple[Component, ...]:
    """The components in the order of the file. Mistakes are recorded in the table's findings."""
    by_name = {field.name: field for field in form}
    found: list[Component] = []
    for block in table.tables("components", required=False):
        one = Component(
            block.text("code", form=r"[A-Za-z0-9._-]{1,64}", say="a code of letters, digits, dots, - and _"),
            named(block, "name_vi", "name_en"),
            block.texts("fields", default=()),
            block.texts("documents", default=()),
            block.boolean("confirmed", default=False),
        )
        block.done()
        if any(one.code == earlier.code for earlier in found):
            block.problem("code", f"The dossier already has a component {one.code}.")
        for position, name in enumerate(one.fields):
            if name not in by_name:
                block.findings.problem(block.place("fields", position), f"The form has no field {name}.")
            elif not by_name[name].origins:
                said = f"{name} is the citizen's to say: no registry can stand in for the paper."
                block.findings.problem(block.place("fields", position), said)
        found.append(one)
    return tuple(found)
