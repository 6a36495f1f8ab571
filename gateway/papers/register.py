"""Keeping a document: its particulars in the vault, its content in the store of objects, its signature examined.

A document is known by the portal, its kind, issuing agency, number, content and holder: registering it again changes
its other particulars and makes no second one, and mends a content that was lost or altered. What was revoked or
replaced stays so; of two that would replace the same document, one does.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from gateway import examiner
from gateway.errors import Refused
from gateway.model import IDENTIFIER, Decision, Registration, Subject
from gateway.objects.contract import ObjectUnreadable
from gateway.papers import contents
from gateway.papers import paper as papers
from gateway.papers.paper import Paper, State
from gateway.vault import Item, Space, VaultUnreadable
from gateway.wire.papers import wrong
from gateway.world import Policy, World

_ENDED = "This very document was revoked or replaced; that cannot be undone."
_NOT_REPLACED = "Names no current document of this kind and holder that this portal registered."


@dataclass(frozen=True, slots=True)
class Kept:
    """A document in the register."""

    id: bytes
    paper: Paper


async def register(decision: Decision, asked: Registration, policy: Policy, world: World, *, seconds: float) -> Kept:
    """Keep a document. `seconds`: for its signature.

    Raises `Refused(value_invalid)`, VaultUnavailable, VaultUnreadable, ObjectsUnavailable and ObjectTooLarge.
    """
    holder, agency = decision.ask.subjects[0], decision.caller.agency
    number = holder.identifiers[IDENTIFIER[holder.kind]]
    named = (agency, asked.kind, asked.issuing_agency, asked.number, asked.sha256, holder.kind.value, number)
    identity = world.vault.name(Space.DOCUMENT, *named)
    older = await _replaced(asked, identity, holder, agency=agency, world=world)
    known = _current(await world.vault.get(Space.DOCUMENT, identity))
    signature, stored = await _content(asked, identity, known, policy, world, seconds=seconds)
    broken = known.object if known is not None and stored is not None else None
    wanted = _paper(asked, holder, policy, world, signature=signature, stored=stored)

    def act(before: Item | None) -> Item:
        earlier = _current(before)
        kept = wanted
        if earlier is not None and earlier.object not in (None, broken):
            kept = replace(wanted, object=earlier.object)
        if earlier is not None and earlier.object is not None:
            if kept.signature["outcome"] == examiner.NOT_CHECKED:
                kept = replace(kept, signature=earlier.signature)
            if asked.content is None:
                kept = replace(kept, size=earlier.size)
        created = before.created if before is not None else world.now()
        tags = (world.vault.tag(holder.kind, number), papers.tag(world.vault, holder, asked.kind))
        expires = kept.kept_until + contents.MARGIN  # in between its content is removed: erasure.py
        return Item(Space.DOCUMENT, identity, agency, State.CURRENT, created, expires, papers.dump(kept), tags)

    try:
        item = await world.vault.change(Space.DOCUMENT, identity, act)
    except (Refused, VaultUnreadable):
        await contents.settle(None, (stored,), identity, world)
        raise
    # after VaultUnavailable the row may have been kept, and then it names the content: the sweep finds out
    if item is None:
        raise VaultUnreadable
    kept = papers.load(item)
    # where another call kept the content meanwhile, the row names that one
    await contents.settle(kept.object, (stored, broken), identity, world)
    if older is not None:
        await _replace(older, identity, kept, new=known is None, world=world)
    return Kept(identity, kept)


async def _replace(older: bytes, identity: bytes, kept: Paper, *, new: bool, world: World) -> None:
    """End the older document. Where another one ended it meanwhile, what was registered just now is taken back."""
    by = identity.hex()
    ended = await world.vault.change(Space.DOCUMENT, older, lambda before: _replacing(before, by))
    if ended is not None and papers.load(ended).ended == by:
        return
    if new:
        await world.vault.change(Space.DOCUMENT, identity, lambda _: None)
        await contents.settle(None, (kept.object,), identity, world)
    raise wrong("/replaces", _NOT_REPLACED)


def _current(item: Item | None) -> Paper | None:
    if item is None:
        return None
    if item.state != State.CURRENT:
        raise wrong("", _ENDED)
    return papers.load(item)


async def _content(
    asked: Registration, identity: bytes, known: Paper | None, policy: Policy, world: World, *, seconds: float
) -> tuple[Mapping[str, Any], str | None]:
    """What the signature is worth, and the key of a content kept just now, None where the one kept before is whole."""
    if asked.content is None:
        return examiner.without_content(), None
    trust, at = policy.trust, world.now()
    report = await world.examiner.report(asked.content, asked.media_type, trust=trust, at=at, seconds=seconds)
    if known is not None and known.object is not None and await _whole(known.object, known.sha256, world):
        return report, None
    return report, await contents.keep(asked.content, identity, world)


async def _whole(key: str, sha256: str, world: World) -> bool:
    """Whether a content is still as it was registered. Raises ObjectsUnavailable."""
    try:
        content = await world.objects.get(key)
    except ObjectUnreadable:
        return False
    return content is not None and hashlib.sha256(content).hexdigest() == sha256


def _paper(
    asked: Registration,
    holder: Subject,
    policy: Policy,
    world: World,
    *,
    signature: Mapping[str, Any],
    stored: str | None,
) -> Paper:
    return Paper(
        version=papers.VERSION,
        kind=asked.kind,
        holder_kind=holder.kind,
        holder=dict(holder.identifiers),
        issuing_agency=asked.issuing_agency,
        number=asked.number,
        issued_on=asked.issued_on,
        valid_from=asked.valid_from,
        valid_until=asked.valid_until,
        sha256=asked.sha256,
        media_type=asked.media_type,
        size=asked.size,
        location=asked.location,
        object=stored,
        signature=signature,
        kept_until=papers.kept_until(asked.valid_until, policy.documents.keep, world.now()),
    )


async def _replaced(
    asked: Registration, identity: bytes, holder: Subject, *, agency: str, world: World
) -> bytes | None:
    """The id of the document that this one replaces. Raises `Refused(value_invalid)` where it cannot be replaced."""
    if asked.replaces is None:
        return None
    older = bytes.fromhex(asked.replaces)
    item = await world.vault.get(Space.DOCUMENT, older)
    if item is None or item.agency != agency or older == identity:
        raise wrong("/replaces", _NOT_REPLACED)
    paper = papers.load(item)
    # a repeated registration finds that its first attempt replaced it already
    free = item.state == State.CURRENT or (item.state == State.REPLACED and paper.ended == identity.hex())
    number = IDENTIFIER[holder.kind]
    same = (paper.kind, paper.holder_kind) == (asked.kind, holder.kind)
    if not free or not same or paper.holder[number] != holder.identifiers[number]:
        raise wrong("/replaces", _NOT_REPLACED)
    return older


def _replacing(before: Item | None, by: str) -> Item | None:
    if before is None or before.state != State.CURRENT:
        return before
    content = papers.dump(replace(papers.load(before), ended=by))
    return replace(before, state=State.REPLACED, content=content)
