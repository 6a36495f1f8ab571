"""A port for a server that is started after it was chosen, or stopped and started again at the same address."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def reserved_port() -> Iterator[int]:
    """A port of 127.0.0.1 that the system gives to nobody else for the block.

    A socket is bound to it and never listens. Linux lets a server that asks for this very port, with SO_REUSEADDR as
    servers do, bind beside it, and passes over the port where anyone asks for a free one.
    """
    with socket.socket() as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        yield int(holder.getsockname()[1])
