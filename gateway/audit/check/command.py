"""A check as a command: what the auditor brings, what is printed, which exit code says it.

    0   it holds
    1   it does not: the first bad entry is named, and what is wrong
    2   it could not be checked: no such file, an unusable key, not a log

Rule of this file: `gateway log verify` and the single file are both nothing but this, so they cannot differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from gateway.audit.check.entries import Progress
from gateway.audit.check.errors import CannotCheck, Violation
from gateway.audit.check.export import check_export
from gateway.audit.check.keys import read_keys
from gateway.audit.check.note import Checkpoint, Key, open_checkpoint, parse_key, parse_witness
from gateway.audit.check.report import Report
from gateway.audit.check.store import check

HELP = {
    "place": "The store (log.sqlite) or the folder of an export.",
    "public_key": "The log's public key, as text or as a file. Default: log.vkey beside the store or in the export.",
    "checkpoint": "A checkpoint kept from earlier: shows whether the log was cut back. Repeatable.",
    "keys": "Key epochs, a folder or one file: opens every entry they fit and checks the commitments too.",
    "witness": "The public key of a witness, as text or as a file: checks its cosignatures. Repeatable.",
}
"""What each thing that is brought is, for people."""


@dataclass(frozen=True, slots=True)
class Brought:
    """What a check is made with: see HELP. Every value is as it was typed."""

    place: str
    public_key: str | None = None
    checkpoints: Sequence[str] = ()
    keys: str | None = None
    witnesses: Sequence[str] = ()


def run(brought: Brought, *, out: TextIO, err: TextIO) -> int:
    """Make the check, print what it found, return the exit code. Progress goes to `err` where that is a terminal."""
    try:
        report = _check(brought, _shown(err) if err.isatty() else None)
    except Violation as violation:
        print(f"NOT OK  {violation}", file=out)
        return 1
    except CannotCheck as error:
        print(f"COULD NOT CHECK  {error}", file=err)
        return 2
    for line in _lines(report, brought):
        print("".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line), file=out)
    return 0


def log_key(given: str | None, beside: Path) -> Key:
    """The log's key in a text or a file; without either the one in the file `beside`. Raises CannotCheck."""
    file = beside if given is None else Path(given)
    try:
        return parse_key(file.read_text(encoding="utf-8") if given is None or _is_file(file) else given)
    except OSError:
        raise CannotCheck(f"{file}: no public key there; give it with --public-key") from None
    except ValueError as error:
        raise CannotCheck(f"the public key is not usable: {error}") from None


def _check(brought: Brought, progress: Progress | None) -> Report:
    if "://" in brought.place:  # not repeated: an address may hold a password
        raise CannotCheck("a database cannot be verified in place: export it first (gateway log export), verify that")
    place = Path(brought.place)
    _present(place)
    key = log_key(brought.public_key, _beside(place))
    keys = None if brought.keys is None else read_keys(Path(brought.keys))
    if keys is not None and not keys:
        raise CannotCheck(f"{brought.keys}: no key epoch file (*.json) in it")
    walk = check_export if place.is_dir() else check
    return walk(
        place,
        key=key,
        earlier=[_earlier(Path(file), key) for file in brought.checkpoints],
        keys=keys,
        witnesses=[_witness(text) for text in brought.witnesses],
        progress=progress,
    )


def _lines(report: Report, brought: Brought) -> list[str]:
    said = [f"OK  {report.entries} entries, {report.checkpoints} checkpoints, {report.tiles} tiles"]
    if report.entries < report.newest.size:
        last = report.first + report.entries - 1
        said.append(f"    only the entries {report.first} to {last} of {report.newest.size} are in this export")
    closed = f"{report.sealed} sealed, {report.erased} erased"
    said += [
        f"    log   {report.newest.origin}",
        f"    root  {report.newest.root.hex()}",
        f"    contents: {report.opened} opened, {report.clear} in clear, {closed}",
    ]
    for one in report.witnesses:
        what = "cosigned nothing here" if one.size is None else f"cosigned {one.size} entries, {_time(one.at)}"
        said.append(f"    witness {one.witness}: {what}")
    for stamp in report.stamps:
        said.append(f"    time-stamp {stamp.authority}: {stamp.size} entries, {stamp.at}; verify it with openssl")
    said += [f"    note: {remark}" for remark in report.remarks]
    if brought.public_key is None:
        where = "in the export" if Path(brought.place).is_dir() else "beside the store"
        said.append(f"    note: the public key lay {where}; --public-key proves it to others")
    if not brought.checkpoints:
        said.append("    note: without --checkpoint a log cut back to an older state is not noticed")
    return said


def _time(at: int) -> str:
    try:
        return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    except (OverflowError, ValueError, OSError):
        return f"time {at}"


def _shown(err: TextIO) -> Progress:
    def show(done: int, of: int) -> None:
        print(f"\r{done} of {of} entries", end="\r\033[K" if done == of else "", file=err, flush=True)

    return show


def _beside(place: Path) -> Path:
    return place / "log.vkey" if place.is_dir() else place.with_name("log.vkey")


def _present(place: Path) -> None:
    try:
        place.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise CannotCheck(f"{place}: the store does not exist") from None
    except OSError as error:
        raise CannotCheck(f"{place}: {error.strerror}") from None


def _witness(given: str) -> Key:
    try:
        return parse_witness(Path(given).read_text(encoding="utf-8") if _is_file(Path(given)) else given)
    except OSError as error:
        raise CannotCheck(f"{given}: {error.strerror}") from None
    except ValueError as error:
        raise CannotCheck(f"the key of a witness is not usable: {error}") from None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a key is longer than the name of a file can be
        return False


def _earlier(file: Path, key: Key) -> Checkpoint:
    try:
        return open_checkpoint(file.read_text(encoding="utf-8"), key)
    except UnicodeDecodeError:
        raise CannotCheck(f"{file}: not text in UTF-8, so not a checkpoint") from None
    except (OSError, ValueError) as error:
        what = error.strerror if isinstance(error, OSError) else error
        raise CannotCheck(f"{file}: {what}") from None
