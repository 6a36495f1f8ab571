"""The vault as processes share it."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from gateway.audit.errors import KeyFileRefused
from gateway.vault import Item, Space, Vault, VaultUnavailable, VaultUnreadable
from gateway.vault.vault import SWEEP, open_key
from tests.gateway.jobs.builders import Clock
from tests.gateway.vault.builders import ITEM, TAG, item, vault

SPACES = list(Space)


@pytest.fixture
def clock() -> Clock:
    """The clock of both processes."""
    return Clock()


@pytest_asyncio.fixture
async def pair(tmp_path: Path, clock: Clock) -> AsyncIterator[tuple[Vault, Vault]]:
    """Two processes' vaults over one store and one key."""
    one, two = (vault(tmp_path, clock) for _ in range(2))
    yield one, two
    await one.close()
    await two.close()


async def test_what_one_keeps_the_other_finds(pair: tuple[Vault, Vault]) -> None:
    """By id, by subject, in a list; agency and state choose."""
    one, two = pair
    other = item(1, agency="H41", state="done", created=ITEM.created + timedelta(seconds=1))
    await one.put(item(0), other)
    assert await two.get(Space.ANSWER, item(0).id) == item(0)
    assert await two.get(Space.PREVIEW, item(0).id) is None
    assert list(await two.about(Space.ANSWER, TAG, limit=9)) == [other, item(0)]
    assert list(await two.listed(Space.ANSWER, limit=9, agency="H41")) == [other]
    assert list(await two.listed(Space.ANSWER, limit=9, state="open")) == [item(0)]
    assert (await two.held(Space.ANSWER), await two.held(Space.ANSWER, agency="H41")) == (2, 1)


async def test_what_has_ended_is_not_found_and_is_swept(pair: tuple[Vault, Vault], clock: Clock) -> None:
    """At its end an item is gone for every look-up, and sweeping takes it out of the store, however many there are."""
    one, two = pair
    await one.put(
        *(item(n % 250, id=n.to_bytes(32)) for n in range(SWEEP + 5)), item(7, expires=ITEM.expires + timedelta(1))
    )
    clock.advance(3600)
    assert await two.get(Space.ANSWER, (3).to_bytes(32)) is None
    assert await two.held(Space.ANSWER) == 1
    assert await one.sweep() == SWEEP + 5
    assert await one.sweep() == 0
    assert await two.held(Space.ANSWER) == 1


async def test_everything_about_a_subject_is_erased(pair: tuple[Vault, Vault]) -> None:
    """In the spaces named, ended or not, also where the row is about others too; nothing else goes."""
    one, two = pair
    both = item(1, subjects=(TAG, b"u" * 16))
    await one.put(item(0), both, item(2, subjects=(b"u" * 16,)), replace(item(3), space=Space.CORRECTION))
    assert await two.erase([TAG], [Space.ANSWER, Space.PREVIEW]) == 2
    assert await two.erase([TAG], [Space.ANSWER]) == 0
    assert list(await one.about(Space.ANSWER, b"u" * 16, limit=9)) == [item(2, subjects=(b"u" * 16,))]
    assert await one.held(Space.CORRECTION) == 1


async def test_a_change_sees_what_is_there_and_nobody_comes_between(pair: tuple[Vault, Vault]) -> None:
    """What `act` says is kept; None removes; what it raises leaves everything as it was."""
    one, two = pair

    def more(found: Item | None) -> Item:
        return replace(found, content=found.content + b"+") if found else item(0, content=b"")

    for each in (one, two, one, two):
        await each.change(Space.ANSWER, item(0).id, more)
    found = await one.get(Space.ANSWER, item(0).id)
    assert found is not None
    assert found.content == b"+++"

    def fail(_: Item | None) -> Item:
        raise KeyError

    with pytest.raises(KeyError):
        await two.change(Space.ANSWER, item(0).id, fail)
    with pytest.raises(ValueError, match="keeps its space"):
        await two.change(Space.ANSWER, item(0).id, lambda _: item(1))
    assert await one.get(Space.ANSWER, item(0).id) == found
    assert await one.change(Space.ANSWER, item(0).id, lambda _: None) is None
    assert await one.held(Space.ANSWER) == 0


async def test_a_stolen_store_shows_nothing_about_anybody(pair: tuple[Vault, Vault], tmp_path: Path) -> None:
    """Neither content nor identifier can be found in the files."""
    one, _ = pair
    number = "004192000123"
    await one.put(item(0, content=number.encode(), subjects=(one.tag("person", number),)))
    for file in tmp_path.iterdir():
        assert number.encode() not in file.read_bytes()


async def test_an_altered_row_and_a_store_that_is_gone_are_told_apart(
    pair: tuple[Vault, Vault], tmp_path: Path
) -> None:
    """The one is unreadable, the other unavailable; neither is taken for nothing."""
    one, two = pair
    await one.put(item(0))
    with closing(sqlite3.connect(tmp_path / "log.sqlite")) as database:
        database.execute("UPDATE vault SET agency = 'H41'")
        database.commit()
    with pytest.raises(VaultUnreadable):
        await two.get(Space.ANSWER, item(0).id)
    await one.put(item(1))
    assert list(await two.ending(Space.ANSWER, by=ITEM.expires, limit=9)) == [item(1)]
    with closing(sqlite3.connect(tmp_path / "log.sqlite")) as database:
        database.execute("DROP TABLE vault")
        database.commit()
    with pytest.raises(VaultUnavailable):
        await two.get(Space.ANSWER, item(0).id)
    with pytest.raises(VaultUnavailable):
        await two.put(item(1))


def test_the_key_is_drawn_once_and_must_be_whole(tmp_path: Path) -> None:
    """A second process reads what the first has drawn; a file of another length is refused."""
    path = tmp_path / "keys" / "vault-key"
    drawn = open_key(path, lambda size: b"k" * size)
    assert open_key(path, lambda size: b"x" * size) == drawn == b"k" * 32
    path.write_bytes(b"short")
    with pytest.raises(KeyFileRefused):
        open_key(path, lambda size: b"x" * size)
