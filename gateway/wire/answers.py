"""The bodies of the answers: values of the pipeline printed as the contract's JSON.

Rule of this file: it prints what it is given. Which fields those are was decided long before.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from config import in_words
from config.grants import follow_line
from config.model import DocumentSlot, Origin, Procedure, Role
from gateway.errors import Refusal
from gateway.model import HAS_VALUE, Reading, Value

JSON = "application/json"
PROBLEM = "application/problem+json"


def dump(document: Mapping[str, Any]) -> bytes:
    """UTF-8 JSON without needless spaces, members in the order given."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def instant(at: datetime) -> str:
    """RFC 3339 in UTC, whole seconds: `2026-11-22T02:00:01Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def field(value: Value) -> dict[str, Any]:
    """A field object (contract section 5). `value` only with ok, stale and conflict."""
    shown: dict[str, Any] = {}
    if value.status in HAS_VALUE:
        shown["value"] = value.value
    shown["status"] = value.status.value
    shown["source"] = value.source
    if value.as_of is not None:
        shown["as_of"] = instant(value.as_of)
    if value.retrieved_at is not None:
        shown["retrieved_at"] = instant(value.retrieved_at)
    if value.age_seconds is not None and value.status in HAS_VALUE:
        shown["age_seconds"] = value.age_seconds
    return shown


def match(*, found: bool) -> dict[str, Any]:
    """Answer of `persons/verify`: the match and nothing else about the person."""
    return {"match": found}


def reading(said: Reading, extra_doubts: tuple[str, ...]) -> dict[str, Any]:
    """Answer of a look-up. `doubts` only where something about the record contradicts itself."""
    if not said.found:
        return {"found": False, "fields": {}}
    doubts = list(dict.fromkeys((*said.doubts, *extra_doubts)))
    body = {"found": True, "fields": {name: field(value) for name, value in said.values.items()}}
    return {**body, "doubts": doubts} if doubts else body


def problem(
    refusal: Refusal, *, type_uri: str, title: str, status: int, fault: str, detail: str, instance: str
) -> dict[str, Any]:
    """A problem detail (RFC 9457) with the contract's members."""
    body: dict[str, Any] = {
        "type": type_uri,
        "title": title,
        "status": status,
        "code": refusal.code.value,
        "fault": fault,
        "detail": detail,
        "instance": instance,
    }
    if refusal.flaws:
        body["errors"] = [{"pointer": f.pointer, "code": f.code.value, "detail": f.detail} for f in refusal.flaws]
    return body


def procedure_line(procedure: Procedure) -> dict[str, Any]:
    """One line of `GET /v1/procedures`."""
    return {
        "code": procedure.code,
        "name": procedure.name.vi,
        "name_en": procedure.name.en,
        "roles": {role.name: {"kind": role.kind, "required": role.required} for role in procedure.roles.values()},
    }


def procedure(described: Procedure, sources: Mapping[str, str]) -> dict[str, Any]:
    """`GET /v1/procedures/{code}`: roles, the form as JSON Schema, the granted fields. `sources`: field -> source."""

    def origin(o: Origin) -> dict[str, Any]:
        part = {"part": o.part} if o.part else {}
        shown: dict[str, Any] = {"role": o.role, "field": o.field, **part, "source": sources[o.field]}
        return {**shown, **_changes(o)}

    properties = {
        form_field.name: {
            **form_field.schema,
            "title": form_field.label.vi,
            "x-title-en": form_field.label.en,
            "x-origins": [origin(o) for o in form_field.origins],
            "x-withheld": bool(form_field.origins)
            and all(any(name not in described.grant.fields for _, name in o.reads) for o in form_field.origins),
        }
        for form_field in described.form
    }
    body = {
        **procedure_line(described),
        "roles": {
            role.name: {
                "kind": role.kind,
                "required": role.required,
                "label": role.label.vi,
                "label_en": role.label.en,
                "identifiers": list(_IDENTIFIERS[role.kind]),
                **_via(role, described),
            }
            for role in described.roles.values()
        },
        "form": {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "properties": properties,
            "required": [f.name for f in described.form if f.required],
            "additionalProperties": False,
        },
        "fields": [
            {"name": name, "source": sources[name], "basis": basis} for name, basis in described.grant.fields.items()
        ],
    }
    if described.documents:
        body["documents"] = [_slot(slot) for slot in described.documents]
    return {**body, "note": described.note} if described.note else body


def _via(role: Role, described: Procedure) -> dict[str, Any]:
    """How a role is reached that the portal does not name, where the grant allows it."""
    via = role.via
    basis = described.grant.follows.get(follow_line(via.role, via.field, role.name)) if via else None
    if via is None or basis is None:
        return {}
    declared = {"birth_date": via.birth_date} if via.birth_date else {}
    reason = {"reason": via.reason.vi, "reason_en": via.reason.en, "basis": basis}
    return {"via": {"role": via.role, "field": via.field, "depth": via.depth, **declared, **reason}}


def _changes(o: Origin) -> dict[str, Any]:
    """What is done to the value, and `in_words` of it; nothing where it is taken as it is."""
    change, when = o.change, o.change.when
    said: dict[str, Any] = {}
    if change.expression:
        said["expression"] = change.expression
    if change.join:
        said["join"] = [{k: v for k, v in asdict(piece).items() if v} for piece in change.join]
        said["separator"] = change.separator
    if change.codes:
        said["codes"] = change.codes.name
    if change.format:
        said["format"] = change.format
    if when:
        judged = {"field": when.field, "is": list(when.values)} if when.field else {}
        said["when"] = {"role": when.role, **judged, **({"absent": True} if when.absent else {})}
    if not said:
        return {}
    words = ", ".join(part for part in (in_words.pieces(o), in_words.done(o)) if part)
    return {**said, "in_words": words}


def _slot(slot: DocumentSlot) -> dict[str, Any]:
    """A kind of digitised document that the procedure accepts."""
    shown: dict[str, Any] = {
        "kind": slot.kind,
        "role": slot.role,
        "label": slot.label.vi,
        "label_en": slot.label.en,
        "required": slot.required,
    }
    return {**shown, "max_age_days": slot.max_age.days} if slot.max_age is not None else shown


_IDENTIFIERS: Mapping[str, tuple[str, ...]] = {
    "person": ("personal_id", "full_name", "birth_date"),
    "enterprise": ("enterprise_code",),
    "taxpayer": ("tax_code",),
}
