"""Jobs over the mixed log with a door that keeps what it is told; and, run as a process, an export that gets stuck.

`python -m tests.gateway.console.exports.desk LOG FOLDER`: begins an export and stops for good at its second page.
"""

import asyncio
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from gateway.console.exports.asking import Asked
from gateway.console.exports.job import Job
from gateway.console.exports.jobs import Jobs
from gateway.console.model import (
    EVERYTHING,
    Account,
    AccountChange,
    DoorClosed,
    Inspection,
    Recorded,
    Role,
    Scope,
    Wanted,
)
from gateway.storage.contract import Reader, Row
from gateway.storage.sqlite_reader import SqliteReader
from signing import algorithms, jwk
from signing.keys import KeySigner
from signing.manifest import manifest_token
from tests.gateway.audit.extract.mixed_log import MixedLog

NOW = datetime(2026, 12, 12, 3, 0, tzinfo=UTC)
PATIENCE = 30.0
SIGNER = KeySigner("gw-1", "ES256", algorithms.generate("ES256"))
KEYS = jwk.from_jwks(jwk.to_jwks([SIGNER]))


@dataclass
class Clock:
    """A clock the test moves."""

    at: datetime = NOW

    def __call__(self) -> datetime:
        """The time."""
        return self.at

    def move(self, **by: float) -> None:
        """Move it."""
        self.at += timedelta(**by)


@dataclass
class SigningDoor:
    """`closed`: takes nothing; `signs`: whether it gives a signature for a manifest."""

    told: list[Inspection] = field(default_factory=list)
    manifests: list[str] = field(default_factory=list)
    closed: bool = False
    signs: bool = True

    async def inspected(self, inspection: Inspection, *, manifest: str | None = None) -> Recorded:
        """See gateway.console.model.Door."""
        if self.closed:
            raise DoorClosed("unreachable")
        self.told.append(inspection)
        index = 1000 + len(self.told)
        if manifest is None or not self.signs:
            return Recorded(index)
        self.manifests.append(manifest)
        token = manifest_token(SIGNER, iss="gateway", manifest=manifest.encode(), at=NOW, jti=str(index))
        return Recorded(index, token)

    async def changed(self, change: AccountChange) -> Recorded:
        """Nothing here changes accounts."""
        raise NotImplementedError


def an_account(username: str = "kiem-tra-02", *portals: str) -> Account:
    """A national auditor, or a provincial one of these portals."""
    role = Role.PROVINCIAL_AUDITOR if portals else Role.NATIONAL_AUDITOR
    return Account(username, username, role, Scope(frozenset(portals)) if portals else EVERYTHING, "vi")


def asked(account: Account | None = None, wanted: Wanted | None = None, form: str = "jsonl", **given: Any) -> Asked:
    """What somebody asks for."""
    return Asked(account or an_account(), wanted or Wanted(), form, {"format": form}, **given)


def jobs(folder: Path, log: MixedLog, door: SigningDoor, clock: Clock | None = None, **given: Any) -> Jobs:
    """The exports in a folder. `reader`: what makes readers, if not of the log alone."""
    options: dict[str, Any] = {
        "reader": lambda: SqliteReader(log.places.store),
        "ring": log.ring,
        "key": log.key,
        "door": door,
        "now": clock or Clock(),
        "urandom": os.urandom,
        "again": 0.02,
    }
    return Jobs(folder, **{**options, **given})


async def until(jobs: Jobs, job: Job, holds: Callable[[Job], bool]) -> Job:
    """The job as soon as something holds of it."""
    async with asyncio.timeout(PATIENCE):
        while True:
            found = jobs.find(job.key, job.account)
            assert found is not None
            if holds(found):
                return found
            await asyncio.sleep(0.01)


class Stuck:
    """A reader that after `pages` pages of rows does `then`."""

    def __init__(self, reader: Reader, pages: int, then: Callable[[], None]) -> None:
        self._reader, self._pages, self._then = reader, pages, then

    def rows(self, start: int, end: int) -> Sequence[Row]:
        """As a reader, the first times."""
        self._pages -= 1
        if self._pages < 0:
            self._then()
        return self._reader.rows(start, end)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._reader, name)


async def _stuck(log: MixedLog, folder: Path) -> None:
    def reader() -> Any:
        return Stuck(SqliteReader(log.places.store), 1, lambda: time.sleep(600))

    await jobs(folder, log, SigningDoor(), reader=reader, every=20).add(asked())
    await asyncio.sleep(600)


if __name__ == "__main__":
    from tests.gateway.audit.builders import keys

    signer = keys(Path(sys.argv[1]))[1]
    asyncio.run(_stuck(MixedLog(Path(sys.argv[1]), signer.key, ()), Path(sys.argv[2])))
