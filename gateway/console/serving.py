"""The console as a process: one listening socket behind the edge (`gateway.edge`), and the follower beside it.

Signals: SIGTERM and SIGINT end it after the pages under way, SIGHUP reads names and rules again.

Rule of this file: no line says who looked, at what, or from where.
"""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from config.errors import ConfigError
from config.model import Settings
from gateway import logs
from gateway.console.compose import Console, ConsoleRefused, compose
from gateway.edge.limits import Limits
from gateway.edge.listening import address, listen, server, write_ready
from gateway.edge.protocol import bound
from gateway.errors import Code, Refusal, Refused

_CONNECTIONS = 512
"""Auditors are tens; a browser opens six connections, and a proxy shares its own among all of them."""

_STATUS = {Code.BODY_TOO_LARGE: 413, Code.OVERLOADED: 503}


def edge(most: Limits) -> type[HttpToolsProtocol]:
    """The edge of the console: what is refused before there is a request is told in one line."""

    def problem(refusal: Refusal) -> tuple[int, bytes, Mapping[str, str]]:
        status = _STATUS.get(refusal.code, 400)
        headers = {"content-type": "text/plain; charset=utf-8", "cache-control": "no-store"}
        return status, f"{refusal.code.value}\n".encode(), headers

    return bound(most, problem)


def unbroken(application: ASGIApp) -> ASGIApp:
    """The application, to which a body that the edge refuses half way looks like a browser that has gone.

    The edge ends the connection after whatever is answered then.
    """

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async def read() -> Message:
            try:
                return await receive()
            except Refused:
                return {"type": "http.disconnect"}

        await application(scope, read, send)

    return app


async def serve(settings: Settings, *, load: Callable[[], Settings], ready_file: Path | None) -> None:
    """Run until SIGTERM or SIGINT. `load` reads the configuration again at SIGHUP.

    `ready_file` is written once the port answers. Raises what `compose` raises, and OSError for a taken port.
    """
    taken = listen(settings.gateway.console.listen)
    console = await compose(settings, settings.gateway.console.public_url or address(taken))
    stop, turn, loop = asyncio.Event(), asyncio.Lock(), asyncio.get_running_loop()
    background: set[asyncio.Task[None]] = set()

    def hangup() -> None:
        task = loop.create_task(_reload(console, load, turn))
        background.add(task)
        task.add_done_callback(background.discard)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, hangup)
    console.start()
    serving = server(unbroken(console.app), edge(replace(Limits(), connections=_CONNECTIONS)))
    running = loop.create_task(serving.serve(sockets=[taken]))
    while not serving.started:  # noqa: ASYNC110 - uvicorn tells it in no other way
        await asyncio.sleep(0.01)
    logs.line("console_started", console=console.reception.origin, configuration=settings.digest)
    if ready_file is not None:
        write_ready(ready_file, _ready(console, address(taken)))
    await stop.wait()
    serving.should_exit = True
    await running
    await console.close()
    logs.line("console_stopped")


async def _reload(console: Console, load: Callable[[], Settings], turn: asyncio.Lock) -> None:
    try:
        async with turn:
            settings = await asyncio.get_running_loop().run_in_executor(None, load)
            console.reload(settings)
    except ConfigError as error:
        for problem in error.problems:
            logs.line("reload_refused", place=str(problem.place), problem=problem.message)
    except ConsoleRefused as error:
        logs.line("reload_refused", problem=str(error))
    except OSError as error:
        logs.line("reload_refused", problem=type(error).__name__)
    else:
        logs.line("reloaded", configuration=settings.digest)


def _ready(console: Console, listening: str) -> Mapping[str, object]:
    return {"console_url": console.reception.origin, "listening": listening, "pid": os.getpid()}
