"""Every datum of an entry as a labelled row, in the order in which people ask: who, what, about whom, why, what came.

Rule of this file: nothing is left out but what the page shows as evidence elsewhere (token, commitments); a member that
is new here is shown by its name.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from gateway.audit.reading import Opened
from gateway.console import sentences
from gateway.console.words import Words

ELSEWHERE = frozenset({"v", "kind", "token", "commitments"})
_ORDER = (
    *("portal", "officer", "key", "auditor", "role", "scope", "by"),
    *("operation", "action", "about", "subject", "procedure", "dossier", "line", "basis", "consent"),
    *("fields", "sources", "outcomes", "status", "code", "found", "reuse", "documents", "changes", "epochs"),
    *("entries", "matches", "decided", "req", "digest", "configuration", "before", "after", "omitted"),
)


@dataclass(frozen=True, slots=True)
class Particular:
    """One row. `values`: in words; `raw`: as the log has it, "" where the words say the same; `links`: of entries."""

    label: str
    values: tuple[str, ...]
    raw: str = ""
    links: tuple[int, ...] = ()


def particulars(entry: Opened, words: Words) -> tuple[Particular, ...]:
    """The rows of an entry; none when it cannot be read."""
    payload = entry.payload or {}
    names = [*(name for name in _ORDER if name in payload), *sorted(payload.keys() - set(_ORDER) - ELSEWHERE)]
    return tuple(_row(name, payload, words) for name in names)


def _row(name: str, payload: Mapping[str, Any], words: Words) -> Particular:
    value, label = payload[name], words.word("member", name)
    if name in ("entries", "decided"):
        links = tuple(int(one) for one in (value if isinstance(value, list) else [value]))
        return Particular(label, (), links=links)
    if name in _NAMED:
        text = _NAMED[name](words, str(value))
        return Particular(label, (text,), raw="" if str(value) in text else str(value))
    if name in _SHOWN:
        return Particular(label, _SHOWN[name](words, payload))
    if isinstance(value, list):
        return Particular(label, tuple(str(one) for one in value))
    return Particular(label, (_plain(value, words),))


def _plain(value: Any, words: Words) -> str:
    if isinstance(value, bool):
        return words.t("yes" if value else "no")
    return words.number(value) if isinstance(value, int) and value > 999 else str(value)


def _fields(words: Words, payload: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(
        name if words.field(name) == name else f"{words.field(name)} ({name})" for name in map(str, payload["fields"])
    )


def _outcomes(words: Words, payload: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(
        f"{words.word('source', str(name))}: {words.word('outcome', str(said))}"
        for name, said in payload["outcomes"].items()
    )


def _subject(words: Words, payload: Mapping[str, Any]) -> tuple[str, ...]:
    said = payload["subject"]
    family = said.get("family")
    named = (f"{words.word('member', 'family')}: {family}",) if family else ()
    return (sentences.subject(payload, words), *named)


def _reuse(words: Words, payload: Mapping[str, Any]) -> tuple[str, ...]:
    total, filled = payload["reuse"]
    return (f"{filled}/{total} ({words.percent(filled, total)})",)


def _documents(words: Words, payload: Mapping[str, Any]) -> tuple[str, ...]:
    offered, handed = payload["documents"]
    return (words.t("documents_counted").format(offered=words.number(offered), handed=words.number(handed)),)


def _epochs(words: Words, payload: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(
        f"{words.word('kind', str(one.get('seals', '?')))} {one.get('period', '?')}: {one.get('epoch', '?')}"
        for one in payload["epochs"]
    )


_NAMED: Mapping[str, Callable[[Words, str], str]] = MappingProxyType(
    {
        "portal": Words.portal,
        "procedure": Words.procedure,
        "operation": lambda words, value: words.word("operation", value),
        "action": lambda words, value: words.word("action", value),
        "role": lambda words, value: words.word("role", value),
        "basis": lambda words, value: words.word("basis_name", value),
        "code": lambda words, value: words.word("code", value),
        "seals": lambda words, value: words.word("kind", value),
    }
)
_SHOWN: Mapping[str, Callable[[Words, Mapping[str, Any]], tuple[str, ...]]] = MappingProxyType(
    {
        "fields": _fields,
        "sources": lambda words, payload: tuple(words.word("source", str(name)) for name in payload["sources"]),
        "outcomes": _outcomes,
        "subject": _subject,
        "reuse": _reuse,
        "documents": _documents,
        "about": lambda words, payload: tuple(
            f"{words.word('about', str(name))}: {sentences.asked_value(str(name), str(value), words)}"
            for name, value in sorted(payload["about"].items())
        ),
        "changes": lambda words, payload: tuple(sentences.changes({"changes": [c]}, words) for c in payload["changes"]),
        "epochs": _epochs,
    }
)
