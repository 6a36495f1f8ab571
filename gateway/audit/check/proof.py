"""Reading one inclusion proof, C2SP tlog-proof@v1, as a verifier who has nothing but the file, the key and the leaf.

Rule of this file: ValueError says what is wrong with a text; Violation says that a proof does not hold.
"""

import base64
import binascii
from dataclasses import dataclass

from gateway.audit.check.errors import Violation
from gateway.audit.check.note import Checkpoint, Key, open_checkpoint
from gateway.audit.check.tree import climbed

_FIRST = "c2sp.org/tlog-proof@v1"
_MOST_HASHES = 63


@dataclass(frozen=True, slots=True)
class Proof:
    """What a proof file says. `checkpoint`: verified under the log's key."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: Checkpoint


def open_proof(text: str, key: Key) -> Proof:
    """The proof in a text, its checkpoint verified. Whether it proves a leaf: `check_leaf`.

    ValueError for a text of another form, Violation for a checkpoint the log did not sign.
    """
    head, gap, note = text.partition("\n\n")
    lines = head.split("\n")
    if not gap or lines.pop(0) != _FIRST:
        raise ValueError("not an inclusion proof (tlog-proof@v1)")
    if lines and lines[0].startswith("extra "):
        _decode(lines.pop(0)[6:])  # proved by nothing, so only its form counts
    if not lines or not lines[0].startswith("index "):
        raise ValueError("an inclusion proof without an index")
    index = lines.pop(0)[6:]
    if not (index.isascii() and index.isdigit()) or (index[0] == "0" and index != "0") or len(index) > 19:
        raise ValueError("an inclusion proof without an index")
    hashes = tuple(_decode(line) for line in lines)
    if len(hashes) > _MOST_HASHES or any(len(one) != 32 for one in hashes):
        raise ValueError("an inclusion proof whose hashes are none")
    try:
        return Proof(int(index), hashes, open_checkpoint(note, key))
    except ValueError as error:
        raise Violation(None, f"the checkpoint of the proof: {error}") from None


def check_leaf(proof: Proof, leaf: bytes) -> None:
    """Whether the entry with this leaf hash is the one the proof is for. Violation when it is not."""
    try:
        root = climbed(leaf, proof.index, proof.checkpoint.size, proof.hashes)
    except ValueError as error:
        raise Violation(proof.index, str(error)) from None
    if root != proof.checkpoint.root:
        raise Violation(proof.index, "the proof does not lead from this leaf to the root the log signed")


def _decode(text: str) -> bytes:
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("not base64") from None
    if base64.b64encode(raw).decode() != text:
        raise ValueError("not base64 in its one form")
    return raw
