"""Tests of what an auditor does on the pages: search, look, prove, report, review, export, verify."""

import hashlib
import json
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Route

from gateway.console import texts
from gateway.console.model import Role
from tests.browser.stack import PERSON, Stack
from tests.browser.surfing import Door, Visitor
from tests.browser.walks import export, report, sample, search, verify

GROUPED = f"{PERSON[:3]} {PERSON[3:6]} {PERSON[6:]}"


def test_who_looked_at_this_person(stack: Stack, national: Visitor) -> None:
    """The number is typed once, and is in no address, header or page afterwards; every entry found is about them."""
    path = search(national, GROUPED)
    page = national.page
    assert PERSON not in page.content()
    assert GROUPED not in page.content()
    found = [
        int(str(link.get_attribute("href")).split("/")[-1])
        for link in page.locator("main table a[href^='/entries/']").all()
    ]
    kinds = {entry.index: entry.kind for entry in stack.entries()}
    assert found
    assert {kinds[index] for index in found} <= {"decided", "disclosed", "refused", "inspected"}
    bodies = [request.post_data or "" for request in national.watch.requests if request.method == "POST"]
    assert sum("subject=" + PERSON[:3] in body for body in bodies) == 1
    look = stack.find("inspected", action="searched")
    assert PERSON not in json.dumps(look.payload)
    assert path.rsplit("/", 1)[-1] not in json.dumps(look.payload)
    national.page.locator("main table a[href^='/entries/']").first.click()
    assert page.locator(".sentence").is_visible()


def test_a_number_in_the_wrong_field(stack: Stack, national: Visitor) -> None:
    """Is refused and shown to nobody: those fields are written into the log."""
    national.watch.refusals.add("/search")
    page = national.go("/search")
    before = len(stack.entries())
    page.locator("#search-officer").fill(GROUPED)
    page.locator("main form button[type=submit]").click()
    assert page.locator("#error-officer").is_visible()
    assert national.path() == "/search"
    assert not [entry for entry in stack.entries()[before:] if (entry.payload or {}).get("action") == "searched"]


def test_searching_with_the_keyboard(national: Visitor) -> None:
    """Tab and Enter alone: past the navigation, into the form, to the results and into an entry."""
    page = national.go("/search")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className").startswith("skip")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "search-subject":
            break
    page.keyboard.type(PERSON)
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/*")
    for _ in range(60):
        page.keyboard.press("Tab")
        if "/entries/" in str(page.evaluate("document.activeElement.getAttribute('href')")):
            break
    style = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert style != "none"
    page.keyboard.press("Enter")
    page.wait_for_url("**/entries/*")


@pytest.mark.parametrize("spoilt", ["", "envelope", "proof", "checkpoint"])
def test_the_proof_is_checked_in_the_browser(stack: Stack, national: Visitor, spoilt: str) -> None:
    """What the server shows holds; one byte changed on the way and the page says that it does not."""
    index = stack.find("disclosed", operation="dossiers.prefill").index
    page = national.page

    def altered(route: Route) -> None:
        answer = route.fetch()
        text = answer.text()
        mark = {"envelope": 'id="proof-envelope"', "proof": 'id="proof-text"', "checkpoint": "\n— "}[spoilt]
        at = text.index(mark, text.index('id="proof-text"') if spoilt == "checkpoint" else 0)
        at = text.index(">" if spoilt != "checkpoint" else " ", at + 3) + 60
        letter = "A" if text[at] != "A" else "B"
        route.fulfill(response=answer, body=text[:at] + letter + text[at + 1 :])

    if spoilt:
        page.route(f"**/entries/{index}", altered)
    national.go(f"/entries/{index}")
    verdict = page.locator("#proof-verdict")
    verdict.filter(has_not_text="Not checked").wait_for()
    page.locator("#proof-verdict.ok, #proof-verdict.alert").wait_for()
    assert ("ok" in str(verdict.get_attribute("class"))) is (spoilt == ""), verdict.inner_text()


def test_a_report_on_paper(national: Visitor, tmp_path: Path) -> None:
    """What is printed has the summary and the sentences, the masked number alone, and no navigation."""
    report(national)
    page = national.page
    summary = page.locator("main .sentence").first.inner_text()
    navigation = {link.inner_text() for link in page.locator("nav.nav a").all()} - {"Search", "Review"}
    file = tmp_path / "report.pdf"
    page.pdf(path=file, format="A4")
    printed = subprocess.run(["pdftotext", "-layout", file, "-"], check=True, capture_output=True, text=True).stdout
    words = " ".join(printed.split())
    assert " ".join(summary.split())[:40] in words
    assert f"{PERSON[:3]}*****{PERSON[-4:]}" in words
    assert PERSON not in words
    assert len(navigation) > 5
    assert not [label for label in navigation if label in words]
    page.emulate_media(media="print")
    assert not page.locator("nav.nav").is_visible()
    assert not page.locator("header form").first.is_visible()


def test_a_review(stack: Stack, national: Visitor) -> None:
    """A sample is drawn and worked through; each mark is an entry that names who made it."""
    path = sample(national, 2)
    page = national.page
    for number in (1, 2):
        page.goto(f"{national.url}{path}/next")
        page.locator("input[name=mark][value=fine]").check()
        page.locator("#note").fill(f"checked {number}")
        page.locator("main form button[type=submit]").click()
    national.go(path)
    assert page.locator("main p.ok").is_visible()
    assert page.locator("main tbody").inner_text().count(stack.people[Role.NATIONAL_AUDITOR].username) == 2
    look = stack.find("inspected", action="reviewed")
    assert (look.payload or {})["auditor"] == stack.people[Role.NATIONAL_AUDITOR].username


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_an_export(stack: Stack, national: Visitor, form: str) -> None:
    """The file that is downloaded has the SHA-256 of its manifest, which the gateway signed."""
    path = export(national, form)
    page = national.page
    with page.expect_download() as downloading:
        page.locator(f"a[href='{path}/file']").click()
    content = Path(downloading.value.path()).read_bytes()
    manifest = page.request.get(f"{national.url}{path}/manifest").json()
    signature = page.request.get(f"{national.url}{path}/signature").text()
    assert hashlib.sha256(content).hexdigest() in json.dumps(manifest)
    assert hashlib.sha256(content).hexdigest() in page.locator("main").inner_text()
    assert signature.count(".") == 2
    assert stack.find("inspected", action="exported").index < stack.find("inspected", action="downloaded").index


def test_verifying_the_whole_log(national: Visitor) -> None:
    """The page shows how far it is and then what was found: the log holds."""
    verify(national)
    said = texts.load()["integrity_outcome_holds"]["en"]
    assert said in national.page.locator("main .ok").first.inner_text()


def test_the_language_of_a_page(national: Visitor) -> None:
    """Is switched where one is, and back."""
    page = national.go("/patterns")
    english = page.locator("h1").inner_text()
    page.get_by_role("button", name="Tiếng Việt").click()
    assert national.path() == "/patterns"
    assert page.locator("html").get_attribute("lang") == "vi"
    assert page.locator("h1").inner_text() != english
    page.get_by_role("button", name="English").click()
    assert page.locator("h1").inner_text() == english


def test_without_scripts(stack: Stack, door: Door) -> None:
    """Search, results, entry, report, review, export: all of it works, and the proof says how to check it elsewhere."""
    with door.signed_in(stack.people[Role.NATIONAL_AUDITOR], never=PERSON, java_script_enabled=False) as visitor:
        page = visitor.page
        search(visitor, PERSON)
        page.locator("main table a[href^='/entries/']").first.click()
        assert page.locator("main .sentence").is_visible()
        assert "gateway log prove" in visitor.main()
        report(visitor)
        assert page.locator("main .sentence").first.is_visible()
        visitor.go(f"{sample(visitor, 1)}/next")
        page.locator("input[name=mark][value=question]").check()
        page.locator("#note").fill("why?")
        page.locator("main form button[type=submit]").click()
        export(visitor, "csv")
        verify(visitor)
        for path in ("/", "/patterns", "/inspections"):
            visitor.go(path)
            assert page.locator("h1").is_visible()
