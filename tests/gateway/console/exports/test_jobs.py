"""Exports in the background: whole, signed, of one scope, bounded, and continued after whatever broke them off."""

import asyncio
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from gateway.audit.extract import checking
from gateway.audit.extract.selection import Selection
from gateway.audit.extract.state import read_state
from gateway.console.exports.asking import ExportsFull, Limits
from gateway.console.exports.job import LIFETIME, Job, Stage
from gateway.console.model import Action, DoorClosed, Wanted
from gateway.console.web import reach
from gateway.storage.contract import StoreUnavailable
from gateway.storage.sqlite_reader import SqliteReader
from tests.gateway.audit.builders import PERSON
from tests.gateway.audit.extract.mixed_log import MixedLog, lines
from tests.gateway.console.exports.desk import (
    KEYS,
    NOW,
    PATIENCE,
    Clock,
    SigningDoor,
    Stuck,
    an_account,
    asked,
    jobs,
    until,
)


def ready(job: Job) -> bool:
    """It can be fetched."""
    return job.stage is Stage.READY


@pytest.mark.parametrize("form", ["csv", "jsonl"])
async def test_whole_and_signed(tmp_path: Path, mixed: MixedLog, form: str) -> None:
    """An export holds what an extract of the terminal holds, its manifest is signed, and its digest was in the log
    before it was ready."""
    door = SigningDoor()
    desk = jobs(tmp_path / "exports", mixed, door)
    job = await until(desk, await desk.add(asked(wanted=Wanted(portal="H14"), form=form)), ready)
    other = tmp_path / f"other.{form}"
    mixed.extract(other, form, Selection(portal="H14"))
    assert desk.file(job).read_bytes() == other.read_bytes()
    checked = checking.check(desk.file(job), keys=KEYS, log_key=mixed.key)
    assert checked.said["entries"] == job.entries > 0
    assert checked.said["selection"] == {"portal": "H14"}
    started, written = door.told
    assert (started.action, started.about["result"], started.digest) == (Action.EXPORTED, "started", None)
    assert (written.action, written.about["result"], written.found) == (Action.EXPORTED, "written", job.entries)
    assert written.digest is not None
    assert written.digest.startswith("sha-256=:")
    assert job.recorded == 1002
    await desk.close()


async def test_only_the_owner(tmp_path: Path, mixed: MixedLog) -> None:
    """An export is found by who asked for it, not by others, and not when they may see less than it was made from."""
    desk = jobs(tmp_path / "exports", mixed, SigningDoor())
    national, province = an_account(), an_account("kiem-tra-01", "H14", "G01")
    job = await desk.add(asked(province))
    assert desk.find(job.key, province) is not None
    assert desk.find(job.key, national) is None
    assert desk.mine(national) == ()
    assert desk.find(job.key, an_account("kiem-tra-01", "H14")) is None
    assert desk.find(job.key, an_account("kiem-tra-01")) is not None
    wide = await desk.add(asked(an_account("kiem-tra-01")))
    assert desk.mine(province) == (job,)
    assert {one.key for one in desk.mine(an_account("kiem-tra-01"))} == {job.key, wide.key}
    await desk.close()


async def test_scope(tmp_path: Path, mixed: MixedLog) -> None:
    """An export of a provincial auditor holds every entry of their portals and no other, and the manifest says so."""
    desk = jobs(tmp_path / "exports", mixed, SigningDoor())
    account = an_account("kiem-tra-01", "H14")
    job = await until(desk, await desk.add(asked(account)), ready)
    found = [said["index"] for said in lines(desk.file(job))]
    entries = mixed.entries()
    mine = [one.index for one in entries if str((one.payload or {}).get("portal", "")).split(".")[0] == "H14"]
    assert found == mine
    assert {"H14", "H14.5"} == {entries[index].payload["portal"] for index in found}
    assert all(reach.may_see(entries[index], account.scope) for index in found)
    assert checking.check(desk.file(job), keys=KEYS, log_key=mixed.key).said["selection"] == {"scope": ["H14"]}
    await desk.close()


async def test_subject_by_tags(tmp_path: Path, mixed: MixedLog) -> None:
    """An export about a person is made from keyed tags: it holds what the number would find, and no file of it names
    the number."""
    desk = jobs(tmp_path / "exports", mixed, SigningDoor())
    tags = mixed.ring.subject_tags(PERSON)
    job = await until(desk, await desk.add(asked(wanted=Wanted(tags=tags), masked="004*****0123")), ready)
    other = tmp_path / "other.jsonl"
    mixed.extract(other, "jsonl", Selection(subject=PERSON))
    assert desk.file(job).read_bytes() == other.read_bytes()
    assert checking.check(desk.file(job), keys=KEYS, log_key=mixed.key).said["selection"] == {"subject": True}
    for path in (tmp_path / "exports").rglob("*"):
        assert path.is_dir() or PERSON.encode() not in path.read_bytes(), path.name
    await desk.close()


async def test_action_as_operation(tmp_path: Path, mixed: MixedLog) -> None:
    """What a search takes for an operation, an export does too: the action of an `inspected` entry."""
    desk = jobs(tmp_path / "exports", mixed, SigningDoor())
    job = await until(desk, await desk.add(asked(wanted=Wanted(operation="searched"))), ready)
    found = [said["index"] for said in lines(desk.file(job))]
    assert found == [one.index for one in mixed.entries() if (one.payload or {}).get("action") == "searched"]
    assert found
    await desk.close()


async def test_files_of_their_owner_alone(tmp_path: Path, mixed: MixedLog) -> None:
    """No other user of the machine can read a folder or file of an export."""
    desk = jobs(tmp_path / "exports", mixed, SigningDoor())
    await until(desk, await desk.add(asked()), ready)
    found = list((tmp_path / "exports").rglob("*"))
    assert len(found) >= 5
    assert {stat.S_IMODE(path.stat().st_mode) for path in found} == {0o600, 0o700}
    await desk.close()


def _wait_for_state(folder: Path, process: "subprocess.Popen[bytes]") -> Path:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends and process.poll() is None:
        for path in folder.glob("*/*.jsonl"):
            state = read_state(path)
            if state is not None and state.next > 0:
                return path
        time.sleep(0.02)
    raise AssertionError("nothing was written")


async def test_killed_and_resumed(tmp_path: Path, mixed: MixedLog) -> None:
    """An export whose process is killed in the middle goes on in the next one, to the same bytes."""
    folder = tmp_path / "exports"
    command = [sys.executable, "-m", "tests.gateway.console.exports.desk", str(mixed.folder), str(folder)]
    process = subprocess.Popen(command, cwd=Path(__file__).parents[4])
    try:
        path = await asyncio.to_thread(_wait_for_state, folder, process)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    before = read_state(path)
    assert before is not None
    assert not before.done
    with path.open("ab") as file:  # what was not durable when the process died
        file.write(b'{"index": 9')
    door = SigningDoor()
    desk = jobs(folder, mixed, door, every=20)
    (job,) = desk.mine(an_account())
    assert job.stage is Stage.WRITING
    progress = await desk.progress(job)
    assert 0 < progress.percent < 100
    assert progress.of == mixed.size
    desk.wake()
    job = await until(desk, job, ready)
    other = tmp_path / "other.jsonl"
    mixed.extract(other, "jsonl", Selection())
    assert path.read_bytes() == other.read_bytes()
    assert checking.check(path, keys=KEYS, log_key=mixed.key).said["entries"] == mixed.size == job.entries
    assert [one.about["result"] for one in door.told] == ["written"]
    await desk.close()


async def test_closed_in_the_middle(tmp_path: Path, mixed: MixedLog) -> None:
    """A console that ends does not wait for an export, which goes on with the next one."""
    folder, reached, go_on = tmp_path / "exports", asyncio.Event(), list[bool]()
    loop = asyncio.get_running_loop()

    def stuck() -> None:
        loop.call_soon_threadsafe(reached.set)
        while not go_on:
            time.sleep(0.01)

    first = jobs(
        folder, mixed, SigningDoor(), every=20, reader=lambda: Stuck(SqliteReader(mixed.places.store), 1, stuck)
    )
    job = await first.add(asked())
    await asyncio.wait_for(reached.wait(), PATIENCE)
    closing = asyncio.create_task(first.close())
    await asyncio.sleep(0.05)
    go_on.append(True)
    await closing
    second = jobs(folder, mixed, SigningDoor())
    second.wake()
    job = await until(second, job, ready)
    assert job.entries == mixed.size
    await second.close()


async def test_waits_for_the_log(tmp_path: Path, mixed: MixedLog) -> None:
    """While the log cannot take its digest, or the gateway does not sign, a written export is not ready, says what it
    waits for, and becomes ready by itself, also after a restart."""
    door = SigningDoor(signs=False)
    desk = jobs(tmp_path / "exports", mixed, door)
    job = await desk.add(asked())
    job = await until(desk, job, lambda one: one.stage is Stage.SEALING and one.reason == "log")
    door.closed = True
    await desk.close()
    other = SigningDoor(closed=True)
    again = jobs(tmp_path / "exports", mixed, other)
    again.wake()
    await until(again, job, lambda one: one.reason == "log")
    assert other.told == []
    other.closed = False
    job = await until(again, job, ready)
    assert job.reason == ""
    checking.check(again.file(job), keys=KEYS, log_key=mixed.key)
    await again.close()


async def test_not_begun_without_the_log(tmp_path: Path, mixed: MixedLog) -> None:
    """Where the log cannot say that an export was asked for there is none."""
    desk = jobs(tmp_path / "exports", mixed, SigningDoor(closed=True))
    with pytest.raises(DoorClosed):
        await desk.add(asked())
    assert desk.mine(an_account()) == ()
    assert not (tmp_path / "exports").exists()
    await desk.close()


async def test_store_away_for_a_while(tmp_path: Path, mixed: MixedLog) -> None:
    """While the store cannot be read an export waits, and goes on by itself."""
    away = [True]

    def gone() -> None:
        if away:
            raise StoreUnavailable("locked")

    desk = jobs(
        tmp_path / "exports", mixed, SigningDoor(), reader=lambda: Stuck(SqliteReader(mixed.places.store), 0, gone)
    )
    job = await desk.add(asked())
    await until(desk, job, lambda one: one.stage is Stage.WRITING and one.reason == "store")
    away.clear()
    assert (await until(desk, job, ready)).reason == ""
    await desk.close()


async def test_bounds(tmp_path: Path, mixed: MixedLog) -> None:
    """An account has a bounded number of exports, all together have bounded bytes, and one that finds no room fails."""
    account, other = an_account(), an_account("kiem-tra-03")
    desk = jobs(tmp_path / "exports", mixed, SigningDoor(), limits=Limits(2, 1 << 30))
    for _ in range(2):
        await until(desk, await desk.add(asked(account)), ready)
    with pytest.raises(ExportsFull, match="exports_too_many"):
        await desk.add(asked(account))
    await until(desk, await desk.add(asked(other)), ready)
    used = sum(path.stat().st_size for path in (tmp_path / "exports").rglob("*") if path.is_file())
    await desk.close()
    full = jobs(tmp_path / "exports", mixed, SigningDoor(), limits=Limits(9, used))
    with pytest.raises(ExportsFull, match="exports_no_room"):
        await full.add(asked(other))
    await full.close()
    tight = jobs(tmp_path / "exports", mixed, SigningDoor(), limits=Limits(9, used + 2048), every=20)
    failed = await until(tight, await tight.add(asked(other)), lambda one: one.stage is Stage.FAILED)
    assert failed.reason == "too_large"
    assert [path.name for path in tight.file(failed).parent.iterdir()] == ["job.json"]
    await tight.close()


async def test_removed_in_time(tmp_path: Path, mixed: MixedLog) -> None:
    """An export and everything about it is gone when its time is over, also what a restart finds."""
    clock, folder = Clock(), tmp_path / "exports"
    desk = jobs(folder, mixed, SigningDoor(), clock)
    job = await until(desk, await desk.add(asked()), ready)
    (folder / "stray").mkdir()
    (folder / "stray" / "job.json").write_text("{}")
    old = (clock() - LIFETIME).timestamp() - 60
    os.utime(folder / "stray", (old, old))
    clock.move(seconds=LIFETIME.total_seconds() - 1)
    assert desk.find(job.key, job.account) == job
    clock.move(seconds=1)
    assert desk.find(job.key, job.account) is None
    await desk.close()
    again = jobs(folder, mixed, SigningDoor(), clock)
    again.wake()
    async with asyncio.timeout(PATIENCE):
        while any(folder.iterdir()):  # noqa: ASYNC110 - a folder tells nobody
            await asyncio.sleep(0.01)
    await again.close()


async def test_removed_while_written(tmp_path: Path, mixed: MixedLog) -> None:
    """Who does not want an export any more need not wait for it, and nothing of it stays."""
    reached, go_on = asyncio.Event(), list[bool]()
    loop = asyncio.get_running_loop()

    def stuck() -> None:
        loop.call_soon_threadsafe(reached.set)
        while not go_on:
            time.sleep(0.01)

    door, folder = SigningDoor(), tmp_path / "exports"
    desk = jobs(folder, mixed, door, reader=lambda: Stuck(SqliteReader(mixed.places.store), 0, stuck))
    job = await desk.add(asked())
    await asyncio.wait_for(reached.wait(), PATIENCE)
    removing = asyncio.create_task(desk.remove(job))
    await asyncio.sleep(0.05)
    assert desk.find(job.key, job.account) is None
    go_on.append(True)
    await removing
    assert list(folder.iterdir()) == []
    following = await until(desk, await desk.add(asked()), ready)
    assert following.key != job.key
    assert [one.about["result"] for one in door.told] == ["started", "started", "written"]
    await desk.close()


@pytest.mark.parametrize("spoilt", [b"", b"[]", b'{"key": 1}', b"\xff"])
async def test_spoilt_job(tmp_path: Path, mixed: MixedLog, spoilt: bytes) -> None:
    """A job that cannot be read is left aside and stops nothing."""
    folder = tmp_path / "exports"
    (folder / "spoilt").mkdir(parents=True)
    (folder / "spoilt" / "job.json").write_bytes(spoilt)
    os.utime(folder / "spoilt", (NOW.timestamp(), NOW.timestamp()))
    desk = jobs(folder, mixed, SigningDoor())
    assert desk.mine(an_account()) == ()
    await until(desk, await desk.add(asked()), ready)
    assert (folder / "spoilt" / "job.json").read_bytes() == spoilt
    await desk.close()


async def test_gone_while_looked_at(tmp_path: Path, mixed: MixedLog) -> None:
    """What is on the list of the folder and not there when it is looked at, as an export somebody removes, stops
    nothing; nor does an old file that somebody left there."""
    folder = tmp_path / "exports"
    folder.mkdir(mode=0o700)
    (folder / "gone").symlink_to(tmp_path / "nowhere")
    (folder / "note.txt").write_text("not an export")
    os.utime(folder / "note.txt", (0, 0))
    desk = jobs(folder, mixed, SigningDoor())
    await until(desk, await desk.add(asked()), ready)
    await desk.close()
    assert (folder / "note.txt").exists()


async def test_altered_log(tmp_path: Path, mixed: MixedLog) -> None:
    """A log that is not what its hashes say is not exported: the export fails and nothing of it is kept."""

    class Altered(Stuck):
        def rows(self, start: int, end: int) -> Any:
            rows = super().rows(start, end)
            return [rows[0], *rows[2:1:-1], *rows[2:]]

    desk = jobs(
        tmp_path / "exports",
        mixed,
        SigningDoor(),
        reader=lambda: Altered(SqliteReader(mixed.places.store), 99, lambda: None),
    )
    failed = await until(desk, await desk.add(asked()), lambda one: one.stage is Stage.FAILED)
    assert failed.reason == "log_broken"
    assert not desk.file(failed).exists()
    await desk.close()
