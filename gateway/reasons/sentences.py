"""The sentences of `sentences.toml`, checked once when they are read.

Rule of this file: a code without both languages is a defect of this package, so it cannot be imported with one.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

OTHER = "other"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence in both languages. `field`: what a doubt is about, "" for no field of its own; `codes`: the values of
    that field that raise it; `documents`: the kinds of papers that do."""

    vi: str
    en: str
    field: str = ""
    codes: frozenset[str] = frozenset()
    documents: frozenset[str] = frozenset()


def _read(tables: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Sentence]:
    return {
        code: Sentence(
            str(table["vi"]),
            str(table["en"]),
            str(table.get("field", "")),
            frozenset(table.get("codes", ())),
            frozenset(table.get("documents", ())),
        )
        for code, table in tables.items()
    }


_WRITTEN = tomllib.loads(Path(__file__).with_name("sentences.toml").read_text(encoding="utf-8"))
DOUBTS: Mapping[str, Sentence] = _read(_WRITTEN["doubts"])
"""Code of a doubt -> its sentence."""
BECAUSE: Mapping[str, Sentence] = _read(_WRITTEN["because"])
"""Why the first of two statements is preferred."""
