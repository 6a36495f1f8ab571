"""Tests of figures that are made in the background."""

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.console.model import EVERYTHING, Scope
from gateway.console.web.reckonings import KEPT, MOST, Reckonings, ReckoningsFull, Result, Working
from gateway.reuse.periods import ALWAYS, parse
from gateway.storage.contract import Reader, StoreUnavailable
from tests.gateway.console.signin.visitors import Clock
from tests.gateway.console.web.written_log import NOW, Written

NOVEMBER = parse("2026-11")


@asynccontextmanager
async def reckonings(
    folder: Path, written: Written, *, reader: Callable[[], Reader] | None = None, patience: float = 60
) -> AsyncIterator[tuple[Reckonings, Clock]]:
    """Over a log, with a clock."""
    clock = Clock(NOW)
    made = Reckonings(
        folder,
        reader=reader or written.reader,
        index=written.index,
        ring=written.ring,
        now=clock,
        urandom=os.urandom,
        patience=patience,
    )
    try:
        yield made, clock
    finally:
        await made.close()


async def test_figures_are_kept_for_a_while(tmp_path: Path, written: Written) -> None:
    """The same object until its time is over or it is forgotten; another scope and another time have their own."""
    async with reckonings(tmp_path, written) as (mine, clock):
        first = await mine.look(EVERYTHING, NOVEMBER)
        assert isinstance(first, Result)
        assert first.entries == written.size
        assert await mine.look(EVERYTHING, NOVEMBER) is first
        scoped = await mine.look(Scope(frozenset({"H14"})), NOVEMBER)
        assert isinstance(scoped, Result)
        assert scoped.report.total.dossiers < first.report.total.dossiers
        clock.move(seconds=KEPT.total_seconds())
        second = await mine.look(EVERYTHING, NOVEMBER)
        assert second is not first
        mine.forget(EVERYTHING, NOVEMBER)
        assert await mine.look(EVERYTHING, NOVEMBER) is not second
        assert list(tmp_path.iterdir()) == []


async def test_a_time_without_limits_reads_everything(tmp_path: Path, written: Written) -> None:
    """And a time that is cut out reads what the index names, with the same figures for the same time."""
    entries = written.entries()
    since, until = entries[0].at - timedelta(days=1), entries[-1].at + timedelta(days=1)
    async with reckonings(tmp_path, written) as (mine, _):
        whole = await mine.look(EVERYTHING, ALWAYS)
        cut = await mine.look(EVERYTHING, parse("2026"))
    assert isinstance(whole, Result)
    assert isinstance(cut, Result)
    assert since.year == until.year == 2026
    assert whole.report == cut.report


async def test_entries_the_index_has_not_read_are_counted(tmp_path: Path, written: Written) -> None:
    """The index says where to look; behind its end everything is looked at."""

    class Behind:
        def ranges(self, **_: Any) -> list[tuple[int, int]]:
            return [(5, 1 << 62)]

    async with reckonings(tmp_path, written) as (mine, _):
        whole = await mine.look(EVERYTHING, NOVEMBER)
        mine.forget(EVERYTHING, NOVEMBER)
        mine._index = Behind  # type: ignore[assignment]  # of an index nothing else is asked
        cut = await mine.look(EVERYTHING, NOVEMBER)
    assert isinstance(whole, Result)
    assert isinstance(cut, Result)
    lost = len(
        {entry.payload["dossier"] for entry in written.entries()[:5] if entry.payload and entry.kind == "disclosed"}
    )
    assert 0 < whole.report.total.dossiers - cut.report.total.dossiers <= lost


async def test_one_is_made_once_for_all_who_wait(tmp_path: Path, written: Written) -> None:
    """Two who look at the same time share one reading of the log, and its progress."""
    opened: list[Reader] = []

    def counting() -> Reader:
        opened.append(written.reader())
        return opened[-1]

    async with reckonings(tmp_path, written, reader=counting) as (mine, _):
        both = await asyncio.gather(mine.look(EVERYTHING, NOVEMBER), mine.look(EVERYTHING, NOVEMBER))
    assert both[0] is both[1]
    assert len(opened) == 1


async def test_what_goes_wrong_is_said_and_not_kept(tmp_path: Path, written: Written) -> None:
    """The store is away once: the first look says so, the next has figures."""
    away = [True]

    def reader() -> Reader:
        if away.pop() if away else False:
            raise StoreUnavailable("away")
        return written.reader()

    async with reckonings(tmp_path, written, reader=reader) as (mine, _):
        with pytest.raises(StoreUnavailable):
            await mine.look(EVERYTHING, NOVEMBER)
        assert isinstance(await mine.look(EVERYTHING, NOVEMBER), Result)


async def test_too_many_are_refused_and_old_ones_make_room(tmp_path: Path, written: Written) -> None:
    """While MOST wait, one more is refused; when they are done, the oldest goes."""
    go_on = threading.Event()

    def reader() -> Reader:
        assert go_on.wait(60)
        return written.reader()

    async with reckonings(tmp_path, written, reader=reader, patience=0) as (mine, _):
        try:
            for year in range(2001, 2001 + MOST):
                assert isinstance(await mine.look(EVERYTHING, parse(str(year))), Working)
            with pytest.raises(ReckoningsFull):
                await mine.look(EVERYTHING, NOVEMBER)
        finally:
            go_on.set()
        mine.patience = 60
        for year in range(2001, 2001 + MOST):
            assert isinstance(await mine.look(EVERYTHING, parse(str(year))), Result)
        assert isinstance(await mine.look(EVERYTHING, NOVEMBER), Result)


async def test_closing_ends_what_is_under_way(tmp_path: Path, written: Written) -> None:
    """Nobody waits for figures that nobody will see, and no file is left."""
    async with reckonings(tmp_path, written, patience=0) as (mine, _):
        for year in range(2020, 2027):
            await mine.look(EVERYTHING, parse(str(year)))
    assert list(tmp_path.iterdir()) == []
