"""Every export of the console: begun, continued where it was broken off, sealed, removed when its time is over.

    writing   on a thread of its own, one after another; a restart goes on behind what is durable
    sealing   the digest goes into the log and the gateway signs the manifest; while the log cannot take it, it waits
    ready     it can be fetched
    failed    with a word; what was written is gone

Rule of this file: what may pass by itself (store, log, disk) is tried again; what cannot is failed. Nothing is kept
longer, and not more, than the limits say.
"""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from gateway import logs
from gateway.audit.errors import ExportRefused, KeyFileRefused, LogBroken, LogUnavailable
from gateway.audit.extract.manifest import attach, manifest_file, manifest_of, token_file
from gateway.audit.extract.state import State, read_state
from gateway.audit.extract.writing import EVERY, Extract, Plan
from gateway.audit.ring import KeyRing
from gateway.console.exports import folder as folder_of
from gateway.console.exports import job as jobfile
from gateway.console.exports.asking import Asked, ExportsFull, Limits, Progress
from gateway.console.exports.job import UNDER_WAY, Job, Stage
from gateway.console.exports.pace import Paced
from gateway.console.model import Account, Action, Door, DoorClosed, Inspection
from gateway.storage.contract import Reader, StoreUnavailable
from gateway.zone import VIETNAM
from signing.encoding import base64_standard, base64url
from signing.notes import NoteKey

T = TypeVar("T")

LONGEST_MANIFEST = 4096
"""Characters the gateway signs."""

_KEY_BYTES = 18
_TURN = 600.0
_AGAIN = 15.0
"""Seconds between two looks at what has ended, and between two tries."""


class _Stopped(Exception):  # noqa: N818 - it says what happened
    """The work is to end here; it goes on another time."""


class _TooLarge(Exception):  # noqa: N818 - it says what happened
    """There is no room for what is written."""


class Jobs:
    """Belongs to one event loop. `folder`: its own; `reader`: makes one for the thread that calls.

    Raises OSError.
    """

    def __init__(
        self,
        folder: Path,
        *,
        reader: Callable[[], Reader],
        ring: KeyRing,
        key: NoteKey,
        door: Door,
        now: Callable[[], datetime],
        urandom: Callable[[int], bytes],
        limits: Limits | None = None,
        every: int = EVERY,
        again: float = _AGAIN,
    ) -> None:
        self._folder, self._reader, self._ring, self._key = folder, reader, ring, key
        self._door, self._now, self._urandom = door, now, urandom
        self._limits, self._every, self._again = limits or Limits(), every, again
        self._jobs = {one.key: one for one in folder_of.read_all(folder)}
        self._thread = ThreadPoolExecutor(1, "console-export")
        self._stop = threading.Event()
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def wake(self) -> None:
        """Go on with what a restart broke off. May be called at any time, within the event loop."""
        if self._stop.is_set() or (self._task is not None and not self._task.done()):
            return
        self._task = asyncio.create_task(self._tend())
        self._task.add_done_callback(_defects)

    async def add(self, asked: Asked) -> Job:
        """Take on an export, recorded before. Raises ExportsFull and DoorClosed; then there is none."""
        mine = [job for job in self._alive() if job.owner == asked.account.username]
        if len(mine) >= self._limits.per_owner:
            raise ExportsFull("exports_too_many")
        if await asyncio.to_thread(self._size) >= self._limits.bytes:
            raise ExportsFull("exports_no_room")
        made, key = self._now(), base64url(self._urandom(_KEY_BYTES))
        account = asked.account
        file = f"lienthong-{made.astimezone(VIETNAM):%Y%m%d-%H%M%S}.{asked.form}"
        new = Job(
            *(key, account.username, account.role, account.scope, asked.form, file),
            wanted=asked.wanted,
            about=asked.about,
            masked=asked.masked,
            search=asked.search,
            made=made,
        )
        about = {**asked.about, "result": "started"}
        await self._door.inspected(Inspection(account, Action.EXPORTED, about=about))
        self._jobs[new.key] = new
        try:
            await self._keep(new)
        except (KeyFileRefused, OSError):
            del self._jobs[new.key]
            raise ExportsFull("exports_no_room") from None
        self.wake()
        self._woken.set()
        return new

    def mine(self, account: Account) -> tuple[Job, ...]:
        """The exports somebody may see, the newest first."""
        return tuple(sorted((job for job in self._alive() if job.is_for(account)), key=lambda one: one.made))[::-1]

    def find(self, key: str, account: Account) -> Job | None:
        """One of them."""
        return next((job for job in self._alive() if job.key == key and job.is_for(account)), None)

    async def progress(self, job: Job) -> Progress:
        """How far the writing is."""
        state = await asyncio.to_thread(read_state, self.file(job))
        if state is None:
            return Progress()
        return Progress(state.next - state.first, state.end - state.first, state.entries)

    def file(self, job: Job) -> Path:
        """Where it is written."""
        return self._folder / job.key / job.file

    def manifest(self, job: Job) -> Path:
        """Where its manifest is."""
        return manifest_file(self.file(job))

    def signature(self, job: Job) -> Path:
        """Where the gateway's signature over the manifest is."""
        return token_file(self.file(job))

    async def remove(self, job: Job) -> None:
        """Remove an export and all its files, also while it is being written."""
        self._jobs.pop(job.key, None)
        await self._on_thread(lambda: folder_of.drop(self._folder / job.key))

    async def close(self) -> None:
        """Stop; what is under way goes on when the console starts again."""
        self._stop.set()
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
        await asyncio.to_thread(self._thread.shutdown)

    # -- the work, one export after another

    async def _tend(self) -> None:
        while True:
            self._woken.clear()
            await self._remove_old()
            waiting = False
            for key in [job.key for job in sorted(self._alive(), key=lambda one: one.made)]:
                job = self._jobs.get(key)
                if job is not None and job.stage in UNDER_WAY:
                    waiting |= not await self._advanced(job)
            with suppress(TimeoutError):
                async with asyncio.timeout(self._again if waiting else _TURN):
                    await self._woken.wait()

    async def _advanced(self, job: Job) -> bool:
        """Go on with an export; whether it came to an end."""
        try:
            state, manifest = await self._on_thread(lambda: self._write(job))
            written = replace(job, stage=Stage.SEALING, entries=state.entries, bytes=state.bytes, sha256=state.sha256)
            await self._keep(written)
            await self._sealed(written, manifest)
        except _Stopped:
            return True  # nothing to wait for: it was removed, or the console ends
        except (StoreUnavailable, LogBroken, LogUnavailable, KeyFileRefused, OSError, DoorClosed) as error:
            return await self._troubled(job, error)
        except (_TooLarge, ExportRefused) as error:
            await self._failed(job, "too_large" if isinstance(error, _TooLarge) else "refused")
        return True

    async def _sealed(self, job: Job, manifest: bytes) -> None:
        text = manifest.decode()
        if len(text) > LONGEST_MANIFEST:
            await self._failed(job, "manifest")
            return
        digest = f"sha-256=:{base64_standard(bytes.fromhex(job.sha256))}:"
        about = {**job.about, "file": job.file, "result": "written"}
        inspection = Inspection(job.account, Action.EXPORTED, about=about, found=job.entries, digest=digest)
        recorded = await self._door.inspected(inspection, manifest=text)
        token = recorded.signature
        if token is None:
            raise DoorClosed("unsigned")

        def sealed() -> None:
            if job.key not in self._jobs:
                raise _Stopped
            attach(self.file(job), token)

        await self._on_thread(sealed)
        await self._keep(replace(job, stage=Stage.READY, reason="", recorded=recorded.index))

    async def _troubled(self, job: Job, error: Exception) -> bool:
        if isinstance(error, LogBroken):
            await self._failed(job, "log_broken")
            return True
        on_disk = isinstance(error, (KeyFileRefused, OSError))
        reason = "log" if isinstance(error, DoorClosed) else "disk" if on_disk else "store"
        if job.key in self._jobs and self._jobs[job.key].reason != reason:
            self._jobs[job.key] = replace(self._jobs[job.key], reason=reason)
        return False

    async def _failed(self, job: Job, reason: str) -> None:
        await self._on_thread(lambda: folder_of.drop(self._folder / job.key))
        await self._keep(replace(job, stage=Stage.FAILED, reason=reason))

    def _write(self, job: Job) -> tuple[State, bytes]:
        out, selection = self.file(job), job.selection()
        room = self._limits.bytes - self._size() + folder_of.size_of(out)

        def check() -> None:
            if self._stop.is_set() or job.key not in self._jobs:
                raise _Stopped
            if folder_of.size_of(out) > room:
                raise _TooLarge

        check()
        with closing(self._reader()) as reader:
            state = Extract(
                out,
                Plan(job.form, selection),
                reader=Paced(reader, check),
                key=self._key,
                ring=self._ring,
                urandom=self._urandom,
                every=self._every,
            ).write()
            check()
            return state, manifest_of(out, state, selection, reader=reader, ring=self._ring, at=self._now())

    # -- what is kept

    def _alive(self) -> list[Job]:
        now = self._now()
        return [job for job in self._jobs.values() if job.ends > now]

    async def _remove_old(self) -> None:
        now = self._now()
        for job in [job for job in self._jobs.values() if job.ends <= now]:
            await self.remove(job)
        await asyncio.to_thread(lambda: self._remove_unknown(now))

    def _remove_unknown(self, now: datetime) -> None:
        """A folder that no job is known of goes when it is as old as an export becomes. A file is nothing of ours."""
        for path in self._folder.glob("*"):
            # an export that somebody removes at this moment is on the list and no longer there
            with suppress(FileNotFoundError, NotADirectoryError):
                if path.name not in self._jobs and path.stat().st_mtime < (now - jobfile.LIFETIME).timestamp():
                    folder_of.drop(path)

    async def _keep(self, job: Job) -> None:
        if job.key not in self._jobs:
            raise _Stopped

        def keep() -> None:
            folder = self._folder / job.key
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            jobfile.write(folder, job)

        await asyncio.to_thread(keep)
        self._jobs[job.key] = job

    def _size(self) -> int:
        return sum(folder_of.size_of(path) for path in self._folder.glob("*/*"))

    async def _on_thread(self, work: Callable[[], T]) -> T:
        """On the thread that writes: after what is under way there."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _defects(task: "asyncio.Task[None]") -> None:
    """Nobody waits for the task: what it did not expect is said here. The next export starts it anew."""
    if not task.cancelled() and (error := task.exception()) is not None:
        logs.line("console_defect", **logs.defect_of(error))
