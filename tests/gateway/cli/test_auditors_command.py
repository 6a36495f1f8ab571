"""Tests of `gateway auditors`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from gateway.cli import auditors
from gateway.console.accounts.occurrences import Occurrence, Record
from gateway.console.model import DoorClosed

ROOT = ["add", "root", "--name", "Trần Văn Thử", "--role", "administrator"]


def _run(runner: CliRunner, data: Path, *arguments: str) -> Result:
    return runner.invoke(auditors.app, [*arguments, "--data-dir", str(data)])


def test_the_first_administrator(runner: CliRunner, tmp_path: Path) -> None:
    """The password alone is on standard output, once; the list does not have it."""
    done = _run(runner, tmp_path, *ROOT)
    assert (done.exit_code, len(done.stdout.strip())) == (0, 24), done.output
    listed = _run(runner, tmp_path, "list")
    assert listed.stdout == "root  administrator  not signed in yet  Trần Văn Thử\n"
    assert done.stdout.strip() not in listed.output


def test_the_same_rules(runner: CliRunner, tmp_path: Path) -> None:
    """What pages refuse, commands refuse: with a sentence and status 1."""
    _run(runner, tmp_path, *ROOT)
    for arguments, says in (
        (ROOT, "taken"),
        (["disable", "root"], "administrator has to remain"),
        (["disable", "nobody"], "no such account"),
        (["add", "an", "--name", "An", "--role", "king"], "--role is one of"),
        (["add", "an", "--name", "An", "--role", "operator", "--language", "fr"], "--language"),
        (["add", "an", "--name", "An", "--role", "provincial_auditor"], "at least one --portal"),
        (["add", "an", "--name", "An", "--role", "operator", "--subject", "x"], "--issuer"),
    ):
        done = _run(runner, tmp_path, *arguments)
        assert (done.exit_code, done.stdout) == (1, ""), arguments
        assert says in done.stderr
    assert runner.invoke(auditors.app, ["list", "--data-dir", str(tmp_path / "none")]).exit_code == 1


def test_the_life_of_an_account(runner: CliRunner, tmp_path: Path) -> None:
    """Added for two portals, disabled, enabled, reset; one for single sign-on has no password."""
    arguments = ["--name", "An", "--role", "provincial_auditor", "--portal", "000.00.00.H15", "--portal", "H14"]
    first = _run(runner, tmp_path, "add", "an", *arguments)
    assert _run(runner, tmp_path, "disable", "an").exit_code == 0
    assert _run(runner, tmp_path, "list").stdout == "an  provincial_auditor  H14 H15  disabled  An\n"
    assert _run(runner, tmp_path, "enable", "an").exit_code == 0
    second = _run(runner, tmp_path, "reset", "an")
    assert second.exit_code == 0
    assert second.stdout != first.stdout
    sso = ["--name", "B", "--role", "operator", "--issuer", "https://id.example", "--subject", "u-1"]
    assert _run(runner, tmp_path, "add", "binh", *sso).stdout == ""
    assert _run(runner, tmp_path, "reset", "binh").exit_code == 1


def test_changes_are_recorded(runner: CliRunner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each by the user of the machine; one that cannot be recorded is not made."""
    told: list[Occurrence] = []
    closed = False

    @asynccontextmanager
    async def recorder(_: Path, __: Path) -> AsyncIterator[Record]:
        async def record(occurrence: Occurrence) -> None:
            if closed:
                raise DoorClosed("unreachable")
            told.append(occurrence)

        yield record

    monkeypatch.setattr(auditors, "recorder", recorder)
    password = _run(runner, tmp_path, *ROOT).stdout.strip()
    assert [(one.action.value, one.account, one.actor.split(":")[0]) for one in told] == [("added", "root", "command")]
    assert password not in repr(told)
    closed = True
    done = _run(runner, tmp_path, "add", "an", "--name", "An", "--role", "operator")
    assert (done.exit_code, done.stdout) == (1, "")
    assert "access log cannot be written (unreachable)" in done.stderr
    assert "an  " not in _run(runner, tmp_path, "list").stdout
