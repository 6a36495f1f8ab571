"""What a call gives back: the document, and everything needed to prove it to someone else later.

Rule of this file: values only. Whoever holds one may rely on it: nothing unverified is ever put in.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Receipt:
    """The log entry that recorded an answer, vouched for by a checkpoint the log signed.

    `leaf` (32 bytes) is the entry's Merkle leaf hash; `checkpoint` the signed note of a tree of `size` entries with
    `root`, the entry among them. That the leaf stands at `index` of that tree is proved by an inclusion proof, which is
    not part of the answer.
    """

    origin: str
    index: int
    leaf: bytes
    checkpoint: str
    size: int
    root: bytes


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """That the entry of `receipt` is in the log's tree of `size` entries with `root`, which the log signed.

    `checkpoint` is that signed note, of a tree that has the receipt's own as its beginning, or is its beginning.
    `text` is the whole proof, C2SP tlog-proof@v1: kept in a file `.tlog-proof`, it proves the entry to anyone who has
    the log's public key and the receipt's leaf.
    """

    receipt: Receipt
    checkpoint: str
    size: int
    root: bytes
    text: str


@dataclass(frozen=True, slots=True)
class Answer:
    """A verified answer. `document` is the parsed body; `request_token`, `body` and `signature` together are the proof.

    `claims` are those of the signature (contract section 3). `receipt` is None only for open documents.
    `retry_after`: seconds, with status 202.
    """

    status: int
    document: Any = field(repr=False)
    body: bytes = field(repr=False)
    signature: str = field(repr=False)
    request_token: str | None = field(repr=False)
    claims: Mapping[str, Any] = field(repr=False)
    receipt: Receipt | None
    retry_after: int | None = None
