"""The calls about digitised documents in the OpenAPI document: schemas of the answers, bodies and answers to show.

Rule of this file: what `gateway.wire.papers` and `gateway.papers.calls` print.
"""

from collections.abc import Mapping
from typing import Any

from gateway.api.openapi_values import Schema, ref, shape
from gateway.model import Call

_TEXT: Schema = {"type": "string"}
_DAY: Schema = {"type": "string", "format": "date"}
_TIME: Schema = {"type": "string", "format": "date-time"}
_ID: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_SHA256: Schema = {"type": "string", "pattern": "^[0-9a-f]{64}$", "description": "of the content's bytes"}
_HELD: Schema = {"type": "boolean", "description": "whether the gateway holds the content"}
_OUTCOMES = ("valid", "invalid", "untrusted", "expired", "revoked", "none", "unsupported", "unreadable", "not_checked")
_WHAT: Mapping[str, Schema] = {
    "document": _ID,
    "kind": _TEXT,
    "name_vi": _TEXT,
    "name_en": _TEXT,
    "registered_by": {**_TEXT, "description": "code of the portal that registered it"},
    "issuing_agency": _TEXT,
    "issued_on": _DAY,
    "valid_until": _DAY,
    "media_type": _TEXT,
    "sha256": _SHA256,
    "signature": ref("DocumentSignature"),
    "retrieved_at": _TIME,
}
_ALWAYS = (
    *("document", "kind", "registered_by", "issuing_agency", "issued_on"),
    *("media_type", "sha256", "signature", "retrieved_at"),
)

SCHEMAS: Mapping[str, Schema] = {
    "DocumentSignature": shape(
        {
            "outcome": {"enum": list(_OUTCOMES)},
            "reason": _TEXT,
            "organisation": {**_TEXT, "description": "the signing agency, only with outcome valid"},
            "timestamped_at": _TIME,
            "revocation": {"enum": ["good", "revoked", "unknown"]},
        },
        ("outcome", "reason"),
    ),
    "DocumentOffer": shape(
        {**_WHAT, "role": _TEXT, "content": _HELD}, (*_ALWAYS, "name_vi", "name_en", "role", "content")
    ),
    "DocumentSlot": shape(
        {
            "kind": _TEXT,
            "role": _TEXT,
            "label": _TEXT,
            "label_en": _TEXT,
            "required": {"type": "boolean"},
            "max_age_days": {"type": "integer", "minimum": 1},
        },
        ("kind", "role", "label", "label_en", "required"),
    ),
    "DocumentKept": shape(
        {
            "document": _ID,
            "kind": _TEXT,
            "sha256": _SHA256,
            "content": _HELD,
            "signature": ref("DocumentSignature"),
        },
        ("document", "kind", "sha256", "content", "signature"),
    ),
    "Document": shape(
        {
            **_WHAT,
            "number": _TEXT,
            "valid_from": _DAY,
            "size": {"type": "integer", "minimum": 1},
            "location": {"type": "string", "format": "uri"},
            "content": {"type": "string", "contentEncoding": "base64"},
        },
        (*_ALWAYS, "number"),
    ),
    "DocumentEnded": shape(
        {"document": _ID, "kind": _TEXT, "state": {"const": "revoked"}, "reason": _TEXT},
        ("document", "kind", "state", "reason"),
    ),
}

ID = "2b4f0c1de0a64f7f9a3c5b8d1e6f70922b4f0c1de0a64f7f9a3c5b8d1e6f7092"
_HOLDER = {"personal_id": "004192000123", "full_name": "Nguyễn Thị Mẫu", "birth_date": "1992-11-22"}
_ABOUT: Mapping[str, Any] = {
    "issuing_agency": "UBND xã Phục Hòa",
    "number": "17/2026",
    "issued_on": "2024-05-06",
    "valid_until": "2099-12-31",
}
_CONTENT = {"size": 9, "content": "JVBERi0xLjcK"}
_SUM = "0716f9264c9fe19f5d7455276107f3ddcc1d3497f63d60689a73558ae8a1bf5e"
_UNREAD = {"outcome": "unreadable", "reason": "damaged"}

REQUESTS: Mapping[Call, dict[str, Any]] = {
    Call.DOCUMENTS_REGISTER: {
        "kind": "disability_certificate",
        "holder": _HOLDER,
        **_ABOUT,
        "sha256": _SUM,
        "media_type": "application/pdf",
        **_CONTENT,
    },
    Call.DOCUMENTS_FETCH: {"document": ID, "holder": _HOLDER},
    Call.DOCUMENTS_REVOKE: {"document": ID, "reason": "superseded"},
}
ANSWERS: Mapping[Call, dict[str, Any]] = {
    Call.DOCUMENTS_REGISTER: {
        "document": ID,
        "kind": "disability_certificate",
        "sha256": _SUM,
        "content": True,
        "signature": _UNREAD,
    },
    Call.DOCUMENTS_FETCH: {
        "document": ID,
        "kind": "disability_certificate",
        "name_vi": "Giấy xác nhận khuyết tật",
        "name_en": "Disability certificate",
        "registered_by": "H14",
        **_ABOUT,
        "media_type": "application/pdf",
        "size": 9,
        "sha256": _SUM,
        "signature": _UNREAD,
        "retrieved_at": "2026-11-22T02:00:01Z",
        "content": _CONTENT["content"],
    },
    Call.DOCUMENTS_REVOKE: {
        "document": ID,
        "kind": "disability_certificate",
        "state": "revoked",
        "reason": "superseded",
    },
}
