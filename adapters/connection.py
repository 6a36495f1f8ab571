"""How the gateway connects to a source: TLS always verified, nothing remembered, no proxy from outside.

Rule of this file: the rest of the code sees `httpx.AsyncBaseTransport` only. The transport is used without
`httpx.AsyncClient` in front of it, because the client logs every URL at INFO, keeps cookies and can follow
redirects.
"""

import ssl
from pathlib import Path

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from adapters.settings import ProfileError

# Widely used servers close an idle connection after 5 s, and a request sent at that moment is lost: be first.
_IDLE_SECONDS = 4.0


def tls_context(ca_file: str | None = None) -> ssl.SSLContext:
    """A verifying client context, TLS 1.2 or newer.

    `ca_file`: PEM file of the only authorities to trust, for a source with its own; None trusts the system's.
    Raises `ProfileError` with key `ca_file` when it cannot be read.
    """
    try:
        context = ssl.create_default_context(cafile=None if ca_file is None else str(Path(ca_file)))
    except (OSError, ssl.SSLError) as error:
        raise ProfileError("ca_file cannot be read as PEM certificates", key="ca_file") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def connect(concurrency: int, tls: ssl.SSLContext) -> httpx.AsyncBaseTransport:
    """Connections to one source, at most `concurrency` at once. Opens nothing until the first request."""

    def session() -> aiohttp.ClientSession:
        # made on first use because a session belongs to the running loop
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=concurrency, ssl=tls, keepalive_timeout=_IDLE_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None),  # the deadline is the transport's
        )

    # the bridge would build a context of its own, from the environment, unless it is given one
    return AiohttpTransport(verify=tls, trust_env=False, client=session)
