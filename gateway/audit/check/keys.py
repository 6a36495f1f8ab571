"""The key epochs an auditor holds: a key ring folder, or one file of it.

Rule of this file: what a file says about itself (kind, month) is not believed; the log's announcement is.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gateway.audit.check.errors import CannotCheck

_LONGEST = 64 * 1024


@dataclass(frozen=True, slots=True)
class EpochKeys:
    """The secrets of one key epoch, as its file holds them."""

    epoch: bytes
    sealing: bytes = field(repr=False)
    search: bytes = field(repr=False)


def read_epoch(text: bytes) -> EpochKeys:
    """The keys in the text of a key epoch file. ValueError when it is none."""
    try:
        written = json.loads(text)
        keys = EpochKeys(
            bytes.fromhex(written["epoch"]),
            base64.b64decode(written["sealing_key"], validate=True),
            base64.b64decode(written["search_key"], validate=True),
        )
    except (KeyError, TypeError, ValueError, RecursionError):
        raise ValueError("not a key epoch file") from None
    if (len(keys.epoch), len(keys.sealing), len(keys.search)) != (16, 32, 32):
        raise ValueError("not a key epoch file")
    return keys


def read_keys(place: Path) -> Mapping[bytes, EpochKeys]:
    """Every key epoch in a folder (its files `*.json`), or the one in a file, by id.

    A file that is being destroyed is none. Raises CannotCheck for one that cannot be read or holds something else.
    """
    found: dict[bytes, EpochKeys] = {}
    for file in sorted(place.glob("*.json")) if place.is_dir() else [place]:
        keys = _read(file, alone=file == place)
        if keys is not None and found.setdefault(keys.epoch, keys) != keys:
            raise CannotCheck(f"{file}: another file holds other keys of the same key epoch")
    return found


def _read(file: Path, *, alone: bool) -> EpochKeys | None:
    try:
        with file.open("rb") as opened:
            text = opened.read(_LONGEST)
        if not alone and text and not any(text):
            return None  # overwritten, about to be removed
        return read_epoch(text)
    except FileNotFoundError:
        if alone:
            raise CannotCheck(f"{file}: there is no such file or folder") from None
        return None  # removed since the folder was listed
    except (OSError, ValueError) as error:
        what = error.strerror if isinstance(error, OSError) else error
        raise CannotCheck(f"{file}: {what}") from None
