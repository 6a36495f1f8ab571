"""Inclusion proofs as text: C2SP tlog-proof@v1, one file that proves an entry without asking anyone.

    c2sp.org/tlog-proof@v1
    extra <base64>            optional, proved by nothing
    index <n>
    <base64 of a hash>        from the leaf's sibling up; none when the tree has one leaf
    (an empty line)
    <the signed checkpoint of the tree, as it is>

Rule of this file: a proof has one text and a text one proof. `verify` is the only way to believe one.
"""

import re
from dataclasses import dataclass

from signing import merkle, notes
from signing.encoding import base64_standard, from_base64_standard
from signing.errors import EncodingMalformed, ProofInvalid
from signing.notes import Checkpoint, NoteKey

FIRST_LINE = "c2sp.org/tlog-proof@v1"
SUFFIX = ".tlog-proof"
"""How the name of a file with a proof ends."""

MAX_HASHES = 63
"""No tree a checkpoint can state is higher."""

MAX_TEXT = notes.MAX_NOTE_BYTES + 64 * 1024
_DECIMAL = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """That a leaf stands at `index` of the tree of `checkpoint`, a signed note.

    `hashes`: RFC 9162 section 2.1.3.1, 32 bytes each. `extra` is whatever the maker added; nothing vouches for it.
    """

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: str
    extra: bytes | None = None

    def text(self) -> str:
        """The proof as text."""
        lines = [FIRST_LINE]
        lines += [] if self.extra is None else [f"extra {base64_standard(self.extra)}"]
        lines += [f"index {self.index}", *(base64_standard(one) for one in self.hashes)]
        return "".join(f"{line}\n" for line in lines) + "\n" + self.checkpoint


def parse(text: str) -> InclusionProof:
    """The proof in a text. Raises `ProofInvalid` when it is none. Says nothing about whether it holds."""
    head, gap, checkpoint = text.partition("\n\n")
    if len(text) > MAX_TEXT or not gap or not checkpoint:
        raise ProofInvalid("a proof is a few lines, an empty line and a checkpoint")
    first, *lines = head.split("\n")
    if first != FIRST_LINE:
        raise ProofInvalid(f"a proof begins with {FIRST_LINE}")
    extra: bytes | None = None
    if lines and lines[0].startswith("extra "):
        extra = _decoded(lines.pop(0).removeprefix("extra "))
    index = lines.pop(0).removeprefix("index ") if lines and lines[0].startswith("index ") else ""
    if _DECIMAL.fullmatch(index) is None:
        raise ProofInvalid("a proof names the index of its entry")
    if len(lines) > MAX_HASHES:
        raise ProofInvalid("the inclusion proof is too long")
    hashes = tuple(_decoded(line) for line in lines)
    if any(len(one) != merkle.HASH_BYTES for one in hashes):
        raise ProofInvalid("a hash of a proof is not 32 bytes")
    return InclusionProof(int(index), hashes, checkpoint, extra)


def verify(proof: InclusionProof, leaf: bytes, key: NoteKey, *, origin: str) -> Checkpoint:
    """The checkpoint under which `leaf` is proved to stand at `proof.index`.

    In this order: the checkpoint is signed by `key` for the log `origin` (raises `NoteMalformed`, `NoteUntrusted`); the
    hashes lead from the leaf to its root (raises `ProofInvalid`).
    """
    checkpoint = notes.open_checkpoint(proof.checkpoint, key, origin=origin)
    merkle.verify_inclusion(leaf, index=proof.index, size=checkpoint.size, proof=proof.hashes, root=checkpoint.root)
    return checkpoint


def _decoded(text: str) -> bytes:
    try:
        return from_base64_standard(text)
    except EncodingMalformed:
        raise ProofInvalid("a line of the proof is not base64") from None
