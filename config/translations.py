"""`translations/*.toml`: the codes of our lists in the codes of another system, where the two conflict.

Rule of this file: every code of our list has its translation, or stands in `without`. A gap would empty the form of
those citizens only whose code it is, which nobody notices in a test; so a gap is a mistake, not a warning.
"""

from collections.abc import Mapping

from config.files import Files
from config.model import CodeList
from config.table import Table
from config.transformations import Translation


def read(files: Files, lists: Mapping[str, CodeList]) -> Mapping[str, Translation]:
    """Name (the file's stem) -> translation. A configuration without the folder has none."""
    named = files.tables(
        "translations", r"[a-z0-9_]+\.toml", say="translations such as sex_insurance.toml", required=False
    )
    return {name: _translation(name, table, lists) for name, table in named}


def _translation(name: str, table: Table, lists: Mapping[str, CodeList]) -> Translation:
    code_list = table.text("from")
    table.text("to")
    table.text("source")
    table.dated("as_of")
    table.maybe_text("note")
    without = table.texts("without", default=())
    codes: dict[str, tuple[str, str, str]] = {}
    block = table.table("codes")
    for code, row in block.children():
        codes[code] = (row.text("code"), row.text("vi"), row.text("en"))
        row.done()
    table.done()
    ours = lists.get(code_list)
    if code_list and ours is None:
        table.problem("from", f'from "{code_list}" has no file codes/{code_list}.toml.')
    elif ours is not None:
        _complete(table, block, ours, codes=codes, without=without)
    return Translation(name, code_list, codes)


def _complete(
    table: Table, block: Table, ours: CodeList, *, codes: Mapping[str, object], without: tuple[str, ...]
) -> None:
    for code in (*codes, *without):
        if code not in ours.codes:
            block.problem(code if code in codes else None, f'The list {ours.name} has no code "{code}".')
    for code in without:
        if code in codes:
            table.problem("without", f'"{code}" has a translation and stands in without.')
    for code in ours.codes:
        if code not in codes and code not in without:
            table.problem("codes", f'"{code}" of the list {ours.name} has no translation and is not in without.')
