"""Which problems each call can end with, and their descriptions in the OpenAPI document.

Rule of this file: statuses and titles come from `gateway.api.problems`; here is only which call can meet which code.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from gateway.api import problems
from gateway.errors import Code, Flaw, Refusal
from gateway.model import Call

_Group = tuple[int, tuple[Code, ...]]
_LETTERS = ("", *"BCDEFG")
_INSTANCE = "urn:uuid:0d6b6f0e-7a50-4f5c-9c70-1f0f6b0f3a52"
_ANY_REQUEST = frozenset({Code.METHOD_NOT_ALLOWED, Code.INTERNAL})
_SIGNED = _ANY_REQUEST | {
    *(code for code, row in problems.TABLE.items() if row.status == 401),
    Code.QUERY_NOT_ALLOWED,
    Code.BODY_TOO_LARGE,
    Code.RATE_LIMITED,
    Code.QUOTA_EXHAUSTED,
    Code.OVERLOADED,
    Code.LOG_UNAVAILABLE,
    Code.DRAINING,
}
_WITH_BODY = _SIGNED | {Code.BODY_MALFORMED, Code.FIELD_UNKNOWN, Code.VALUE_INVALID, Code.CONTENT_TYPE_WRONG}
_ABOUT_SUBJECTS = _WITH_BODY | {
    Code.PROCEDURE_UNKNOWN,
    Code.PROCEDURE_NOT_GRANTED,
    Code.BASIS_NOT_ACCEPTED,
    Code.OPERATION_NOT_GRANTED,
}
# A dossier keeps what the other sources said; only a call to one source ends with that source's failure.
_ONE_SOURCE = _ABOUT_SUBJECTS | {
    Code.SOURCE_REFUSED,
    Code.SOURCE_GARBLED,
    Code.SOURCE_UNAVAILABLE,
    Code.SOURCE_TIMED_OUT,
}
_REGISTER = _ABOUT_SUBJECTS | {Code.SOURCE_GARBLED, Code.SOURCE_UNAVAILABLE}
_LOOKUP = _ONE_SOURCE | {Code.FIELD_NOT_GRANTED}
# What a deferred call can still end with after it was allowed; the 400s when its procedure was changed meanwhile.
_DEFERRED = _LOOKUP - {Code.BODY_MALFORMED, Code.CONTENT_TYPE_WRONG}

# What is kept for a portal: whether it may still have it is asked each time.
_KEPT = _ABOUT_SUBJECTS - _WITH_BODY | {Code.NOT_FOUND}

CODES: Mapping[Call, frozenset[Code]] = {
    Call.PERSONS_VERIFY: _ONE_SOURCE,
    Call.PERSONS_LOOKUP: _LOOKUP,
    Call.ENTERPRISES_LOOKUP: _LOOKUP,
    Call.TAXPAYERS_LOOKUP: _LOOKUP,
    Call.DOSSIERS_PREFILL: _ABOUT_SUBJECTS,
    Call.DOCUMENTS_REGISTER: _REGISTER,
    Call.DOCUMENTS_FETCH: _REGISTER | {Code.NOT_FOUND, Code.FIELD_NOT_GRANTED},
    Call.DOCUMENTS_REVOKE: _REGISTER | {Code.NOT_FOUND},
    Call.PROCEDURES_LIST: _SIGNED,
    Call.JOBS_READ: _SIGNED | _DEFERRED | {Code.NOT_FOUND},
    Call.PROCEDURES_READ: _SIGNED | {Code.NOT_FOUND, Code.PROCEDURE_UNKNOWN, Code.PROCEDURE_NOT_GRANTED},
    Call.DOSSIERS_PREVIEW: _SIGNED | _KEPT | {Code.FIELD_NOT_GRANTED},
    Call.CORRECTIONS_REPORT: _ABOUT_SUBJECTS | {Code.FIELD_NOT_GRANTED},
    Call.CORRECTIONS_READ: _SIGNED | _KEPT,
    Call.DEBUG_VERIFY: _SIGNED | {Code.OPERATION_NOT_GRANTED},
}
OPEN_CODES = _ANY_REQUEST
PAGE_CODES = _ANY_REQUEST | {Code.NOT_FOUND}
LOG_CODES = _ANY_REQUEST | {Code.QUERY_NOT_ALLOWED, Code.OVERLOADED, Code.LOG_UNAVAILABLE, Code.DRAINING}
LOG_TILE_CODES = LOG_CODES | {Code.NOT_FOUND}
LOG_PROOF_CODES = LOG_TILE_CODES | {Code.VALUE_INVALID}

_WITH_FLAWS: Mapping[Code, Flaw] = {
    Code.BODY_MALFORMED: Flaw("", Code.BODY_MALFORMED, "Not JSON: line 1, column 17."),
    Code.FIELD_UNKNOWN: Flaw("/fields/0", Code.FIELD_UNKNOWN, "There is no such field in this call."),
    Code.VALUE_INVALID: Flaw("/birth_date", Code.VALUE_INVALID, "There is no such day."),
    Code.FIELD_NOT_GRANTED: Flaw(
        "/fields/0", Code.FIELD_NOT_GRANTED, "The procedure's grant does not name this field."
    ),
}


def example(code: Code, *, base_url: str) -> dict[str, Any]:
    """A problem as a caller gets it."""
    flaws = (_WITH_FLAWS[code],) if code in _WITH_FLAWS else ()
    printed: dict[str, Any] = json.loads(
        problems.body(Refusal(code, flaws=flaws), base_url=base_url, instance=_INSTANCE)
    )
    return printed


def responses(codes: Iterable[Code]) -> dict[str, Any]:
    """OpenAPI responses, one per status, as references into `components`."""
    return {str(group[0]): {"$ref": f"#/components/responses/{_NAMES[group]}"} for group in _groups(codes)}


def components(*, base_url: str) -> dict[str, Any]:
    """The shared responses by name, each with the codes that come with its status, and examples."""
    return {name: _response(status, codes, base_url) for (status, codes), name in _NAMES.items()}


def _groups(codes: Iterable[Code]) -> list[_Group]:
    wanted = frozenset(codes)
    by_status: dict[int, list[Code]] = {}
    for code, row in problems.TABLE.items():
        if code in wanted:
            by_status.setdefault(row.status, []).append(code)
    return [(status, tuple(listed)) for status, listed in sorted(by_status.items())]


def _names() -> dict[_Group, str]:
    # one status comes with other codes from other calls: the second such response of a status is B, the third C
    named: dict[_Group, str] = {}
    for codes in (*CODES.values(), PAGE_CODES, OPEN_CODES, LOG_CODES, LOG_TILE_CODES, LOG_PROOF_CODES):
        for group in _groups(codes):
            if group not in named:
                alike = sum(1 for status, _ in named if status == group[0])
                named[group] = f"Problem{group[0]}{_LETTERS[alike]}"
    return named


def _response(status: int, codes: tuple[Code, ...], base_url: str) -> dict[str, Any]:
    rows = [problems.TABLE[code] for code in codes]
    narrowed = {
        "status": {"const": status},
        "code": {"enum": [code.value for code in codes]},
        "fault": {"enum": list(dict.fromkeys(row.fault for row in rows))},
    }
    return {
        "description": "; ".join(f"`{code.value}` ({row.title})" for code, row in zip(codes, rows, strict=True)),
        "headers": _headers(status, retryable=any(row.retry_after for row in rows)),
        "content": {
            "application/problem+json": {
                "schema": {"allOf": [{"$ref": "#/components/schemas/Problem"}, {"properties": narrowed}]},
                "examples": {
                    code.value: {"value": example(code, base_url=base_url)}
                    for code in codes
                    if code is codes[0] or code in _WITH_FLAWS
                },
            }
        },
    }


def _headers(status: int, *, retryable: bool) -> dict[str, Any]:
    names = ["Content-Digest", "Gateway-Signature"]
    names += ["Retry-After"] if retryable else []
    names += ["WWW-Authenticate"] if status == 401 else []
    names += ["Allow"] if status == 405 else []
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


_NAMES: Mapping[_Group, str] = _names()
