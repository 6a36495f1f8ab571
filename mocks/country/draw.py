"""Draws that are the same in every process and on every machine.

Rule of this file: no state and no `hash()`: what is drawn depends on the key alone.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import TypeVar

T = TypeVar("T")


def number(below: int, *key: object) -> int:
    """A whole number from 0 to `below` - 1, drawn by `key`."""
    digest = sha256("|".join(map(str, key)).encode()).digest()
    return int.from_bytes(digest[:8], "big") % below


def chance(percent: int, *key: object) -> bool:
    """True for `percent` of all keys."""
    return number(100, *key) < percent


def one(choices: Sequence[T], *key: object) -> T:
    """One of `choices`, drawn by `key`."""
    return choices[number(len(choices), *key)]
