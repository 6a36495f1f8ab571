"""A process that appends as fast as it can and prints what was acknowledged, for the crash tests.

    python -m tests.gateway.audit.load FOLDER PREFIX COUNT TASKS SEED

Prints `open` and waits for a line on standard input. From then on each line is `accepted <jti> <index> <leaf hex>` or
`replayed <jti>`. COUNT 0 goes on until it is killed;
other counts are gone through in an order that SEED decides.
"""

import asyncio
import itertools
import random
import sys
from collections.abc import Iterator
from pathlib import Path

from gateway.audit.log import AccessLog, Replayed
from tests.gateway.audit.builders import a_decision, a_log, once


async def worker(log: AccessLog, numbers: Iterator[int], prefix: str) -> None:
    """Append one event after the other."""
    for number in numbers:
        jti = f"{prefix}-{number:012d}"
        try:
            receipt = await log.append(a_decision(), once=once(jti))
        except Replayed:
            sys.stdout.write(f"replayed {jti}\n")
        else:
            sys.stdout.write(f"accepted {jti} {receipt.index} {receipt.leaf.hex()}\n")
        sys.stdout.flush()


async def main(folder: Path, prefix: str, count: int, tasks: int, seed: str) -> None:
    """Open the log and run the workers."""
    shuffled = random.Random(seed).sample(range(count), count)
    numbers = iter(shuffled) if count else itertools.count()
    async with a_log(folder) as log:
        sys.stdout.write("open\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)
        await asyncio.gather(*(worker(log, numbers, prefix) for _ in range(tasks)))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]))
