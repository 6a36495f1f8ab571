"""Is one tree the beginning of another? RFC 9162, section 2.1.4.2, step by step.

Rule of this file: the numbers in the comments are those of the RFC, and so are the names.
"""

from collections.abc import Sequence
from hashlib import sha256


def consistent(first: int, first_hash: bytes, second: int, second_hash: bytes, path: Sequence[bytes]) -> bool:
    """Whether `path` proves that the tree of `first` leaves is the beginning of the tree of `second` leaves.

    An empty first tree is the beginning of all, and equal sizes need equal hashes; both without a path.
    """
    if first == 0:
        return not path
    if first == second:
        return not path and first_hash == second_hash
    if not path or first > second:  # 1
        return False
    path = list(path)
    if first & (first - 1) == 0:  # 2
        path = [first_hash, *path]
    fn, sn = first - 1, second - 1  # 3
    while fn % 2 == 1:  # 4
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]  # 5
    for c in path[1:]:  # 6
        if sn == 0:  # 6.1
            return False
        if fn % 2 == 1 or fn == sn:  # 6.2
            fr, sr = _above(c, fr), _above(c, sr)
            while fn % 2 == 0 and fn != 0:
                fn, sn = fn >> 1, sn >> 1
        else:  # 6.3
            sr = _above(sr, c)
        fn, sn = fn >> 1, sn >> 1  # 6.4
    return fr == first_hash and sr == second_hash and sn == 0  # 7


def _above(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()
