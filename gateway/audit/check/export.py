"""The walk over an export (C2SP tlog-tiles in a folder). What is checked, by number:

    1   manifest.json and checkpoint speak of the same tree of the same log
    2   the checkpoint is signed by the log's key; cosignatures under it by the witnesses brought hold
    3   the partial tiles of the right edge lead to the checkpoint's root
    4   every other tile, from the top down, has the root that the tile above it names
    for each entry of the export, in the order of its index
    5   its bytes hash to the leaf that its tile names at this place
    6   its form, its key epoch, its content and tags: as in a store
    7   what is written in clear beside it is what its envelope says and, where it opens, its content
    at the end
    8   every checkpoint the auditor brought from earlier is the beginning of this log
    9   time-stamps are over the checkpoint of their size, and that is the beginning of this log

Tiles are checked before entries: whatever does not fit then is the fault of the one that is named. Of an export that
does not begin with the log, key epochs announced before it cannot be checked, and a remark says so.

Rule of this file: the first violation ends the walk; one tile and one bundle are in memory at a time.
"""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gateway.audit.check.attestations import Attestations
from gateway.audit.check.entries import Entries, Progress
from gateway.audit.check.envelope import KINDS, Envelope
from gateway.audit.check.errors import CannotCheck, Violation
from gateway.audit.check.keys import EpochKeys
from gateway.audit.check.note import Checkpoint, Key, Note, open_note
from gateway.audit.check.report import Report
from gateway.audit.check.tree import WIDTH, head, leaf

_HASH = 32
_START = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_BUNDLE = WIDTH * (2 + 65_535)
_LONGEST_STAMP = 1 << 20
_MEMBERS = {"v", "log", "size", "root", "first", "end", "contents"}


def check_export(
    folder: Path,
    *,
    key: Key,
    earlier: Sequence[Checkpoint] = (),
    keys: Mapping[bytes, EpochKeys] | None = None,
    witnesses: Sequence[Key] = (),
    progress: Progress | None = None,
) -> Report:
    """Check an export against the log's public key. Everything else as for a store.

    Raises Violation, CannotCheck when there is no finished export to check, and what `progress` raises to end it.
    """
    try:
        manifest = _manifest(folder)
        entries = Entries(keys, whole=manifest["first"] == 0, origin=key.name, progress=progress)
        return _Walk(folder, key, earlier, entries, Attestations(witnesses), manifest).run()
    except OSError as error:
        raise CannotCheck(f"{folder}: not readable ({error.strerror})") from None


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        said = json.loads((folder / "manifest.json").read_bytes())
    except FileNotFoundError:
        raise CannotCheck(f"{folder}: no manifest.json: not an export, or one that was not finished") from None
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict) or said.keys() != _MEMBERS or said["v"] != 1 or not _plausible(said):
        raise CannotCheck(f"{folder}: manifest.json is not that of an export")
    return said


def _plausible(said: dict[str, Any]) -> bool:
    numbers = [said["first"], said["end"], said["size"]]
    if not all(type(one) is int for one in numbers) or type(said["contents"]) is not bool:
        return False
    first, end, size = (int(one) for one in numbers)
    return 0 <= first < end <= size and first % WIDTH == 0 and (end == size or end % WIDTH == 0)


@dataclass(slots=True)
class _Walk:
    folder: Path
    key: Key
    earlier: Sequence[Checkpoint]
    entries: Entries
    attestations: Attestations
    manifest: dict[str, Any]
    size: int = 0
    tiles: int = 0
    unread: int = 0

    def run(self) -> Report:
        note, text = self._checkpoint()
        newest = note.checkpoint
        self.size = newest.size
        if self._edge_root(newest.size) != newest.root:  # (3)
            raise Violation(None, f"the tiles of the right edge are not those of the checkpoint of size {newest.size}")
        levels = (newest.size.bit_length() + 7) // 8
        self.tiles = sum(1 for level in range(levels) if (newest.size >> 8 * level) % WIDTH)
        for level in range(levels - 1, 0, -1):
            self._below(level)  # (4)
        first, end = self.manifest["first"], self.manifest["end"]
        for n in range(first // WIDTH, (end + WIDTH - 1) // WIDTH):
            self._bundle(n)
        for old in sorted(self.earlier, key=lambda one: one.size):
            self._earlier(old, newest)
        self._stamps(note, text)
        opened, sealed, erased = self.entries.close()
        self._remarks()
        witnesses, stamps = self.attestations.found(self.entries.remarks)
        return Report(
            end - first,
            1,
            self.tiles,
            opened,
            newest,
            self.entries.remarks.all(),
            first,
            clear=self.entries.clear,
            sealed=sealed,
            erased=erased,
            witnesses=witnesses,
            stamps=stamps,
        )

    # -- the tree

    def _checkpoint(self) -> tuple[Note, str]:
        """The newest checkpoint, and its note as it stands in the file."""
        try:
            text = (self.folder / "checkpoint").read_bytes().decode()  # not as text: that would change line ends
            note = open_note(text, self.key)  # (2)
            for line in note.others:
                self.attestations.line(note, line)
        except FileNotFoundError:
            raise CannotCheck(f"{self.folder}: there is no checkpoint in it") from None
        except UnicodeDecodeError:
            raise Violation(None, "the checkpoint: not text in UTF-8") from None
        except ValueError as error:
            raise Violation(None, f"the checkpoint: {error}") from None
        newest = note.checkpoint
        if newest.size != self.manifest["size"]:  # (1)
            raise CannotCheck(
                f"{self.folder}: the manifest speaks of {self.manifest['size']} entries, the checkpoint of "
                f"{newest.size}: not finished, or altered"
            )
        root = base64.b64encode(newest.root).decode()
        if (self.manifest["log"], self.manifest["root"]) != (newest.origin, root):
            raise Violation(None, "manifest.json names another log or another root than the checkpoint")
        return note, text

    def _edge_root(self, size: int) -> bytes:
        """The root of the first `size` leaves, from the hashes each level has outside its full tiles."""
        below: list[bytes] = []
        level = 0
        while count := size >> 8 * level:
            if count % WIDTH:
                data = self._tile(level, count // WIDTH)[: _HASH * (count % WIDTH)]
                below = [head([*_split(data), *below])]
            level += 1
        return below[0]

    def _below(self, level: int) -> None:
        """Every full tile of the level under this one that the export must have."""
        count = self.size >> 8 * level
        for n in range((count + WIDTH - 1) // WIDTH):
            for number, named in enumerate(_split(self._tile(level, n)), start=WIDTH * n):
                if level == 1 and not self.manifest["first"] <= WIDTH * number < self.manifest["end"]:
                    continue
                if head(_split(self._tile(level - 1, number))) != named:
                    raise Violation(None, f"tile {_path(level - 1, number)} is wrong: the tile above it names another")
                self.tiles += 1

    def _tile(self, level: int, n: int) -> bytes:
        width = min(WIDTH, (self.size >> 8 * level) - WIDTH * n)
        path = _path(level, n, width)
        data = self._file(f"tile/{path}", _HASH * width)
        if data is None or len(data) != _HASH * width:
            raise Violation(None, f"tile {path} is {'missing' if data is None else 'of another length'}")
        return data

    # -- the entries

    def _bundle(self, n: int) -> None:
        start = WIDTH * n
        leaves = _split(self._tile(0, n))
        path = f"tile/entries/{_number(n, len(leaves))}"
        data = self._file(path, _LONGEST_BUNDLE)
        if data is None:
            raise Violation(start, f"missing, like the other entries of {path}")
        lines = self._contents(n, len(leaves))
        at = 0
        for index, named in enumerate(leaves, start):
            length = int.from_bytes(data[at : at + 2], "big")
            entry = data[at + 2 : at + 2 + length]
            if at + 2 > len(data) or len(entry) != length:
                raise Violation(index, f"missing; {path} ends before it")
            at += 2 + length
            self._entry(index, entry, named, lines[index - start] if lines else None)
        if at != len(data):
            raise Violation(None, f"{path} holds more than the entries {start} to {start + len(leaves) - 1}")

    def _entry(self, index: int, data: bytes, named: bytes, line: bytes | None) -> None:
        if leaf(data) != named:  # (5)
            raise Violation(index, "its content does not hash to the leaf its tile names: altered or exchanged")
        envelope = self.entries.take(index, data)
        payload = self.entries.content(index, envelope)  # (6)
        self.entries.time(index, envelope.at_us, self.manifest["end"] - self.manifest["first"])
        if line is not None:
            self._in_clear(index, line, envelope, payload, named)  # (7)

    def _contents(self, n: int, width: int) -> list[bytes]:
        if not self.manifest["contents"]:
            return []
        path = f"contents/{_number(n, width)}.jsonl"
        data = self._file(path, 8 * _LONGEST_BUNDLE)
        lines = [] if data is None else data.splitlines()
        if len(lines) != width:
            raise Violation(WIDTH * n, f"{path} does not hold a line for each of {width} entries")
        return lines

    def _in_clear(
        self, index: int, line: bytes, envelope: Envelope, payload: dict[str, Any] | None, named: bytes
    ) -> None:
        """The line has the six members of the entry and no other. An entry that did not open may stand as null."""
        try:
            said = json.loads(line, object_pairs_hook=_once)
            content = said["content"]
            expected = {
                "index": index,
                "at": (_START + timedelta(microseconds=envelope.at_us)).isoformat(),
                "kind": KINDS[envelope.kind],
                "epoch": envelope.epoch.hex(),
                "leaf": named.hex(),
                "content": content if payload is None or content is None else payload,
            }
            # as text: for Python 1, 1.0 and true are equal
            fits = _text(said) == _text(expected) and (content is None or isinstance(content, dict))
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
            fits = False
        if not fits:
            raise Violation(index, "what is written in clear beside it is not what it says")
        if payload is not None and content is None:
            raise Violation(index, "what it says is not written in clear beside it, though it can be read")
        self.unread += payload is None and content is not None

    # -- at the end

    def _earlier(self, old: Checkpoint, newest: Checkpoint) -> None:
        if old.origin != self.key.name:  # (8)
            raise CannotCheck("the earlier checkpoint is one of another log")
        if old.size > newest.size:
            raise Violation(
                newest.size, f"missing; an earlier checkpoint covers {old.size} entries: the log was cut back"
            )
        if old.size and self._old_root(old.size) != old.root:
            raise Violation(None, f"the first {old.size} entries are not those of the earlier checkpoint")

    def _old_root(self, size: int) -> bytes:
        whole = WIDTH * (size // WIDTH)
        partial = size % WIDTH and WIDTH * (self.size // WIDTH) != whole
        if partial and not self.manifest["first"] <= whole < self.manifest["end"]:
            raise CannotCheck(
                f"the earlier checkpoint of size {size} cannot be held against an export without the entries at {whole}"
            )
        return self._edge_root(size)

    def _stamps(self, newest: Note, text: str) -> None:
        for file in sorted(self.folder.glob("timestamps/*.tsr")):  # (9)
            size, _, authority = file.name.removesuffix(".tsr").partition(".")
            path = f"timestamps/{file.name}"
            try:
                note, shown = self._stamped(size, newest, text)
                if note is None:
                    self.entries.remarks.add(f"{path} was not checked: timestamps/{size}.checkpoint is not there")
                    continue
                data = self._file(path, _LONGEST_STAMP) or b""
                self.attestations.token(note, authority, data, shown=shown)
            except ValueError as error:
                raise Violation(None, f"{path}: {error}") from None

    def _stamped(self, size: str, newest: Note, text: str) -> tuple[Note | None, str]:
        """The checkpoint a time-stamp is named after; an older one than the export's stands beside the time-stamp."""
        if size == str(newest.checkpoint.size):
            return newest, text
        path = f"timestamps/{size}.checkpoint"
        data = self._file(path, _LONGEST_STAMP)
        if data is None:
            return None, ""
        note = open_note(data.decode(), self.key)
        if str(note.checkpoint.size) != size:
            raise ValueError(f"{path} is a checkpoint of size {note.checkpoint.size}")
        self._earlier(note.checkpoint, newest.checkpoint)
        return note, data.decode()

    def _remarks(self) -> None:
        remarks, keys = self.entries.remarks, self.entries.keys
        if not self.entries.epochs.whole:
            remarks.add("key epochs announced before the first entry exported were not checked")
        if self.manifest["contents"] and self.unread and keys is None:
            remarks.add("contents/ was not held against the entries: that needs their keys")
        if keys is not None and self.unread:
            remarks.add(f"{self.unread} contents under other keys were not held against the entries")

    def _file(self, path: str, longest: int) -> bytes | None:
        place = self.folder / path
        if not place.is_file():
            return None
        with place.open("rb") as file:
            return file.read(longest + 1)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member stands there twice")
    return members


def _text(value: object) -> str:
    return json.dumps(value, sort_keys=True)


def _split(data: bytes) -> list[bytes]:
    return [data[at : at + _HASH] for at in range(0, len(data), _HASH)]


def _path(level: int, n: int, width: int = WIDTH) -> str:
    return f"{level}/{_number(n, width)}"


def _number(n: int, width: int) -> str:
    groups = [f"{n % 1000:03d}"]
    while n := n // 1000:
        groups.append(f"x{n % 1000:03d}")
    return "/".join(reversed(groups)) + ("" if width == WIDTH else f".p/{width}")
