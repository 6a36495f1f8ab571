"""Tests of accounts as administrators change them."""

import asyncio

import pytest

from gateway.console.accounts.desk import Subject, Wanted, canonical_username, made
from gateway.console.accounts.errors import AccountRefused
from gateway.console.accounts.rows import Held, Origin
from gateway.console.model import EVERYTHING, DoorClosed, Role, Scope
from tests.gateway.console.accounts.office import NAME, Office

AUDITOR = Wanted("Trần Văn Thử", Role.NATIONAL_AUDITOR)
ADMINISTRATOR = Wanted("Lê Thị Thử", Role.ADMINISTRATOR)


def _held(office: Office, name: str = NAME) -> Held:
    held = office.desk.account(name)
    assert held is not None
    return held


async def test_a_new_account(office: Office) -> None:
    """It has an initial password that has to be changed, no second factor, and an entry that says who added it."""
    password = await office.desk.add(" An.Nguyen ", AUDITOR, actor="root", now=office.clock())
    held = _held(office)
    assert password is not None
    assert (held.origin, held.must_change, held.enrolled, held.secret) == (Origin.LOCAL, True, False, None)
    assert password not in repr(office.log.told)
    told = office.log.told[0]
    assert (told.account, told.actor, told.detail) == (NAME, "root", {"role": "national_auditor"})


@pytest.mark.parametrize(
    "name", ["", "a", "-an", "an nguyen", "an/nguyen", "an\x00", "nguyễn", "x" * 65, "../an", "a\n"]
)
def test_user_names(name: str) -> None:
    """Only what is safe in an address, a file and a log."""
    with pytest.raises(AccountRefused) as refused:
        made(canonical_username(name) if name != "a\n" else name, AUDITOR)
    assert refused.value.code == "username_invalid"


def test_one_way_to_write_a_name() -> None:
    """However it is typed: case, blanks around it, full-width letters of an Asian keyboard."""
    assert {canonical_username(typed) for typed in ("an.nguyen", " AN.Nguyen\t", "ａｎ．ｎｇｕｙｅｎ")} == {NAME}


@pytest.mark.parametrize("name", ["", "  ", "x" * 121, "Trần\x00", "Trần\u202egnaD"])
def test_names_of_people(name: str) -> None:
    """Something one can read: no control characters, none that turn the text around."""
    with pytest.raises(AccountRefused) as refused:
        made(NAME, Wanted(name, Role.OPERATOR))
    assert refused.value.code == "name_invalid"


@pytest.mark.parametrize(
    ("role", "portals", "expected"),
    [
        (Role.PROVINCIAL_AUDITOR, ("000.00.00.H14", "H15.1"), Scope(frozenset({"H14", "H15.1"}))),
        (Role.NATIONAL_AUDITOR, ("H14",), EVERYTHING),
        (Role.PROVINCIAL_AUDITOR, (), "portals_missing"),
        (Role.PROVINCIAL_AUDITOR, ("H14", "?"), "portal_invalid"),
    ],
)
def test_scopes(role: Role, portals: tuple[str, ...], expected: Scope | str) -> None:
    """A provincial auditor sees the portals named, and there must be one; nobody else is restricted."""
    try:
        found: Scope | str = made(NAME, Wanted("Trần Văn Thử", role, portals)).scope
    except AccountRefused as error:
        found = error.code
    assert found == expected


async def test_a_name_is_taken_once(office: Office) -> None:
    """Also by two at the same moment, and the first keeps its password."""
    results = await asyncio.gather(
        *(office.desk.add(NAME, AUDITOR, actor="root", now=office.clock()) for _ in range(3)), return_exceptions=True
    )
    refused = [one for one in results if isinstance(one, AccountRefused)]
    (password,) = (one for one in results if isinstance(one, str))
    assert [one.code for one in refused] == ["username_taken"] * 2
    assert (await office.password(password)).session.stage.value == "new_password"
    assert office.log.words() == ["added"]


async def test_a_subject_is_bound_once(office: Office) -> None:
    """An account of an identity provider has no password, and no second account has its subject."""
    subject = Subject("https://id.example", "u-1")
    assert await office.desk.add(NAME, AUDITOR, actor="root", now=office.clock(), subject=subject) is None
    assert _held(office).password is None
    for other, code in ((subject, "subject_taken"), (Subject("https://id.example", ""), "subject_invalid")):
        with pytest.raises(AccountRefused) as refused:
            await office.desk.add("other", AUDITOR, actor="root", now=office.clock(), subject=other)
        assert refused.value.code == code
    with pytest.raises(AccountRefused) as refused:
        await office.desk.reset(NAME, actor="root", now=office.clock())
    assert refused.value.code == "no_password"


async def test_one_administrator_stays(office: Office) -> None:
    """The last enabled one cannot be disabled or given another role, by nobody; with a second one he can."""
    await office.desk.add("root", ADMINISTRATOR, actor="install", now=office.clock())
    await office.desk.add("off", ADMINISTRATOR, actor="root", now=office.clock())
    await office.desk.disable("off", actor="root", now=office.clock())
    for act in (
        office.desk.disable("root", actor="root", now=office.clock()),
        office.desk.alter("root", AUDITOR, actor="root", now=office.clock()),
    ):
        with pytest.raises(AccountRefused) as refused:
            await act
        assert refused.value.code == "last_administrator"
    await office.desk.enable("off", actor="root", now=office.clock())
    await office.desk.disable("root", actor="off", now=office.clock())
    assert _held(office, "root").account.disabled


async def test_two_administrators_cannot_disable_each_other(office: Office) -> None:
    """Not even at the same moment."""
    for name in ("root", "toor"):
        await office.desk.add(name, ADMINISTRATOR, actor="install", now=office.clock())
    results = await asyncio.gather(
        office.desk.disable("root", actor="toor", now=office.clock()),
        office.desk.disable("toor", actor="root", now=office.clock()),
        return_exceptions=True,
    )
    assert [type(one) for one in results] == [type(None), AccountRefused]


async def test_what_cannot_be_recorded_did_not_happen(office: Office) -> None:
    """Each change, with the log closed: nothing is different afterwards, and a session that was open is open."""
    person = await office.enrolled()
    await office.desk.add("root", ADMINISTRATOR, actor="install", now=office.clock())
    before, now = office.desk.accounts(), office.clock()
    office.log.closed = True
    for act in (
        office.desk.add("new", AUDITOR, actor="root", now=now),
        office.desk.alter(NAME, Wanted("Khác", Role.OPERATOR), actor="root", now=now),
        office.desk.disable(NAME, actor="root", now=now),
        office.desk.reset(NAME, actor="root", now=now),
    ):
        with pytest.raises(DoorClosed):
            await act
    assert office.desk.accounts() == before
    assert await office.knows(person.step)


async def test_nothing_new_is_no_change(office: Office) -> None:
    """The same values, disabled again, enabled again: no entry."""
    await office.desk.add("root", ADMINISTRATOR, actor="install", now=office.clock())
    await office.desk.add(NAME, AUDITOR, actor="root", now=office.clock())
    await office.desk.alter(NAME, AUDITOR, actor="root", now=office.clock())
    await office.desk.enable(NAME, actor="root", now=office.clock())
    for _ in range(2):
        await office.desk.disable(NAME, actor="root", now=office.clock())
    assert office.log.words() == ["added", "added", "disabled"]


async def test_altering_does_not_enable(office: Office) -> None:
    """A disabled account that is given another name stays disabled."""
    await office.desk.add(NAME, AUDITOR, actor="root", now=office.clock())
    await office.desk.disable(NAME, actor="root", now=office.clock())
    await office.desk.alter(NAME, Wanted("Khác", Role.OPERATOR), actor="root", now=office.clock())
    assert _held(office).account.disabled


async def test_an_account_there_is_not(office: Office) -> None:
    """Every change says so."""
    for act in (
        office.desk.alter("x1", AUDITOR, actor="root", now=office.clock()),
        office.desk.disable("x1", actor="root", now=office.clock()),
        office.desk.enable("x1", actor="root", now=office.clock()),
        office.desk.reset("x1", actor="root", now=office.clock()),
    ):
        with pytest.raises(AccountRefused) as refused:
            await act
        assert refused.value.code == "account_unknown"


async def test_a_reset(office: Office) -> None:
    """Old password and second factor are worth nothing; the new password leads to a new second factor."""
    person = await office.enrolled()
    initial = await office.desk.reset(NAME, actor="root", now=office.clock())
    step = await office.password(initial)
    again = await office.entrance.new_password(step.session, "một câu khác cũng dài", now=office.clock())
    assert office.entrance.secret(again.session) != person.secret
