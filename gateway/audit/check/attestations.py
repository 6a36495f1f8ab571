"""What others signed over checkpoints: cosignatures of witnesses, and time-stamps.

Rule of this file: a cosignature is believed only under a witness's key the auditor brought. Of a time-stamp only that
it is one over this checkpoint is checked; whether its authority made it, `openssl ts -verify` says.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from gateway.audit.check.entries import Remarks
from gateway.audit.check.note import Key, Note, cosigned, split_line
from gateway.audit.check.stamp import read_stamp


@dataclass(frozen=True, slots=True)
class Cosigned:
    """The largest tree a witness cosigned. `size`: None when nothing here is by it; `at`: seconds since 1970."""

    witness: str
    size: int | None
    at: int


@dataclass(frozen=True, slots=True)
class Stamped:
    """The largest tree an authority stamped. `at`: the time it states, as in the token (`20261124180000Z`)."""

    authority: str
    size: int
    at: str


@dataclass(slots=True)
class Attestations:
    """Those found so far. `unchecked`: cosignatures under keys that were not brought."""

    witnesses: Sequence[Key]
    newest: dict[bytes, Cosigned] = field(default_factory=dict)
    stamps: dict[str, Stamped] = field(default_factory=dict)
    unchecked: int = 0

    def line(self, note: Note, line: str) -> None:
        """A signature line of a witness under a checkpoint. ValueError when it is wrong."""
        name, identity, signature = split_line(line)
        for key in self.witnesses:
            if (key.name, key.identity) == (name, identity):
                at = cosigned(signature, note.body, key)
                best = self.newest.get(identity)
                if best is None or best.size is None or (best.size, best.at) < (note.checkpoint.size, at):
                    self.newest[identity] = Cosigned(name, note.checkpoint.size, at)
                return
        self.unchecked += 1

    def token(self, note: Note, authority: str, der: bytes, *, shown: str | None = None) -> None:
        """A time-stamp over a checkpoint's note. ValueError when it is none, or one over something else.

        `shown`: the note as it was found, where that holds more signatures than the log's own.
        """
        stamp = read_stamp(der)
        texts = [note.own] if shown is None else [note.own, shown]
        if stamp.imprint not in [sha256(text.encode()).digest() for text in texts]:
            raise ValueError("it is over something else than this checkpoint")
        best, size = self.stamps.get(authority), note.checkpoint.size
        if best is None or best.size < size:
            self.stamps[authority] = Stamped(authority, size, stamp.at)

    def found(self, remarks: Remarks) -> tuple[tuple[Cosigned, ...], tuple[Stamped, ...]]:
        """The newest of each witness brought and of each authority; what was not checked is remarked on."""
        if self.unchecked:
            count = "1 cosignature" if self.unchecked == 1 else f"{self.unchecked} cosignatures"
            remarks.add(f"{count} not checked: that needs the key of the witness (--witness)")
        nothing = {key.identity: Cosigned(key.name, None, 0) for key in self.witnesses}
        return tuple({**nothing, **self.newest}.values()), tuple(self.stamps[name] for name in sorted(self.stamps))
