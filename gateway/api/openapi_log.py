"""The log's public part in the OpenAPI document: unsigned, cacheable, in C2SP's formats.

Rule of this file: what `gateway.api.log` serves. A tile's number holds slashes, which no OpenAPI parameter can say: the
description does.
"""

from typing import Any

from gateway.api import log, openapi_problems
from gateway.api.openapi_values import Schema

TAG = "log"
DESCRIPTION = (
    "The access log's public part: no token needed, and no `Gateway-Signature`, because the log's own signature is in "
    "it or what is there follows from one. Hashes and signatures only, never what an entry says."
)
_TEXT: Schema = {"type": "string"}
_BINARY: Schema = {"type": "string", "contentMediaType": "application/octet-stream"}
_NUMBER: Schema = {"type": "string", "pattern": "^(0|[1-9][0-9]{0,17})$"}
_SIZE = {
    "name": "size",
    "in": "query",
    "required": False,
    "description": "For the tree of the checkpoint of exactly this many entries, such as the one in a receipt, instead "
    "of the newest.",
    "schema": _NUMBER,
    "example": "1",
}


def paths() -> dict[str, Any]:
    """The path items by path."""
    return {
        log.CHECKPOINT: _get(
            "log_checkpoint",
            "The newest checkpoint of the log",
            "A C2SP tlog-checkpoint: a signed note of three lines, verifiable with `log.public_key` of "
            "/.well-known/gateway.",
            ("text/plain", _TEXT),
            openapi_problems.LOG_CODES,
        ),
        log.TILE + "/{level}/{index}": _get(
            "log_tile",
            "Hashes of the log's tree",
            "A C2SP tlog-tiles hash tile: 256 hashes of 32 bytes, or as many as `.p/<width>` says. The number is "
            "written in groups of three digits, all but the last behind an x and with a slash behind it: "
            "x001/x234/067. What a path names never changes.",
            ("application/octet-stream", _BINARY),
            openapi_problems.LOG_TILE_CODES,
            _path("level", {"type": "string", "pattern": "^(0|[1-9]|[1-5][0-9]|6[0-3])$"}, "0"),
            _path(
                "index",
                {
                    "type": "string",
                    "pattern": r"^(x[0-9]{3}/)*[0-9]{3}(\.p/([1-9]|[1-9][0-9]|1[0-9]{2}|2[0-5][0-9]))?$",
                },
                "000.p/1",
            ),
        ),
        log.ENTRIES + "/{index}/proof": _get(
            "log_proof",
            "That an entry is in the log",
            "A C2SP tlog-proof@v1 text: the index, the inclusion proof (RFC 9162 section 2.1.3.1), and the checkpoint "
            "it leads to. The leaf to verify it with is the one in your receipt.",
            ("text/plain", _TEXT),
            openapi_problems.LOG_PROOF_CODES,
            _path("index", _NUMBER, "0"),
            _SIZE,
        ),
    }


def _get(
    name: str, summary: str, text: str, media: tuple[str, Schema], codes: frozenset[Any], *parameters: dict[str, Any]
) -> dict[str, Any]:
    kind, schema = media
    answer = {
        "description": summary,
        "headers": {"Cache-Control": {"$ref": "#/components/headers/Cache-Control"}},
        "content": {kind: {"schema": schema}},
    }
    return {
        "get": {
            "operationId": name,
            "tags": [TAG],
            "summary": summary,
            "description": text,
            "security": [],
            **({"parameters": list(parameters)} if parameters else {}),
            "responses": {"200": answer, **openapi_problems.responses(codes)},
        }
    }


def _path(name: str, schema: Schema, example: str) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema, "example": example}
