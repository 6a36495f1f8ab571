"""Entries as rows of a table: number, time, kind, what happened in a sentence, who, and for which dossier.

Rule of this file: pure, from opened entries to values. An entry that cannot be read is a row all the same.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from gateway.audit.reading import Opened
from gateway.console import sentences
from gateway.console.words import Words


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One row. Texts are in words, "" where the entry has nothing to say.

    `officer`: of a call; `who`: the officer, the auditor, or who changed something; `code`: of a refusal.
    """

    index: int
    at: datetime
    kind: str
    summary: str
    portal: str
    officer: str = field(repr=False)
    who: str = field(repr=False)
    dossier: str = field(repr=False)
    procedure: str
    outcome: str
    code: str
    readable: bool


def rows(entries: Iterable[Opened], words: Words) -> tuple[EntryRow, ...]:
    """The rows of entries, in their order."""
    return tuple(row(entry, words) for entry in entries)


def row(entry: Opened, words: Words) -> EntryRow:
    """The row of an entry."""
    said = entry.payload or {}

    def text(name: str) -> str:
        return str(said[name]) if said.get(name) else ""

    code = text("code")
    return EntryRow(
        index=entry.index,
        at=entry.at,
        kind=entry.kind,
        summary=sentences.summary(entry, words),
        portal=words.portal(text("portal")) if text("portal") else "",
        officer=text("officer"),
        who=_who(text("officer") or text("auditor") or text("by"), words),
        dossier=text("dossier"),
        procedure=words.procedure(text("procedure")) if text("procedure") else "",
        outcome=_outcome(entry.kind, code, words),
        code=code,
        readable=entry.payload is not None,
    )


def _who(name: str, words: Words) -> str:
    return words.t("by_configuration") if name == "configuration" else name


def _outcome(kind: str, code: str, words: Words) -> str:
    if code:
        return words.word("code", code)
    return words.word("outcome", "ok") if kind == "disclosed" else ""
