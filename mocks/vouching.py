"""`python -m mocks.vouching`: one witness and one time-stamping authority for one log, until SIGTERM or SIGINT.

For the demo: who vouches for a log is then seen at work. Without openssl there is a witness alone.

Rule of this file: it only puts the parts together. Keys and memory are kept under DIR/vouching.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvloop
from starlette.types import ASGIApp

from mocks import authority, witness
from mocks.server import serving

WITNESS = "witness.example/w1"


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to end. Returns 0, or 1 when a file or a port cannot be had."""
    options = _options(arguments)
    folder: Path = options.data_dir / "vouching"
    try:
        known = witness.make_credentials(folder / "witness", name=WITNESS)
        seen = folder / "witness" / "seen.json"
        apps: dict[str, ASGIApp] = {"witness": witness.build(known, logs=[options.log], memory=seen, now=_now)}
    except (OSError, ValueError) as error:
        sys.stderr.write(f"cannot serve: {error}\n")
        return 1
    said: dict[str, Any] = {"witness": {"key": known.vkey}, "authority": None}
    stamping = authority.make_credentials(folder / "authority")
    try:
        apps["authority"] = authority.build(stamping)
        said["authority"] = {"certificates": str(stamping.ca.resolve())}
    except FileNotFoundError as error:
        sys.stderr.write(f"{error}\n")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_serve(apps, said, options.ready_file))


async def _serve(apps: dict[str, ASGIApp], said: dict[str, Any], ready: Path | None) -> int:
    end = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end.set)
    async with serving(apps) as urls:
        said["witness"]["url"] = urls["witness"]
        if said["authority"] is not None:
            said["authority"]["url"] = f"{urls['authority']}/tsa"
        if ready is not None:
            draft = ready.with_name(f".{ready.name}.{os.getpid()}")
            draft.write_text(json.dumps({**said, "pid": os.getpid()}, indent=2) + "\n", "utf-8")
            draft.replace(ready)
        await end.wait()
    return 0


def _now() -> datetime:
    return datetime.now(UTC)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="mocks.vouching", description="A witness and an authority, on loopback.")
    parser.add_argument("--data-dir", type=Path, required=True, metavar="DIR", help="where keys and memory are kept")
    parser.add_argument("--log", required=True, metavar="VKEY", help="the log they vouch for")
    parser.add_argument("--ready-file", type=Path, metavar="FILE", help="written once both answer")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
