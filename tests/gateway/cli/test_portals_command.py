"""Tests of `gateway portals`."""

import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from gateway.cli import keys, portals
from gateway.cli.portal_files import key_state
from tests.gateway.cli.conftest import PORTAL


@pytest.fixture
def pem(runner: CliRunner, tmp_path: Path) -> Path:
    """A public key in a file."""
    return _key(runner, tmp_path, "first")


def _key(runner: CliRunner, folder: Path, kid: str) -> Path:
    assert runner.invoke(keys.app, ["new", "--out", str(folder / "made"), "--kid", kid]).exit_code == 0
    return folder / "made" / f"{kid}.pub.pem"


def _run(runner: CliRunner, config: Path, *arguments: str) -> Result:
    return runner.invoke(portals.app, [*arguments, "--config", str(config)])


def _data(config: Path, agency: str = "H14") -> dict[str, Any]:
    return tomllib.loads((config / "portals" / f"{agency}.toml").read_text(encoding="utf-8"))


def test_a_key_is_added_to_a_portal(runner: CliRunner, config: Path, pem: Path) -> None:
    """The block is appended, the public key copied beside it, the rest of the file untouched."""
    done = _run(runner, config, "add", "H14", "--public-key", str(pem), "--kid", "k1", "--days", "10")
    assert (done.exit_code, done.stdout.strip()) == (0, "k1"), done.output
    assert "SIGHUP" in done.stderr
    text = (config / "portals" / "H14.toml").read_text(encoding="utf-8")
    assert text.startswith(PORTAL.rstrip())
    (key,) = _data(config)["keys"]
    assert (key["alg"], key["public_key"]) == ("ES256", "H14/k1.pem")
    assert key["not_after"] - key["not_before"] == timedelta(days=10)
    assert (config / "portals" / "H14" / "k1.pem").read_bytes() == pem.read_bytes()
    assert key_state(key, datetime.now(UTC)) == "valid"


def test_the_older_form_of_a_code_is_the_same_portal(runner: CliRunner, config: Path, pem: Path) -> None:
    """An agency code in its older form finds the file of the canonical one."""
    done = _run(runner, config, "add", "000.00.00.H14", "--public-key", str(pem), "--kid", "k1")
    assert done.exit_code == 0, done.output
    assert len(_data(config)["keys"]) == 1


def test_a_new_portal(runner: CliRunner, config: Path, pem: Path) -> None:
    """An agency without a file gets one that says what was given."""
    names = ["--name-vi", "Cổng", "--name-en", "Portal", "--procedure", "1.004222", "--procedure", "1.005169"]
    done = _run(runner, config, "add", "H15.2", "--public-key", str(pem), *names, "--basis", "consent")
    assert done.exit_code == 0, done.output
    said = _data(config, "H15.2")
    assert (said["agency"], said["procedures"], said["bases"]) == ("H15.2", ["1.004222", "1.005169"], ["consent"])
    assert said["sandbox"] is False
    assert len(said["operations"]) == 8


def test_a_new_portal_that_registers_documents_says_which(runner: CliRunner, config: Path, pem: Path) -> None:
    """The operation and the kinds go together, or no portal is made."""
    given = ["add", "H15", "--public-key", str(pem), "--name-vi", "x", "--name-en", "x", "--procedure", "1.004222"]
    operation, kinds = ["--operation", "documents.register"], ["--registers", "death_extract"]
    for half in (operation, kinds):
        done = _run(runner, config, *given, *half)
        assert done.exit_code == 1
        assert "go together" in done.stderr
    assert not (config / "portals" / "H15.toml").exists()
    done = _run(runner, config, *given, *operation, *kinds)
    assert done.exit_code == 0, done.output
    assert _data(config, "H15")["registers"] == ["death_extract"]


def test_a_new_portal_needs_names(runner: CliRunner, config: Path, pem: Path) -> None:
    """Without names and procedures no portal is made."""
    done = _run(runner, config, "add", "H15", "--public-key", str(pem))
    assert done.exit_code == 1
    assert not (config / "portals" / "H15.toml").exists()


def test_what_is_no_usable_key_changes_nothing(runner: CliRunner, config: Path, pem: Path, tmp_path: Path) -> None:
    """A private key, rubbish, a missing file, a taken kid and a poor one leave the files as they were."""
    assert _run(runner, config, "add", "H14", "--public-key", str(pem), "--kid", "k1").exit_code == 0
    before = (config / "portals" / "H14.toml").read_bytes()
    (tmp_path / "rubbish.pem").write_text("x")
    private = tmp_path / "made" / "first.pem"
    for path, kid in (
        (private, "k2"),
        (tmp_path / "rubbish.pem", "k2"),
        (tmp_path / "none.pem", "k2"),
        (pem, "k1"),
        (pem, "a/b"),
    ):
        done = _run(runner, config, "add", "H14", "--public-key", str(path), "--kid", kid)
        assert done.exit_code == 1, done.output
        assert (config / "portals" / "H14.toml").read_bytes() == before
    assert sorted(p.name for p in (config / "portals" / "H14").iterdir()) == ["k1.pem"]


def test_a_kid_is_taken_across_portals(runner: CliRunner, config: Path, pem: Path) -> None:
    """Two portals cannot hold a key of the same name."""
    assert _run(runner, config, "add", "H14", "--public-key", str(pem), "--kid", "k1").exit_code == 0
    names = ["--name-vi", "x", "--name-en", "x", "--procedure", "1.004222"]
    done = _run(runner, config, "add", "H15", "--public-key", str(pem), "--kid", "k1", *names)
    assert done.exit_code == 1
    assert "taken, by H14" in done.stderr


def test_revoking(runner: CliRunner, config: Path, pem: Path) -> None:
    """A revoked key stays in the file and is refused from now on; a second time is refused."""
    _run(runner, config, "add", "H14", "--public-key", str(pem), "--kid", "k1")
    assert _run(runner, config, "revoke", "H14", "k1").exit_code == 0
    (key,) = _data(config)["keys"]
    assert key_state(key, datetime.now(UTC)) == "revoked"
    assert _run(runner, config, "revoke", "H14", "k1").exit_code == 1
    assert _run(runner, config, "revoke", "H14", "none").exit_code == 1
    assert _run(runner, config, "revoke", "H99", "k1").exit_code == 1
    assert _run(runner, config, "revoke", "x/../H14", "k1").exit_code == 1


def test_rotating(runner: CliRunner, config: Path, pem: Path, tmp_path: Path) -> None:
    """The next key is valid at once, the one in use ends after the overlap, a revoked one is left alone."""
    _run(runner, config, "add", "H14", "--public-key", str(_key(runner, tmp_path, "old")), "--kid", "k0")
    _run(runner, config, "revoke", "H14", "k0")
    _run(runner, config, "add", "H14", "--public-key", str(pem), "--kid", "k1")
    ends = _data(config)["keys"][0]["not_after"]
    second = _key(runner, tmp_path, "second")
    done = _run(runner, config, "rotate", "H14", "--public-key", str(second), "--kid", "k2", "--overlap-days", "3")
    assert done.exit_code == 0, done.output
    revoked, old, new = _data(config)["keys"]
    assert old["not_after"] == new["not_before"] + timedelta(days=3)
    assert (new["kid"], revoked["not_after"]) == ("k2", ends)


def test_listing_fits_a_terminal(runner: CliRunner, config: Path, pem: Path) -> None:
    """Every portal and key is shown with its state, in 80 columns, thumbprints included."""
    assert "no key" in _run(runner, config, "list").stdout
    _run(runner, config, "add", "H14", "--public-key", str(pem))
    _run(runner, config, "add", "H14", "--public-key", str(pem), "--kid", "k1")
    _run(runner, config, "revoke", "H14", "k1")
    done = _run(runner, config, "list")
    assert done.exit_code == 0
    assert "H14  Test portal (sandbox)" in done.stdout
    assert "valid" in done.stdout
    assert "revoked" in done.stdout
    assert max(len(line) for line in done.stdout.splitlines()) <= 80


def test_listing_a_broken_file(runner: CliRunner, config: Path, tmp_path: Path) -> None:
    """A file that is no TOML, and a folder that is not there, are named."""
    (config / "portals" / "H15.toml").write_text("=")
    done = _run(runner, config, "list")
    assert (done.exit_code, "H15.toml" in done.stderr) == (1, True)
    assert _run(runner, tmp_path / "none", "list").exit_code == 1


def test_states_of_a_key() -> None:
    """A key is judged at a moment; one without times cannot be."""
    at = datetime(2026, 11, 22, tzinfo=UTC)
    day = timedelta(days=1)
    key = {"not_before": at - day, "not_after": at + day}
    assert key_state(key, at) == "valid"
    assert key_state(key, at - 2 * day) == "not yet valid"
    assert key_state(key, at + day) == "expired"
    assert key_state({**key, "revoked_at": at}, at) == "revoked"
    assert key_state({**key, "revoked_at": at + day / 2}, at) == "valid"
    assert key_state({"not_before": "x"}, at) == "unreadable"
