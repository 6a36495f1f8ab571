"""The demo's auditor: signs in to the console with password and code, and looks for a person, over HTTP like a browser.

Rule of this file: it knows what a browser knows: addresses, forms and cookies.
"""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from types import TracebackType
from typing import Any, Self

import httpx
import pyotp

_PATIENCE_SECONDS = 15.0
_TOKEN = re.compile(r'name="csrf" value="([^"]+)"')


class NotSeen(Exception):  # noqa: N818 - it says what happened
    """The console did not show what an auditor expects there."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A page: its status and its text."""

    status: int
    address: str
    text: str


class Auditor:
    """A browser that is signed in. Use it in a `with` block. `now`: the clock of the telephone that makes the codes."""

    def __init__(self, console_url: str, account: Mapping[str, Any], now: Callable[[], datetime]) -> None:
        self._account, self._now = account, now
        self._http = httpx.Client(
            base_url=console_url, headers={"origin": console_url}, follow_redirects=True, timeout=30, trust_env=False
        )

    def __enter__(self) -> Self:
        self.sign_in()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._http.close()

    def sign_in(self) -> None:
        """Name and password, then a code; once more when that code was just over. Raises NotSeen."""
        for _ in range(2):
            form = self.read("/sign-in")
            self.send("/sign-in", form, username=self._account["username"], password=self._account["password"])
            code = pyotp.TOTP(self._account["totp_secret"]).at(self._now())
            page = self.send("/sign-in/code", self.read("/sign-in/code"), code=code)
            if page.status == 200 and not page.address.startswith("/sign-in"):
                return
        raise NotSeen(f"the console did not let the sample account in (status {page.status})")

    def cookies(self) -> dict[str, str]:
        """What the browser keeps."""
        return dict(self._http.cookies)

    def read(self, path: str) -> Seen:
        """A page."""
        return _seen(self._http.get(path))

    def send(self, path: str, page: Seen, **fields: str) -> Seen:
        """A form of a page, and the page it leads to."""
        token = _TOKEN.search(page.text)
        if token is None:
            raise NotSeen(f"there is no form on {page.address} (status {page.status})")
        return _seen(self._http.post(path, data={"csrf": unescape(token.group(1)), **fields}))

    def search(self, number: str, wanted: int) -> Seen:
        """Search for a person until an entry is among the results: the index is a moment behind. Raises NotSeen."""
        ends = time.monotonic() + _PATIENCE_SECONDS
        while True:
            page = self.send("/search", self.read("/search"), subject=number)
            if page.status == 200 and re.search(rf'href="/entries/{wanted}"', page.text):
                return page
            if time.monotonic() > ends:
                raise NotSeen(f"entry {wanted} is not among the results (status {page.status})")
            time.sleep(0.25)


def _seen(answer: httpx.Response) -> Seen:
    return Seen(answer.status_code, answer.url.path, answer.text)
