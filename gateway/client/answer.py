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
class Answer:
    """A verified answer. `document` is the parsed body; `request_token`, `body` and `signature` together are the proof.

    `claims` are those of the signature (contract section 3). `receipt` is None only for open documents.
    """

    status: int
    document: Any = field(repr=False)
    body: bytes = field(repr=False)
    signature: str = field(repr=False)
    request_token: str | None = field(repr=False)
    claims: Mapping[str, Any] = field(repr=False)
    receipt: Receipt | None
