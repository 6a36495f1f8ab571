"""Tests of unusual patterns in words."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from config.console_rules import ConsoleRules, OfficerVolume
from gateway.audit.reading import Opened
from gateway.console import texts
from gateway.console.model import Pattern
from gateway.console.web import unusual
from gateway.console.words import Words
from tests.gateway.console.naming import FACTS

AT = datetime(2026, 11, 23, 16, 15, tzinfo=UTC)
MESSAGES = texts.load()
VI, EN = (Words(MESSAGES, language, FACTS) for language in ("vi", "en"))
VALUES: dict[str, dict[str, Any]] = {
    "officer_volume": {"count": 1080, "usual": 42.5, "times": 25.4, "officer_entry": 7},
    "outside_hours": {"count": 1, "first": "23:10", "last": "23:15", "officer_entry": 7},
    "many_subjects": {"count": 11, "limit": 10, "dossier_entry": 7},
    "many_provinces": {"portals": 5, "count": 9, "subject_entry": 7},
    "same_surname": {"count": 31, "asked": 40, "officer_entry": 7},
    "repeated_refusals": {"count": 16, "code": "field_not_granted", "officer_entry": 7},
    "dossier_gone": {"count": 12, "days": 14, "officer_entry": 7},
}
SEEN = {
    "officer_volume": ("1,080 calls", "42.5", "25.4", "cb-0107"),
    "outside_hours": ("1 call ", "23:10", "23:15", "cb-0107"),
    "many_subjects": ("11", "limit is 10", "H14-1"),
    "many_provinces": ("5 provinces", "9 calls", "person"),
    "same_surname": ("31", "40", "cb-0107"),
    "repeated_refusals": ("16", "field_not_granted", "cb-0107"),
    "dossier_gone": ("12", "14 days", "cb-0107"),
}
SUBJECT = {"kind": "person", "role": "applicant", "n": 1, "of": 1}


def _pattern(rule: str, **changes: Any) -> Pattern:
    portal = "" if rule == "many_provinces" else "H14"
    return replace(Pattern(rule, AT, portal, VALUES[rule], (5, 6, 7), 0.583), **changes)


def _opened(payload: dict[str, Any] | None) -> dict[int, Opened]:
    return {7: Opened(7, AT, "disclosed", "", bytes(32), payload)}


def test_every_rule_of_the_configuration_has_its_words() -> None:
    """The rules of console.toml but the working hours, no more and no fewer; each with name, sentence and reason."""
    assert set(unusual.RULES) == set(ConsoleRules.__dataclass_fields__) - {"working_hours"}
    for rule in unusual.RULES:
        assert {f"rule_{rule}", f"rule_{rule}_why", f"pattern_{rule}"} <= set(MESSAGES)


@pytest.mark.parametrize("rule", unusual.RULES)
def test_a_sentence_says_what_was_seen_and_the_limit(rule: str) -> None:
    """Every number the rule saw is in the sentence, with who and where, in both languages; no brace is left."""
    who = _opened({"officer": "cb-0107", "dossier": "H14-1", "subject": SUBJECT})
    said = unusual.unusual(_pattern(rule), EN, who)
    assert all(text in said.sentence for text in SEEN[rule]), said.sentence
    assert ("Cao Bang" in said.sentence) is (rule != "many_provinces")
    assert (said.entries, said.percent, said.rule) == ((5, 6, 7), 58, rule)
    in_vietnamese = unusual.unusual(_pattern(rule), VI, who)
    assert "23/11/2026" in in_vietnamese.sentence
    assert "{" not in said.sentence + in_vietnamese.sentence + said.why + said.title


@pytest.mark.parametrize("rule", unusual.RULES)
def test_nobody_is_named_without_an_entry(rule: str) -> None:
    """An entry that is out of reach, or sealed, names nobody, and the sentence still reads."""
    for known in ({}, _opened(None)):
        sentence = unusual.unusual(_pattern(rule), EN, known).sentence
        assert "cb-0107" not in sentence
        assert "H14-1" not in sentence
        assert "an officer" in sentence or "one dossier" in sentence or "one subject" in sentence


def test_the_limits_in_force_are_said() -> None:
    """Every number of every rule is in its sentence, in both languages; other limits are other sentences."""
    for words in (EN, VI):
        shipped = unusual.limits(ConsoleRules(), words)
        assert list(shipped) == list(unusual.RULES)
        assert not any("{" in said for said in shipped.values())
    own = ConsoleRules(officer_volume=OfficerVolume(minimum=77, factor=2.5, deviations=3, peers=9))
    said = unusual.limits(own, EN)["officer_volume"]
    assert all(text in said for text in ("77 calls", "2.5 times", " 3 deviations", "9 colleagues")), said
    assert "50%" in unusual.limits(own, EN)["same_surname"]


def test_a_rule_nobody_knows_is_named() -> None:
    """A pattern of a newer index is shown by its rule's name, never left out."""
    said = unusual.unusual(Pattern("brand_new", AT, "H14", {"x": 1}, (7,), 0.5), EN, {})
    assert "brand_new" in said.sentence
    assert (said.title, said.why) == ("brand_new", "")


def test_entries_that_say_who_are_opened_once() -> None:
    """One entry of two patterns is named once; patterns without one name none."""
    pair = [_pattern("outside_hours"), _pattern("many_subjects"), _pattern("outside_hours", values={"count": 1})]
    assert unusual.naming(pair) == (7,)
