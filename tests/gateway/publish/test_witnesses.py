"""Publishing to witnesses over real sockets: rounds, outages, disagreement."""

import asyncio
import shutil
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.audit.keys import Places, open_signer
from gateway.publish.exchange import Exchange
from gateway.publish.ledger import Ledger
from gateway.publish.state import Kind, Problem
from gateway.publish.turns import WitnessTurn
from gateway.storage.sqlite import SqliteStore
from mocks.faults import Fault
from signing.cosignatures import open_cosignature
from tests.gateway.audit.builders import ORIGIN, a_log, a_refusal
from tests.gateway.publish.builders import (
    PATIENCE,
    WallClock,
    a_witness,
    faults,
    grow,
    kept,
    log_vkey,
    note,
    publishing,
    served,
    witness_app,
)
from tests.helpers.ports import held_port


async def test_the_newest_checkpoint_is_cosigned_and_kept(tmp_path: Path) -> None:
    """A cosignature that verifies under the witness's key is stored beside the newest checkpoint, and shown."""
    size = await grow(tmp_path, 3)
    async with served(witness_app(tmp_path, [log_vkey(tmp_path)])) as url:
        witness = a_witness(tmp_path, url)
        async with publishing(tmp_path, witness) as (publisher, watching):
            state = await watching.covered(size)
            assert publisher.states() == (state,)
    assert (state.kind, state.problem, state.since_us) == (Kind.WITNESS, None, None)
    ((one,), _) = kept(tmp_path)
    assert (one.size, one.witness) == (size, "witness.example/w1")
    body = note(tmp_path, size).text.partition("\n\n")[0] + "\n"
    assert open_cosignature(one.line, body, witness.key) * 1_000_000 == one.at_us


async def test_a_growing_log_is_followed(tmp_path: Path) -> None:
    """What is appended while publishing runs is covered, by one more request for each tree."""
    app = witness_app(tmp_path, [log_vkey_of_new(tmp_path)])
    async with (
        served(app) as url,
        a_log(tmp_path) as log,
        publishing(tmp_path, a_witness(tmp_path, url)) as (_, watching),
    ):
        for _ in range(3):
            receipt = await log.append(a_refusal())
            await watching.covered(receipt.index + 1)
    assert watching.seen[-1].size == receipt.index + 1
    assert all(state.problem is None for state in watching.seen)
    assert watching.backward == []


async def test_a_log_over_several_tiles_is_cosigned_step_by_step(tmp_path: Path) -> None:
    """Consistency proofs across tile boundaries convince a witness with a verifier of its own."""
    async with (
        served(witness_app(tmp_path, [log_vkey_of_new(tmp_path)])) as url,
        a_log(tmp_path) as log,
        publishing(tmp_path, a_witness(tmp_path, url)) as (_, watching),
    ):
        for entries in (1, 200, 60, 1, 270):
            receipts = await asyncio.gather(*(log.append(a_refusal()) for _ in range(entries)))
            await watching.covered(receipts[-1].index + 1)
    assert all(state.problem is None for state in watching.seen)


async def test_a_witness_that_comes_back_is_asked_again_without_help(tmp_path: Path) -> None:
    """A witness that is down is a problem one can see; once it is back the newest tree is cosigned."""
    app = witness_app(tmp_path, [log_vkey_of_new(tmp_path)])
    with held_port() as port:
        url = f"http://127.0.0.1:{port}"
        async with a_log(tmp_path) as log, publishing(tmp_path, a_witness(tmp_path, url)) as (_, watching):
            await log.append(a_refusal())
            down = await watching.until(lambda state: state.problem is Problem.UNREACHABLE)
            assert (down.size, down.last_success_us) == (None, None)
            assert down.since_us is not None
            receipt = await log.append(a_refusal())
            async with served(app, port):
                await watching.covered(receipt.index + 1)
            receipt = await log.append(a_refusal())
            await watching.until(lambda state: state.problem is Problem.UNREACHABLE)
            async with served(app, port):
                await watching.covered(receipt.index + 1)


async def test_a_hanging_witness_is_in_nobodys_way(tmp_path: Path) -> None:
    """While a witness keeps the connection and says nothing, calls are logged and another witness cosigns."""
    hanging = witness_app(tmp_path, [log_vkey_of_new(tmp_path)], name="w1")
    prompt = witness_app(tmp_path, [log_vkey(tmp_path)], name="w2")
    faults(hanging).set(Fault.HANG)
    async with served(hanging) as first, served(prompt) as second, a_log(tmp_path) as log:
        endpoints = a_witness(tmp_path, first, name="w1"), a_witness(tmp_path, second, name="w2")
        async with publishing(tmp_path, *endpoints, deadline=60.0) as (_, watching):
            for _ in range(20):
                receipt = await log.append(a_refusal())
            await watching.covered(receipt.index + 1, "w2")
            async with asyncio.timeout(PATIENCE):
                while faults(hanging).calls == 0:  # noqa: ASYNC110 - the mock counts, and tells nobody
                    await asyncio.sleep(0.01)
            assert faults(hanging).calls == 1
            assert watching.states["w1"].last_success_us is None
            assert watching.states["w1"].problem is None  # still within its deadline


async def test_no_answer_in_time_is_a_timeout(tmp_path: Path) -> None:
    """The deadline is over the whole exchange; the next try succeeds."""
    size = await grow(tmp_path, 1)
    app = witness_app(tmp_path, [log_vkey(tmp_path)])
    faults(app).set(Fault.HANG, 1)
    async with (
        served(app) as url,
        publishing(tmp_path, a_witness(tmp_path, url), deadline=0.3) as (_, watching),
    ):
        await watching.until(lambda state: state.problem is Problem.TIMEOUT)
        await watching.covered(size)


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        (Fault.WRONG_KEY, Problem.UNTRUSTED),
        (Fault.UNSIGNED, Problem.UNTRUSTED),
        (Fault.WRONG_REQUEST, Problem.UNTRUSTED),
        (Fault.MALFORMED, Problem.MALFORMED),
        (Fault.EMPTY_BODY, Problem.MALFORMED),
        (Fault.WRONG_CONTENT_TYPE, Problem.MALFORMED),
        (Fault.GZIP_BOMB, Problem.MALFORMED),
        (Fault.OVERSIZED, Problem.TOO_LARGE),
        (Fault.REDIRECT, Problem.REFUSED),
        (Fault.HTTP_500, Problem.REFUSED),
        (Fault.HTTP_404, Problem.UNKNOWN_LOG),
        (Fault.REFUSE, Problem.UNREACHABLE),
        (Fault.RESET_MID_BODY, Problem.UNREACHABLE),
        (Fault.TRUNCATED_CONTENT_LENGTH, Problem.UNREACHABLE),
    ],
)
async def test_what_does_not_verify_is_not_kept(tmp_path: Path, fault: Fault, problem: Problem) -> None:
    """Each fault has its word and leaves nothing in the store; without the fault the same witness is believed."""
    size = await grow(tmp_path, 2)
    app = witness_app(tmp_path, [log_vkey(tmp_path)])
    faults(app).set(fault)
    async with served(app) as url, publishing(tmp_path, a_witness(tmp_path, url)) as (_, watching):
        await watching.until(lambda state: state.problem is problem)
        assert kept(tmp_path) == ([], [])
        faults(app).clear()
        await watching.covered(size)
    assert {state.problem for state in watching.seen} == {None, problem}
    assert len(kept(tmp_path)[0]) == 1


async def test_a_process_that_knows_nothing_takes_the_witnesss_word_for_the_size(tmp_path: Path) -> None:
    """409 names the size the witness stands at: one more request, with a proof from there."""
    await grow(tmp_path, 3)
    app = witness_app(tmp_path, [log_vkey(tmp_path)])
    async with served(app) as url:
        witness = a_witness(tmp_path, url)
        async with publishing(tmp_path, witness) as (_, watching):
            await watching.until(lambda state: state.size is not None)
        forget_cosignatures(tmp_path)
        size = await grow(tmp_path, 4)
        faults(app).reset()
        async with publishing(tmp_path, witness) as (_, watching):
            await watching.covered(size)
    assert faults(app).calls == 2
    assert watching.backward == []


async def test_a_restart_goes_on_from_what_is_stored(tmp_path: Path) -> None:
    """The size a stored cosignature covers is where the next process starts, without asking for it."""
    await grow(tmp_path, 3)
    app = witness_app(tmp_path, [log_vkey(tmp_path)])
    async with served(app) as url:
        witness = a_witness(tmp_path, url)
        async with publishing(tmp_path, witness) as (_, watching):
            await watching.until(lambda state: state.size is not None)
        size = await grow(tmp_path, 4)
        faults(app).reset()
        async with publishing(tmp_path, witness) as (_, watching):
            await watching.covered(size)
    assert faults(app).calls == 1


async def test_a_witness_that_forgot_is_seen_to_have_forgotten(tmp_path: Path) -> None:
    """It cosigns again from nothing, and the observer is told that it could not prove what it had seen."""
    await grow(tmp_path, 3)
    logs = [log_vkey(tmp_path)]
    async with (
        served(witness_app(tmp_path, logs)) as url,
        publishing(tmp_path, a_witness(tmp_path, url)) as (_, watching),
    ):
        await watching.until(lambda state: state.size is not None)
    (tmp_path / "witness-w1" / "seen.json").unlink()
    size = await grow(tmp_path, 2)
    async with (
        served(witness_app(tmp_path, logs)) as url,
        publishing(tmp_path, a_witness(tmp_path, url)) as (_, watching),
    ):
        await watching.covered(size)
    assert watching.backward == [("w1", 0)]


async def test_an_idle_log_is_shown_again_after_a_while(tmp_path: Path) -> None:
    """The witness's time moves on without new entries; what is stored for a size stays the first."""
    size = await grow(tmp_path, 1)
    app, clock = witness_app(tmp_path, [log_vkey(tmp_path)]), WallClock()
    async with served(app) as url, publishing(tmp_path, a_witness(tmp_path, url), now=clock) as (_, watching):
        first = (await watching.covered(size)).last_success_us
        assert first is not None
        clock.ahead += timedelta(minutes=11)
        await watching.until(lambda state: (state.last_success_us or 0) > first)
        assert faults(app).calls == 2
    assert len(kept(tmp_path)[0]) == 1


@pytest.mark.parametrize(("entries", "what"), [(0, "cut back"), (3, "as long"), (5, "longer")])
async def test_a_log_that_is_not_the_one_the_witness_saw_raises_the_alarm(
    tmp_path: Path, entries: int, what: str
) -> None:
    """A restored copy, cut back, or grown otherwise to the same size or beyond, is refused and not offered again."""
    one, two = tmp_path / "one", tmp_path / "two"
    await grow(one, 5)
    app = witness_app(tmp_path, [log_vkey(one)])
    async with served(app) as url:
        witness = a_witness(tmp_path, url)
        async with publishing(one, witness) as (_, watching):
            await watching.until(lambda state: state.size is not None)
        shutil.copytree(one / "log", two / "log")
        async with publishing(one, witness) as (_, watching):
            await watching.covered(await grow(one, 3))
        if entries:
            await grow(two, entries)
        async with publishing(two, witness) as (publisher, watching):
            await watching.until(lambda state: state.problem is Problem.INCONSISTENT)
            asked = faults(app).calls
            await asyncio.wait_for(asyncio.gather(*publisher._tasks), PATIENCE)  # nobody is left to ask again
            assert faults(app).calls == asked
            assert watching.defects == []
    assert len(kept(two)[0]) == 1, what  # what was there when the copy was made


async def test_a_log_cut_back_while_publishing_is_seen_without_asking(tmp_path: Path) -> None:
    """Fewer entries than a witness has already cosigned is an alarm of its own."""
    await grow(tmp_path, 5)
    early = tmp_path / "early"
    shutil.copytree(tmp_path / "log", early)
    size = await grow(tmp_path, 5)
    app = witness_app(tmp_path, [log_vkey(tmp_path)])
    async with served(app) as url, publishing(tmp_path, a_witness(tmp_path, url)) as (_, watching):
        await watching.covered(size)
        store = Places.under(tmp_path).store
        source = sqlite3.connect(early / store.name)
        target = sqlite3.connect(store)
        source.backup(target)
        source.close()
        target.close()
        state = await watching.until(lambda state: state.problem is Problem.INCONSISTENT)
    assert state.size == size


async def test_a_witness_that_does_not_know_the_log_or_its_key_says_so(tmp_path: Path) -> None:
    """An unknown origin and another key have words of their own, for whoever has to configure the witness."""
    mine, other = tmp_path / "mine", tmp_path / "other"
    await grow(mine, 1)
    await grow(other, 1)
    stranger = witness_app(tmp_path, [], name="w1")
    mistaken = witness_app(tmp_path, [log_vkey(other)], name="w2")
    async with served(stranger) as first, served(mistaken) as second:
        endpoints = a_witness(tmp_path, first, name="w1"), a_witness(tmp_path, second, name="w2")
        async with publishing(mine, *endpoints) as (_, watching):
            await watching.until(lambda state: state.problem is Problem.UNKNOWN_LOG, "w1")
            await watching.until(lambda state: state.problem is Problem.KEY_NOT_TRUSTED, "w2")


async def test_two_processes_publish_one_log(tmp_path: Path) -> None:
    """Both follow the log to its end; nobody takes the other for a second log, and nothing is kept twice."""
    app = witness_app(tmp_path, [log_vkey_of_new(tmp_path)])
    async with served(app) as url, a_log(tmp_path) as log:
        witness = a_witness(tmp_path, url)
        async with publishing(tmp_path, witness) as (_, one), publishing(tmp_path, witness) as (_, two):
            for _ in range(60):
                receipt = await log.append(a_refusal())
            await one.covered(receipt.index + 1)
            await two.covered(receipt.index + 1)
    assert {state.problem for state in [*one.seen, *two.seen]} <= {None, Problem.CONTENDED}
    assert one.backward == two.backward == []
    sizes = [row.size for row in kept(tmp_path)[0]]
    assert len(sizes) == len(set(sizes))


class LateLedger(Ledger):
    """A ledger whose first look at the log comes before another process's last entry."""

    seen: int | None = None

    async def newest(self) -> int | None:
        """What was there before, once."""
        first, self.seen = self.seen, None
        return await super().newest() if first is None else first


async def test_a_witness_moved_on_by_another_process_is_no_alarm(tmp_path: Path) -> None:
    """It stands at a tree this process has not looked at yet: it looks again, and finds it."""
    early = await grow(tmp_path, 3)
    late = await grow(tmp_path, 3)
    app = witness_app(tmp_path, [log_vkey(tmp_path)])
    async with served(app) as url, Exchange(deadline=10.0) as exchange:
        witness = a_witness(tmp_path, url)
        async with publishing(tmp_path, witness) as (_, watching):
            await watching.covered(late)
        forget_cosignatures(tmp_path)
        places = Places.under(tmp_path)
        ledger = LateLedger(SqliteStore(places.store), open_signer(places, ORIGIN).key)
        ledger.seen = early
        backward: list[int] = []
        turn = WitnessTurn(witness, ledger, exchange, idle=600, now=WallClock(), went_back=backward.append)
        kept_now = await turn.take()
        await ledger.close()
    assert kept_now is not None
    assert kept_now.size == late
    assert backward == []


async def test_a_store_that_is_not_there_yet_is_waited_for(tmp_path: Path) -> None:
    """The store's troubles are a problem like another, and pass like another."""
    app = witness_app(tmp_path, [log_vkey_of_new(tmp_path)])
    async with served(app) as url, publishing(tmp_path, a_witness(tmp_path, url)) as (_, watching):
        await watching.until(lambda state: state.problem is Problem.STORE)
        await watching.covered(await grow(tmp_path, 1))


async def test_a_store_that_contradicts_itself_is_named(tmp_path: Path) -> None:
    """A tree that does not fit its signed checkpoint is not shown to anyone."""
    await grow(tmp_path, 4)
    app = witness_app(tmp_path, [log_vkey(tmp_path)])
    async with served(app) as url:
        witness = a_witness(tmp_path, url)
        async with publishing(tmp_path, witness) as (_, watching):
            await watching.until(lambda state: state.size is not None)
        await grow(tmp_path, 2)
        with sqlite3.connect(Places.under(tmp_path).store) as store:
            store.execute("UPDATE entry SET leaf = zeroblob(32) WHERE idx = 1")
        store.close()
        faults(app).reset()
        async with publishing(tmp_path, witness) as (_, watching):
            await watching.until(lambda state: state.problem is Problem.LOG_BROKEN)
    assert faults(app).calls == 0


async def test_a_fault_of_ours_is_reported_and_stops_that_endpoint_alone(tmp_path: Path) -> None:
    """An exception nobody foresaw reaches the observer; it is never swallowed."""
    await grow(tmp_path, 1)

    def broken() -> object:
        raise RuntimeError

    clock = WallClock()
    async with (
        served(witness_app(tmp_path, [log_vkey(tmp_path)])) as url,
        publishing(tmp_path, a_witness(tmp_path, url), now=clock) as (publisher, watching),
    ):
        await watching.until(lambda state: state.size is not None)
        publisher._turns[Kind.WITNESS, "w1"]._now = broken  # type: ignore[attr-defined]
        await watching.until(lambda state: state.problem is Problem.DEFECT)
        assert [type(error) for error in watching.defects] == [RuntimeError]


def forget_cosignatures(folder: Path) -> None:
    """Remove what was kept of witnesses."""
    with sqlite3.connect(Places.under(folder).store) as store:
        store.execute("DELETE FROM cosignature")
    store.close()


def log_vkey_of_new(folder: Path) -> str:
    """The public key of a log that does not exist yet."""
    Places.under(folder).store.parent.mkdir(parents=True, exist_ok=True)
    return log_vkey(folder)
