"""The check of the whole log as a process of its own: `python -m gateway.console.checking`.

A process, not a thread: the check computes for minutes, and pages served by the same interpreter would wait for it at
each of their reads. What is to be checked comes as one JSON object on standard input, because the address of a database
may hold a password; progress and the outcome leave as JSON, one object a line, on standard output.

    {"path": file | null, "url": database | null, "vkey", "earlier": note | null, "witnesses": [vkey ...],
     "keys": folder | null, "temporary": folder}
    {"phase": "copying" | "checking", "done": n, "of": m} ...
    {"outcome": ...}      members of gateway.console.web.verifying.Outcome

A SQLite store is checked where it lies. A database cannot be: it is exported into a temporary folder, and that is
checked and removed.

Rule of this file: the auditors' checker judges, nothing else does.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any, Self

from gateway.audit import check
from gateway.audit.errors import LogBroken, LogError
from gateway.audit.export import Exporter
from gateway.storage.contract import Reader, StoreUnavailable
from gateway.storage.opening import Location, open_reader
from signing.encoding import base64_standard
from signing.notes import parse_vkey

HOLDS, BROKEN, FAILED = "holds", "broken", "failed"
_LESS_URGENT = 10
_EVERY = 16
"""Bundles of 256 entries between two reports of progress."""


@dataclass(frozen=True, slots=True)
class Job:
    """What is to be checked: see the top of this file."""

    location: Location
    vkey: str
    earlier: str | None
    witnesses: Sequence[str]
    keys: Path | None
    temporary: Path

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Self:
        """The job in a JSON object."""
        return cls(
            Location(path=None if said["path"] is None else Path(said["path"]), url=said["url"]),
            said["vkey"],
            said["earlier"],
            said["witnesses"],
            None if said["keys"] is None else Path(said["keys"]),
            Path(said["temporary"]),
        )


def checked(job: Job, out: IO[str]) -> dict[str, Any]:
    """Make the check; progress goes to `out`. Returns the outcome."""
    try:
        report = _report(job, out)
    except check.Violation as violation:
        return {"outcome": BROKEN, "entry": violation.index, "what": violation.what}
    except LogBroken as error:  # the store contradicts itself before it could be exported
        return {"outcome": BROKEN, "entry": None, "what": error.detail}
    except (StoreUnavailable, check.CannotCheck, LogError, ValueError) as error:
        return {"outcome": FAILED, "what": str(error)}
    except OSError as error:
        return {"outcome": FAILED, "what": error.strerror or type(error).__name__}
    return {"outcome": HOLDS, **_members(report), "note": _note(job, report.newest.size)}


def _report(job: Job, out: IO[str]) -> check.Report:
    key = check.parse_key(job.vkey)
    given: dict[str, Any] = {
        "key": key,
        "earlier": [] if job.earlier is None else [check.open_checkpoint(job.earlier, key)],
        # without its keys a log is verified all the same, sealed
        "keys": check.read_keys(job.keys) if job.keys is not None and job.keys.is_dir() else None,
        "witnesses": [check.parse_witness(vkey) for vkey in job.witnesses],
        "progress": lambda done, of: _say(out, phase="checking", done=done, of=of),
    }
    if job.location.path is not None:
        return check.check(job.location.path, **given)
    with _folder(job.temporary) as folder, _reading(job) as reader:
        _ = Exporter(_Counting(reader, out), parse_vkey(job.vkey), folder, ring=None).write()
        return check.check_export(folder, **given)


def _members(report: check.Report) -> dict[str, Any]:
    return {
        "size": report.newest.size,
        "root": base64_standard(report.newest.root),
        "checkpoints": report.checkpoints,
        "opened": report.opened,
        "clear": report.clear,
        "sealed": report.sealed,
        "erased": report.erased,
        "remarks": list(report.remarks),
        "witnesses": [[one.witness, one.size, one.at] for one in report.witnesses],
        "stamps": [[one.authority, one.size, one.at] for one in report.stamps],
    }


def _note(job: Job, size: int) -> str:
    """The note that was checked, to be brought the next time."""
    with _reading(job) as reader:
        note = reader.note(size)
    return "" if note is None else note.text


class _Counting:
    """A reader that tells how far an export has come."""

    def __init__(self, reader: Reader, out: IO[str]) -> None:
        self._reader, self._out, self._bundles = reader, out, 0
        note = reader.newest_note()
        self._of = note.size if note else 0

    def rows(self, start: int, end: int) -> Any:
        """As a reader."""
        self._bundles += 1
        if self._bundles % _EVERY == 0:
            _say(self._out, phase="copying", done=start, of=self._of)
        return self._reader.rows(start, end)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)


@contextmanager
def _reading(job: Job) -> Iterator[Reader]:
    reader = open_reader(job.location)
    try:
        yield reader
    finally:
        reader.close()


@contextmanager
def _folder(temporary: Path) -> Iterator[Path]:
    with TemporaryDirectory(prefix="check-", dir=temporary) as name:  # mode 0700
        yield Path(name)


def _say(out: IO[str], **said: Any) -> None:
    out.write(json.dumps(said) + "\n")
    out.flush()


def main() -> int:
    """Read a job, check, say the outcome."""
    with suppress(OSError):
        os.nice(_LESS_URGENT)  # pages are served first
    job = Job.of(json.load(sys.stdin))
    _say(sys.stdout, **checked(job, sys.stdout))
    return 0


if __name__ == "__main__":
    sys.exit(main())
