"""Bodies and answers to show: a synthetic person and a synthetic enterprise, as the mock registries know them.

Rule of this file: every answer here is one the gateway gives. Tests make them anew and compare.
"""

from collections.abc import Mapping
from typing import Any

from gateway.api import openapi_kept, openapi_papers
from gateway.api.token_rules import CHECKS
from gateway.model import Call
from gateway.reasons.sentences import BECAUSE

Json = dict[str, Any]

AT = "2026-11-22T02:00:01Z"
# the tax service says how fresh its data is; the others vouch for theirs at the moment they answer
_AS_OF = "2026-11-21T20:00:01Z"
PERSON: Mapping[str, str] = {"personal_id": "004192000123", "full_name": "Nguyễn Thị Mẫu", "birth_date": "1992-11-22"}
ENTERPRISE: Mapping[str, str] = {"enterprise_code": "0100109106"}
TAXPAYER: Mapping[str, str] = {"tax_code": "0100109106"}
DECLARED: Mapping[str, str] = {"phone": "0900 000 000", "permanent_address": "Thôn 8, Xã Phục Hòa, Tỉnh Cao Bằng"}


PENDING: Mapping[str, str] = {"job": "3f0c6a52-9a0e-4c58-8f2d-6f0a4d1b7e90", "status": "pending"}


def _ok(source: str, value: Any, as_of: str = AT) -> Json:
    return {"value": value, "status": "ok", "source": source, "as_of": as_of, "retrieved_at": AT}


_HOME: Json = {
    "text": "Thôn 7, Xã Phục Hòa, Tỉnh Cao Bằng",
    "province": {"code": "04", "name": "Cao Bằng"},
    "commune": {"code": "01648", "name": "Xã Phục Hòa"},
    "country": "VN",
    "scheme": "2025-07-01",
}
_SELF: Json = {
    "name": {"full": "Nguyễn Thị Mẫu"},
    "personal_id": "004192000123",
    "old_id": "150917940",
    "relation": {"code": "CH01", "name": "Quan hệ mã CH01", "name_en": "Relation with the code CH01"},
}
_ORIGIN: Json = {"role": "applicant"}


def _applicant(field: str, value: Any, **changed: str) -> Json:
    return {**_ok("population", value), **changed, "from": field, **_ORIGIN}


_REGISTRY_FIRST: Json = {
    "code": "registry_over_declaration",
    "vi": BECAUSE["registry_over_declaration"].vi,
    "en": BECAUSE["registry_over_declaration"].en,
}
_DOSSIER: Json = {
    "procedure": "1.004222",
    "dossier": "H14-261122-0001",
    "form": {
        "full_name": _applicant("person.full_name", {"full": "Nguyễn Thị Mẫu"}),
        "birth_date": _applicant("person.birth_date", "1992-11-22"),
        "sex": _applicant("person.sex", {"code": "2", "name": "Nữ", "name_en": "Female"}),
        "personal_id": _applicant("person.personal_id", "004192000123"),
        "phone": {
            "value": DECLARED["phone"],
            "status": "ok",
            "source": "declared",
            "retrieved_at": AT,
            "from": None,
        },
        "permanent_address": _applicant("person.permanent_address", _HOME, status="conflict"),
        "current_address": _applicant("person.current_address", _HOME),
        "household_head": _applicant("person.household_head", _SELF),
    },
    "missing": [{"field": name, "reason": "not_held"} for name in ("email", "new_address", "request")],
    "conflicts": [
        {
            "field": "permanent_address",
            "between": "declared",
            "kind": "value",
            "values": [
                {"source": "population", "from": "person.permanent_address", **_ORIGIN, "value": _HOME, "as_of": AT},
                {"source": "declared", "value": DECLARED["permanent_address"]},
            ],
            "preferred": 0,
            "because": _REGISTRY_FIRST,
        }
    ],
    "documents": [],
    "reuse": {"fields_total": 11, "fields_filled": 7, "rate": 0.6364, "by_source": {"population": 7}},
    "sources": {"population": {"outcome": "answered", "at": AT}},
}
_APPLICANT: Json = {"kind": "person", "required": True}
_PROCEDURE: Json = {"code": "1.004222", "name": "Đăng ký thường trú", "name_en": "Permanent residence registration"}
_FORM: Json = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "full_name": {
            "type": "string",
            "maxLength": 200,
            "title": "Họ, chữ đệm và tên",
            "x-title-en": "Full name",
            "x-origins": [{"role": "applicant", "field": "person.full_name", "source": "population"}],
            "x-withheld": False,
        },
        "new_address": {
            "type": "string",
            "maxLength": 500,
            "title": "Nơi đăng ký thường trú mới",
            "x-title-en": "Address to be registered",
            "x-origins": [],
            "x-withheld": False,
        },
    },
    "required": ["full_name", "new_address"],
    "additionalProperties": False,
}

REQUESTS: Mapping[Call, Json] = {
    Call.PERSONS_VERIFY: {**PERSON},
    Call.PERSONS_LOOKUP: {**PERSON, "fields": ["person.birth_date", "person.permanent_address"]},
    Call.ENTERPRISES_LOOKUP: {**ENTERPRISE, "fields": ["enterprise.status", "enterprise.charter_capital"]},
    Call.TAXPAYERS_LOOKUP: {**TAXPAYER, "fields": ["taxpayer.status"]},
    **openapi_papers.REQUESTS,
    Call.DOSSIERS_PREFILL: {"subjects": {"applicant": {**PERSON}}, "declared": {**DECLARED}},
}


def answers(base_url: str, audience: str) -> Mapping[Call, Json]:
    """One answer per call."""
    return {
        Call.PERSONS_VERIFY: {"match": True},
        Call.PERSONS_LOOKUP: {
            "found": True,
            "fields": {
                "person.birth_date": _ok("population", "1992-11-22"),
                "person.permanent_address": _ok("population", _HOME),
            },
        },
        Call.ENTERPRISES_LOOKUP: {
            "found": True,
            "fields": {
                "enterprise.status": _ok(
                    "business", {"code": "active", "name": "Đang hoạt động", "name_en": "Operating"}
                ),
                "enterprise.charter_capital": _ok("business", {"amount": "36700000000", "currency": "VND"}),
            },
        },
        Call.TAXPAYERS_LOOKUP: {
            "found": True,
            "fields": {
                "taxpayer.status": _ok(
                    "tax",
                    {"code": "00", "name": "Người nộp thuế đã được cấp mã số thuế", "name_en": "Tax code issued"},
                    _AS_OF,
                )
            },
        },
        Call.DOSSIERS_PREFILL: _DOSSIER,
        **openapi_papers.ANSWERS,
        Call.PROCEDURES_LIST: {"procedures": [{**_PROCEDURE, "roles": {"applicant": _APPLICANT}}]},
        Call.PROCEDURES_READ: {
            **_PROCEDURE,
            "roles": {
                "applicant": {
                    **_APPLICANT,
                    "label": "Người yêu cầu",
                    "label_en": "Applicant",
                    "identifiers": ["personal_id", "full_name", "birth_date"],
                }
            },
            "form": _FORM,
            "fields": [
                {"name": "person.full_name", "source": "population", "basis": "Law on Residence 68/2020/QH14 art. 21"}
            ],
        },
        Call.JOBS_READ: {"match": True},
        **openapi_kept.EXAMPLES,
        Call.DEBUG_VERIFY: _examination(base_url, audience),
    }


def _examination(base_url: str, audience: str) -> Json:
    target = f"{base_url}/v1/debug/verify"
    checks: list[Json] = [
        {"number": check.number, "name": check.name, "passed": True, "code": None, "detail": ""} for check in CHECKS
    ]
    mismatch = {"passed": False, "code": "target_mismatch", "detail": f"`htu` must be {target}"}
    return {
        "valid": False,
        "checks": [{**check, **mismatch} if check["name"] == "htu" else check for check in checks],
        "expected": {"htm": "POST", "htu": target, "aud": audience, "digest": None, "clock": AT},
    }
