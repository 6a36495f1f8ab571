"""The console's cookies: the session's, one by which a browser is known, one that waits during single sign-on.

Over https all have the `__Host-` prefix (RFC 6265bis, section 4.1.3.2): Secure, this host only, the whole of it. On
plain http, which is for loopback only, a browser would drop such a cookie; names and attributes are then plain.

Rule of this file: which of the two is so is decided by the configured address of the console, never by a request.
"""

import re
from typing import Final, Literal
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from signing.encoding import base64url, from_base64url
from signing.errors import EncodingMalformed

SESSION: Final = "lt_session"
KNOWN: Final = "lt_known"
KNOWN_SECONDS: Final = 180 * 24 * 60 * 60
SINGLE_SIGN_ON: Final = "lt_sso"
SINGLE_SIGN_ON_SECONDS: Final = 10 * 60
_ID = re.compile(r"[A-Za-z0-9_-]{43}")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class Cookies:
    """Reads and sets the cookies of the console at `base_url`.

    Raises ValueError for an address that is neither https nor http on loopback.
    """

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        self._secure = parts.scheme == "https"
        if not self._secure and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            raise ValueError("the console's address must be https, or http on loopback")

    def name(self, plain: str) -> str:
        """The name of a cookie as the browser knows it."""
        return f"__Host-{plain}" if self._secure else plain

    def session_id(self, request: Request) -> str | None:
        """The session's id in the request; None when there is none or it is not of its form."""
        value = request.cookies.get(self.name(SESSION), "")
        return value if _ID.fullmatch(value) else None

    def waiting(self, request: Request) -> str:
        """What was kept while somebody was at the identity provider, or nothing."""
        return request.cookies.get(self.name(SINGLE_SIGN_ON), "")

    def set_session(self, response: Response, session_id: str) -> None:
        """Give the browser a session's id, until it is closed."""
        self._set(response, SESSION, session_id, samesite="strict", seconds=None)

    def set_waiting(self, response: Response, value: str) -> None:
        """Keep something while somebody is at the identity provider.

        SameSite is Lax: the way back is a navigation from another site, on which a Strict cookie is not sent.
        """
        self._set(response, SINGLE_SIGN_ON, value, samesite="lax", seconds=SINGLE_SIGN_ON_SECONDS)

    def proof(self, request: Request) -> bytes:
        """What the browser is known by, sealed; nothing when it is not of its form."""
        try:
            return from_base64url(request.cookies.get(self.name(KNOWN), ""))
        except EncodingMalformed:
            return b""

    def set_proof(self, response: Response, proof: bytes) -> None:
        """Let the browser be known for half a year. It opens nothing: the password is asked for all the same."""
        self._set(response, KNOWN, base64url(proof), samesite="strict", seconds=KNOWN_SECONDS)

    def drop_session(self, response: Response) -> None:
        """Take the session's id back."""
        self._set(response, SESSION, "", samesite="strict", seconds=0)

    def drop_waiting(self, response: Response) -> None:
        """Take back what was kept."""
        self._set(response, SINGLE_SIGN_ON, "", samesite="lax", seconds=0)

    def _set(
        self, response: Response, plain: str, value: str, *, samesite: Literal["strict", "lax"], seconds: int | None
    ) -> None:
        response.set_cookie(
            self.name(plain),
            value,
            max_age=seconds,
            path="/",
            secure=self._secure,
            httponly=True,
            samesite=samesite,
        )


def origin_of(base_url: str) -> str:
    """The origin (RFC 6454) of an address: scheme, host and port."""
    parts = urlsplit(base_url)
    return f"{parts.scheme}://{parts.netloc}".lower()
