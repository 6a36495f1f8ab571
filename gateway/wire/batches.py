"""A batch on the wire: lines of a body, and lines of an answer (docs/batch.md).

    {"line":2,"dossier":"D-2","status":200,"signature":"<JWS>","result":{...}}
    {"line":3,"dossier":"D-3","status":503,"retry_after":30,"signature":"<JWS>","problem":{...}}

`begin`, `result`, `problem` or `end` is the last member of a line, and its bytes as they stand are what the signature
covers: no JSON has to be written anew to check it.

Rule of this file: bytes in, bytes out. What a line means is decided elsewhere.
"""

import json
from collections.abc import Mapping

JSON_LINES = "application/x-ndjson"
BEGIN, RESULT, PROBLEM, END = "begin", "result", "problem", "end"
_FIRST_ERROR = 400


def split(body: bytes) -> list[bytes]:
    """The lines of a body, numbered from 1 by their place. A line feed ends a line; the last may go without."""
    lines = body.split(b"\n")
    if not lines[-1]:
        lines.pop()
    return lines


def line(
    number: int, dossier: str | None, status: int, document: bytes, *, member: str, headers: Mapping[str, str]
) -> bytes:
    """One line of the answer. `headers`: of the sealed `document`; `member`: what it is called unless it is a problem.

    `dossier` is None where the line named none that can be read.
    """
    wait = headers.get("retry-after")
    head = {
        "line": number,
        "dossier": dossier,
        "status": status,
        **({"retry_after": int(wait)} if wait else {}),
        "signature": headers["gateway-signature"],
    }
    name = PROBLEM if status >= _FIRST_ERROR else member
    said = json.dumps(head, separators=(",", ":")).encode("ascii")
    return said[:-1] + b',"' + name.encode("ascii") + b'":' + document + b"}\n"
