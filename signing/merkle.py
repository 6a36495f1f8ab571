"""The Merkle tree of RFC 6962 and RFC 9162 (section 2.1) over SHA-256: roots, a growing frontier, proofs, verification.

    leaf   SHA-256(0x00 || entry)
    node   SHA-256(0x01 || left || right)
    split  at the largest power of two smaller than the number of leaves

Rule of this file: pure functions over hashes. "Leaves" are leaf hashes, 32 bytes each, never entries. Verification
raises `ProofInvalid`; it never answers with a boolean a caller could forget to read.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from signing.errors import ProofInvalid

HASH_BYTES = 32
"""Length of every hash of the tree."""

EMPTY_ROOT = sha256(b"").digest()
"""The root of a tree without leaves."""

Subtree = Callable[[int, int], bytes]
"""The root over the leaves `start` to `end - 1`, from wherever the caller keeps them: leaves, tiles, a database."""


def leaf_hash(entry: bytes) -> bytes:
    """The leaf hash of an entry."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of the node above two hashes."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """The right edge of a tree: the roots of its perfect subtrees, the largest first. Enough to go on appending.

    There is one hash for each bit set in `size`. Raises `ProofInvalid` when it is built from anything else.
    """

    size: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.hashes) != self.size.bit_count():
            raise ProofInvalid("a frontier has one hash for each bit set in its size")
        if any(len(h) != HASH_BYTES for h in self.hashes):
            raise ProofInvalid("a hash of a frontier is not 32 bytes")

    def append(self, leaf: bytes) -> "Frontier":
        """The frontier with one more leaf hash."""
        return self.extend((leaf,))

    def extend(self, leaves: Iterable[bytes]) -> "Frontier":
        """The frontier with more leaf hashes, in order."""
        size, stack = self.size, list(self.hashes)
        for leaf in leaves:
            node = leaf
            merges = size
            while merges & 1:
                node = node_hash(stack.pop(), node)
                merges >>= 1
            stack.append(node)
            size += 1
        return Frontier(size, tuple(stack))

    def root(self) -> bytes:
        """The root of the whole tree."""
        if not self.hashes:
            return EMPTY_ROOT
        *rest, node = self.hashes
        for left in reversed(rest):
            node = node_hash(left, node)
        return node


def root(leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 9162, section 2.1.1, over leaf hashes."""
    return Frontier().extend(leaves).root()


def inclusion_ranges(index: int, size: int) -> list[tuple[int, int]]:
    """The subtrees `(start, end)` whose roots prove that leaf `index` is in the tree of `size`, nearest first.

    RFC 9162, section 2.1.3.1. Raises `ProofInvalid` when the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise ProofInvalid("the tree has no such leaf")
    ranges: list[tuple[int, int]] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(old_size: int, size: int) -> list[tuple[int, int]]:
    """The subtrees whose roots prove that the tree of `old_size` is the beginning of the tree of `size`.

    RFC 9162, section 2.1.4.1. Empty for equal sizes and for an empty old tree, which needs no proof.
    Raises `ProofInvalid` when the old tree is larger.
    """
    if not 0 <= old_size <= size:
        raise ProofInvalid("the old tree is larger than the new one")
    if old_size in (0, size):
        return []
    ranges: list[tuple[int, int]] = []
    start, end = 0, size
    while old_size != end:
        middle = start + _split(end - start)
        if old_size <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start:  # else the old tree is itself a subtree, and its root is known to the verifier
        ranges.append((start, end))
    return ranges[::-1]


def inclusion_proof(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PATH of RFC 9162, section 2.1.3.1: the hashes beside the way from leaf `index` up to the root."""
    return hashes_of(inclusion_ranges(index, len(leaves)), over(leaves))


def consistency_proof(old_size: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PROOF of RFC 9162, section 2.1.4.1, from the tree of the first `old_size` leaves to the tree of all."""
    return hashes_of(consistency_ranges(old_size, len(leaves)), over(leaves))


def hashes_of(ranges: Iterable[tuple[int, int]], subtree: Subtree) -> list[bytes]:
    """A proof: the roots of the ranges, looked up one by one."""
    return [subtree(start, end) for start, end in ranges]


def over(leaves: Sequence[bytes]) -> Subtree:
    """Subtree roots computed from all leaf hashes."""
    return lambda start, end: root(leaves[start:end])


def verify_inclusion(leaf: bytes, *, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Does leaf hash `leaf` stand at `index` of the tree with this size and root? RFC 9162, section 2.1.3.2.

    Raises `ProofInvalid` when the proof does not show it.
    """
    _check_hashes([leaf, root, *proof])
    if not 0 <= index < size:
        raise ProofInvalid("the tree has no such leaf")
    position, last, node = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ProofInvalid("the inclusion proof is too long")
        if position & 1 or position == last:
            node = node_hash(sibling, node)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        position, last = position >> 1, last >> 1
    if last != 0 or node != root:
        raise ProofInvalid("the inclusion proof does not lead to the root")


def verify_consistency(*, old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    """Is the old tree the beginning of the new one? RFC 9162, section 2.1.4.2.

    An empty old tree (with the empty root) is the beginning of every tree; an equal size needs an equal root; both take
    an empty proof. Raises `ProofInvalid` when the proof does not show it.
    """
    _check_hashes([old_root, root, *proof])
    if not 0 <= old_size <= size:
        raise ProofInvalid("the old tree is larger than the new one")
    if old_size in (0, size):
        expected = EMPTY_ROOT if old_size == 0 else root
        if proof or old_root != expected or (size == 0 and root != EMPTY_ROOT):
            raise ProofInvalid("the consistency proof does not fit")
        return
    path = list(proof)
    if old_size & (old_size - 1) == 0:  # a power of two: its root is a node of the new tree
        path.insert(0, old_root)
    if not path:
        raise ProofInvalid("the consistency proof is too short")
    position, last = old_size - 1, size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old_node = new_node = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ProofInvalid("the consistency proof is too long")
        if position & 1 or position == last:
            old_node, new_node = node_hash(sibling, old_node), node_hash(sibling, new_node)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            new_node = node_hash(new_node, sibling)
        position, last = position >> 1, last >> 1
    if last != 0 or old_node != old_root or new_node != root:
        raise ProofInvalid("the consistency proof does not lead to both roots")


def _split(count: int) -> int:
    return 1 << ((count - 1).bit_length() - 1)


def _check_hashes(hashes: Iterable[bytes]) -> None:
    if any(len(h) != HASH_BYTES for h in hashes):
        raise ProofInvalid("a hash of a proof is not 32 bytes")
