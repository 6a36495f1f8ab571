"""Tests of the guard in front of every page."""

import asyncio
from urllib.parse import urlencode

import httpx
import pytest

from gateway.console.signin.guard import LONGEST_FORM
from tests.gateway.console.signin.visitors import Browser, Console, token_in

OWN = {"origin": "https://console.example", "sec-fetch-site": "same-origin"}


@pytest.fixture
async def browser(console: Console) -> Browser:
    """Somebody who is signed in."""
    return await console.enrolled("an.nguyen")


async def _token(browser: Browser) -> str:
    return token_in(await browser.get("/sessions"))


async def test_a_form_of_ours_goes_through_unchanged(browser: Browser) -> None:
    """The page reads the body as it was sent, whatever the guard read before."""
    fields = {"q": "Nguyễn & Trần", "csrf": await _token(browser)}
    answer = await browser.client.post("/search", data=fields, headers=OWN)
    assert (answer.status_code, answer.text) == (200, urlencode(fields))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "https://evil.example"},
        {"origin": "https://console.example.evil.example"},
        {"origin": "http://console.example"},
        {"origin": "https://console.example:444"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "https://console.example", "sec-fetch-site": "cross-site"},
        {"origin": "https://evil.example", "sec-fetch-site": "same-origin"},
    ],
)
async def test_a_foreign_page_sends_no_form(browser: Browser, headers: dict[str, str]) -> None:
    """With the right token and cookie even: a request that no page of ours sent is refused."""
    answer = await browser.client.post("/search", data={"csrf": await _token(browser)}, headers=headers)
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://console.example"},
        {"origin": "https://CONSOLE.example"},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "same-origin", "origin": "null"},
    ],
)
async def test_what_browsers_send_is_enough(browser: Browser, headers: dict[str, str]) -> None:
    """An older browser has no Sec-Fetch-Site; a strict Referrer-Policy makes the origin null."""
    answer = await browser.client.post("/search", data={"csrf": await _token(browser)}, headers=headers)
    assert answer.status_code == 200


@pytest.mark.parametrize("kind", ["missing", "empty", "wrong", "twice", "another", "in the address"])
async def test_a_form_without_the_token_of_its_session(console: Console, browser: Browser, kind: str) -> None:
    """Missing, wrong, twice, in the address or another session's: refused."""
    right = await _token(browser)
    another = token_in(await (await console.enrolled("binh.le")).get("/sessions"))
    body = {
        "missing": "q=1",
        "empty": "csrf=",
        "wrong": f"csrf={right[:-1]}{'A' if right[-1] != 'A' else 'B'}",
        "twice": f"csrf={right}&csrf={right}",
        "another": f"csrf={another}",
        "in the address": "q=1",
    }[kind]
    path = f"/search?csrf={right}" if kind == "in the address" else "/search"
    headers = {**OWN, "content-type": "application/x-www-form-urlencoded"}
    assert (await browser.client.post(path, content=body, headers=headers)).status_code == 403


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "SEARCH"])
async def test_every_other_method_is_checked(browser: Browser, method: str) -> None:
    """Not only POST: what is not known to be harmless needs a token."""
    assert (await browser.client.request(method, "/search", headers=OWN)).status_code in {403, 415}


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", "text/plain", ""])
async def test_only_forms_are_read(browser: Browser, kind: str) -> None:
    """A body of another kind has no token that the guard could read."""
    body = f"csrf={await _token(browser)}"
    answer = await browser.client.post("/search", content=body, headers={**OWN, "content-type": kind})
    assert answer.status_code == 415


async def test_a_form_is_bounded(browser: Browser) -> None:
    """More than a form of ours can hold is not read to its end."""
    token = await _token(browser)
    fits = {"q": "x" * (LONGEST_FORM - len(token) - 8), "csrf": token}
    assert len(urlencode(fits)) == LONGEST_FORM
    assert (await browser.client.post("/search", data=fits, headers=OWN)).status_code == 200
    longer = {**fits, "q": fits["q"] + "x"}
    assert (await browser.client.post("/search", data=longer, headers=OWN)).status_code == 413


async def test_a_browser_that_goes_away(console: Console, browser: Browser) -> None:
    """A form that breaks off reaches no page."""
    reached: list[str] = []
    sent: list[int] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.disconnect"}

    async def send(message: dict[str, object]) -> None:
        sent.append(int(str(message.get("status", 0))))

    cookie = f"__Host-lt_session={browser.cookie()}".encode()
    headers = [(b"cookie", cookie), (b"content-type", b"application/x-www-form-urlencoded")]
    headers += [(name.encode(), value.encode()) for name, value in OWN.items()]
    scope = {"type": "http", "method": "POST", "path": "/search", "headers": headers, "query_string": b""}
    await console.app({**scope, "client": ("192.0.2.1", 1)}, receive, send)  # type: ignore[arg-type]
    assert (reached, sent[0]) == ([], 413)


@pytest.mark.parametrize("path", ["/", "/entries", "/accounts", "/nowhere", "/sign-in-not", "/SIGN-IN", "//sign-in"])
async def test_whatever_is_not_open_needs_a_session(console: Console, path: str) -> None:
    """Also a page that forgot to ask, and one there is not."""
    answer = await console.browser().get(path)
    assert (answer.status_code, answer.headers.get("location")) == (303, "/sign-in")


@pytest.mark.parametrize("cookie", ["", "x", "A" * 43, "A" * 42 + "=", "A" * 5000, "'; DROP TABLE session; --"])
async def test_a_cookie_of_ones_own(console: Console, cookie: str) -> None:
    """An id that was never given out opens nothing."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(console.app), base_url=console.base) as client:
        answer = await client.get("/", headers={"cookie": f"__Host-lt_session={cookie}"})
        plain = await client.get("/", headers={"cookie": f"lt_session={cookie}"})
    assert (answer.status_code, plain.status_code) == (303, 303)


async def test_a_cookie_under_the_plain_name(console: Console, browser: Browser) -> None:
    """On https a real id counts under the guarded name only: another host of the domain could set the plain one."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(console.app), base_url=console.base) as client:
        answer = await client.get("/", headers={"cookie": f"lt_session={browser.cookie()}"})
    assert answer.status_code == 303


async def test_sockets_are_refused(console: Console) -> None:
    """The console speaks HTTP only; a WebSocket would not be checked."""
    sent: list[object] = []

    async def receive() -> dict[str, object]:
        return {"type": "websocket.connect"}

    async def send(message: dict[str, object]) -> None:
        sent.append(message["type"])

    await console.app({"type": "websocket", "path": "/", "headers": []}, receive, send)  # type: ignore[arg-type]
    assert sent == ["websocket.close"]


async def test_accounts_that_cannot_be_read(console: Console, browser: Browser) -> None:
    """A page says so; nobody is let in, and no exception leaves the guard."""
    console.reception.store.close()
    (console.folder / "console.sqlite").write_bytes(b"this is no database" * 100)
    answer = await browser.get("/")
    assert answer.status_code == 503


async def test_an_account_that_is_disabled_is_out_at_once(console: Console, browser: Browser) -> None:
    """Its sessions end with it, and stay ended when it is enabled again."""
    desk, now = console.reception.desk, console.clock()
    await desk.disable("an.nguyen", actor="test", now=now)
    assert (await browser.get("/")).status_code == 303
    await desk.enable("an.nguyen", actor="test", now=now)
    assert (await browser.get("/")).status_code == 303


async def test_requests_go_on_while_the_log_is_slow(console: Console, browser: Browser) -> None:
    """A change that waits for the access log holds up no page."""
    began, may_go = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        async with console.reception.store.change():
            began.set()
            await may_go.wait()

    task = asyncio.create_task(slow())
    await began.wait()
    console.clock.move(minutes=2)
    assert (await browser.get("/")).status_code == 200
    may_go.set()
    await task
