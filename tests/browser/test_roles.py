"""Tests of who sees what: by the navigation, and by typing an address."""

import pytest

from gateway.console.model import Role
from tests.browser.stack import PERSON, Stack
from tests.browser.surfing import Door, Visitor
from tests.browser.walks import report, search

EVERY = (
    *(
        "/",
        "/search",
        "/subjects",
        "/patterns",
        "/reuse",
        "/reviews",
        "/exports",
        "/integrity",
        "/inspections",
        "/accounts",
    ),
    *("/entries/1", "/entries/1/envelope", "/entries/1/proof", "/sessions"),
)
AUDITOR = {"/", "/search", "/subjects", "/patterns", "/reuse", "/reviews", "/exports", "/integrity", "/inspections"}
OPENS: dict[Role, set[str]] = {
    Role.NATIONAL_AUDITOR: AUDITOR,
    Role.PROVINCIAL_AUDITOR: AUDITOR,
    Role.OPERATOR: {"/", "/reuse", "/integrity"},
    Role.ADMINISTRATOR: {"/accounts"},
}


@pytest.mark.parametrize("role", list(Role))
def test_the_navigation_is_what_may_be_opened(stack: Stack, door: Door, role: Role) -> None:
    """Everything in it opens, in both languages; nothing else does, and a refusal shows nothing of the log."""
    with door.signed_in(stack.people[role]) as visitor:
        visitor.go("/sessions")
        assert set(visitor.navigation()) == OPENS[role]
        for path in visitor.navigation():
            visitor.go(path)
            assert visitor.page.locator("nav.nav a[aria-current=page]").get_attribute("href") == path
        for path in set(EVERY) - OPENS[role] - {"/sessions"}:
            if path.startswith("/entries") and role in {Role.NATIONAL_AUDITOR, Role.PROVINCIAL_AUDITOR}:
                continue
            if path == "/" and role is Role.ADMINISTRATOR:
                visitor.go(path)
                assert visitor.path() == "/accounts"
                continue
            visitor.go(path, status=403)
            assert "Your role does not have this right." in visitor.main()
            assert visitor.page.locator("main table, main pre").count() == 0


def test_a_provincial_auditor_sees_their_province(stack: Stack, provincial: Visitor) -> None:
    """Search, report and addresses: entries of H26 alone, and what is elsewhere is not there, not merely forbidden."""
    page = provincial.page
    search(provincial, kind="disclosed")
    rows = [row.inner_text() for row in page.locator("main tbody tr").all()]
    other = stack.find("disclosed", portal="H29").index
    mine = stack.find("disclosed", portal="H26").index
    assert rows
    assert all("(H26)" in row for row in rows)
    assert "H29" not in provincial.main()
    provincial.go(f"/entries/{mine}")
    for path in ("", "/envelope", "/proof"):
        provincial.watch.refusals.add(f"/entries/{other}{path}")
        answer = page.request.get(f"{provincial.url}/entries/{other}{path}")
        nobody = page.request.get(f"{provincial.url}/entries/999999{path}")
        assert answer.status == nobody.status == 404
    report(provincial, PERSON)
    assert "H29" not in provincial.main()
    assert "H26" in provincial.main()


def test_an_operator_sees_figures_without_officers(operator: Visitor) -> None:
    """Overview and integrity: no link to an entry, no officer."""
    for path in ("/", "/integrity"):
        operator.go(path)
        assert operator.page.locator("main a[href^='/entries/']").count() == 0
        assert operator.page.locator("main form[action='/search']").count() == 0


def test_an_administrator_sees_accounts(stack: Stack, administrator: Visitor) -> None:
    """All of them, and nothing of the log."""
    page = administrator.go("/accounts")
    for person in stack.people.values():
        assert page.locator(f"main a[href='/accounts/{person.username}']").count() == 1
