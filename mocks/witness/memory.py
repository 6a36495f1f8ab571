"""What a witness must never forget: the newest tree it cosigned of each log, in one file.

Rule of this file: what is new is on the disk before anyone hears of it, and the file is replaced whole.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Seen:
    """A tree: its size and its root."""

    size: int
    root: bytes


class Memory:
    """The file at `path`; its folder must exist. Raises `OSError` and, for a file of another kind, `ValueError`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        known = json.loads(path.read_text("utf-8")) if path.exists() else {}
        self._seen = {origin: Seen(size, bytes.fromhex(root)) for origin, (size, root) in known.items()}

    def of(self, origin: str) -> Seen | None:
        """The newest tree cosigned of a log."""
        return self._seen.get(origin)

    def keep(self, origin: str, seen: Seen) -> None:
        """Remember a tree instead of the one before."""
        after = {**self._seen, origin: seen}
        draft = self._path.with_name(f".{self._path.name}")
        with draft.open("w", encoding="utf-8") as file:
            json.dump({name: (one.size, one.root.hex()) for name, one in after.items()}, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._path)
        self._seen = after
