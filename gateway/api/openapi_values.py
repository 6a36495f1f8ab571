"""JSON Schemas of the values and of the field object (contract section 5).

Rule of this file: a schema here says what `gateway.steps.normalise` and `gateway.wire.answers` print, no more and no
less. Members that are not known are left out there, never null.
"""

from collections.abc import Mapping
from typing import Any

from config.model import FieldSpec
from gateway.model import Status

Schema = dict[str, Any]

WITH_VALUE = (Status.OK.value, Status.STALE.value, Status.CONFLICT.value)
_DATE = r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$"
_DECIMAL = r"^-?[0-9]+(\.[0-9]+)?$"


def ref(name: str) -> Schema:
    """A reference to a component schema."""
    return {"$ref": f"#/components/schemas/{name}"}


def shape(properties: Mapping[str, Schema], required: tuple[str, ...] = (), **more: Any) -> Schema:
    """A closed object."""
    listed = {"required": list(required)} if required else {}
    return {"type": "object", "properties": dict(properties), **listed, "additionalProperties": False, **more}


def listing(name: str) -> Schema:
    """An array of a component."""
    return {"type": "array", "items": ref(name)}


def field_object(value: Schema, extra: Mapping[str, Schema] | None = None, required: tuple[str, ...] = ()) -> Schema:
    """A field object around a value. `value` is there exactly with the statuses ok, stale and conflict."""
    return shape(
        {
            "value": value,
            "status": ref("FieldStatus"),
            "source": {
                "type": "string",
                "description": "the database that holds the field",
                "examples": ["population"],
            },
            "as_of": {
                "type": "string",
                "format": "date-time",
                "description": "how fresh the registry says its data is",
            },
            "retrieved_at": {"type": "string", "format": "date-time", "description": "when the registry answered"},
            "age_seconds": {
                "type": "integer",
                "minimum": 0,
                "description": "how old a kept value is that stands in for a source that is down",
            },
            **(extra or {}),
        },
        ("status", "source", *required),
        **{
            "if": {"properties": {"status": {"enum": list(WITH_VALUE)}}},
            "then": {"required": ["value"]},
            "else": {"properties": {"value": False}},
        },
    )


_TEXT: Schema = {"type": "string", "minLength": 1}
_CODED: Schema = {"anyOf": [{"required": ["code"]}, {"required": ["name"]}]}
_VALUES: Mapping[str, Schema] = {
    "Text": {**_TEXT, "description": "Plain text"},
    "Identifier": {**_TEXT, "description": "A number as the registry holds it"},
    "Date": {
        "type": "string",
        "pattern": _DATE,
        "description": "ISO 8601, as precise as the registry knows it: 1992, 1992-11 or 1992-11-22",
    },
    "Name": shape(
        {
            "full": {**_TEXT, "description": "family, middle and given name, in this order"},
            "family": _TEXT,
            "middle": _TEXT,
            "given": _TEXT,
        },
        ("full",),
        description="A personal name. The parts are there only where the registry keeps them apart.",
    ),
    "CodedValue": shape(
        {"code": _TEXT, "name": {**_TEXT, "description": "in Vietnamese"}, "name_en": _TEXT},
        **_CODED,
        description="A code and its name. A code the list does not know comes without a name in English.",
    ),
    "Unit": shape(
        {"code": {**_TEXT, "description": "code of the statistics office: 2, 3 or 5 digits"}, "name": _TEXT},
        **_CODED,
        description="An administrative unit",
    ),
    "Address": shape(
        {
            "text": {**_TEXT, "description": "the whole address in one line, where the registry has it so"},
            "province": ref("Unit"),
            "district": ref("Unit"),
            "commune": ref("Unit"),
            "detail": {**_TEXT, "description": "house, street, hamlet"},
            "country": {**_TEXT, "description": "ISO 3166-1 alpha-2, VN where the registry says nothing"},
            "scheme": {
                **_TEXT,
                "description": "since when the division of the country counts in which the units are written: "
                "2025-07-01 (34 provinces, no districts) or the one before; absent where it cannot be told, and abroad",
            },
            "current": shape(
                {
                    "province": ref("Unit"),
                    "commune": ref("Unit"),
                    "scheme": _TEXT,
                    "conversion": {
                        "enum": ["exact", "split", "unknown"],
                        "description": "exact: all of the former commune went into this one; split: it was divided, "
                        "and the candidates hold a part of it each; unknown: only the province is certain",
                    },
                    "candidates": {"type": "array", "items": ref("Unit")},
                },
                ("province", "scheme", "conversion"),
                description="the unit of today, beside an address from before July 2025",
            ),
        },
        ("country",),
    ),
    "Person": shape(
        {
            "name": ref("Name"),
            "personal_id": ref("Identifier"),
            "old_id": ref("Identifier"),
            "birth_date": ref("Date"),
            "sex": ref("CodedValue"),
            "nationality": ref("CodedValue"),
            "relation": ref("CodedValue"),
        },
        anyOf=[{"required": [name]} for name in ("name", "personal_id", "old_id")],
        description="Another person a record points at",
    ),
    "Money": shape(
        {
            "amount": {"type": "string", "pattern": _DECIMAL, "description": "decimal digits, never an exponent"},
            "currency": {"type": "string", "pattern": "^[A-Z]{3}$", "description": "ISO 4217"},
        },
        ("amount", "currency"),
    ),
    "Activity": shape(
        {"code": {**_TEXT, "description": "of the national industry list"}, "name": _TEXT, "main": {"type": "boolean"}},
        ("main",),
        **_CODED,
        description="A line of business",
    ),
    "Member": shape(
        {
            "name": _TEXT,
            "amount": ref("Money"),
            "ratio": {"type": "string", "pattern": _DECIMAL, "description": "percent"},
            "country": ref("CodedValue"),
        },
        description="A contributing member",
    ),
    "Obligation": shape(
        {
            "tax": shape({"code": _TEXT, "name": _TEXT}),
            "period": {**_TEXT, "examples": ["2026-Q1", "2025"]},
            "due": ref("Money"),
            "due_on": ref("Date"),
        },
        ("due",),
        description="Tax still owed",
    ),
    "FieldStatus": {
        "type": "string",
        "enum": [status.value for status in Status],
        "description": "ok; stale (older than its limit, served because the source is down); not_found; unavailable "
        "(the source did not answer); conflict (statements disagree); withheld (not granted to the procedure)",
    },
}

# Kind of a field, as config/fields.toml names it -> schema of its value.
KINDS: Mapping[str, Schema] = {
    "text": ref("Text"),
    "identifier": ref("Identifier"),
    "date": ref("Date"),
    "name": ref("Name"),
    "code": ref("CodedValue"),
    "address": ref("Address"),
    "person": ref("Person"),
    "money": ref("Money"),
    "persons": listing("Person"),
    "activities": listing("Activity"),
    "members": listing("Member"),
    "obligations": listing("Obligation"),
}


def schemas(fields: Mapping[str, FieldSpec]) -> dict[str, Schema]:
    """The values, one field object per kind, and the fields of each subject. Without `fields`: of any name and kind."""
    return {
        **_VALUES,
        **{_field_name(kind): field_object(value) for kind, value in KINDS.items()},
        "AnyField": field_object({"description": "by the kind of the field"}),
        **{
            f"{subject.capitalize()}Fields": _fields(subject, fields)
            for subject in ("person", "enterprise", "taxpayer")
        },
    }


def _field_name(kind: str) -> str:
    return f"{kind.capitalize()}Field"


def _fields(subject: str, fields: Mapping[str, FieldSpec]) -> Schema:
    named = {name: spec for name, spec in fields.items() if name.startswith(f"{subject}.")}
    if not named:
        return {
            "type": "object",
            "patternProperties": {rf"^{subject}\.[a-z_]+$": ref("AnyField")},
            "additionalProperties": False,
        }
    return shape({name: _field(spec) for name, spec in named.items()})


def _field(spec: FieldSpec) -> Schema:
    marks = {"x-sensitive": True} if spec.sensitive else {}
    return {
        **ref(_field_name(spec.kind)),
        "title": spec.label.en,
        "x-title-vi": spec.label.vi,
        "x-source": spec.source,
        **marks,
    }
