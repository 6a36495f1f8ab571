"""Tests of signing in and out, over HTTP."""

from pathlib import Path

import pytest

from gateway.console.accounts.occurrences import Happening
from gateway.console.model import Role
from tests.gateway.console.signin import visitors
from tests.gateway.console.signin.visitors import PASSWORD, Browser, Console


async def test_the_first_sign_in(console: Console) -> None:
    """A new password, a second factor, and the console is open; each step is in the log before it counts."""
    initial = await console.account("an.nguyen")
    browser = console.browser("an.nguyen")
    assert (await browser.get("/")).headers["location"] == "/sign-in"
    await browser.first_time(initial)
    assert (await browser.get("/")).text == "an.nguyen"
    assert console.log.words() == ["added", "password_set", "enrolled", "signed_in"]
    assert {one.actor for one in console.log.told[1:]} == {"an.nguyen"}


async def test_the_next_sign_in(console: Console) -> None:
    """With password and code, however the name is written."""
    browser = await console.enrolled("an.nguyen")
    console.clock.move(hours=11)
    assert (await browser.get("/")).status_code == 303
    browser.username = "  AN.Nguyen "
    assert (await browser.sign_in()).headers["location"] == "/"
    assert (await browser.get("/")).text == "an.nguyen"
    assert (await browser.get("/sign-in")).headers["location"] == "/"


async def test_the_initial_password_leads_nowhere_else(console: Console) -> None:
    """Before the second factor is confirmed no page is shown, and no step can be left out."""
    initial = await console.account("an.nguyen")
    browser = console.browser("an.nguyen")
    await browser.password(initial)
    for path in ("/", "/entries", "/sessions", "/sign-in/second-factor", "/sign-in/code"):
        assert (await browser.get(path)).headers["location"] == "/sign-in", path


@pytest.mark.parametrize(
    ("password", "again", "says"),
    [
        ("ngắn quá", "ngắn quá", "At least 12"),
        ("an.nguyen.tran", "an.nguyen.tran", "your name"),
        ("passwordpassword1", "passwordpassword1", "common"),
        ("một câu dài hơn", "một câu khác hẳn", "not the same"),
        ("x" * 257, "x" * 257, "256"),
    ],
)
async def test_a_weak_password_is_refused(console: Console, password: str, again: str, says: str) -> None:
    """The page says what is wrong, and nothing was changed."""
    initial = await console.account("an.nguyen.tran")
    browser = console.browser("an.nguyen.tran")
    await browser.password(initial)
    page = await browser.get("/sign-in/new-password", headers={"accept-language": "en"})
    browser.client.headers["accept-language"] = "en"
    answer = await browser.post("/sign-in/new-password", {"password": password, "again": again}, seen=page)
    assert (answer.status_code, says.lower() in answer.text.lower()) == (422, True), answer.text
    assert console.log.words() == ["added"]


async def test_the_initial_password_cannot_be_kept(console: Console) -> None:
    """What an administrator has seen is not a password of one's own."""
    initial = await console.account("an.nguyen")
    browser = console.browser("an.nguyen")
    await browser.password(initial)
    page = await browser.get("/sign-in/new-password")
    answer = await browser.post("/sign-in/new-password", {"password": initial, "again": initial}, seen=page)
    assert answer.status_code == 422


async def test_a_code_is_good_once(console: Console) -> None:
    """The same code again is refused, in its own half minute too; the next one is good; one step late is good."""
    browser = await console.enrolled("an.nguyen")
    assert (await browser.sign_in()).status_code == 401
    assert (await browser.sign_in(code=browser.code(1))).status_code == 303
    assert (await browser.sign_in(code=browser.code(0))).status_code == 401
    console.clock.move(seconds=90)
    assert (await browser.sign_in(code=browser.code(-1))).status_code == 303
    console.clock.move(seconds=90)
    assert (await browser.sign_in(code=browser.code(-2))).status_code == 401
    assert (await browser.sign_in(code=browser.code(2))).status_code == 401


@pytest.mark.parametrize("code", ["", "00000", "abcdef", "１２３４５６", "0" * 100])
async def test_what_is_no_code_is_a_wrong_one(console: Console, code: str) -> None:
    """Anything else than six right digits fails like a wrong code."""
    browser = await console.enrolled("an.nguyen")
    console.clock.move(minutes=2)
    assert (await browser.sign_in(code=code)).status_code == 401
    assert console.log.told[-1].action is Happening.SIGN_IN_FAILED


async def test_one_code_for_each_password(console: Console) -> None:
    """After a wrong code the password has to be given again."""
    browser = await console.enrolled("an.nguyen")
    console.clock.move(minutes=2)
    await browser.password()
    page = await browser.get("/sign-in/code")
    cookie = browser.cookie()
    assert (await browser.post("/sign-in/code", {"code": browser.wrong_code()}, seen=page)).status_code == 401
    assert browser.cookie() == cookie
    second = await browser.post("/sign-in/code", {"code": browser.code()}, seen=page)
    assert second.headers["location"] == "/sign-in"


async def test_nobody_learns_which_part_was_wrong(console: Console) -> None:
    """Unknown name, wrong password, wrong code, disabled, single sign-on: same answers, same work, same entries."""
    owner = await console.enrolled("an.nguyen")
    other = await console.enrolled("binh.le")
    await console.reception.desk.disable("binh.le", actor="test", now=console.clock())
    console.clock.move(minutes=2)
    seen = []
    for number, (name, password, code) in enumerate(
        [
            ("nobody", PASSWORD, "000000"),
            ("an.nguyen", "wrong password", "000000"),
            ("an.nguyen", PASSWORD, owner.wrong_code()),
            ("binh.le", PASSWORD, other.code()),
        ]
    ):
        browser = console.browser(name, client=f"192.0.2.{number + 10}")
        browser.client.headers["accept-language"] = "en"
        console.hasher.checked, told = 0, len(console.log.told)
        first = await browser.password(password)
        page = await browser.get("/sign-in/code")
        second = await browser.post("/sign-in/code", {"code": code}, seen=page)
        body = second.text.replace(visitors.token_in(second), "")
        entries = [one.action for one in console.log.told[told:]]
        location = first.headers["location"]
        seen.append((first.status_code, location, second.status_code, body, console.hasher.checked, entries))
    assert all(one == seen[0] for one in seen), seen
    assert seen[0][5] == [Happening.SIGN_IN_FAILED]
    assert [one.account for one in console.log.told[-4:]] == ["", "an.nguyen", "an.nguyen", "binh.le"]


async def test_an_unknown_name_is_kept_nowhere(console: Console) -> None:
    """People type passwords into the wrong field: neither the log nor the file has it."""
    browser = console.browser("my-secret-password")
    await browser.sign_in(code="000000")
    assert "my-secret-password" not in repr(console.log.told)
    assert b"my-secret-password" not in (console.folder / "console.sqlite").read_bytes()


async def _wrong(browser: Browser) -> int:
    return (await browser.sign_in("wrong password", code="000000")).status_code


@pytest.mark.parametrize("name", ["an.nguyen", "nobody"])
async def test_five_wrong_and_one_has_to_wait(console: Console, name: str) -> None:
    """Known or not: the sixth attempt waits a minute, even with the right password; then two, then four."""
    good = await console.enrolled("an.nguyen")
    console.clock.move(minutes=2)
    browsers = [console.browser(name, client=f"198.51.100.{n}") for n in range(8)]
    assert [await _wrong(browser) for browser in browsers[:5]] == [401] * 5
    assert await _wrong(browsers[5]) == 429
    good.username = name
    waiting = await good.sign_in()
    assert (waiting.status_code, waiting.headers["retry-after"]) == (429, "60")
    assert console.log.count(Happening.LOCKED) == 1
    console.clock.move(seconds=61)
    assert await _wrong(browsers[6]) == 401
    assert (await browsers[7].password()).headers["retry-after"] == "120"
    console.clock.move(seconds=121)
    good.username = "an.nguyen"
    assert (await good.sign_in()).headers["location"] == "/"


async def test_an_address_waits_too(console: Console) -> None:
    """Five names from one address, and the address waits; others do not."""
    await console.enrolled("an.nguyen")
    console.clock.move(minutes=2)
    for number in range(5):
        assert await _wrong(console.browser(f"name-{number}", client="203.0.113.9")) == 401
    assert await _wrong(console.browser("an.nguyen", client="203.0.113.9")) == 429
    assert (await console.browser("an.nguyen", client="203.0.113.10").password()).status_code == 303


async def test_nobody_is_locked_out_of_his_own_browser(console: Console) -> None:
    """The browser in which somebody has signed in before goes on working while others try his name and his address."""
    browser = await console.enrolled("an.nguyen")
    known = browser.client.cookies["__Host-lt_known"]
    console.clock.move(minutes=2)
    for number in range(5):
        await _wrong(console.browser("an.nguyen", client=f"198.51.100.{number}"))
        await _wrong(console.browser(f"name-{number}"))
    assert await _wrong(browser) == 429  # with no cookies at all
    browser.client.cookies.clear()
    browser.client.cookies.set("__Host-lt_known", known, domain="console.example")
    page = await browser.get("/sign-in")
    answer = await browser.post("/sign-in", {"username": "an.nguyen", "password": PASSWORD}, seen=page)
    page = await browser.get(answer.headers["location"])
    assert (await browser.post("/sign-in/code", {"code": browser.code()}, seen=page)).headers["location"] == "/"
    assert browser.client.cookies["__Host-lt_known"] == known


async def test_signing_in_rightly_costs_nothing(console: Console) -> None:
    """Many sign-ins from one address in a quarter of an hour lock nobody out."""
    browser = await console.enrolled("an.nguyen")
    for _ in range(12):
        console.clock.move(seconds=31)
        assert (await browser.sign_in()).headers["location"] == "/"


async def test_every_step_has_a_new_session(console: Console) -> None:
    """An id that somebody planted, or that was seen at an earlier step, opens nothing (session fixation)."""
    browser = await console.enrolled("an.nguyen")
    console.clock.move(minutes=2)
    planted = "A" * 43
    browser.client.cookies.clear()
    browser.client.cookies.set("__Host-lt_session", planted, domain="console.example")
    page = await browser.get("/sign-in")
    await browser.post("/sign-in", {"username": "an.nguyen", "password": PASSWORD}, seen=page)
    half = browser.cookie()
    page = await browser.get("/sign-in/code")
    await browser.post("/sign-in/code", {"code": browser.code()}, seen=page)
    whole = browser.cookie()
    assert len({planted, half, whole}) == 3
    for cookie, opens in ((planted, False), (half, False), (whole, True)):
        thief = console.browser()
        thief.client.cookies.set("__Host-lt_session", cookie, domain="console.example")
        assert ((await thief.get("/")).status_code == 200) is opens


async def test_the_cookie(console: Console) -> None:
    """It is for this host, for https and for requests of this site alone, and no script can read it."""
    browser = await console.enrolled("an.nguyen")
    console.clock.move(minutes=2)
    header = (await browser.sign_in()).headers.get_list("set-cookie")[0]
    name, *attributes = header.split("; ")
    assert name.startswith("__Host-lt_session=")
    assert {one.lower() for one in attributes} == {"httponly", "path=/", "samesite=strict", "secure"}


async def test_the_cookie_on_loopback(tmp_path: Path) -> None:
    """Over plain http it has a plain name, and a request that claims to be https changes nothing."""
    async with visitors.console(tmp_path, base="http://127.0.0.1:8081") as plain:
        page = await plain.browser().get("/sign-in", headers={"x-forwarded-proto": "https"})
    assert page.headers["set-cookie"].startswith("lt_session=")
    assert "secure" not in page.headers["set-cookie"].lower()


async def test_plain_http_is_for_loopback(tmp_path: Path) -> None:
    """A console at an http address that others could reach does not start."""
    with pytest.raises(ValueError, match="https"):
        async with visitors.console(tmp_path, base="http://console.example"):
            pass


async def test_a_session_ends_when_nobody_uses_it(console: Console) -> None:
    """After 15 minutes without a request, and after 10 hours with requests."""
    browser = await console.enrolled("an.nguyen")
    console.clock.move(minutes=14)
    assert (await browser.get("/")).status_code == 200
    console.clock.move(minutes=14)
    assert (await browser.get("/")).status_code == 200
    console.clock.move(minutes=15)
    assert (await browser.get("/")).status_code == 303
    console.clock.move(minutes=2)
    await browser.sign_in()
    for _ in range(59):
        console.clock.move(minutes=10)
        assert (await browser.get("/")).status_code == 200
    console.clock.move(minutes=10)
    assert (await browser.get("/")).status_code == 303


async def test_half_a_sign_in_ends(console: Console) -> None:
    """The page for the code waits five minutes."""
    browser = await console.enrolled("an.nguyen")
    console.clock.move(minutes=2)
    await browser.password()
    page = await browser.get("/sign-in/code")
    console.clock.move(minutes=5)
    answer = await browser.post("/sign-in/code", {"code": browser.code()}, seen=page)
    assert answer.headers["location"] == "/sign-in"


async def test_signing_out(console: Console) -> None:
    """The session is over on the server too, and the page says so to somebody who is signed in no more."""
    browser = await console.enrolled("an.nguyen")
    cookie = browser.cookie()
    page = await browser.get("/sessions")
    answer = await browser.post("/sign-out", {}, seen=page)
    assert (answer.status_code, "max-age=0" in answer.headers["set-cookie"].lower()) == (200, True)
    thief = console.browser()
    thief.client.cookies.set("__Host-lt_session", cookie, domain="console.example")
    assert (await thief.get("/")).status_code == 303
    assert console.log.words()[-1] == "signed_out"


async def test_own_sessions(console: Console) -> None:
    """Somebody sees his sessions, none of others, and can end all but the one he uses."""
    first = await console.enrolled("an.nguyen")
    await console.enrolled("binh.le")
    console.clock.move(minutes=2)
    second = console.browser("an.nguyen")
    second.secret = first.secret
    await second.sign_in()
    page = await second.get("/sessions")
    assert page.text.count("<tr><td ") == 2
    assert (await second.post("/sessions/end", {}, seen=page)).headers["location"] == "/sessions"
    assert (await second.get("/")).status_code == 200
    assert (await first.get("/")).status_code == 303


async def test_without_the_log_nobody_comes_in(console: Console) -> None:
    """Neither right nor wrong: the page says that the log cannot be written, and no session is open."""
    browser = await console.enrolled("an.nguyen")
    console.clock.move(minutes=2)
    browser.client.cookies.clear()
    console.log.closed = True
    pages = []
    for code in (browser.code(), browser.wrong_code()):
        browser.client.headers["accept-language"] = "en"
        answer = await browser.sign_in(code=code)
        assert (answer.status_code, "access log cannot be written" in answer.text) == (503, True)
        assert (await browser.get("/")).status_code == 303
        pages.append(answer.text.replace(visitors.token_in(answer), ""))
    assert pages[0] == pages[1]
    console.log.closed = False
    assert (await browser.sign_in()).headers["location"] == "/"  # the code was not used up


async def test_without_the_log_nothing_is_enrolled(console: Console) -> None:
    """A new password and a second factor that cannot be recorded do not exist."""
    initial = await console.account("an.nguyen")
    browser = console.browser("an.nguyen")
    await browser.password(initial)
    page = await browser.get("/sign-in/new-password")
    console.log.closed = True
    answer = await browser.post("/sign-in/new-password", {"password": PASSWORD, "again": PASSWORD}, seen=page)
    assert answer.status_code == 503
    console.log.closed = False
    fresh = console.browser("an.nguyen")
    await fresh.first_time(initial)


async def test_one_can_always_leave(console: Console) -> None:
    """A sign-out that cannot be recorded says so and ends the session."""
    browser = await console.enrolled("an.nguyen")
    page = await browser.get("/sessions")
    console.log.closed = True
    assert (await browser.post("/sign-out", {}, seen=page)).status_code == 503
    console.log.closed = False
    assert (await browser.get("/")).status_code == 303


@pytest.mark.parametrize(
    ("role", "status"), [(Role.NATIONAL_AUDITOR, 200), (Role.OPERATOR, 403), (Role.ADMINISTRATOR, 403)]
)
async def test_a_right_is_needed(console: Console, role: Role, status: int) -> None:
    """An operator and an administrator see no entries."""
    browser = await console.enrolled("an.nguyen", role)
    assert (await browser.get("/entries")).status_code == status
    assert (await browser.get("/accounts")).status_code == (200 if role is Role.ADMINISTRATOR else 403)
