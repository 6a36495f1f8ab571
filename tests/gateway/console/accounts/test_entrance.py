"""Tests of signing in, without a browser: what is tried, counted, recorded and told."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.console.accounts.desk import Wanted
from gateway.console.accounts.entrance import CODE_SECONDS, INITIAL_SECONDS
from gateway.console.accounts.errors import AccountRefused, MustWait, SignInBusy, SignInRefused
from gateway.console.accounts.occurrences import Happening
from gateway.console.accounts.passwords import AT_ONCE
from gateway.console.accounts.rows import Stage
from gateway.console.accounts.sessions import Step
from gateway.console.model import DoorClosed, Role
from tests.gateway.console.accounts.office import CLIENT, NAME, Office, opened
from tests.gateway.console.signin.visitors import PASSWORD


async def _wrong(office: Office, *, name: str = NAME, client: str = CLIENT, proof: bytes = b"") -> None:
    with pytest.raises(SignInRefused):
        await office.code(
            await office.password("wrong", name=name, client=client, proof=proof), "000000", client=client
        )


async def _locked(office: Office, *, name: str = NAME, client: str = CLIENT, proof: bytes = b"") -> bool:
    try:
        await office.password("wrong", name=name, client=client, proof=proof)
    except MustWait:
        return True
    return False


async def test_the_steps(office: Office) -> None:
    """Password, new password, second factor, open; the next time password, code, open; a new id each time."""
    first = await office.password(await office.added())
    second = await office.entrance.new_password(first.session, PASSWORD, now=office.clock())
    secret = office.entrance.secret(second.session)
    third = await office.entrance.enrol(second.session, office.shown(secret), now=office.clock())
    assert third is not None
    stages = [step.session.stage for step in (first, second, third)]
    assert stages == [Stage.NEW_PASSWORD, Stage.SECOND_FACTOR, Stage.OPEN]
    assert len({step.session_id for step in (first, second, third)}) == 3
    assert [await office.knows(step) for step in (first, second, third)] == [False, False, True]


async def test_a_step_cannot_be_taken_twice_or_left_out(office: Office) -> None:
    """A session of one step is no session of another, and a used one is none at all."""
    person = await office.enrolled()
    office.clock.move(seconds=31)
    half = await office.password(PASSWORD)
    for act in (
        office.entrance.new_password(half.session, "một câu khác cũng dài", now=office.clock()),
        office.entrance.enrol(half.session, office.shown(person.secret), now=office.clock()),
        office.code(person.step, office.shown(person.secret)),
    ):
        with pytest.raises(SignInRefused):
            await act
    with pytest.raises(SignInRefused):
        office.entrance.secret(person.step.session)
    await office.code(half, office.shown(person.secret))
    office.clock.move(seconds=31)
    with pytest.raises(SignInRefused):
        await office.code(half, office.shown(person.secret))


async def test_a_session_says_nothing_about_itself(office: Office) -> None:
    """What a caller claims a session is does not count: the file does."""
    person = await office.enrolled()
    office.clock.move(seconds=31)
    unproven = await office.password("wrong")
    forged = replace(unproven.session, proven=True)
    with pytest.raises(SignInRefused):
        await office.entrance.code(forged, office.shown(person.secret), client=CLIENT, now=office.clock())


async def test_one_code_for_two_requests(office: Office) -> None:
    """The same code in two sign-ins at the same moment opens one session."""
    person = await office.enrolled()
    office.clock.move(seconds=31)
    halves = [await office.password(PASSWORD) for _ in range(2)]
    code = office.shown(person.secret)
    results = await asyncio.gather(*(office.code(half, code) for half in halves), return_exceptions=True)
    assert sorted(type(one).__name__ for one in results) == ["SignInRefused", "Step"]


async def test_disabled_between_the_steps(office: Office) -> None:
    """Whoever is disabled after the password was right does not come in, and neither after a reset."""
    person = await office.enrolled()
    for act in (office.desk.disable, office.desk.enable, office.desk.reset):
        office.clock.move(seconds=31)
        half = await office.password(PASSWORD)
        await act(NAME, actor="root", now=office.clock())
        if act != office.desk.enable:
            with pytest.raises(SignInRefused):
                await office.code(half, office.shown(person.secret))
    assert office.log.words().count("signed_in") == 1


async def test_the_initial_password_is_good_for_a_week(office: Office) -> None:
    """After that it is as wrong as any, until an administrator makes a new one; one's own is good for ever."""
    initial = await office.added()
    office.clock.move(seconds=INITIAL_SECONDS - 1)
    assert (await office.password(initial)).session.stage is Stage.NEW_PASSWORD
    office.clock.move(seconds=1)
    late = await office.password(initial)
    assert (late.session.stage, late.session.proven) == (Stage.CODE, False)
    again = await office.desk.reset(NAME, actor="root", now=office.clock())
    assert (await office.password(again)).session.stage is Stage.NEW_PASSWORD
    other = await office.enrolled("binh.le")
    office.clock.move(seconds=2 * INITIAL_SECONDS)
    assert (await other.sign_in()).session.stage is Stage.OPEN


async def test_a_new_password_is_not_the_old_one(office: Office) -> None:
    """Nor a short one; and the step can be tried again."""
    initial = await office.added()
    step = await office.password(initial)
    for password, code in (
        (initial, "password_same"),
        ("short", "password_short"),
        (NAME + "......", "password_common"),
    ):
        with pytest.raises(AccountRefused) as refused:
            await office.entrance.new_password(step.session, password, now=office.clock())
        assert refused.value.code == code
    assert (await office.entrance.new_password(step.session, PASSWORD, now=office.clock())).session.proven


async def test_a_wrong_code_while_enrolling(office: Office) -> None:
    """Nothing is enrolled, and the next code of the same secret is good."""
    step = await office.password(await office.added())
    step = await office.entrance.new_password(step.session, PASSWORD, now=office.clock())
    secret = office.entrance.secret(step.session)
    assert await office.entrance.enrol(step.session, office.not_shown(secret), now=office.clock()) is None
    assert office.entrance.secret(step.session) == secret
    assert await office.entrance.enrol(step.session, office.shown(secret), now=office.clock()) is not None


async def test_the_code_that_enrolled_is_used_up(office: Office) -> None:
    """Whoever looked on while somebody enrolled cannot sign in with that code."""
    person = await office.enrolled()
    with pytest.raises(SignInRefused):
        await office.code(await office.password(PASSWORD), office.shown(person.secret))


@pytest.mark.parametrize("name", [NAME, "nobody"])
async def test_attempts_are_counted(office: Office, name: str) -> None:
    """Five wrong ones from anywhere and the name waits, whether it exists or not; one entry for each wait."""
    await office.enrolled()
    for number in range(5):
        await _wrong(office, name=name, client=f"198.51.100.{number}")
    for number in range(3):
        assert await _locked(office, name=name, client=f"203.0.113.{number}")
    assert office.log.count(Happening.LOCKED) == 1
    assert office.log.told[-1].account == (NAME if name == NAME else "")


async def test_nobody_is_locked_out_of_his_own_browser(office: Office) -> None:
    """Somebody tries a name all day from everywhere: its owner signs in as before, where he has signed in before."""
    person = await office.enrolled()
    proof = office.entrance.proof(person.step.session)
    for number in range(12):
        if not await _locked(office, client=f"198.51.100.{number}"):
            office.clock.move(seconds=1)
    assert await _locked(office)
    assert (await person.sign_in(proof=proof)).session.stage is Stage.OPEN
    assert await _locked(office, client="203.0.113.1")


async def test_a_known_browser_is_counted_too(office: Office) -> None:
    """Who steals it has five attempts like everybody else, for this one name."""
    person = await office.enrolled()
    proof = office.entrance.proof(person.step.session)
    for number in range(5):
        await _wrong(office, client=f"198.51.100.{number}", proof=proof)
    assert await _locked(office, client="198.51.100.9", proof=proof)
    assert not await _locked(office, client="198.51.100.9")


async def test_proof_of_a_browser(office: Office) -> None:
    """It is kept as long as it is good, counts for its own account alone, and cannot be made up."""
    person, other = await office.enrolled(), await office.enrolled("binh.le")
    proof = office.entrance.proof(person.step.session)
    assert office.entrance.proof(person.step.session, proof) == proof
    theirs = office.entrance.proof(other.step.session, proof)
    assert theirs != proof
    for false in (theirs, proof[:-1], b"x" * 60, b""):
        office.clock.move(hours=48)
        for number in range(5):
            await _wrong(office, client=f"198.51.100.{number}", proof=false)
        assert await _locked(office, client="203.0.113.1", proof=false)


@pytest.mark.parametrize(
    ("clients", "one"),
    [
        ([f"2001:db8:1:2::{n}" for n in range(6)], True),
        ([f"2001:db8:1:{n}::1" for n in range(6)], False),
        (["203.0.113.9", "::ffff:203.0.113.9"] * 3, True),
        ([f"203.0.113.{n}" for n in range(6)], False),
        (["unix"] * 6, True),
    ],
)
async def test_addresses(office: Office, clients: list[str], *, one: bool) -> None:
    """Everybody has more IPv6 addresses than can be counted: what counts is the network he was given."""
    for number, client in enumerate(clients[:5]):
        await _wrong(office, name=f"name-{number}", client=client)
    assert await _locked(office, name="name-6", client=clients[5]) is one


async def test_right_attempts_do_not_wash_wrong_ones_away(office: Office) -> None:
    """Somebody with an account of his own cannot guess at others' between his own sign-ins."""
    person = await office.enrolled()
    for number in range(4):
        await _wrong(office, name=f"name-{number}")
        await person.sign_in()
    await _wrong(office, name="name-5")
    assert await _locked(office, name="name-6")


async def test_too_many_at_once_cost_nobody_an_attempt(tmp_path: Path) -> None:
    """While more passwords wait than can be checked, the rest are told so, and are not counted as wrong."""
    with opened(tmp_path, waiting=0) as office:
        person = await office.enrolled()
        office.clock.move(seconds=31)
        for _ in range(4):
            results = await asyncio.gather(
                *(office.password("wrong", name=f"name-{n}", client=f"198.51.100.{n}") for n in range(AT_ONCE)),
                *(office.password(PASSWORD) for _ in range(3)),
                return_exceptions=True,
            )
            assert [type(one) for one in results[AT_ONCE:]] == [SignInBusy] * 3
        step = await office.code(await office.password(PASSWORD), office.shown(person.secret))
    assert step.session.stage is Stage.OPEN


async def test_an_unknown_name_costs_the_same_work(office: Office) -> None:
    """One password is checked, one session begun, one entry written, for a name that exists and one that does not."""
    await office.enrolled()
    work = []
    for name in (NAME, "nobody"):
        before = office.hasher.checked, len(office.log.told)
        await _wrong(office, name=name, client=f"198.51.100.{len(work)}")
        work.append((office.hasher.checked - before[0], len(office.log.told) - before[1]))
    assert work == [(1, 1), (1, 1)]


async def test_half_a_sign_in_is_over_after_five_minutes(office: Office) -> None:
    """The guard looks it up, and finds nothing."""
    await office.enrolled()
    half = await office.password(PASSWORD)
    office.clock.move(seconds=CODE_SECONDS - 1)
    assert await office.knows(half)
    office.clock.move(seconds=1)
    assert not await office.knows(half)


async def test_signing_out(office: Office) -> None:
    """The session ends first; half a sign-in ends without an entry."""
    person = await office.enrolled()
    half = await office.password("wrong")
    told = len(office.log.told)
    await office.entrance.sign_out(half.session)
    assert len(office.log.told) == told
    office.log.closed = True
    with pytest.raises(DoorClosed):
        await office.entrance.sign_out(person.step.session)
    assert [await office.knows(step) for step in (half, person.step)] == [False, False]


async def test_old_parameters_are_replaced(office: Office) -> None:
    """A hash of weaker days is made anew at the next right password, and stays as it is at a wrong one."""
    person = await office.enrolled()
    kept = _hash(office)
    office.hasher._engine = type(office.hasher._engine)(time_cost=2, memory_cost=8, parallelism=1)
    await office.password("wrong", client="198.51.100.1")
    assert _hash(office) == kept
    await person.sign_in()
    assert _hash(office) != kept
    assert "t=2" in _hash(office)
    assert (await person.sign_in()).session.stage is Stage.OPEN


async def test_nothing_secret_is_recorded(office: Office) -> None:
    """No password, code, secret or id of a session is in what goes to the log."""
    person = await office.enrolled("binh.le", Role.ADMINISTRATOR)
    step: Step = await person.sign_in()
    await office.desk.alter("binh.le", Wanted("Khác", Role.ADMINISTRATOR), actor="root", now=office.clock())
    told = repr(office.log.told)
    for secret in (PASSWORD, person.secret, step.session_id, office.shown(person.secret), CLIENT):
        assert secret not in told


def _hash(office: Office) -> str:
    held = office.desk.account(NAME)
    assert held is not None
    assert held.password is not None
    return held.password


def test_a_week_is_a_week() -> None:
    """The page with the initial password says 7 days."""
    assert timedelta(seconds=INITIAL_SECONDS) == timedelta(days=7)
