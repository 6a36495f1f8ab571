"""A port of loopback for a server that is started later, or stopped and started again."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def held_port() -> Iterator[int]:
    """A free port of 127.0.0.1 that nobody else is given until the block ends, whether its server runs or not.

    A port that was only looked up may be somebody else's by the time it is needed: tests run side by side, and each
    connection takes one. This one stays bound. A server binds it all the same, for both sides allow that
    (SO_REUSEADDR, and only one listens); while there is no server, connections are refused.
    """
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        held.bind(("127.0.0.1", 0))
        yield int(held.getsockname()[1])
