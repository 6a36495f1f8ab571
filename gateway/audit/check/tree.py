"""Hashing a log as it is read: RFC 9162 section 2.1 tree heads, and the C2SP tiles they are stored in.

Rule of `Growing`: one growing value per tree level. A level holds the hashes of its unfinished tile; when the 256th
comes the tile is handed out and its root moves up, so memory is 256 hashes per level.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256

WIDTH = 256


def leaf(envelope: bytes) -> bytes:
    """The leaf hash of an entry."""
    return sha256(b"\x00" + envelope).digest()


class Growing:
    """A tree that only grows."""

    def __init__(self) -> None:
        self.size = 0
        self._levels: list[list[bytes]] = [[]]

    def add(self, leaf_hash: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Take one more leaf; yields (level, n, data) of every tile it completes. Must be read to its end."""
        self.size += 1
        carried, level = leaf_hash, 0
        while True:
            if level == len(self._levels):
                self._levels.append([])
            row = self._levels[level]
            row.append(carried)
            if len(row) < WIDTH:
                return
            carried = head(row)
            yield level, self.size // WIDTH ** (level + 1) - 1, b"".join(row)
            row.clear()
            level += 1

    def head(self) -> bytes:
        """The root over all leaves so far, computed from the tiles' own right edge."""
        # what a level has unfinished stands left of what the level below has unfinished
        above: bytes | None = None
        for row in self._levels:
            hashes = row if above is None else [*row, above]
            if hashes:
                above = head(hashes)
        return sha256(b"").digest() if above is None else above


def head(hashes: list[bytes]) -> bytes:
    """MTH by its definition. The last hash may stand for an unfinished subtree: only its place counts."""
    count = len(hashes)
    if count == 1:
        return hashes[0]
    split = 1
    while split * 2 < count:
        split *= 2
    return sha256(b"\x01" + head(hashes[:split]) + head(hashes[split:])).digest()


def climbed(leaf_hash: bytes, index: int, size: int, hashes: Sequence[bytes]) -> bytes:
    """The root an inclusion proof leads to, by the definition of PATH (RFC 9162 section 2.1.3.1) read backwards.

    ValueError when the tree has no such leaf or the proof not as many hashes as the way has steps.
    """
    if not 0 <= index < size:
        raise ValueError("the tree has no such entry")
    if size == 1:
        if hashes:
            raise ValueError("the proof has more hashes than the way to the root has steps")
        return leaf_hash
    if not hashes:
        raise ValueError("the proof has fewer hashes than the way to the root has steps")
    split = 1
    while split * 2 < size:
        split *= 2
    *below, beside = hashes  # the last is the sibling just under the root
    if index < split:
        return sha256(b"\x01" + climbed(leaf_hash, index, split, below) + beside).digest()
    return sha256(b"\x01" + beside + climbed(leaf_hash, index - split, size - split, below)).digest()
