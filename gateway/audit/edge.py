"""The right edge of the stored tree: enough to append, sign and complete tiles, small enough to keep in memory.

A tile is 256 hashes of one level (C2SP tlog-tiles, height 8): level 0 holds leaves, a hash of level l + 1 is
the root over a full tile of level l. Only full tiles are stored; the hashes behind them, at most 255 per
level, are kept here.

Rule of this file: values in, values out; it never reads a store.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from signing.merkle import HASH_BYTES, Frontier, root

WIDTH = 256
"""Hashes in a full tile."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A full tile: `data` is 256 hashes, 8,192 bytes."""

    level: int
    n: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Edge:
    """A tree of `frontier.size` leaves.

    `last`: its newest leaf; `partial[l]`: hashes of the unfinished tile of level l.
    """

    frontier: Frontier = field(default_factory=Frontier)
    last: bytes = b""
    partial: tuple[tuple[bytes, ...], ...] = ()

    @property
    def size(self) -> int:
        """How many leaves there are."""
        return self.frontier.size

    def extend(self, leaves: Sequence[bytes]) -> tuple["Edge", tuple[Tile, ...]]:
        """The edge with more leaves, and the tiles they completed."""
        if not leaves:
            return self, ()
        tiles: list[Tile] = []
        partial: list[tuple[bytes, ...]] = []
        incoming: tuple[bytes, ...] = tuple(leaves)
        level = 0
        while incoming or level < len(self.partial):
            held = self.partial[level] if level < len(self.partial) else ()
            full, rest = _cut(held + incoming)
            first = (self.size >> 8 * level) // WIDTH  # completed tiles of this level so far
            tiles += [Tile(level, first + n, b"".join(hashes)) for n, hashes in enumerate(full)]
            partial.append(rest)
            incoming = tuple(root(hashes) for hashes in full)
            level += 1
        return Edge(self.frontier.extend(leaves), leaves[-1], tuple(partial)), tuple(tiles)


def rebuild(size: int, leaves: Sequence[bytes], last: bytes, tile: Callable[[int, int], bytes]) -> Edge:
    """The edge of a stored tree of `size` leaves, from its tiles.

    `leaves`: those behind the last full tile of level 0; `last`: the newest leaf; `tile(level, n)`: the data
    of a stored tile. Reads at most 255 tiles per level. The caller compares the root with a signed
    checkpoint: a wrong tile shows there.
    """
    partial = [tuple(leaves)]
    level = 1
    while size >> 8 * level:
        whole = size >> 8 * level
        first = whole - whole % WIDTH
        partial.append(tuple(root(split(tile(level - 1, n))) for n in range(first, whole)))
        level += 1
    return Edge(Frontier(size, tuple(_peaks(partial))), last, tuple(partial))


def split(data: bytes) -> list[bytes]:
    """The hashes of a tile."""
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


def _cut(hashes: tuple[bytes, ...]) -> tuple[list[tuple[bytes, ...]], tuple[bytes, ...]]:
    whole = len(hashes) - len(hashes) % WIDTH
    return [hashes[at : at + WIDTH] for at in range(0, whole, WIDTH)], hashes[whole:]


def _peaks(partial: Sequence[tuple[bytes, ...]]) -> list[bytes]:
    # the largest perfect subtrees first: those of the highest level, each level's count in binary
    return [peak for hashes in reversed(partial) for peak in Frontier().extend(hashes).hashes]
