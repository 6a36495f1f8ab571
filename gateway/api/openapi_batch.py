"""How many dossiers in one call look in the OpenAPI document: a line sent, and a line answered.

Rule of this file: what `gateway.wire.batches` prints. OpenAPI 3.1 has no schema for the lines of a stream, so the
body is a text, and `x-line` names what a line of it is.
"""

from collections.abc import Mapping
from typing import Any

from gateway.api.openapi_values import Schema, ref, shape
from gateway.wire.batches import BEGIN, END, JSON_LINES, PROBLEM, RESULT

_COUNT: Schema = {"type": "integer", "minimum": 0}
_STREAM: Schema = {"type": "string", "contentMediaType": JSON_LINES}

BODY: Mapping[str, Any] = {JSON_LINES: {"schema": {**_STREAM, "x-line": ref("DossierLine")}}}
ANSWER: Mapping[str, Any] = {JSON_LINES: {"schema": {**_STREAM, "x-line": ref("BatchLine")}}}

_BEGUN = shape({"lines": {**_COUNT, "description": "how many were sent"}}, ("lines",))
_ENDED = shape(
    {
        "lines": _COUNT,
        "answered": _COUNT,
        "refused": _COUNT,
        "digest": {"type": "string", "description": "as a Content-Digest, over every byte before this line"},
    },
    ("lines", "answered", "refused", "digest"),
)
SCHEMAS: Mapping[str, Schema] = {
    "BatchLine": shape(
        {
            "line": {
                **_COUNT,
                "description": "0 opens the answer; from 1, the line of the body this answers; one more than were "
                "sent ends it",
            },
            "dossier": {
                "type": ["string", "null"],
                "description": "as in the line sent, null where it could not be read; of the first and the last line "
                "the one in the token",
            },
            "status": {"type": "integer", "description": "what the HTTP status of a single call would be"},
            "retry_after": {"type": "integer", "minimum": 1, "description": "seconds, with a problem"},
            "signature": {
                "type": "string",
                "description": "a Gateway-Signature over the bytes of the last member as they stand, with the claim "
                "`line`",
            },
            BEGIN: _BEGUN,
            RESULT: ref("Dossier"),
            PROBLEM: ref("Problem"),
            END: _ENDED,
        },
        ("line", "dossier", "status", "signature"),
    )
}
