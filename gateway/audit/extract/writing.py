"""The file of an extract: begun, continued where it was broken off, finished once.

    lines are added; every few thousand entries the file is made durable, then its state says how far it is
    a run that finds a state cuts the file back to what the state says, and goes on from there
    a file that is finished stays as it is

An extract ends where the log ended when it was begun, under the checkpoint of that time. So a run that was broken off
and continued writes the same bytes as one that was not.

Rule of this file: it never writes over a file it did not begin, nor over one that is not what its state says.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO

from gateway.audit.errors import ExportRefused
from gateway.audit.extract import sheet
from gateway.audit.extract.selection import Selection, Verdict
from gateway.audit.extract.state import State, asked_for, read_state, subject_mark, write_state
from gateway.audit.extract.walk import judged
from gateway.audit.published import Published
from gateway.audit.reading import Opened, as_json
from gateway.audit.ring import KeyRing
from gateway.storage.contract import Reader
from signing.notes import NoteKey

EVERY = 5_000
"""Entries written between two states."""

_SALT_BYTES = 16
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Form:
    """How entries are written: what stands before them, and a line of each."""

    head: bytes
    line: Callable[[Opened], bytes]


def json_line(entry: Opened) -> bytes:
    """The line of an entry in JSON Lines: what `gateway log show --json` prints."""
    # a lone surrogate has no UTF-8: its escape is JSON too
    return (json.dumps(as_json(entry), ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")


FORMS = MappingProxyType({"csv": Form(sheet.head(), sheet.line), "jsonl": Form(b"", json_line)})
"""Name -> form."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be written: `form` csv or jsonl, the entries `first` to `end - 1` (None: to the newest) that fit.

    Raises ValueError for another form.
    """

    form: str
    selection: Selection
    first: int = 0
    end: int | None = None

    def __post_init__(self) -> None:
        if self.form not in FORMS:
            raise ValueError(f"form: one of {', '.join(FORMS)}")


class Extract:
    """Writes the extract of one log into one file. Belongs to the one thread that uses it.

    `key`: the log's public key; `urandom`: for the salt of the state. Raises ExportRefused, KeyFileRefused,
    LogUnavailable, LogBroken, StoreUnavailable and OSError.
    """

    def __init__(
        self,
        out: Path,
        plan: Plan,
        *,
        reader: Reader,
        key: NoteKey,
        ring: KeyRing,
        urandom: Callable[[int], bytes],
        every: int = EVERY,
    ) -> None:
        self._out, self._plan, self._reader, self._key, self._ring = out, plan, reader, key, ring
        self._urandom, self._every = urandom, every

    def write(self, *, indices: Iterable[int] | None = None) -> State:
        """Begin the file, go on with it, or find it finished. Returns the state when it is done.

        `indices`: of the entries that may fit, in any order, from somebody who has an index; every one is held against
        the selection all the same. The same ones must come when a run is continued.
        """
        state = read_state(self._out)
        if state is None:
            state = self._begun()
        else:
            self._check_same(state)
        with _held(self._out) as file:
            digest = _kept(file, self._out, state)
            return state if state.done else self._go_on(_Pen(file, self._out, state, digest), indices)

    def _begun(self) -> State:
        if self._out.exists():
            raise ExportRefused(f"{self._out}: is there already; take another file")
        note, checkpoint = Published(self._reader, self._key).newest()
        plan, salt = self._plan, self._urandom(_SALT_BYTES)
        end = checkpoint.size if plan.end is None else min(plan.end, checkpoint.size)
        if not 0 <= plan.first < end:
            raise ExportRefused(f"the log has {checkpoint.size} entries: there is none from {plan.first} to {end - 1}")
        epoch, subject = subject_mark(plan.selection, self._ring, None, salt)
        state = State(
            log=checkpoint.origin,
            form=plan.form,
            first=plan.first,
            end=end,
            note=note,
            salt=salt.hex(),
            asked=asked_for(plan.selection, self._extent(), salt),
            epoch=epoch,
            subject=subject,
            next=plan.first,
        )
        write_state(self._out, state)
        return state

    def _check_same(self, state: State) -> None:
        salt = bytes.fromhex(state.salt)
        mark = subject_mark(self._plan.selection, self._ring, state.epoch or None, salt)
        same = (state.asked, state.log, state.epoch, state.subject) == (
            asked_for(self._plan.selection, self._extent(), salt),
            self._key.name,
            *mark,
        )
        if not same:
            raise ExportRefused(f"{self._out}: holds an extract of another selection; take another file")

    def _extent(self) -> tuple[str, int, int | None]:
        return self._plan.form, self._plan.first, self._plan.end

    def _go_on(self, pen: "_Pen", indices: Iterable[int] | None) -> State:
        state, form, selection = pen.state, FORMS[pen.state.form], self._plan.selection
        if state.bytes == 0:
            pen.put(form.head)
        found = judged(self._reader, self._ring, selection, state.next, state.end, indices=indices)
        for count, (entry, verdict) in enumerate(found, start=1):
            pen.sealed += entry.payload is None
            if verdict is Verdict.FITS:
                pen.put(form.line(entry))
                pen.entries += 1
            if count % self._every == 0:
                pen.save(entry.index + 1)
        return pen.save(state.end, done=True)


class _Pen:
    """Adds to the file behind what its state says is there."""

    def __init__(self, file: BinaryIO, out: Path, state: State, digest: "hashlib._Hash") -> None:
        self._file, self._out, self._digest = file, out, digest
        self.state, self.entries, self.sealed = state, state.entries, state.sealed
        file.truncate(state.bytes)
        file.seek(state.bytes)

    def put(self, data: bytes) -> None:
        """Add bytes."""
        self._digest.update(data)
        self._file.write(data)

    def save(self, upto: int, *, done: bool = False) -> State:
        """Make the file durable, then the state that speaks of it. `upto`: the first entry not looked at."""
        self._file.flush()
        os.fsync(self._file.fileno())
        self.state = replace(
            self.state,
            next=upto,
            bytes=self._file.tell(),
            sha256=self._digest.hexdigest(),
            entries=self.entries,
            sealed=self.sealed,
            done=done,
        )
        write_state(self._out, self.state)
        return self.state


def _kept(file: BinaryIO, out: Path, state: State) -> "hashlib._Hash":
    """The running digest of what the state says is there. Raises ExportRefused when it is not."""
    digest, left = hashlib.sha256(), state.bytes
    file.seek(0)
    while left and (block := file.read(min(_BLOCK, left))):
        digest.update(block)
        left -= len(block)
    if left or digest.hexdigest() != state.sha256 or (state.done and file.read(1)):
        raise ExportRefused(f"{out}: is not what was written; take another file")
    return digest


@contextmanager
def _held(out: Path) -> Iterator[BinaryIO]:
    """The file, opened for one run at a time, readable by its owner only. Raises ExportRefused and OSError."""
    handle = os.open(out, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(handle, "r+b") as file:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ExportRefused(f"{out}: another run is writing it") from None
        yield file
