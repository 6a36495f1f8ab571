"""Tests of the file with the accounts: who can read it, what is in it, and two processes at once."""

import asyncio
import os
import sqlite3
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyotp
import pytest
from argon2 import PasswordHasher

from gateway.console.accounts.desk import Desk, Wanted
from gateway.console.accounts.entrance import Entrance
from gateway.console.accounts.errors import AccountRefused, AccountsUnavailable
from gateway.console.accounts.occurrences import Occurrence
from gateway.console.accounts.passwords import Hasher
from gateway.console.accounts.sealing import ConsoleKey, Unsealable, open_key
from gateway.console.accounts.store import AccountStore
from gateway.console.model import Role

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
PASSWORD = "một câu thật dài và dễ nhớ"
AUDITOR = Wanted("Trần Văn Thử", Role.NATIONAL_AUDITOR)
ADMINISTRATOR = Wanted("Trần Văn Thử", Role.ADMINISTRATOR)
ADD = """
import asyncio, sys
from pathlib import Path
from tests.gateway.console.accounts.test_store import ADMINISTRATOR, NOW, desk
from gateway.console.accounts.store import AccountStore

async def main(path, prefix):
    one = desk(AccountStore(Path(path)))
    for number in range(20):
        await one.add(f"{prefix}-{number}", ADMINISTRATOR, actor="test", now=NOW)

asyncio.run(main(*sys.argv[1:]))
"""


async def _record(_: Occurrence) -> None:
    """Recorded."""


def quick() -> Hasher:
    """A hasher that costs little."""
    return Hasher(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def desk(store: AccountStore, record: Any = _record) -> Desk:
    """A desk over a store."""
    return Desk(store, hasher=quick(), record=record, urandom=os.urandom)


async def test_what_a_thief_of_the_file_gets(tmp_path: Path) -> None:
    """After a whole first sign-in: no session id, no password, no secret of a second factor, no form token."""
    key = open_key(tmp_path / "console-key", os.urandom)
    path = tmp_path / "console.sqlite"
    store, hasher = AccountStore(path), quick()
    initial = await desk(store).add("an.nguyen", AUDITOR, actor="test", now=NOW)
    assert initial
    entrance = Entrance(store, key=key, hasher=hasher, record=_record)
    steps = [await entrance.password("an.nguyen", initial, client="192.0.2.77", now=NOW)]
    steps.append(await entrance.new_password(steps[-1].session, PASSWORD, now=NOW))
    secret = entrance.secret(steps[-1].session)
    final = await entrance.enrol(steps[-1].session, pyotp.TOTP(secret).at(NOW), now=NOW)
    assert final
    content = b"".join(one.read_bytes() for one in tmp_path.iterdir() if one.name != "console-key")
    assert b"an.nguyen" in content
    secrets = [initial, PASSWORD, secret, "192.0.2.77", *(key.form_token(s.session_id) for s in (*steps, final))]
    secrets += [s.session_id for s in (*steps, final)]
    for text in secrets:
        assert text.encode() not in content
        assert text not in repr((steps, final, store.read(lambda rows: rows.accounts())))
    hasher.close()
    store.close()


async def test_only_its_owner_reads_it(tmp_path: Path) -> None:
    """File, journal and folder are for their owner alone, whatever the umask."""
    path = tmp_path / "made" / "console.sqlite"
    store = AccountStore(path)
    before = os.umask(0)
    try:
        async with store.change() as rows:
            rows.end_session(b"x")
            assert all(stat.S_IMODE(one.stat().st_mode) == 0o600 for one in path.parent.iterdir())
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    store.close()


def test_a_secret_belongs_to_one_account() -> None:
    """A sealed secret put into another account's row, or altered, is none; another key opens nothing."""
    key = ConsoleKey(bytes(32), os.urandom)
    sealed = key.seal(b"secret", purpose="p", owner="an")
    assert key.open(sealed, purpose="p", owner="an") == b"secret"
    other = ConsoleKey(bytes(31) + b"1", os.urandom)
    for opener, content, purpose, owner in (
        (key, sealed, "p", "binh"),
        (key, sealed, "q", "an"),
        (key, sealed[:-1] + bytes([sealed[-1] ^ 1]), "p", "an"),
        (key, sealed[:12], "p", "an"),
        (key, b"", "p", "an"),
        (other, sealed, "p", "an"),
    ):
        with pytest.raises(Unsealable):
            opener.open(content, purpose=purpose, owner=owner)


async def test_what_raises_is_undone(tmp_path: Path) -> None:
    """An error in a change, a cancellation too, leaves what was before, and the next change goes on."""
    store = AccountStore(tmp_path / "console.sqlite")
    waits = asyncio.Event()

    async def never(_: Occurrence) -> None:
        waits.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(desk(store, never).add("an", AUDITOR, actor="test", now=NOW))
    await waits.wait()
    assert desk(store).accounts() == ()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert desk(store).accounts() == ()
    await desk(store).add("an", AUDITOR, actor="test", now=NOW)
    assert len(desk(store).accounts()) == 1
    store.close()


async def test_two_processes_at_once(tmp_path: Path) -> None:
    """The console and commands change accounts at the same time: nothing is lost, nothing fails."""
    path = tmp_path / "console.sqlite"
    children = [
        await asyncio.create_subprocess_exec(sys.executable, "-c", ADD, str(path), name, stderr=subprocess.PIPE)
        for name in ("one", "two")
    ]
    store = AccountStore(path)
    for number in range(20):
        await desk(store).add(f"mine-{number}", ADMINISTRATOR, actor="test", now=NOW)
        desk(store).accounts()
    for child in children:
        _, said = await child.communicate()
        assert child.returncode == 0, said
    assert len(desk(store).accounts()) == 60
    store.close()


async def test_the_last_administrator_of_two_at_once(tmp_path: Path) -> None:
    """Two consoles disable each other's administrator at the same moment: one of the two stays."""
    path = tmp_path / "console.sqlite"
    stores = AccountStore(path), AccountStore(path)
    for name in ("one", "two"):
        await desk(stores[0]).add(name, ADMINISTRATOR, actor="test", now=NOW)

    async def slow(_: Occurrence) -> None:
        await asyncio.sleep(0.02)

    acts = (desk(s, slow).disable(n, actor="test", now=NOW) for s, n in zip(stores, ("one", "two"), strict=True))
    done = await asyncio.gather(*acts, return_exceptions=True)
    refused = [one for one in done if isinstance(one, AccountRefused)]
    assert [one.code for one in refused] == ["last_administrator"]
    for store in stores:
        store.close()


async def test_a_file_that_is_held(tmp_path: Path) -> None:
    """A change waits for another process, and no longer than it was told to."""
    path = tmp_path / "console.sqlite"
    store = AccountStore(path, lock_wait=0.05)
    store.read(lambda rows: rows.accounts())
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(AccountsUnavailable) as refused:
        await desk(store).add("an", AUDITOR, actor="test", now=NOW)
    assert refused.value.reason == "locked"
    assert store.read(lambda rows: rows.accounts()) == ()
    other.execute("ROLLBACK")
    other.close()
    await desk(store).add("an", AUDITOR, actor="test", now=NOW)
    store.close()


@pytest.mark.parametrize("kind", ["newer", "no database", "folder"])
async def test_a_file_that_is_not_ours(tmp_path: Path, kind: str) -> None:
    """Another version's, no database at all, or a folder: refused, and left as it is."""
    path = tmp_path / "console.sqlite"
    if kind == "newer":
        other = sqlite3.connect(path)
        other.execute("PRAGMA user_version = 9")
        other.close()
    elif kind == "folder":
        path.mkdir()
    else:
        path.write_bytes(b"no database" * 100)
    store = AccountStore(path)
    with pytest.raises(AccountsUnavailable) as refused:
        store.read(lambda rows: rows.accounts())
    assert refused.value.reason == ("schema" if kind == "newer" else "failed")
    store.close()


async def test_an_older_hash_is_renewed(tmp_path: Path) -> None:
    """At the next sign-in a hash with other parameters is replaced; the password stays the same."""
    path = tmp_path / "console.sqlite"
    store, key = AccountStore(path), ConsoleKey(bytes(32), os.urandom)
    initial = await desk(store).add("an", AUDITOR, actor="test", now=NOW)
    assert initial
    newer = Hasher(PasswordHasher(time_cost=2, memory_cost=8, parallelism=1))
    entrance = Entrance(store, key=key, hasher=newer, record=_record)
    for _ in range(2):
        step = await entrance.password("an", initial, client="192.0.2.1", now=NOW)
        assert step.session.proven
        (held,) = store.read(lambda rows: rows.accounts())
        assert held.password
        assert not newer.outdated(held.password)
    newer.close()
    store.close()


async def test_guesses_at_the_same_moment_are_counted(tmp_path: Path) -> None:
    """Fifty at once: five are looked at, the others have to wait, as if they came one after the other."""
    store, key, hasher = AccountStore(tmp_path / "console.sqlite"), ConsoleKey(bytes(32), os.urandom), quick()
    entrance = Entrance(store, key=key, hasher=hasher, record=_record)
    tries = (entrance.password("an", "x", client=f"192.0.2.{n}", now=NOW) for n in range(50))
    done = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(not isinstance(one, BaseException) for one in done) == 5
    hasher.close()
    store.close()
