"""A process that appends to the log of any store as fast as it can and says what was acknowledged.

It goes on until it is killed, and appends every kind a portal's calls make. Into its pipe it writes `open` once it
appends, then for each entry `accepted <index> <leaf hex>`.

Rule of this file: only what is written after the acknowledgement goes into the pipe, in one piece and not buffered.
"""

import asyncio
import itertools
import os
from multiprocessing.connection import Connection
from pathlib import Path

from gateway.audit.keys import Places
from gateway.audit.log import AccessLog, LogUnavailable
from gateway.storage.opening import open_store, parse_location
from tests.gateway.audit.builders import a_decision, a_disclosure, a_log, a_refusal, a_subject, once

TASKS = 16


def write(folder: Path, store: str, prefix: str, told: Connection) -> None:
    """The process. `store`: the address of a PostgreSQL store, or "" for the file under `folder`."""
    asyncio.run(_append(folder, store, prefix, told.fileno()))


async def _append(folder: Path, store: str, prefix: str, told: int) -> None:
    location = parse_location(store, Places.under(folder).store)
    async with a_log(folder, store=open_store(location)) as log:
        os.write(told, b"open\n")
        await asyncio.gather(*(_call_on(log, prefix, number, told) for number in range(TASKS)))


async def _call_on(log: AccessLog, prefix: str, number: int, told: int) -> None:
    """Append one call's entries after the other."""
    for turn in itertools.count():
        try:
            first = await log.append(a_decision(), once=once(f"{prefix}-{number:04d}-{turn:010d}"))
            second = await log.append(
                a_disclosure(subjects=(a_subject(), a_subject(role="spouse"))) if turn % 3 else a_refusal()
            )
        except LogUnavailable:
            await asyncio.sleep(0.01)
            continue
        os.write(told, "".join(f"accepted {one.index} {one.leaf.hex()}\n" for one in (first, second)).encode())
