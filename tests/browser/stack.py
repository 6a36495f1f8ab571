"""A whole installation as processes: mock registries, a gateway, a real log with some calls in it, a console.

It is the demo's, with fewer calls. Rule of this file: whoever enters the context gets a console whose index has read
everything the calls left, and four people who can sign in.
"""

import asyncio
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from gateway.app import now
from gateway.audit.keys import Places
from gateway.audit.reading import Opened, opened
from gateway.audit.ring import KeyRing
from gateway.cli.demo import accounts, scenery, traffic
from gateway.cli.demo.accounts import Sample
from gateway.storage.sqlite_reader import SqliteReader
from tests.browser.apart import apart
from tests.helpers.stack import ROOT

CALLS, SEED = 40, 7
PERSON = traffic.PEOPLE[0][0]
"""About whom several portals ask: docs/mock-country.md."""


@dataclass(frozen=True, slots=True)
class Stack:
    """`url`: of the console; `people`: role -> who can sign in; `folder`: the data folder of all of it."""

    url: str
    people: Mapping[str, Sample]
    folder: Path

    def entries(self) -> list[Opened]:
        """The log as it is now, opened."""
        places = Places.under(self.folder)
        reader, ring = SqliteReader(places.store), KeyRing(places.ring)
        try:
            return [opened(row, ring) for row in reader.rows(0, 10_000)]
        finally:
            reader.close()

    def find(self, kind: str, **said: object) -> Opened:
        """The newest entry of a kind that says this."""
        return next(
            entry
            for entry in reversed(self.entries())
            if entry.kind == kind and all((entry.payload or {}).get(name) == value for name, value in said.items())
        )


@contextmanager
def stack(folder: Path) -> Iterator[Stack]:
    """Everything started and filled, until the context is left."""
    inherited = dict(os.environ)  # noqa: TID251 - handed on to the processes started here
    stage = scenery.prepare(folder, ROOT / "config", datetime.now(UTC))
    with ExitStack() as running:
        mocks = running.enter_context(scenery.process("mocks", ["mocks"], stage, inherited))
        environ = scenery.environment(mocks, inherited)
        gateway = running.enter_context(scenery.process("gateway", scenery.serve(stage), stage, environ))
        console = running.enter_context(
            scenery.process("console", scenery.console(stage, gateway["ops_url"]), stage, environ)
        )
        made = traffic.calls(scenery.callers(stage), CALLS, seed=SEED)

        async def peopled() -> list[Sample]:
            wanted = (accounts.NATIONAL, *accounts.OTHERS)
            adding = accounts.add(folder, wanted, gateway_url=gateway["ops_url"], now=now)
            samples, _ = await asyncio.gather(adding, traffic.run(gateway["base_url"], made))
            return samples

        samples = apart(peopled)
        yield Stack(console["console_url"], {one.role: one for one in samples}, folder)


def until(holds: object, seconds: float = 180) -> None:
    """Wait for something that happens soon: a function that is asked again."""
    ends = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(0.1)
