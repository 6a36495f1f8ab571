"""Tests of accounts that an identity provider vouches for, without the provider."""

import pytest

from gateway.console.accounts.desk import Subject, Wanted
from gateway.console.accounts.errors import SignInRefused
from gateway.console.accounts.federation import ACTOR, Identity, _username
from gateway.console.accounts.occurrences import Happening
from gateway.console.accounts.rows import Origin, Stage
from gateway.console.model import DoorClosed, Role, Scope
from tests.gateway.console.accounts.office import Office

ISSUER = "https://id.example"
SUBJECT = Subject(ISSUER, "u-1")


def _identity(
    role: Role | None = Role.NATIONAL_AUDITOR,
    portals: tuple[str, ...] = (),
    *,
    subject: Subject = SUBJECT,
    name: str = "Lê Thị Thử",
) -> Identity:
    return Identity(subject, name, role, portals)


async def test_the_first_time(office: Office) -> None:
    """An account is made with the role of the claims, under a name nobody chose, and both are recorded."""
    step = await office.federation.sign_in(_identity(), now=office.clock())
    (held,) = office.desk.accounts()
    assert (step.session.stage, step.session.single_sign_on) == (Stage.OPEN, True)
    assert (held.origin, held.account.role, held.account.username) == (
        Origin.CLAIMS,
        Role.NATIONAL_AUDITOR,
        _username(SUBJECT),
    )
    assert office.log.words() == ["added", "signed_in"]
    assert office.log.told[0].actor == ACTOR
    assert SUBJECT.sub not in repr(office.log.told)


async def test_the_same_subject_elsewhere_is_somebody_else(office: Office) -> None:
    """Issuer and subject together are a person: the same `sub` of another issuer has another account."""
    await office.federation.sign_in(_identity(), now=office.clock())
    other = Subject("https://other.example", "u-1")
    await office.federation.sign_in(_identity(subject=other), now=office.clock())
    assert len(office.desk.accounts()) == 2
    seam = Subject(f"{ISSUER}\x00u", "-1"), Subject(ISSUER, "u\x00-1")
    assert _username(seam[0]) != _username(SUBJECT)
    assert _username(seam[1]) != _username(SUBJECT)


@pytest.mark.parametrize(
    ("role", "portals"),
    [(Role.OPERATOR, ()), (Role.PROVINCIAL_AUDITOR, ("H15",)), (Role.PROVINCIAL_AUDITOR, ("H14", "H15"))],
)
async def test_other_claims_end_what_was_open(office: Office, role: Role, portals: tuple[str, ...]) -> None:
    """Another role, another province, one more: what was open under the old claims is over."""
    before = _identity(Role.PROVINCIAL_AUDITOR, ("H14",))
    first = await office.federation.sign_in(before, now=office.clock())
    again = await office.federation.sign_in(before, now=office.clock())
    assert await office.knows(first)
    third = await office.federation.sign_in(_identity(role, portals), now=office.clock())
    assert [await office.knows(step) for step in (first, again, third)] == [False, False, True]
    (held,) = office.desk.accounts()
    assert (held.account.role, held.account.scope) == (role, Scope(frozenset(portals) or None))
    assert office.log.words()[-2:] == ["altered", "signed_in"]


@pytest.mark.parametrize(
    "identity",
    [_identity(None), _identity(Role.PROVINCIAL_AUDITOR), _identity(Role.PROVINCIAL_AUDITOR, ("?",))],
)
async def test_without_a_role_or_province(office: Office, identity: Identity) -> None:
    """Nobody comes in, no account is made, the attempt is recorded; and one who had a role before keeps nothing."""
    with pytest.raises(SignInRefused):
        await office.federation.sign_in(identity, now=office.clock())
    assert office.desk.accounts() == ()
    assert office.log.words() == ["sign_in_failed"]
    await office.federation.sign_in(_identity(), now=office.clock())
    with pytest.raises(SignInRefused):
        await office.federation.sign_in(identity, now=office.clock())


async def test_disabled_here_is_disabled(office: Office) -> None:
    """Whatever the claims say, for accounts by claims and for bound ones."""
    await office.federation.sign_in(_identity(), now=office.clock())
    bound = Subject(ISSUER, "u-2")
    wanted = Wanted("Trần Văn Thử", Role.OPERATOR)
    await office.desk.add("tran.thu", wanted, actor="root", now=office.clock(), subject=bound)
    for name, subject in ((_username(SUBJECT), SUBJECT), ("tran.thu", bound)):
        await office.desk.disable(name, actor="root", now=office.clock())
        with pytest.raises(SignInRefused):
            await office.federation.sign_in(_identity(Role.ADMINISTRATOR, subject=subject), now=office.clock())
        held = office.desk.account(name)
        assert held is not None
        assert held.account.disabled
        assert held.account.role is not Role.ADMINISTRATOR


async def test_a_bound_account_keeps_its_role(office: Office) -> None:
    """The provider says who it is; what he may was said here."""
    wanted = Wanted("Trần Văn Thử", Role.PROVINCIAL_AUDITOR, ("H14",))
    await office.desk.add("tran.thu", wanted, actor="root", now=office.clock(), subject=SUBJECT)
    before = office.desk.account("tran.thu")
    step = await office.federation.sign_in(_identity(Role.ADMINISTRATOR), now=office.clock())
    assert step.session.account == "tran.thu"
    assert office.desk.account("tran.thu") == before


async def test_an_account_of_that_name_is_not_taken_over(office: Office) -> None:
    """Somebody has been given, by hand, the name that follows from a subject: the subject does not get the account."""
    person = await office.enrolled(_username(SUBJECT), Role.ADMINISTRATOR)
    before = office.desk.accounts()
    with pytest.raises(SignInRefused):
        await office.federation.sign_in(_identity(), now=office.clock())
    assert office.desk.accounts() == before
    assert await office.knows(person.step)


async def test_what_cannot_be_recorded_did_not_happen(office: Office) -> None:
    """No account, no other role, no session."""
    office.log.closed = True
    with pytest.raises(DoorClosed):
        await office.federation.sign_in(_identity(), now=office.clock())
    assert office.desk.accounts() == ()
    office.log.closed = False
    step = await office.federation.sign_in(_identity(), now=office.clock())
    before = office.desk.accounts()
    office.log.closed = True
    with pytest.raises(DoorClosed):
        await office.federation.sign_in(_identity(Role.OPERATOR), now=office.clock())
    assert office.desk.accounts() == before
    assert await office.knows(step)


@pytest.mark.parametrize("name", ["", "Trần\u202egnaD", "x" * 200])
async def test_names_that_cannot_be_shown(office: Office, name: str) -> None:
    """Without a name the user name is shown; a name that cannot be shown is refused, never cut into something else."""
    if not name:
        await office.federation.sign_in(_identity(name=name), now=office.clock())
        assert office.desk.accounts()[0].account.name == _username(SUBJECT)
        return
    with pytest.raises(SignInRefused):
        await office.federation.sign_in(_identity(name=name), now=office.clock())
    assert office.log.count(Happening.SIGN_IN_FAILED) == 1
