"""JSON Schemas of the answers (contract sections 4, 6 and 7) and of the open documents.

Rule of this file: what `gateway.wire` prints. The bodies of the calls are not here: they come from the models that
parse them.
"""

from collections.abc import Mapping

from gateway.api import openapi_papers, openapi_profiles
from gateway.api.openapi_values import Schema, field_object, listing, ref, shape
from gateway.errors import Code

_TEXT: Schema = {"type": "string"}
_TIME: Schema = {"type": "string", "format": "date-time"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_TRUTH: Schema = {"type": "boolean"}
_ANYTHING: Schema = {}
_WORDS: Schema = {"type": "array", "items": {"type": "string"}}
_KIND: Schema = {"type": "string", "enum": ["person", "enterprise", "taxpayer"]}
_ORIGIN: Mapping[str, Schema] = {
    "from": {
        "type": ["string", "null"],
        "description": "the field the value came from; null for what was declared",
    },
    "role": {"type": "string", "description": "the subject whose field it is; absent for what was declared"},
    "part": {"type": "string", "description": "the member of the field's value that was taken; absent for the whole"},
    "by": {
        "type": "array",
        "items": {"type": "string", "enum": ["join", "expression", "codes", "format"]},
        "description": "what was done to the value, in this order; absent where it is as the registry said it",
    },
    "also_from": {
        "type": "array",
        "items": {"type": "string"},
        "description": "the other fields that went into the value, or that decided whether it belongs here",
    },
}


def _reading(subject: str) -> Schema:
    return shape(
        {
            "found": {
                **_TRUTH,
                "description": "false: the registry knows no such subject. That is an answer, not an error.",
            },
            "fields": {**ref(f"{subject}Fields"), "description": "empty when not found"},
            "doubts": {**_WORDS, "description": "codes of what contradicts itself in the record or the question"},
        },
        ("found", "fields"),
    )


def _map(values: Schema, **more: str) -> Schema:
    return {"type": "object", "additionalProperties": values, **more}


_DOSSIER = shape(
    {
        "procedure": _TEXT,
        "dossier": {**_TEXT, "description": "as in the purpose of the token"},
        "form": _map(ref("FormField"), description="form field -> value with its source"),
        "missing": listing("MissingField"),
        "conflicts": listing("Conflict"),
        "documents": {
            "type": "array",
            "items": ref("DocumentOffer"),
            "description": "digitised documents that can be attached: fetch one with POST /v1/documents/fetch",
        },
        "reuse": shape(
            {
                "fields_total": _COUNT,
                "fields_filled": {**_COUNT, "description": "filled from a registry; what was declared does not count"},
                "rate": {"type": "number", "minimum": 0, "maximum": 1},
                "by_source": _map(_COUNT),
            },
            ("fields_total", "fields_filled", "rate", "by_source"),
        ),
        "sources": _map(ref("SourceOutcome"), description="source -> what became of it"),
        "reached": _map(
            shape(
                {"from": _TEXT, "via": _TEXT, "depth": {**_COUNT, "minimum": 1}},
                ("from", "via", "depth"),
            ),
            description="role the portal did not name -> the role and field whose record led to its subject",
        ),
        "doubts": _map(
            _WORDS,
            description="role -> codes of what contradicts itself, makes the subject unfit, or could not be turned "
            "into what the form asks: code_untranslated, expression_failed, format_impossible",
        ),
        "notices": {**listing("Notice"), "description": "each doubt as a sentence, for people"},
        "national_portal": {**ref("NationalPortal"), "description": "only with `profile`: the same in its shape"},
    },
    ("procedure", "dossier", "form", "missing", "conflicts", "documents", "reuse", "sources"),
)
_ROLE = shape({"kind": _KIND, "required": _TRUTH}, ("kind", "required"))
_VIA = {
    **shape(
        {
            "role": _TEXT,
            "field": _TEXT,
            "depth": {**_COUNT, "minimum": 1},
            "birth_date": {**_TEXT, "description": "form field whose declared value completes the question"},
            "reason": _TEXT,
            "reason_en": _TEXT,
            "basis": _TEXT,
        },
        ("role", "field", "depth", "reason", "reason_en", "basis"),
    ),
    "description": "how the role is reached when it is not named in `subjects`",
}
_PROCEDURE = shape(
    {
        "code": _TEXT,
        "name": _TEXT,
        "name_en": _TEXT,
        "roles": _map(
            shape(
                {
                    "kind": _KIND,
                    "required": _TRUTH,
                    "label": _TEXT,
                    "label_en": _TEXT,
                    "identifiers": _WORDS,
                    "via": _VIA,
                },
                ("kind", "required", "label", "label_en", "identifiers"),
            ),
            description="role -> which identifiers name its subject",
        ),
        "form": {
            "type": "object",
            "required": ["$schema", "type", "properties", "required", "additionalProperties"],
            "description": "JSON Schema 2020-12 of the form. Of each field: `title` and `x-title-en`, `x-origins` "
            "(role, field, part where it is not the whole field, source; where something is done to the value join, "
            "separator, expression, codes, format, when, and `in_words`; the preferred first) and `x-withheld` "
            "(true: the grant names none of its origins).",
        },
        "fields": {
            "type": "array",
            "items": shape({"name": _TEXT, "source": _TEXT, "basis": _TEXT}, ("name", "source", "basis")),
            "description": "the granted fields, each with its legal basis",
        },
        "documents": {
            "type": "array",
            "items": ref("DocumentSlot"),
            "description": "the digitised documents the procedure accepts; not there where it accepts none",
        },
        "note": _TEXT,
    },
    ("code", "name", "name_en", "roles", "form", "fields"),
)
_PROBLEM: Schema = {
    "type": "object",
    "description": "RFC 9457. Never holds personal data.",
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "the page that explains the code"},
        "title": _TEXT,
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "code": {"type": "string", "enum": [code.value for code in Code]},
        "fault": {"type": "string", "enum": ["caller", "source", "gateway"]},
        "detail": {"type": "string", "description": "what to do"},
        "instance": {"type": "string", "format": "uri", "description": "name of this answer; tell it to the operator"},
        "errors": listing("InputError"),
    },
    "required": ["type", "title", "status", "code", "fault", "detail", "instance"],
}

SCHEMAS: Mapping[str, Schema] = {
    "Match": shape(
        {"match": {**_TRUTH, "description": "true: number, name and birth date belong together"}}, ("match",)
    ),
    "PersonReading": _reading("Person"),
    "EnterpriseReading": _reading("Enterprise"),
    "TaxpayerReading": _reading("Taxpayer"),
    "FormField": field_object(_ANYTHING, _ORIGIN, ("from",)),
    "MissingField": shape(
        {
            "field": _TEXT,
            "reason": {
                "type": "string",
                "enum": [
                    "unavailable",
                    "not_found",
                    "withheld",
                    "role_absent",
                    "not_applicable",
                    "not_held",
                    "not_reachable",
                    "ambiguous",
                ],
                "description": "not_held: no registry has it, only the citizen can say it; not_applicable: the "
                "procedure asks it under a condition that does not hold",
            },
            "source": _TEXT,
        },
        ("field", "reason"),
    ),
    "Conflict": shape(
        {
            "field": _TEXT,
            "between": {"type": "string", "enum": ["sources", "declared"]},
            "kind": {
                "type": "string",
                "enum": ["spelling", "date", "value"],
                "description": "how they differ; spelling: a letter or two apart, a hint and no judgement",
            },
            "values": {
                "type": "array",
                "minItems": 2,
                "items": shape({"source": _TEXT, **_ORIGIN, "value": _ANYTHING, "as_of": _TIME}, ("source", "value")),
                "description": "the first is the one in the form",
            },
            "preferred": {**_COUNT, "description": "which of the values is the one in the form"},
            "because": shape(
                {
                    "code": {"type": "string", "enum": ["registry_over_declaration", "named_first", "procedure"]},
                    "vi": _TEXT,
                    "en": _TEXT,
                },
                ("code", "vi", "en"),
                description="why; procedure: the form's own reason",
            ),
        },
        ("field", "between", "values"),
    ),
    "Notice": shape(
        {
            "role": _TEXT,
            "code": {**_TEXT, "description": "as in `doubts`"},
            "vi": _TEXT,
            "en": _TEXT,
            "source": {**_TEXT, "description": "of what the doubt is about"},
            "as_of": _TIME,
        },
        ("role", "code", "vi", "en"),
    ),
    "SourceOutcome": shape(
        {
            "outcome": {
                "type": "string",
                "enum": ["answered", "kept", "not_found", "refused", "garbled", "unavailable", "timed_out"],
                "description": "kept: an earlier answer was used again and the source was not asked",
            },
            "at": _TIME,
        },
        ("outcome", "at"),
    ),
    "Dossier": _DOSSIER,
    "NationalPortal": openapi_profiles.NATIONAL_PORTAL,
    **openapi_papers.SCHEMAS,
    "Procedures": shape(
        {
            "procedures": {
                "type": "array",
                "items": shape(
                    {"code": _TEXT, "name": _TEXT, "name_en": _TEXT, "roles": _map(_ROLE)},
                    ("code", "name", "name_en", "roles"),
                ),
            }
        },
        ("procedures",),
    ),
    "Procedure": _PROCEDURE,
    "Pending": shape(
        {"job": {"type": "string", "format": "uuid"}, "status": {"const": "pending"}},
        ("job", "status"),
        description="The answer is being found. Fetch it from `Location`, not before `Retry-After` seconds are over.",
    ),
    "Deferred": {
        "description": "The answer of the call that was deferred",
        "anyOf": [ref(name) for name in ("Match", "PersonReading", "EnterpriseReading", "TaxpayerReading", "Dossier")],
    },
    "Examination": shape(
        {
            "valid": {**_TRUTH, "description": "every check passed and the token was not used before"},
            "checks": {
                "type": "array",
                "items": shape(
                    {
                        "number": {"type": "integer", "minimum": 1},
                        "name": _TEXT,
                        "passed": {"type": ["boolean", "null"], "description": "null: could not be checked"},
                        "code": {"type": ["string", "null"]},
                        "detail": _TEXT,
                    },
                    ("number", "name", "passed", "code", "detail"),
                ),
            },
            "expected": shape(
                {
                    "htm": _TEXT,
                    "htu": _TEXT,
                    "aud": _TEXT,
                    "digest": {"type": ["string", "null"]},
                    "clock": {**_TIME, "description": "the gateway's clock"},
                },
                ("htm", "htu", "aud", "digest", "clock"),
            ),
        },
        ("valid", "checks", "expected"),
    ),
    "InputError": shape(
        {
            "pointer": {"type": "string", "format": "json-pointer", "description": "RFC 6901; empty: the whole body"},
            "code": {"type": "string", "enum": [code.value for code in Code]},
            "detail": _TEXT,
        },
        ("pointer", "code", "detail"),
    ),
    "Problem": _PROBLEM,
    "KeySet": {
        "type": "object",
        "description": "JWK Set (RFC 7517): the public keys the gateway signs answers with",
        "properties": {
            "keys": {"type": "array", "items": {"type": "object", "required": ["kty", "kid", "alg", "use"]}}
        },
        "required": ["keys"],
    },
    "Metadata": {
        "type": "object",
        "properties": {
            **{
                name: {"type": "string", "format": "uri"}
                for name in ("jwks_uri", "base_url", "openapi", "docs", "problems")
            },
            "issuer": {"type": "string", "description": "what you write into aud, and iss of every answer"},
            "log": {
                "type": "object",
                "properties": {
                    "origin": _TEXT,
                    "public_key": {"type": "string", "description": "verifier key of the notes"},
                    "checkpoint": {"type": "string", "format": "uri", "description": "the newest checkpoint"},
                    "tile": {"type": "string", "format": "uri-template", "description": "hash tiles"},
                    "proof": {"type": "string", "format": "uri-template", "description": "inclusion proofs"},
                },
                "required": ["origin", "public_key", "checkpoint", "tile", "proof"],
            },
            "algorithms": _WORDS,
            "token": {
                "type": "object",
                "properties": {"typ": _TEXT, "max_lifetime": _COUNT, "clock_tolerance": _COUNT},
                "required": ["typ", "max_lifetime", "clock_tolerance"],
            },
        },
        "required": ["issuer", "jwks_uri", "base_url", "openapi", "docs", "problems", "log", "algorithms", "token"],
    },
}
