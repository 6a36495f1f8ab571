"""The part of JSON Schema (draft 2020-12) a form field may use to say what a citizen can declare.

Rule of this file: one value, bounded in size. A keyword outside the list is a mistake, so that none is silently
ignored by whoever checks a declaration.
"""

from collections.abc import Callable, Mapping

import jsonschema_rs

from config.table import Table

FORMATS = ("date", "email")
LENGTH_LIMIT = 4096  # characters of a declared text


def _type(table: Table) -> None:
    kind = table.text("type")
    if kind and kind not in ("string", "integer", "number", "boolean"):
        table.problem("type", f'type "{kind}" is none of: string, integer, number, boolean.')


def _pattern(table: Table) -> None:
    # compiled by the library that will run it: regular expressions come in dialects
    try:
        jsonschema_rs.validator_for({"type": "string", "pattern": table.text("pattern")})
    except (ValueError, jsonschema_rs.ValidationError):
        table.problem("pattern", "pattern is no regular expression (ECMA 262).")


def _format(table: Table) -> None:
    if table.text("format") not in FORMATS:
        table.problem("format", f"format must be one of: {', '.join(FORMATS)}.")


_STRING: Mapping[str, Callable[[Table], object]] = {
    "minLength": lambda table: table.whole("minLength", 0, LENGTH_LIMIT),
    "maxLength": lambda table: table.whole("maxLength", 1, LENGTH_LIMIT),
    "pattern": _pattern,
    "format": _format,
    "enum": lambda table: table.texts("enum"),
}
_NUMBER: Mapping[str, Callable[[Table], object]] = {
    "minimum": lambda table: table.number("minimum", -1e15, 1e15),
    "maximum": lambda table: table.number("maximum", -1e15, 1e15),
}
_ALWAYS: Mapping[str, Callable[[Table], object]] = {
    "type": _type,
    "description": lambda table: table.text("description"),
}
KEYWORDS = (*_ALWAYS, *_STRING, *_NUMBER)


def check(table: Table) -> None:
    """Record what is wrong with a schema: unknown keywords, wrong types, a text without an upper bound."""
    kind = table.data.get("type")
    known = {
        **_ALWAYS,
        **(_STRING if kind == "string" else {}),
        **(_NUMBER if kind in ("integer", "number") else {}),
    }
    _type(table)
    for keyword, read in known.items():
        if table.has(keyword) and keyword != "type":
            read(table)
    table.done()
    if kind == "string" and not {"maxLength", "enum"} & set(table.data):
        table.problem(None, "A declared text needs maxLength or enum.")
