"""Every page of the console, by who may open it, with a name for its picture.

Rule of this file: a page that is added to the console is added here; `test_looks` compares the list with the routes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gateway.console.model import Role
from tests.browser.stack import PERSON, Stack
from tests.browser.surfing import Visitor

Open = Callable[[Visitor, Stack], str]
"""Brings the visitor to the page and returns its path, under which it can be opened again."""


@dataclass(frozen=True, slots=True)
class Stop:
    """One page. `role` None: nobody is signed in."""

    name: str
    role: Role | None
    open: Open


def _at(path: str) -> Open:
    def go(visitor: Visitor, _: Stack) -> str:
        visitor.go(path)
        return path

    return go


def search(visitor: Visitor, person: str = "", **fields: str) -> str:
    """Search with the form, and come to its results."""
    page = visitor.go("/search")
    if person:
        page.locator("#search-subject").fill(person)
    for name, value in fields.items():
        field = page.locator(f"main form [name={name}]")
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/search/*")
    return visitor.path()


def report(visitor: Visitor, person: str = PERSON) -> str:
    """Make a report about a person."""
    page = visitor.go("/subjects")
    page.locator("#subject-number").fill(person)
    page.locator("main form button[type=submit]").click()
    page.wait_for_url("**/subjects/*")
    return visitor.path()


def sample(visitor: Visitor, count: int = 3) -> str:
    """Draw a sample to review."""
    page = visitor.go("/reviews")
    page.locator("#count").fill(str(count))
    page.locator("form[action='/reviews'] button[type=submit]").click()
    page.wait_for_url("**/reviews/*")
    return visitor.path()


def export(visitor: Visitor, form: str = "csv") -> str:
    """Export a search, and wait until the file is there: the page reloads itself."""
    page = visitor.go("/exports")
    page.locator(f"main form[action='/exports'] input[name=form][value={form}]").check()
    page.locator("main form[action='/exports'] button[type=submit]").click()
    page.wait_for_url("**/exports/*")
    path = visitor.path()
    page.locator(f"a[href='{path}/file']").wait_for()
    return path


def verify(visitor: Visitor) -> str:
    """Have the whole log verified, and wait until it is: the page of the run reloads itself, and leads back."""
    page = visitor.go("/integrity")
    button = page.locator("form[action='/integrity/verify'] button")
    if button.count():
        with page.expect_navigation():
            button.click()
    button.wait_for()
    return "/integrity"


def _entry(visitor: Visitor, stack: Stack) -> str:
    path = f"/entries/{stack.find('disclosed', operation='dossiers.prefill').index}"
    visitor.go(path)
    visitor.page.locator("#proof-verdict.ok, #proof-verdict.alert").wait_for(state="attached")
    return path


def _refused(visitor: Visitor, stack: Stack) -> str:
    path = f"/entries/{stack.find('refused').index}"
    visitor.go(path)
    return path


def _item(visitor: Visitor, _: Stack) -> str:
    path = f"{sample(visitor)}/1"
    visitor.go(path)
    return path


def _problem(visitor: Visitor, _: Stack) -> str:
    visitor.go("/entries/999999", status=404)
    return "/entries/999999"


STOPS = (
    Stop("sign-in", None, _at("/sign-in")),
    Stop("overview", Role.NATIONAL_AUDITOR, _at("/")),
    Stop("search", Role.NATIONAL_AUDITOR, _at("/search")),
    Stop("results", Role.NATIONAL_AUDITOR, lambda visitor, _: search(visitor, PERSON)),
    Stop("entry", Role.NATIONAL_AUDITOR, _entry),
    Stop("entry-refused", Role.NATIONAL_AUDITOR, _refused),
    Stop("subject", Role.NATIONAL_AUDITOR, _at("/subjects")),
    Stop("subject-report", Role.NATIONAL_AUDITOR, lambda visitor, _: report(visitor)),
    Stop("patterns", Role.NATIONAL_AUDITOR, _at("/patterns")),
    Stop("reuse", Role.NATIONAL_AUDITOR, _at("/reuse")),
    Stop("reviews", Role.NATIONAL_AUDITOR, _at("/reviews")),
    Stop("review-sample", Role.NATIONAL_AUDITOR, lambda visitor, _: sample(visitor)),
    Stop("review-item", Role.NATIONAL_AUDITOR, _item),
    Stop("exports", Role.NATIONAL_AUDITOR, _at("/exports")),
    Stop("export", Role.NATIONAL_AUDITOR, lambda visitor, _: export(visitor)),
    Stop("integrity", Role.NATIONAL_AUDITOR, lambda visitor, _: verify(visitor)),
    Stop("inspections", Role.NATIONAL_AUDITOR, _at("/inspections")),
    Stop("problem", Role.NATIONAL_AUDITOR, _problem),
    Stop("provincial-overview", Role.PROVINCIAL_AUDITOR, _at("/")),
    Stop("operator-overview", Role.OPERATOR, _at("/")),
    Stop("sessions", Role.OPERATOR, _at("/sessions")),
    Stop("accounts", Role.ADMINISTRATOR, _at("/accounts")),
    Stop("account", Role.ADMINISTRATOR, _at("/accounts/quan-tri")),
)


def stops(role: Role | None) -> Iterator[Stop]:
    """The pages somebody opens."""
    return (stop for stop in STOPS if stop.role is role)
