"""A process that only follows a log, for the tests that kill one.

    python -m tests.gateway.console.index.following FOLDER

Prints a line with the index of the next entry after each turn that did something.
"""

import sys
from pathlib import Path

from gateway.audit.keys import Places
from gateway.audit.ring import KeyRing
from gateway.console.index.builder import Builder
from gateway.storage.sqlite_reader import SqliteReader
from tests.gateway.console.index.indexed import KEY

_STEP = 20


def main(folder: Path) -> None:
    """Follow for ever, in small steps."""
    places = Places.under(folder)
    builder = Builder(SqliteReader(places.store), KeyRing(places.ring), folder / "console" / "index.sqlite", KEY)
    while True:
        if builder.step(_STEP):
            sys.stdout.write(f"{builder.next}\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
