"""`make bench-log`: logs of three sizes, and how the console's times grow. Writes `build/bench-log.json`.

ENTRIES (default 10,000,000) is the largest; a tenth and a hundredth of it come first. The largest takes an hour or more
and about 1,300 bytes of disk an entry. BENCH_DIR: where the logs are written, a folder that does not exist (default
`build/bench-log`). Each log is removed when it was asked, unless KEEP is set.
"""

import json
import os
import shutil
import sys
from pathlib import Path

from tests.bench_log import stage, table
from tests.bench_log.machine import facts
from tests.helpers.stack import ROOT

_ENTRIES, _LEAST = 10_000_000, 2_000


def main() -> int:
    """One run; the exit status."""
    environ = os.environ  # noqa: TID251 - a command reads it
    largest = max(int(environ.get("ENTRIES", _ENTRIES)), _LEAST)
    folder = Path(environ.get("BENCH_DIR", ROOT / "build" / "bench-log"))
    sizes = [max(largest // 100, _LEAST // 10), max(largest // 10, _LEAST // 2), largest]
    run(sizes, folder, keep=bool(environ.get("KEEP")))
    return 0


def run(sizes: list[int], folder: Path, *, keep: bool, target: Path | None = None) -> list[stage.Stage]:
    """One stage after the other, the report after each."""
    folder.mkdir(parents=True)
    stages: list[stage.Stage] = []
    try:
        for size in sizes:
            own = folder / str(size)
            stages.append(stage.run(own, size, told=lambda text: print(text, file=sys.stderr, flush=True)))
            if not keep:
                shutil.rmtree(own)
            machine = facts()
            print(*table.lines(stages, machine=machine), sep="\n", flush=True)
            where = target or ROOT / "build" / "bench-log.json"
            where.parent.mkdir(exist_ok=True)
            where.write_text(json.dumps(table.document(stages, machine=machine), indent=1) + "\n", "utf-8")
    finally:
        if not keep:
            shutil.rmtree(folder)
    return stages


if __name__ == "__main__":
    sys.exit(main())
