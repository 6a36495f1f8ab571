"""Each step of a write fails, on each engine, with both outcomes where there are two; afterwards the log is whole."""

import asyncio
import os
import sqlite3
from contextlib import suppress
from pathlib import Path

import pytest

from gateway.audit.entry import seal
from gateway.audit.events import EntryKind
from gateway.audit.keys import Places
from gateway.audit.log import AccessLog, LogBroken, LogUnavailable, Replayed
from gateway.audit.writer import Item, Writer
from gateway.storage.sqlite import SqliteStore
from tests.gateway.audit.builders import ORIGIN, START, Clock, Seen, a_decision, a_disclosure, a_log, keys, once
from tests.gateway.audit.checking import verified
from tests.gateway.audit.conftest import Place
from tests.gateway.audit.faults import KEPT, LOST, FaultyStore
from tests.gateway.audit.test_log import stored

JTI = "jti-0000000000000001"

# faults in order; is the caller answered; how many entries the failed event left; is its id used up
CASES = [
    (["open"], False, 0, False),
    (["tail"], False, 0, False),
    (["claimed"], False, 0, False),
    (["add"], False, 0, False),
    (["forget"], False, 0, False),
    ([LOST], True, 1, True),
    ([KEPT], True, 1, True),
    ([LOST, LOST], False, 0, False),
    ([KEPT, "open"], False, 1, True),
    ([KEPT, "tail"], False, 1, True),
    ([KEPT, LOST], False, 1, True),
    ([KEPT, KEPT], False, 1, True),
    ([LOST, KEPT], False, 1, True),
    ([LOST, "open"], False, 0, False),
    ([LOST, "add"], False, 0, False),
]


@pytest.mark.parametrize(("faults", "answered", "left", "used"), CASES)
async def test_failing_write(place: Place, faults: list[str | None], *, answered: bool, left: int, used: bool) -> None:
    """The caller is answered only when the entry is there, it is there once, and the next event goes through."""
    clock, seen = Clock(), Seen()
    store = FaultyStore(place.store())
    async with a_log(place.folder, store=store, now=clock, observe=seen) as log:
        await log.append(a_decision())
        clock.forward(2)  # so that the sweep of claims takes part
        store.faults = list(faults)
        if answered:
            receipt = await log.append(a_decision(), once=once(JTI))
            assert await asyncio.to_thread(entry_and_note, place, 2) == (receipt.leaf, receipt.checkpoint)
        else:
            with pytest.raises(LogUnavailable) as caught:
                await log.append(a_decision(), once=once(JTI))
            assert caught.value.reason == "store"
        assert seen.failures == (0 if answered else 1)
        store.faults = []
        assert log.healthy
        following = await log.append(a_decision())
        assert following.index == 2 + left
        if used:
            with pytest.raises(Replayed):
                await log.append(a_decision(), once=once(JTI))
        else:
            await log.append(a_decision(), once=once(JTI))
    entries = 3 + left + (0 if used else 1)
    assert (await asyncio.to_thread(place.verified)).entries == entries

    async with a_log(place.folder, store=place.store()) as log:
        await log.append(a_decision())
    assert (await asyncio.to_thread(place.verified)).entries == entries + 1


def entry_and_note(place: Place, index: int) -> tuple[bytes, str | None]:
    """The leaf of a stored entry, and the checkpoint of the tree that ends with it."""
    reader = place.reader()
    try:
        note = reader.note(index + 1)
        return reader.leaves(index, index + 1)[0], note.text if note else None
    finally:
        reader.close()


@pytest.mark.parametrize(
    "faults", [["open"], ["newest_note"], ["tail"], ["announced"], ["add"], [LOST, LOST], [KEPT, KEPT]]
)
async def test_failing_start(place: Place, faults: list[str | None]) -> None:
    """A start that fails leaves a store the next start takes up."""
    store = FaultyStore(place.store())
    store.faults = list(faults)
    with pytest.raises(LogUnavailable):
        async with a_log(place.folder, store=store):
            pass
    async with a_log(place.folder, store=place.store()) as log:
        assert (await log.append(a_decision())).index == 1

    assert (await asyncio.to_thread(place.verified)).entries == 2


@pytest.mark.parametrize(
    ("faults", "left"),
    [
        (["announced"], 0),
        (["add"], 0),
        ([LOST], 1),
        ([KEPT], 1),
        ([LOST, LOST], 0),
        ([KEPT, "open"], 1),
        ([KEPT, KEPT], 1),
        ([LOST, "announced"], 0),
    ],
)
async def test_failing_write_that_brings_new_keys(place: Place, faults: list[str | None], left: int) -> None:
    """Whatever became of the batch with the announcement, the keys are announced once, before what they seal."""
    store = FaultyStore(place.store())
    async with a_log(place.folder, store=store) as log:
        store.faults = list(faults)
        with suppress(LogUnavailable):
            await log.append(a_disclosure())
        store.faults = []
        assert (await log.append(a_disclosure())).index == 2 + left

    assert await asyncio.to_thread(announced, place) == [(0, 1), (1, 2)]
    assert (await asyncio.to_thread(place.verified)).opened == 1 + left


def announced(place: Place) -> list[tuple[int, int]]:
    """The index of each announcement, and the kind it is for."""
    reader = place.reader()
    try:
        return [(epoch.first_index, epoch.kind) for epoch in reader.epochs()]
    finally:
        reader.close()


async def test_batch_kept_before_another_process_went_on_is_found(place: Place) -> None:
    """After an unknown outcome the batch is recognised even when another process has written behind it."""
    store = FaultyStore(place.store())
    async with a_log(place.folder, store=store) as log, a_log(place.folder, store=place.store()) as other:
        await log.append(a_decision())
        store.faults = [KEPT, "open"]
        with pytest.raises(LogUnavailable):
            await log.append(a_decision())
        await other.append(a_decision())
        assert (await log.append(a_decision())).index == 4

    assert (await asyncio.to_thread(place.verified)).entries == 5


async def test_a_place_another_process_took_is_not_taken_for_ones_own(place: Place) -> None:
    """The batch was not kept, and another process wrote where it would have been: it is written behind that."""
    _, signer, ring = keys(place.folder)
    other = Writer(place.store(), signer, now=Clock(), urandom=os.urandom)
    epoch = ring.current(EntryKind.DECIDED, START, os.urandom)
    theirs = seal(a_decision(), epoch, os.urandom)
    store = FaultyStore(place.store(), then=lambda: other.commit([Item(theirs, None)]))
    async with a_log(place.folder, store=store) as log:
        await log.append(a_decision())
        store.faults = [LOST]
        receipt = await log.append(a_decision())
        await asyncio.get_running_loop().run_in_executor(log._write_thread, other.close)

    assert receipt.index == 3
    assert await asyncio.to_thread(entry_and_note, place, 3) == (receipt.leaf, receipt.checkpoint)
    assert (await asyncio.to_thread(entry_and_note, place, 2))[0] == theirs[0].leaf
    assert (await asyncio.to_thread(place.verified)).entries == 4


class SmallStore(SqliteStore):
    """A store on a disk with room for `pages` pages."""

    pages = 10_000

    def _connect(self) -> sqlite3.Connection:
        connection = super()._connect()
        connection.execute(f"PRAGMA max_page_count = {self.pages}").close()
        return connection

    def resize(self, pages: int) -> None:
        """More or less room, from the next write on."""
        self.pages = pages
        self._connection.connection.execute(f"PRAGMA max_page_count = {pages}").close()  # type: ignore[union-attr]


async def test_full_disk_is_a_passing_failure(tmp_path: Path) -> None:
    """SQLITE_FULL fails the batch, keeps the log as it was, and passes when there is room again."""
    Places.under(tmp_path).store.parent.mkdir()
    store = SmallStore(Places.under(tmp_path).store)
    async with a_log(tmp_path, store=store) as log:
        await log.append(a_decision())
        pages = stored(tmp_path, "PRAGMA page_count")[0][0]
        assert isinstance(pages, int)
        store.pages = pages
        await _in_writer_thread(log, store, pages)
        large = a_decision(token="t" * 4000)
        with pytest.raises(LogUnavailable):  # noqa: PT012  # the disk fills up at one of them
            for _ in range(200):
                await log.append(large)
        with pytest.raises(LogUnavailable):
            await log.append(large)
        written = stored(tmp_path, "SELECT count(*) FROM entry")[0][0]
        assert isinstance(written, int)
        assert log.healthy
        store.pages = 10_000
        assert (await log.append(large)).index == written

    assert verified(tmp_path).entries == written + 1


async def _in_writer_thread(log: AccessLog, store: SmallStore, pages: int) -> None:
    await asyncio.get_running_loop().run_in_executor(log._write_thread, store.resize, pages)


async def test_fault_of_the_program_leaves_nobody_waiting(tmp_path: Path) -> None:
    """An exception nobody foresaw fails every waiting caller, stops the log, and shows itself when it is closed."""
    Places.under(tmp_path).store.parent.mkdir()
    store = FaultyStore(SqliteStore(Places.under(tmp_path).store))
    _, signer, ring = keys(tmp_path)
    log = await AccessLog.open(
        store, signer, ring, origin=ORIGIN, now=Clock(), urandom=os.urandom, observe=Seen(), batch=1
    )
    del store.faults
    results = await asyncio.gather(*(log.append(a_decision()) for _ in range(3)), return_exceptions=True)

    assert [type(result) for result in results] == [LogBroken] * 3
    with pytest.raises(LogBroken):
        await log.append(a_decision())
    assert not log.healthy
    with pytest.raises(AttributeError):
        await log.close()
