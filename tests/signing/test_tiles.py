"""Tests of tiles: names, which ones a tree has, and proofs made of them."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing import merkle, tiles
from signing.errors import EncodingMalformed, ProofInvalid
from signing.tiles import Tile, TileTree

LEAVES = [sha256(b"%d" % n).digest() for n in range(600)]
SIZES = [1, 2, 3, 7, 8, 255, 256, 257, 300, 511, 512, 513, 600]


def stored(size: int) -> dict[Tile, bytes]:
    """Every tile of the tree of the first leaves, by the definition."""
    levels = [LEAVES[:size]]
    while len(levels[-1]) >= 256:
        below = levels[-1]
        whole = len(below) // 256
        levels.append([merkle.root(below[256 * n : 256 * (n + 1)]) for n in range(whole)])
    return {
        Tile(level, n, min(256, len(hashes) - 256 * n)): b"".join(hashes[256 * n : 256 * (n + 1)])
        for level, hashes in enumerate(levels)
        for n in range((len(hashes) + 255) // 256)
    }


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 0), "0/000"),
        (Tile(0, 5, 1), "0/005.p/1"),
        (Tile(63, 999, 255), "63/999.p/255"),
        (Tile(1, 1000), "1/x001/000"),
        (Tile(0, 1234067), "0/x001/x234/067"),
        (Tile(2, 1234067, 17), "2/x001/x234/067.p/17"),
    ],
)
def test_names(tile: Tile, path: str) -> None:
    """A tile has the path that C2SP tlog-tiles gives it, and the path names it."""
    assert tile.path == path
    assert tiles.parse(path) == tile


@given(st.integers(0, 63), st.integers(0, 10**12), st.integers(1, 256))
def test_every_name_is_read_back(level: int, n: int, width: int) -> None:
    """Writing and reading a path gives the tile."""
    assert tiles.parse(Tile(level, n, width).path) == Tile(level, n, width)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "0",
        "0/",
        "0/0",
        "0/00",
        "0/0000",
        "00/000",
        "64/000",
        "-1/000",
        "0/x000/001",
        "0/001/000",
        "0/x001",
        "0/x001/x234",
        "0/000/",
        "/0/000",
        "0/000.p",
        "0/000.p/",
        "0/000.p/0",
        "0/000.p/01",
        "0/000.p/256",
        "0/000.p/1/",
        "0/000.p/-1",
        "0/٠٠٠",
        "0/000\n",
        "entries/000",
        "0/../0/000",
        "0/" + "x001/" * 8 + "000",
    ],
)
def test_other_spellings_are_refused(path: str) -> None:
    """What is not the one path of a tile is none."""
    with pytest.raises(EncodingMalformed):
        tiles.parse(path)


@pytest.mark.parametrize("size", [0, *SIZES])
def test_the_tiles_of_a_tree(size: int) -> None:
    """All tiles, their widths and the right edge follow from the size."""
    held = stored(size)
    assert list(tiles.all_of(size)) == sorted(held)
    assert list(tiles.edge(size)) == sorted(tile for tile in held if tile.width < 256)
    for tile in held:
        assert tiles.tile_of(tile.level, tile.n, size) == tile
        assert tiles.holds(size, tile)
        assert not tiles.holds(size, Tile(tile.level, tile.n, tile.width + 1)) or tile.width == 256


def test_the_tree_of_the_specification() -> None:
    """70,000 leaves make the tiles that C2SP tlog-tiles lists."""
    made = list(tiles.all_of(70_000))
    count = {
        (level, width): sum((t.level, t.width) == (level, width) for t in made)
        for level in range(3)
        for width in (256, 112, 17, 1)
    }
    assert {key: number for key, number in count.items() if number} == {
        (0, 256): 273,
        (0, 112): 1,
        (1, 256): 1,
        (1, 17): 1,
        (2, 1): 1,
    }


def test_a_tile_that_is_not_there() -> None:
    """A tree has no tile behind its last."""
    for level, n in ((0, 2), (1, 1), (2, 0), (0, -1)):
        with pytest.raises(ProofInvalid):
            tiles.tile_of(level, n, 300)


@pytest.mark.parametrize("size", SIZES)
def test_roots_and_inclusion_from_tiles(size: int) -> None:
    """The root and every inclusion proof computed from tiles are those computed from the leaves."""
    tree = TileTree(size, stored(size).__getitem__)
    assert tree.root() == merkle.root(LEAVES[:size])
    for index in {0, 1, size // 2, size - 2, size - 1} & set(range(size)):
        assert tree.leaf(index) == LEAVES[index]
        proof = merkle.hashes_of(merkle.inclusion_ranges(index, size), tree.subtree)
        assert proof == merkle.inclusion_proof(index, LEAVES[:size])


def test_consistency_from_tiles_between_all_sizes() -> None:
    """Consistency proofs of a tree over two tiles are those computed from the leaves, from every earlier size."""
    size = 523
    held = stored(size)
    root = merkle.root(LEAVES[:size])
    for old in range(1, size):
        ranges = merkle.consistency_ranges(old, size)
        data = {tile: held[tile] for tile in tiles.needed(ranges, size)}
        proof = merkle.hashes_of(ranges, tiles.verified(data, size=size, head=root).subtree)
        merkle.verify_consistency(old_size=old, old_root=merkle.root(LEAVES[:old]), size=size, root=root, proof=proof)


@pytest.mark.parametrize("size", [1, 256, 257, 300, 600])
def test_a_tile_of_another_tree_is_named(size: int) -> None:
    """One changed bit, a missing tile, a short one: none passes the checkpoint's root."""
    held, root = stored(size), merkle.root(LEAVES[:size])
    assert tiles.verified(held, size=size, head=root).root() == root
    for tile, data in held.items():
        spoilt = [data[:-1] + bytes([data[-1] ^ 1]), data[:-1], data + bytes(32), b""]
        for wrong in spoilt:
            with pytest.raises(ProofInvalid):
                tiles.verified({**held, tile: wrong}, size=size, head=root)
        if tile.width < 256:
            with pytest.raises(ProofInvalid, match="missing"):
                tiles.verified({t: d for t, d in held.items() if t != tile}, size=size, head=root)
    with pytest.raises(ProofInvalid, match="right edge"):
        tiles.verified(held, size=size, head=bytes(32))


def test_a_tile_no_tree_has_is_refused() -> None:
    """A tile beyond the tree among the others is an error, not ignored."""
    held = stored(300)
    with pytest.raises(ProofInvalid):
        tiles.verified({**held, Tile(1, 7): bytes(8192)}, size=300, head=merkle.root(LEAVES[:300]))


def test_ranges_that_are_no_subtree() -> None:
    """Ranges that no proof has are refused, not computed."""
    tree = TileTree(300, stored(300).__getitem__)
    for start, end in ((1, 3), (0, 0), (5, 4), (0, 301), (256, 512)):
        with pytest.raises(ProofInvalid):
            tree.subtree(start, end)
    for index in (-1, 300):
        with pytest.raises(ProofInvalid):
            tree.leaf(index)
