"""The import rules of pyproject.toml hold, say why, and cover every package."""

import subprocess
import sys
import tomllib
from pathlib import Path

from tests.docs.pages import ROOT, text

RULES = tomllib.loads(text("pyproject.toml"))["tool"]["importlinter"]


def test_every_rule_is_kept() -> None:
    """import-linter finds no import that a rule forbids."""
    linter = Path(sys.executable).with_name("lint-imports")
    ran = subprocess.run([linter, "--no-cache", "--no-logo"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout
    assert f"{len(RULES['contracts'])} kept, 0 broken" in ran.stdout


def test_every_rule_gives_its_reason() -> None:
    """A rule's name says what holds and why."""
    for rule in RULES["contracts"]:
        assert any(word in rule["name"] for word in (", so ", "so that", "so it")), rule["name"]


def test_every_package_is_under_the_rules() -> None:
    """Each package that is shipped is a root of the rules."""
    shipped = tomllib.loads(text("pyproject.toml"))["tool"]["setuptools"]["packages"]
    assert set(RULES["root_packages"]) == set(shipped)


def test_the_checker_s_rule_names_every_other_part_of_the_log() -> None:
    """The list of what the checker must not import has no gap."""
    (rule,) = (r for r in RULES["contracts"] if r.get("source_modules") == ["gateway.audit.check"])
    parts = {p.stem for p in ROOT.glob("gateway/audit/*.py")} - {"__init__"}
    assert {f"gateway.audit.{part}" for part in parts} <= set(rule["forbidden_modules"])


def test_the_shared_parts_of_the_adapters_are_modules_not_sources() -> None:
    """Nothing that is a source of its own is let off as shared."""
    (rule,) = (r for r in RULES["contracts"] if r.get("modules") == ["adapters.*"])
    shared = {entry.rpartition(".")[2] for entry in rule["ignore_imports"]} - {"*"}
    assert [name for name in shared if not (ROOT / f"adapters/{name}.py").is_file()] == []
