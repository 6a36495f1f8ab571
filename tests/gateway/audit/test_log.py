"""The access log over a real SQLite store."""

import asyncio
import base64
import os
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.audit import check
from gateway.audit.events import KINDS, EntryKind, Heartbeat
from gateway.audit.keys import Places
from gateway.audit.log import AccessLog, LogBroken, LogUnavailable, Once, Receipt, Replayed
from gateway.audit.writer import CLAIM_GRACE
from gateway.storage.lock import locked
from gateway.storage.sqlite import SqliteStore
from tests.gateway.audit.builders import (
    ORIGIN,
    START,
    Clock,
    Seen,
    a_change,
    a_decision,
    a_disclosure,
    a_log,
    a_refusal,
    a_subject,
    an_inspection,
    keys,
    once,
)
from tests.gateway.audit.checking import verified


def stored(folder: Path, question: str) -> list[tuple[Any, ...]]:
    """Rows of the store, read behind the log's back."""
    database = sqlite3.connect(Places.under(folder).store)
    try:
        return database.execute(question).fetchall()
    finally:
        database.close()


def changed(folder: Path, *statements: str) -> None:
    """Alter the store behind the log's back."""
    database = sqlite3.connect(Places.under(folder).store)
    try:
        for statement in statements:
            database.execute(statement)
        database.commit()
    finally:
        database.close()


async def test_receipt_proves_the_entry(tmp_path: Path) -> None:
    """A receipt names index and leaf of the stored entry and a checkpoint the public key verifies."""
    async with a_log(tmp_path) as log:
        receipt = await log.append(a_decision())
        assert log.checkpoint() == receipt.checkpoint
    checkpoint = check.open_checkpoint(receipt.checkpoint, check.parse_key(Places.under(tmp_path).vkey.read_text()))

    assert (receipt.index, receipt.count, receipt.origin) == (1, 1, ORIGIN)
    assert receipt.size == checkpoint.size == 2
    assert stored(tmp_path, "SELECT leaf FROM entry WHERE idx = 1") == [(receipt.leaf,)]
    assert receipt.as_json() == {
        "log": ORIGIN,
        "index": 1,
        "leaf": base64.b64encode(receipt.leaf).decode(),
        "checkpoint": receipt.checkpoint,
    }
    assert verified(tmp_path).entries == 2


async def test_first_entry_announces_the_key_epoch_once(tmp_path: Path) -> None:
    """However often a log is opened, an epoch is announced one time, before anything sealed under it."""
    for _ in range(3):
        async with a_log(tmp_path) as log:
            await log.append(a_decision())

    assert verified(tmp_path).entries == 4
    assert stored(tmp_path, "SELECT first_idx FROM key_epoch") == [(0,)]


def kinds(folder: Path) -> list[str]:
    """The kinds of the entries, as their headers say."""
    envelopes = stored(folder, "SELECT env FROM entry ORDER BY idx")
    return [EntryKind(envelope[1]).label for (envelope,) in envelopes]


async def test_keys_are_announced_when_they_are_first_needed(tmp_path: Path) -> None:
    """Each kind of each month has its announcement right before the batch of its first entry, and only then."""
    clock = Clock()
    december = datetime(2026, 12, 1, tzinfo=UTC)
    async with a_log(tmp_path, now=clock) as log:
        await log.append(a_disclosure())
        clock.at = december
        for event in (a_decision(at=december), a_disclosure(at=december), a_decision(at=december), a_disclosure()):
            await log.append(event)
        await log.append(Heartbeat(december))

    assert kinds(tmp_path) == [
        "key-epoch",
        "key-epoch",
        "disclosed",
        "key-epoch",
        "decided",
        "key-epoch",
        "disclosed",
        "decided",
        "disclosed",
        "heartbeat",
    ]
    assert stored(tmp_path, "SELECT first_idx, kind, period FROM key_epoch ORDER BY first_idx") == [
        (0, 1, "2026-11"),
        (1, 2, "2026-11"),
        (3, 1, "2026-12"),
        (5, 2, "2026-12"),
    ]
    assert verified(tmp_path).opened == 5


async def test_events_of_several_kinds_in_one_batch(tmp_path: Path) -> None:
    """Announcements come first, once for each kind, and every receipt names its own entry."""
    events = [a_decision(), a_refusal(), an_inspection(), a_change(), a_refusal(), a_decision(), Heartbeat(START)]
    async with a_log(tmp_path) as log:
        receipts = await asyncio.gather(*(log.append(event) for event in events))

    assert kinds(tmp_path) == ["key-epoch"] * 4 + [KINDS[type(event)].label for event in events]
    assert [receipt.index for receipt in receipts] == list(range(4, 11))
    assert verified(tmp_path).opened == 6


async def test_what_one_process_announced_another_does_not(tmp_path: Path) -> None:
    """Two writers with one key ring need the same keys: one announcement."""
    async with a_log(tmp_path) as one, a_log(tmp_path) as other:
        for log in (one, other, one):
            await log.append(a_disclosure())

    assert kinds(tmp_path) == ["key-epoch", "key-epoch", "disclosed", "disclosed", "disclosed"]
    assert verified(tmp_path).opened == 3


async def test_replayed_event_announces_nothing(tmp_path: Path) -> None:
    """Keys that no entry of the batch is sealed under wait for one that is."""
    async with a_log(tmp_path) as log:
        await log.append(a_decision(), once=once("jti-0000000000000001"))
        with pytest.raises(Replayed):
            await log.append(a_refusal(), once=once("jti-0000000000000001"))
        assert (await log.append(a_refusal())).index == 3

    assert kinds(tmp_path) == ["key-epoch", "decided", "key-epoch", "refused"]


async def test_concurrent_events_keep_their_order_and_share_commits(tmp_path: Path) -> None:
    """Events appended together get adjacent indices in their order, in far fewer commits than events."""
    seen = Seen()
    async with a_log(tmp_path, observe=seen) as log:
        receipts = await asyncio.gather(*(log.append(a_decision()) for _ in range(200)))

    assert [receipt.index for receipt in receipts] == list(range(1, 201))
    assert sum(seen.batches) == 200
    assert len(seen.batches) < 20
    assert (max(seen.queued), seen.queued[-1]) == (200, 0)
    assert verified(tmp_path).entries == 201


async def test_event_about_three_subjects_is_three_adjacent_entries(tmp_path: Path) -> None:
    """The receipt counts them and names the first."""
    three = tuple(a_subject(role=role) for role in ("applicant", "spouse", "father"))
    async with a_log(tmp_path) as log:
        receipts = await asyncio.gather(
            log.append(a_decision()), log.append(a_decision(subjects=three)), log.append(a_refusal())
        )

    assert [(r.index, r.count) for r in receipts] == [(2, 1), (3, 3), (6, 1)]
    assert verified(tmp_path).opened == 5


async def test_id_is_accepted_once(tmp_path: Path) -> None:
    """A second use of a one-time id is refused and leaves no entry, after a restart as well."""
    async with a_log(tmp_path) as log:
        await log.append(a_decision(), once=once("jti-0000000000000001"))
        with pytest.raises(Replayed):
            await log.append(a_decision(), once=once("jti-0000000000000001"))
        assert await log.seen("H14", "jti-0000000000000001")
        assert not await log.seen("H15", "jti-0000000000000001")
    async with a_log(tmp_path) as log:
        with pytest.raises(Replayed):
            await log.append(a_decision(), once=once("jti-0000000000000001"))
        await log.append(a_decision(), once=once("jti-0000000000000001", iss="H15"))

    assert verified(tmp_path).entries == 3


async def test_id_used_many_times_at_once_is_accepted_once(tmp_path: Path) -> None:
    """In one batch the first use wins; the others are refused and everybody else is served."""
    async with a_log(tmp_path) as log:
        results = await asyncio.gather(
            *(log.append(a_decision(), once=once("same-jti-same-jti")) for _ in range(20)),
            *(log.append(a_decision(), once=once(f"other-jti-{n:08d}")) for n in range(20)),
            return_exceptions=True,
        )

    accepted = [result for result in results if isinstance(result, Receipt)]
    assert isinstance(results[0], Receipt)
    assert sum(isinstance(result, Replayed) for result in results) == 19
    assert [receipt.index for receipt in accepted] == list(range(1, 22))
    assert verified(tmp_path).entries == 22


async def test_two_logs_over_one_store_write_one_log(tmp_path: Path) -> None:
    """Two writers take turns, adopt each other's entries, and share the memory of used ids."""
    async with a_log(tmp_path) as one, a_log(tmp_path) as other:
        results = await asyncio.gather(
            *(log.append(a_decision(), once=once(f"shared-jti-{n:08d}")) for n in range(150) for log in (one, other)),
            return_exceptions=True,
        )
    accepted = [result.index for result in results if isinstance(result, Receipt)]

    assert sorted(accepted) == list(range(1, 151))
    assert sum(isinstance(result, Replayed) for result in results) == 150
    assert verified(tmp_path).entries == 151


async def test_expired_claims_are_forgotten(tmp_path: Path) -> None:
    """A claim outlives its token by far more than the clock tolerance, and then goes."""
    clock = Clock()
    async with a_log(tmp_path, now=clock) as log:
        for number in range(5):
            await log.append(a_decision(), once=once(f"old-jti-{number:08d}"))
        clock.forward(60 + CLAIM_GRACE.total_seconds() - 5)
        await log.append(a_decision())
        kept = stored(tmp_path, "SELECT count(*) FROM claim")
        clock.forward(10)
        await log.append(a_decision())

    assert kept == [(5,)]
    assert stored(tmp_path, "SELECT count(*) FROM claim") == [(0,)]


async def test_full_queue_refuses_at_once(tmp_path: Path) -> None:
    """When as many events wait as may wait, the next is refused; those waiting are written."""
    async with a_log(tmp_path, queue=3) as log:
        waiting = [asyncio.create_task(log.append(a_decision())) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(LogUnavailable) as caught:
            await log.append(a_decision())
        await asyncio.gather(*waiting)
        await log.append(a_decision())

    assert caught.value.reason == "full"
    assert verified(tmp_path).entries == 5


async def test_closing_writes_what_waits_and_then_refuses(tmp_path: Path) -> None:
    """Nothing that was taken is dropped by closing; nothing is taken afterwards."""
    async with a_log(tmp_path) as log:
        waiting = [asyncio.create_task(log.append(a_decision())) for _ in range(50)]
        await asyncio.sleep(0)
        await log.close()
        assert all(task.done() for task in waiting)
        with pytest.raises(LogUnavailable) as caught:
            await log.append(a_decision())
        with pytest.raises(LogUnavailable):
            await log.seen("H14", "x")
        assert not log.healthy

    assert caught.value.reason == "closed"
    assert verified(tmp_path).entries == 51


async def test_caller_who_goes_away_disturbs_nobody(tmp_path: Path) -> None:
    """A cancelled wait leaves its entry in the log and the others their receipts."""
    async with a_log(tmp_path) as log:
        waiting = [asyncio.create_task(log.append(a_decision())) for _ in range(3)]
        await asyncio.sleep(0)
        waiting[1].cancel()
        results = await asyncio.gather(*waiting, return_exceptions=True)

    assert isinstance(results[1], asyncio.CancelledError)
    assert [r.index for r in results if isinstance(r, Receipt)] == [1, 3]
    assert verified(tmp_path).entries == 4


async def test_locked_store_is_a_passing_failure(tmp_path: Path) -> None:
    """While another process holds the lock appending fails; afterwards the same log goes on by itself."""
    places = Places.under(tmp_path)
    seen = Seen()
    places.store.parent.mkdir()
    store = SqliteStore(places.store, lock_wait=0.05)
    async with a_log(tmp_path, store=store, observe=seen) as log:
        with locked(places.store.with_name("log.sqlite.lock"), wait=1):
            with pytest.raises(LogUnavailable) as caught:
                await log.append(a_decision(), once=once("jti-0000000000000001"))
            assert log.healthy
        await log.append(a_decision(), once=once("jti-0000000000000001"))

    assert (caught.value.reason, seen.failures) == ("store", 1)
    assert verified(tmp_path).entries == 2


@pytest.mark.parametrize(
    ("statements", "detail"),
    [
        (
            ("DELETE FROM entry WHERE idx >= 2", "DELETE FROM checkpoint WHERE size > 2"),
            "entry 3 is no longer",
        ),
        (("UPDATE entry SET leaf = randomblob(32) WHERE idx = 3",), "entry 3 is no longer"),
        (("UPDATE entry SET idx = idx + 1 WHERE idx = 3",), "entry 3 is no longer"),
        (
            ("INSERT INTO entry SELECT 4, ts, subj_tag, actor_tag, env, leaf FROM entry WHERE idx = 3",),
            "no checkpoint covers",
        ),
        (
            ("INSERT INTO entry SELECT 9, ts, subj_tag, actor_tag, env, leaf FROM entry WHERE idx = 3",),
            "entry 4 is missing",
        ),
        (
            (
                "INSERT INTO entry SELECT 4, ts, subj_tag, actor_tag, env, leaf FROM entry WHERE idx = 3",
                "INSERT INTO checkpoint SELECT 5, ts, note, 4 FROM checkpoint WHERE size = 4",
            ),
            "has another root",
        ),
        (
            (
                "INSERT INTO entry SELECT 4, ts, subj_tag, actor_tag, env, leaf FROM entry WHERE idx = 3",
                "INSERT INTO checkpoint SELECT 5, ts, 'no note', 4 FROM checkpoint WHERE size = 4",
            ),
            "not signed by this log's key",
        ),
    ],
)
async def test_store_altered_under_a_running_log_stops_it(
    tmp_path: Path, statements: tuple[str, ...], detail: str
) -> None:
    """Rolled back, altered or extended by hand: the log takes nothing more and says what is wrong."""
    async with a_log(tmp_path) as log:
        for _ in range(3):
            await log.append(a_decision())
        changed(tmp_path, *statements)
        with pytest.raises(LogBroken) as caught:
            await log.append(a_decision())
        with pytest.raises(LogBroken):
            await log.append(a_decision())
        with pytest.raises(LogBroken):
            await log.seen("H14", "x")
        assert not log.healthy

    assert detail in caught.value.detail


@pytest.mark.parametrize(
    ("statement", "detail"),
    [
        ("DELETE FROM checkpoint", "no checkpoint"),
        ("DELETE FROM entry WHERE idx = 300", "ends elsewhere"),
        ("DELETE FROM entry WHERE idx = 280", "entry 280 is missing"),
        ("UPDATE entry SET leaf = zeroblob(32) WHERE idx = 290", "another root"),
        ("UPDATE tile SET data = zeroblob(8192)", "another root"),
        ("DELETE FROM tile", "tile 0/0 is missing"),
        ("UPDATE checkpoint SET note = 'x'", "not signed by this log's key"),
        ("DELETE FROM checkpoint WHERE size = 301", "ends elsewhere"),
    ],
)
async def test_altered_store_is_not_opened(tmp_path: Path, statement: str, detail: str) -> None:
    """A start compares the store with its newest checkpoint and refuses what does not fit."""
    async with a_log(tmp_path) as log:
        await asyncio.gather(*(log.append(a_decision()) for _ in range(299)))
        await log.append(a_decision())
    changed(tmp_path, statement)
    places, signer, ring = keys(tmp_path)

    with pytest.raises(LogBroken) as caught:
        await AccessLog.open(
            SqliteStore(places.store),
            signer,
            ring,
            origin=ORIGIN,
            now=Clock(),
            urandom=os.urandom,
            observe=Seen(),
        )
    assert detail in caught.value.detail


async def test_restart_over_several_tiles_goes_on_with_the_same_tree(tmp_path: Path) -> None:
    """Started anew at many sizes around tile edges, the log stays one log."""
    for count in (254, 1, 1, 255, 256, 3):
        async with a_log(tmp_path) as log:
            await asyncio.gather(*(log.append(a_decision()) for _ in range(count)))
    report = verified(tmp_path)

    assert (report.entries, report.tiles) == (771, 3)


async def test_whole_life_of_a_call_is_tied_together(tmp_path: Path) -> None:
    """Decided and disclosed entries carry the same request hash, and the second points at the first."""
    async with a_log(tmp_path) as log:
        decided = await log.append(a_decision(), once=once("jti-0000000000000001"))
        disclosed = await log.append(a_disclosure(decided=decided.index))

    assert (decided.index, disclosed.index) == (1, 3)
    assert verified(tmp_path).opened == 2


def test_one_time_id_is_plain_text() -> None:
    """An id no engine could store is refused before it gets near a transaction."""
    for bad in ("jti-\ud800", "đ", "a\x00b"):
        with pytest.raises(ValueError, match="plain ASCII"):
            Once("H14", bad, START)


async def test_origin_must_be_the_keys(tmp_path: Path) -> None:
    """A log is not opened under a name its key does not carry."""
    places, signer, ring = keys(tmp_path)
    with pytest.raises(ValueError, match="another origin"):
        await AccessLog.open(
            SqliteStore(places.store),
            signer,
            ring,
            origin="other.example",
            now=Clock(),
            urandom=bytes,
            observe=Seen(),
        )
