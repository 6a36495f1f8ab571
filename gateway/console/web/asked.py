"""What a search asks for: as choices of its form, and in words above its results.

Rule of this file: pure. Only portals of the viewer's scope are offered; a citizen is named by a masked number.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gateway.console.facts import Facts
from gateway.console.model import Action, Scope, Wanted
from gateway.console.web.filters import KINDS, OUTCOMES
from gateway.console.words import Words
from gateway.model import Call

Choices = Mapping[str, tuple[tuple[str, str], ...]]
"""Field -> (value, words) in the order of the list."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One thing that was asked for, in words."""

    label: str
    value: str


def choices(words: Words, scope: Scope) -> Choices:
    """What the lists of the form offer."""
    facts: Facts = words.facts
    operations = (*(call.value for call in Call), *(action.value for action in Action))
    return {
        "kind": tuple((kind, words.word("kind", kind)) for kind in KINDS),
        "portal": _sorted((code, words.portal(code)) for code in facts.portals if scope.holds(code)),
        "procedure": _sorted((code, words.procedure(code)) for code in facts.procedures),
        "operation": tuple((value, _operation(words, value)) for value in operations),
        "outcome": tuple((value, _outcome(words, value)) for value in OUTCOMES),
        "source": tuple((name, words.word("source", name)) for name in facts.sources),
    }


def told(wanted: Wanted, masked: str, words: Words) -> tuple[Asked, ...]:
    """What was asked for, in the order of the form."""
    said = {
        "subject": masked,
        "since": words.when(wanted.since) if wanted.since else "",
        "until": words.when(wanted.until) if wanted.until else "",
        "portal": words.portal(wanted.portal or ""),
        "officer": wanted.officer,
        "dossier": wanted.dossier,
        "procedure": words.procedure(wanted.procedure or ""),
        "operation": _operation(words, wanted.operation or ""),
        "outcome": _outcome(words, wanted.outcome or ""),
        "source": words.word("source", wanted.source or ""),
        "kind": words.word("kind", wanted.kind or ""),
        "auditor": wanted.auditor,
    }
    return tuple(Asked(words.word("about", name), value) for name, value in said.items() if value)


def _operation(words: Words, value: str) -> str:
    return words.word("operation" if words.has("operation", value) else "action", value)


def _outcome(words: Words, value: str) -> str:
    if value == "ok":
        return words.word("outcome", value)
    text = words.word("code", value)
    return text[:1].upper() + text[1:]


def _sorted(pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(pairs, key=lambda pair: pair[1]))
