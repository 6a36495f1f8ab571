"""A whole console over a real log, with people signed in: what the tests of the pages walk through.

    async with open_house(tmp_path, written, *modules) as house:    modules: page modules; none: the whole application
        browser = await house.national()                            also provincial() (H14), operator(), administrator()
        page = await browser.get("/search")                         httpx.Response; redirects are not followed
        page = await browser.post("/search", {"kind": "refused"}, seen=page)
        house.door.told[-1]                                         the Inspection the page recorded
        house.door.closed = True                                    from now on every notice is DoorClosed
        house.clock.move(hours=1)

The fixtures `written` and `house` (the whole application) are in conftest.py. `written.places["refused"]` is the index
of a refusal: the names are in written_log.py. The log and its index are real and the same for all tests; the door
answers as the gateway's does, keeps what it was told and writes nothing. `house.door.keys` verifies its signatures.
"""

import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from config.console_rules import ConsoleRules
from gateway.console.model import AccountChange, DoorClosed, Inspection, Recorded, Role
from gateway.console.signin import administration, flow, guard
from gateway.console.signin.reception import Place, open_reception
from gateway.console.web.around import around
from gateway.console.web.hall import Hall, Parts
from gateway.console.web.pages import Pages
from gateway.console.web.verifying import verifier
from signing import algorithms, jwk
from signing.keys import KeySigner
from signing.manifest import manifest_token
from tests.gateway.console.naming import FACTS
from tests.gateway.console.signin.visitors import BASE, Browser, Clock, Console, CountingHasher, Log
from tests.gateway.console.web.written_log import NOW, Written


def names(text: str, portal: str) -> bool:
    """Whether a page has a portal's code, alone or before a point or a dash.

    Three letters somewhere in a text are no answer: a form's token and an id of a search are random letters.
    """
    return re.search(rf"(?<![\w-]){portal}(?!\w)", text) is not None


_SIGNER = KeySigner("gw-1", "ES256", algorithms.generate("ES256"))


@dataclass
class RecordingDoor:
    """`told`: inspections in their order; `changes`: of accounts. `next`: the index the next entry gets."""

    clock: Clock
    next: int
    told: list[Inspection] = field(default_factory=list)
    changes: list[AccountChange] = field(default_factory=list)
    closed: bool = False
    keys: jwk.KeySet = field(default_factory=lambda: jwk.from_jwks(jwk.to_jwks([_SIGNER])))

    async def inspected(self, inspection: Inspection, *, manifest: str | None = None) -> Recorded:
        """See gateway.console.model.Door."""
        recorded = self._record()
        self.told.append(inspection)
        if manifest is None:
            return recorded
        at, jti = self.clock(), f"jti-{recorded.index}"
        token = manifest_token(_SIGNER, iss="https://gateway.example", manifest=manifest.encode(), at=at, jti=jti)
        return Recorded(recorded.index, token)

    async def changed(self, change: AccountChange) -> Recorded:
        """See gateway.console.model.Door."""
        recorded = self._record()
        self.changes.append(change)
        return recorded

    def words(self) -> list[str]:
        """What was done, in order."""
        return [one.action.value for one in self.told]

    def _record(self) -> Recorded:
        if self.closed:
            raise DoorClosed("unreachable")
        self.next += 1
        return Recorded(self.next - 1)


@dataclass
class House:
    """`console`: the application, accounts and browsers; `folder`: the console's own."""

    console: Console
    hall: Hall
    door: RecordingDoor
    written: Written
    clock: Clock
    folder: Path

    async def national(self, username: str = "kiem-tra-02") -> Browser:
        """A national auditor, signed in, reading English."""
        return await self.console.enrolled(username, Role.NATIONAL_AUDITOR, name="Lê Thị Kiểm", language="en")

    async def provincial(self, *portals: str, username: str = "kiem-tra-01") -> Browser:
        """A provincial auditor of H14, or of these portals."""
        given = {"name": "Nông Văn Tra", "language": "en", "portals": portals or ("H14",)}
        return await self.console.enrolled(username, Role.PROVINCIAL_AUDITOR, **given)

    async def operator(self, username: str = "van-hanh") -> Browser:
        """An operator."""
        return await self.console.enrolled(username, Role.OPERATOR, name="Phạm Văn Vận", language="en")

    async def administrator(self, username: str = "quan-tri") -> Browser:
        """An administrator of accounts."""
        return await self.console.enrolled(username, Role.ADMINISTRATOR, name="Đỗ Thị Quản", language="en")


@asynccontextmanager
async def open_house(folder: Path, written: Written, *modules: ModuleType) -> AsyncIterator[House]:
    """The pages of these modules, or all."""
    clock, own = Clock(NOW), folder / "console"
    pages, occurrences, hasher = Pages(FACTS), Log(), CountingHasher()
    reception = open_reception(
        Place(own, BASE), record=occurrences, render=pages.render, now=clock, urandom=os.urandom, hasher=hasher
    )
    door = RecordingDoor(clock, written.size)
    hall = Hall(
        Parts(
            folder=own,
            index=written.index,
            reader=written.reader,
            ring=written.ring,
            key=written.key,
            door=door,
            pages=pages,
            verify=verifier(vkey=written.vkey, temporary=folder / "temporary", path=written.store),
            now=clock,
            urandom=os.urandom,
            guard=lambda inner: guard.Guard(inner, reception),
            routes=[*flow.routes(reception), *administration.routes(reception)],
            handlers=guard.answers(reception),
            rules=ConsoleRules,
        )
    )
    if modules:
        app = around(hall, [route for module in modules for route in module.routes(hall)])
    else:
        # imported here, so that a page can be tested while another one does not import
        from gateway.console.web.app import build

        app = build(hall)
    try:
        yield House(Console(app, reception, clock, occurrences, hasher, BASE, own), hall, door, written, clock, own)
    finally:
        await hall.close()
        await reception.close()
