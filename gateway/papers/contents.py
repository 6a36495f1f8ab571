"""Keeping the content of a document, so that none stays behind that no row of the register names.

    keep     a note in the vault, then the content under a new name
    settle   once a row was written: the note goes of the content it names, and every other content goes
    sweep    the same for what a call that was broken off left, when no call can be under way with it any more

Rule of this file: there is a note before there is a content, and as long as it is not known whether a row names it.
"""

import json
from collections.abc import Collection
from contextlib import suppress
from datetime import timedelta

from gateway.objects.contract import ObjectsUnavailable
from gateway.papers import paper as papers
from gateway.vault import Item, Space, VaultUnavailable, VaultUnreadable
from gateway.world import World

UNDER_WAY = timedelta(hours=1)
"""Longer than any call."""

MARGIN = timedelta(days=31)
"""A row ends so long after it is due to be seen to: an outage of the store of objects may last as long."""

_AT_ONCE = 64


async def keep(content: bytes, document: bytes, world: World) -> str:
    """Keep a content for a document that is to be written; its key. Raises VaultUnavailable and ObjectsUnavailable."""
    key = world.urandom(16).hex()
    await world.vault.put(_note(key, document, world))
    await world.objects.put(key, content)
    return key


async def settle(named: str | None, keys: Collection[str | None], document: bytes, world: World) -> None:
    """Of the contents of a call, the row of the document names this one or none. What cannot be removed now is removed
    by the sweep."""
    for key in [key for key in keys if key is not None]:
        if key == named or await _removed(key, document, world):
            with suppress(VaultUnavailable):
                await world.vault.change(Space.CONTENT, world.vault.name(Space.CONTENT, key), lambda _: None)


async def sweep(world: World) -> int:
    """Remove contents that calls left behind; how many it was. Raises VaultUnavailable and ObjectsUnavailable."""
    removed = 0
    while notes := await world.vault.ending(Space.CONTENT, by=world.now() + MARGIN, limit=_AT_ONCE):
        for note in notes:
            said = json.loads(note.content)
            if await _unnamed(said["key"], bytes.fromhex(said["document"]), world):
                await world.objects.delete(said["key"])
                removed += 1
            await world.vault.change(note.space, note.id, lambda _: None)
    return removed


async def _removed(key: str, document: bytes, world: World) -> bool:
    try:
        await world.objects.delete(key)
    except ObjectsUnavailable:
        with suppress(VaultUnavailable):
            await world.vault.put(_note(key, document, world))
        return False
    return True


async def _unnamed(key: str, document: bytes, world: World) -> bool:
    """False as well where the row cannot be opened: what it names is not known."""
    try:
        item = await world.vault.get(Space.DOCUMENT, document)
        return item is None or papers.load(item).object != key
    except VaultUnreadable:
        return False


def _note(key: str, document: bytes, world: World) -> Item:
    at = world.now()
    return Item(
        space=Space.CONTENT,
        id=world.vault.name(Space.CONTENT, key),
        agency="",
        state="",
        created=at,
        expires=at + UNDER_WAY + MARGIN,
        content=json.dumps({"key": key, "document": document.hex()}).encode(),
    )
