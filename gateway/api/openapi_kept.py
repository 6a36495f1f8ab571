"""The preview and the corrections in the OpenAPI document: texts, schemas, examples, codes.

Rule of this file: what `gateway.preview` and `gateway.reporting` answer, and nothing else.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from gateway.api.openapi_values import Schema, ref, shape
from gateway.corrections.record import NOTE_LIMIT, State
from gateway.corrections.report import CorrectionReport, Problem
from gateway.model import Call

_AT = "2026-11-22T02:00:01Z"
CORRECTION = "3f0c6a52-9a0e-4c58-8f2d-6f0a4d1b7e91"
BODIES: Mapping[Call, type[BaseModel]] = {Call.CORRECTIONS_REPORT: CorrectionReport}
"""Bodies that ask no registry, so that their answers are never deferred."""

TEXTS: Mapping[Call, str] = {
    Call.DOSSIERS_PREVIEW: "Shows, as one printable page in Vietnamese and English, what a pre-fill of this dossier "
    "disclosed: what is missing first, every value with its source and date, conflicts and doubts explained. No "
    "registry is asked. Sign it like every call, with the dossier's code in the address as in the token's purpose; a "
    "code may hold `/`, which is written as it is or as `%2F`, in the address as in `htu`. The page has no script, "
    "loads nothing and can be saved. It is there for a while after the pre-fill, for the portal, procedure and dossier "
    "it was for.",
    Call.CORRECTIONS_REPORT: "Reports an error in a registry's data. The report is sealed and queued for the registry "
    "that owns the field; no registry is asked and no answer changes. Only a field that the procedure is granted can "
    "be reported. Follow it at `Location`.",
    Call.CORRECTIONS_READ: "Tells what became of a reported error, with the owner's note where it left one. Sign it "
    "with the procedure and the dossier of the report: for any other, and for other portals, there is no such "
    "correction.",
}
ANSWERS: Mapping[Call, str] = {Call.CORRECTIONS_REPORT: "Correction", Call.CORRECTIONS_READ: "Correction"}
_STATE: Schema = {"type": "string", "enum": [state.value for state in State]}
SCHEMAS: Mapping[str, Schema] = {
    "Correction": shape(
        {
            "correction": {"type": "string", "format": "uuid"},
            "status": _STATE,
            "owner": {"type": "string", "description": "the registry the report is for"},
            "field": {"type": "string"},
            "problem": {"type": "string", "enum": [problem.value for problem in Problem]},
            "history": {
                "type": "array",
                "minItems": 1,
                "items": shape(
                    {
                        "status": _STATE,
                        "at": {"type": "string", "format": "date-time"},
                        "note": {
                            "type": "string",
                            "maxLength": NOTE_LIMIT,
                            "description": "the owner's word to the portal",
                        },
                    },
                    ("status", "at"),
                ),
            },
        },
        ("correction", "status", "owner", "field", "problem", "history"),
    )
}
_SHOWN: dict[str, Any] = {
    "correction": CORRECTION,
    "status": "queued",
    "owner": "population",
    "field": "person.full_name",
    "problem": "misspelt",
    "history": [{"status": "queued", "at": _AT}],
}
REQUESTS: Mapping[Call, Mapping[str, Any]] = {
    Call.CORRECTIONS_REPORT: {
        "subject": {"personal_id": "004192000123", "full_name": "Nguyễn Thị Mẫu", "birth_date": "1992-11-22"},
        "field": "person.full_name",
        "source": "population",
        "problem": "misspelt",
        "shown": {"full": "Nguyễn Thị Mẫu"},
        "proposed": {"full": "Nguyễn Thị Mậu"},
        "evidence": "Giấy khai sinh số 45/2026, UBND xã Phục Hòa",
    }
}
EXAMPLES: Mapping[Call, dict[str, Any]] = {
    Call.DOSSIERS_PREVIEW: {},
    Call.CORRECTIONS_REPORT: _SHOWN,
    Call.CORRECTIONS_READ: _SHOWN,
}
# name, example, and what it may look like
PARAMETERS: Mapping[str, tuple[Schema, str]] = {
    "dossier": (
        {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[A-Za-z0-9][A-Za-z0-9._/-]*$"},
        "H14-261122-0001",
    ),
    "correction": ({"type": "string", "format": "uuid"}, CORRECTION),
}
PAGE: Mapping[str, Any] = {"text/html": {"schema": {"type": "string"}}}
"""The content of a preview."""


def status(call: Call) -> str:
    """The status of an answer."""
    return "201" if call is Call.CORRECTIONS_REPORT else "200"


def body(call: Call) -> dict[str, Any] | None:
    """The request body of one of these calls."""
    if call not in BODIES:
        return None
    media = {"schema": ref(BODIES[call].__name__), "example": dict(REQUESTS[call])}
    return {"required": True, "content": {"application/json": media}}
