"""The demo's accounts of the console: made at the same desk and through the same first sign-in as real ones.

Rule of this file: nothing is written past desk and entrance; every step is an entry of the log, by the gateway.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pyotp

from gateway.audit.keyfiles import read_private
from gateway.console import recording
from gateway.console.accounts import passwords
from gateway.console.accounts.desk import Desk, Wanted
from gateway.console.accounts.entrance import Entrance
from gateway.console.accounts.occurrences import Occurrence
from gateway.console.accounts.passwords import Hasher
from gateway.console.accounts.sealing import open_key
from gateway.console.accounts.store import AccountStore
from gateway.console.door import GatewayDoor
from gateway.console.model import Role

ACTOR = "command:demo"
NATIONAL = ("kiem-tra", Wanted("Trần Thị Kiểm", Role.NATIONAL_AUDITOR))
OTHERS = (
    ("thanh-tra-h26", Wanted("Lê Văn Hà", Role.PROVINCIAL_AUDITOR, ("H26",))),
    ("van-hanh", Wanted("Phạm Thị Vận", Role.OPERATOR, (), "en")),
    ("quan-tri", Wanted("Đỗ Văn Quản", Role.ADMINISTRATOR)),
)
_BEFORE = timedelta(minutes=2)
"""So much earlier the second factor is enrolled: a code is good once, and the one of this half minute stays unused."""


@dataclass(frozen=True, slots=True)
class Sample:
    """An account that can sign in at once. `totp_secret`: base32, for an app or `pyotp`."""

    username: str
    role: str
    password: str = field(repr=False)
    totp_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Office:
    desk: Desk
    entrance: Entrance
    now: Callable[[], datetime]


async def add(
    data_dir: Path, wanted: Sequence[tuple[str, Wanted]], *, gateway_url: str, now: Callable[[], datetime]
) -> list[Sample]:
    """Add accounts and make their first sign-in. `gateway_url`: the operations port, which records it."""
    folder = data_dir / "console"
    door = GatewayDoor(gateway_url, read_private(data_dir / "keys" / "console-secret").decode())

    async def record(occurrence: Occurrence) -> None:
        await door.tell(recording.notice(occurrence))

    key, store, hasher = open_key(folder / "console-key", os.urandom), AccountStore(folder / "console.sqlite"), Hasher()
    office = _Office(
        Desk(store, hasher=hasher, record=record, urandom=os.urandom),
        Entrance(store, key=key, hasher=hasher, record=record),
        lambda: now() - _BEFORE,
    )
    try:
        return [await _one(office, username, account) for username, account in wanted]
    finally:
        store.close()
        hasher.close()
        await door.close()


async def _one(office: _Office, username: str, wanted: Wanted) -> Sample:
    at, entrance = office.now, office.entrance
    password = passwords.initial(os.urandom)
    first = await entrance.password(username, await _initial(office, username, wanted), client="", now=at())
    second = await entrance.new_password(first.session, password, now=at())
    secret = entrance.secret(second.session)
    done = await entrance.enrol(second.session, pyotp.TOTP(secret).at(at()), now=at())
    if done is None:
        raise RuntimeError("the clock went on by minutes in the middle of a sign-in")
    await entrance.sign_out(done.session)
    return Sample(username, wanted.role.value, password, secret)


async def _initial(office: _Office, username: str, wanted: Wanted) -> str:
    """The initial password of a new account; of one that an earlier demo left in the folder, a new one."""
    if office.desk.account(username) is not None:
        return await office.desk.reset(username, actor=ACTOR, now=office.now())
    password = await office.desk.add(username, wanted, actor=ACTOR, now=office.now())
    if password is None:
        raise RuntimeError("a local account has a password")
    return password
