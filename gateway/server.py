"""Two listening sockets, one process: the API and the operations port.

Signals: SIGTERM and SIGINT drain, SIGHUP reloads.
"""

import asyncio
import contextlib
import json
import os
import signal
import socket
import tempfile
from collections.abc import Callable, Generator, Mapping
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp

from adapters.contract import Adapter
from config.errors import ConfigError
from config.model import Endpoint, Settings
from gateway import logs
from gateway.api import app as api
from gateway.app import Gateway, compose, drained
from gateway.ops import app as ops
from signing.errors import SigningError

_BACKLOG = 2048
_KEEP_ALIVE_SECONDS = 30
_LAST_ANSWERS_SECONDS = 2


class _Server(uvicorn.Server):
    """A uvicorn server that leaves the signals to us: one drain for both ports."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


def listen(endpoint: Endpoint) -> socket.socket:
    """A bound listening socket; port 0 takes a free one. Raises OSError."""
    family = socket.AF_INET6 if ":" in endpoint.host else socket.AF_INET
    # the protocol is named so that every event loop turns Nagle off on accepted connections
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((endpoint.host, endpoint.port))
    bound.listen(_BACKLOG)
    bound.setblocking(False)
    return bound


def address(bound: socket.socket) -> str:
    """`http://127.0.0.1:8080` of a bound socket."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def server(application: ASGIApp) -> _Server:
    """A server for one application."""
    return _Server(
        uvicorn.Config(
            application,
            loop="uvloop",
            http="httptools",
            ws="none",
            lifespan="off",
            access_log=False,
            server_header=False,
            log_config=None,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=_LAST_ANSWERS_SECONDS,
        )
    )


async def serve(settings: Settings, *, load: Callable[[], Settings], ready_file: Path | None) -> None:
    """Run until SIGTERM or SIGINT. `load` reads the configuration again at SIGHUP.

    `ready_file` is written once both ports answer. Raises what `compose` raises, and OSError for a taken port.
    """
    api_socket, ops_socket = listen(settings.gateway.listen), listen(settings.gateway.ops)
    gateway = await compose(settings, settings.gateway.public_url or address(api_socket))
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    background: set[asyncio.Task[None]] = set()
    turn = asyncio.Lock()

    def hangup() -> None:
        task = loop.create_task(_reload(gateway, load, turn))
        background.add(task)
        task.add_done_callback(background.discard)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, hangup)
    public, operations = server(api.build(gateway.state)), server(ops.build(gateway.registry, gateway.health))
    running = [
        loop.create_task(public.serve(sockets=[api_socket])),
        loop.create_task(operations.serve(sockets=[ops_socket])),
    ]
    while not (public.started and operations.started):  # noqa: ASYNC110 - uvicorn tells it in no other way
        await asyncio.sleep(0.01)
    logs.line("started", api=gateway.state.policy.base_url, ops=address(ops_socket), configuration=settings.digest)
    if ready_file is not None:
        write_ready(ready_file, _ready(gateway, address(api_socket), address(ops_socket)))
    await stop.wait()
    await _stop(gateway, public, operations, running)


async def _stop(gateway: Gateway, public: _Server, operations: _Server, running: list[asyncio.Task[None]]) -> None:
    gateway.state.draining = True
    seconds = gateway.settings.gateway.drain.total_seconds()
    logs.line("draining", under_way=gateway.state.world.admission.under_way, seconds=seconds)
    complete = await drained(gateway.state, seconds)
    public.should_exit = operations.should_exit = True
    await asyncio.gather(*running)
    await gateway.close()
    logs.line("stopped", complete=str(complete).lower())


async def _reload(gateway: Gateway, load: Callable[[], Settings], turn: asyncio.Lock) -> None:
    """Read the configuration again. Reloads take turns, so that the newest files win."""
    before = gateway.settings.gateway.deadline
    try:
        async with turn:
            settings = await asyncio.get_running_loop().run_in_executor(None, load)
            replaced: list[Adapter] = gateway.reload(settings)
    except ConfigError as error:
        for problem in error.problems:
            logs.line("reload_refused", place=str(problem.place), problem=problem.message)
        return
    except SigningError as error:
        logs.line("reload_refused", problem=error.code)
        return
    except OSError as error:
        logs.line("reload_refused", problem=type(error).__name__)
        return
    logs.line("reloaded", configuration=settings.digest)
    # calls under way may still hold a replaced adapter
    await asyncio.sleep(max(before, settings.gateway.deadline).total_seconds())
    for adapter in replaced:
        await adapter.close()


def _ready(gateway: Gateway, listening: str, operations: str) -> Mapping[str, object]:
    return {
        "base_url": gateway.state.policy.base_url,
        "listening": listening,
        "audience": gateway.state.policy.audience,
        "ops_url": operations,
        "pid": os.getpid(),
        "log": {"origin": gateway.settings.gateway.log_origin, "public_key": gateway.log_vkey},
    }


def write_ready(path: Path, document: Mapping[str, object]) -> None:
    """Write a JSON file that is never seen half written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(document, file, indent=2, ensure_ascii=False)
        file.write("\n")
    Path(name).replace(path)
