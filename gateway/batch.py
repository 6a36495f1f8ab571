"""A batch: many dossiers in one signed call, answered line by line as they are found (docs/batch.md, ADR 21).

    open     step 1 of the pipeline once, for the whole body; the token is used up with an entry of its own
    lines    steps 2 to 9 for each line, with its own entries, receipt and signature; a few at once, in turns
    end      how many there were, and a digest over everything before: whoever misses it has not got all

The answer begins when the batch is opened. What ends the whole of it comes before that, as a problem like every other;
afterwards each line has its own. A caller who does not read his answers stops the batch: no more than a few lines
wait for him. One who is gone is answered nothing more: lines under way end, no other begins.

Rule of this file: order, turns and bookkeeping. What one line may see and says is the pipeline's.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from hashlib import sha256

from gateway import pipeline
from gateway.course import Course
from gateway.errors import Code, Flaw, Refusal, Refused, refused
from gateway.model import Ask, Call, Caller
from gateway.steps import authorise, seal
from gateway.wire import answers, batches, requests
from gateway.world import Arrived, Policy, World
from signing.encoding import base64_standard

Current = Callable[[], tuple[Policy, World, bool]]
"""The policy and the world in force now, and whether the gateway is stopping: a batch outlives a reload."""

# A stopping gateway and an ended batch are noticed by a line that waits for its pace after so many seconds.
_LOOK_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Stream:
    """An answer that is still being found. `stop` is called when nobody takes its lines any more, however it ended."""

    headers: Mapping[str, str]
    lines: AsyncIterator[bytes]
    stop: Callable[[], None]


async def exchange(arrived: Arrived, current: Current) -> seal.Sealed | Stream:
    """The stream of a batch, or the signed problem of the whole of it."""
    policy, world, _ = current()
    course, began, held = Course(arrived, policy, world), world.clock(), ExitStack()
    try:
        with world.admission.place():
            code, sealed = await pipeline.settled(course, _opened(course, held))
    except Refused as full:
        code, sealed = course.unrecorded(full.refusal)
    if code != "ok" or course.caller is None:
        held.close()
        agency = course.caller.agency if course.caller else ""
        world.observe.called(arrived.call, agency, code, world.clock() - began)
        return sealed
    batch = _Batch(
        arrived=replace(arrived, body=b""),  # its lines are held one by one
        caller=course.caller,
        policy=policy,
        current=current,
        opening=sealed,
        waiting=batches.split(arrived.body),
        began=began,
    )
    world.shares.keep(batch.run(held))
    headers = {
        "content-type": batches.JSON_LINES,
        "gateway-signature": sealed.headers["gateway-signature"],
        "cache-control": "no-store",
    }
    return Stream(headers, batch.lines(), batch.stop)


async def _opened(course: Course, held: ExitStack) -> seal.Sealed:
    """Line 0: the batch is allowed, recorded, and its token used up. Places are held until `held` is closed."""
    arrived, policy, world = course.arrived, course.policy, course.world
    caller = course.prove()
    portal = policy.portals[caller.agency]
    with world.admission.portal(caller.agency, portal.limits, course.attempt.at):
        count = len(batches.split(arrived.body))
        if not count:
            detail = "Send one line for each dossier; there is none."
            raise refused(Code.BODY_MALFORMED, detail, flaws=(Flaw("", Code.BODY_MALFORMED, detail),))
        if count > policy.batch.lines:
            raise refused(Code.BODY_TOO_LARGE, f"At most {policy.batch.lines} lines.")
        authorise.still(caller, Call.DOSSIERS_PREFILL, (), portal=portal, procedures=policy.procedures)
        held.enter_context(world.shares.batch(caller.agency))
        held.enter_context(world.admission.background())
        body = answers.dump({"lines": count})
        receipt = await course.disclose(caller, body, document={}, fields=())
        course.line = 0
        return course.seal(body, receipt)


@dataclass(slots=True)
class _Batch:
    """One batch under way. `waiting` holds the lines not begun; what was answered waits in `_out` to be sent."""

    arrived: Arrived = field(repr=False)
    caller: Caller
    policy: Policy  # in force when it arrived
    current: Current
    opening: seal.Sealed = field(repr=False)
    waiting: list[bytes] = field(repr=False)
    began: float  # on the world's clock
    _named: dict[str, int] = field(default_factory=dict, repr=False)  # dossier -> line
    _left: asyncio.Event = field(default_factory=asyncio.Event)  # nobody takes lines any more
    _answered: int = 0
    _refused: int = 0
    _numbers: Iterator[int] = field(init=False)
    _out: asyncio.Queue[bytes | None] = field(init=False)

    def __post_init__(self) -> None:
        self._numbers = iter(range(1, len(self.waiting) + 1))
        self._out = asyncio.Queue(self._workers)

    @property
    def _workers(self) -> int:
        return min(self.current()[0].batch.at_once_each, len(self.waiting))

    async def run(self, held: ExitStack) -> None:
        """Work through the lines. Ends when all have ended, or those under way when nobody takes more."""
        with held:
            ended = await asyncio.gather(*(self._work() for _ in range(self._out.maxsize)), return_exceptions=True)
        for defect in ended:
            if isinstance(defect, Exception):
                self.current()[1].observe.defect(defect, self.arrived.instance)
        if not self._left.is_set():
            await self._out.put(None)

    async def lines(self) -> AsyncIterator[bytes]:
        """The answer. Without its end when something of ours broke: the caller sees that it is not complete."""
        seen, count = sha256(), len(self.waiting)
        piece: bytes | None = batches.line(
            0,
            self.caller.purpose.dossier,
            self.opening.status,
            self.opening.body,
            member=batches.BEGIN,
            headers=self.opening.headers,
        )
        while piece is not None:
            seen.update(piece)
            yield piece
            piece = await self._out.get()
        if self._answered + self._refused == count:
            yield await self._end(f"sha-256=:{base64_standard(seen.digest())}:")

    def stop(self) -> None:
        """Nobody takes lines any more: none is begun, and none waits to be sent."""
        self._left.set()
        while not self._out.empty():
            self._out.get_nowait()

    async def _work(self) -> None:
        while not self._left.is_set():
            number = next(self._numbers, None)
            answered = None if number is None else await self._line(number)
            if answered is None:
                return
            await self._out.put(answered)

    async def _line(self, number: int) -> bytes | None:
        """The answer to one line; None when nobody takes it any more and it was not begun."""
        line = self._read(number)
        refusal, shares = await self._paced(), self.current()[1].shares
        if self._left.is_set():
            return None
        if refusal is not None:
            return await self._settled(number, replace(line, asked=refusal))
        await shares.turn(self.caller.agency)
        try:
            if self._left.is_set():
                return None
            return await self._settled(number, replace(line, asked=self._closed() or line.asked))
        finally:
            shares.done(self.caller.agency)

    async def _paced(self) -> Refusal | None:
        """Wait until the portal's limits let a line begin. Why it is not begun, None when it may."""
        while not self._left.is_set():
            policy, world, _ = self.current()
            closed = self._closed()
            if closed is not None:
                return closed
            try:
                wait = world.admission.line(self.caller.agency, policy.portals[self.caller.agency].limits, world.now())
            except Refused as ended:
                return ended.refusal
            if not wait:
                return None
            await asyncio.sleep(min(wait, _LOOK_SECONDS))
        return None

    def _closed(self) -> Refusal | None:
        """Why no line may begin now, whatever it asks."""
        policy, world, draining = self.current()
        portal, key = policy.portals.get(self.caller.agency), policy.keys.get(self.caller.kid)
        if draining:
            return Refusal(Code.DRAINING, "The gateway is stopping: this line was not begun. Send it again.")
        if portal is None or portal.suspended:
            return Refusal(Code.PORTAL_SUSPENDED)
        if key is None or (key.revoked_at is not None and key.revoked_at <= world.now()):
            return Refusal(Code.KEY_REVOKED)
        if world.clock() - self.began > policy.batch.deadline.total_seconds():
            return Refusal(Code.OVERLOADED, "The time of this batch is over: this line was not begun. Send it again.")
        return None

    def _read(self, number: int) -> requests.Line:
        """What a line asks. Lines are read in their order, so of two with one dossier the second is refused."""
        text, self.waiting[number - 1] = self.waiting[number - 1], b""
        portal = self.current()[0].portals.get(self.caller.agency)
        if portal is not None and len(text) > portal.limits.body_bytes:
            detail = f"At most {portal.limits.body_bytes} bytes in a line."
            return requests.Line(None, None, Refusal(Code.BODY_TOO_LARGE, detail))
        line = requests.parse_line(text, basis=self.caller.purpose.basis)
        first = self._named.setdefault(line.dossier, number) if line.dossier else number
        if first != number:
            flaw = Flaw("/dossier", Code.VALUE_INVALID, f"Line {first} has the same dossier.")
            return replace(line, asked=Refusal(Code.VALUE_INVALID, flaws=(flaw,)))
        return line

    async def _settled(self, number: int, line: requests.Line) -> bytes:
        policy, world, _ = self.current()
        if self.caller.agency not in policy.portals:
            policy = self.policy  # its limits are needed to write the refusal down
        course, begun = self._course(number, line, policy, world), world.clock()
        code, sealed = await pipeline.settled(course, self._found(course, line.asked, begun))
        world.observe.called(course.arrived.call, self.caller.agency, code, world.clock() - begun)
        if code == "ok":
            self._answered += 1
        else:
            self._refused += 1
        return batches.line(
            number, line.dossier, sealed.status, sealed.body, member=batches.RESULT, headers=sealed.headers
        )

    @staticmethod
    async def _found(course: Course, ask: Ask | Refusal, begun: float) -> seal.Sealed:
        if isinstance(ask, Refusal):
            raise Refused(ask)
        if course.caller is None:
            raise ValueError("a line belongs to the caller of its batch")
        portal = course.policy.portals[course.caller.agency]
        return await pipeline.answered(course, course.caller, portal, ask, began=begun)

    def _course(self, number: int, line: requests.Line, policy: Policy, world: World) -> Course:
        """A line is a pre-fill of its own dossier; one whose dossier cannot be read is nobody's but the batch's."""
        purpose, call = self.caller.purpose, Call.DOSSIERS_BATCH
        if line.dossier is not None:
            purpose, call = replace(purpose, dossier=line.dossier, consent=line.consent), Call.DOSSIERS_PREFILL
        course = Course(replace(self.arrived, call=call, instance=f"urn:uuid:{world.new_id()}"), policy, world)
        course.caller = replace(self.caller, purpose=purpose, line=number)
        course.line, course.spent = number, True
        return course

    async def _end(self, digest: str) -> bytes:
        """The line after the last. Its entry holds, by way of its digest, what all the others said."""
        policy, world, _ = self.current()
        if self.caller.agency not in policy.portals:
            policy = self.policy
        course = Course(self.arrived, policy, world)
        course.caller, course.line, course.spent = self.caller, len(self.waiting) + 1, True
        code, sealed = await pipeline.settled(course, self._summed(course, digest))
        world.observe.called(self.arrived.call, self.caller.agency, code, world.clock() - self.began)
        return batches.line(
            len(self.waiting) + 1,
            self.caller.purpose.dossier,
            sealed.status,
            sealed.body,
            member=batches.END,
            headers=sealed.headers,
        )

    async def _summed(self, course: Course, digest: str) -> seal.Sealed:
        said = {"lines": len(self.waiting), "answered": self._answered, "refused": self._refused, "digest": digest}
        body = answers.dump(said)
        return course.seal(body, await course.disclose(self.caller, body, document={}, fields=()))
