"""The right edge of the tree against the whole tree."""

from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit.edge import WIDTH, Edge, Tile, rebuild, split
from signing import merkle

LEAVES = [sha256(number.to_bytes(4, "big")).digest() for number in range(66_000)]


def grown(sizes: Sequence[int]) -> tuple[Edge, dict[tuple[int, int], bytes]]:
    """An edge grown by batches up to these sizes, and its tiles."""
    edge, tiles = Edge(), dict[tuple[int, int], bytes]()
    for size in sizes:
        edge, more = edge.extend(LEAVES[edge.size : size])
        assert not {(t.level, t.n) for t in more} & tiles.keys()
        tiles |= {(t.level, t.n): t.data for t in more}
    return edge, tiles


@given(st.lists(st.integers(0, 1100), min_size=1, max_size=12).map(sorted))
def test_batches_do_not_matter(sizes: list[int]) -> None:
    """However a tree was cut into batches, its root and tiles are those of the whole."""
    edge, tiles = grown(sizes)
    size = sizes[-1]

    assert edge.frontier.root() == merkle.root(LEAVES[:size])
    assert tiles == grown([size])[1]
    assert {key: b"".join(LEAVES[n * WIDTH : (n + 1) * WIDTH]) for key in tiles for n in [key[1]]} == tiles


@pytest.mark.parametrize("size", [1, 255, 256, 257, 511, 512, 1000, 65_535, 65_536, 65_537, 66_000])
def test_rebuilt_edge_is_the_grown_one(size: int) -> None:
    """From tiles and fewer than 256 leaves the edge comes back exactly, across levels too."""
    edge, tiles = grown([size])
    behind = size - size % WIDTH

    again = rebuild(size, LEAVES[behind:size], LEAVES[size - 1], lambda level, n: tiles[(level, n)])

    assert again == edge


def test_full_tile_of_tiles_is_made() -> None:
    """The 65,536th leaf completes a tile of level 1, whose hashes are the roots of the tiles below."""
    _, made = Edge().extend(LEAVES[:65_536])

    assert made[-1] == Tile(1, 0, b"".join(merkle.root(LEAVES[at : at + 256]) for at in range(0, 65_536, 256)))
    assert len(made) == 257


def test_split_undoes_join() -> None:
    """The hashes of a tile are its 32-byte pieces."""
    assert split(b"".join(LEAVES[:256])) == LEAVES[:256]
