"""One browser and one installation for all tests of this package, and for them alone.

The browser brings an event loop of its own into the thread of the tests: it has to end before others begin theirs, and
what is needed beside it runs in a thread of its own (apart.py).
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from gateway.console.model import Role
from tests.browser import stack as installation
from tests.browser.stack import PERSON, Stack
from tests.browser.surfing import Door, Visitor, chromium


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Mock registries, a gateway with a log, a console: processes of their own."""
    with installation.stack(tmp_path_factory.mktemp("installation")) as running:
        yield running


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium."""
    with chromium() as running:
        yield running


@pytest.fixture(scope="package")
def door(stack: Stack, browser: Browser) -> Door:
    """The way into the console; its index has read the log."""
    door = Door(browser, stack.url)
    with door.signed_in(stack.people[Role.NATIONAL_AUDITOR]) as visitor:

        def read() -> bool:
            visitor.go("/search")
            visitor.page.locator("main form button[type=submit]").click()
            return visitor.page.locator("main .notice").count() == 0

        installation.until(read)
    return door


@pytest.fixture
def national(stack: Stack, door: Door) -> Iterator[Visitor]:
    """A national auditor, signed in; the person's number is in no address of theirs."""
    with door.signed_in(stack.people[Role.NATIONAL_AUDITOR], never=PERSON, accept_downloads=True) as visitor:
        yield visitor


@pytest.fixture
def provincial(stack: Stack, door: Door) -> Iterator[Visitor]:
    """A provincial auditor of H26, signed in."""
    with door.signed_in(stack.people[Role.PROVINCIAL_AUDITOR], never=PERSON) as visitor:
        yield visitor


@pytest.fixture
def operator(stack: Stack, door: Door) -> Iterator[Visitor]:
    """An operator, signed in."""
    with door.signed_in(stack.people[Role.OPERATOR]) as visitor:
        yield visitor


@pytest.fixture
def administrator(stack: Stack, door: Door) -> Iterator[Visitor]:
    """An administrator of accounts, signed in."""
    with door.signed_in(stack.people[Role.ADMINISTRATOR]) as visitor:
        yield visitor
