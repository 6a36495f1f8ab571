"""Tests of who is behind a cookie."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from gateway.console.accounts.desk import Wanted
from gateway.console.accounts.rows import Stage
from gateway.console.accounts.sessions import HOURS, IDLE_SECONDS, begin
from gateway.console.model import Role, Scope
from tests.gateway.console.accounts.office import NAME, Office


async def test_a_session_is_found_by_its_id(office: Office) -> None:
    """By nothing else: neither by its key in the file nor by a part of it."""
    person = await office.enrolled()
    found = await office.sessions.find(person.step.session_id, now=office.clock())
    assert found is not None
    assert found.held is not None
    assert found.held.account.username == NAME
    for other in ("", "A" * 43, person.step.session_id[:-1], person.step.session.key.hex()):
        assert await office.sessions.find(other, now=office.clock()) is None


async def test_the_id_is_kept_nowhere(office: Office, tmp_path: Path) -> None:
    """Who steals the file gets no session."""
    person = await office.enrolled()
    assert person.step.session_id.encode() not in (tmp_path / "console.sqlite").read_bytes()
    assert person.step.session_id not in repr(person.step)


async def test_it_ends_when_nobody_uses_it(office: Office) -> None:
    """A request within 15 minutes keeps it, for 10 hours in all."""
    person = await office.enrolled()
    for _ in range(HOURS * 60 // 14):
        office.clock.move(minutes=14)
        assert await office.knows(person.step)
    office.clock.move(minutes=14)
    assert not await office.knows(person.step)
    step = await person.sign_in()
    office.clock.move(seconds=IDLE_SECONDS)
    assert not await office.knows(step)


async def test_a_clock_that_went_back_ends_it(office: Office) -> None:
    """A session from the future is none: otherwise it would last as long as the clock was wrong."""
    person = await office.enrolled()
    office.clock.move(seconds=-IDLE_SECONDS)
    assert await office.knows(person.step)
    office.clock.move(seconds=-1)
    assert not await office.knows(person.step)


async def test_not_every_request_writes(office: Office) -> None:
    """When it was used is noted once a minute."""
    person = await office.enrolled()
    for seconds, noted in ((59, 0), (1, 60), (30, 60), (30, 120)):
        office.clock.move(seconds=seconds)
        await office.knows(person.step)
        (kept,) = office.sessions.of(NAME, now=office.clock())
        assert kept.seen - kept.created == noted


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted("Trần Văn Thử", Role.OPERATOR),
        Wanted("Trần Văn Thử", Role.PROVINCIAL_AUDITOR, ("H14",)),
        Wanted("Trần Văn Thử", Role.PROVINCIAL_AUDITOR, ("H15", "H14")),
    ],
)
async def test_another_role_or_province_ends_it(office: Office, wanted: Wanted) -> None:
    """What was open under the old rights is open no more, in every browser."""
    person = await office.enrolled(NAME, Role.PROVINCIAL_AUDITOR, portals=("H15",))
    other = await person.sign_in()
    await office.desk.alter(NAME, wanted, actor="test", now=office.clock())
    assert not await office.knows(person.step)
    assert not await office.knows(other)
    again = await office.sessions.find((await person.sign_in()).session_id, now=office.clock())
    assert again is not None
    assert again.held is not None
    assert again.held.account.role is wanted.role
    assert again.held.account.scope == Scope(frozenset(wanted.portals) or None)


async def test_another_name_or_language_does_not(office: Office) -> None:
    """It is shown at the next request."""
    person = await office.enrolled()
    wanted = Wanted("Lê Thị Thử", Role.NATIONAL_AUDITOR, (), "en")
    await office.desk.alter(NAME, wanted, actor="test", now=office.clock())
    found = await office.sessions.find(person.step.session_id, now=office.clock())
    assert found is not None
    assert found.held is not None
    assert (found.held.account.name, found.held.account.language) == ("Lê Thị Thử", "en")


async def test_disabled_and_reset_end_it(office: Office) -> None:
    """At once, and enabling does not bring it back."""
    person = await office.enrolled()
    await office.desk.disable(NAME, actor="test", now=office.clock())
    assert not await office.knows(person.step)
    await office.desk.enable(NAME, actor="test", now=office.clock())
    assert not await office.knows(person.step)
    step = await person.sign_in()
    await office.desk.reset(NAME, actor="test", now=office.clock())
    assert not await office.knows(step)


async def test_the_account_is_read_for_every_request(office: Office) -> None:
    """A session whose account was disabled or reset behind our back, in the file, is none either."""
    person = await office.enrolled()
    held = office.desk.account(NAME)
    assert held is not None
    for changed in (
        replace(held, account=replace(held.account, disabled=True)),
        replace(held, must_change=True),
        replace(held, enrolled=False),
    ):
        async with office.store.change() as rows:
            rows.put(changed)
        assert not await office.knows(person.step)
        async with office.store.change() as rows:
            rows.put(held)
        assert await office.knows(person.step)


async def test_own_sessions_and_the_others(office: Office) -> None:
    """One's own alone, the newest first; all but one can be ended; half a sign-in is not counted."""
    person, stranger = await office.enrolled(), await office.enrolled("binh.le")
    second = await person.sign_in()
    await office.password("wrong")
    assert [s.key for s in office.sessions.of(NAME, now=office.clock())] == [
        second.session.key,
        person.step.session.key,
    ]
    await office.sessions.end_others(second.session)
    assert await office.knows(second)
    assert not await office.knows(person.step)
    assert await office.knows(stranger.step)


async def test_what_ended_is_forgotten(office: Office) -> None:
    """A new session sweeps out those whose time is over."""
    async with office.store.change() as rows:
        at = int(office.clock().timestamp())
        old = begin(rows, None, Stage.CODE, at=at, lasts=60, urandom=os.urandom, proven=False)
        begin(rows, None, Stage.CODE, at=at + 60, lasts=60, urandom=os.urandom, proven=False)
        assert rows.session(old.session.key) is None
