"""The words of `words.toml`.

Rule of this file: a word without both languages is a defect of this package, so it cannot be imported with one. A word
that is not there is shown as it is: a page is never refused for a new code.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path

from config.model import Named


def _read(tables: Mapping[str, Mapping[str, Mapping[str, str]]]) -> Mapping[str, Mapping[str, Named]]:
    return {name: {key: Named(said["vi"], said["en"]) for key, said in words.items()} for name, words in tables.items()}


_WORDS = _read(tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8")))
SOURCES, STATUSES, REASONS = _WORDS["source"], _WORDS["status"], _WORDS["reason"]
OUTCOMES, KINDS, CONVERSIONS = _WORDS["outcome"], _WORDS["kind"], _WORDS["conversion"]
MEMBERS, CHANGES, SIGNATURES = _WORDS["member"], _WORDS["change"], _WORDS["signature"]


def said(words: Mapping[str, Named], key: object) -> Named:
    """The word of a key; the key itself where there is none."""
    text = "" if key is None else str(key)
    return words.get(text, Named(text, text))
