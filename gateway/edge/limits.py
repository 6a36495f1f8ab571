"""How much a connection may send, and how long it may take.

These are properties of the protocol and of this program, not of an installation, so they are constants with reasons
rather than settings. Tests pass smaller ones.
"""

from dataclasses import dataclass

_KIB = 1024
_MIB = 1024 * _KIB


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes, counts and seconds of one listening socket."""

    # A token may be 16 KiB; what proxies add (cookies of theirs, tracing, forwarding) stays far below the other half.
    head_bytes: int = 32 * _KIB
    # Trailers count too: they are read over, but reading over them is work.
    header_lines: int = 100
    # Chunk sizes, chunk extensions and trailers of one message: a full body in chunks of six bytes still passes.
    framing_bytes: int = 256 * _KIB
    # A head fits a few packets and a body is 256 KiB: whoever needs longer is not a portal on a working line.
    head_seconds: float = 10.0
    body_seconds: float = 30.0
    # An answer that is not fetched within this time is dropped with its connection. Counted anew each time the caller
    # has taken what waited for it, never for a part of that.
    answer_seconds: float = 30.0
    # Portals keep connections open and use them in turn; each open one costs a file descriptor and about 10 KiB.
    connections: int = 2048
    # Connections over the limit that are told so at one time; more than these are cut without a word.
    told: int = 256
    # Requests sent ahead on one connection. Each waiting one costs a hundred times its bytes.
    pipelined: int = 16
    # Bodies held in memory over all connections, from their first byte until their answer.
    held_bytes: int = 64 * _MIB
    # So much of every body is not counted: whoever fills the memory above with large bodies does not keep ordinary
    # calls (about 1 KiB) out. The number of connections bounds what this adds, to 32 MiB.
    free_bytes: int = 16 * _KIB
    # After a refusal the rest of what the caller sends is read over for this long: closing at once would reset the
    # connection, and the refusal would be lost on its way (RFC 9112 section 9.6).
    linger_seconds: float = 1.0


class Held:
    """Bytes of request bodies in memory. One per listening socket; used from one event loop."""

    __slots__ = ("_most", "total")

    def __init__(self, most: int) -> None:
        self._most = most
        self.total = 0

    def take(self, size: int) -> bool:
        """Count `size` bytes more. False, and nothing counted, when they do not fit."""
        if self.total + size > self._most:
            return False
        self.total += size
        return True

    def release(self, size: int) -> None:
        """Give back what was taken."""
        self.total -= size
