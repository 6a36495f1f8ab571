"""What the pages share: the parts the console is made of, the bench, and the one way past the door.

Rule of this file: wiring only; what a page shows is decided in its own file.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, ExceptionHandler

from config.console_rules import ConsoleRules
from config.running import RetentionSettings
from gateway.audit.ring import KeyRing
from gateway.console.exports.jobs import Jobs
from gateway.console.model import Account, Action, Door, Index, Inspection, Recorded
from gateway.console.outside import Endpoint
from gateway.console.reviews.store import Reviews
from gateway.console.signin.access import Forbidden, viewer
from gateway.console.web.bench import Bench
from gateway.console.web.pages import Pages
from gateway.console.web.reckonings import Reckonings
from gateway.console.web.searches import Searches
from gateway.console.web.verifying import Run, Verify
from gateway.console.words import Words
from gateway.storage.contract import Reader
from signing.notes import NoteKey


@dataclass(frozen=True, slots=True)
class Parts:
    """What the console is made of.

    `folder`: its own, `<data dir>/console`; `index`, `reader`: make one for the thread that calls; `key`: the log's
    public key; `verify`: the check of the whole log; `routes` and `handlers`: of the sign-in; `guard`: wraps the
    application with who is signed in; `checker`: the single-file checker; `trouble`: what is wrong with the index;
    `endpoints`: how witnesses and authorities fare, None where the gateway cannot be asked; `retention`: how long
    contents can be read; `rules`: what is taken for unusual.
    """

    folder: Path
    index: Callable[[], Index]
    reader: Callable[[], Reader]
    ring: KeyRing
    key: NoteKey
    door: Door
    pages: Pages
    verify: Verify
    now: Callable[[], datetime]
    urandom: Callable[[int], bytes] = field(repr=False)
    guard: Callable[[ASGIApp], ASGIApp]
    routes: Sequence[BaseRoute] = ()
    handlers: Mapping[type[Exception], ExceptionHandler] = field(default_factory=dict)
    checker: Callable[[], bytes] | None = None
    trouble: Callable[[], str | None] = lambda: None
    endpoints: Callable[[], Awaitable[Sequence[Endpoint] | None]] | None = None
    retention: RetentionSettings | None = None
    rules: Callable[[], ConsoleRules] | None = None


class Hall:
    """What a page's routes are given. Belongs to one event loop; close it at the end."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.bench = Bench(reader=parts.reader, index=parts.index, key=parts.key)
        self.searches = Searches(now=parts.now, urandom=parts.urandom)
        self.reviews = Reviews(parts.folder / "reviews.sqlite")
        self.exports = Jobs(
            parts.folder / "exports",
            reader=parts.reader,
            ring=parts.ring,
            key=parts.key,
            door=parts.door,
            now=parts.now,
            urandom=parts.urandom,
        )
        self.reckonings = Reckonings(
            parts.folder, reader=parts.reader, index=parts.index, ring=parts.ring, now=parts.now, urandom=parts.urandom
        )
        self.run = Run(parts.verify, folder=parts.folder, door=parts.door, now=parts.now)

    def begin(self) -> None:
        """Go on with what a restart broke off. Within the event loop."""
        self.exports.wake()

    async def close(self) -> None:
        """Let go of threads, files and the store."""
        await self.run.close()
        await self.exports.close()
        await self.reckonings.close()
        await self.bench.close()
        self.reviews.close()

    def words(self, request: Request) -> Words:
        """The words of the viewer's language."""
        return self.parts.pages.words(request)

    def account(self, request: Request) -> Account:
        """Who looks. Raises Forbidden when nobody is signed in: every route checks before."""
        known = viewer(request)
        if known is None:
            raise Forbidden
        return known.account

    def page(self, request: Request, name: str, status: int = 200, **content: object) -> Response:
        """A page."""
        return self.parts.pages.render(request, name, status, content)

    async def inspected(
        self,
        request: Request,
        action: Action,
        *,
        about: Mapping[str, str] | None = None,
        entries: Sequence[int] = (),
        found: int | None = None,
        subject: str | None = None,
        digest: str | None = None,
        manifest: str | None = None,
    ) -> Recorded:
        """Record what is about to be shown. Raises DoorClosed: then nothing is."""
        inspection = Inspection(
            self.account(request),
            action,
            about={name: value[:1024] for name, value in (about or {}).items()},
            entries=tuple(entries),
            found=found,
            subject=subject,
            digest=digest,
        )
        return await self.parts.door.inspected(inspection, manifest=manifest)
