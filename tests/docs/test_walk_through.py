"""The walk-through tells the steps and checks that are made."""

import re

import gateway.pipeline
from gateway.audit.errors import Replayed
from gateway.errors import Code
from gateway.steps import verify
from tests.docs.pages import rows, section, text

PAGE = "docs/walk-through.md"


def test_the_verification_list_is_the_one_in_the_code() -> None:
    """Each check stands in the page with its number and name, in the order in which it is made."""
    told = [(int(number), name) for number, name, _ in rows(section(PAGE, "1 verify"))]
    made = [(number, name) for number, name, _ in verify._CHECKS]
    assert told[:-1] == made
    assert told[-1] == (len(made) + 1, "replay, in step 4")


def test_the_codes_of_the_list_are_those_of_the_code() -> None:
    """Each check has the codes that the module's own list names, and together they are all codes of status 401."""
    listed = re.findall(r"^ +(\d+)  .*?  +([a-z_, ]+)$", verify.__doc__ or "", re.MULTILINE)
    told = {int(number): re.findall(r"`(\w+)`", codes) for number, _, codes in rows(section(PAGE, "1 verify"))}
    assert {int(number): codes.split(", ") for number, codes in listed} == {n: told[n] for n in list(told)[:-1]}
    assert told[len(told)] == [Replayed.code]
    assert {code for codes in told.values() for code in codes} <= {code.value for code in Code}


def test_the_headings_are_the_steps_of_the_pipeline() -> None:
    """The numbered headings are the numbered steps of `gateway.pipeline`, in its order."""
    steps = re.findall(r"^    (\d) (\w+) ", gateway.pipeline.__doc__ or "", re.MULTILINE)
    headings = re.findall(r"^## (\d) (\w+)", text(PAGE), re.MULTILINE)
    assert headings == steps
