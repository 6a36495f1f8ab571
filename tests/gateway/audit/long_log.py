"""A log with a checkpoint at every size up to 600, over the edges of tiles; made once, copied by who alters it."""

import asyncio
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from gateway.audit.keys import Places
from gateway.audit.published import Published
from gateway.storage.sqlite_reader import SqliteReader
from signing.notes import NoteSigner
from tests.gateway.audit.builders import a_decision, a_log, keys

SIZE = 600


@dataclass(frozen=True, slots=True)
class LongLog:
    """`notes[n]`: the checkpoint of size n, None for 0; `leaves`: all leaf hashes."""

    folder: Path
    notes: Sequence[str | None]
    leaves: Sequence[bytes]

    @property
    def places(self) -> Places:
        """Where its parts lie."""
        return Places.under(self.folder)

    @property
    def vkey(self) -> str:
        """The log's public key as text."""
        return self.signer.vkey

    @property
    def signer(self) -> NoteSigner:
        """The log's key, for tests that play the log."""
        return keys(self.folder)[1]

    def published(self) -> Published:
        """Its public part; the caller closes it."""
        return Published(SqliteReader(self.places.store), self.signer.key)

    def copy(self, folder: Path) -> "LongLog":
        """The same log elsewhere."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        return LongLog(folder, self.notes, self.leaves)


def make(folder: Path, size: int = SIZE) -> LongLog:
    """One entry a batch, so that every size has its checkpoint. The first is the announcement of the key epoch.

    All are of one kind: the first of another would bring an announcement with it, and so a size without a checkpoint.
    """
    notes: list[str | None] = [None]

    async def fill() -> None:
        async with a_log(folder) as log:
            notes.append(log.checkpoint())
            for number in range(size - 1):
                event = a_decision(subjects=()) if number % 5 == 0 else a_decision()
                notes.append((await log.append(event)).checkpoint)

    asyncio.run(fill())
    reader = SqliteReader(Places.under(folder).store)
    try:
        return LongLog(folder, notes, reader.leaves(0, size))
    finally:
        reader.close()
