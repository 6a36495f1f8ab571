"""A log as files that can be verified without the store: C2SP tlog-tiles in a folder.

    checkpoint                     the newest signed note, with what witnesses signed under it
    log.vkey                       the public key; an auditor has it from elsewhere
    tile/<L>/<N>[.p/<W>]           hash tiles
    tile/entries/<N>[.p/<W>]       entry bundles: 256 envelopes, each behind its length (uint16, big-endian)
    contents/<N>[.p/<W>].jsonl     only when asked for: what the entries say, a line each, in clear
    timestamps/<size>.<name>.tsr   time-stamps (RFC 3161), each with the note it is over beside it: <size>.checkpoint
    manifest.json                  which entries; written last

A range of entries takes whole bundles, and every hash tile but those of leaves outside it: what is there is still
proved by the one checkpoint over all.

Rule of this file: a file appears whole or not at all, and what is already there and right is kept, so an export that
was broken off goes on where it was, and one of last month grows. Checkpoint and manifest are replaced last, when
everything they speak of is there; until then the folder is the export it was. An export never continues what is not the
beginning of this log.
"""

import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.audit.errors import ExportRefused, LogBroken
from gateway.audit.published import Published
from gateway.audit.reading import as_json, opened
from gateway.audit.ring import KeyRing
from gateway.storage.contract import Reader, Row
from signing.encoding import base64_standard
from signing.errors import SigningError
from signing.merkle import leaf_hash
from signing.notes import Checkpoint, NoteKey, open_checkpoint
from signing.tiles import WIDTH, Tile, TileTree, all_of, edge, numbered, split, tile_of

VERSION = 1
_UNFINISHED = ".new-"
_NAMES = {"checkpoint", "log.vkey", "tile", "contents", "timestamps", "manifest.json"}
_MOST_STAMPS = 100_000
_MOST_WITNESSES = 100


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export holds: entries `first` to `end - 1` of `size`; and how many files were written and kept."""

    first: int
    end: int
    size: int
    written: int
    kept: int


@dataclass(frozen=True, slots=True)
class _Span:
    """The bundles of an export: whole ones, so it may reach 255 entries further than was asked for on each side."""

    first: int
    end: int

    def tiles(self) -> Iterator[int]:
        """The numbers of its bundles."""
        return iter(range(self.first // WIDTH, (self.end + WIDTH - 1) // WIDTH))


class Exporter:
    """Writes one log into one folder. `ring` opens the contents, and only where they are asked for.

    Raises ExportRefused, LogUnavailable, LogBroken, StoreUnavailable and OSError.
    """

    def __init__(self, reader: Reader, key: NoteKey, folder: Path, *, ring: KeyRing | None) -> None:
        self._reader, self._key, self._folder, self._ring = reader, key, folder, ring
        self._published = Published(reader, key)
        self._written = self._kept = 0

    def write(self, *, first: int = 0, end: int | None = None) -> Exported:
        """Export the entries `first` to `end - 1`, or to the newest, under the newest checkpoint."""
        note, checkpoint = self._published.newest()
        size = checkpoint.size
        last = size if end is None else min(end, size)
        if not 0 <= first < last:
            raise ExportRefused(f"the log has {size} entries: there is none from {first} to {last - 1}")
        span = _Span(first - first % WIDTH, min(size, last + -last % WIDTH))
        before = self._before(span, checkpoint)
        for tile in all_of(size):
            # leaves outside the range are proved by nothing and prove nothing but their own
            if tile.level or tile.width < WIDTH or span.first <= WIDTH * tile.n < span.end:
                self._put(Path("tile") / tile.path, self._tile(tile))
        for n in span.tiles():
            self._bundle(tile_of(0, n, size))
        self._put(Path("log.vkey"), f"{self._key.vkey}\n".encode())
        self._stamps()
        self._put(Path("checkpoint"), self._cosigned(note, size))
        self._put(Path("manifest.json"), self._manifest(span, checkpoint))
        self._drop_partial(before, size)
        return Exported(span.first, span.end, size, self._written, self._kept)

    # -- what is there already

    def _before(self, span: _Span, checkpoint: Checkpoint) -> int:
        """The tree size of the export in the folder, 0 when there is none. Raises ExportRefused for another log's."""
        there = {path.name for path in self._folder.iterdir()} if self._folder.exists() else set()
        if {name for name in there if not name.startswith(_UNFINISHED)} - _NAMES:
            raise ExportRefused(f"{self._folder}: holds something else than an export; take an empty folder")
        for path in self._folder.glob(f"{_UNFINISHED}*"):  # of a run that was killed
            path.unlink()
        if "manifest.json" not in there:
            return 0
        old, said = self._earlier()
        if old.size > checkpoint.size:
            raise ExportRefused(
                f"{self._folder}: covers {old.size} entries of this log, the store {checkpoint.size}: was it cut back?"
            )
        if TileTree(old.size, self._tile).root() != old.root:
            raise ExportRefused(
                f"{self._folder}: the first {old.size} entries of the store are not those exported before: rewritten"
            )
        asked = (span.first, self._ring is not None)
        if asked != (said["first"], said["contents"]) or span.end < said["end"]:
            raise ExportRefused(f"{self._folder}: holds an export of another extent; take an empty folder")
        return old.size

    def _earlier(self) -> tuple[Checkpoint, dict[str, Any]]:
        try:
            text = (self._folder / "checkpoint").read_text(encoding="utf-8")
            said = json.loads((self._folder / "manifest.json").read_bytes())
            old = open_checkpoint(text, self._key, origin=self._key.name)
            return old, {name: said[name] for name in ("first", "end", "contents")}
        except (OSError, ValueError, KeyError, TypeError, SigningError):
            raise ExportRefused(f"{self._folder}: holds an export of another log, or a spoilt one") from None

    # -- parts

    def _tile(self, tile: Tile) -> bytes:
        data = self._published.tile(tile)
        if data is None:
            raise LogBroken(f"tile {tile.path} is missing")
        return data

    def _bundle(self, tile: Tile) -> None:
        place = numbered(tile.n, tile.width)
        path, contents = Path("tile/entries") / place, Path("contents") / f"{place}.jsonl"
        leaves = split(self._tile(tile))
        kept = _leaves_of(self._folder / path) == leaves
        if kept and (self._ring is None or _lines(self._folder / contents) == tile.width):
            self._kept += 1 if self._ring is None else 2
            return
        rows = self._reader.rows(WIDTH * tile.n, WIDTH * tile.n + tile.width)
        if len(rows) != tile.width:
            raise LogBroken(f"entries from {WIDTH * tile.n} on are missing")
        self._put(path, b"".join(_prefixed(_checked(row, leaf)) for row, leaf in zip(rows, leaves, strict=True)))
        if self._ring is not None:
            ring = self._ring
            lines = [json.dumps(as_json(opened(row, ring)), ensure_ascii=False) for row in rows]
            self._put(contents, "".join(f"{line}\n" for line in lines).encode())

    def _stamps(self) -> None:
        for stamp in self._reader.stamps(size=None, limit=_MOST_STAMPS):
            note = self._reader.note(stamp.size)
            if note is None:
                raise LogBroken(f"the checkpoint of size {stamp.size} was stamped and is missing")
            folder = Path("timestamps")
            self._put(folder / f"{stamp.size}.checkpoint", note.text.encode())  # the very bytes that were stamped
            self._put(folder / f"{stamp.size}.{stamp.authority}.tsr", stamp.der)

    def _cosigned(self, note: str, size: int) -> bytes:
        """A checkpoint with the lines of its witnesses below the log's own."""
        lines = self._reader.cosignatures(size=size, limit=_MOST_WITNESSES)
        return (note + "".join(sorted(f"{one.line}\n" for one in lines))).encode()

    def _manifest(self, span: _Span, checkpoint: Checkpoint) -> bytes:
        said = {
            "v": VERSION,
            "log": checkpoint.origin,
            "size": checkpoint.size,
            "root": base64_standard(checkpoint.root),
            "first": span.first,
            "end": span.end,
            "contents": self._ring is not None,
        }
        return (json.dumps(said, indent=2) + "\n").encode()

    # -- files

    def _put(self, path: Path, data: bytes) -> None:
        target = self._folder / path
        if target.is_file() and target.stat().st_size == len(data) and target.read_bytes() == data:
            self._kept += 1
            return
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(prefix=_UNFINISHED, dir=self._folder)  # mode 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        self._written += 1

    def _drop_partial(self, before: int, size: int) -> None:
        """Remove the partial tiles and bundles of the smaller tree, which the larger one replaced."""
        for tile in set(edge(before)) - set(edge(size)):
            place = numbered(tile.n, tile.width)
            bundle = [Path("tile/entries") / place, Path("contents") / f"{place}.jsonl"] if tile.level == 0 else []
            for path in (Path("tile") / tile.path, *bundle):
                (self._folder / path).unlink(missing_ok=True)
                parent = (self._folder / path).parent
                if parent.name.endswith(".p") and parent.is_dir() and not any(parent.iterdir()):
                    parent.rmdir()


def _checked(row: Row, leaf: bytes) -> bytes:
    if row.envelope is None or row.leaf != leaf or leaf_hash(row.envelope) != leaf:
        raise LogBroken(f"entry {row.index} is not the one its tile names: run gateway log verify on the store")
    return row.envelope


def _prefixed(envelope: bytes) -> bytes:
    return len(envelope).to_bytes(2, "big") + envelope


def _leaves_of(path: Path) -> Sequence[bytes] | None:
    """The leaf hashes of a bundle that is already there; None when there is none or it is not whole."""
    if not path.is_file():
        return None
    data, at, leaves = path.read_bytes(), 0, list[bytes]()
    while at < len(data):
        length = int.from_bytes(data[at : at + 2], "big")
        entry = data[at + 2 : at + 2 + length]
        if len(entry) != length or at + 2 > len(data):
            return None
        leaves.append(leaf_hash(entry))
        at += 2 + length
    return leaves


def _lines(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.is_file() else -1
