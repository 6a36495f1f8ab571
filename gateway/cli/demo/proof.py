"""What the demo proves about an answer, from the store and the public key rather than from what the gateway said.

The signature, the question's hash and the checkpoint were verified by the client before it returned the answer; here
the entries themselves are looked up, and the whole log is recomputed by the auditor's checker.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from config.documents import field_name
from gateway.audit.check import Violation, check, parse_key
from gateway.audit.keys import Places
from gateway.audit.reading import Opened, newest
from gateway.audit.ring import KeyRing
from gateway.cli.demo.look import Auditor, NotSeen
from gateway.cli.demo.paper import KIND, Reused
from gateway.client import Answer
from gateway.storage.opening import Location, open_reader
from signing.digest import content_digest
from signing.request import token_hash


def half_a_minute_ago() -> datetime:
    """The clock of the auditor's telephone. A code is good once: this half minute's is left to whoever reads the ready
    document, and the one before is taken as well."""
    return datetime.now(UTC) - timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Proof:
    """One statement and whether it holds."""

    statement: str
    holds: bool


def prove(data_dir: Path, answer: Answer, log: Mapping[str, Any]) -> list[Proof]:
    """The proofs about one verified answer."""
    places = Places.under(data_dir)
    receipt = answer.receipt
    if receipt is None or answer.request_token is None:
        return [Proof("the answer names its log entry", holds=False)]
    asked = token_hash(answer.request_token)
    disclosed, decided = _entries(places, receipt.index)
    said = (disclosed.payload or {}) if disclosed else {}
    before = (decided.payload or {}) if decided else {}
    linked = said.get("req") == asked and said.get("digest") == content_digest(answer.body)
    return [
        Proof(f"the answer is signed by {answer.claims['iss']} for this question", holds=answer.claims["req"] == asked),
        Proof(
            f"log entry {receipt.index} (disclosed) is on the disk and is the one in the receipt",
            holds=disclosed is not None and disclosed.leaf == receipt.leaf,
        ),
        Proof("it names this question and this answer, by their hashes", holds=linked),
        Proof(
            f"log entry {said.get('decided')} (decided) was written before any registry was asked",
            holds=before.get("req") == asked and decided is not None and decided.index < receipt.index,
        ),
        _whole(places.store, log["public_key"]),
    ]


def reused(data_dir: Path, paper: Reused) -> list[Proof]:
    """That a registered paper was offered and given out whole, and that each step is an entry that tells its kind."""
    places, name = Places.under(data_dir), field_name(KIND)
    steps = {"registered": paper.registered, "offered": paper.offered, "given out": paper.fetched}
    indices = {step: answer.receipt.index for step, answer in steps.items() if answer.receipt is not None}
    entries = [_entries(places, index)[0] for index in indices.values()]
    told = [name in (entry.payload or {}).get("fields", []) for entry in entries if entry is not None]
    listed = ", ".join(f"{index} ({step})" for step, index in indices.items())
    return [
        Proof("the paper was offered, and its bytes are those that were registered", holds=paper.whole),
        Proof(f"log entries {listed} name {name}", holds=told == [True] * len(steps)),
    ]


def looked(ready: Mapping[str, Any], number: str, answer: Answer) -> list[Proof]:
    """An auditor signs in to the console and searches for the person the answer is about: what they see, and who knows.

    `ready`: the ready document; `number`: of the person.
    """
    account, receipt = ready["console"], answer.receipt
    if receipt is None:
        return [Proof("the answer names its log entry", holds=False)]
    try:
        with Auditor(ready["console_url"], account, half_a_minute_ago) as auditor:
            page = auditor.search(number, receipt.index)
    except NotSeen as reason:
        return [Proof(f"an auditor finds the call by the person's number: {reason}", holds=False)]
    places = Places.under(Path(ready["data_dir"]))
    look = _newest_look(places, account["username"])
    said = (look.payload or {}) if look else {}
    mine = f"log entry {look.index}" if look else "no log entry"
    return [
        Proof(
            f"the auditor {account['username']} finds log entry {receipt.index} by the person's number, "
            "which no page repeats",
            holds=number not in page.text,
        ),
        Proof(
            f"that look is itself {mine} (inspected), written before the page was shown",
            holds=said.get("action") == "searched" and receipt.index in said.get("entries", []),
        ),
        _whole(places.store, ready["log"]["public_key"]),
    ]


def _newest_look(places: Places, username: str) -> Opened | None:
    reader = open_reader(Location(path=places.store))
    try:
        entries = newest(reader, KeyRing(places.ring), subject=None)
        return next(
            (e for e in entries if e.kind == "inspected" and (e.payload or {}).get("auditor") == username), None
        )
    finally:
        reader.close()


def _entries(places: Places, index: int) -> tuple[Opened | None, Opened | None]:
    reader = open_reader(Location(path=places.store))
    try:
        entries = {entry.index: entry for entry in newest(reader, KeyRing(places.ring), subject=None)}
    finally:
        reader.close()
    disclosed = entries.get(index)
    before = (disclosed.payload or {}).get("decided") if disclosed else None
    return disclosed, entries.get(before) if isinstance(before, int) else None


def _whole(store: Path, vkey: str) -> Proof:
    try:
        report = check(store, key=parse_key(vkey))
    except Violation as violation:
        return Proof(f"the whole log verifies: {violation}", holds=False)
    root = base64.b64encode(report.newest.root).decode()
    return Proof(f"the whole log of {report.entries} entries verifies, root {root}", holds=True)
