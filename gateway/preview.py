"""The officer's view of a dossier: what was disclosed, once more, as a page (docs/preview.md, ADR 28).

    keep    the answer of a pre-fill, sealed, once its `disclosed` entry is durable, for as long as the operator says
    shown   `GET /v1/dossiers/{dossier}/preview`: only that portal, procedure and dossier; only what is still granted

No registry is asked. Showing it is a disclosure of its own, with an entry of its own before the page leaves.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import TypeAdapter, ValidationError

from config.model import Portal
from gateway.audit.events import SubjectRef
from gateway.audit.log import Receipt
from gateway.course import Course
from gateway.errors import Code, refused
from gateway.model import Call, Caller
from gateway.steps import authorise, seal
from gateway.vault import Item, Space, VaultUnavailable, VaultUnreadable
from gateway.view.page import Answered, page

HTML = "text/html; charset=utf-8"
_NOTHING = (
    "Nothing is kept of this dossier of this portal and procedure, or its time is over: call dossiers/prefill for it, "
    "then ask for the preview."
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A pre-fill as it was disclosed. `entry`, `decided`: indices of its log entries; the rest as they name it."""

    body: str = field(repr=False)
    at: datetime
    entry: int
    decided: int | None
    fields: tuple[str, ...]
    subjects: tuple[SubjectRef, ...] = field(repr=False)


_FORM = TypeAdapter(Kept)


async def keep(course: Course, caller: Caller, body: bytes, *, fields: tuple[str, ...], receipt: Receipt) -> None:
    """Keep a disclosed pre-fill, in the place of an earlier one of its dossier, where the portal may see it again.

    A vault that cannot take it costs the preview, never the pre-fill.
    """
    keep_for, world = course.policy.preview_keep, course.world
    if not keep_for or Call.DOSSIERS_PREVIEW.value not in course.policy.portals[caller.agency].operations:
        return
    at = world.now()
    decided = course.decided.index if course.decided else course.earlier
    kept = Kept(body.decode(), at, receipt.index, decided, fields, course.subjects)
    item = Item(
        space=Space.PREVIEW,
        id=_name(course, caller),
        agency=caller.agency,
        state="",
        created=at,
        expires=at + keep_for,
        content=_FORM.dump_json(kept),
        subjects=tuple({world.vault.tag(s.kind, s.id) for s in course.subjects}),
    )
    try:
        await world.vault.put(item)
    except VaultUnavailable as error:
        world.observe.defect(error, course.arrived.instance)


async def shown(course: Course, caller: Caller, portal: Portal) -> seal.Sealed:
    """The page. Raises `Refused`: 403 codes, not_found, log_unavailable; and Replayed and LogUnavailable."""
    policy = course.policy
    authorise.still(caller, Call.DOSSIERS_PREVIEW, (), portal=portal, procedures=policy.procedures)
    kept = await _kept(course, caller)
    authorise.still(caller, Call.DOSSIERS_PREVIEW, kept.fields, portal=portal, procedures=policy.procedures)
    course.subjects, course.fields, course.earlier = kept.subjects, kept.fields, kept.decided
    answered = Answered(
        document=json.loads(kept.body),
        at=kept.at,
        entry=kept.entry,
        portal=portal.name,
        agency=portal.agency,
        gateway=policy.base_url,
        log=policy.log_origin,
    )
    labels = {name: spec.label for name, spec in policy.fields.items()}
    body, headers = course.world.render(page(answered, policy.procedures[caller.purpose.procedure], labels))
    receipt = await course.disclose(caller, body, document={}, fields=kept.fields)
    return course.seal(body, receipt, kind=HTML, headers=headers)


async def _kept(course: Course, caller: Caller) -> Kept:
    if course.arrived.dossier != caller.purpose.dossier:
        raise refused(Code.NOT_FOUND, "The dossier of the address is not the one in the token's purpose.")
    try:
        item = await course.world.vault.get(Space.PREVIEW, _name(course, caller))
    except VaultUnavailable:
        raise refused(Code.LOG_UNAVAILABLE) from None
    except VaultUnreadable:
        item = None  # sealed under a key that is gone
    try:
        return _FORM.validate_json(item.content) if item else _absent()
    except ValidationError:
        return _absent()  # kept by another version


def _absent() -> Kept:
    raise refused(Code.NOT_FOUND, _NOTHING)


def _name(course: Course, caller: Caller) -> bytes:
    purpose = caller.purpose
    return course.world.vault.name(Space.PREVIEW, caller.agency, purpose.procedure, purpose.dossier)
