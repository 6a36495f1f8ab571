"""Attacks on an export by somebody who knows its format: bundles are written anew, tiles and manifest too if need be.

What nobody without the log's key can do is sign another checkpoint. Nothing here uses code of the gateway.
"""

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

_WIDTH = 256
_T = TypeVar("_T")


def envelopes(folder: Path) -> list[bytes]:
    """The entries of a whole export, in their order."""
    found = list[bytes]()
    for path in _bundles(folder):
        data, at = path.read_bytes(), 0
        while at < len(data):
            length = int.from_bytes(data[at : at + 2], "big")
            found.append(data[at + 2 : at + 2 + length])
            at += 2 + length
    return found


def write(folder: Path, entries: Sequence[bytes]) -> None:
    """Put other entries into an export, in well-formed bundles. Tiles, checkpoint and manifest stay as they are."""
    for path in _bundles(folder):
        path.unlink()
    for n, part in enumerate(_parts(entries)):
        path = folder / "tile/entries" / _name(n, len(part))
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"".join(len(one).to_bytes(2, "big") + one for one in part))


def write_with_tiles(folder: Path, entries: Sequence[bytes]) -> None:
    """The same, and every hash tile computed anew. For fewer than 65,536 entries."""
    write(folder, entries)
    hashes, level = [sha256(b"\x00" + one).digest() for one in entries], 0
    while hashes:
        for n, part in enumerate(_parts(hashes)):
            path = folder / f"tile/{level}" / _name(n, len(part))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"".join(part))
        hashes, level = [_head(part) for part in _parts(hashes) if len(part) == _WIDTH], level + 1


def say(folder: Path, **members: object) -> None:
    """Let the manifest say something else."""
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_bytes()), **members}))


def _bundles(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / "tile/entries").rglob("*") if path.is_file())


def _parts(values: Sequence[_T]) -> list[Sequence[_T]]:
    return [values[at : at + _WIDTH] for at in range(0, len(values), _WIDTH)]


def _name(n: int, width: int) -> str:
    return f"{n:03d}" if width == _WIDTH else f"{n:03d}.p/{width}"


def _head(hashes: Sequence[bytes]) -> bytes:
    """The root over a full tile."""
    row = list(hashes)
    while len(row) > 1:
        row = [sha256(b"\x01" + row[at] + row[at + 1]).digest() for at in range(0, len(row), 2)]
    return row[0]
