"""Reviews: a sample of calls is drawn, worked through entry by entry, and marked.

    GET /reviews                     every sample one may see, and the form to draw one
    POST /reviews                    draw: `period`, `from`, `to`, `count`, `how`, `seed`
    GET /reviews/{number}            one sample: how far it is, who marked what
    GET /reviews/{number}/next       `after`, `mine`: to the next entry without a mark (mine: without one of one's own)
    GET /reviews/{number}/{place}    an entry: its sentence, its data, patterns that point at it, marks, the form
    POST /reviews/{number}/{place}   `mark`, `note`

Rule of this file: the numbers of a draw are in the log before anybody sees them, an entry before it is shown, a mark
before it is kept.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.audit.reading import Opened
from gateway.console import sentences
from gateway.console.model import Action, Pattern, Right
from gateway.console.particulars import particulars
from gateway.console.reviews.notes import LONGEST, NoteRefused, digest_of, read_note, without_digits
from gateway.console.reviews.values import MOST, Draw, Item, Mark, Marked, Sample
from gateway.console.signin import forms
from gateway.console.signin.access import require
from gateway.console.web import periods, reach, unusual
from gateway.console.web.bench import Tools
from gateway.console.web.hall import Hall
from gateway.console.web.periods import Period

SHOWN = 50
HOW = ("uniform", "risk")
COUNT = 20

_PATTERNS = 1000
_SEED_BYTES = 6
_LARGEST_SEED = 1 << 62
_NUMBER = re.compile(r"[0-9]{1,18}")


def routes(hall: Hall) -> list[Route]:
    """The routes of this page."""
    pages, may = _Pages(hall), require(Right.REVIEW)
    one = "/reviews/{number:int}"
    return [
        Route("/reviews", may(pages.listed), methods=["GET"]),
        Route("/reviews", may(pages.draw), methods=["POST"]),
        Route(one, may(pages.sample), methods=["GET"]),
        Route(f"{one}/next", may(pages.following), methods=["GET"]),
        Route(one + "/{place:int}", may(pages.item), methods=["GET"]),
        Route(one + "/{place:int}", may(pages.mark), methods=["POST"]),
    ]


@dataclass(frozen=True, slots=True)
class Wish:
    """A draw that is asked for."""

    period: Period
    count: int
    how: str
    seed: int | None


@dataclass(frozen=True, slots=True)
class _Place:
    """An item to be shown: its entry, patterns that point at it, and the entries that say who those are about."""

    sample: Sample
    item: Item
    entry: Opened
    patterns: Sequence[Pattern]
    named: dict[int, Opened] = field(repr=False)


class WishRefused(Exception):  # noqa: N818 - it says what happened
    """A field of the form cannot be read. `key`: of the text that says so."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def read_wish(form: dict[str, str], period: Period) -> Wish:
    """The draw a form asks for. Raises WishRefused."""
    count, seed = form.get("count", "").strip(), form.get("seed", "").strip()
    if not _NUMBER.fullmatch(count) or not 1 <= int(count) <= MOST:
        raise WishRefused("review_bad_count")
    if form.get("how") not in HOW:
        raise WishRefused("bad_value")
    if seed and (not _NUMBER.fullmatch(seed) or int(seed) >= _LARGEST_SEED):
        raise WishRefused("review_bad_seed")
    return Wish(period, int(count), form["how"], int(seed) if seed else None)


def next_place(items: Sequence[Item], after: int, reviewer: str | None) -> int | None:
    """The next place without a mark, of this reviewer or (None) of anybody; from the beginning behind the last."""
    open_places = [
        item.place for item in items if not item.marks or (reviewer is not None and item.newest_of(reviewer) is None)
    ]
    return next((place for place in open_places if place > after), open_places[0] if open_places else None)


class _Pages:
    def __init__(self, hall: Hall) -> None:
        self._hall = hall

    async def listed(self, request: Request) -> Response:
        return await self._list(request)

    async def draw(self, request: Request) -> Response:
        hall, form = self._hall, dict(await forms.fields(request))
        now, account = hall.parts.now(), hall.account(request)
        try:
            period = periods.read(form, now)
            wish = read_wish(form, period)
        except (ValueError, WishRefused) as error:
            key = error.key if isinstance(error, WishRefused) else "bad_period"
            return await self._list(request, key, form)
        seed = int.from_bytes(hall.parts.urandom(_SEED_BYTES)) if wish.seed is None else wish.seed
        drawn = await hall.bench.run(
            lambda tools: tools.index.sample(
                account.scope,
                since=period.since,
                until=period.until,
                count=wish.count,
                seed=seed,
                risk=wish.how == "risk",
            )
        )
        if not drawn:
            return await self._list(request, "review_nothing", form)
        about = {**period.about(), "how": wish.how, "count": str(wish.count), "seed": str(seed)}
        recorded = await hall.inspected(request, Action.SAMPLED, about=about, entries=drawn, found=len(drawn))
        made = Draw(
            by=account.username,
            at=now,
            since=period.since,
            until=period.until,
            how=wish.how,
            asked=wish.count,
            seed=seed,
            portals=account.scope.portals,
            indices=drawn,
            recorded=recorded.index,
        )
        number = await hall.bench.run(lambda _: hall.reviews.add(made))
        return RedirectResponse(f"/reviews/{number}", 303)

    async def sample(self, request: Request) -> Response:
        sample, items = await self._found(request)
        me = self._hall.account(request).username
        return self._hall.page(
            request,
            "reviews/sample.html",
            sample=sample,
            items=items,
            me=me,
            left=next_place(items, 0, None),
            left_for_me=next_place(items, 0, me),
        )

    async def following(self, request: Request) -> Response:
        sample, items = await self._found(request)
        after = request.query_params.get("after", "0")
        mine = request.query_params.get("mine") == "1"
        reviewer = self._hall.account(request).username if mine else None
        place = next_place(items, int(after) if _NUMBER.fullmatch(after) else 0, reviewer)
        address = f"/reviews/{sample.number}"
        return RedirectResponse(address if place is None else f"{address}/{place}{'?mine=1' if mine else ''}", 303)

    async def item(self, request: Request) -> Response:
        return await self._item(request)

    async def mark(self, request: Request) -> Response:
        hall, form = self._hall, dict(await forms.fields(request))
        sample, items = await self._found(request)
        item = _at(items, request)
        try:
            given, note = Mark(form.get("mark", "")), read_note(form.get("note", ""))
        except NoteRefused as error:
            return await self._item(request, error.key, form)
        except ValueError:
            return await self._item(request, "review_no_mark", form)
        shown = await hall.bench.run(
            lambda tools: reach.entry_at(tools.reader, hall.parts.ring, item.index, hall.account(request).scope)
        )
        if shown is None:
            raise HTTPException(404)
        about = {"sample": str(sample.number), "place": str(item.place), "mark": given.value}
        if note:
            about["note"] = digest_of(note)
        recorded = await hall.inspected(request, Action.REVIEWED, about=about, entries=(item.index,))
        marked = Marked(hall.account(request).username, hall.parts.now(), given, note, recorded.index)
        await hall.bench.run(lambda _: hall.reviews.mark(sample.number, item.place, marked))
        mine = "&mine=1" if form.get("mine") == "1" else ""
        return RedirectResponse(f"/reviews/{sample.number}/next?after={item.place}{mine}", 303)

    async def _list(self, request: Request, message: str = "", typed: dict[str, str] | None = None) -> Response:
        hall, form = self._hall, typed or {}
        below = request.query_params.get("below", "")
        start = int(below) if _NUMBER.fullmatch(below) else None
        scope = hall.account(request).scope
        found = await hall.bench.run(lambda _: hall.reviews.samples(scope, below=start, limit=SHOWN + 1))
        try:
            period = periods.read(form, hall.parts.now(), default="30d")
        except ValueError:
            period = periods.read({}, hall.parts.now(), default="30d")
        return hall.page(
            request,
            "reviews/list.html",
            422 if message else 200,
            samples=found[:SHOWN],
            older=f"/reviews?below={found[SHOWN - 1].number}" if len(found) > SHOWN else "",
            newer="/reviews" if start is not None else "",
            period=period,
            most=MOST,
            count=form.get("count", str(COUNT)),
            how=form.get("how", "risk"),
            seed=form.get("seed", ""),
            message=message,
        )

    async def _item(self, request: Request, message: str = "", typed: dict[str, str] | None = None) -> Response:
        hall, form = self._hall, typed or {}
        sample, items = await self._found(request)
        item, words = _at(items, request), hall.words(request)
        place = await hall.bench.run(lambda tools: self._look(request, tools, sample, item))
        if place is None:
            raise HTTPException(404)
        about = {"sample": str(sample.number), "place": str(item.place)}
        shown = tuple(dict.fromkeys((item.index, *place.named)))
        await hall.inspected(request, Action.OPENED, about=about, entries=shown)
        me = hall.account(request).username
        own, note = item.newest_of(me), form.get("note", "")
        return hall.page(
            request,
            "reviews/item.html",
            422 if message else 200,
            sample=sample,
            item=item,
            items=items,
            entry=place.entry,
            sentence=sentences.sentence(place.entry, words),
            rows=particulars(place.entry, words),
            patterns=[unusual.unusual(pattern, words, place.named) for pattern in place.patterns],
            marks=list(Mark),
            me=me,
            chosen=form.get("mark", own.mark.value if own else ""),
            note=without_digits(note) if message == "review_note_number" else note,
            longest=LONGEST,
            mine=(form.get("mine") or request.query_params.get("mine")) == "1",
            message=message,
        )

    def _look(self, request: Request, tools: Tools, sample: Sample, item: Item) -> _Place | None:
        hall, scope = self._hall, self._hall.account(request).scope
        found = reach.entry_at(tools.reader, hall.parts.ring, item.index, scope)
        if found is None:
            return None
        every = tools.index.patterns(scope, since=sample.since, until=sample.until, limit=_PATTERNS)
        pointing = [pattern for pattern in every if item.index in pattern.entries]
        named = reach.entries_at(tools.reader, hall.parts.ring, unusual.naming(pointing), scope)
        return _Place(sample, item, found[1], pointing, {entry.index: entry for entry in named})

    async def _found(self, request: Request) -> tuple[Sample, Sequence[Item]]:
        hall, number = self._hall, int(request.path_params["number"])
        scope = hall.account(request).scope
        if number >= _LARGEST_SEED:
            raise HTTPException(404)
        sample = await hall.bench.run(lambda _: hall.reviews.sample(number, scope))
        if sample is None:
            raise HTTPException(404)
        return sample, await hall.bench.run(lambda _: hall.reviews.items(number))


def _at(items: Sequence[Item], request: Request) -> Item:
    place = int(request.path_params["place"])
    if not 1 <= place <= len(items):
        raise HTTPException(404)
    return items[place - 1]
