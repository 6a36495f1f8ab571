"""Tests of signing in, as people do it."""

import time

import pyotp
import pytest

from gateway.console.model import Role
from tests.browser.stack import Stack
from tests.browser.surfing import Door, Visitor

PASSWORD = "hai mươi lăm con gà trống"


def _submit(visitor: Visitor) -> None:
    visitor.page.locator("main button[type=submit]").click()


def _first(visitor: Visitor, username: str, password: str) -> None:
    visitor.go("/sign-in")
    visitor.page.locator("#username").fill(username)
    visitor.page.locator("#password").fill(password)
    _submit(visitor)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_an_account_from_its_making_to_its_end(door: Door, administrator: Visitor, *, scripts: bool) -> None:
    """Made by an administrator, first sign-in with a new password and a second factor, signed out, disabled."""
    username = f"moi-{'co' if scripts else 'khong'}-script"
    page = administrator.go("/accounts")
    page.locator("#username").fill(username)
    page.locator("#name").fill("Hoàng Thị Mới")
    page.locator("select[name=role]").select_option("operator")
    page.locator("main form[action='/accounts'] button[type=submit]").click()
    initial = page.locator(".secret").inner_text()
    with door.visitor(java_script_enabled=scripts) as person:
        _first(person, username, initial)
        assert person.path() == "/sign-in/new-password"
        for password, again in (("password1234", "password1234"), (PASSWORD, "another one altogether")):
            person.watch.refusals.add("/sign-in/new-password")
            person.page.locator("#password").fill(password)
            person.page.locator("#again").fill(again)
            _submit(person)
            assert person.page.locator("[role=alert]").is_visible()
        person.page.locator("#password").fill(PASSWORD)
        person.page.locator("#again").fill(PASSWORD)
        _submit(person)
        assert person.path() == "/sign-in/second-factor"
        assert person.page.locator("svg.qr").bounding_box() is not None
        secret = person.page.locator(".secret").inner_text().replace(" ", "")
        person.page.locator("#code").fill(pyotp.TOTP(secret).now())
        _submit(person)
        assert person.path() == "/"
        assert "Hoàng Thị Mới" in person.page.locator("header").inner_text()
        kept = person.page.context.cookies()
        assert {cookie["name"]: (cookie["httpOnly"], cookie.get("sameSite")) for cookie in kept} == {
            "lt_session": (True, "Strict"),
            "lt_known": (True, "Strict"),
        }
        person.page.locator("header form[action='/sign-out'] button").click()
        assert person.page.locator("h1").inner_text() == "You are signed out"
        person.go("/")
        assert person.path() == "/sign-in"
        person.page.context.add_cookies(kept)
        person.go("/")
        assert person.path() == "/sign-in"
        page = administrator.go(f"/accounts/{username}")
        page.locator(f"form[action='/accounts/{username}/disable'] button").click()
        person.watch.refusals.add("/sign-in/code")
        _first(person, username, PASSWORD)
        person.page.locator("#code").fill(pyotp.TOTP(secret).at(int(time.time()) + 30))
        _submit(person)
        assert "Sign-in failed" in person.page.locator("[role=alert]").inner_text()


def test_what_was_wrong_is_not_told(stack: Stack, door: Door) -> None:
    """An unknown name and a wrong password lead to the same pages with the same words."""
    seen = []
    for username in ("nobody-here", stack.people[Role.OPERATOR].username):
        with door.visitor() as person:
            person.watch.refusals.add("/sign-in/code")
            _first(person, username, "a password that is wrong")
            seen.append(person.main())
            person.page.locator("#code").fill("000000")
            _submit(person)
            seen.append(person.main())
    assert seen[:2] == seen[2:]


def test_without_a_session_nothing_opens(door: Door) -> None:
    """Every address leads to the sign-in, and what is there says nothing."""
    with door.visitor() as person:
        for path in ("/", "/search", "/entries/1", "/subjects", "/patterns", "/reviews", "/exports", "/integrity"):
            person.go(path)
            assert person.path() == "/sign-in"
            assert person.navigation() == []


def test_the_language_before_the_sign_in(door: Door) -> None:
    """The browser's at first, then what is chosen; it stays."""
    with door.visitor() as person:
        page = person.go("/sign-in")
        assert page.locator("h1").inner_text() == "Sign in"
        page.get_by_role("button", name="Tiếng Việt").click()
        assert page.locator("h1").inner_text() == "Đăng nhập"
        assert page.locator("html").get_attribute("lang") == "vi"
        person.go("/sign-in")
        assert page.locator("h1").inner_text() == "Đăng nhập"


def test_own_sessions(stack: Stack, door: Door, operator: Visitor) -> None:
    """Somebody sees that he is signed in twice, and ends the other session."""
    with door.visitor() as second:
        door.sign_in(second, stack.people[Role.OPERATOR])
        page = second.go("/sessions")
        assert page.locator("tbody tr").count() >= 2
        page.locator("form[action='/sessions/end'] button").click()
        assert page.locator("tbody tr").count() == 1
        operator.go("/")
        assert operator.path() == "/sign-in"
        door.forget(stack.people[Role.OPERATOR])
