"""A verification as a run: recorded at both ends, watched, kept, held against the last checkpoint that was right."""

import asyncio
import json
import os
import stat
from contextlib import suppress
from pathlib import Path

import pytest

from gateway.console.model import Account, Action, DoorClosed, Role, Scope
from gateway.console.web import verifying
from gateway.console.web.verifying import BROKEN, FAILED, HOLDS, Outcome, Progress, Run, Told, Verify, verifier
from tests.gateway.audit.builders import a_decision, a_disclosure, a_refusal
from tests.gateway.console.signin.visitors import Clock
from tests.gateway.console.web.house import RecordingDoor
from tests.gateway.console.web.small_log import altered, copied, small
from tests.gateway.console.web.written_log import Written

ACCOUNT = Account("kiem-tra-01", "Nông Văn Tra", Role.PROVINCIAL_AUDITOR, Scope(frozenset({"H14"})), "vi")
NOTE = "log.example/lienthong\n7\nAAAA\n\nsigned\n"


@pytest.fixture
def door() -> RecordingDoor:
    """A door that keeps what it is told."""
    return RecordingDoor(Clock(), 100)


def a_run(folder: Path, door: RecordingDoor, verify: Verify) -> Run:
    """A run in a folder."""
    return Run(verify, folder=folder / "console", door=door, now=Clock())


def checks(written: Written) -> Verify:
    """The real check of a log."""
    return verifier(vkey=written.vkey, temporary=written.folder / "temporary", path=written.store)


def finds(outcome: Outcome) -> Verify:
    """A check that finds this."""

    async def verify(_: str | None, told: Told) -> Outcome:
        told(Progress("checking", 1, 2))
        return outcome

    return verify


async def verified(run: Run) -> verifying.Result:
    """The result of one more run."""
    assert await run.start(ACCOUNT)
    await run.ended()
    return run.results[0]


async def test_holds(tmp_path: Path, written: Written, door: RecordingDoor) -> None:
    """A log that is whole is found to be, with who, when, size and root; both ends are in the log; the checkpoint is
    kept."""
    run = a_run(tmp_path, door, checks(written))
    result = await verified(run)
    assert (result.outcome.outcome, result.outcome.size, result.earlier) == (HOLDS, written.size, 0)
    assert (result.by, result.began_at, result.recorded) == ("kiem-tra-01", Clock()(), 101)
    start, end = door.told
    assert (start.action, start.about) == (Action.VERIFIED, {"result": "started"})
    assert end.action is Action.VERIFIED
    assert end.about == {"result": "holds", "began": result.began, "size": str(written.size)}
    assert (end.account.username, end.account.scope) == (ACCOUNT.username, ACCOUNT.scope)
    kept = tmp_path / "console" / "verified.checkpoint"
    assert kept.read_text("utf-8").splitlines()[1] == str(written.size)
    assert {stat.S_IMODE(path.stat().st_mode) for path in kept.parent.iterdir()} == {0o600}
    assert run.running is None


async def test_next_time_against_the_last(tmp_path: Path, written: Written, door: RecordingDoor) -> None:
    """Each run is held against the checkpoint of the one before, also after a restart."""
    await verified(a_run(tmp_path, door, checks(written)))
    again = a_run(tmp_path, door, checks(written))
    assert len(again.results) == 1
    result = await verified(again)
    assert (result.outcome.outcome, result.earlier) == (HOLDS, written.size)
    assert len(a_run(tmp_path, door, checks(written)).results) == 2


async def test_altered(tmp_path: Path, written: Written, door: RecordingDoor) -> None:
    """The first bad entry is named, in the result and in the log, and the checkpoint that was kept stays."""
    await verified(a_run(tmp_path, door, checks(written)))
    kept = (tmp_path / "console" / "verified.checkpoint").read_bytes()
    copy = copied(written, tmp_path / "copy")
    place = written.places["disclosed"]
    altered(copy, "UPDATE entry SET env = zeroblob(200) WHERE idx = ?", (place,))
    result = await verified(a_run(tmp_path, door, checks(copy)))
    assert (result.outcome.outcome, result.outcome.entry) == (BROKEN, place)
    assert door.told[-1].about["result"] == "broken"
    assert door.told[-1].entries == (place,)
    assert (tmp_path / "console" / "verified.checkpoint").read_bytes() == kept


async def test_rolled_back(tmp_path: Path, door: RecordingDoor) -> None:
    """A store that was replaced by an older copy of itself holds by itself, and is found out against the last run."""
    longer = await asyncio.to_thread(small, tmp_path / "log", a_decision(), a_disclosure(), index=False)
    older = copied(longer, tmp_path / "older")
    longer = await asyncio.to_thread(small, tmp_path / "log", a_refusal(), a_refusal(), index=False)
    assert longer.size > older.size
    assert (await verified(a_run(tmp_path, door, checks(longer)))).outcome.outcome == HOLDS
    for _ in range(2):  # a run that found it does not forget it
        outcome = (await verified(a_run(tmp_path, door, checks(older)))).outcome
        assert (outcome.outcome, outcome.entry) == (BROKEN, older.size)
        assert "cut back" in outcome.what
    assert (await verified(a_run(tmp_path / "elsewhere", door, checks(older)))).outcome.outcome == HOLDS


async def test_rewritten(tmp_path: Path, door: RecordingDoor) -> None:
    """Another history signed by the same key is found out, though it is longer and whole by itself."""
    first = await asyncio.to_thread(small, tmp_path / "log", a_decision(), a_disclosure(), index=False)
    copied(first, tmp_path / "other")
    one = await asyncio.to_thread(small, tmp_path / "log", a_refusal(), index=False)
    other = await asyncio.to_thread(small, tmp_path / "other", a_decision(), a_refusal(), a_refusal(), index=False)
    assert (await verified(a_run(tmp_path, door, checks(one)))).outcome.outcome == HOLDS
    outcome = (await verified(a_run(tmp_path, door, checks(other)))).outcome
    assert outcome.outcome == BROKEN
    assert "earlier checkpoint" in outcome.what
    assert (await verified(a_run(tmp_path / "elsewhere", door, checks(other)))).outcome.outcome == HOLDS


async def test_one_at_a_time(tmp_path: Path, door: RecordingDoor) -> None:
    """A second run does not begin while one is under way; who looks sees how far it is."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_: str | None, told: Told) -> Outcome:
        told(Progress("checking", 30, 120))
        begun.set()
        await go_on.wait()
        return Outcome(HOLDS, size=120, note=NOTE)

    run = a_run(tmp_path, door, slow)
    assert await run.start(ACCOUNT)
    assert not await run.start(ACCOUNT)
    await asyncio.wait_for(begun.wait(), 30)
    assert run.running is not None
    assert run.running.progress.percent == 25
    assert list(run.results) == []
    go_on.set()
    await run.ended()
    assert len(run.results) == 1
    assert [one.about["result"] for one in door.told] == ["started", "holds"]


async def test_not_begun_without_the_log(tmp_path: Path, door: RecordingDoor) -> None:
    """Where the log cannot take that a run begins none does, and the next may."""
    door.closed = True
    run = a_run(tmp_path, door, finds(Outcome(HOLDS)))
    with pytest.raises(DoorClosed):
        await run.start(ACCOUNT)
    assert run.running is None
    door.closed = False
    assert (await verified(run)).outcome.outcome == HOLDS


async def test_end_waits_for_the_log(tmp_path: Path, door: RecordingDoor) -> None:
    """A result is not handed out while the log cannot take it; it is when it can, also after a restart."""

    async def closes(_: str | None, __: Told) -> Outcome:
        door.closed = True
        return Outcome(BROKEN, entry=3, what="altered")

    run = a_run(tmp_path, door, closes)
    await run.start(ACCOUNT)
    await run.ended()
    assert list(run.results) == []
    assert run.waiting
    again = a_run(tmp_path, door, closes)
    assert list(again.results) == []
    with pytest.raises(DoorClosed):
        await again.settle()
    door.closed = False
    await asyncio.gather(again.settle(), again.settle())
    assert [one.outcome.entry for one in again.results] == [3]
    assert [one.about["result"] for one in door.told] == ["started", "broken"]
    assert a_run(tmp_path, door, closes).results == again.results


async def test_bounded(tmp_path: Path, door: RecordingDoor) -> None:
    """Only the newest results are kept."""
    run = a_run(tmp_path, door, finds(Outcome(FAILED, what="no store")))
    for _ in range(verifying.KEPT + 2):
        await verified(run)
    assert len(run.results) == verifying.KEPT
    assert run.results[0].recorded == door.next - 1


async def test_closed_in_the_middle(tmp_path: Path, door: RecordingDoor) -> None:
    """A console that ends ends the run, which leaves no result."""
    begun, cancelled = asyncio.Event(), asyncio.Event()

    async def endless(_: str | None, __: Told) -> Outcome:
        begun.set()
        try:
            await asyncio.sleep(600)
        finally:
            cancelled.set()
        raise AssertionError

    run = a_run(tmp_path, door, endless)
    await run.start(ACCOUNT)
    await asyncio.wait_for(begun.wait(), 30)
    await run.close()
    assert cancelled.is_set()
    assert (list(run.results), run.running) == ([], None)


async def test_process_ends_with_the_run(tmp_path: Path, written: Written, door: RecordingDoor) -> None:
    """The process of a run that is stopped is gone, and there is no result."""
    run = a_run(tmp_path, door, checks(written))
    await run.start(ACCOUNT)
    async with asyncio.timeout(30):
        while not (begun := _checking()):  # noqa: ASYNC110 - the system's list of processes tells nobody
            await asyncio.sleep(0.01)
    await run.close()
    assert not begun & _checking()
    assert list(run.results) == []


def _checking() -> set[str]:
    """Ids of the processes that check a log and are children of this one."""
    found = set()
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            mine = path.joinpath("stat").read_text().rpartition(")")[2].split()[1] == str(os.getpid())
            if mine and b"gateway.console.checking" in path.joinpath("cmdline").read_bytes():
                found.add(path.name)
    return found


@pytest.mark.parametrize("spoilt", [b"", b"\xff", b"[{}]", b"{}x", b"[1]", b"7"])
async def test_spoilt_results(tmp_path: Path, door: RecordingDoor, spoilt: bytes) -> None:
    """Results that cannot be read are not taken for none."""
    await verified(a_run(tmp_path, door, finds(Outcome(HOLDS, size=7, note=NOTE))))
    (tmp_path / "console" / "verified.json").write_bytes(spoilt)
    with pytest.raises(ValueError, match=r"verified\.json: not the results"):
        a_run(tmp_path, door, finds(Outcome(HOLDS)))


async def test_disk_that_takes_nothing(tmp_path: Path, door: RecordingDoor) -> None:
    """A result that cannot be written is handed out all the same, and that it is not kept is said."""
    run = a_run(tmp_path, door, finds(Outcome(HOLDS, size=7, note=NOTE)))
    (tmp_path / "console" / "verified.json").mkdir(parents=True)  # no file can take its place
    assert (await verified(run)).outcome.size == 7
    assert run.unkept


async def test_no_store(tmp_path: Path, written: Written, door: RecordingDoor) -> None:
    """Without a store nothing can be said, and that is not taken for broken."""
    verify = verifier(vkey=written.vkey, temporary=tmp_path / "temporary", path=tmp_path / "none.sqlite")
    outcome = (await verified(a_run(tmp_path, door, verify))).outcome
    assert outcome.outcome == FAILED
    assert "no such file" in outcome.what
    assert json.loads((tmp_path / "console" / "verified.json").read_bytes())[0]["outcome"]["outcome"] == FAILED
