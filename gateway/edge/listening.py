"""A listening socket, a server behind its edge, and the file that tells where it listens. For every port of ours.

Rule of this file: nothing of what is served is known here. Signals are left to whoever runs the server.
"""

import contextlib
import json
import os
import resource
import socket
import tempfile
from collections.abc import Generator, Mapping
from dataclasses import replace
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from config.running import Endpoint
from gateway.edge.limits import Limits

_BACKLOG = 2048
_KEEP_ALIVE_SECONDS = 30
_LAST_ANSWERS_SECONDS = 2


class Server(uvicorn.Server):
    """A uvicorn server that leaves the signals to us: one drain for all ports of a process."""

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


def limits() -> Limits:
    """The limits of a public socket. Half of the files this process may open are left to log and registries."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    usual = Limits()
    return usual if files == resource.RLIM_INFINITY else replace(usual, connections=min(usual.connections, files // 2))


def server(application: ASGIApp, edge: type[HttpToolsProtocol]) -> Server:
    """A server for one application behind its edge."""
    return Server(
        uvicorn.Config(
            application,
            loop="uvloop",
            http=edge,
            ws="none",
            lifespan="off",
            access_log=False,
            server_header=False,
            proxy_headers=False,  # whom to believe about that is decided by the application, or nothing depends on it
            log_config=None,
            timeout_keep_alive=_KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=_LAST_ANSWERS_SECONDS,
        )
    )


def write_ready(path: Path, document: Mapping[str, object]) -> None:
    """Write a JSON file that is never seen half written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(document, file, indent=2, ensure_ascii=False)
        file.write("\n")
    Path(name).replace(path)
