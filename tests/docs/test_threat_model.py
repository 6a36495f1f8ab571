"""What the threat model claims is shown by tests that exist."""

import ast
import re
from functools import cache

import pytest

from tests.docs.pages import ROOT, rows, text

PAGE = "docs/threat-model.md"
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", text(PAGE))))


@cache
def functions(path: str) -> frozenset[str]:
    """The functions of a test file."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return frozenset(n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_every_named_test_exists(path: str, name: str) -> None:
    """The file is there and has a test of that name."""
    assert name.startswith("test_")
    assert name in functions(path)


def test_every_threat_has_a_control_and_a_test() -> None:
    """No row of a threat table lacks its control or its test."""
    threats = [row for row in rows(text(PAGE)) if len(row) == 3]
    assert len(NAMED) > len(threats) > 0
    assert [threat for threat, control, shown in threats if not control or "::" not in shown] == []
