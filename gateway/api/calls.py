"""The door: the shape of a request is checked here, before its token (contract section 2).

In this order: route and method (the router), no query, content type, size, reading the body. Then the pipeline.
"""

from collections.abc import Awaitable, Callable, Mapping

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from gateway import pipeline
from gateway.api.state import State
from gateway.errors import Code, refused
from gateway.model import Call
from gateway.world import Arrived

JSON_TYPE = "application/json"
_BODYLESS = frozenset({Call.PROCEDURES_LIST, Call.PROCEDURES_READ})
_ANY_TYPE = frozenset({Call.DEBUG_VERIFY})


def endpoint(call: Call, state: State) -> Callable[[Request], Awaitable[Response]]:
    """The handler of one call."""

    async def handle(request: Request) -> Response:
        if state.draining:
            raise refused(Code.DRAINING)
        arrived = await _arrived(call, request, state)
        sealed = await pipeline.exchange(arrived, state.policy, state.world)
        return Response(sealed.body, sealed.status, dict(sealed.headers))

    return handle


async def _arrived(call: Call, request: Request, state: State) -> Arrived:
    if request.scope["query_string"]:
        raise refused(Code.QUERY_NOT_ALLOWED)
    if call not in _BODYLESS and call not in _ANY_TYPE:
        _content_type(request.headers)
    return Arrived(
        call=call,
        method=request.method,
        # as sent: the caller signed these bytes, not a decoded form of them
        path=request.scope["raw_path"].decode("latin-1"),
        authorization=tuple(request.headers.getlist("authorization")),
        content_digest=tuple(request.headers.getlist("content-digest")),
        body=await _body(request, state.body_bytes),
        procedure=request.path_params.get("code"),
        instance=state.instance(),
    )


def _content_type(headers: Mapping[str, str]) -> None:
    media, _, parameters = headers.get("content-type", "").partition(";")
    charset = parameters.strip().lower().removeprefix("charset=").strip('"') or "utf-8"
    if media.strip().lower() != JSON_TYPE or charset not in ("utf-8", "utf8"):
        raise refused(Code.CONTENT_TYPE_WRONG)
    if headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise refused(Code.CONTENT_TYPE_WRONG, "Send the body uncompressed: Content-Encoding is not supported.")


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
