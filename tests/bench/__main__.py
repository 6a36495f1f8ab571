"""`make bench`: run, print, and write `build/bench.json`. BENCH_ROUNDS (default 7) sets how many rounds.

Exits 1 when any answer was not good: figures of a failing run say nothing.
"""

import json
import os
import sys

from tests.bench import rounds, table
from tests.helpers.stack import ROOT

_ROUNDS, _MOST = 7, 9


def main() -> int:
    """One run; the exit status."""
    wanted = min(max(int(os.environ.get("BENCH_ROUNDS", _ROUNDS)), 1), _MOST)  # noqa: TID251 - a command reads it
    measured = rounds.run(wanted, told=lambda text: print(text, file=sys.stderr, flush=True))
    for line in table.lines(measured, rounds=wanted):
        print(line)
    target = ROOT / "build" / "bench.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(table.document(measured, rounds=wanted), indent=1) + "\n", "utf-8")
    return 1 if measured.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
