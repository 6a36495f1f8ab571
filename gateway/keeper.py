"""What the gateway does for its log while nobody calls: says that it is alive, and erases what is due.

    heartbeat   an entry when the log has not grown for an hour: silence is a statement too
    retention   at the start and every six hours
    sweeping    each round: what the vault may no longer hold

Rule of this file: one background task, never in the way of a call. What fails is reported in a word and tried again.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta

from gateway.audit.errors import KeyFileRefused, LogUnavailable
from gateway.audit.events import Heartbeat
from gateway.audit.log import AccessLog
from gateway.vault import VaultUnavailable

IDLE = timedelta(hours=1)
ERASE_EVERY = timedelta(hours=6)
ROUND_SECONDS = 60.0


class Keeper:
    """Looks after one log. `erase` erases what is due of it and says how much, `sweep` what has ended in the
    vault; `report` takes a word and a number.
    """

    def __init__(
        self,
        log: AccessLog,
        *,
        erase: Callable[[], Awaitable[int]],
        sweep: Callable[[], Awaitable[int]],
        now: Callable[[], datetime],
        report: Callable[[str, int], None],
    ) -> None:
        self._log, self._erase, self._sweep, self._now, self._report = log, erase, sweep, now, report
        self._note, self._grew = "", now()
        self._erased: datetime | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin."""
        self._task = asyncio.create_task(self._run(), name="log-keeper")

    async def close(self) -> None:
        """End. Calling it twice is harmless."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def round(self) -> None:
        """One look at the clock, and what is to be done now."""
        at = self._now()
        try:
            if self._erased is None or at - self._erased >= ERASE_EVERY:
                count = await self._erase()
                self._erased = at
                if count:
                    self._report("erased", count)
            if self._log.checkpoint() != self._note:
                self._note, self._grew = self._log.checkpoint(), at
            elif at - self._grew >= IDLE:
                await self._log.append(Heartbeat(at))
                self._note, self._grew = self._log.checkpoint(), at
        except LogUnavailable:
            self._report("log_unavailable", 0)
        except KeyFileRefused:
            self._report("key_file_refused", 0)
        try:
            await self._sweep()
        except VaultUnavailable:
            self._report("vault_unavailable", 0)

    async def _run(self) -> None:
        while True:
            await self.round()
            await asyncio.sleep(ROUND_SECONDS)
