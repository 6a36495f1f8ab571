"""What is known of a log's integrity, as values."""

import os
from dataclasses import replace
from pathlib import Path

from gateway.audit.events import EntryKind
from gateway.console.outside import Endpoint
from gateway.console.web import standing
from gateway.console.web.standing import Readable
from gateway.retention import later
from gateway.storage.contract import Cosignature, EpochRow
from gateway.storage.sqlite import SqliteStore
from tests.gateway.audit.builders import START, a_new_epoch, keys
from tests.gateway.console.web.small_log import copied
from tests.gateway.console.web.written_log import Written, reading


def test_due_is_the_gateways_rule() -> None:
    """The month in which keys are destroyed is the one the gateway destroys them in."""
    for month in range(1, 13):
        for kept in (12, 13, 24, 120):
            period = f"2026-{month:02d}"
            assert standing.due(period, kept) == later(period, kept + 1)


def test_months(tmp_path: Path) -> None:
    """A month and kind is readable, destroyed by rule, not here, or partly here."""
    _, _, ring = keys(tmp_path)
    here = ring.current(EntryKind.DECIDED, START, os.urandom)
    gone, away = a_new_epoch(EntryKind.DISCLOSED), a_new_epoch(EntryKind.REFUSED)

    def row(kid: bytes, kind: EntryKind, index: int, period: str = "2026-11") -> EpochRow:
        return EpochRow(kid, index, 0, kind, period)

    epochs = [
        row(here.kid, EntryKind.DECIDED, 0),
        row(gone.kid, EntryKind.DISCLOSED, 1),
        row(away.kid, EntryKind.REFUSED, 2),
        row(here.kid, EntryKind.INSPECTED, 3),
        row(away.kid, EntryKind.INSPECTED, 4),
        row(here.kid, EntryKind.DECIDED, 5, "2026-12"),
    ]
    december, november = standing.months(epochs, ring, {gone.kid.hex()}, {"2026-12"})
    assert (december.period, december.held, november.held) == ("2026-12", True, False)
    assert dict(zip(standing.KINDS, november.kinds, strict=True)) == {
        "decided": Readable.YES,
        "disclosed": Readable.DESTROYED,
        "refused": Readable.AWAY,
        "inspected": Readable.PART,
        "changed": Readable.NONE,
    }


def test_vouchers(tmp_path: Path, written: Written) -> None:
    """The newest of each signer counts; who is configured and never signed is there, behind by everything."""
    copy = copied(written, tmp_path / "copy")
    store = SqliteStore(copy.store)
    with store.write() as transaction:
        transaction.cosign([Cosignature(size, "w1", size * 1_000_000, "line") for size in (120, 140)])
    store.close()
    endpoint = Endpoint("witness", "second", "w2", None, 0, "unreachable")
    with reading(copy) as reader:
        second, first = standing.vouchers(reader, [endpoint], 141)
        (alone,) = standing.vouchers(reader, None, 141)
    assert (first.name, first.size, first.behind, first.problem, first.signatures) == ("w1", 140, 1, None, 2)
    assert first.at == standing.moment(140_000_000)
    assert (second.name, second.size, second.behind, second.at, second.problem) == ("w2", 0, 141, None, "unreachable")
    assert alone == first
    assert replace(second, problem="inconsistent").alarm
    assert not second.alarm
