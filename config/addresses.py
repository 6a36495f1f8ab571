"""Addresses as operators write them: where to listen, and what to call.

Rule of this file: text in, value out; ValueError says what the text must be, to be put behind the key's name.
"""

from urllib.parse import urlsplit

from config.running import Endpoint

LOOPBACK = ("localhost", "127.0.0.1", "::1")


def endpoint(text: str) -> Endpoint:
    """`127.0.0.1:8080` or `[::1]:8080` as a value. ValueError with a sentence otherwise."""
    host, colon, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") if host.startswith("[") else host
    if not colon or not host or not (port.isascii() and port.isdigit()) or int(port) > 65535:
        raise ValueError("must be host:port, such as 127.0.0.1:8080 (port 0: a free one)")
    return Endpoint(host, int(port))


def web_url(text: str) -> str:
    """An absolute http or https URL without query, fragment and user, its last slash removed. ValueError otherwise."""
    parts = urlsplit(text)
    plain = parts.scheme in ("http", "https") and bool(parts.hostname) and not text.endswith(("?", "#"))
    if not plain or parts.query or parts.fragment or "@" in parts.netloc or not text.isprintable() or " " in text:
        raise ValueError("must be a URL such as https://gateway.example.gov.vn, without query, fragment or user")
    _ = parts.port  # a port that is no number raises ValueError
    return text.rstrip("/")


def exposed(url: str) -> bool:
    """Whether calls to this URL leave the machine unencrypted."""
    parts = urlsplit(url)
    return parts.scheme == "http" and parts.hostname not in LOOPBACK
