"""What the demo proves about an answer, from the store and the public key rather than from what the gateway said.

The signature, the question's hash and the checkpoint were verified by the client before it returned the answer; here
the entries themselves are looked up, and the whole log is recomputed by the auditor's checker.
"""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.audit.check import Violation, check, parse_key
from gateway.audit.keys import Places
from gateway.audit.reading import Opened, newest
from gateway.audit.ring import KeyRing
from gateway.client import Answer
from gateway.storage.opening import Location, open_reader
from signing.digest import content_digest
from signing.request import token_hash


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
