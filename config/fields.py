"""`fields.toml`: the one vocabulary of fields, each with its source, kind and names.

Rule of this file: a field's name is the kind of its subject, a dot, and a word; API, grants, forms and log all use
it.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType

from config.codes import named
from config.errors import meant
from config.model import CodeList, FieldSpec
from config.table import Table

NUMBER = "person.personal_id"
SUBJECTS = ("person", "enterprise", "taxpayer")
KINDS = (
    "text", "identifier", "date", "name", "code", "address",
    "person", "money", "persons", "activities", "members", "obligations",
)  # fmt: skip
# What a form may take out of a value alone: a form asks for the number of a household head, not for all of him.
PARTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "person": ("name", "personal_id", "old_id", "birth_date", "sex", "nationality", "relation"),
        "name": ("full", "family", "middle", "given"),
        # _now: the unit of today, only where it is certain
        "address": ("text", "detail", "commune", "district", "province", "country", "commune_now", "province_now"),
        "code": ("code", "name", "name_en"),
        "money": ("amount", "currency"),
    }
)


def read(table: Table, sources: Collection[str], codes: Mapping[str, CodeList]) -> Mapping[str, FieldSpec]:
    """Field name -> its definition, in the order of the file. Mistakes are recorded in the table's findings."""
    found: dict[str, FieldSpec] = {}
    for subject, group in table.children():
        if subject not in SUBJECTS:
            group.problem(None, f"A field begins with {', '.join(SUBJECTS)}; {subject} is none of them.")
            continue
        for word, block in group.children():
            name = f"{subject}.{word}"
            found[name] = _field(name, block, sources, codes)
    if not found:
        table.problem(None, "No field is defined.")
    elif NUMBER not in found:
        table.problem(None, f"{NUMBER} is missing: persons are verified at the source that holds it.")
    table.done()
    return found


def unknown(name: str, fields: Collection[str]) -> str:
    """The sentence about a name that is no field; it asks whether a field of the same subject was meant."""
    subject, _, word = name.partition(".")
    # compared without the subject, which would make any two of them alike
    words = [field.partition(".")[2] for field in fields if field.startswith(f"{subject}.")]
    return f'"{name}" is not a field of fields.toml.{meant(word, words, before=f"{subject}.")}'


def _field(name: str, table: Table, sources: Collection[str], codes: Mapping[str, CodeList]) -> FieldSpec:
    source = table.text("source")
    kind = table.text("kind")
    code_list = table.maybe_text("code_list")
    label = named(table, "label_vi", "label_en")
    sensitive = table.boolean("sensitive", default=False)
    table.done()
    if source and source not in sources:
        table.problem("source", f'source "{source}" has no block in sources.toml.{meant(source, sources)}')
    if kind and kind not in KINDS:
        table.problem("kind", f'kind "{kind}" is none of: {", ".join(KINDS)}.')
    if code_list is None and kind == "code":
        table.problem(None, "A field of kind code needs its code_list.")
    elif code_list is not None and kind != "code":
        table.problem("code_list", "Only a field of kind code has a code_list.")
    elif code_list is not None and code_list not in codes:
        table.problem("code_list", f'code_list "{code_list}" has no file codes/{code_list}.toml.')
    return FieldSpec(name, source, kind, label, code_list, sensitive)
