"""Tests of what is made with the console's key."""

import os
import stat
from pathlib import Path

import pytest

from gateway.audit.errors import KeyFileRefused
from gateway.console.accounts.sealing import ConsoleKey, Unsealable, new_session_id, open_key, session_key

KEY = ConsoleKey(bytes(range(32)), os.urandom)


def test_what_is_sealed_opens() -> None:
    """With its purpose and its owner, and never looks the same twice."""
    sealed = KEY.seal(b"secret", purpose="one", owner="an")
    assert KEY.open(sealed, purpose="one", owner="an") == b"secret"
    assert sealed != KEY.seal(b"secret", purpose="one", owner="an")
    assert b"secret" not in sealed


@pytest.mark.parametrize(("purpose", "owner"), [("one", "binh"), ("other", "an"), ("on", "e\x00an"), ("", "")])
def test_it_opens_for_nothing_else(purpose: str, owner: str) -> None:
    """Another account's, another use, or a seam moved between the two."""
    with pytest.raises(Unsealable):
        KEY.open(KEY.seal(b"secret", purpose="one", owner="an"), purpose=purpose, owner=owner)


def test_altered_or_cut_bytes_do_not_open() -> None:
    """Every single bit counts, and so does the length."""
    sealed = KEY.seal(b"secret", purpose="one", owner="an")
    broken = [sealed[:n] for n in range(len(sealed))]
    broken += [sealed[:n] + bytes([sealed[n] ^ 1]) + sealed[n + 1 :] for n in range(len(sealed))]
    for one in broken:
        with pytest.raises(Unsealable):
            KEY.open(one, purpose="one", owner="an")


def test_another_key_opens_nothing() -> None:
    """And makes other hashes and tokens."""
    other = ConsoleKey(bytes(32), os.urandom)
    with pytest.raises(Unsealable):
        other.open(KEY.seal(b"secret", purpose="one", owner="an"), purpose="one", owner="an")
    assert other.hashed("x", purpose="one") != KEY.hashed("x", purpose="one")
    assert other.form_token("x") != KEY.form_token("x")


def test_hashes_are_apart() -> None:
    """The same text for another purpose is another hash, and no hash is the token of a form."""
    session_id = new_session_id(os.urandom)
    assert KEY.hashed("x", purpose="one") != KEY.hashed("x", purpose="two")
    assert KEY.form_token(session_id) == KEY.form_token(session_id)
    assert KEY.form_token(session_id) != KEY.form_token(new_session_id(os.urandom))
    assert session_key(session_id).hex() not in KEY.form_token(session_id)
    assert (len(session_id), len(session_key(session_id))) == (43, 32)


def test_the_key_file(tmp_path: Path) -> None:
    """Drawn once, readable by its owner alone, and the same key at the next start."""
    path = tmp_path / "console-key"
    sealed = open_key(path, os.urandom).seal(b"secret", purpose="one", owner="an")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert open_key(path, os.urandom).open(sealed, purpose="one", owner="an") == b"secret"


def test_a_key_file_that_is_not_used(tmp_path: Path) -> None:
    """One that others can read, or of another length: the console does not start with it, and leaves it as it is."""
    short, open_to_all = tmp_path / "short", tmp_path / "open"
    short.write_bytes(b"x" * 31)
    short.chmod(0o600)
    open_to_all.write_bytes(b"x" * 32)
    open_to_all.chmod(0o644)
    for path in (short, open_to_all):
        before = path.read_bytes()
        with pytest.raises(KeyFileRefused):
            open_key(path, os.urandom)
        assert path.read_bytes() == before


def test_the_key_is_not_shown() -> None:
    """Neither it nor what is derived from it is in a `repr`."""
    assert bytes(range(32)).hex() not in repr(KEY)
    assert not hasattr(KEY, "__dict__")
