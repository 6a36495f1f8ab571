"""What an extract is, for the gateway to sign: `<file>.manifest.json` and, over its bytes, `<file>.manifest.jws`.

    v, log, size, root      the log when the extract was begun; `checkpoint` is its signed note
    first, end              the entries that were looked at
    entries                 how many of them are in the file
    sealed                  how many of the time and kind asked for could not be read: their keys are not here
    keys_missing            key epochs of that time and kind whose keys are not here: nobody is found under them
    file, format, bytes, sha256
    selection               what was asked for; of a subject only that there was one
    made_at

Rule of this file: a manifest is made once for a file; the token comes from whoever holds the gateway's key.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gateway.audit.errors import ExportRefused
from gateway.audit.events import EntryKind
from gateway.audit.extract.selection import Selection
from gateway.audit.extract.state import State
from gateway.audit.keyfiles import replace_private
from gateway.audit.ring import KeyRing, period_of
from gateway.storage.contract import EpochRow, Reader
from signing.encoding import base64_standard
from signing.notes import parse_checkpoint

VERSION = 1
MEMBERS: Mapping[str, type] = {
    "v": int,
    "log": str,
    "size": int,
    "root": str,
    "checkpoint": str,
    "first": int,
    "end": int,
    "entries": int,
    "sealed": int,
    "keys_missing": int,
    "file": str,
    "format": str,
    "bytes": int,
    "sha256": str,
    "selection": dict,
    "made_at": str,
}
"""Name -> what it holds; all are always there."""


def manifest_file(out: Path) -> Path:
    """Where the manifest of an extract lies."""
    return out.with_name(f"{out.name}.manifest.json")


def token_file(out: Path) -> Path:
    """Where the token over the manifest lies."""
    return out.with_name(f"{out.name}.manifest.jws")


def manifest_of(out: Path, state: State, selection: Selection, *, reader: Reader, ring: KeyRing, at: datetime) -> bytes:
    """The manifest of a finished extract, written beside it; the one that is there already, if there is one.

    Raises ExportRefused for an extract that is not finished or a manifest of another file, KeyFileRefused,
    StoreUnavailable and OSError.
    """
    if not state.done:
        raise ExportRefused(f"{out}: is not finished")
    path = manifest_file(out)
    if path.exists():
        found = path.read_bytes()
        if f'"sha256": "{state.sha256}"'.encode() not in found:
            raise ExportRefused(f"{path}: is the manifest of another file")
        return found
    checkpoint = parse_checkpoint(
        state.note.rpartition("\n\n")[0] + "\n"
    )  # its signature was verified at the beginning
    said = {
        "v": VERSION,
        "log": state.log,
        "size": checkpoint.size,
        "root": base64_standard(checkpoint.root),
        "checkpoint": state.note,
        "first": state.first,
        "end": state.end,
        "entries": state.entries,
        "sealed": state.sealed,
        "keys_missing": sum(1 for epoch in reader.epochs() if _missing(epoch, state, selection, ring)),
        "file": out.name,
        "format": state.form,
        "bytes": state.bytes,
        "sha256": state.sha256,
        "selection": selection.words(),
        "made_at": at.astimezone(UTC).isoformat(),
    }
    made = printed(said)
    token_file(out).unlink(missing_ok=True)  # it is over another manifest
    replace_private(path, made)
    return made


def printed(said: Mapping[str, Any]) -> bytes:
    """The bytes of a manifest."""
    return (json.dumps(said, indent=2, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")


def attach(out: Path, token: str) -> None:
    """Keep the gateway's token over the manifest beside the file. Raises KeyFileRefused."""
    replace_private(token_file(out), f"{token}\n".encode())


def _missing(epoch: EpochRow, state: State, selection: Selection, ring: KeyRing) -> bool:
    """Whether entries that were looked at may be sealed by an epoch whose keys are not here."""
    return (
        epoch.first_index < state.end
        and (selection.kind is None or not epoch.kind or EntryKind(epoch.kind).label == selection.kind)
        and (selection.since is None or not epoch.period or epoch.period >= period_of(selection.since))
        and (selection.until is None or not epoch.period or epoch.period <= period_of(selection.until))
        and ring.find(epoch.kid) is None
    )
