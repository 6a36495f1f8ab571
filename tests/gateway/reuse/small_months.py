"""A real log of three months of which one cannot be read, written once and counted by hand.

September    one dossier of H14; the keys of its `disclosed` entries are destroyed
October      H14: dossier b, looked up by 1.004222, in the last second of the month in Hanoi
November     H14: dossier b again, filled 9 of 12, offered two papers and handed one of them twice, and c, refused;
             H14.5: d, 1.010010, tax alone, and e, verified and handed a paper; G01: f, filled 5 of 10;
             somebody who looked, and a decision without an end
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gateway.audit.events import Event
from tests.gateway.audit.builders import a_context, a_decision, a_disclosure, a_refusal, an_inspection
from tests.gateway.console.web.small_log import indexed, small
from tests.gateway.console.web.written_log import Written

SEPTEMBER = datetime(2026, 9, 10, 3, 0, tzinfo=UTC)
OCTOBER_LAST = datetime(2026, 10, 31, 16, 59, 59, tzinfo=UTC)
NOVEMBER = datetime(2026, 10, 31, 17, 0, tzinfo=UTC)
PREFILL: dict[str, Any] = {"operation": "dossiers.prefill"}
FETCH: dict[str, Any] = {
    "operation": "documents.fetch",
    "sources": {"documents": "answered"},
    "fields": (),
    "documents": (0, 1),
}


def write(folder: Path) -> Written:
    """The log, with its index."""
    section = {"agency": "H14.5", "procedure": "1.010010"}
    written = small(
        folder,
        _given("a", SEPTEMBER),
        _given("b", OCTOBER_LAST),
        a_decision(at=NOVEMBER, context=a_context(dossier="b")),
        _given("b", NOVEMBER, reuse=(12, 9), documents=(2, 0), **PREFILL),
        *(_given("b", NOVEMBER + timedelta(minutes=n), **FETCH) for n in (1, 2)),
        a_refusal(at=NOVEMBER + timedelta(hours=1), context=a_context(dossier="c")),
        _given("d", NOVEMBER + timedelta(days=1), sources={"tax": "answered"}, operation="taxpayers.lookup", **section),
        _given("e", NOVEMBER + timedelta(days=2), fields=(), operation="persons.verify", **section),
        _given("e", NOVEMBER + timedelta(days=2, hours=1), **FETCH, **section),
        _given("f", NOVEMBER + timedelta(days=3), agency="G01", reuse=(10, 5), **PREFILL),
        an_inspection(at=NOVEMBER + timedelta(days=4)),
        a_decision(at=NOVEMBER + timedelta(days=5), context=a_context(dossier="without-an-end")),
        index=False,
    )
    ring = written.ring
    ring.destroy([epoch.kid for epoch in ring.all() if (epoch.period, epoch.seals) == ("2026-09", "disclosed")])
    indexed(written)
    return written


def _given(dossier: str, at: datetime, **given: Any) -> Event:
    told = {name: given.pop(name) for name in ("reuse", "sources", "fields", "documents") if name in given}
    return a_disclosure(at=at, context=a_context(dossier=dossier, **given), **told)
