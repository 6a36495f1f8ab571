"""Which entries somebody may see."""

from pathlib import Path

import pytest

from gateway.console.model import EVERYTHING, Scope
from gateway.console.web import reach
from tests.gateway.console.web.small_log import altered, copied
from tests.gateway.console.web.written_log import Written, reading

PLACES = ("disclosed", "verified", "elsewhere", "refused", "province", "nation", "changed", "heartbeat")


def _seen(written: Written, *portals: str) -> set[str]:
    scope = Scope(frozenset(portals)) if portals else EVERYTHING
    with reading(written) as reader:
        return {name for name in PLACES if reach.entry_at(reader, written.ring, written.places[name], scope)}


def test_who_sees_all_sees_all(written: Written) -> None:
    """Without a restriction every entry is seen."""
    assert _seen(written) == set(PLACES)


def test_a_scope_holds_its_portals_and_what_is_below_them(written: Written) -> None:
    """H14 holds H14.5 and not H141; H14.5 does not hold H14; inspections only of those who see no more."""
    assert _seen(written, "H14") == {"disclosed", "verified", "province", "heartbeat"}
    assert _seen(written, "H14.5") == {"verified", "heartbeat"}
    assert _seen(written, "H141") == {"refused", "heartbeat"}
    assert _seen(written, "G01", "H14") == {"disclosed", "verified", "elsewhere", "province", "heartbeat"}


def test_an_entry_that_cannot_be_opened_is_nobodys(written: Written, tmp_path: Path) -> None:
    """With its keys away an entry of H14 is seen by those who see all, sealed, and by H14 no more."""
    copy = copied(written, tmp_path / "copy")
    for path in copy.ring.folder.glob("*.disclosed.json"):
        path.unlink()
    assert "disclosed" not in _seen(copy, "H14")
    with reading(copy) as reader:
        found = reach.entry_at(reader, copy.ring, copy.places["disclosed"], EVERYTHING)
    assert found is not None
    assert found[1].payload is None


@pytest.mark.parametrize("envelope", [b"", b"\xff" * 90, b"\x01\x09" + bytes(90), b"\x01\x02" + b"\xff" * 90])
def test_what_is_no_envelope_is_damaged_and_no_fault(written: Written, tmp_path: Path, envelope: bytes) -> None:
    """Whatever somebody wrote in its place, the entry is there for those who see all and is not read."""
    copy, index = copied(written, tmp_path / "copy"), written.places["disclosed"]
    altered(copy, "UPDATE entry SET env = ? WHERE idx = ?", (envelope, index))
    with reading(copy) as reader:
        found = reach.entry_at(reader, copy.ring, index, EVERYTHING)
        assert reach.entry_at(reader, copy.ring, index, Scope(frozenset({"H14"}))) is None
    assert found is not None
    assert found[1].kind == reach.DAMAGED
    assert found[1].payload is None


def test_there_is_no_entry_beyond_the_log(written: Written) -> None:
    """Numbers below zero, beyond the log, and beyond what a store counts."""
    with reading(written) as reader:
        for index in (-1, written.size, 1 << 62, 1 << 70):
            assert reach.entry_at(reader, written.ring, index, EVERYTHING) is None
        assert reach.entries_at(reader, written.ring, [3, written.size, 1], EVERYTHING)[1].index == 1
