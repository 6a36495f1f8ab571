"""Tiles of a tree: C2SP tlog-tiles, 256 hashes of one level, level l + 1 hashing the full tiles of level l.

    path     <level>/<n>[.p/<width>], n in groups of three digits, all but the last behind an x: 0/x001/x234/067
    width    256, or less for the last tile of a level: (size >> 8 * level) mod 256
    hash i   of tile n at level l: the root over the leaves (256 n + i) * 256**l to (256 n + i + 1) * 256**l - 1

Rule of this file: which tiles, and what follows from them. Where their bytes come from is the caller's business, and
so is whether to believe them: `TileTree` looks nothing up and verifies nothing, `verified` does.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from signing.errors import EncodingMalformed, ProofInvalid
from signing.merkle import EMPTY_ROOT, HASH_BYTES, node_hash, root

HEIGHT = 8
WIDTH = 1 << HEIGHT
"""Hashes in a full tile."""

MAX_LEVEL = 63
_PATH = re.compile(r"(0|[1-9][0-9]?)/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?")


@dataclass(frozen=True, slots=True, order=True)
class Tile:
    """The name of a tile: `width` hashes from the start of the `n`-th tile of `level`."""

    level: int
    n: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Its path below `tile/`."""
        return f"{self.level}/{numbered(self.n, self.width)}"


def numbered(n: int, width: int = WIDTH) -> str:
    """The part of a path behind the level: the number in groups of three digits, and the width when it is not 256."""
    digits = f"{n:03d}"
    digits = digits.zfill(len(digits) + -len(digits) % 3)
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    path = "/".join([*(f"x{group}" for group in groups[:-1]), groups[-1]])
    return path if width == WIDTH else f"{path}.p/{width}"


def parse(path: str) -> Tile:
    """The tile of a path below `tile/`. Raises `EncodingMalformed` for every other spelling of it."""
    found = _PATH.fullmatch(path)
    if found is None:
        raise EncodingMalformed("not the path of a tile")
    level, number, width = found.groups()
    tile = Tile(int(level), int(number.replace("x", "").replace("/", "")), int(width) if width else WIDTH)
    if tile.level > MAX_LEVEL or tile.path != path:
        raise EncodingMalformed("not the path of a tile")
    return tile


def tile_of(level: int, n: int, size: int) -> Tile:
    """The `n`-th tile of a level, as wide as a tree of `size` leaves makes it. Raises `ProofInvalid` when empty."""
    width = min(WIDTH, (size >> HEIGHT * level) - WIDTH * n)
    if n < 0 or width <= 0:
        raise ProofInvalid("the tree has no such tile")
    return Tile(level, n, width)


def holds(size: int, tile: Tile) -> bool:
    """Whether a tree of `size` leaves has all hashes of a tile."""
    return size >> HEIGHT * tile.level >= WIDTH * tile.n + tile.width


def edge(size: int) -> tuple[Tile, ...]:
    """The partial tiles at the right edge of a tree, the lowest level first: its root follows from them alone."""
    levels = range((size.bit_length() + HEIGHT - 1) // HEIGHT)
    counts = [(level, size >> HEIGHT * level) for level in levels]
    return tuple(Tile(level, count // WIDTH, count % WIDTH) for level, count in counts if count % WIDTH)


def all_of(size: int) -> Iterator[Tile]:
    """Every tile of a tree, level by level from the leaves up, each level in order."""
    level = 0
    while count := size >> HEIGHT * level:
        for n in range((count + WIDTH - 1) // WIDTH):
            yield tile_of(level, n, size)
        level += 1


@dataclass(frozen=True, slots=True)
class TileTree:
    """A tree of `size` leaves, known by its tiles. `read` gives a tile's bytes."""

    size: int
    read: Callable[[Tile], bytes]

    def root(self) -> bytes:
        """The root over all leaves."""
        return _edge_root(edge(self.size), self.read)

    def leaf(self, index: int) -> bytes:
        """The leaf hash at an index. Raises `ProofInvalid` when there is none."""
        if not 0 <= index < self.size:
            raise ProofInvalid("the tree has no such leaf")
        return self._node(index, 1)

    def subtree(self, start: int, end: int) -> bytes:
        """The root over the leaves `start` to `end - 1`: a range of an RFC 9162 proof (`signing.merkle.Subtree`)."""
        if end > self.size:
            raise ProofInvalid("the tree has no such leaves")
        *larger, (first, count) = _perfect(start, end)
        node = self._node(first, count)
        for first, count in reversed(larger):
            node = node_hash(self._node(first, count), node)
        return node

    def _node(self, first: int, count: int) -> bytes:
        level = (count.bit_length() - 1) // HEIGHT
        at, hashes = first >> HEIGHT * level, count >> HEIGHT * level
        data = self.read(tile_of(level, at // WIDTH, self.size))
        place = HASH_BYTES * (at % WIDTH)
        return tile_root(data[place : place + HASH_BYTES * hashes])


def needed(ranges: Iterable[tuple[int, int]], size: int) -> tuple[Tile, ...]:
    """Every tile it takes to compute the roots of these ranges from verified tiles of a tree of `size` leaves."""
    wanted = set(edge(size))
    for start, end in ranges:
        for first, count in _perfect(start, end):
            level = (count.bit_length() - 1) // HEIGHT
            tile = tile_of(level, (first >> HEIGHT * level) // WIDTH, size)
            while tile not in wanted:
                wanted.add(tile)
                tile = upper(tile, size)
    return tuple(sorted(wanted))


def upper(tile: Tile, size: int) -> Tile:
    """The tile that names the root of a full tile. Raises `ProofInvalid` when there is none: for a partial tile."""
    return tile_of(tile.level + 1, tile.n // WIDTH, size)


def verified(tiles: Mapping[Tile, bytes], *, size: int, head: bytes) -> TileTree:
    """The tree of a checkpoint, over tiles held against its root `head`; `tiles` are those of `needed`.

    The tiles of the right edge must lead to the root, and every other one to the hash its upper tile names. Raises
    `ProofInvalid` naming the first tile that does not, or is missing or has another length.
    """

    def read(tile: Tile) -> bytes:
        data = tiles.get(tile)
        if data is None or len(data) != HASH_BYTES * tile.width:
            raise ProofInvalid(f"tile {tile.path} is missing or has another length")
        return data

    if _edge_root(edge(size), read) != head:
        raise ProofInvalid("the tiles of the right edge do not lead to the root")
    for tile in sorted(set(tiles) - set(edge(size)), reverse=True):  # upper levels first
        place = HASH_BYTES * (tile.n % WIDTH)
        if tile_root(read(tile)) != read(upper(tile, size))[place : place + HASH_BYTES]:
            raise ProofInvalid(f"tile {tile.path} is not the one the tile above it names")
    return TileTree(size, read)


def tile_root(data: bytes) -> bytes:
    """The root over the hashes of a tile."""
    return root(split(data))


def split(data: bytes) -> list[bytes]:
    """The hashes of a tile."""
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


def _edge_root(tiles: Iterable[Tile], read: Callable[[Tile], bytes]) -> bytes:
    # What a level has unfinished stands left of what the level below has unfinished. That is fewer leaves than one hash
    # of this level stands for, but for the shape of the tree only its place counts.
    below: list[bytes] = []
    for tile in tiles:
        below = [root([*split(read(tile)), *below])]
    return below[0] if below else EMPTY_ROOT


def _perfect(start: int, end: int) -> list[tuple[int, int]]:
    """The range cut into perfect subtrees (first leaf, leaves), the largest first, as proofs cut theirs."""
    pieces: list[tuple[int, int]] = []
    while start < end:
        count = 1 << (end - start).bit_length() - 1
        if start % count:
            raise ProofInvalid("a range of a proof is no subtree")
        pieces.append((start, count))
        start += count
    if not pieces:
        raise ProofInvalid("a range of a proof is empty")
    return pieces
