"""The access log's public part: checkpoint, hash tiles, inclusion proofs (contract section 4, C2SP tlog-tiles).

    GET /v1/log/checkpoint                    the newest signed note; changes with every batch
    GET /v1/log/tile/<L>/<N>[.p/<W>]          hashes; what a path names never changes
    GET /v1/log/entries/<n>/proof[?size=<s>]  C2SP tlog-proof@v1 against the newest checkpoint, or that of size s

Rule of this file: no token is asked for and none is looked at. What leaves here is signed by the log or follows from
what is, so it carries no Gateway-Signature and caches may keep it; problems are signed like everywhere else. Nothing of
an entry leaves but its hash.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from gateway.api import shape
from gateway.api.gate import Gate
from gateway.api.state import State
from gateway.audit.log import LogUnavailable
from gateway.errors import Code, refused
from signing.errors import EncodingMalformed
from signing.tiles import Tile, parse

_T = TypeVar("_T")

CHECKPOINT = "/v1/log/checkpoint"
TILE = "/v1/log/tile"
ENTRIES = "/v1/log/entries"
BYTES = "application/octet-stream"

# C2SP: nobody should see a checkpoint that is older than a few seconds; the answer of a moment ago may be in the next
_BRIEFLY = {"cache-control": "public, max-age=1"}
_FOR_EVER = {"cache-control": "public, max-age=31536000, immutable"}
_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}")

# A proof is the work of several tiles. Together they stay a small part of one core at these bounds, and a mirror still
# gets 200 tiles, 51,200 hashes, a second.
PER_SECOND, BURST, AT_ONCE = 200.0, 400.0, 64
TILE_COST, PROOF_COST = 1.0, 4.0


def addresses(base_url: str) -> Mapping[str, str]:
    """Where the public part is, for `/.well-known/gateway`: an address, and two templates (RFC 6570)."""
    return {
        "checkpoint": base_url + CHECKPOINT,
        "tile": f"{base_url}{TILE}/{{level}}/{{+index}}",
        "proof": f"{base_url}{ENTRIES}/{{index}}/proof{{?size}}",
    }


def routes(state: State) -> list[BaseRoute]:
    """The routes of the log's public part."""
    gate = Gate(per_second=PER_SECOND, burst=BURST, at_once=AT_ONCE)

    async def checkpoint(request: Request) -> Response:
        _spelt(request, CHECKPOINT)
        _shaped(request, state, query=False)
        note = await _asked(state, gate, TILE_COST, state.outlet.checkpoint)
        return Response(note, headers=_BRIEFLY, media_type="text/plain")

    async def tile(request: Request) -> Response:
        wanted = _tile(request.path_params["path"])
        _spelt(request, f"{TILE}/{wanted.path}")
        _shaped(request, state, query=False)
        data = await _asked(state, gate, TILE_COST, lambda: state.outlet.tile(wanted))
        if data is None:
            raise refused(Code.NOT_FOUND, "The newest tree has no such tile, or not as wide a one yet.")
        return Response(data, headers=_FOR_EVER, media_type=BYTES)

    async def proof(request: Request) -> Response:
        index = _index(request.path_params["index"])
        _spelt(request, f"{ENTRIES}/{index}/proof")
        _shaped(request, state, query=True)
        size = _size(request)
        text = await _asked(state, gate, PROOF_COST, lambda: state.outlet.proof(index, size))
        if text is None:
            raise refused(Code.NOT_FOUND, _NO_PROOF if size is None else _NO_PROOF_OF_SIZE)
        # against the newest checkpoint the answer changes with it; against a named one it never does
        return Response(text, headers=_BRIEFLY if size is None else _FOR_EVER, media_type="text/plain")

    return [
        Route(CHECKPOINT, checkpoint),
        Route(TILE + "/{path:path}", tile),
        Route(ENTRIES + "/{index}/proof", proof),
    ]


_NO_PROOF = "The log has no such entry."
_NO_PROOF_OF_SIZE = (
    "No checkpoint of exactly this size was signed, or its tree has no such entry. Sizes are those of signed "
    "checkpoints: the one in a receipt is one, and so is the newest."
)


async def _asked(state: State, gate: Gate, cost: float, ask: Callable[[], Awaitable[_T]]) -> _T:
    if state.draining:
        raise refused(Code.DRAINING)
    with gate.passing(cost, state.world.clock()):
        try:
            return await ask()
        except LogUnavailable:
            raise refused(Code.LOG_UNAVAILABLE, "The access log cannot be read. Try again later.") from None


def _spelt(request: Request, path: str) -> None:
    # as sent: a percent-encoded spelling would be another key in a cache for the same thing
    if request.scope["raw_path"] != path.encode():
        raise refused(Code.NOT_FOUND)


def _shaped(request: Request, state: State, *, query: bool) -> None:
    """One reading of the address for caches, proxies and us; `query`: one may follow the path."""
    base_url = state.policy.base_url
    if not query:
        shape.check(request.scope, base_url=base_url, json=False)
        return
    path, mark, rest = shape.target_of(request.scope).partition(b"?")
    if mark and not rest:
        raise refused(Code.QUERY_NOT_ALLOWED, "Leave out `?` where no parameter follows it.")
    shape.target(path + rest[rest.find(b"#") :] if b"#" in rest else path, base_url=base_url)
    shape.framing(request.scope["headers"], http_version=request.scope["http_version"])


def _tile(path: str) -> Tile:
    try:
        return parse(path)
    except EncodingMalformed:
        raise refused(Code.NOT_FOUND, "Tiles are at tile/<level>/<number>, as C2SP tlog-tiles writes them.") from None


def _index(text: str) -> int:
    if _NUMBER.fullmatch(text) is None:
        raise refused(Code.NOT_FOUND, _NO_PROOF)
    return int(text)


def _size(request: Request) -> int | None:
    query = request.scope["query_string"]
    if not query:
        return None
    name, _, text = query.decode("latin-1").partition("=")
    if name != "size" or "&" in text:
        raise refused(Code.QUERY_NOT_ALLOWED, "The only parameter here is `size`, given once.")
    if _NUMBER.fullmatch(text) is None:
        raise refused(Code.VALUE_INVALID, "`size` is a number of entries: plain decimal digits.")
    return int(text)
