"""Each step of a write fails, with both outcomes where there are two; afterwards the log is whole."""

import asyncio
import os
import sqlite3
from contextlib import suppress
from pathlib import Path

import pytest

from gateway.audit.keys import Places
from gateway.audit.log import AccessLog, LogBroken, LogUnavailable, Replayed
from gateway.storage.sqlite import SqliteStore
from tests.gateway.audit.builders import ORIGIN, Clock, Seen, a_decision, a_disclosure, a_log, keys, once
from tests.gateway.audit.checking import verified
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
async def test_failing_write(
    tmp_path: Path, faults: list[str | None], *, answered: bool, left: int, used: bool
) -> None:
    """The caller is answered only when the entry is there, it is there once, and the next event goes through."""
    clock, seen = Clock(), Seen()
    store = FaultyStore(SqliteStore(Places.under(tmp_path).store))
    Places.under(tmp_path).store.parent.mkdir()
    async with a_log(tmp_path, store=store, now=clock, observe=seen) as log:
        await log.append(a_decision())
        clock.forward(2)  # so that the sweep of claims takes part
        store.faults = list(faults)
        if answered:
            receipt = await log.append(a_decision(), once=once(JTI))
            assert stored(tmp_path, "SELECT leaf FROM entry WHERE idx = 2") == [(receipt.leaf,)]
            assert stored(tmp_path, "SELECT note FROM checkpoint WHERE size = 3") == [(receipt.checkpoint,)]
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
    assert verified(tmp_path).entries == entries

    async with a_log(tmp_path) as log:
        await log.append(a_decision())
    assert verified(tmp_path).entries == entries + 1


@pytest.mark.parametrize(
    "faults", [["open"], ["newest_note"], ["tail"], ["announced"], ["add"], [LOST, LOST], [KEPT, KEPT]]
)
async def test_failing_start(tmp_path: Path, faults: list[str | None]) -> None:
    """A start that fails leaves a store the next start takes up."""
    store = FaultyStore(SqliteStore(Places.under(tmp_path).store))
    Places.under(tmp_path).store.parent.mkdir()
    store.faults = list(faults)
    with pytest.raises(LogUnavailable):
        async with a_log(tmp_path, store=store):
            pass
    async with a_log(tmp_path) as log:
        assert (await log.append(a_decision())).index == 1

    assert verified(tmp_path).entries == 2


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
async def test_failing_write_that_brings_new_keys(tmp_path: Path, faults: list[str | None], left: int) -> None:
    """Whatever became of the batch with the announcement, the keys are announced once, before what they seal."""
    store = FaultyStore(SqliteStore(Places.under(tmp_path).store))
    Places.under(tmp_path).store.parent.mkdir()
    async with a_log(tmp_path, store=store) as log:
        store.faults = list(faults)
        with suppress(LogUnavailable):
            await log.append(a_disclosure())
        store.faults = []
        assert (await log.append(a_disclosure())).index == 2 + left

    assert stored(tmp_path, "SELECT first_idx, kind FROM key_epoch ORDER BY first_idx") == [(0, 1), (1, 2)]
    assert verified(tmp_path).opened == 1 + left


async def test_batch_kept_before_another_process_went_on_is_found(tmp_path: Path) -> None:
    """After an unknown outcome the batch is recognised even when another process has written behind it."""
    store = FaultyStore(SqliteStore(Places.under(tmp_path).store))
    Places.under(tmp_path).store.parent.mkdir()
    async with a_log(tmp_path, store=store) as log, a_log(tmp_path) as other:
        await log.append(a_decision())
        store.faults = [KEPT, "open"]
        with pytest.raises(LogUnavailable):
            await log.append(a_decision())
        await other.append(a_decision())
        assert (await log.append(a_decision())).index == 4

    assert verified(tmp_path).entries == 5


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
        events = [a_decision(token="t" * 4000)] * 200
        results = [await asyncio.gather(log.append(event), return_exceptions=True) for event in events]
        assert any(isinstance(result, LogUnavailable) for (result,) in results)
        written = stored(tmp_path, "SELECT count(*) FROM entry")[0][0]
        assert isinstance(written, int)
        assert log.healthy
        store.pages = 10_000
        assert (await log.append(a_decision(token="t" * 4000))).index == written

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
