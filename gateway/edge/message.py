"""Bytes of HTTP/1.1 that the edge prints itself: its refusals, and a request's head without the wish to upgrade."""

from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus

Header = tuple[bytes, bytes]


def printed(
    status: int, body: bytes, headers: Mapping[str, str], *, server: Iterable[Header], to_head: bool = False
) -> bytes:
    """A complete response that ends its connection. `server` are the header lines every response carries (Date).

    `to_head` answers a HEAD: the lines, the length among them, are those of a GET; no body follows them (RFC 9110
    section 9.3.2).
    """
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}".encode("ascii")]
    lines += [name + b": " + value for name, value in server]
    lines += [f"{name}: {value}".encode("latin-1") for name, value in headers.items()]
    lines += [f"content-length: {len(body)}".encode("ascii"), b"connection: close", b"", b"" if to_head else body]
    return b"\r\n".join(lines)


def not_upgrading(method: bytes, target: bytes, version: str, headers: Iterable[Header]) -> bytes:
    """The head again, without `Upgrade`: a server may ignore that field (RFC 9110 section 7.8), the parser does not."""
    kept = [name + b": " + value for name, value in headers if name != b"upgrade"]
    return b"\r\n".join([b"%s %s HTTP/%s" % (method, target, version.encode("ascii")), *kept, b"", b""])


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    """`data` in parts of at most `size` bytes."""
    if len(data) <= size:
        yield data
        return
    for start in range(0, len(data), size):
        yield data[start : start + size]
