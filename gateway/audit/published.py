"""The log's public part: the newest checkpoint, hash tiles, proofs. Never an entry.

Rule of this file: it reads what is durable and signed and hands out nothing else. Full tiles come from the store, what
stands right of them from leaves and from the roots of full tiles; a proof that does not hold never leaves.
"""

from dataclasses import dataclass
from functools import cache

from gateway.audit.errors import LogBroken, LogUnavailable
from gateway.storage.contract import Note, Reader, StoreUnavailable
from signing.errors import SigningError
from signing.merkle import HASH_BYTES, consistency_ranges, hashes_of, inclusion_ranges, verify_consistency
from signing.notes import Checkpoint, NoteKey, open_checkpoint
from signing.proofs import InclusionProof, verify
from signing.tiles import WIDTH, Tile, TileTree, holds, tile_root

_ROOTS = 2048
"""Roots of full tiles kept in memory: a partial tile is made of 255 of them at most, and there is one per level."""

_LARGEST = 1 << 63
"""No store counts further."""


@dataclass(frozen=True, slots=True)
class Extension:
    """That the tree of a checkpoint extends the tree of the first `old_size` entries.

    `note`: the signed checkpoint; `hashes`: RFC 9162 section 2.1.4.1, 32 bytes each, none for equal sizes or from zero.
    """

    old_size: int
    note: str
    checkpoint: Checkpoint
    hashes: tuple[bytes, ...]


class Published:
    """What anyone may see of a log. Belongs to the one thread that uses it.

    `key`: the log's own; a stored note it did not sign is not handed out. Every method raises LogUnavailable, and
    LogBroken where the store contradicts itself.
    """

    def __init__(self, reader: Reader, key: NoteKey) -> None:
        self._reader, self._key = reader, key
        self._roots: dict[tuple[int, int], bytes] = {}
        self._last: tuple[str, Checkpoint] | None = None

    def newest(self) -> tuple[str, Checkpoint]:
        """The newest checkpoint of the store, whichever process wrote it: the signed note and what it states."""
        return self._opened(self._read_note(None))

    def tile(self, tile: Tile) -> bytes | None:
        """The hashes of a tile, 32 bytes each; None when the newest tree does not have all of them."""
        _, newest = self.newest()
        if not holds(newest.size, tile):
            return None
        try:
            return self._tile(tile)
        except StoreUnavailable as error:
            raise LogUnavailable("store") from error

    def proof(self, index: int, size: int | None = None) -> InclusionProof | None:
        """That an entry is in the tree of the newest checkpoint, or in that of the checkpoint of `size`.

        None when the tree has no such entry, or when no checkpoint of exactly this size was signed: a proof is one for
        the tree its checkpoint states, so another size would answer another question.
        """
        note = self._read_note(size)
        if size is not None and note is None:
            return None
        text, checkpoint = self._opened(note)
        if not 0 <= index < checkpoint.size:
            return None
        try:
            tree = TileTree(checkpoint.size, cache(self._tile))
            hashes = hashes_of(inclusion_ranges(index, checkpoint.size), tree.subtree)
            proof = InclusionProof(index, tuple(hashes), text)
            verify(proof, tree.leaf(index), self._key, origin=self._key.name)
        except StoreUnavailable as error:
            raise LogUnavailable("store") from error
        except SigningError as error:
            raise LogBroken(f"entry {index} is not proved by the tree of size {checkpoint.size}") from error
        return proof

    def extension(self, old_size: int, size: int) -> Extension | None:
        """That the tree of the checkpoint of exactly `size` extends the tree of the first `old_size` entries.

        None when no checkpoint of this size was signed, or when the old tree is larger.
        """
        note = self._read_note(size)
        if note is None:
            return None
        text, checkpoint = self._opened(note)
        if not 0 <= old_size <= checkpoint.size:
            return None
        try:
            read = cache(self._tile)
            hashes = hashes_of(consistency_ranges(old_size, size), TileTree(size, read).subtree)
            verify_consistency(
                old_size=old_size,
                old_root=TileTree(old_size, read).root(),
                size=size,
                root=checkpoint.root,
                proof=hashes,
            )
        except StoreUnavailable as error:
            raise LogUnavailable("store") from error
        except SigningError as error:
            raise LogBroken(f"the tree of size {size} does not extend the one of size {old_size}") from error
        return Extension(old_size, text, checkpoint, tuple(hashes))

    def leaf(self, index: int) -> bytes | None:
        """The leaf hash of an entry; None when there is none."""
        if not 0 <= index < _LARGEST:
            return None
        try:
            found = self._reader.leaves(index, index + 1)
        except StoreUnavailable as error:
            raise LogUnavailable("store") from error
        return found[0] if found else None

    def close(self) -> None:
        """Let go of the store."""
        self._reader.close()

    def _read_note(self, size: int | None) -> Note | None:
        if size is not None and not 0 <= size < _LARGEST:
            return None
        try:
            return self._reader.newest_note() if size is None else self._reader.note(size)
        except StoreUnavailable as error:
            raise LogUnavailable("store") from error

    def _opened(self, note: Note | None) -> tuple[str, Checkpoint]:
        if note is None:
            raise LogUnavailable("empty")
        if self._last is not None and self._last[0] == note.text:
            return self._last
        try:
            checkpoint = open_checkpoint(note.text, self._key, origin=self._key.name)
        except SigningError as error:
            raise LogBroken(f"the checkpoint of size {note.size} is not signed by this log's key") from error
        if checkpoint.size != note.size:
            raise LogBroken(f"the checkpoint stored for size {note.size} is one of size {checkpoint.size}")
        self._last = note.text, checkpoint
        return self._last

    def _tile(self, tile: Tile) -> bytes:
        stored = self._reader.tile(tile.level, tile.n)
        if stored is not None:
            return stored[: HASH_BYTES * tile.width]
        first = WIDTH * tile.n
        if tile.level == 0:
            leaves = self._reader.leaves(first, first + tile.width)
            if len(leaves) != tile.width:
                raise LogBroken(f"entries from {first} on are missing")
            return b"".join(leaves)
        return b"".join(self._root(tile.level - 1, first + number) for number in range(tile.width))

    def _root(self, level: int, n: int) -> bytes:
        """The root of a full tile, which never changes."""
        known = self._roots.get((level, n))
        if known is not None:
            return known
        stored = self._reader.tile(level, n)
        if stored is None:
            raise LogBroken(f"tile {level}/{n} is missing")
        while len(self._roots) >= _ROOTS:
            del self._roots[next(iter(self._roots))]
        self._roots[level, n] = tile_root(stored)
        return self._roots[level, n]
