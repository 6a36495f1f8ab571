"""What an operator changed between two configurations, for the `changed` entry: portals, keys, grants, sources ...

    objects   settings -> name of every object and a digest of what it says      no credential is part of a digest
    compare   two of these -> what was added, removed, altered

Rule of this file: pure. Names and digests only, never what a file says.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import datetime

from config.model import Settings
from gateway.audit.events import Change, Changed

BY = "configuration"
MOST = 400
"""Changes in one entry: an envelope has 65,535 bytes."""

Objects = Mapping[str, str]
"""`kind/name` -> digest."""


def objects(settings: Settings) -> Objects:
    """Everything that decides who may ask what. A credential shows in no `repr` and so is part of no digest."""
    return dict(_objects(settings))


def compare(before: Objects, after: Objects) -> tuple[Change, ...]:
    """What was added, removed and altered, by kind and name."""
    changes = []
    for place in sorted(before.keys() | after.keys()):
        what, _, name = place.partition("/")
        if place not in before:
            changes.append(Change(what, name, "added"))
        elif place not in after:
            changes.append(Change(what, name, "removed"))
        elif before[place] != after[place]:
            changes.append(Change(what, name, "altered"))
    return tuple(changes)


def changed(changes: tuple[Change, ...], *, before: str | None, after: str, at: datetime) -> Changed:
    """The event. `before` and `after`: digests of the configuration."""
    return Changed(at, BY, changes[:MOST], before, after, max(0, len(changes) - MOST))


def dump(digest: str, known: Objects) -> bytes:
    """What is remembered of a configuration until the next one."""
    return json.dumps({"configuration": digest, "objects": known}, sort_keys=True, indent=1).encode()


def load(written: bytes) -> tuple[str | None, Objects]:
    """What `dump` wrote; nothing known for anything else: everything then counts as added."""
    try:
        said = json.loads(written)
        return str(said["configuration"]), {str(name): str(digest) for name, digest in said["objects"].items()}
    except (ValueError, KeyError, TypeError, AttributeError):
        return None, {}


def _objects(settings: Settings) -> Iterator[tuple[str, str]]:
    for portal in settings.portals.values():
        yield f"portal/{portal.agency}", _digest(replace(portal, keys=()))
        for key in portal.keys:
            yield f"key/{portal.agency}/{key.kid}", _digest(key)
    for procedure in settings.procedures.values():
        yield (
            f"dossier/{procedure.code}",
            _digest(replace(procedure, grant=replace(procedure.grant, fields={}, follows={}, documents={}))),
        )
        yield f"grant/{procedure.code}", _digest(procedure.grant)
    for source in settings.sources.values():
        yield f"source/{source.name}", _digest(source)
    gateway = settings.gateway
    yield "setting/retention", _digest(gateway.retention)
    yield "setting/publish", _digest(gateway.publish)
    yield "setting/documents", _digest(gateway.documents)
    limits = (gateway.deadline, gateway.in_flight, gateway.body_bytes, gateway.jobs, gateway.batch)
    yield "setting/limits", _digest(limits)


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(_plain(value), sort_keys=True).encode()).hexdigest()


def _plain(value: object) -> object:
    """A value as JSON that is the same in every process. What `repr` leaves out, or comparison, is left out."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value) if f.repr and f.compare}
    if isinstance(value, Mapping):
        return {str(name): _plain(member) for name, member in value.items()}
    if isinstance(value, frozenset | set):
        return sorted(json.dumps(_plain(member), sort_keys=True) for member in value)
    if isinstance(value, tuple | list):
        return [_plain(member) for member in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)
