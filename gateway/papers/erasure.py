"""Forgetting documents: all of a subject, and those whose time is over. Content goes before the row that names it.

Rule of this file: broken off, it is repeated; what a row still names is never lost from sight.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from gateway.objects.contract import ObjectStore, ObjectsUnavailable
from gateway.papers import paper as papers
from gateway.vault import Item, Space, Vault, VaultUnreadable
from gateway.world import World

AT_ONCE = 64


async def erase(tags: Collection[bytes], *, vault: Vault, objects: ObjectStore) -> int:
    """Remove every document about subjects (tags from `Vault.tag`) with its content; how many it was.

    A row that cannot be opened is removed too; its content stays behind, sealed, under a name that nobody knows.
    Raises VaultUnavailable and ObjectsUnavailable: then it is to be repeated.
    """
    removed = 0
    for tag in sorted(set(tags)):
        try:
            while items := await vault.about(Space.DOCUMENT, tag, limit=AT_ONCE):
                for item in items:
                    await _forget(item, vault, objects)
                removed += len(items)
        except VaultUnreadable:
            pass
        removed += await vault.erase([tag], [Space.DOCUMENT])
    return removed


async def sweep(world: World, keep: timedelta) -> int:
    """Remove the documents whose time is over, with their contents; how many it was.

    `keep`: for how long at least a row is kept, so that younger rows need not be looked at. Raises VaultUnavailable,
    VaultUnreadable and ObjectsUnavailable.
    """
    removed = 0
    before: datetime | None = world.now() - keep
    while before is not None:
        items = await world.vault.listed(Space.DOCUMENT, limit=AT_ONCE, before=before)
        for item in items:
            if papers.load(item).kept_until <= world.now():
                await _forget(item, world.vault, world.objects)
                removed += 1
        before = items[-1].created if len(items) == AT_ONCE else None
    return removed


async def tidy(world: World, keep: timedelta) -> int:
    """`sweep`, then the vault's own; how many rows it was. Raises VaultUnavailable.

    Documents are put off to the next time where the store of objects cannot do it or a row cannot be opened.
    """
    removed = 0
    try:
        removed = await sweep(world, keep)
    except (ObjectsUnavailable, VaultUnreadable) as put_off:
        world.observe.put_off("documents_put_off", type(put_off).__name__)
    return removed + await world.vault.sweep()


async def _forget(item: Item, vault: Vault, objects: ObjectStore) -> None:
    key = papers.load(item).object
    if key is not None:
        await objects.delete(key)
    await vault.change(item.space, item.id, lambda _: None)
