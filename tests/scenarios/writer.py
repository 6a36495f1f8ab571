"""A process that appends to the log of any store as fast as it can and prints what was acknowledged.

    python -m tests.scenarios.writer FOLDER STORE PREFIX

STORE: the address of a PostgreSQL store, or - for the file under FOLDER. Prints `open` once it appends, then for each
entry `accepted <index> <leaf hex>`; goes on until it is killed. Appends every kind a portal's calls make.
"""

import asyncio
import itertools
import sys
from pathlib import Path

from gateway.audit.keys import Places
from gateway.audit.log import AccessLog, LogUnavailable
from gateway.storage.opening import open_store, parse_location
from tests.gateway.audit.builders import a_decision, a_disclosure, a_log, a_refusal, a_subject, once

TASKS = 16


async def worker(log: AccessLog, prefix: str, number: int) -> None:
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
        sys.stdout.write("".join(f"accepted {one.index} {one.leaf.hex()}\n" for one in (first, second)))
        sys.stdout.flush()


async def main(folder: Path, store: str, prefix: str) -> None:
    """Open the log and append."""
    location = parse_location("" if store == "-" else store, Places.under(folder).store)
    async with a_log(folder, store=open_store(location)) as log:
        sys.stdout.write("open\n")
        sys.stdout.flush()
        await asyncio.gather(*(worker(log, prefix, number) for number in range(TASKS)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
