"""`make bench-index`: the console's index alone at ten million entries, asked what auditors ask.

`make bench-log` writes real logs, which takes hours at that size. Here the index's own code takes payloads of made-up
calls instead of sealed entries: the same facets, keyed tags, rollups and file, without a log under it. ENTRIES (default
10,000,000) is the largest; a tenth and a hundredth of it come first. The files are removed at the end.

Rule of this file: rows go in through `Batch` and `facts` alone, so that nothing is measured that no console builds.
"""

import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gateway.console.index.batch import Batch, Words
from gateway.console.index.facts import facts
from gateway.console.index.keyed import IndexKey
from gateway.console.index.schema import open_for_writing
from gateway.console.index.search import LogIndex
from tests.bench_log.country import Country, officer, personal_id, skewed
from tests.bench_log.machine import facts as machine
from tests.bench_log.questions import Desk, questions
from tests.bench_log.timing import Times, repeated

_ENTRIES, _LEAST = 10_000_000, 2_000
_STEP: Final = 10_000
_MONTHS: Final = 24
_NEEDS_A_LOG: Final = frozenset({"entry with its proof"})
_KEY: Final = IndexKey(b"the console's index, for a bench")
_OPERATIONS: Final = ("persons.lookup", "dossiers.prefill", "persons.verify", "enterprises.lookup")
_REFUSALS: Final = ("subject_not_found", "source_unavailable", "procedure_not_granted", "field_not_granted")


@dataclass(frozen=True, slots=True)
class _Ring:
    """Tags of a subject in every month and kind, as a key ring gives them."""

    def subject_tags(self, identifier: str) -> tuple[bytes, ...]:
        """One for each epoch."""
        return tuple(_tag(identifier, month, kind) for month in range(_MONTHS) for kind in ("decided", *_ENDS))


_ENDS: Final = ("disclosed", "refused")


@dataclass(frozen=True, slots=True)
class _Log:
    """As much of a log's reader as the index asks for its size."""

    size: int

    def newest_note(self) -> "_Log":
        """A checkpoint of this size."""
        return self

    def close(self) -> None:
        """Nothing is held."""


def entries(country: Country) -> Iterator[tuple[int, str, Mapping[str, Any], str]]:
    """Time in microseconds, kind, payload, and the number of the person: two entries for each call."""
    calls = country.entries // 2
    for call in range(calls):
        chance = _chances(call)
        portal, procedure, dossier = country.dossier(max(0, call // 2 - skewed(chance[0], 200)))
        person = personal_id(skewed(chance[1], country.people))
        at_us = country.at_us(call / calls)
        said: dict[str, Any] = {
            "portal": portal,
            "procedure": procedure,
            "operation": _OPERATIONS[skewed(chance[2], len(_OPERATIONS))],
            "officer": officer(portal, skewed(chance[3], country.officers)),
            "dossier": dossier,
            "subject": {"n": 1, "of": 1, "kind": "person"},
        }
        yield at_us, "decided", {**said, "sources": ["population"]}, person
        if chance[4] < 0.1:
            code = _REFUSALS[skewed(chance[5], len(_REFUSALS))]
            end = {"code": code, "status": 404, "outcomes": {"population": "not_found"}}
            yield at_us + 40_000, "refused", {**said, **end}, person
        else:
            source = "tax" if chance[5] < 0.1 else "population"
            end = {"status": 200, "outcomes": {source: "answered"}, "reuse": [11, 7]}
            yield at_us + 40_000, "disclosed", {**said, **end}, person


def fill(path: Path, country: Country) -> int:
    """Build an index; how many entries it holds."""
    connection = open_for_writing(path)
    words, index = Words.load(connection), 0
    first = country.start_us
    try:
        batch = _begun(connection)
        for at_us, kind, payload, person in entries(country):
            month = min((at_us - first) * _MONTHS // (730 * 24 * 3_600_000_000), _MONTHS - 1)
            found = facts(kind, payload, _KEY)
            batch.add(
                index,
                at_us,
                found,
                facet=words.facet(connection, found.facet),
                epoch=words.epoch(connection, _kid(month, kind), "open"),
                subject=_tag(person, month, kind),
            )
            index += 1
            if index % _STEP == 0:
                _ended(connection, batch, words, index)
                batch = _begun(connection)
        _ended(connection, batch, words, index)
    finally:
        connection.close()
    return index


def asked(path: Path, country: Country, size: int) -> dict[str, Times]:
    """Question -> what its answers took."""
    index = LogIndex(path, _KEY, lambda: _Log(size))  # type: ignore[arg-type]
    desk = Desk(index, None, None, _Ring(), country, size)  # type: ignore[arg-type]
    try:
        return {name: repeated(ask) for name, ask in questions(desk) if name not in _NEEDS_A_LOG}
    finally:
        index.close()


def lines(taken: Mapping[int, Mapping[str, Times]]) -> list[str]:
    """The table: milliseconds at each size, and how the work grew from a tenth to the whole."""
    *_, tenth, whole = taken
    head = "".join(f"{f'{size:,}':>20}" for size in taken)
    rows = [f"{'milliseconds, median / 95th':34}{head}{'work, x':>10}"]
    for name, times in taken[whole].items():
        cells = "".join(f"{f'{1e3 * one[name].p50:.1f} / {1e3 * one[name].p95:.1f}':>20}" for one in taken.values())
        growth = times.work / max(taken[tenth][name].work, 1e-6)
        rows.append(f"{name:34}{cells}{growth:>10.1f}")
    return [*rows, "", machine()]


def run(sizes: list[int], folder: Path) -> dict[int, dict[str, Times]]:
    """Build and ask one size after the other."""
    taken: dict[int, dict[str, Times]] = {}
    for wanted in sizes:
        path, country = folder / f"{wanted}.sqlite", Country(wanted)
        size = fill(path, country)
        taken[size] = asked(path, country, size)
        print(f"{size:,} entries, {path.stat().st_size // size} bytes each", file=sys.stderr, flush=True)
    return taken


def main() -> int:
    """One run; the exit status."""
    largest = max(int(os.environ.get("ENTRIES", _ENTRIES)), _LEAST)  # noqa: TID251 - a command reads it
    with tempfile.TemporaryDirectory(prefix="lienthong-index-") as folder:
        taken = run([max(largest // part, 100) for part in (100, 10, 1)], Path(folder))
    print(*lines(taken), sep="\n")
    return 0


def _begun(connection: Any) -> Batch:
    connection.execute("BEGIN IMMEDIATE")
    return Batch()


def _ended(connection: Any, batch: Batch, words: Words, index: int) -> None:
    batch.write(connection, words)
    connection.execute("INSERT OR REPLACE INTO state VALUES ('next', ?)", (index,))
    connection.execute("COMMIT")


def _kid(month: int, kind: str) -> bytes:
    return hashlib.blake2b(f"{month} {kind}".encode(), digest_size=16).digest()


def _tag(identifier: str, month: int, kind: str) -> bytes:
    return hashlib.blake2b(identifier.encode(), key=f"{month} {kind}".encode(), digest_size=16).digest()


def _chances(number: int) -> list[float]:
    """Six chances, the same for the same number."""
    drawn = hashlib.blake2b(number.to_bytes(8, "big"), digest_size=24).digest()
    return [int.from_bytes(drawn[at : at + 4], "big") / 2**32 for at in range(0, 24, 4)]


if __name__ == "__main__":
    sys.exit(main())
