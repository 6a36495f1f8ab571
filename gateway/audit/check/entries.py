"""What is checked about each entry's own bytes, wherever they lie: in a store or in an export.

Rule of this file: entries are taken in the order of the log. The numbers are those of `store`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.audit.check import envelope as envelopes
from gateway.audit.check.envelope import CLEAR, KEY_EPOCH, KINDS, REDACTION, Envelope
from gateway.audit.check.epochs import Epochs
from gateway.audit.check.errors import CannotCheck, Violation
from gateway.audit.check.keys import EpochKeys

EVERY = 4096
"""Entries between two reports of progress."""

Progress = Callable[[int, int], None]
"""Told how many entries were read, and of how many. What it raises ends the check."""

_PATIENCE_US = 2_000_000
_REMARKS = 20


@dataclass(slots=True)
class Remarks:
    """What is worth saying and no violation. Of very many only the first are kept, and how many there were."""

    said: list[str] = field(default_factory=list)
    more: int = 0

    def add(self, sentence: str) -> None:
        """One more."""
        if len(self.said) < _REMARKS:
            self.said.append(sentence)
        else:
            self.more += 1

    def all(self) -> tuple[str, ...]:
        """Every one that was kept."""
        return (*self.said, f"{self.more} more remarks like these") if self.more else tuple(self.said)


class Entries:
    """Entries read so far. `whole`: they begin with the first of the log, so every key epoch is announced in them.

    `keys`: the key epochs at hand, None when none were brought.
    """

    def __init__(
        self,
        keys: Mapping[bytes, EpochKeys] | None,
        *,
        whole: bool,
        origin: str,
        progress: Progress | None = None,
    ) -> None:
        self.keys = keys
        self.epochs = Epochs(keys or {}, whole, origin)
        self.remarks = Remarks()
        self.clear = 0
        self.count = 0
        self._latest_us = 0
        self._progress = progress

    def take(self, index: int, data: bytes) -> Envelope:
        """The parts of the next entry. Raises Violation for one no writer makes."""
        try:
            return envelopes.parse(data)
        except ValueError as error:
            raise Violation(index, str(error)) from None

    def content(self, index: int, envelope: Envelope) -> dict[str, Any] | None:
        """(4) The entry's key epoch was announced, for its kind; with its keys the commitments hold, it opens, and its
        tags are those of whom it names. What stands in clear has the header of such an entry.

        Returns the content where it could be read. Raises Violation.
        """
        try:
            return self._in_clear(index, envelope) if envelope.kind in CLEAR else self._sealed(index, envelope)
        except ValueError as error:
            raise Violation(index, str(error)) from None

    def time(self, index: int, at_us: int, of: int) -> None:
        """Times that go back are remarked on: order is the index. `of`: how many entries there are to be read."""
        if at_us + _PATIENCE_US < self._latest_us:
            late = (self._latest_us - at_us) / 1_000_000
            self.remarks.add(f"entry {index} is timed {late:.0f} s before an earlier one (clocks, not a violation)")
        self._latest_us = max(self._latest_us, at_us)
        self.count += 1
        if self._progress is not None and self.count % EVERY == 0:
            self._progress(self.count, of)

    def close(self) -> tuple[int, int, int]:
        """At the end: remarks about the keys. Returns how many entries were opened, are sealed, are erased."""
        for index, count in self.epochs.kept():
            keys = "the keys of a key epoch" if count == 1 else f"the keys of {count} key epochs"
            self.remarks.add(f"entry {index} names {keys} as erased, but they are here")
        opened, sealed, erased = self.epochs.readable()
        if self.keys is not None and not any(epoch in self.keys for epoch in self.epochs.known):
            self.remarks.add("no entry belongs to the keys given")
        if self._progress is not None:
            self._progress(self.count, self.count)
        return opened, sealed, erased

    def _in_clear(self, index: int, envelope: Envelope) -> dict[str, Any]:
        self.clear += 1
        if envelope.kind == KEY_EPOCH:
            return self.epochs.announce(index, envelope)
        if envelope.kind == REDACTION:
            return self.epochs.erase(index, envelope)
        return envelopes.in_clear(envelope)

    def _sealed(self, index: int, envelope: Envelope) -> dict[str, Any] | None:
        epoch = self.epochs.of(envelope)
        if envelope.at_us not in epoch.month:
            self.remarks.add(f"entry {index} is not of {epoch.period}, the month of its keys (clocks, not a violation)")
        if epoch.erased is not None and epoch.erased < index:
            self.remarks.add(
                f"entry {index} ({KINDS[envelope.kind]}) is sealed under keys that entry {epoch.erased} names as erased"
            )
        if epoch.cipher is None or self.keys is None:
            return None
        try:
            payload = envelopes.unseal(envelope, epoch.cipher)
            envelopes.check_tags(envelope, payload, self.keys[envelope.epoch].search)
        except ValueError:
            if epoch.index is None:
                raise CannotCheck(f"entry {index} does not open, and nothing here tells if the key is right") from None
            raise
        epoch.opened += 1
        return payload
