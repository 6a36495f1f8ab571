"""Writers that are killed, and writers that share one store, as real processes."""

import subprocess
import sys
import threading
from pathlib import Path

from tests.gateway.audit.checking import verified
from tests.gateway.audit.test_log import stored

ROOT = Path(__file__).parents[3]


def started(folder: Path, prefix: str, *, count: int, tasks: int, seed: str) -> subprocess.Popen[str]:
    """A writer process that has opened the log and waits to be let go."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.gateway.audit.load", str(folder), prefix, str(count), str(tasks), seed],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "open\n"
    return process


def go(process: subprocess.Popen[str]) -> None:
    """Let it begin."""
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.close()


def acknowledged(lines: list[str]) -> dict[str, tuple[int, str]]:
    """jti -> index and leaf of what a writer was told is durable. A line cut off by the kill does not count."""
    parts = [line.split() for line in lines if line.endswith("\n")]
    return {jti: (int(index), leaf) for word, jti, index, leaf in (p for p in parts if len(p) == 4) if word}


def test_nothing_acknowledged_is_lost_when_the_writer_is_killed(tmp_path: Path) -> None:
    """Five times kill -9 under load: every acknowledged entry is there with its leaf, and the log verifies."""
    kept: dict[str, tuple[int, str]] = {}
    for attempt in range(5):
        process = started(tmp_path, f"run{attempt}", count=0, tasks=32, seed="")
        go(process)
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(300 + 150 * attempt)]
        process.kill()
        lines += process.stdout.readlines()
        process.stdout.close()
        process.wait()
        news = acknowledged(lines)
        assert len(news) >= 250
        kept |= news
        entries = verified(tmp_path).entries
        assert entries > len(kept)

    there = dict(stored(tmp_path, "SELECT idx, hex(leaf) FROM entry"))
    assert len({index for index, _ in kept.values()}) == len(kept)
    assert [there.get(index) for index, _ in kept.values()] == [leaf.upper() for _, leaf in kept.values()]


def test_two_processes_write_one_log_and_accept_no_id_twice(tmp_path: Path) -> None:
    """Two writers try the same ids at the same time: each id is accepted by exactly one of them."""
    processes = [started(tmp_path, "same", count=2000, tasks=16, seed=seed) for seed in ("one", "two")]
    outputs: list[list[str]] = [[], []]

    def read(number: int) -> None:
        output = processes[number].stdout
        assert output is not None
        outputs[number] = output.readlines()
        output.close()

    threads = [threading.Thread(target=read, args=(number,)) for number in range(2)]
    for process, thread in zip(processes, threads, strict=True):
        go(process)
        thread.start()
    for thread in threads:
        thread.join()
    assert [process.wait() for process in processes] == [0, 0]
    accepted = [acknowledged(lines) for lines in outputs]
    refused = [sum(line.startswith("replayed") for line in lines) for lines in outputs]

    assert all(accepted)
    assert not accepted[0].keys() & accepted[1].keys()
    assert len(accepted[0]) + len(accepted[1]) == sum(refused) == 2000
    assert sorted(index for part in accepted for index, _ in part.values()) == list(range(1, 2001))
    assert verified(tmp_path).entries == 2001
