"""Tests of what commands record: changes of accounts are entries of the log, or are not made."""

import os
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.audit.check import check, parse_key
from gateway.audit.keys import Places
from gateway.audit.reading import Opened, newest
from gateway.audit.ring import KeyRing
from gateway.cli.main import app
from gateway.storage.sqlite_reader import SqliteReader
from tests.config.folder import SHIPPED

ROOT = ["auditors", "add", "root", "--name", "Trần Văn Thử", "--role", "administrator"]


def _run(runner: CliRunner, data: Path, *arguments: str, config: Path = SHIPPED) -> Result:
    return runner.invoke(app, [*arguments, "--data-dir", str(data), "--config", str(config)])


def _changed(data: Path) -> list[Opened]:
    places = Places.under(data)
    reader = SqliteReader(places.store)
    try:
        return [one for one in newest(reader, KeyRing(places.ring), subject=None) if one.kind == "changed"]
    finally:
        reader.close()


def test_each_change_is_an_entry(runner: CliRunner, tmp_path: Path) -> None:
    """Who did what to which account stands in a log that verifies; no password and no name of a person does."""
    added = _run(runner, tmp_path, *ROOT)
    assert added.exit_code == 0, added.output
    assert _run(runner, tmp_path, "auditors", "reset", "root").exit_code == 0
    said = [dict(one.payload or {}) for one in _changed(tmp_path)]
    changes = [one for entry in said for one in entry["changes"]]
    assert [one["change"] for one in changes] == ["reset", "added"]
    assert {(one["what"], one["name"]) for one in changes} == {("auditor", "root")}
    assert all(str(entry["by"]).startswith("command:") for entry in said)
    assert added.stdout.strip() not in str(said)
    places = Places.under(tmp_path)
    vkey = places.vkey.read_text(encoding="utf-8").strip()
    assert check(places.store, key=parse_key(vkey)).entries >= len(said)


def test_what_cannot_be_recorded_is_not_made(runner: CliRunner, tmp_path: Path) -> None:
    """With a log key that others may read, the sentence says so and there is no account."""
    assert _run(runner, tmp_path, *ROOT).exit_code == 0
    Places.under(tmp_path).key.chmod(0o644)
    done = _run(runner, tmp_path, "auditors", "add", "an", "--name", "An", "--role", "operator")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "Nothing was changed" in done.stderr
    assert "chmod 600" in done.stderr
    assert "an  " not in runner.invoke(app, ["auditors", "list", "--data-dir", str(tmp_path)]).stdout


def test_a_configuration_that_does_not_say_which_log_stops_it(runner: CliRunner, tmp_path: Path) -> None:
    """A mistake in gateway.toml is named; the registries' addresses are no concern of this command."""
    config = tmp_path / "config"
    shutil.copytree(SHIPPED, config, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    text = (config / "gateway.toml").read_text(encoding="utf-8")
    (config / "gateway.toml").write_text(text.replace("log_origin =", "log_origins ="), encoding="utf-8")
    data = tmp_path / "data"
    data.mkdir()
    done = _run(runner, data, *ROOT, config=config)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "log_origin" in done.stderr
    assert not Places.under(data).store.exists()


def test_a_store_that_is_away_is_said_without_its_password(
    runner: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address of a database is used and never repeated."""
    assert "LT_STORE_URL" not in os.environ  # noqa: TID251 - what this test sets
    monkeypatch.setenv("LT_STORE_URL", "postgresql://gateway:synthetic@127.0.0.1:9/lienthong")
    done = _run(runner, tmp_path, *ROOT)
    assert (done.exit_code, done.stdout) == (1, "")
    assert "Nothing was changed: the access log cannot be written" in done.stderr
    assert "synthetic" not in done.output
