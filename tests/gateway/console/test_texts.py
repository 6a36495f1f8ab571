"""Tests of the console's texts: every key that is asked for is there, none is left over, and both languages agree."""

import re
import tomllib
import unicodedata
from pathlib import Path
from string import Formatter

import pytest

from gateway.audit.events import EntryKind
from gateway.console import texts
from gateway.console.model import Action, Right, Role
from gateway.console.web.pages import NAVIGATION
from gateway.errors import Code
from tests.config.folder import SHIPPED

ROOT = Path(texts.__file__).parents[1]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SOURCES = sorted(ROOT.rglob("*.py")) + TEMPLATES
MESSAGES = texts.load()
OPERATIONS = (
    *("persons.verify", "persons.lookup", "enterprises.lookup", "taxpayers.lookup"),
    *("dossiers.preview", "corrections.report", "corrections.read"),
    *("dossiers.prefill", "dossiers.batch", "procedures.list", "procedures.read", "jobs.read", "debug.verify"),
    *("documents.register", "documents.fetch", "documents.revoke"),
)
_LITERAL = re.compile(r"""["']([a-z][a-z0-9_]*)["']""")
_WHOLE = re.compile(r"""\bt\(\s*["']([a-z0-9_]+)["']\s*\)""")
_BEGUN = re.compile(r"""["']([a-z][a-z0-9_]*_)(?:\{[^"']*)?["']""")
_GROUP = re.compile(r"""\b(?:word|has)\(\s*["'](\w+)["']""")
_UNIT = re.compile(r"""\bcount\(\s*["'](\w+)["']""")


def _read(paths: list[Path]) -> str:
    return "\n".join(path.read_text("utf-8") for path in paths)


def _slug(value: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", value.lower())


def _holes(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def test_every_key_of_a_template_is_there() -> None:
    """No page fails because a text is missing."""
    missing = {
        f"{path.relative_to(ROOT)}: {key}"
        for path in SOURCES
        for key in _WHOLE.findall(path.read_text("utf-8"))
        if key not in MESSAGES
    }
    assert missing == set()


def test_every_unit_is_there() -> None:
    """Of one and of many."""
    units = set(_UNIT.findall(_read(SOURCES)))
    assert units
    assert {f"unit_{unit}_{n}" for unit in units for n in ("one", "many")} - MESSAGES.keys() == set()


@pytest.mark.parametrize(
    ("group", "values"),
    [
        ("kind", [kind.label for kind in EntryKind]),
        ("code", list(Code)),
        ("operation", OPERATIONS),
        ("did", list(Action)),
        ("action", list(Action)),
        ("role", list(Role)),
        ("outcome", ["ok", "answered", "kept", "not_found", "refused", "garbled", "unavailable", "timed_out"]),
        ("source", [*tomllib.loads((SHIPPED / "sources.toml").read_text(encoding="utf-8")), "documents"]),
        ("basis", ["law", "consent"]),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_every_code_has_words(group: str, values: list[str]) -> None:
    """Kinds, refusals, operations, what an auditor did, roles, sources and what they said."""
    assert {f"{group}_{_slug(value)}" for value in values} - MESSAGES.keys() == set()


def test_no_text_is_left_over() -> None:
    """A key that nobody asks for would be translated for nothing, or was misspelt where it is asked for."""
    read = _read(SOURCES)
    whole = set(_LITERAL.findall(read))
    # what an auditor asked for is shown in the words of a group of that name
    groups = {
        *_GROUP.findall(read),
        "unit",
        *(key.removeprefix("about_") for key in MESSAGES if key.startswith("about_")),
    }
    begun = {*_BEGUN.findall(read), *(f"{group}_" for group in groups)}
    left = {key for key in MESSAGES if key not in whole and not any(key.startswith(prefix) for prefix in begun)}
    assert left == set()


@pytest.mark.parametrize("key", sorted(MESSAGES))
def test_both_languages_agree(key: str) -> None:
    """The same values are put into both; both are trimmed texts; and what a number stands beside is not cut off."""
    spoken = MESSAGES[key]
    assert set(spoken) == set(texts.LANGUAGES)
    for text in spoken.values():
        assert text
        assert "  " not in text
        assert "\n" not in text
    assert _holes(spoken["vi"]) == _holes(spoken["en"])


def test_vietnamese_is_vietnamese() -> None:
    """No sentence was forgotten in the other language, and letters are composed (NFC), so that searching finds them."""
    same = {key for key, spoken in MESSAGES.items() if spoken["vi"] == spoken["en"] and len(spoken["vi"].split()) > 3}
    assert same == set()
    assert all(unicodedata.is_normalized("NFC", spoken["vi"]) for spoken in MESSAGES.values())


def test_one_word_for_an_auditor() -> None:
    """`Kiểm tra viên` everywhere: an auditor of accounts is somebody else."""
    assert [key for key, spoken in MESSAGES.items() if "kiểm toán" in spoken["vi"].lower()] == []


def test_a_key_that_is_nowhere() -> None:
    """Is an error, never an empty place on a page."""
    with pytest.raises(KeyError):
        texts.speaker(MESSAGES, "vi")("no_such_key")


def test_rights_are_not_shown_as_codes() -> None:
    """Every place the navigation leads to has a name in both languages."""
    assert {right for _, _, right in NAVIGATION} <= set(Right)
    assert {key for _, key, _ in NAVIGATION} <= MESSAGES.keys()
