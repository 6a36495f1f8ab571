"""Signing of calls, as an httpx authentication: each request gets a token made for it alone.

Rule of this file: no input or output. Time and randomness are given.
"""

from collections.abc import Callable, Generator, Mapping
from datetime import datetime

import httpx

from signing import request as request_tokens
from signing.keys import Signer

BEARER = "Bearer "
"""What stands before the token in `Authorization`."""


class GatewayAuth(httpx.Auth):
    """Signs every request of an httpx client (sync or async) for `purpose`.

    The token covers method, address and body as they leave, so nothing may change them afterwards. `random(n)` gives n
    random bytes. Raises `signing.errors.ClaimUnfit` for an address with a query.
    """

    requires_request_body = True

    def __init__(
        self,
        signer: Signer,
        *,
        iss: str,
        aud: str,
        purpose: Mapping[str, str],
        now: Callable[[], datetime],
        random: Callable[[int], bytes],
    ) -> None:
        self._signer = signer
        self._iss = iss
        self._aud = aud
        self._purpose = dict(purpose)
        self._now = now
        self._random = random

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """The request with `Authorization` and, where it has a body, `Content-Digest`."""
        token, digest = request_tokens.request_token(
            self._signer,
            iss=self._iss,
            aud=self._aud,
            method=request.method,
            url=str(request.url),
            body=request.content,
            purpose=self._purpose,
            at=self._now(),
            jti=request_tokens.nonce(self._random(request_tokens.NONCE_BYTES)),
        )
        request.headers["Authorization"] = BEARER + token
        if digest is not None:
            request.headers["Content-Digest"] = digest
        yield request


def token_sent(request: httpx.Request) -> str | None:
    """The token a request carried, or None."""
    value = request.headers.get("Authorization", "")
    return value.removeprefix(BEARER) if value.startswith(BEARER) else None
