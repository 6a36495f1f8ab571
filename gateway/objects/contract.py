"""What a store of objects promises, and how it fails.

Rule of this file: an object is written once under a random name and never changed; nothing here knows what is in it.
"""

import re
from typing import Literal, Protocol

MOST_BYTES = 20 * 1024 * 1024  # of one content
OVERHEAD_BYTES = 64  # what a store may hold beyond that: the seal

Reason = Literal["refused", "unavailable", "timed_out", "not_configured", "full"]
_KEY = re.compile(r"[0-9a-f]{32,64}")


class ObjectsUnavailable(Exception):  # noqa: N818 - the name says what happened
    """The store could not do it now. Nothing is half done, and trying the same again is always safe.

    `reason`: `refused` (it does not let this gateway in), `unavailable` (not reached, or it failed), `timed_out`,
    `not_configured` (no such bucket, not an object storage, or one that lets an object be overwritten), `full`.
    """

    def __init__(self, reason: Reason) -> None:
        super().__init__(f"the store of objects: {reason}")
        self.reason: Reason = reason


class ObjectUnreadable(Exception):  # noqa: N818
    """What the store gave was altered, put under another name, or sealed under another key. Trying again is no use."""

    def __init__(self) -> None:
        super().__init__("a stored object cannot be opened")


class ObjectExists(Exception):  # noqa: N818
    """Under this key lies another content, which was left as it is."""

    def __init__(self) -> None:
        super().__init__("another object has this key")


class ObjectTooLarge(Exception):  # noqa: N818
    """A content of more than MOST_BYTES."""

    def __init__(self) -> None:
        super().__init__(f"an object is larger than {MOST_BYTES} bytes")


class ObjectStore(Protocol):
    """Contents under keys: 32 to 64 lower-case hex digits that the caller drew at random, ValueError otherwise."""

    async def put(self, key: str, content: bytes) -> None:
        """Keep a content for good; it is durable when this returns. The same content again under its key is fine.

        Raises ObjectsUnavailable, ObjectExists, ObjectTooLarge.
        """

    async def get(self, key: str) -> bytes | None:
        """The content, None when there is none. Raises ObjectsUnavailable, ObjectUnreadable."""

    async def delete(self, key: str) -> None:
        """Remove it; nothing happens when there is none. Raises ObjectsUnavailable."""

    async def check(self) -> None:
        """Whether contents can be written, read and not overwritten. Raises ObjectsUnavailable, ObjectUnreadable."""

    async def close(self) -> None:
        """Let connections go."""


def place(key: str) -> str:
    """Where an object lies in any store: `ab/abcdef...`. Raises ValueError for a key that is not random hex."""
    if not _KEY.fullmatch(key):
        raise ValueError("a key of an object is 32 to 64 lower-case hex digits")
    return f"{key[:2]}/{key}"
