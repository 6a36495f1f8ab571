"""Signing in: name and password, then a code; at the first time a new password and a second factor of one's own.

Name and password are answered alike whether they are right or wrong: the code is asked for in any case, and what was
wrong is never told. Only an account that has no second factor yet goes on without one, to get one.

Attempts are counted for the name and for the client's address. A browser in which this name has signed in before holds
proof of it and is counted for itself: nobody can lock somebody out of the browser he works in by trying his name.

Rule of this file: a session is given a new id at every step (no fixation), and what happened is recorded before it
takes effect. An attempt that is given up before the code told nobody anything and is recorded nowhere but as a strike.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from gateway.console.accounts import lockout, passwords, second_factor
from gateway.console.accounts.desk import NEVER, canonical_username
from gateway.console.accounts.errors import AccountRefused, MustWait, SignInBusy, SignInRefused
from gateway.console.accounts.occurrences import Happening, Occurrence, Record
from gateway.console.accounts.passwords import Hasher
from gateway.console.accounts.rows import Held, Origin, Rows, Session, Stage
from gateway.console.accounts.sealing import ConsoleKey, Unsealable
from gateway.console.accounts.sessions import HOURS, Step, begin
from gateway.console.accounts.store import AccountStore

CODE_SECONDS = 5 * 60
ENROL_SECONDS = 15 * 60
INITIAL_SECONDS = 7 * 24 * 60 * 60
"""How long an initial password is good: it lies about on paper or in a message."""

_SECRET = "second factor"  # noqa: S105 - a purpose, not a secret
_BROWSER = "known browser"
_BROWSER_BYTES = 16
_HOUSEHOLD = 64
"""Bits of an IPv6 address that one subscriber has in common; he can have as many below it as he likes."""


class Entrance:
    """Signs in and out with a password and a second factor."""

    def __init__(
        self, store: AccountStore, *, key: ConsoleKey, hasher: Hasher, record: Record, hours: int = HOURS
    ) -> None:
        self._store, self._key, self._hasher, self._record = store, key, hasher, record
        self._longest = hours * 3600

    async def password(self, username: str, password: str, *, client: str, now: datetime, proof: bytes = b"") -> Step:
        """Name and password were given. The next step: a code in any case but one. `proof`: what the browser holds.

        Raises MustWait, SignInBusy, AccountsUnavailable, DoorClosed.
        """
        at, name = int(now.timestamp()), canonical_username(username)
        keys = self._keys(name, client, proof)
        await self._admit(name, keys, at)
        held = self._store.read(lambda rows: rows.account(name))
        try:
            right = await self._hasher.verify(held.password if held else None, password)
        except SignInBusy:
            # nobody looked at it, so nobody is to wait for it
            async with self._store.change() as rows:
                self._give_back(rows, keys, at)
            raise
        proven = right and held is not None and not held.account.disabled and not _expired(held, at)
        rehashed = None
        if proven and held is not None and held.password is not None and self._hasher.outdated(held.password):
            rehashed = await self._hasher.hash(password)
        async with self._store.change() as rows:
            # read again: it may have been disabled or reset while the password was checked
            current = rows.account(name)
            if held is None or current is None or (current.password, current.account) != (held.password, held.account):
                proven = False
            if proven and rehashed and current is not None:
                current = replace(current, password=rehashed)
                rows.put(current)
            if not proven or current is None:
                return self._begin(rows, current, Stage.CODE, at, proven=False)
            if current.must_change:
                self._forgive(rows, keys, at)
                return self._begin(rows, current, Stage.NEW_PASSWORD, at)
            if not current.enrolled:
                self._forgive(rows, keys, at)
                return self._begin(rows, self._with_secret(rows, current), Stage.SECOND_FACTOR, at)
            return self._begin(rows, current, Stage.CODE, at)

    async def code(self, session: Session, code: str, *, client: str, now: datetime, proof: bytes = b"") -> Step:
        """The code was given: the open session. One try for each time the password is given.

        Raises SignInRefused, AccountsUnavailable, DoorClosed.
        """
        at = int(now.timestamp())
        async with self._store.change() as rows:
            current = self._claimed(rows, session, Stage.CODE)
            held = rows.account(current.account) if current.account else None
            step = self._accepted(held, code, now) if held else None
            if held is not None and current.proven and step is not None and not held.account.disabled:
                opened = replace(held, last_step=step)
                rows.put(opened)
                self._forgive(rows, self._keys(held.account.username, client, proof), at)
                await self._record(_occurrence(Happening.SIGNED_IN, opened, how="password"))
                return self._begin(rows, opened, Stage.OPEN, at)
            await self._record(_failure(held))
        raise SignInRefused

    async def new_password(self, session: Session, password: str, *, now: datetime) -> Step:
        """The first password of one's own: next comes the second factor.

        Raises AccountRefused when it is not good enough, SignInRefused when the session is not at this step,
        SignInBusy, AccountsUnavailable, DoorClosed.
        """
        at = int(now.timestamp())
        before = self._store.read(lambda rows: self._owner(rows, session, Stage.NEW_PASSWORD))
        passwords.check(password, username=before.account.username, name=before.account.name)
        if await self._hasher.verify(before.password, password):
            raise AccountRefused("password_same")
        hashed = await self._hasher.hash(password)
        async with self._store.change() as rows:
            held = self._owner(rows, session, Stage.NEW_PASSWORD)
            rows.end_sessions_of(held.account.username)
            changed = self._with_secret(rows, replace(held, password=hashed, must_change=False, updated=at))
            await self._record(_occurrence(Happening.PASSWORD_SET, changed))
            return self._begin(rows, changed, Stage.SECOND_FACTOR, at)

    def secret(self, session: Session) -> str:
        """The secret of the second factor that waits to be confirmed, base32.

        Raises SignInRefused when the session is not at this step, AccountsUnavailable.
        """
        held = self._store.read(lambda rows: self._owner(rows, session, Stage.SECOND_FACTOR))
        opened = self._opened(held)
        if opened is None:
            raise SignInRefused
        return opened

    async def enrol(self, session: Session, code: str, *, now: datetime) -> Step | None:
        """The code that confirms the second factor: the open session, or None when the code is wrong.

        Raises SignInRefused when the session is not at this step, AccountsUnavailable, DoorClosed.
        """
        at = int(now.timestamp())
        async with self._store.change() as rows:
            held = self._owner(rows, session, Stage.SECOND_FACTOR)
            step = self._accepted(held, code, now)
            if step is None:
                return None
            rows.end_sessions_of(held.account.username)
            enrolled = replace(held, enrolled=True, last_step=step, updated=at)
            rows.put(enrolled)
            await self._record(_occurrence(Happening.ENROLLED, enrolled))
            await self._record(_occurrence(Happening.SIGNED_IN, enrolled, how="password"))
            return self._begin(rows, enrolled, Stage.OPEN, at)

    async def sign_out(self, session: Session) -> None:
        """End the session. It ends even when that cannot be recorded: nobody is held in.

        Raises AccountsUnavailable; DoorClosed after the session ended.
        """
        async with self._store.change() as rows:
            rows.end_session(session.key)
            held = rows.account(session.account) if session.account else None
        if held is not None and session.stage is Stage.OPEN:
            await self._record(_occurrence(Happening.SIGNED_OUT, held))

    def proof(self, session: Session, given: bytes = b"") -> bytes:
        """What a browser holds after a sign-in, to be known by; what it has already, when that is of this account."""
        name = session.account or ""
        if self._browser(name, given) is not None:
            return given
        return self._key.seal(self._key.urandom(_BROWSER_BYTES), purpose=_BROWSER, owner=name)

    async def _admit(self, name: str, keys: Sequence[bytes], at: int) -> None:
        wait, first = 0, False
        async with self._store.change() as rows:
            for key in keys:
                strikes = rows.strikes(key)
                if seconds := lockout.waiting(strikes, at):
                    wait, first = max(wait, seconds), first or not strikes.told
                    rows.remember(key, replace(strikes, told=True), at)
            if not wait:
                for key in keys:
                    rows.remember(key, lockout.charged(rows.strikes(key), at), at)
            elif first:
                # once for each wait, so that whoever is locked out cannot fill the log by trying on
                held = rows.account(name)
                await self._record(_occurrence(Happening.LOCKED, held, minutes=str(_minutes(wait))))
        if wait:
            raise MustWait(_minutes(wait))

    def _forgive(self, rows: Rows, keys: Sequence[bytes], at: int) -> None:
        """The attempt was right: the name or browser starts anew, the address is given back this one attempt only."""
        mine, *theirs = keys
        rows.remember(mine, lockout.NONE, at)
        self._give_back(rows, theirs, at)

    def _give_back(self, rows: Rows, keys: Sequence[bytes], at: int) -> None:
        for key in keys:
            rows.remember(key, lockout.given_back(rows.strikes(key), at), at)

    def _keys(self, name: str, client: str, proof: bytes) -> tuple[bytes, ...]:
        """What the attempt is counted for: the browser, or the name and the address."""
        browser = self._browser(name, proof)
        if browser is not None:
            return (self._key.hashed(f"{name}\x00{browser.hex()}", purpose="strikes of a browser"),)
        return (
            self._key.hashed(name, purpose="strikes of a name"),
            self._key.hashed(_neighbourhood(client), purpose="strikes of a client"),
        )

    def _browser(self, name: str, proof: bytes) -> bytes | None:
        try:
            return self._key.open(proof, purpose=_BROWSER, owner=name) if proof else None
        except Unsealable:
            return None

    def _begin(self, rows: Rows, held: Held | None, stage: Stage, at: int, *, proven: bool = True) -> Step:
        lasts = {Stage.CODE: CODE_SECONDS, Stage.OPEN: self._longest}.get(stage, ENROL_SECONDS)
        account = held.account.username if held else None
        return begin(rows, account, stage, at=at, lasts=lasts, urandom=self._key.urandom, proven=proven)

    def _claimed(self, rows: Rows, session: Session, stage: Stage) -> Session:
        """The session as it is now, taken out: two requests cannot both use it."""
        current = rows.session(session.key)
        if current is None or current.stage is not stage:
            raise SignInRefused
        rows.end_session(session.key)
        return current

    def _owner(self, rows: Rows, session: Session, stage: Stage) -> Held:
        current = rows.session(session.key)
        held = rows.account(current.account) if current and current.account and current.stage is stage else None
        if held is None or held.account.disabled or held.origin is not Origin.LOCAL:
            raise SignInRefused
        return held

    def _with_secret(self, rows: Rows, held: Held) -> Held:
        secret = second_factor.new_secret(self._key.urandom)
        sealed = self._key.seal(secret.encode(), purpose=_SECRET, owner=held.account.username)
        changed = replace(held, secret=sealed, enrolled=False, last_step=NEVER)
        rows.put(changed)
        return changed

    def _opened(self, held: Held) -> str | None:
        if held.secret is None:
            return None
        try:
            return self._key.open(held.secret, purpose=_SECRET, owner=held.account.username).decode()
        except Unsealable:
            return None

    def _accepted(self, held: Held, code: str, now: datetime) -> int | None:
        secret = self._opened(held)
        if secret is None:
            return None
        return second_factor.accepted_step(secret, code, now=now, last=held.last_step)


def _occurrence(action: Happening, held: Held | None, **detail: str) -> Occurrence:
    name = held.account.username if held else ""
    return Occurrence(action, name, name, held.account if held else None, detail)


def _failure(held: Held | None) -> Occurrence:
    # unknown names are recorded too, without the name: otherwise the time of an answer would tell which exist
    return _occurrence(Happening.SIGN_IN_FAILED, held, how="password")


def _expired(held: Held, at: int) -> bool:
    return held.must_change and at - held.updated >= INITIAL_SECONDS


def _neighbourhood(client: str) -> str:
    """The address that counts: of IPv6 the part a subscriber cannot change, of IPv4 within IPv6 that of IPv4."""
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return client
    if address.version == 4:
        return str(address)
    return str(address.ipv4_mapped or ipaddress.ip_network((int(address), _HOUSEHOLD), strict=False))


def _minutes(seconds: int) -> int:
    return max(1, -(-seconds // 60))
