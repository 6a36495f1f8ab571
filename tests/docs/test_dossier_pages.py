"""docs/corrections.md and docs/preview.md say what there is: commands, calls of the client, states, problems."""

import re
import shlex

import pytest

from gateway.client import GatewayClient
from gateway.corrections.record import NEXT
from gateway.corrections.report import Problem
from tests.deploy.commands import unknown
from tests.docs.pages import rows, section, text

PAGES = ("docs/corrections.md", "docs/preview.md")
COMMANDS = [
    (page, re.split(r"\s{2,}|\s>\s", line)[0])
    for page in PAGES
    for line in re.findall(r"^    (gateway .+)$", text(page), re.MULTILINE)
]


def test_both_pages_show_commands() -> None:
    """The next test has something to look at."""
    assert {page for page, _ in COMMANDS} == set(PAGES)


@pytest.mark.parametrize(("page", "command"), COMMANDS)
def test_every_command_exists(page: str, command: str) -> None:
    """Its name, its sub-commands and its options."""
    assert list(unknown(shlex.split(command)[1:])) == [], page


@pytest.mark.parametrize("page", PAGES)
def test_every_call_of_the_client_exists(page: str) -> None:
    """`client.x(...)` is a method of the client."""
    called = re.findall(r"await client\.(\w+)\(", text(page))
    assert called
    assert [name for name in called if not callable(getattr(GatewayClient, name, None))] == []


def test_the_states_are_those_of_the_queue() -> None:
    """Each with what it may become."""
    told = {
        row[0].strip("`"): set(re.findall(r"`(\w+)`", row[2])) for row in rows(section(PAGES[0], "Working the queue"))
    }
    assert told == {state.value: {one.value for one in after} for state, after in NEXT.items()}


def test_every_problem_is_named() -> None:
    """The words a report may use."""
    assert [problem.value for problem in Problem if f"`{problem.value}`" not in text(PAGES[0])] == []
