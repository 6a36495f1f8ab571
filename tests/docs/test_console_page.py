"""docs/console.md against the console it describes."""

import re

import pytest

from gateway.console import texts
from gateway.console.model import RIGHTS, Role
from gateway.console.web.pages import NAVIGATION
from tests.deploy.commands import shown, unknown
from tests.docs.pages import text

PAGE = text("docs/console.md")
MESSAGES = texts.load()


@pytest.mark.parametrize("key", [key for _, key, _ in NAVIGATION])
def test_every_page_is_named_as_its_link_is(key: str) -> None:
    """An auditor finds the words of this manual in the navigation, in both languages."""
    assert f"*{MESSAGES[key]['vi']} · {MESSAGES[key]['en']}*" in PAGE


@pytest.mark.parametrize("words", shown(PAGE), ids=" ".join)
def test_every_command_shown_exists(words: list[str]) -> None:
    """Each `gateway` command of the page exists with the options it is shown with."""
    assert list(unknown(words)) == []


def test_every_role_has_a_row() -> None:
    """The table of roles has as many rows as there are roles."""
    table = PAGE.partition("### Who sees what")[2].partition("\n## ")[0]
    assert len(re.findall(r"^\| (?!\|)(?!-)", table, re.MULTILINE)) == len(RIGHTS) == len(Role)
