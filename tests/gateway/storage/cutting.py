"""A way to a server that breaks at a chosen moment, on real sockets."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import urlsplit


class Cut(StrEnum):
    """What happens to the connection on which `word` is sent."""

    BEFORE = "the word does not arrive, and the connection is cut"
    AFTER = "the word arrives and is answered, and the connection is cut before the answer"
    SILENCE = "the word does not arrive, and nobody says so"


@dataclass(slots=True)
class Cutting:
    """Forwards to `target`. `cut` happens once, to the next connection on which `word` is sent."""

    target: tuple[str, int]
    listener: socket.socket
    word: bytes = b"COMMIT;"
    cut: Cut | None = None
    sockets: list[socket.socket] = field(default_factory=list)
    threads: list[threading.Thread] = field(default_factory=list)

    def through(self, url: str) -> str:
        """The address of a database, by this way."""
        parts = urlsplit(url)
        user = parts.netloc.rpartition("@")[0]
        return parts._replace(netloc=f"{user}@127.0.0.1:{self.listener.getsockname()[1]}").geturl()

    def serve(self) -> None:
        """Take connections until the listener is closed."""
        with suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                far = socket.create_connection(self.target)
                self.sockets += [near, far]
                state: dict[str, Cut] = {}
                for act in (self._forth, self._back):
                    self.spawn(act, near, far, state)

    def spawn(self, act: object, *values: object) -> None:
        """Run a part of it in a thread of its own."""
        thread = threading.Thread(target=act, args=values, daemon=True)  # type: ignore[arg-type]
        self.threads.append(thread)
        thread.start()

    def _forth(self, near: socket.socket, far: socket.socket, state: dict[str, Cut]) -> None:
        with suppress(OSError):
            while data := near.recv(65536):
                if self.cut is not None and self.word in data:
                    state["cut"], self.cut = self.cut, None
                    if state["cut"] is Cut.SILENCE:
                        continue
                    if state["cut"] is Cut.BEFORE:
                        break
                far.sendall(data)
        _close(near, far, state, keep=state.get("cut") is Cut.AFTER)

    def _back(self, near: socket.socket, far: socket.socket, state: dict[str, Cut]) -> None:
        with suppress(OSError):
            while data := far.recv(65536):
                if state.get("cut") is Cut.AFTER:
                    break
                near.sendall(data)
        _close(near, far, state, keep=False)


def _close(near: socket.socket, far: socket.socket, state: dict[str, Cut], *, keep: bool) -> None:
    if keep:
        return
    for one in (near, far):
        with suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


@contextmanager
def cutting(url: str) -> Iterator[Cutting]:
    """A way to the server of `url`."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    listener = socket.create_server(("127.0.0.1", 0))
    way = Cutting((parts.hostname, parts.port), listener)
    way.spawn(way.serve)
    try:
        yield way
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for one in way.sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        for thread in way.threads:
            thread.join(timeout=10)
        for one in way.sockets:
            one.close()
