"""Kept credentials."""

import stat
from pathlib import Path

import pytest

from mocks import kept


def test_a_value_is_made_once(tmp_path: Path) -> None:
    """The second call reads what the first one wrote."""
    made = iter(["first", "second"])
    folder = tmp_path / "a" / "b"
    assert [kept.value(folder, "secret", lambda: next(made)) for _ in range(2)] == ["first", "first"]


def test_only_the_owner_reads_it(tmp_path: Path) -> None:
    """File and folder are closed to everybody else."""
    folder = tmp_path / "kept"
    kept.value(folder, "secret", lambda: "x")
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (folder, folder / "secret")]
    assert modes == [0o700, 0o600]


def test_an_edited_file_counts(tmp_path: Path) -> None:
    """A value an operator wrote with an editor, newline at the end, is taken as it is meant."""
    (tmp_path / "secret").write_text("mine\n")
    assert kept.value(tmp_path, "secret", lambda: "x") == "mine"


def test_nothing_is_left_when_making_fails(tmp_path: Path) -> None:
    """A failure to make a value leaves no empty file behind."""

    def fail() -> str:
        raise RuntimeError("no value")

    with pytest.raises(RuntimeError, match="no value"):
        kept.value(tmp_path, "secret", fail)
    assert list(tmp_path.iterdir()) == []
