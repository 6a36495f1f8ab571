"""docs/reuse.md against the report it describes."""

import pytest

from gateway.reuse.indicators import POINTS, indicators
from gateway.reuse.reckoning import DIMENSIONS, Line
from tests.deploy.commands import shown, unknown
from tests.docs.pages import text

PAGE = text("docs/reuse.md")


@pytest.mark.parametrize("words", shown(PAGE), ids=" ".join)
def test_every_command_shown_exists(words: list[str]) -> None:
    """Each `gateway` command of the page exists with the options it is shown with."""
    assert list(unknown(words)) == []


def test_every_indicator_has_a_row() -> None:
    """With its points, where there is a rule for them."""
    for one in indicators(Line(())):
        (row,) = [line for line in PAGE.splitlines() if line.startswith(f"| `{one.code}`")]
        assert row.rstrip(" |").rpartition("| ")[2].startswith(f"{POINTS.get(one.code, 'none given')}")


def test_every_dimension_is_named() -> None:
    """What figures can be grouped by."""
    assert all(f"`{name}`" in PAGE for name in DIMENSIONS)
