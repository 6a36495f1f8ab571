"""The witness's own verifier, against proofs of the tree's definition."""

import pytest

from mocks.witness.consistency import consistent
from signing.merkle import consistency_proof, leaf_hash, root

LEAVES = [leaf_hash(n.to_bytes(2, "big")) for n in range(70)]
ROOTS = [root(LEAVES[:n]) for n in range(71)]


@pytest.mark.parametrize("size", range(1, 71, 3))
def test_true_proofs_hold_and_spoilt_ones_do_not(size: int) -> None:
    """All old sizes: the proof holds; with a hash missing, added or changed, or another root, it does not."""
    for old in range(1, size + 1):
        proof = consistency_proof(old, LEAVES[:size])
        assert consistent(old, ROOTS[old], size, ROOTS[size], proof)
        assert not consistent(old, ROOTS[old], size, ROOTS[size], [*proof, bytes(32)])
        assert not consistent(old, ROOTS[old], size, bytes(32), proof)
        assert not consistent(old, bytes(32), size, ROOTS[size], proof)
        if proof:
            assert not consistent(old, ROOTS[old], size, ROOTS[size], proof[:-1])
            assert not consistent(old, ROOTS[old], size, ROOTS[size], [bytes(32), *proof[1:]])


def test_the_empty_tree_is_the_beginning_of_every_tree() -> None:
    """Without a proof, and only without."""
    assert consistent(0, b"", 5, ROOTS[5], [])
    assert not consistent(0, b"", 5, ROOTS[5], [bytes(32)])
