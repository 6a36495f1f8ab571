"""Searches that are going on: kept here under a random id, so that no address says what somebody looks for.

Rule of this file: memory only, for minutes, a bounded number per person, found by their owner alone. What is kept of a
citizen is keyed tags and a masked number.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gateway.console.model import Wanted
from signing.encoding import base64url

LIFETIME = timedelta(minutes=30)
PER_OWNER = 20
_ID_BYTES = 18


@dataclass(slots=True)
class Search:
    """One search. `below`: where each page that is known begins, from the first; `recorded`: the log entry about it.

    `unseen`: the first page's entries and how many match, recorded already and not shown yet.
    """

    key: str
    owner: str
    wanted: Wanted = field(repr=False)
    typed: Mapping[str, str] = field(repr=False)
    masked: str
    until: datetime
    recorded: int = 0
    below: list[int | None] = field(default_factory=lambda: [None])
    unseen: tuple[tuple[int, ...], int, bool] | None = None


class Searches:
    """Every search of this process. Belongs to the event loop."""

    def __init__(self, *, now: Callable[[], datetime], urandom: Callable[[int], bytes]) -> None:
        self._now, self._urandom = now, urandom
        self._kept: OrderedDict[str, Search] = OrderedDict()

    def add(self, owner: str, wanted: Wanted, typed: Mapping[str, str], masked: str) -> Search:
        """A new search of `owner`; the oldest of theirs goes when there are too many."""
        self._drop_old()
        mine = [key for key, search in self._kept.items() if search.owner == owner]
        for key in mine[: max(0, len(mine) + 1 - PER_OWNER)]:
            del self._kept[key]
        search = Search(base64url(self._urandom(_ID_BYTES)), owner, wanted, typed, masked, self._now() + LIFETIME)
        self._kept[search.key] = search
        return search

    def find(self, key: str, owner: str) -> Search | None:
        """A search of this owner; None when there is none (any more)."""
        self._drop_old()
        search = self._kept.get(key)
        if search is None or search.owner != owner:
            return None
        search.until = self._now() + LIFETIME
        return search

    def _drop_old(self) -> None:
        now = self._now()
        for key in [key for key, search in self._kept.items() if search.until <= now]:
            del self._kept[key]
