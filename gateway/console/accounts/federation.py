"""Signing in with what an identity provider said. It proves who somebody is; what he may is decided here.

Rule of this file: an account is found by issuer and subject alone. Names and addresses in claims are shown, never
looked up: a provider's user who calls himself like a local account does not become it.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256

from gateway.console.accounts.desk import NEVER, Subject, Wanted, made, scope_of
from gateway.console.accounts.errors import AccountRefused, SignInRefused
from gateway.console.accounts.occurrences import Happening, Occurrence, Record
from gateway.console.accounts.rows import Held, Origin, Rows, Stage
from gateway.console.accounts.sealing import ConsoleKey
from gateway.console.accounts.sessions import HOURS, Step, begin
from gateway.console.accounts.store import AccountStore
from gateway.console.model import Role

ACTOR = "single-sign-on"


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a verified ID token names. `role` and `portals`: what its claims are mapped to; None: to nothing."""

    subject: Subject
    name: str = field(repr=False)
    role: Role | None
    portals: tuple[str, ...]


class Federation:
    """Signs in by single sign-on."""

    def __init__(self, store: AccountStore, *, key: ConsoleKey, record: Record, hours: int = HOURS) -> None:
        self._store, self._key, self._record, self._longest = store, key, record, hours * 3600

    async def sign_in(self, identity: Identity, *, now: datetime) -> Step:
        """The open session of an account that is bound to the subject, or that the claims give a role.

        Raises SignInRefused when there is neither or the account is disabled; AccountsUnavailable, DoorClosed.
        """
        at = int(now.timestamp())
        async with self._store.change() as rows:
            known = rows.account_of(identity.subject.issuer, identity.subject.sub)
            held = await self._admitted(rows, known, identity, at)
            if held is not None:
                await self._record(_occurrence(Happening.SIGNED_IN, held))
                name = held.account.username
                return begin(
                    rows, name, Stage.OPEN, at=at, lasts=self._longest, urandom=self._key.urandom, single_sign_on=True
                )
            await self._record(_occurrence(Happening.SIGN_IN_FAILED, known))
        raise SignInRefused

    async def _admitted(self, rows: Rows, known: Held | None, identity: Identity, at: int) -> Held | None:
        if known is not None and (known.account.disabled or known.origin is Origin.BOUND):
            return None if known.account.disabled else known
        if identity.role is None:
            return None
        try:
            scope_of(identity.role, identity.portals)
            held = self._by_claims(known, identity, at)
        except AccountRefused:
            return None
        if held == known:
            return known
        if known is not None:
            rows.end_sessions_of(known.account.username)
        elif rows.account(held.account.username) is not None:
            return None  # somebody was given this name by hand: that account is not handed over
        rows.put(held)
        portals = " ".join(sorted(held.account.scope.portals or ()))
        detail = {"role": held.account.role.value, **({"portals": portals} if portals else {})}
        action = Happening.ADDED if known is None else Happening.ALTERED
        await self._record(Occurrence(action, held.account.username, ACTOR, held.account, detail))
        return held

    def _by_claims(self, known: Held | None, identity: Identity, at: int) -> Held:
        assert identity.role is not None  # noqa: S101  # asked by the caller
        username = known.account.username if known else _username(identity.subject)
        language = known.account.language if known else "vi"
        account = made(username, Wanted(identity.name or username, identity.role, identity.portals, language))
        if known is not None:
            return known if known.account == account else replace(known, account=account, updated=at)
        return Held(
            account=account,
            origin=Origin.CLAIMS,
            password=None,
            must_change=False,
            secret=None,
            enrolled=False,
            last_step=NEVER,
            issuer=identity.subject.issuer,
            subject=identity.subject.sub,
            created=at,
            updated=at,
        )


def _username(subject: Subject) -> str:
    """A name that follows from the subject, so that nobody can choose to be called like somebody else."""
    both = f"{subject.issuer}\x00{subject.sub}"
    return f"sso-{sha256(both.encode()).hexdigest()[:12]}"


def _occurrence(action: Happening, held: Held | None) -> Occurrence:
    name = held.account.username if held else ""
    return Occurrence(action, name, name or ACTOR, held.account if held else None, {"how": "single_sign_on"})
