"""A process that only follows a log, for the tests that kill one.

    python -m tests.gateway.console.index.following FOLDER [TURNS]

Prints a line with the index of the next entry after each turn that did something. After so many of them it does nothing
more: whoever kills it may be late.
"""

import math
import signal
import sys
from pathlib import Path

from gateway.audit.keys import Places
from gateway.audit.ring import KeyRing
from gateway.console.index.builder import Builder
from gateway.storage.sqlite_reader import SqliteReader
from tests.gateway.console.index.indexed import KEY

_STEP = 20


def main(folder: Path, turns: float) -> None:
    """Follow, in small steps, and stay."""
    places = Places.under(folder)
    builder = Builder(SqliteReader(places.store), KeyRing(places.ring), folder / "console" / "index.sqlite", KEY)
    while turns > 0:
        if builder.step(_STEP):
            turns -= 1
            sys.stdout.write(f"{builder.next}\n")
            sys.stdout.flush()
    signal.pause()


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]) if len(sys.argv) > 2 else math.inf)
