"""The entries of calls, as the pipeline would leave them: what was decided, then what left or why nothing did.

Rule of this file: the same part of the same log is about the same people and dossiers, whichever process makes it.
Tokens, digests and commitments are random text of the usual length: they are stored, never checked here.
"""

import base64
import random
from bisect import bisect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Final

from gateway.audit.entry import CONSOLE, FAMILY_BYTES, microseconds
from gateway.audit.epoch import NO_TAG, Epoch
from gateway.audit.events import EntryKind
from gateway.audit.ring import KeyRing
from gateway.text import fold
from tests.bench_log import prototypes
from tests.bench_log.country import AUDITORS, Country, officer, personal_id, skewed, surname
from tests.bench_log.prototypes import ACTIONS, EARLY, ENTERPRISE, FIELDS, LATE, OPERATIONS, PREFILL
from tests.bench_log.shapes import Flat, Form, Shaped, forms

_LARGE, _INSPECTED, _EARLY_PART, _LATE_PART = 0.001, 0.01, 0.05, 0.10
_LARGE_CALLS: Final = 20_000
"""Calls in whose time one dossier is everybody's."""
_LATER: Final = 50
"""By how many dossiers a second call comes after the first."""
_TOKEN, _DIGEST, _POOL = 360, 43, 1 << 16
_LATEST_US: Final = 900_000
_PEOPLE: Final = 3


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `about`: numbers of people or firms; `texts`: what is filled into its forms."""

    at_us: int
    portal: str
    officer: str
    operation: int
    about: tuple[int, ...]
    texts: dict[bytes, bytes] = field(repr=False)


class Desk:
    """Makes entries from the keys of a ring, which holds every month of the log. Belongs to one process."""

    def __init__(self, country: Country, ring: KeyRing) -> None:
        self._country = country
        months: dict[str, dict[str, Epoch]] = {}
        for epoch in ring.all():
            months.setdefault(epoch.period, {})[epoch.seals] = epoch
        self._starts = [microseconds(datetime.fromisoformat(f"{month}-01T00:00:00+00:00")) for month in months]
        self._months = list(months.values())
        epochs = {epoch.kid: epoch for month in self._months for epoch in month.values()}
        some = next(iter(epochs.values()))

        @cache
        def made(make: Callable[..., Shaped], *shape: object) -> tuple[Form, ...]:
            return forms(make(*shape), some)

        @cache
        def actor(kid: bytes, agency: str, name: str) -> bytes:
            return epochs[kid].actor_tag(agency, name)

        @cache
        def family(kid: bytes, name: str) -> bytes:
            return epochs[kid].tag("family", fold(name))[:FAMILY_BYTES].hex().encode()

        self._forms, self._actor, self._family = made, actor, family

    def entries(self, first: int, count: int, *, seed: int) -> Iterator[Flat]:
        """The entries of the calls `first` to `first + count - 1`, nearly in the order of their times."""
        chance = random.Random(f"{seed}/{first}")
        pool = base64.urlsafe_b64encode(chance.randbytes(_POOL))
        for number in range(first, first + count):
            call = self._call(number, chance.random, pool)
            yield from self._course(call, chance.random)
            if chance.random() < _INSPECTED:
                yield self._inspection(call.at_us, chance.random)

    def _call(self, number: int, draw: Callable[[], float], pool: bytes) -> Call:
        country = self._country
        # two calls a dossier; the second some time after the first; now and then a dossier that everybody works on
        large = draw() < _LARGE
        dossier = number // _LARGE_CALLS if large else max(0, number // 2 - int(_LATER * draw() / (1.001 - draw())))
        portal, procedure, code = country.dossier(dossier)
        name = officer(portal, skewed(draw(), country.officers))
        operation = skewed(draw(), len(OPERATIONS))
        people = 1 + int(_PEOPLE * draw()) if operation == PREFILL else 1

        def cut(length: int) -> bytes:
            at = int(draw() * (_POOL - length))
            return pool[at : at + length]

        texts = {
            b"req": cut(_DIGEST),
            b"portal": portal.encode(),
            b"officer": name.encode(),
            b"key": portal.lower().encode() + b"-key-1",
            b"procedure": procedure.encode(),
            b"dossier": code.encode(),
            b"token": cut(_TOKEN),
            b"digest": cut(_DIGEST),
            **{b"commitment%d" % n: cut(_DIGEST) for n in range(len(FIELDS))},
        }
        at_us = country.at_us((number + draw()) / country.calls)
        about = tuple(skewed(draw(), country.people) for _ in range(people))
        return Call(at_us, portal, name, operation, about, texts)

    def _course(self, call: Call, draw: Callable[[], float]) -> Iterator[Flat]:
        shape = (call.operation, len(call.about))
        luck = draw()
        if luck < _EARLY_PART:
            yield from self._event(call, call.at_us, self._forms(prototypes.early, *shape, int(draw() * len(EARLY))))
            return
        fields = 1 + skewed(draw(), len(FIELDS))
        yield from self._event(call, call.at_us, self._forms(prototypes.decided, *shape, fields))
        later = call.at_us + int(draw() * _LATEST_US)
        if luck < _LATE_PART:
            failed = skewed(draw(), len(LATE))
            yield from self._event(call, later, self._forms(prototypes.late, *shape, fields, failed))
            return
        yield from self._event(call, later, self._forms(prototypes.disclosed, *shape, fields))

    def _event(self, call: Call, at_us: int, shaped: tuple[Form, ...]) -> Iterator[Flat]:
        epoch = self._epoch(shaped[0].kind, at_us)
        actor = self._actor(epoch.kid, call.portal, call.officer)
        for one, form in zip(call.about, shaped, strict=True):
            if call.operation == ENTERPRISE:
                subject = epoch.subject_tag(f"{one:010d}")
            else:
                subject = epoch.subject_tag(personal_id(one))
                call.texts[b"family"] = self._family(epoch.kid, surname(one))
            yield form.filled(call.texts, epoch, at_us=at_us, subject=subject, actor=actor)

    def _inspection(self, at_us: int, draw: Callable[[], float]) -> Flat:
        auditor = AUDITORS[skewed(draw(), len(AUDITORS))]
        scope = (f"H{auditor[-2:]}",) if auditor.startswith("thanh-tra") else ()
        (form,) = self._forms(prototypes.inspected, skewed(draw(), len(ACTIONS)), scope)
        epoch = self._epoch(EntryKind.INSPECTED, at_us)
        actor = self._actor(epoch.kid, CONSOLE, auditor)
        return form.filled({b"auditor": auditor.encode()}, epoch, at_us=at_us, subject=NO_TAG, actor=actor)

    def _epoch(self, kind: EntryKind, at_us: int) -> Epoch:
        return self._months[bisect(self._starts, at_us) - 1][kind.label]
