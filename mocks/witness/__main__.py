"""`python -m mocks.witness`: one witness on loopback, until SIGTERM or SIGINT. Prints its vkey and its address.

Rule of this file: it only puts the parts together. Its key and its memory are kept in the data directory.
"""

import argparse
import asyncio
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from starlette.types import ASGIApp

from mocks.server import serving
from mocks.witness import build, make_credentials


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to end. Returns 0, or 1 when a file or a port cannot be had."""
    parser = argparse.ArgumentParser(prog="mocks.witness", description="A witness of transparency logs, on loopback.")
    parser.add_argument("--data-dir", type=Path, required=True, metavar="DIR", help="where key and memory are kept")
    parser.add_argument("--name", default="witness.example/w1", help="the name it signs under, when it has no key yet")
    parser.add_argument("--log", action="append", required=True, metavar="VKEY", help="a log it watches; repeatable")
    parser.add_argument("--port", type=int, default=0, metavar="N", help="default: a free one")
    options = parser.parse_args(arguments)
    try:
        credentials = make_credentials(options.data_dir, name=options.name)
        app = build(credentials, logs=options.log, memory=options.data_dir / "seen.json", now=lambda: datetime.now(UTC))
        return asyncio.run(_serve(app, credentials.vkey, options.port))
    except (OSError, ValueError) as error:
        sys.stderr.write(f"cannot serve: {error}\n")
        return 1


async def _serve(app: ASGIApp, vkey: str, port: int) -> int:
    end = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end.set)
    async with serving({"witness": app}, ports={"witness": port}) as urls:
        sys.stdout.write(f"{vkey}\n{urls['witness']}\n")
        sys.stdout.flush()
        await end.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
