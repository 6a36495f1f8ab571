"""Retention: what is due, what is held, and that nothing is destroyed before the log says so."""

import os
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.running import RetentionSettings
from gateway import retention
from gateway.audit import check
from gateway.audit.errors import LogUnavailable
from gateway.audit.events import EntryKind
from gateway.audit.keys import Places
from gateway.audit.reading import Opened, newest
from gateway.audit.ring import KeyRing
from gateway.keeper import IDLE, Keeper
from gateway.storage.sqlite_reader import SqliteReader
from gateway.vault import VaultUnavailable
from tests.gateway.audit.builders import Clock, a_decision, a_disclosure, a_log

KINDS = ("decided", "disclosed", "refused", "inspected", "changed")


def settings(*hold: str, **months: int) -> RetentionSettings:
    """24 months for every kind but those named."""
    return RetentionSettings({**dict.fromkeys(KINDS, 24), **months}, frozenset(hold))


def at(year: int, month: int, day: int = 1) -> datetime:
    """A moment."""
    return datetime(year, month, day, 3, tzinfo=UTC)


def entries(folder: Path) -> list[Opened]:
    """Every entry, the oldest first."""
    places = Places.under(folder)
    reader = SqliteReader(places.store)
    try:
        return list(newest(reader, KeyRing(places.ring), subject=None))[::-1]
    finally:
        reader.close()


def test_a_month_is_kept_whole_for_its_months(tmp_path: Path) -> None:
    """November 2026 with 24 months is due from December 2028 on, and not a day before."""
    ring = KeyRing(tmp_path)
    epoch = ring.current(EntryKind.DISCLOSED, at(2026, 11, 30), os.urandom)
    assert retention.due([epoch], settings(), datetime(2028, 11, 30, 23, 59, 59, tzinfo=UTC)) == ()
    assert retention.due([epoch], settings(), at(2028, 12)) == (epoch,)
    assert retention.due([epoch], settings("2026-11"), at(2040, 1)) == ()


def test_each_kind_has_its_own_time(tmp_path: Path) -> None:
    """What auditors did may be kept longer than what portals did."""
    ring = KeyRing(tmp_path)
    told = ring.current(EntryKind.DISCLOSED, at(2026, 1), os.urandom)
    seen = ring.current(EntryKind.INSPECTED, at(2026, 1), os.urandom)
    assert retention.due([told, seen], settings(disclosed=12, inspected=60), at(2027, 2)) == (told,)


def test_less_than_the_legal_minimum_is_an_error_whoever_asks(tmp_path: Path) -> None:
    """Settings that did not come through the reader are checked here once more."""
    epoch = KeyRing(tmp_path).current(EntryKind.DISCLOSED, at(2026, 1), os.urandom)
    with pytest.raises(ValueError, match="12 months"):
        retention.due([epoch], settings(refused=11), at(2040, 1))


@given(st.integers(2000, 2100), st.integers(1, 12), st.integers(0, 700))
def test_months_are_counted_like_a_calendar(year: int, month: int, count: int) -> None:
    """Adding months one by one gives the same."""
    stepped_year, stepped_month = year, month
    for _ in range(count):
        stepped_month += 1
        if stepped_month == 13:
            stepped_year, stepped_month = stepped_year + 1, 1
    assert retention.later(f"{year:04d}-{month:02d}", count) == f"{stepped_year:04d}-{stepped_month:02d}"


async def test_contents_end_and_proofs_go_on(tmp_path: Path) -> None:
    """After its time a month's disclosures no longer open; the log says so, verifies, and the rest still opens."""
    clock = Clock()
    clock.at = at(2026, 11, 5)
    ring = KeyRing(Places.under(tmp_path).ring)
    async with a_log(tmp_path, now=clock) as log:
        await log.append(a_decision(at=clock.at))
        await log.append(a_disclosure(at=clock.at))
        clock.at = at(2028, 1, 5)
        await log.append(a_disclosure(at=clock.at))
        assert await retention.erase(log, ring, settings(disclosed=12), clock) == 1
        assert await retention.erase(log, ring, settings(disclosed=12), clock) == 0
    said = entries(tmp_path)
    by_month: Mapping[tuple[str, str], bool] = {
        (one.kind, f"{one.at:%Y-%m}"): one.payload is not None for one in said if one.kind != "key-epoch"
    }
    assert by_month == {
        ("decided", "2026-11"): True,
        ("disclosed", "2026-11"): False,
        ("disclosed", "2028-01"): True,
        ("redaction", "2028-01"): True,
    }
    redacted = said[-1].payload or {}
    assert [(one["seals"], one["period"]) for one in redacted["epochs"]] == [("disclosed", "2026-11")]
    places = Places.under(tmp_path)
    assert check.check(places.store, key=check.parse_key(places.vkey.read_text())).entries == len(said)


class _Full:
    """A log that cannot take an entry."""

    async def append(self, _: object) -> None:
        """Refuse."""
        raise LogUnavailable("store")


async def test_keys_outlive_a_log_that_cannot_say_that_they_are_gone(tmp_path: Path) -> None:
    """No entry, no erasure: the keys stay and the next round tries again."""
    ring = KeyRing(tmp_path)
    epoch = ring.current(EntryKind.DISCLOSED, at(2020, 1), os.urandom)
    with pytest.raises(LogUnavailable):
        await retention.erase(_Full(), ring, settings(), lambda: at(2026, 11))  # type: ignore[arg-type]
    assert KeyRing(tmp_path).find(epoch.kid) is not None


async def test_a_silent_hour_is_an_entry_and_a_busy_one_is_not(tmp_path: Path) -> None:
    """A heartbeat stands in the log after an hour without entries, one an hour, and never while there is traffic."""
    clock, erased = Clock(), list[int]()

    async def erase() -> int:
        erased.append(1)
        return 0

    async def nothing() -> int:
        return 0

    async with a_log(tmp_path, now=clock) as log:
        keeper = Keeper(log, erase=erase, sweep=nothing, now=clock, report=lambda *_: None)
        for _ in range(12):  # two hours in steps of ten minutes
            await log.append(a_decision(at=clock.at))
            await keeper.round()
            clock.forward(600)
        for _ in range(18):
            await keeper.round()
            clock.forward(600)
    beats = [one.at for one in entries(tmp_path) if one.kind == "heartbeat"]
    assert [later - earlier for earlier, later in pairwise(beats)] == [IDLE, IDLE]
    assert len(erased) == 1


async def test_what_the_keeper_cannot_do_is_said_and_done_later(tmp_path: Path) -> None:
    """A log that is down ends neither the keeper nor the gateway."""
    said: list[tuple[str, int]] = []
    swept: list[int] = []
    outcome: list[int | LogUnavailable] = [LogUnavailable("store"), 3]

    async def erase() -> int:
        now = outcome.pop(0)
        if isinstance(now, LogUnavailable):
            raise now
        return now

    async def sweep() -> int:
        if len(said) < 2:
            raise VaultUnavailable("locked")
        swept.append(1)
        return 0

    async with a_log(tmp_path) as log:
        keeper = Keeper(
            log, erase=erase, sweep=sweep, now=Clock(), report=lambda word, count: said.append((word, count))
        )
        await keeper.round()
        await keeper.round()
        keeper.start()
        await keeper.close()
        await keeper.close()
    assert said == [("log_unavailable", 0), ("vault_unavailable", 0), ("erased", 3)]
    assert len(swept) == 1
