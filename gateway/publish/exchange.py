"""One HTTP exchange with a witness or a time-stamping authority: a total deadline around a bounded answer.

Rule of this file: it raises `EndpointFailed` (and `CancelledError`) and nothing else, logs nothing, follows no
redirect, takes no proxy from the environment, and looks into no body.
"""

import asyncio
import ssl
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import httpx

from gateway.publish.settings import LARGEST_ANSWER
from gateway.publish.state import EndpointFailed, Problem


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, wholly read. `content_type`: in lower case, without parameters; "" when there is none."""

    status: int
    content_type: str
    body: bytes = field(repr=False)


class Exchange:
    """The way to all endpoints. Belongs to one event loop.

    `deadline`: seconds; `tls`: whose certificates are trusted, None for the usual ones.
    """

    def __init__(self, *, deadline: float, tls: ssl.SSLContext | None = None) -> None:
        self._deadline = deadline
        # no compression: what is counted is what is kept
        self._http = httpx.AsyncClient(
            verify=tls or True,
            timeout=None,  # noqa: S113  # the deadline is over the whole exchange
            trust_env=False,
            headers={"Accept-Encoding": "identity", "User-Agent": "lienthong-gateway"},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def post(self, url: str, content: bytes, content_type: str) -> Reply:
        """The answer to a POST, whatever its status.

        Raises `EndpointFailed`: unreachable, timeout, too_large, and malformed for a compressed answer.
        """
        try:
            async with (
                asyncio.timeout(self._deadline),
                self._http.stream("POST", url, content=content, headers={"Content-Type": content_type}) as response,
            ):
                if response.headers.get("content-encoding", "identity") != "identity":
                    raise EndpointFailed(Problem.MALFORMED)
                return Reply(response.status_code, _media_type(response), await _bounded(response))
        except (TimeoutError, httpx.TimeoutException):
            raise EndpointFailed(Problem.TIMEOUT) from None
        except httpx.HTTPError:
            raise EndpointFailed(Problem.UNREACHABLE) from None

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.aclose()


async def _bounded(response: httpx.Response) -> bytes:
    body = bytearray()
    async for part in response.aiter_raw():
        body += part
        if len(body) > LARGEST_ANSWER:
            raise EndpointFailed(Problem.TOO_LARGE)
    return bytes(body)


def _media_type(response: httpx.Response) -> str:
    value: str = response.headers.get("content-type", "")
    return value.partition(";")[0].strip().lower()
