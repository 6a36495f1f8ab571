"""The words of the code are explained."""

import re

from adapters.contract import Fault
from adapters.registry import BUILD
from gateway.audit.events import KINDS
from gateway.model import Kind
from tests.docs.pages import rows, text

PAGE = text("docs/glossary.md")


def test_each_word_is_explained_once() -> None:
    """No word has two rows, and every row explains something."""
    words = [row[0] for row in rows(PAGE)]
    assert sorted(words) == sorted(set(words))
    assert [row[0] for row in rows(PAGE) if not any(row[1:])] == []


def test_closed_lists_of_the_code_are_named() -> None:
    """Events, sources, faults of a source and kinds of subject all occur."""
    named = set(re.findall(r"`([\w.-]+)`", PAGE))
    assert {kind.label for kind in KINDS.values()} <= named
    assert BUILD.keys() <= named
    assert {fault.value for fault in Fault} <= named
    assert all(kind.value in PAGE for kind in Kind)
