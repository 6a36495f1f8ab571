"""Accounts as administrators change them: add, alter, disable, enable, reset. The same rules for pages and commands.

Rule of this file: each change is checked, recorded and committed in this order, in one transaction: what could not be
recorded did not happen. One enabled administrator who signs in here or is bound here stays, whatever happens.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from config.agency import canonical
from gateway.console.accounts import passwords
from gateway.console.accounts.errors import AccountRefused
from gateway.console.accounts.occurrences import Happening, Occurrence, Record
from gateway.console.accounts.passwords import Hasher
from gateway.console.accounts.rows import Held, Origin, Rows
from gateway.console.accounts.store import AccountStore
from gateway.console.model import EVERYTHING, Account, Role, Scope

_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")
_LONGEST_NAME = 120
_LONGEST_SUBJECT = 255
NEVER = -1
"""No time step was used yet."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an account is to be. `portals`: agency codes of a provincial auditor, empty for every other role."""

    name: str
    role: Role
    portals: tuple[str, ...] = ()
    language: str = "vi"


@dataclass(frozen=True, slots=True)
class Subject:
    """Who somebody is at an identity provider: OpenID Connect Core, section 2, `iss` and `sub`."""

    issuer: str
    sub: str = field(repr=False)


class Desk:
    """Makes the changes. `urandom` returns as many random bytes as asked for."""

    def __init__(self, store: AccountStore, *, hasher: Hasher, record: Record, urandom: Callable[[int], bytes]) -> None:
        self._store, self._hasher, self._record, self._urandom = store, hasher, record, urandom

    def accounts(self) -> tuple[Held, ...]:
        """All accounts, by name. Raises AccountsUnavailable."""
        return self._store.read(lambda rows: rows.accounts())

    def account(self, username: str) -> Held | None:
        """One account. Raises AccountsUnavailable."""
        return self._store.read(lambda rows: rows.account(canonical_username(username)))

    async def add(
        self, username: str, wanted: Wanted, *, actor: str, now: datetime, subject: Subject | None = None
    ) -> str | None:
        """Add an account. Its initial password, or None for one that is bound to an identity provider's subject.

        The password is to be shown once; it has to be changed at the first sign-in. Raises AccountRefused, SignInBusy,
        AccountsUnavailable, DoorClosed.
        """
        name = canonical_username(username)
        account = made(name, wanted)
        password = None if subject else passwords.initial(self._urandom)
        hashed = None if password is None else await self._hasher.hash(password)
        async with self._store.change() as rows:
            if rows.account(name):
                raise AccountRefused("username_taken")
            if subject is not None:
                _check_subject(rows, subject)
            at = int(now.timestamp())
            held = Held(
                account=account,
                origin=Origin.BOUND if subject else Origin.LOCAL,
                password=hashed,
                must_change=hashed is not None,
                secret=None,
                enrolled=False,
                last_step=NEVER,
                issuer=subject.issuer if subject else None,
                subject=subject.sub if subject else None,
                created=at,
                updated=at,
            )
            rows.put(held)
            await self._tell(Happening.ADDED, held, actor, role=account.role.value, portals=_portals(account))
        return password

    async def alter(self, username: str, wanted: Wanted, *, actor: str, now: datetime) -> None:
        """Give an account another name, language, role or portals. Another role or portals end its sessions.

        Raises AccountRefused, AccountsUnavailable, DoorClosed.
        """
        async with self._store.change() as rows:
            held = _existing(rows, username)
            account = replace(made(held.account.username, wanted), disabled=held.account.disabled)
            if account == held.account:
                return
            if account.role is not Role.ADMINISTRATOR:
                _keep_an_administrator(rows, held)
            if (account.role, account.scope) != (held.account.role, held.account.scope):
                rows.end_sessions_of(account.username)
            changed = replace(held, account=account, updated=int(now.timestamp()))
            rows.put(changed)
            await self._tell(Happening.ALTERED, changed, actor, role=account.role.value, portals=_portals(account))

    async def disable(self, username: str, *, actor: str, now: datetime) -> None:
        """Let an account sign in no more, and end its sessions.

        Raises AccountRefused, AccountsUnavailable, DoorClosed.
        """
        async with self._store.change() as rows:
            held = _existing(rows, username)
            if held.account.disabled:
                return
            _keep_an_administrator(rows, held)
            rows.end_sessions_of(held.account.username)
            await self._switch(rows, held, disabled=True, actor=actor, now=now)

    async def enable(self, username: str, *, actor: str, now: datetime) -> None:
        """Let an account sign in again. Raises AccountRefused, AccountsUnavailable, DoorClosed."""
        async with self._store.change() as rows:
            held = _existing(rows, username)
            if held.account.disabled:
                await self._switch(rows, held, disabled=False, actor=actor, now=now)

    async def reset(self, username: str, *, actor: str, now: datetime) -> str:
        """A new initial password, to be shown once. Ends the sessions; the second factor has to be enrolled again.

        Raises AccountRefused (`no_password` for a single sign-on account), SignInBusy, AccountsUnavailable, DoorClosed.
        """
        password = passwords.initial(self._urandom)
        hashed = await self._hasher.hash(password)
        async with self._store.change() as rows:
            held = _existing(rows, username)
            if held.origin is not Origin.LOCAL:
                raise AccountRefused("no_password")
            rows.end_sessions_of(held.account.username)
            changed = replace(
                held,
                password=hashed,
                must_change=True,
                secret=None,
                enrolled=False,
                last_step=NEVER,
                updated=int(now.timestamp()),
            )
            rows.put(changed)
            await self._tell(Happening.RESET, changed, actor)
        return password

    async def _switch(self, rows: Rows, held: Held, *, disabled: bool, actor: str, now: datetime) -> None:
        changed = replace(held, account=replace(held.account, disabled=disabled), updated=int(now.timestamp()))
        rows.put(changed)
        await self._tell(Happening.DISABLED if disabled else Happening.ENABLED, changed, actor)

    async def _tell(self, action: Happening, held: Held, actor: str, **detail: str) -> None:
        said = {word: value for word, value in detail.items() if value}
        await self._record(Occurrence(action, held.account.username, actor, held.account, said))


def canonical_username(typed: str) -> str:
    """A user name as it is kept: without blanks around it, in lower case. It may still be none that exists."""
    return unicodedata.normalize("NFKC", typed).strip().casefold()


def made(username: str, wanted: Wanted) -> Account:
    """An enabled account with these values. Raises AccountRefused."""
    if not _USERNAME.fullmatch(username):
        raise AccountRefused("username_invalid")
    name = " ".join(unicodedata.normalize("NFC", wanted.name).split())
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise AccountRefused("name_invalid")
    language = wanted.language if wanted.language in {"vi", "en"} else "vi"
    return Account(username, name, wanted.role, scope_of(wanted.role, wanted.portals), language)


def scope_of(role: Role, portals: tuple[str, ...]) -> Scope:
    """The scope of a role: portals for a provincial auditor, who must have one, everything else for everyone else.

    Raises AccountRefused.
    """
    if role is not Role.PROVINCIAL_AUDITOR:
        return EVERYTHING
    if not portals:
        raise AccountRefused("portals_missing")
    try:
        return Scope(frozenset(canonical(code) for code in portals))
    except ValueError:
        raise AccountRefused("portal_invalid") from None


def _existing(rows: Rows, username: str) -> Held:
    held = rows.account(canonical_username(username))
    if held is None:
        raise AccountRefused("account_unknown")
    return held


def _check_subject(rows: Rows, subject: Subject) -> None:
    if not subject.issuer or not 0 < len(subject.sub) <= _LONGEST_SUBJECT or not subject.sub.isprintable():
        raise AccountRefused("subject_invalid")
    if rows.account_of(subject.issuer, subject.sub):
        raise AccountRefused("subject_taken")


def _keep_an_administrator(rows: Rows, held: Held) -> None:
    """Raise AccountRefused when `held` is the last one who can mend everything else.

    Administrators by claims do not count: the identity provider may take the role away at any time.
    """

    def counts(one: Held) -> bool:
        return one.account.role is Role.ADMINISTRATOR and not one.account.disabled and one.origin is not Origin.CLAIMS

    if counts(held) and sum(counts(one) for one in rows.accounts()) == 1:
        raise AccountRefused("last_administrator")


def _portals(account: Account) -> str:
    return " ".join(sorted(account.scope.portals or ()))
