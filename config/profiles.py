"""`profiles/*.toml`: other shapes an answer can be given in, member by member.

Rule of this file: a profile only rearranges what an answer holds; it names fields, never code.
"""

from collections.abc import Mapping

from config.fields import PARTS, SUBJECTS, unknown
from config.files import Files
from config.model import FieldSpec
from config.table import Table
from config.transformations import FORMATS, Member, Profile

NATIONAL_PORTAL = "national_portal"
_WORDS = r"[A-Za-z][A-Za-z0-9]{0,63}"


def read(files: Files, fields: Mapping[str, FieldSpec]) -> Mapping[str, Profile]:
    """Name (the file's stem) -> profile. A configuration without the folder has none."""
    named = files.tables("profiles", rf"{NATIONAL_PORTAL}\.toml", say=f"{NATIONAL_PORTAL}.toml alone", required=False)
    return {name: _profile(name, table, fields) for name, table in named}


def _profile(name: str, table: Table, fields: Mapping[str, FieldSpec]) -> Profile:
    table.text("source")
    table.dated("as_of")
    table.maybe_text("note")
    found = Profile(
        name=name,
        submitter=table.texts("submitter"),
        owner=table.texts("owner"),
        kinds=_kinds(table),
        databases=_texts(table.table("databases")),
        members=tuple(_member(block, fields) for block in table.tables("members")),
    )
    sources = {spec.source for spec in fields.values()}
    for source in found.databases:
        if source not in sources:
            table.problem("databases", f'No field comes from a source "{source}".')
    if len({member.to for member in found.members}) != len(found.members):
        table.problem("members", "Two members have one name in to.")
    table.done()
    return found


def _kinds(table: Table) -> Mapping[str, str]:
    """The codes of the edition in force. Each edition is checked, so that changing the edition cannot break it."""
    edition, editions = table.text("edition"), {}
    for name, block in table.table("editions").children():
        editions[name] = _texts(block)
        for kind in editions[name]:
            if kind not in SUBJECTS:
                block.problem(kind, f"{kind} is none of: {', '.join(SUBJECTS)}.")
    if edition and edition not in editions:
        table.problem("edition", f"There is no [editions.{edition}].")
    return editions.get(edition, {})


def _texts(table: Table) -> Mapping[str, str]:
    found = {key: table.text(key) for key in table.data}
    table.done()
    return found


def _member(table: Table, fields: Mapping[str, FieldSpec]) -> Member:
    to = table.text("to", form=_WORDS, say="a name of letters and digits")
    of = table.text("of", default="submitter")
    origins, form = table.texts("fields", default=()), table.texts("form", default=())
    part, written = table.maybe_text("part"), table.text("format", default="text")
    table.done()
    if of not in ("submitter", "owner"):
        table.problem("of", "of must be submitter or owner.")
    if bool(origins) == bool(form):
        table.problem(None, "A member comes from fields or from form, one of the two.")
    if written not in FORMATS:
        table.problem("format", f'format "{written}" is none of: {", ".join(FORMATS)}.')
    for position, name in enumerate(origins):
        place = table.place("fields", position)
        if name not in fields:
            table.findings.problem(place, unknown(name, fields))
        elif part is not None and part not in PARTS.get(fields[name].kind, ()):
            table.findings.problem(place, f"{name} has no part {part}.")
    return Member(to, of, tuple((name, part) for name in origins), form, written)
