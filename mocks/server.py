"""Serves applications on loopback, several in one process and one loop.

Rule of this file: a port is bound before anything is promised, no request line is ever logged (it may hold an
identifier), and whoever entered the context decides when serving ends.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.types import ASGIApp

HOST = "127.0.0.1"
_GRACE_SECONDS = 1
_POLL_SECONDS = 0.005


class _Server(uvicorn.Server):
    """A server that leaves the process's signals to its owner."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(
    apps: Mapping[str, ASGIApp], *, ports: Mapping[str, int] | None = None
) -> AsyncIterator[dict[str, str]]:
    """The base URL of each application, all of them answering, until the context is left.

    `ports`: fixed ports by name; the others are free ones. Raises `OSError` when a port is taken.
    """
    sockets = _bound({name: (ports or {}).get(name, 0) for name in apps})
    servers = {name: _server(app) for name, app in apps.items()}
    tasks = [asyncio.create_task(server.serve([sockets[name]])) for name, server in servers.items()]
    try:
        while not all(server.started for server in servers.values()):
            for task in tasks:
                if task.done():
                    task.result()
            await asyncio.sleep(_POLL_SECONDS)
        yield {name: f"http://{HOST}:{sock.getsockname()[1]}" for name, sock in sockets.items()}
    finally:
        for server in servers.values():
            server.should_exit = True
        await asyncio.gather(*tasks)
        for sock in sockets.values():
            sock.close()


def _bound(ports: Mapping[str, int]) -> dict[str, socket.socket]:
    bound: dict[str, socket.socket] = {}
    try:
        for name, port in ports.items():
            # the protocol is named so that asyncio turns Nagle off on accepted connections
            bound[name] = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
            bound[name].setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound[name].bind((HOST, port))
    except OSError:
        for sock in bound.values():
            sock.close()
        raise
    return bound


def _server(app: ASGIApp) -> uvicorn.Server:
    config = uvicorn.Config(
        app,
        http="httptools",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )
    return _Server(config)
