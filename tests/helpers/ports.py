"""A port of loopback that is nobody's but the test's: for servers that are told a number, and where nobody may answer.

A port that was free a moment ago may be another process's by the time a server binds it. This one is kept: bound, and
not listened on, so that neither a bind to port 0 nor an outgoing connection is given it, and a connection to it is
refused. Linux lets a server bind and listen on it all the same, as long as both said SO_REUSEADDR, as servers do.
"""

import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def kept_port() -> Iterator[int]:
    """Its number, for the block."""
    with socket.socket() as kept:
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        kept.bind(("127.0.0.1", 0))
        yield int(kept.getsockname()[1])
