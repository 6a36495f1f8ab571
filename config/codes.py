"""`codes/*.toml`: closed lists of codes with their names in both languages.

Rule of this file: a list says where it is from and as of when, and no spelling may lead to two codes.
"""

import unicodedata
from collections.abc import Mapping, Set
from pathlib import PurePosixPath

from config.files import Files
from config.model import CodeList, Named
from config.place import Place
from config.table import Table

# Persons and addresses inside other fields carry codes of these lists.
REQUIRED = ("sex", "country", "relation")


# ð and ɖ: converted data has Ð and Ɖ where Đ was meant
_D = str.maketrans("đðɖ", "ddd")


def fold(text: str) -> str:
    """A spelling as only its letters and digits, lower case, without accents: `Đang hoạt động.` is `danghoatdong`.

    Keys of `CodeList.by_name` are folded with this; look a registry's words up through it.
    """
    letters = unicodedata.normalize("NFKD", text.casefold().translate(_D))
    return "".join(c for c in letters if c.isalnum() and not unicodedata.combining(c))


def read(files: Files) -> Mapping[str, CodeList]:
    """List name (the file's stem) -> list. Mistakes are recorded in the findings of `files`."""
    found: dict[str, CodeList] = {}
    for name in files.names("codes", r"[a-z_]+\.toml", say="code lists such as tax_status.toml"):
        table = files.toml(name)
        stem = PurePosixPath(name).stem
        found[stem] = _code_list(stem, table) if table else CodeList(stem, {}, frozenset(), {})
    for stem in REQUIRED:
        if stem not in found:
            place = Place(files.shown(f"codes/{stem}.toml"), 1)
            files.findings.problem(place, f"The list {stem} is missing: every person or address needs it.")
    return found


def named(table: Table, key_vi: str, key_en: str) -> Named:
    """A name in both languages from two keys of a table."""
    return Named(table.text(key_vi), table.text(key_en))


def _code_list(name: str, table: Table) -> CodeList:
    table.text("source")
    table.dated("as_of")
    table.maybe_text("note")
    empty = frozenset(table.texts("empty", default=()))
    codes: dict[str, Named] = {}
    spelling: dict[str, str] = {}
    for code, block in table.table("codes").children():
        codes[code] = named(block, "vi", "en")
        block.done()
        for text in (codes[code].vi, codes[code].en):
            _spell(block, None, text, code, spelling)
    _spellings(table, codes.keys() | empty, spelling)
    table.done()
    return CodeList(name, codes, empty, spelling)


def _spellings(table: Table, codes: Set[str], spelling: dict[str, str]) -> None:
    extra = table.table("by_name", required=False)
    for text in extra.data:
        code = extra.text(text)
        if code and code not in codes:
            extra.problem(text, f'by_name leads to "{code}", which is neither in [codes] nor in empty.')
        elif code:
            _spell(extra, text, text, code, spelling)


def _spell(table: Table, key: str | None, text: str, code: str, spelling: dict[str, str]) -> None:
    folded = fold(text)
    if folded and spelling.setdefault(folded, code) != code:
        table.problem(key, f'The spelling "{text}" leads to two codes, "{spelling[folded]}" and "{code}".')
