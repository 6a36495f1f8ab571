"""docs/operations.md against the software it describes."""

import inspect
import re
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from gateway.ops import metrics as exposed
from tests.config.folder import SHIPPED, environment
from tests.deploy.commands import shown, unknown

ROOT = SHIPPED.parent
PAGE = (ROOT / "docs/operations.md").read_text(encoding="utf-8")


def metrics() -> set[str]:
    """The names under which the gateway's metrics are exposed."""
    registry = CollectorRegistry()
    for name, kind in vars(exposed).items():
        if name.endswith("Metrics"):
            given = {"registry": registry, "clock": lambda: 0.0}
            kind(*(given[parameter] for parameter in inspect.signature(kind).parameters))
    kinds = [(family.name, family.type) for family in registry.collect()]
    return {f"{name}_total" if kind == "counter" else name for name, kind in kinds}


def test_every_metric_is_explained_and_every_metric_named_exists() -> None:
    """The page names exactly the metrics the operations port exposes."""
    assert set(re.findall(r"lienthong_[a-z_]+", PAGE)) == metrics()


@pytest.mark.parametrize("words", shown(PAGE), ids=" ".join)
def test_every_command_shown_exists(words: list[str]) -> None:
    """Each `gateway` command of the page exists with the options it is shown with."""
    assert list(unknown(words)) == []


def test_the_page_shows_commands() -> None:
    """The search for commands finds those in blocks and those in the text."""
    assert ["check", "--deployed"] in shown(PAGE)
    assert any(words[:2] == ["portals", "rotate"] for words in shown(PAGE))


def test_a_command_that_does_not_exist_is_noticed() -> None:
    """An unknown command, sub-command or option is named."""
    assert list(unknown(["serv"])) == ["serv"]
    assert list(unknown(["log", "verfy", "--data-dir", "x"])) == ["verfy"]
    assert list(unknown(["log", "verify", "--datadir", "x"])) == ["--datadir"]


def test_the_example_sets_what_the_sources_need(tmp_path: Path) -> None:
    """Whoever copies the environment of the page has every variable the shipped sources cannot do without."""
    assert environment(tmp_path).keys() - set(re.findall(r"^(LT_\w+)=", PAGE, re.MULTILINE)) == set()


def test_every_event_of_the_log_lines_is_explained() -> None:
    """Each event the gateway writes to its own log has a row on the page."""
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "gateway").rglob("*.py")]
    events = {event for text in sources for event in re.findall(r'logs\.line\(\s*"(\w+)"', text)}
    assert {"call", "started"} <= events
    first_cells = "".join(line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `"))
    assert {event for event in events if f"`{event}`" not in first_cells} == set()


def test_every_link_leads_somewhere() -> None:
    """Each relative link of the page names a file of the repository."""
    links = {link.split("#")[0] for link in re.findall(r"\]\(([^)]+)\)", PAGE)}
    assert {link for link in links if link and not (ROOT / "docs" / link).exists()} == set()


def test_every_variable_shown_is_one_the_configuration_reads() -> None:
    """Each LT_ variable of the page stands in the shipped configuration."""
    files = [(SHIPPED / name).read_text(encoding="utf-8") for name in ("gateway.toml", "sources.toml")]
    assert {name for name in re.findall(r"LT_[A-Z_]+", PAGE) if not any(name in file for file in files)} == set()
