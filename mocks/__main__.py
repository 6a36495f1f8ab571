"""`python -m mocks`: the registries on loopback, until SIGTERM or SIGINT.

Rule of this file: it only puts the parts together. Credentials are kept under DIR/mocks, made once; where they are and
where everything listens stands in the ready file, which appears when all of them answer.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvloop
from starlette.types import ASGIApp

from mocks.registry import REGISTRIES
from mocks.server import serving
from mocks.variants import VariantError, parsed


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until told to end. Returns 0, or 1 when a file or a port cannot be had."""
    options = _options(arguments)
    apps: dict[str, ASGIApp] = {
        source: registry.build(
            registry.make_credentials(_folder(options, source)),
            now=_now,
            variant=getattr(options, f"{source}_variant"),
        )
        for source, registry in REGISTRIES.items()
    }
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_serve(apps, options))


async def _serve(apps: Mapping[str, ASGIApp], options: argparse.Namespace) -> int:
    end = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, end.set)
    ports = {name: getattr(options, f"{name}_port") for name in REGISTRIES}
    try:
        async with serving(apps, ports=ports) as urls:
            ready = {**urls, "pid": os.getpid(), "credentials": _credentials(options)}
            for name, url in urls.items():
                sys.stdout.write(f"{name:<11}{url}\n")
            sys.stdout.flush()
            if options.ready_file is not None:
                _written(options.ready_file, ready)
            await end.wait()
    except OSError as error:
        sys.stderr.write(f"cannot serve: {error}\n")
        return 1
    return 0


def _now() -> datetime:
    return datetime.now(UTC)


def _folder(options: argparse.Namespace, source: str) -> Path:
    folder: Path = options.data_dir / "mocks" / source
    return folder


def _credentials(options: argparse.Namespace) -> dict[str, dict[str, str]]:
    return {
        source: {path.name: str(path.resolve()) for path in sorted(_folder(options, source).iterdir())}
        for source in REGISTRIES
    }


def _written(path: Path, ready: Mapping[str, Any]) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(json.dumps(ready, indent=2) + "\n", "utf-8")
    draft.replace(path)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="mocks", description="The mock registries, on loopback.")
    parser.add_argument("--data-dir", type=Path, default=Path("data"), metavar="DIR", help="where credentials are kept")
    parser.add_argument("--ready-file", type=Path, metavar="FILE", help="written once all of them answer")
    for source, registry in REGISTRIES.items():
        parser.add_argument(f"--{source}-port", type=int, default=0, metavar="N", help="default: a free one")
        parser.add_argument(
            f"--{source}-variant", metavar="X", help=f"preset or member=value, by commas: {', '.join(registry.PRESETS)}"
        )
    options = parser.parse_args(arguments)
    try:
        for source, registry in REGISTRIES.items():
            name = f"{source}_variant"
            setattr(options, name, _variant(registry.PRESETS, getattr(options, name)))
    except VariantError as error:
        parser.error(str(error))
    return options


def _variant(presets: Mapping[str, Any], text: str | None) -> object:
    return None if text is None else parsed(presets, next(iter(presets.values())), text)


if __name__ == "__main__":
    sys.exit(main())
