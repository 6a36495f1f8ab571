"""Corrections in the vault: putting one, finding one, listing them, and the one way to change one.

Rule of this file: what cannot be opened any more is not there. States change in one transaction, so two clerks cannot
both decide.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from gateway.corrections import record
from gateway.corrections.record import Correction, Step
from gateway.vault import Item, Space, Vault, VaultUnreadable


async def put(vault: Vault, correction: Correction, *, keep: timedelta) -> None:
    """Keep a new correction for so long. Raises VaultUnavailable."""
    created, subject = correction.steps[0].at, correction.subject
    await vault.put(
        Item(
            space=Space.CORRECTION,
            id=vault.name(Space.CORRECTION, correction.id),
            agency=correction.agency,
            state=correction.state.value,
            created=created,
            expires=created + keep,
            content=record.dump(correction),
            subjects=(vault.tag(subject.kind, subject.id),),
        )
    )


async def find(vault: Vault, wanted: str) -> Correction | None:
    """A correction by its id. Raises VaultUnavailable."""
    try:
        item = await vault.get(Space.CORRECTION, vault.name(Space.CORRECTION, wanted))
    except VaultUnreadable:
        return None
    return _opened(item)


async def listed(
    vault: Vault, *, state: str | None = None, agency: str | None = None, limit: int = 1000
) -> Sequence[Correction]:
    """Corrections, the newest first. Raises VaultUnavailable and VaultUnreadable."""
    found = await vault.listed(Space.CORRECTION, agency=agency, state=state, limit=limit)
    return [correction for correction in map(_opened, found) if correction is not None]


async def step(vault: Vault, wanted: str, taken: Step) -> Correction | None:
    """The correction after a step; None where there is none.

    Raises ValueError for a step that may not follow, and VaultUnavailable.
    """
    changed: list[Correction] = []

    def act(item: Item | None) -> Item | None:
        before = _opened(item)
        if item is None or before is None:
            return item
        after = before.stepped(taken)
        changed.append(after)
        return replace(item, state=after.state.value, content=record.dump(after))

    with suppress(VaultUnreadable):
        await vault.change(Space.CORRECTION, vault.name(Space.CORRECTION, wanted), act)
    return changed[0] if changed else None


async def held(vault: Vault, agency: str) -> int:
    """How many of a portal's are kept. Raises VaultUnavailable."""
    return await vault.held(Space.CORRECTION, agency=agency)


def _opened(item: Item | None) -> Correction | None:
    if item is None:
        return None
    try:
        return record.load(item.content)
    except ValueError:
        return None  # kept by another version
