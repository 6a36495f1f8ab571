"""The witness: `POST /add-checkpoint`, C2SP tlog-witness.

    404  a log it does not know                409  it stands at another size, which is the answer's text;
    403  not signed by the log's key                or at this size with another root
    400  no request, or old > size             422  the old tree is not the beginning of the new one
    200  its cosignature

Rule of this file: checking and remembering are one step without a wait in between, and remembering comes before the
answer. A fault spoils the answer, not the memory; the variant without memory is for that.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from mocks.control import mock_app
from mocks.faults import Fault, faulty
from mocks.witness import notes
from mocks.witness.consistency import consistent
from mocks.witness.credentials import Credentials
from mocks.witness.memory import Memory, Seen
from mocks.witness.variants import PRESETS, Variant

FAULTS = frozenset({Fault.WRONG_KEY, Fault.UNSIGNED, Fault.WRONG_REQUEST})
"""Signed by another key under its own name and id; no line of its own; a cosignature of another tree."""

_LARGEST = 64 * 1024
_NOTHING = Seen(0, b"")


class Desk:
    """One witness at work. `now` is its clock."""

    def __init__(
        self, credentials: Credentials, logs: Iterable[str], memory: Path, now: Callable[[], datetime]
    ) -> None:
        self._credentials, self._now = credentials, now
        self._logs = {log.name: log for log in map(notes.LogKey.parse, logs)}
        self._memory = Memory(memory)
        self._other_key = Ed25519PrivateKey.generate()

    def answer(self, data: bytes, variant: Variant, fault: Fault | None) -> Response:
        """The answer to a request's body."""
        try:
            request = notes.parse(data)
        except notes.BadRequestError as bad:
            return PlainTextResponse(f"{bad}\n", 400)
        log = self._logs.get(request.origin)
        if log is None:
            return PlainTextResponse("unknown log\n", 404)
        if not notes.signed_by(request, log):
            return PlainTextResponse("not signed by the log's key\n", 403)
        if request.old > request.size:
            return PlainTextResponse("the old tree is larger\n", 400)
        seen = (self._memory.of(request.origin) or _NOTHING) if variant.memory else _NOTHING
        if request.old != seen.size or (request.size == seen.size and request.root != seen.root):
            return Response(f"{seen.size}\n", 409, media_type="text/x.tlog.size")
        if not consistent(seen.size, seen.root, request.size, request.root, request.proof):
            return PlainTextResponse("not consistent\n", 422)
        if variant.memory:
            self._memory.keep(request.origin, Seen(request.size, request.root))
        return PlainTextResponse(self._line(request, fault))

    def _line(self, request: notes.Request, fault: Fault | None) -> str:
        at = int(self._now().timestamp())
        known = self._credentials
        body = request.body
        name, key_id, key = known.name, known.key_id, known.key
        if fault is Fault.WRONG_KEY:
            key = self._other_key
        elif fault is Fault.UNSIGNED:
            name = "another.example/w"
        elif fault is Fault.WRONG_REQUEST:
            body = body.replace(f"\n{request.size}\n", f"\n{request.size + 1}\n", 1)
        return notes.cosignature(body, at, name=name, key_id=key_id, key=key)


def build(
    credentials: Credentials,
    *,
    logs: Iterable[str],
    memory: Path,
    now: Callable[[], datetime],
    variant: Variant | None = None,
) -> Starlette:
    """The application. `logs`: the vkeys of the logs it watches; `memory`: the file it remembers them in."""
    app = mock_app(
        "witness",
        [Route("/add-checkpoint", _add_checkpoint, methods=["POST"])],
        variant=variant or Variant(),
        presets=PRESETS,
        faults=FAULTS,
    )
    app.state.desk = Desk(credentials, logs, memory, now)
    return app


async def _add_checkpoint(request: Request) -> Response:
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > _LARGEST:
            return PlainTextResponse("too long\n", 413)
    active = request.app.state.faults.take()
    desk: Desk = request.app.state.desk
    good = desk.answer(bytes(data), request.app.state.variant, active.fault if active else None)
    return faulty(active, good)
