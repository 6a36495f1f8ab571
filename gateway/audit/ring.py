"""The key ring: a folder with one key epoch per month and kind of entry, `2026-11.disclosed.json`.

Why by month: destroying a file erases a month of one kind for good, in every copy of the log. Why by kind: each kind
has its own time of retention. Who holds the folder can read the log; the gateway needs the files of the current month
only, so older ones may live where the auditors are.

Rule of this file: a file is made once and never changed; what was destroyed is never made again. Files that were drawn
elsewhere for the same month and kind stand beside the own as `2026-11.disclosed.<anything>.json` and are read alike.

A key that is in use stays in memory: a file that someone removes by hand is not made anew, and what is sealed until the
process ends can be opened by nobody afterwards. `destroy` never meets that: no month in use is ever due.
"""

import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from gateway.audit.epoch import Epoch, open_epoch, read_epoch
from gateway.audit.errors import KeyFileRefused
from gateway.audit.events import SEALED, EntryKind
from gateway.audit.keyfiles import read_private

_LABELS = frozenset(kind.label for kind in SEALED)

_SETTLED_NS = 2_000_000_000
"""A folder's time of change is as coarse as the disk's clock: two changes may share one, so a fresh one says little."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the folder held when its time of change was `changed_ns`; `settled`: it was not fresh then."""

    changed_ns: int = -1
    settled: bool = True
    epochs: Mapping[bytes, Epoch] = field(default_factory=dict)


class KeyRing:
    """The key epochs in a folder. May be used from several threads: what is read is never changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen = _Seen()
        self._current: dict[tuple[EntryKind, str], Epoch] = {}

    @property
    def folder(self) -> Path:
        """Where the files lie."""
        return self._folder

    def current(self, kind: EntryKind, at: datetime, urandom: Callable[[int], bytes]) -> Epoch:
        """The epoch that seals entries of `kind` of the month of `at`, drawn when there is none yet.

        Raises KeyFileRefused.
        """
        period = period_of(at)
        found = self._current.get((kind, period))
        if found is None:
            path = self._folder / f"{period}.{kind.label}.json"
            found = open_epoch(path, urandom=urandom, at=at, seals=kind.label, period=period)
            self._current[kind, period] = found
        return found

    def find(self, kid: bytes) -> Epoch | None:
        """The epoch of an id; None when its keys are not here (any more). Raises KeyFileRefused for a spoilt file."""
        seen = self._read()
        if kid not in seen.epochs:
            seen = self._read(sure=True)
        return seen.epochs.get(kid)

    def all(self) -> tuple[Epoch, ...]:
        """Every epoch in the folder now, by period and kind. Raises KeyFileRefused for a spoilt file."""
        epochs = self._read(sure=True).epochs.values()
        return tuple(sorted(epochs, key=lambda one: (one.period, one.seals, one.kid)))

    def subject_tags(self, identifier: str, *, first: str = "", last: str = "9999-12") -> tuple[bytes, ...]:
        """The tags of a subject in every epoch of the periods `first` to `last`, both included."""
        return tuple(epoch.subject_tag(identifier) for epoch in self.all() if first <= epoch.period <= last)

    def destroy(self, kids: Iterable[bytes]) -> list[Path]:
        """Overwrite and remove the files of these epochs; what was written under them can never be read again.

        The caller has recorded it in the log before. What another call left half destroyed is removed with them.
        Raises KeyFileRefused when a file cannot be removed.
        """
        wanted, gone = set(kids), []
        for path in self._files():
            epoch = _read_or_gone(path)
            if epoch is None or epoch.kid in wanted:
                _shred(path)
                gone.append(path)
        self._current = {key: epoch for key, epoch in self._current.items() if epoch.kid not in wanted}
        return gone

    def _read(self, *, sure: bool = False) -> _Seen:
        try:
            changed_ns = self._folder.stat().st_mtime_ns
        except FileNotFoundError:
            changed_ns = -1
        if changed_ns != self._seen.changed_ns or (sure and not self._seen.settled):
            settled = abs(time.time_ns() - changed_ns) > _SETTLED_NS
            epochs = (_read_or_gone(path) for path in self._files())
            self._seen = _Seen(changed_ns, settled, {epoch.kid: epoch for epoch in epochs if epoch is not None})
        return self._seen

    def _files(self) -> list[Path]:
        return sorted(path for path in self._folder.glob("*.json") if _named(path))


def period_of(at: datetime) -> str:
    """The UTC month of a time: `2026-11`."""
    return at.astimezone(UTC).strftime("%Y-%m")


def _named(path: Path) -> bool:
    period, _, rest = path.name.partition(".")
    return len(period) == 7 and rest.partition(".")[0] in _LABELS


def _read_or_gone(path: Path) -> Epoch | None:
    """The epoch in a file; None when it is being destroyed at this moment, or was when the machine stopped."""
    try:
        return read_epoch(path)
    except KeyFileRefused:
        if _is_gone(path):
            return None
        raise


def _is_gone(path: Path) -> bool:
    try:
        content = read_private(path)
    except KeyFileRefused:
        return not path.exists()
    return bool(content) and not any(content)


def _shred(path: Path) -> None:
    """Overwrite, then remove. A copy-on-write disk may keep the old blocks; the disk's own encryption is for that."""
    try:
        with path.open("r+b") as file:
            file.write(bytes(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
    except FileNotFoundError:
        return  # another process of this log was faster
    except OSError as error:
        raise KeyFileRefused(f"{path}: cannot be destroyed ({error.strerror})") from None
