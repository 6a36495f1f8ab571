"""Chromium, and people who use it: what they open is watched, and nothing they see may come from elsewhere.

Rule of this file: every request, message and error of a browser context is kept, and `Watch.check` is asked at the end
of every test, so that no page can break a rule while another thing is tested.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pyotp
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from gateway.cli.demo.accounts import Sample
from tests.helpers.stack import ROOT

FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
)
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
PATIENCE_MS = 90_000
_OWN_SCHEMES = frozenset({"data", "blob", "about"})
_STEP = 30
_FRESH_SECONDS = 5 * 60
"""How long a session that was kept is taken up again: the console ends one that lies idle for fifteen minutes."""


def chromium_path() -> str:
    """Debian's Chromium, installed where that is possible, and never done without."""
    done = subprocess.run(
        [str(ROOT / "deploy" / "test-tools.sh"), "browser"], check=False, capture_output=True, text=True
    )
    path = shutil.which("chromium")
    assert path, f"chromium not found, and deploy/test-tools.sh could not help: {done.stderr}"
    return path


@contextmanager
def chromium() -> Iterator[Browser]:
    """One browser. It speaks to loopback alone, whatever proxy the machine has."""
    inherited = os.environ.items()  # noqa: TID251 - handed on to the browser
    environ = {name: value for name, value in inherited if "proxy" not in name.lower()}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS), env=environ)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Watch:
    """What happened in a browser context. `refusals`: answers that a test expects to be refused, by path."""

    origin: str
    requests: list[Request] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    refusals: set[str] = field(default_factory=set)

    def over(self, context: BrowserContext) -> None:
        """Watch everything in a context."""
        context.on("request", self._request)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.said.append(f"error: {error.error}"))

    def _request(self, request: Request) -> None:
        self.requests.append(request)

    def _console(self, message: ConsoleMessage) -> None:
        path = urlsplit(message.location.get("url", "")).path
        if message.type in {"error", "warning"} and path not in self.refusals:
            self.said.append(f"{message.type}: {message.text} at {path}")

    def addresses(self) -> list[str]:
        """Every address that was asked for, in order."""
        return [request.url for request in self.requests]

    def check(self, *, never: str = "") -> None:
        """No error, no violation of the policy, nothing from elsewhere, and `never` in no address or header."""
        assert self.said == []
        elsewhere = [url for url in self.addresses() if urlsplit(url).scheme not in _OWN_SCHEMES]
        assert [url for url in elsewhere if not url.startswith(self.origin + "/")] == []
        if never:
            for request in self.requests:
                assert never not in request.url
                assert never not in repr(request.headers)


@dataclass
class Visitor:
    """Somebody at a browser."""

    page: Page
    watch: Watch
    url: str

    def go(self, path: str, *, status: int = 200) -> Page:
        """Open an address; it has to answer like this."""
        if status >= 400:
            self.watch.refusals.add(path)
        answer = self.page.goto(self.url + path)
        assert answer is not None
        assert answer.status == status, f"{path}: {answer.status}"
        return self.page

    def path(self) -> str:
        """Where the browser is."""
        return urlsplit(self.page.url).path

    def main(self) -> str:
        """The text of the page's main part."""
        return self.page.locator("main").inner_text()

    def navigation(self) -> list[str]:
        """Where the navigation leads."""
        return [str(link.get_attribute("href")) for link in self.page.locator("nav.nav a").all()]


@dataclass
class Door:
    """The way into a console. Codes work once, so one is counted on for whoever signs in again."""

    browser: Browser
    url: str
    _used: dict[str, int] = field(default_factory=dict)
    _kept: dict[str, tuple[float, Any]] = field(default_factory=dict)

    @contextmanager
    def visitor(self, *, never: str = "", **given: Any) -> Iterator[Visitor]:
        """A new browser context; watched, and judged at the end."""
        options = {"viewport": DESKTOP, "locale": "en-GB", "service_workers": "block", **given}
        context = self.browser.new_context(**options)
        context.set_default_timeout(PATIENCE_MS)
        watch = Watch(self.url)
        watch.over(context)
        try:
            yield Visitor(context.new_page(), watch, self.url)
            watch.check(never=never)
        finally:
            context.close()

    @contextmanager
    def signed_in(self, who: Sample, *, language: str = "en", never: str = "", **given: Any) -> Iterator[Visitor]:
        """A context in which somebody has signed in, once for the tests of some minutes."""
        since, session = self._kept.get(who.username, (0.0, None))
        if session is None or time.monotonic() - since > _FRESH_SECONDS:
            with self.visitor() as visitor:
                self.sign_in(visitor, who)
                session = visitor.page.context.storage_state()
                self._kept[who.username] = time.monotonic(), session
        with self.visitor(never=never, storage_state=session, **given) as visitor:
            visitor.page.context.add_cookies([{"name": "lang", "value": language, "url": self.url}])
            yield visitor

    def forget(self, who: Sample) -> None:
        """The session that was kept has ended; the next one to come signs in anew."""
        del self._kept[who.username]

    def sign_in(self, visitor: Visitor, who: Sample) -> None:
        """Name and password, then the code."""
        page = visitor.go("/sign-in")
        page.locator("#username").fill(who.username)
        page.locator("#password").fill(who.password)
        page.locator("main button[type=submit]").click()
        page.locator("#code").fill(self.code(who.username, who.totp_secret))
        page.locator("main button[type=submit]").click()
        page.wait_for_url(lambda url: "/sign-in" not in url)

    def code(self, username: str, secret: str) -> str:
        """The next code that is good: every one works once, and one step ahead is accepted."""
        step = max(int(time.time()) // _STEP, self._used.get(username, 0) + 1)
        while step > int(time.time()) // _STEP + 1:
            time.sleep(0.5)
        self._used[username] = step
        return pyotp.HOTP(secret).at(step)
