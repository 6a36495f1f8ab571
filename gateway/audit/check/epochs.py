"""Key epochs as the log tells of them: announced, used, erased; and whether their contents can be read here.

Rule of this file: an announcement holds for the entries behind it, and for one kind and one UTC month where it says so.
Memory is one small value per key epoch. ValueError says what is wrong with an entry.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.audit.check import envelope as envelopes
from gateway.audit.check.envelope import KINDS, SEALED, Envelope
from gateway.audit.check.keys import EpochKeys

ANY = 0
"""Stands for the kind of an epoch that was announced for all kinds, as earlier logs did."""

_PERIOD = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_ID = re.compile(r"[0-9a-f]{32}")
_START = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FOR_EVER = range(1 << 64)


@dataclass(slots=True)
class Epoch:
    """One key epoch. `index`: of its announcement, None where that was not seen; `month`: times it is for.

    `entries` sealed under it so far, `opened` of them; `erased`: index of the first redaction that names it.
    """

    index: int | None = None
    kind: int = ANY
    period: str = ""
    month: range = _FOR_EVER
    cipher: AESGCM | None = None
    entries: int = 0
    opened: int = 0
    erased: int | None = None


@dataclass(slots=True)
class Epochs:
    """The key epochs of the entries read so far, by id.

    `whole`: the entries begin with the first of the log, so every epoch is announced among them; `origin`: the log.
    """

    keys: Mapping[bytes, EpochKeys]
    whole: bool
    origin: str
    known: dict[bytes, Epoch] = field(default_factory=dict)
    named: dict[bytes, int] = field(default_factory=dict)

    def announce(self, index: int, envelope: Envelope) -> dict[str, Any]:
        """Take an announcement; returns what it says."""
        said = envelopes.in_clear(envelope)
        if said.get("epoch") != envelope.epoch.hex():
            raise ValueError("the announcement of the key epoch does not fit its header")
        if said.get("origin") != self.origin:
            raise ValueError("it announces a key epoch of another log")
        before = self.known.get(envelope.epoch)
        if before is not None:
            by = "the entries before it" if before.index is None else f"entry {before.index}"
            raise ValueError(f"it announces a key epoch that is that of {by} already")
        epoch = Epoch(index, erased=self.named.get(envelope.epoch))
        if "seals" in said or "period" in said:
            epoch.kind, epoch.period = _scope(said)
            epoch.month = _month(epoch.period)
        keys = self.keys.get(envelope.epoch)
        if keys is not None:
            envelopes.check_keys(keys, said)
            epoch.cipher = AESGCM(keys.sealing)
        self.known[envelope.epoch] = epoch
        return said

    def of(self, envelope: Envelope) -> Epoch:
        """The epoch of a sealed entry, which is counted under it."""
        epoch = self.known.get(envelope.epoch)
        if epoch is None:
            if self.whole:
                raise ValueError("its key epoch was never announced")
            keys = self.keys.get(envelope.epoch)
            cipher = None if keys is None else AESGCM(keys.sealing)
            epoch = Epoch(cipher=cipher, erased=self.named.get(envelope.epoch))
            self.known[envelope.epoch] = epoch
        if epoch.kind not in (ANY, envelope.kind):
            raise ValueError(f"it is sealed under keys that were announced for {KINDS[epoch.kind]} entries")
        epoch.entries += 1
        return epoch

    def erase(self, index: int, envelope: Envelope) -> dict[str, Any]:
        """Take a redaction: the keys of the epochs it names are destroyed; returns what it says."""
        said = envelopes.in_clear(envelope)
        listed = said.get("epochs")
        if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
            raise ValueError("the redaction does not say what it erases")
        for one in listed:
            name = one.get("epoch")
            if not isinstance(name, str) or not _ID.fullmatch(name):
                raise ValueError("the redaction does not say what it erases")
            epoch = self.known.get(bytes.fromhex(name))
            if (
                epoch is not None
                and epoch.index is not None
                and epoch.kind
                and _scope(one) != (epoch.kind, epoch.period)
            ):
                raise ValueError("the redaction says something else about a key epoch than its announcement")
            if epoch is not None and epoch.erased is None:
                epoch.erased = index
            self.named.setdefault(bytes.fromhex(name), index)
        return said

    def announced(self) -> dict[bytes, Epoch]:
        """Those whose announcement was seen."""
        return {name: epoch for name, epoch in self.known.items() if epoch.index is not None}

    def readable(self) -> tuple[int, int, int]:
        """How many sealed entries were opened; are sealed, their keys not here; are erased and not opened."""
        epochs = self.known.values()
        opened = sum(epoch.opened for epoch in epochs)
        closed = sum(epoch.entries - epoch.opened for epoch in epochs)
        erased = sum(epoch.entries - epoch.opened for epoch in epochs if epoch.erased is not None)
        return opened, closed - erased, erased

    def kept(self) -> list[tuple[int, int]]:
        """(index of the redaction, key epochs) of those named as erased whose keys are here all the same."""
        counted: dict[int, int] = {}
        for name, index in self.named.items():
            if name in self.keys:
                counted[index] = counted.get(index, 0) + 1
        return sorted(counted.items())


def _scope(said: Mapping[str, Any]) -> tuple[int, str]:
    seals, period = said.get("seals"), said.get("period")
    if not isinstance(seals, str) or seals not in SEALED:
        raise ValueError("a key epoch for a kind of entry that is never sealed")
    if not isinstance(period, str) or not _PERIOD.fullmatch(period) or period < "1970-01":
        raise ValueError("a key epoch for a time that is no month")
    return SEALED[seals], period


def _month(period: str) -> range:
    year, month = int(period[:4]), int(period[5:])
    first = datetime(year, month, 1, tzinfo=UTC)
    if (year, month) == (9999, 12):
        return range((first - _START) // _MICROSECOND, 1 << 64)
    behind = datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    return range((first - _START) // _MICROSECOND, (behind - _START) // _MICROSECOND)
