"""Forgetting documents: all of a subject, and those whose time is over. The content goes before the row that names it.

Rule of this file: broken off, it is repeated; what a row still names is never lost from sight.
"""

from collections.abc import Collection

from gateway.objects.contract import ObjectStore, ObjectsUnavailable
from gateway.papers import contents
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


async def sweep(world: World) -> int:
    """Remove the documents whose time is over, with their contents; how many it was.

    Raises VaultUnavailable, VaultUnreadable and ObjectsUnavailable.
    """
    removed = 0
    while items := await world.vault.ending(Space.DOCUMENT, by=world.now() + contents.MARGIN, limit=AT_ONCE):
        for item in items:
            await _forget(item, world.vault, world.objects)
        removed += len(items)
    return removed


async def tidy(world: World) -> int:
    """Documents, contents that calls left behind, then the vault's own; how many it was. Raises VaultUnavailable.

    What the store of objects cannot do now is put off to the next time, and so is everything after it where what a
    row says is not known.
    """
    removed = 0
    try:
        removed += await sweep(world)
        removed += await contents.sweep(world)
    except (ObjectsUnavailable, VaultUnreadable) as put_off:
        world.observe.put_off("documents_put_off", type(put_off).__name__)
    return removed + await world.vault.sweep()


async def _forget(item: Item, vault: Vault, objects: ObjectStore) -> None:
    key = papers.load(item).object
    if key is not None:
        await objects.delete(key)
    await vault.change(item.space, item.id, lambda _: None)
