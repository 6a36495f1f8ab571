"""Looking into the vault for a call's questions, and keeping what was answered. Never in the way of a call.

A row is found by portal, procedure, legal basis, consent, source and all identifiers that were matched together, and by
the dossier where the procedure says so: another portal, another procedure or another birth date never finds it.

A call that would ask what another call of this process is asking waits for that answer first (turns.py).

Rule of this file: what goes wrong with the vault is a word for the operator, and the registry is asked as if nothing
were kept. Its `decided` entry is durable before a call looks here.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence, Set
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TypeVar

from adapters.contract import Answer, Operation, Question, Silence
from config.model import FieldSpec, Procedure
from gateway.freshness import ages, recall, record
from gateway.freshness.recall import Recalled, Used
from gateway.freshness.record import EMPTY, Record
from gateway.freshness.turns import Turns, ended
from gateway.model import IDENTIFIER, Caller, Kind
from gateway.steps.plan import Planned
from gateway.vault import Item, Space, Vault, VaultUnavailable, VaultUnreadable

_T = TypeVar("_T")
PATIENCE_SECONDS = 2.0
"""A store slower than this is passed over."""

_NUMBERS: Mapping[str, Kind] = {name: kind for kind, name in IDENTIFIER.items()}


class Memory:
    """What is kept, for one call. `procedure` None: a call that asks nothing. `observe` takes a source and hit, part,
    miss, stale or failed."""

    def __init__(
        self,
        vault: Vault,
        turns: Turns,
        caller: Caller,
        *,
        procedure: Procedure | None,
        fields: Mapping[str, FieldSpec],
        now: Callable[[], datetime],
        observe: Callable[[str, str], None],
    ) -> None:
        self._vault, self._turns, self._caller, self._now, self._observe = vault, turns, caller, now, observe
        self._limits = ages.limits(procedure, fields) if procedure else {}
        self._own_dossier = bool(procedure and procedure.freshness and procedure.freshness.within == "dossier")

    @asynccontextmanager
    async def recalled(self, planned: Sequence[Planned], *, patience: float) -> AsyncIterator[tuple[Recalled, ...]]:
        """Each question with what is kept about it, to be asked and kept within the block.

        `patience`: seconds to wait for another call that asks the same.
        """
        reusable = {name for name, limit in self._limits.items() if limit.max_age}
        names = {self._id(one.question) for one in planned if self._concerned(one.question, reusable)}
        with self._turns.taken(names) as others:
            found = await self._recall(planned)
            if others:
                rest = {self._id(one.planned.question) for one in found if one.rest}
                await ended([other for name, other in others.items() if name in rest], patience)
                found = await self._recall(planned)
            for one in found:
                if self._concerned(one.planned.question, self._limits.keys()):
                    self._observe(one.planned.question.source, _word(one))
            yield found

    async def _recall(self, planned: Sequence[Planned]) -> tuple[Recalled, ...]:
        kept = self._limits.keys()
        ids = {self._id(one.question): one.question.source for one in planned if self._concerned(one.question, kept)}
        records: Mapping[bytes, Record] = {}
        if ids:
            records = await self._tried(self._records(ids), ids.values()) or {}
        at = self._now()
        return tuple(
            recall.cut(
                one,
                records.get(self._id(one.question), EMPTY) if self._concerned(one.question, kept) else EMPTY,
                self._limits,
                at,
            )
            for one in planned
        )

    def joined(self, recalled: Sequence[Recalled], heard: Sequence[Answer | Silence]) -> tuple[Used, ...]:
        """What was said with what is kept. `heard`: one for each question with a rest, in their order."""
        said, at = iter(heard), self._now()
        used = [recall.joined(one, next(said) if one.rest else None, self._limits, at) for one in recalled]
        for one in used:
            if one.old:
                self._observe(one.planned.question.source, "stale")
        return tuple(used)

    async def keep(self, recalled: Sequence[Recalled], used: Sequence[Used]) -> None:
        """Keep what was answered, and forget what a registry no longer knows."""
        kept = self._limits.keys()
        for one, after in zip(recalled, used, strict=True):
            asked = one.rest.question if one.rest else None
            answer = after.outcome
            if asked is None or not isinstance(answer, Answer) or not self._concerned(one.planned.question, kept):
                continue
            if answer.found or one.record.fields:
                await self._tried(self._kept(asked, answer), (asked.source,))

    async def _kept(self, question: Question, answer: Answer) -> None:
        name = self._id(question)
        now = record.answered(answer, question.fields)

        def act(before: Item | None) -> Item | None:
            if not answer.found:
                return None
            # read again: what was erased while the registry was asked must not come back
            return self._item(question, record.joined(record.load(before.content) if before else EMPTY, now))

        try:
            await self._vault.change(Space.ANSWER, name, act)
        except VaultUnreadable:
            item = act(None)
            if item is not None:
                await self._vault.put(item)

    def _item(self, question: Question, known: Record) -> Item | None:
        at = self._now()
        kept, ends = ages.worth_keeping(known, self._limits, at)
        if not kept.fields:
            return None
        named = [(_NUMBERS[key].value, one) for key, one in question.identifiers.items() if key in _NUMBERS]
        about = dict.fromkeys((*named, *record.people(kept)))
        return Item(
            space=Space.ANSWER,
            id=self._id(question),
            agency=self._caller.agency,
            state="",
            created=at,
            expires=ends,
            content=record.dump(kept),
            subjects=tuple(self._vault.tag(kind, number) for kind, number in about),
        )

    async def _records(self, ids: Mapping[bytes, str]) -> Mapping[bytes, Record]:
        try:
            items = list(await self._vault.some(Space.ANSWER, ids))
        except VaultUnreadable:
            items = [item for name in ids if (item := await self._readable(name)) is not None]
        return {item.id: record.load(item.content) for item in items}

    async def _readable(self, name: bytes) -> Item | None:
        try:
            return await self._vault.get(Space.ANSWER, name)
        except VaultUnreadable:
            return None

    async def _tried(self, doing: Awaitable[_T], sources: Collection[str]) -> _T | None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                return await doing
        except (VaultUnavailable, TimeoutError):
            for source in sorted(set(sources)):
                self._observe(source, "failed")
            return None

    def _concerned(self, question: Question, fields: Set[str]) -> bool:
        return question.operation is Operation.LOOKUP and bool(question.fields & fields)

    def _id(self, question: Question) -> bytes:
        purpose = self._caller.purpose
        named = [part for pair in sorted(question.identifiers.items()) for part in pair]
        dossier = purpose.dossier if self._own_dossier else ""
        return self._vault.name(
            Space.ANSWER,
            self._caller.agency,
            purpose.procedure,
            purpose.basis,
            purpose.consent or "",
            dossier,
            question.source,
            *named,
        )


def _word(recalled: Recalled) -> str:
    if recalled.rest is None:
        return "hit"
    return "part" if recalled.fresh else "miss"
