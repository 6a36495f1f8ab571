"""What the command tests share: a runner, and a configuration folder with one portal."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

PORTAL = """\
# kept as it is
agency = "H14"
name_vi = "Cổng thử"   # a remark
name_en = "Test portal"
sandbox = true
procedures = [
  "1.004222",
]
operations = ["persons.verify"]
bases = ["law"]

[limits]
per_second = 20
burst = 40
in_flight = 16
body_kib = 256
"""


@pytest.fixture
def runner() -> CliRunner:
    """Runs commands in this process."""
    return CliRunner()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A configuration folder with portals/H14.toml."""
    folder = tmp_path / "config"
    (folder / "portals").mkdir(parents=True)
    (folder / "portals" / "H14.toml").write_text(PORTAL, encoding="utf-8")
    return folder
