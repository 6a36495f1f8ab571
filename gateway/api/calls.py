"""The door: the shape of a request is checked here, before its token (contract section 2).

In this order: route and method (the router), target without a query, Host and framing, content type (`shape`), size,
reading the body. Then the pipeline.
"""

from collections.abc import Awaitable, Callable

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from gateway import batch, pipeline
from gateway.api import shape
from gateway.api.state import State
from gateway.errors import Code, refused
from gateway.model import Call
from gateway.wire import preferences
from gateway.world import Arrived

_BODYLESS = frozenset(
    {Call.PROCEDURES_LIST, Call.PROCEDURES_READ, Call.JOBS_READ, Call.DOSSIERS_PREVIEW, Call.CORRECTIONS_READ}
)
_ANY_TYPE = frozenset({Call.DEBUG_VERIFY})


def endpoint(call: Call, state: State) -> Callable[[Request], Awaitable[Response]]:
    """The handler of one call."""

    async def handle(request: Request) -> Response:
        if state.draining:
            raise refused(Code.DRAINING)
        arrived = await _arrived(call, request, state)
        if arrived.call is Call.DOSSIERS_BATCH:
            streamed = await batch.exchange(arrived, lambda: (state.policy, state.world, state.draining))
            if isinstance(streamed, batch.Stream):
                return _Lines(streamed)
            return Response(streamed.body, streamed.status, dict(streamed.headers))
        sealed = await pipeline.exchange(arrived, state.policy, state.world)
        return Response(sealed.body, sealed.status, dict(sealed.headers))

    return handle


class _Lines(StreamingResponse):
    """The answer to a batch. However it ends, the batch is told."""

    def __init__(self, stream: batch.Stream) -> None:
        super().__init__(stream.lines, 200, dict(stream.headers))
        self._stop = stream.stop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._stop()


async def _arrived(call: Call, request: Request, state: State) -> Arrived:
    has_json = call not in _BODYLESS and call not in _ANY_TYPE
    many = shape.check(
        request.scope, base_url=state.policy.base_url, json=has_json, lines_too=call is Call.DOSSIERS_PREFILL
    )
    return Arrived(
        call=Call.DOSSIERS_BATCH if many else call,
        method=request.method,
        # as sent: the caller signed these bytes, not a decoded form of them
        path=request.scope["raw_path"].decode("latin-1"),
        authorization=tuple(request.headers.getlist("authorization")),
        content_digest=tuple(request.headers.getlist("content-digest")),
        body=await _body(request, state.policy.batch.body_bytes if many else state.body_bytes),
        procedure=request.path_params.get("code"),
        instance=state.instance(),
        job=request.path_params.get("id"),
        dossier=request.path_params.get("dossier"),
        correction=request.path_params.get("correction"),
        deferred=not many and preferences.respond_async(request.headers.getlist("prefer")),
    )


async def _body(request: Request, most: int) -> bytes:
    too_large = refused(Code.BODY_TOO_LARGE, f"At most {most} bytes.")
    announced = request.headers.get("content-length", "0")
    if announced.isascii() and announced.isdigit() and int(announced) > most:
        raise too_large
    received = bytearray()
    try:
        async for chunk in request.stream():
            received += chunk
            if len(received) > most:
                raise too_large
    except ClientDisconnect:
        raise refused(Code.BODY_MALFORMED, "The connection ended before the body did.") from None
    return bytes(received)
