"""Accounts over a real file, and somebody who signs in to them without a browser."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyotp

from gateway.console.accounts.desk import Desk, Wanted
from gateway.console.accounts.entrance import Entrance
from gateway.console.accounts.federation import Federation
from gateway.console.accounts.sealing import ConsoleKey
from gateway.console.accounts.sessions import Sessions, Step
from gateway.console.accounts.store import AccountStore
from gateway.console.model import Role
from tests.gateway.console.signin.visitors import PASSWORD, Clock, CountingHasher, Log

CLIENT = "192.0.2.1"
NAME = "an.nguyen"


class Office:
    """The parts over one store. `log` closes the door when a test wants it closed."""

    def __init__(self, path: Path, *, waiting: int = 32) -> None:
        self.clock, self.log, self.hasher = Clock(), Log(), CountingHasher(waiting=waiting)
        self.store = AccountStore(path)
        self.key = ConsoleKey(os.urandom(32), os.urandom)
        self.desk = Desk(self.store, hasher=self.hasher, record=self.log, urandom=os.urandom)
        self.entrance = Entrance(self.store, key=self.key, hasher=self.hasher, record=self.log)
        self.federation = Federation(self.store, key=self.key, record=self.log)
        self.sessions = Sessions(self.store)

    async def added(self, name: str = NAME, role: Role = Role.NATIONAL_AUDITOR, portals: tuple[str, ...] = ()) -> str:
        """A new local account: its initial password."""
        wanted = Wanted("Trần Văn Thử", role, portals)
        password = await self.desk.add(name, wanted, actor="test", now=self.clock())
        assert password is not None
        return password

    async def password(self, password: str, *, name: str = NAME, client: str = CLIENT, proof: bytes = b"") -> Step:
        """The first step of a sign-in."""
        return await self.entrance.password(name, password, client=client, now=self.clock(), proof=proof)

    async def code(self, step: Step, code: str, *, client: str = CLIENT, proof: bytes = b"") -> Step:
        """The second step."""
        return await self.entrance.code(step.session, code, client=client, now=self.clock(), proof=proof)

    async def enrolled(
        self, name: str = NAME, role: Role = Role.NATIONAL_AUDITOR, **given: tuple[str, ...]
    ) -> "Person":
        """A new account after its whole first sign-in."""
        first = await self.password(await self.added(name, role, **given), name=name)
        second = await self.entrance.new_password(first.session, PASSWORD, now=self.clock())
        secret = self.entrance.secret(second.session)
        third = await self.entrance.enrol(second.session, self.shown(secret), now=self.clock())
        assert third is not None
        return Person(self, name, secret, third)

    def shown(self, secret: str, ahead: int = 0) -> str:
        """What a phone shows, now or some steps later."""
        return pyotp.TOTP(secret).at(self.clock(), counter_offset=ahead)

    def not_shown(self, secret: str) -> str:
        """Six digits that are no code now, a step earlier or a step later."""
        right = {self.shown(secret, ahead) for ahead in (-1, 0, 1)}
        return next(code for code in ("000000", "111111", "222222", "333333") if code not in right)

    async def knows(self, step: Step) -> bool:
        """Whether a session is alive."""
        return await self.sessions.find(step.session_id, now=self.clock()) is not None


class Person:
    """Somebody with an account. `step`: the session of the first sign-in."""

    def __init__(self, office: Office, name: str, secret: str, step: Step) -> None:
        self.office, self.name, self.secret, self.step = office, name, secret, step

    async def sign_in(self, *, client: str = CLIENT, proof: bytes = b"") -> Step:
        """Both steps, half a minute after the code that was used last."""
        self.office.clock.move(seconds=31)
        step = await self.office.password(PASSWORD, name=self.name, client=client, proof=proof)
        return await self.office.code(step, self.office.shown(self.secret), client=client, proof=proof)


@contextmanager
def opened(folder: Path, *, waiting: int = 32) -> Iterator[Office]:
    """An office over a new file."""
    office = Office(folder / "console.sqlite", waiting=waiting)
    try:
        yield office
    finally:
        office.store.close()
        office.hasher.close()
