"""Unusual patterns in words: what a rule saw in one sentence, with its limit, and which entries to look at.

Rule of this file: pure. Who an officer is comes from an entry that was opened for it, or nobody is named.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from config.console_rules import ConsoleRules
from gateway.audit.reading import Opened
from gateway.console import sentences
from gateway.console.model import Pattern
from gateway.console.words import Words

RULES = (
    "officer_volume",
    "outside_hours",
    "many_subjects",
    "many_provinces",
    "same_surname",
    "repeated_refusals",
    "dossier_gone",
)
"""The rules of console.toml, in its order."""

_NAMING = ("officer_entry", "dossier_entry", "subject_entry")
_MEMBERS = ("officer", "dossier")


@dataclass(frozen=True, slots=True)
class Unusual:
    """A pattern to be shown. `sentence`: what was seen; `rule`: its name in console.toml; `percent`: of the score."""

    rule: str
    title: str
    sentence: str = field(repr=False)
    why: str
    at: datetime
    entries: tuple[int, ...]
    percent: int


def naming(patterns: Iterable[Pattern]) -> tuple[int, ...]:
    """The entries that say who and which, once each, in order."""
    return tuple(
        dict.fromkeys(int(pattern.values[name]) for pattern in patterns for name in _NAMING if name in pattern.values)
    )


def unusual(pattern: Pattern, words: Words, opened: Mapping[int, Opened]) -> Unusual:
    """A pattern in words. `opened`: the entries of `naming` that the viewer may see; without one nobody is named."""
    known = pattern.rule in RULES
    what = _what(pattern, words, opened) if known else words.t("pattern_unknown").format(rule=pattern.rule)
    day = words.day(pattern.at)
    if pattern.portal:
        sentence = words.t("pattern_on").format(day=day, portal=words.portal(pattern.portal), what=what)
    else:
        sentence = words.t("pattern_on_all").format(day=day, what=what)
    return Unusual(
        rule=pattern.rule,
        title=words.word("rule", pattern.rule),
        sentence=sentence,
        why=words.t(f"rule_{pattern.rule}_why") if known else "",
        at=pattern.at,
        entries=pattern.entries,
        percent=round(100 * pattern.score),
    )


def limits(rules: ConsoleRules, words: Words) -> dict[str, str]:
    """Rule -> the limits in force, as a sentence."""
    hours, volume, surname = rules.working_hours, rules.officer_volume, rules.same_surname
    said: dict[str, dict[str, str]] = {
        "officer_volume": {
            "minimum": words.count("call", volume.minimum),
            "factor": _shown(volume.factor, words),
            "deviations": _shown(volume.deviations, words),
            "peers": _shown(volume.peers, words),
        },
        "outside_hours": {
            "minimum": words.count("call", rules.outside_hours.minimum),
            "start": _clock(hours.start),
            "end": _clock(hours.end),
        },
        "many_subjects": {"limit": _shown(rules.many_subjects.limit, words)},
        "many_provinces": {
            "portals": _shown(rules.many_provinces.portals, words),
            "days": words.count("day", rules.many_provinces.days),
        },
        "same_surname": {
            "minimum": words.count("call", surname.minimum),
            "share": words.percent(round(1000 * surname.share), 1000),
            "deviations": _shown(surname.deviations, words),
        },
        "repeated_refusals": {"minimum": _shown(rules.repeated_refusals.minimum, words)},
        "dossier_gone": {
            "minimum": _shown(rules.dossier_gone.minimum, words),
            "days": words.count("day", rules.dossier_gone.days),
        },
    }
    return {rule: words.t(f"rule_{rule}_limit").format(**values) for rule, values in said.items()}


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _what(pattern: Pattern, words: Words, opened: Mapping[int, Opened]) -> str:
    said = {name: _shown(value, words) for name, value in pattern.values.items() if name not in _NAMING}
    if pattern.rule in ("officer_volume", "outside_hours", "many_provinces"):
        said["count"] = words.count("call", int(pattern.values["count"]))
    if "days" in pattern.values:
        said["days"] = words.count("day", int(pattern.values["days"]))
    if "code" in pattern.values:
        said["reason"] = words.word("code", said["code"])
    for name in _MEMBERS:
        said[name] = _named(name, pattern, words, opened)
    said["subject"] = _subject(pattern, words, opened)
    return words.t(f"pattern_{pattern.rule}").format(**said)


def _shown(value: str | float, words: Words) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return words.number(value)
    text = f"{value:.1f}".removesuffix(".0")
    return text.replace(".", ",") if words.language == "vi" else text


def _named(name: str, pattern: Pattern, words: Words, opened: Mapping[int, Opened]) -> str:
    entry = opened.get(int(pattern.values.get(f"{name}_entry", -1)))
    said = (entry.payload or {}).get(name) if entry else None
    return words.t(f"pattern_{name}").format(name=said) if said else words.t(f"pattern_one_{name}")


def _subject(pattern: Pattern, words: Words, opened: Mapping[int, Opened]) -> str:
    entry = opened.get(int(pattern.values.get("subject_entry", -1)))
    if entry is None or entry.payload is None:
        return words.t("pattern_one_subject")
    kind = (entry.payload.get("subject") or {}).get("kind")
    return sentences.subject({"subject": {"kind": kind}}, words) if kind else words.t("pattern_one_subject")
