"""Two listening sockets, one process: the API and the operations port, both behind the edge (`gateway.edge`).

Signals: SIGTERM and SIGINT drain, SIGHUP reloads.
"""

import asyncio
import gc
import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from adapters.contract import Adapter
from config.errors import ConfigError
from config.model import Settings
from gateway import logs
from gateway.api import app as api
from gateway.api import problems, sealing
from gateway.api.state import State
from gateway.app import Gateway, compose, drained
from gateway.edge.limits import Limits
from gateway.edge.listening import Server, address, limits, listen, server, write_ready
from gateway.edge.protocol import bound
from gateway.errors import Refusal
from gateway.ops import app as ops
from gateway.wire import answers
from signing.errors import SigningError

_COLLECT_AFTER = (10_000, 20, 20)  # objects; rounds of the generation before; likewise
# A monitor and an operator or two: whoever opens more there is not one of them.
_OPS_CONNECTIONS = 128


def public_edge(state: State, most: Limits) -> type[HttpToolsProtocol]:
    """The edge of the API: what it refuses is signed and counted like every other refusal before the pipeline."""

    def problem(refusal: Refusal) -> tuple[int, bytes, Mapping[str, str]]:
        state.world.observe.rejected(refusal.code.value)
        made = sealing.unread(state, refusal)
        return made.status, made.body, made.headers

    return bound(most, problem)


def operations_edge(state: State, most: Limits) -> type[HttpToolsProtocol]:
    """The edge of the operations port: the same problems, unsigned as everything there."""

    def problem(refusal: Refusal) -> tuple[int, bytes, Mapping[str, str]]:
        status, body, headers = problems.printed(refusal, state.policy.base_url, state.instance())
        return status, body, {"content-type": answers.PROBLEM, **headers}

    return bound(most, problem)


async def serve(settings: Settings, *, load: Callable[[], Settings], ready_file: Path | None) -> None:
    """Run until SIGTERM or SIGINT. `load` reads the configuration again at SIGHUP.

    `ready_file` is written once both ports answer. Raises what `compose` raises, and OSError for a taken port.
    """
    api_socket, ops_socket = listen(settings.gateway.listen), listen(settings.gateway.ops)
    gateway = await compose(settings, settings.gateway.public_url or address(api_socket))
    if not await gateway.note_changes():
        logs.line("change_not_recorded", configuration=settings.digest)
    gateway.keeper.start()
    gateway.publisher.start()
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
    most = limits()
    public = server(api.build(gateway.state), public_edge(gateway.state, most))
    operations = server(
        ops.build(gateway.registry, gateway.health, gateway.door),
        operations_edge(gateway.state, replace(most, connections=_OPS_CONNECTIONS)),
    )
    running = [
        loop.create_task(public.serve(sockets=[api_socket])),
        loop.create_task(operations.serve(sockets=[ops_socket])),
    ]
    while not (public.started and operations.started):  # noqa: ASYNC110 - uvicorn tells it in no other way
        await asyncio.sleep(0.01)
    _settle_memory()
    logs.line("started", api=gateway.state.policy.base_url, ops=address(ops_socket), configuration=settings.digest)
    if ready_file is not None:
        write_ready(ready_file, _ready(gateway, address(api_socket), address(ops_socket)))
    await stop.wait()
    await _stop(gateway, public, operations, running)


def _settle_memory() -> None:
    """Take what was built at start out of the garbage collector's rounds: it lives as long as the process.

    Calls leave little garbage in cycles behind, so the rounds over the young objects may be rarer too.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECT_AFTER)


async def _stop(gateway: Gateway, public: Server, operations: Server, running: list[asyncio.Task[None]]) -> None:
    gateway.drain()
    seconds = gateway.settings.gateway.drain.total_seconds()
    logs.line("draining", under_way=gateway.state.world.admission.under_way, seconds=seconds)
    complete = await drained(gateway.state, seconds)
    public.should_exit = operations.should_exit = True
    await asyncio.gather(*running)
    await gateway.close()
    logs.line("stopped", complete=str(complete).lower())


async def _reload(gateway: Gateway, load: Callable[[], Settings], turn: asyncio.Lock) -> None:
    """Read the configuration again. Reloads take turns, so that the newest files win."""
    before = _longest(gateway.settings)
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
    if not await gateway.note_changes():
        logs.line("change_not_recorded", configuration=settings.digest)
    # calls and jobs under way may still hold a replaced adapter
    await asyncio.sleep(max(before, _longest(settings)))
    for adapter in replaced:
        await adapter.close()


def _longest(settings: Settings) -> float:
    """Seconds for which anything may be under way."""
    return max(settings.gateway.deadline, settings.gateway.jobs.deadline).total_seconds()


def _ready(gateway: Gateway, listening: str, operations: str) -> Mapping[str, object]:
    return {
        "base_url": gateway.state.policy.base_url,
        "listening": listening,
        "audience": gateway.state.policy.audience,
        "ops_url": operations,
        "pid": os.getpid(),
        "log": {"origin": gateway.settings.gateway.log_origin, "public_key": gateway.log_vkey},
    }
