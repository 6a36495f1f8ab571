"""Tests of `gateway keys new`."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli import keys
from signing.keys import load_signer, parse_public
from signing.thumbprint import thumbprint


@pytest.mark.parametrize("alg", ["ES256", "EdDSA", "PS256"])
def test_a_new_pair_signs(runner: CliRunner, tmp_path: Path, alg: str) -> None:
    """The private key is for its owner alone, the public one fits it, and the kid is its thumbprint."""
    done = runner.invoke(keys.app, ["new", "--alg", alg, "--out", str(tmp_path / "k")])
    assert done.exit_code == 0, done.output
    kid = done.stdout.strip()
    signer = load_signer(tmp_path / "k" / f"{kid}.pem")
    public = parse_public((tmp_path / "k" / f"{kid}.pub.pem").read_bytes(), alg)
    assert (signer.kid, signer.alg) == (kid, alg)
    assert thumbprint(public) == kid
    assert (tmp_path / "k" / f"{kid}.pem").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("taken", ["mine.pem", "mine.pub.pem"])
def test_nothing_is_overwritten(runner: CliRunner, tmp_path: Path, taken: str) -> None:
    """A file of either name ends the command before anything is written."""
    (tmp_path / taken).write_text("kept")
    done = runner.invoke(keys.app, ["new", "--out", str(tmp_path), "--kid", "mine"])
    assert done.exit_code == 1
    assert [path.name for path in tmp_path.iterdir()] == [taken]
    assert (tmp_path / taken).read_text() == "kept"


@pytest.mark.parametrize("options", [["--alg", "RS256"], ["--kid", "a/b"], ["--kid", "../x"]])
def test_other_names_and_algorithms_are_refused(runner: CliRunner, tmp_path: Path, options: list[str]) -> None:
    """An algorithm outside the list, or a kid that is a path, makes no key."""
    done = runner.invoke(keys.app, ["new", "--out", str(tmp_path), *options])
    assert done.exit_code == 1
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written(runner: CliRunner, tmp_path: Path) -> None:
    """A file where the folder should be is a sentence, not a traceback."""
    (tmp_path / "file").write_text("x")
    done = runner.invoke(keys.app, ["new", "--out", str(tmp_path / "file")])
    assert done.exit_code == 1
    assert "Cannot write" in done.stderr
