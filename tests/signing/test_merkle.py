"""Tests of the Merkle tree."""

from collections.abc import Callable
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing import merkle
from signing.errors import ProofInvalid

# The reference entries and roots of the Certificate Transparency projects.
CT_ENTRIES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
CT_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [merkle.leaf_hash(bytes([n])) for n in range(70)]


def _naive(leaves: list[bytes]) -> bytes:
    # MTH as RFC 9162 section 2.1.1 writes it, without a thought for speed
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"").digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + _naive(leaves[:k]) + _naive(leaves[k:])).digest()


ROOTS = [_naive(LEAVES[:n]) for n in range(71)]


def _holds(verify: Callable[[], None]) -> bool:
    try:
        verify()
    except ProofInvalid:
        return False
    return True


def _included(leaf: bytes, index: int, size: int, proof: list[bytes], root: bytes) -> bool:
    return _holds(lambda: merkle.verify_inclusion(leaf, index=index, size=size, proof=proof, root=root))


def _consistent(old: tuple[int, bytes], new: tuple[int, bytes], proof: list[bytes]) -> bool:
    return _holds(
        lambda: merkle.verify_consistency(old_size=old[0], old_root=old[1], size=new[0], root=new[1], proof=proof)
    )


@pytest.mark.parametrize("size", range(9))
def test_the_public_roots(size: int) -> None:
    """The roots over the public reference entries are computed."""
    leaves = [merkle.leaf_hash(entry) for entry in CT_ENTRIES[:size]]
    assert merkle.root(leaves).hex() == CT_ROOTS[size]


def test_roots_are_those_of_the_definition() -> None:
    """The frontier gives the root of the recursive definition at every size, appended one by one or at once."""
    growing = merkle.Frontier()
    for size in range(71):
        assert growing.root() == merkle.root(LEAVES[:size]) == ROOTS[size]
        assert growing == merkle.Frontier().extend(LEAVES[:size])
        growing = growing.append(LEAVES[size % 70])


def test_every_inclusion_up_to_70() -> None:
    """Every leaf of every small tree is proved, with a proof no longer than the tree is high."""
    for size in range(1, 71):
        for index in range(size):
            proof = merkle.inclusion_proof(index, LEAVES[:size])
            assert len(proof) <= (size - 1).bit_length()
            merkle.verify_inclusion(LEAVES[index], index=index, size=size, proof=proof, root=ROOTS[size])


def test_every_consistency_up_to_70() -> None:
    """Every small tree is proved to be the beginning of every larger one."""
    for size in range(71):
        for old in range(size + 1):
            proof = merkle.consistency_proof(old, LEAVES[:size])
            merkle.verify_consistency(old_size=old, old_root=ROOTS[old], size=size, root=ROOTS[size], proof=proof)


def test_wrong_inclusions_up_to_20() -> None:
    """Another index, size, leaf, root, a missing, extra, changed or reordered hash: each proof fails."""
    for size in range(1, 21):
        for index in range(size):
            proof = merkle.inclusion_proof(index, LEAVES[:size])
            good = LEAVES[index]
            for other in range(22):
                if other != index:
                    assert not _included(good, other, size, proof, ROOTS[size]), (index, other, size)
                if other != size:
                    assert not _included(good, index, other, proof, ROOTS[other]), (index, other, size)
            assert not _included(LEAVES[69], index, size, proof, ROOTS[size])
            assert not _included(good, index, size, proof, ROOTS[size + 1])
            assert not _included(good, index, size, [*proof, ROOTS[size]], ROOTS[size])
            for spoiled in _spoiled(proof):
                assert not _included(good, index, size, spoiled, ROOTS[size])


def test_wrong_consistencies_up_to_20() -> None:
    """Another size, another root, a missing, extra, changed or reordered hash: each proof fails."""
    for size in range(1, 21):
        for old in range(1, size + 1):
            proof = merkle.consistency_proof(old, LEAVES[:size])
            first, second = (old, ROOTS[old]), (size, ROOTS[size])
            assert not _consistent((old, ROOTS[old + 1]), second, proof)
            assert not _consistent(first, (size, ROOTS[size + 1]), proof)
            assert not _consistent(first, second, [*proof, ROOTS[1]])
            for other in range(1, 22):
                if other != old:
                    assert not _consistent((other, ROOTS[old]), second, proof), (old, other, size)
            for spoiled in _spoiled(proof):
                assert not _consistent(first, second, spoiled)


def _spoiled(proof: list[bytes]) -> list[list[bytes]]:
    made = [proof[:at] + proof[at + 1 :] for at in range(len(proof))]
    for at, node in enumerate(proof):
        made.append([*proof[:at], bytes([node[0] ^ 1]) + node[1:], *proof[at + 1 :]])
        made.append([*proof[:at], node[:-1], *proof[at + 1 :]])
    if len(proof) > 1:
        made.append(proof[::-1])
    return made


def test_the_empty_tree() -> None:
    """An empty tree is the beginning of every tree without a proof, and only under its own root."""
    assert _consistent((0, merkle.EMPTY_ROOT), (3, ROOTS[3]), [])
    assert _consistent((0, merkle.EMPTY_ROOT), (0, merkle.EMPTY_ROOT), [])
    assert not _consistent((0, ROOTS[1]), (3, ROOTS[3]), [])
    assert not _consistent((0, merkle.EMPTY_ROOT), (0, ROOTS[1]), [])
    assert not _consistent((0, merkle.EMPTY_ROOT), (3, ROOTS[3]), [ROOTS[3]])
    assert not _included(LEAVES[0], 0, 0, [], merkle.EMPTY_ROOT)


def test_a_smaller_tree_does_not_begin_with_a_larger_one() -> None:
    """Sizes that run backwards or below zero are refused."""
    assert not _consistent((3, ROOTS[3]), (2, ROOTS[2]), [])
    assert not _consistent((-1, ROOTS[1]), (2, ROOTS[2]), [])


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0), (9, 3)])
def test_no_proof_of_what_is_not_there(index: int, size: int) -> None:
    """A leaf outside the tree has no proof."""
    with pytest.raises(ProofInvalid):
        merkle.inclusion_proof(index, LEAVES[:size])


@pytest.mark.parametrize("old", [-1, 4])
def test_no_proof_from_a_larger_tree(old: int) -> None:
    """A tree larger than the new one has no consistency proof."""
    with pytest.raises(ProofInvalid):
        merkle.consistency_proof(old, LEAVES[:3])


@pytest.mark.parametrize(
    ("size", "hashes"), [(0, (LEAVES[0],)), (1, ()), (3, (LEAVES[0],)), (1, (b"short",)), (-1, (LEAVES[0],))]
)
def test_other_frontiers_are_refused(size: int, hashes: tuple[bytes, ...]) -> None:
    """A frontier has exactly one whole hash for each bit of its size."""
    with pytest.raises(ProofInvalid):
        merkle.Frontier(size, hashes)


@given(st.integers(0, 300), st.integers(0, 300))
def test_a_stored_frontier_goes_on(first: int, second: int) -> None:
    """A frontier written down and taken up again grows as if it had never been put away."""
    leaves = [merkle.leaf_hash(n.to_bytes(2)) for n in range(first + second)]
    kept = merkle.Frontier().extend(leaves[:first])
    resumed = merkle.Frontier(kept.size, tuple(kept.hashes)).extend(leaves[first:])
    assert resumed.root() == _naive(leaves)


@given(st.data())
def test_proofs_of_larger_trees(data: st.DataObject) -> None:
    """Proofs hold for trees of up to 300 leaves, and not for another leaf."""
    size = data.draw(st.integers(2, 300))
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(0, size))
    leaves = [merkle.leaf_hash(n.to_bytes(2)) for n in range(size)]
    root = _naive(leaves)
    proof = merkle.inclusion_proof(index, leaves)
    merkle.verify_inclusion(leaves[index], index=index, size=size, proof=proof, root=root)
    assert not _included(leaves[index - 1], index, size, proof, root)
    assert _consistent((old, _naive(leaves[:old])), (size, root), merkle.consistency_proof(old, leaves))


def test_subtrees_of_a_proof_are_whole() -> None:
    """Every range a proof asks for starts at a multiple of its own height, so stored tiles can answer it."""
    for size in range(1, 71):
        ranges = [r for index in range(size) for r in merkle.inclusion_ranges(index, size)]
        ranges += [r for old in range(size + 1) for r in merkle.consistency_ranges(old, size)]
        for start, end in ranges:
            height = (end - start - 1).bit_length()
            assert start % (1 << height) == 0
            assert end == size or end - start == 1 << height
