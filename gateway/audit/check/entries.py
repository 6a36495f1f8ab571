"""What is checked about each entry's own bytes, wherever they lie: in a store or in an export.

Rule of this file: entries are taken in the order of the log. The numbers are those of `store`.
"""

from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.audit.check import envelope as envelopes
from gateway.audit.check.envelope import Envelope, EpochKeys
from gateway.audit.check.errors import CannotCheck, Violation

_PATIENCE_US = 2_000_000
_REMARKS = 20


@dataclass(slots=True)
class Entries:
    """Entries read so far. `whole`: they begin with the first of the log, so every key epoch is announced in them.

    `epochs`: announced so far, by the index of the announcement; `opened`: how many opened with the keys given.
    """

    keys: EpochKeys | None
    whole: bool
    epochs: dict[bytes, int] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    opened: int = 0
    latest_us: int = 0
    cipher: AESGCM | None = None

    def __post_init__(self) -> None:
        if self.keys is not None and not self.whole:
            self.cipher = AESGCM(self.keys.sealing)

    def take(self, index: int, data: bytes) -> Envelope:
        """The parts of the next entry. Raises Violation for one no writer makes."""
        try:
            return envelopes.parse(data)
        except ValueError as error:
            raise Violation(index, str(error)) from None

    def epoch(self, index: int, envelope: Envelope) -> dict[str, Any] | None:
        """(4) The entry's key epoch was announced; with its keys the commitments hold and the content opens.

        Returns the content where it could be read. Raises Violation.
        """
        known = self.keys is not None and envelope.epoch == self.keys.epoch
        if self.whole and envelope.kind != envelopes.KEY_EPOCH and envelope.epoch not in self.epochs:
            raise Violation(index, "its key epoch was never announced")
        try:
            if envelope.kind == envelopes.KEY_EPOCH:
                announcement = envelopes.announced(envelope)
                self.epochs.setdefault(envelope.epoch, index)
                if self.keys is not None and known:
                    envelopes.check_keys(self.keys, announcement)
                    self.cipher = AESGCM(self.keys.sealing)
                return announcement
            if self.cipher is not None and known:
                payload = envelopes.unseal(envelope, self.cipher)
                self.opened += 1
                return payload
        except ValueError as error:
            if envelope.kind != envelopes.KEY_EPOCH and envelope.epoch not in self.epochs:
                raise CannotCheck(f"entry {index} does not open, and nothing here tells if the key is right") from None
            raise Violation(index, str(error)) from None
        return None

    def time(self, index: int, at_us: int) -> None:
        """Times that go back are remarked on: order is the index."""
        if at_us + _PATIENCE_US < self.latest_us:
            late = (self.latest_us - at_us) / 1_000_000
            self.remarks.append(f"entry {index} is timed {late:.0f} s before an earlier one (clocks, not a violation)")
            del self.remarks[_REMARKS:]
        self.latest_us = max(self.latest_us, at_us)
