"""The pages for people: complete, self-contained, accessible; and the script they show really signs."""

import asyncio
import itertools
import json
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from gateway.api import openapi, pages, problems, token_rules
from gateway.api.catalogue import ENTRIES
from gateway.api.routes import ROUTES
from gateway.errors import Code
from gateway.model import Call
from gateway.wire.requests import MODELS
from signing import keys
from tests.gateway.api.document import AUDIENCE, BASE_URL, described
from tests.helpers.stack import Stack, stack

needs_tools = pytest.mark.skipif(
    not all(shutil.which(tool) for tool in ("bash", "openssl", "curl", "jq")), reason="bash, openssl, curl and jq"
)
_VIETNAMESE = re.compile("[ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ]", re.IGNORECASE)
_PAGES: Mapping[str, str] = {
    "docs": pages.docs(described()),
    "bare docs": pages.docs(openapi.document(base_url=BASE_URL, audience=AUDIENCE, version="1")),
    "problems": pages.catalogue(),
    **{f"problems/{code.value}": str(pages.problem(code.value)) for code in Code},
}
every_page = pytest.mark.parametrize("text", _PAGES.values(), ids=_PAGES.keys())


@pytest_asyncio.fixture
async def running(tmp_path: Path) -> AsyncIterator[Stack]:
    """A whole gateway over the mock registries."""
    async with stack(tmp_path) as made:
        yield made


def parsed(text: str) -> Any:
    """The page as a tree."""
    return html.document_fromstring(text)


def sample(label: str) -> str:
    """The text of one figure of the reference."""
    return str(parsed(_PAGES["docs"]).xpath("//figure[figcaption=$label]/pre", label=label)[0].text_content())


@every_page
def test_a_page_needs_nothing_from_elsewhere(text: str) -> None:
    """No script, nothing inline, no form, no frame; the one thing fetched is the style sheet of the same host."""
    page = parsed(text)
    assert page.xpath("//script | //style | //form | //iframe | //img | //object | //@style | //base") == []
    assert [name for name in page.xpath("//@*/..") for name in name.keys() if name.startswith("on")] == []  # noqa: SIM118
    assert [link.get("rel") for link in page.xpath("//link")] == ["stylesheet"]
    for address in page.xpath("//@href | //@src"):
        assert not re.match(r"[a-z]+:|/", address), "links are relative"


@every_page
def test_a_page_can_be_read_by_machines_that_read_aloud(text: str) -> None:
    """Language, one h1, headings without gaps, heads of tables with their scope, names for regions."""
    page = parsed(text)
    assert page.get("lang") == "en"
    assert page.xpath("string(//title)").strip(" ·")
    levels = [int(heading.tag[1]) for heading in page.iter("h1", "h2", "h3", "h4")]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    assert {head.get("scope") for head in page.iter("th")} <= {"col", "row"}
    assert all(region.get("aria-label") for region in page.xpath("//*[@role='region']"))
    assert len(page.xpath("//main")) == 1
    names = page.xpath("//@id")
    assert len(names) == len(set(names))


@every_page
def test_vietnamese_is_marked(text: str) -> None:
    """Vietnamese words stand in elements that say so; examples of data are the exception."""
    page = parsed(text)
    for node in page.xpath("//*[not(self::pre) and not(ancestor::pre)]/text()[not(parent::code)]"):
        if _VIETNAMESE.search(node):
            assert node.getparent().xpath("ancestor-or-self::*/@lang")[-1] == "vi", node


@every_page
def test_links_inside_the_site_lead_somewhere(text: str) -> None:
    """Every link points at an address the gateway serves, and every fragment at an element of that page."""
    page = parsed(text)
    level = page.xpath("string(//link/@href)").removesuffix("docs/style.css")
    served = {"docs", "problems", "openapi.json", "docs/style.css", ".well-known/jwks.json", ".well-known/gateway"}
    for address in page.xpath("//@href"):
        path, _, fragment = address.partition("#")
        path = path.removeprefix(level)
        assert path in served | _PAGES.keys() | {""}
        if fragment and fragment != "content":
            target = parsed(_PAGES[path]) if path else page
            assert target.xpath("//*[@id=$name]", name=fragment), address


def test_the_catalogue_has_every_code() -> None:
    """Each code is in the catalogue once, with its title in both languages and whose fault it is."""
    rows = parsed(_PAGES["problems"]).xpath("//tbody/tr")
    shown = {row.xpath("string(th)").strip(): row.xpath("string(.)") for row in rows}
    assert len(rows) == len(shown)
    assert shown.keys() == {code.value for code in Code}
    for code, row in problems.TABLE.items():
        for part in (row.title, row.fault, ENTRIES[code].title_vi):
            assert part in shown[code.value]


@pytest.mark.parametrize("code", list(Code))
def test_a_code_has_a_page(code: Code) -> None:
    """The page of a code says what it means in both languages, and what to do."""
    page = parsed(_PAGES[f"problems/{code.value}"])
    text = page.xpath("normalize-space(//main)")
    row, entry = problems.TABLE[code], ENTRIES[code]
    for part in (code.value, str(row.status), row.title, row.fault, entry.meaning, entry.title_vi, entry.text_vi):
        assert part in text
    assert row.advice.replace("`", "") in text
    assert ("Retry-After" in page.xpath("string(//dl)")) is (row.retry_after is not None)
    assert _VIETNAMESE.search(entry.title_vi)
    assert _VIETNAMESE.search(entry.text_vi)


@pytest.mark.parametrize("word", ["", "unheard_of", "INTERNAL", "../docs", "<script>"])
def test_an_unknown_code_has_no_page(word: str) -> None:
    """There is a page for the codes and for nothing else."""
    assert pages.problem(word) is None


def test_the_reference_has_every_call() -> None:
    """Each call is described, with an example of its answer and of its body where it has one."""
    page = parsed(_PAGES["docs"])
    for route in ROUTES:
        section = page.xpath("//section[h3/code=$name]", name=f"{route.method} {route.path}")[0]
        captions = section.xpath("figure/figcaption/text()")
        # a page for people is described in words
        paper = route.call is Call.DOSSIERS_PREVIEW
        assert (f"Answer, {'201' if route.call is Call.CORRECTIONS_REPORT else '200'}" in captions) is not paper
        assert ("Body" in captions) is (route.method == "POST" and "debug" not in route.path)
        for block in section.xpath("figure/pre"):
            json.loads(block.text_content())


def test_the_reference_has_every_code_claim_and_field() -> None:
    """Codes, claims, checks and the vocabulary are all in the reference; without a vocabulary only the last is not."""
    heads = {str(head.xpath("string(.)")).strip() for head in parsed(_PAGES["docs"]).xpath("//tbody//th")}
    schemas = described()["components"]["schemas"]
    fields = {
        name for subject in ("Person", "Enterprise", "Taxpayer") for name in schemas[f"{subject}Fields"]["properties"]
    }
    assert {code.value for code in Code} <= heads
    assert {part.name for part in (*token_rules.CLAIMS, *token_rules.ANSWER_CLAIMS, *token_rules.HEADER)} <= heads
    assert {str(check.number) for check in token_rules.CHECKS} <= heads
    assert fields <= {head.removesuffix(" sensitive") for head in heads}
    assert "person.full_name" not in {
        str(head.xpath("string(.)")) for head in parsed(_PAGES["bare docs"]).xpath("//tbody//th")
    }


def test_values_of_the_gateway_are_escaped() -> None:
    """A base URL or an audience with markup in it is shown as text."""
    document = openapi.document(base_url="https://gw.example/<b>", audience="<script>x</script>", version="<i>")
    page = parsed(pages.docs(document))
    assert page.xpath("//script | //main//b | //main//i") == []
    assert "<script>x</script>" in page.text_content()


def test_prose_marks_names_and_escapes_the_rest() -> None:
    """Only what stands in backticks becomes code."""
    assert pages.prose("Set `a<b>` & go") == "Set <code>a&lt;b&gt;</code> &amp; go"


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda s: st.lists(s) | st.dictionaries(st.text(), s)
    )
)
def test_printed_json_says_the_same(document: Any) -> None:
    """Printing for reading changes no value, no name and no order."""
    assert json.dumps(json.loads(pages.printed(document))) == json.dumps(document)


@pytest.mark.parametrize("name", ["a_b.c", "plain", "_x_", ""])
def test_breaks_change_nothing_but_where_a_name_may_break(name: str) -> None:
    """Without the marks the name is what it was."""
    assert pages.breakable(name).replace("<wbr>", "") == name


def test_the_style_sheet_fetches_nothing() -> None:
    """No import and no address in the style sheet; it knows narrow screens and paper."""
    style = pages.stylesheet()
    assert not re.search(r"@import|url\(|//[a-z]", style)
    assert "max-width: 40rem" in style
    assert "@media print" in style


@needs_tools
async def test_the_first_call_works(running: Stack, tmp_path: Path) -> None:
    """The script as shown, started as shown with the values of a ready file, gets the signed answer of a gateway."""
    portal = running.portals["H14"]
    private = tmp_path / "portal.pem"
    keys.write_private_file(private, keys.private_pem(portal.signer.private_key))
    ready = {
        "base_url": running.base_url,
        "audience": running.gateway.state.policy.audience,
        "portal": {"iss": "H14", "kid": portal.signer.kid, "private_key": str(private)},
    }
    (tmp_path / "ready.json").write_text(json.dumps(ready), encoding="utf-8")
    (tmp_path / "first-call.sh").write_text(sample("first-call.sh"), encoding="utf-8")
    start = sample("Run it against the demo").partition("there:\n")[2]
    done = await asyncio.create_subprocess_exec(
        "bash", "-c", start, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    out, error = await done.communicate()
    head, _, body = out.decode().partition("\r\n\r\n")
    assert (done.returncode, error) == (0, b"")
    assert head.splitlines()[0].split()[1] == "200"
    assert "gateway-signature:" in head.lower()
    assert json.loads(body) == {"match": True}


@needs_tools
@pytest.mark.parametrize("r", [1, 0x80, 2**247, 2**255, 2**256 - 1])
def test_the_script_pads_short_integers(r: int) -> None:
    """From DER to 64 raw bytes, also where an integer has leading zeros or a sign byte."""
    s = 2**240 + 10
    conversion = re.search(r"(openssl asn1parse .*? tr ' ' 0)\)", sample("first-call.sh"), re.DOTALL)
    assert conversion
    done = subprocess.run(
        ["bash", "-c", conversion[1]], input=encode_dss_signature(r, s), stdout=subprocess.PIPE, check=True
    )
    assert done.stdout.decode().lower() == f"{r:064x}{s:064x}"


@needs_tools
@pytest.mark.parametrize("missing", ["KID", "KEY"])
def test_the_script_says_what_it_lacks(missing: str, tmp_path: Path) -> None:
    """Without a key or its id nothing is sent, and the script names what is missing."""
    path = tmp_path / "first-call.sh"
    path.write_text(sample("first-call.sh"), encoding="utf-8")
    given = {"PATH": "/usr/bin:/bin", "BASE_URL": "http://127.0.0.1:1", "KID": "k", "KEY": "none.pem"}
    del given[missing]
    done = subprocess.run(["bash", str(path)], env=given, capture_output=True, check=False)
    assert done.returncode != 0
    assert missing in done.stderr.decode()


def test_the_reference_says_which_answers_may_come_later() -> None:
    """The calls that can be deferred are named, with the 202 they get."""
    page = parsed(_PAGES["docs"])
    paragraph = page.xpath("//h2[@id='later']/following-sibling::p[1]")[0]
    named = set(paragraph.xpath("a/code/text()")) - {"GET /v1/jobs/{id}"}
    assert named == {route.path for route in ROUTES if route.call in MODELS}
    assert json.loads(sample("Answer, 202"))["status"] == "pending"
