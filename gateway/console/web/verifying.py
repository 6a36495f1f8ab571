"""The check of the whole log, as a run in the background: one at a time, watched by whoever wants, kept when it ends.

    start     recorded first, then begun; who started it, when
    progress  how many entries were read, of how many
    end       what was found, kept in `verified.json`, and recorded as an entry; the checkpoint is kept as well

The log is held against the checkpoint that was found right the last time: one that was cut back or rewritten in between
is found, also after a restart. That checkpoint is replaced by a newer one only when everything holds.

Rule of this file: a result is handed out when its entry is in the log, not before.
"""

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from gateway.audit.errors import KeyFileRefused
from gateway.audit.keyfiles import replace_private
from gateway.console.model import Account, Action, Door, DoorClosed, Inspection, Role, Scope

HOLDS, BROKEN, FAILED = "holds", "broken", "failed"
KEPT = 20
"""Results that are kept."""

_LONGEST_LINE = 1 << 20
_RESULTS, _CHECKPOINT = "verified.json", "verified.checkpoint"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run has come. `phase`: copying (a database, to be checked as files) or checking."""

    phase: str = "checking"
    done: int = 0
    of: int = 0

    @property
    def percent(self) -> int:
        """0 to 100."""
        return min(100, 100 * self.done // self.of) if self.of else 0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check found. `outcome`: holds, broken, failed (nothing can be said).

    `entry`: the first bad one, None when no single one is; `what`: a sentence of the checker; `size`, `root` (base64),
    `note`: the newest checkpoint, of a log that holds; `opened`, `clear`, `sealed`, `erased`: contents; `witnesses`:
    (name, entries cosigned or None, seconds since 1970); `stamps`: (authority, entries, time as it states it).
    """

    outcome: str
    entry: int | None = None
    what: str = ""
    size: int = 0
    root: str = ""
    checkpoints: int = 0
    opened: int = 0
    clear: int = 0
    sealed: int = 0
    erased: int = 0
    remarks: Sequence[str] = ()
    witnesses: Sequence[Sequence[Any]] = ()
    stamps: Sequence[Sequence[Any]] = ()
    note: str = ""


Told = Callable[[Progress], None]
Verify = Callable[[str | None, Told], Awaitable[Outcome]]
"""Checks the whole log. Is given the checkpoint kept from the last time, and whom to tell how far it is. Never raises
but CancelledError, and then nothing of it goes on."""


@dataclass(frozen=True, slots=True)
class Result:
    """A run that ended. `earlier`: entries under the checkpoint it was held against, 0 for none; `recorded`: the entry
    about its end, None while the log could not take it."""

    by: str
    role: str
    portals: Sequence[str] | None
    began: str
    ended: str
    earlier: int
    outcome: Outcome
    recorded: int | None = None

    @property
    def began_at(self) -> datetime:
        """When it began."""
        return datetime.fromisoformat(self.began)

    @property
    def ended_at(self) -> datetime:
        """When it ended."""
        return datetime.fromisoformat(self.ended)

    def inspection(self) -> Inspection:
        """The entry about its end."""
        found = self.outcome
        about = {"result": found.outcome, "began": self.began}
        if found.size:
            about["size"] = str(found.size)
        scope = Scope(None if self.portals is None else frozenset(self.portals))
        account = Account(self.by, self.by, Role(self.role), scope, "vi")
        bad = () if found.entry is None else (found.entry,)
        return Inspection(account, Action.VERIFIED, about=about, entries=bad)


@dataclass(slots=True)
class Running:
    """The run under way."""

    account: Account
    began: datetime
    progress: Progress = field(default_factory=Progress)


class Run:
    """Belongs to one event loop. `folder`: the console's own, where results are kept. Raises OSError and ValueError
    for results that cannot be read."""

    def __init__(self, verify: Verify, *, folder: Path, door: Door, now: Callable[[], datetime]) -> None:
        self._verify, self._folder, self._door, self._now = verify, folder, door, now
        self._task: asyncio.Task[None] | None = None
        self._settling = asyncio.Lock()
        self._results = _read(folder / _RESULTS)
        self.running: Running | None = None
        self.unkept = False
        """The newest results could not be written to the disk: a restart forgets them."""

    @property
    def results(self) -> Sequence[Result]:
        """Those whose entry is in the log, the newest first."""
        return tuple(one for one in self._results if one.recorded is not None)

    @property
    def waiting(self) -> bool:
        """Whether a run has ended and the log could not take that yet."""
        return any(one.recorded is None for one in self._results)

    async def start(self, account: Account) -> bool:
        """Begin a run; False when one is under way. Raises DoorClosed, and then none begins."""
        if self.running is not None:
            return False
        self.running = Running(account, self._now())
        try:
            await self._door.inspected(Inspection(account, Action.VERIFIED, about={"result": "started"}))
        except BaseException:
            self.running = None
            raise
        self._task = asyncio.create_task(self._go(self.running))
        return True

    async def settle(self) -> None:
        """Have the end of every run recorded. Raises DoorClosed while the log cannot take one."""
        async with self._settling:
            for result in [one for one in self._results if one.recorded is None]:
                recorded = await self._door.inspected(result.inspection())
                done = replace(result, recorded=recorded.index)
                self._results = tuple(done if one is result else one for one in self._results)
                await self._kept()

    async def ended(self) -> None:
        """Wait until no run is under way."""
        if self._task is not None:
            await asyncio.wait([self._task])

    async def close(self) -> None:
        """Stop what is under way; it leaves no result."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def _go(self, running: Running) -> None:
        def told(progress: Progress) -> None:
            running.progress = progress

        try:
            earlier = await asyncio.to_thread(_text, self._folder / _CHECKPOINT)
            outcome = await self._verify(earlier, told)
            account = running.account
            portals = account.scope.portals
            result = Result(
                by=account.username,
                role=account.role.value,
                portals=None if portals is None else sorted(portals),
                began=running.began.isoformat(),
                ended=self._now().isoformat(),
                earlier=_size(earlier),
                outcome=outcome,
            )
            self._results = (result, *self._results)[:KEPT]
            await self._kept(outcome)
            with suppress(DoorClosed):  # it is shown when the log has taken it: `settle`
                await self.settle()
        finally:
            self.running = None

    async def _kept(self, outcome: Outcome | None = None) -> None:
        try:
            await asyncio.to_thread(self._keep, outcome)
            self.unkept = False
        except (KeyFileRefused, OSError):
            self.unkept = True

    def _keep(self, outcome: Outcome | None = None) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        said = [asdict(one) for one in self._results]
        replace_private(self._folder / _RESULTS, (json.dumps(said, ensure_ascii=False, indent=1) + "\n").encode())
        if outcome is not None and outcome.outcome == HOLDS and outcome.note:
            replace_private(self._folder / _CHECKPOINT, outcome.note.encode())


def verifier(
    *,
    vkey: str,
    temporary: Path,
    path: Path | None = None,
    url: str | None = None,
    keys: Path | None = None,
    witnesses: Sequence[str] = (),
) -> Verify:
    """The check by the auditors' checker, in a process of its own (gateway.console.checking says why).

    `path` or `url`: where the store is; `keys`: the key ring, to open every entry; `witnesses`: their vkeys;
    `temporary`: a folder with room for an export of the log, where the store is a database.
    """
    job = {
        "path": None if path is None else str(path),
        "url": url,
        "vkey": vkey,
        "keys": None if keys is None else str(keys),
        "witnesses": list(witnesses),
        "temporary": str(temporary),
    }

    async def verify(earlier: str | None, told: Told) -> Outcome:
        try:
            await asyncio.to_thread(temporary.mkdir, parents=True, exist_ok=True, mode=0o700)
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *("-m", "gateway.console.checking"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=_LONGEST_LINE,
            )
        except OSError as error:
            return Outcome(FAILED, what=f"the check could not be started: {error.strerror}")
        try:
            return await _attended(process, json.dumps({**job, "earlier": earlier}).encode(), told)
        finally:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    return verify


async def _attended(process: asyncio.subprocess.Process, job: bytes, told: Told) -> Outcome:
    if process.stdin is None or process.stdout is None:
        raise RuntimeError("a process without pipes")
    with suppress(BrokenPipeError, ConnectionResetError):  # it ended before it read: there is no outcome then
        process.stdin.write(job)
        await process.stdin.drain()
    process.stdin.close()
    async for line in process.stdout:
        if not line.endswith(b"\n"):
            break  # it was ended in the middle of a line
        said = json.loads(line)
        if "outcome" in said:
            return Outcome(**said)
        told(Progress(said["phase"], said["done"], said["of"]))
    return Outcome(FAILED, what=f"the check ended without a result, with status {await process.wait()}")


def _read(path: Path) -> tuple[Result, ...]:
    try:
        said = json.loads(path.read_bytes())
        return tuple(_result(one) for one in said)
    except FileNotFoundError:
        return ()
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise ValueError(f"{path}: not the results of verifications; move it away to begin anew") from None


def _result(said: Mapping[str, Any]) -> Result:
    if said.keys() != {one.name for one in fields(Result)}:
        raise ValueError("another shape")
    return Result(**{**said, "outcome": Outcome(**said["outcome"])})


def _text(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def _size(note: str | None) -> int:
    """The size in a note of ours that was verified when it was kept."""
    lines = (note or "").split("\n")
    return int(lines[1]) if len(lines) > 1 and lines[1].isdigit() else 0
