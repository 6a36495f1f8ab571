"""`gateway addresses`: one address, or all there can be."""

import json

from typer.testing import CliRunner

from gateway.cli.addresses import app
from tests.config.folder import SHIPPED


def test_survey_prints_what_the_page_shows() -> None:
    """The shares on the page of addresses are those the command counts."""
    result = CliRunner().invoke(app, ["survey"])
    assert result.exit_code == 0
    page = (SHIPPED.parent / "docs/addresses.md").read_text(encoding="utf-8")
    assert "\n".join(f"    {line}" for line in result.output.splitlines()) in page


def test_addresses_come_from_standard_input() -> None:
    """One JSON object for each line that is not empty; the example of the page is among them."""
    lines = "12 Lê Lợi, P. Trúc Bạch, Q. Ba Đình, HN\n\nnowhere\n"
    result = CliRunner().invoke(app, ["convert"], input=lines)
    first, second = (json.loads(line) for line in result.output.splitlines())
    page = (SHIPPED.parent / "docs/addresses.md").read_text(encoding="utf-8")
    assert first["address"] == json.loads(page.partition("```json\n")[2].partition("```")[0])
    assert (first["doubts"], second["doubts"]) == ([], ["address_scheme_unknown"])


def test_a_spoilt_table_is_named() -> None:
    """A folder without tables is a problem with its place, not a survey of nothing."""
    result = CliRunner().invoke(app, ["survey", "--config", "nowhere"])
    assert result.exit_code == 1
    assert "territory" in result.output
