"""What an append needs beside the event, and what it gives back."""

import base64
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Once:
    """A one-time id (RFC 7519 `iss` and `jti`), claimed in the same durable transaction as the entry.

    `expires_at`: the token's `exp`. The claim outlives it by more than the clock tolerance. Raises ValueError
    when an id is not plain ASCII: the contract allows nothing else, and no engine may trip over it inside a
    transaction.
    """

    iss: str
    jti: str
    expires_at: datetime

    def __post_init__(self) -> None:
        if not (self.iss.isascii() and self.jti.isascii()) or "\x00" in self.iss + self.jti:
            raise ValueError("a one-time id is plain ASCII text")


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof that an event is in the log.

    `index` and `leaf` (32 bytes, RFC 6962) are those of its first entry, `count` how many entries it has,
    adjacent; `checkpoint` is the signed note of the batch that made it durable, `size` the tree size in that
    note.
    """

    index: int
    leaf: bytes
    origin: str
    checkpoint: str
    size: int
    count: int

    def as_json(self) -> dict[str, str | int]:
        """The `entry` claim of a signed response (contract section 3)."""
        return {
            "log": self.origin,
            "index": self.index,
            "leaf": base64.b64encode(self.leaf).decode(),
            "checkpoint": self.checkpoint,
        }
