"""Tests of the page: how values are printed, what it shows, and that nothing written into it becomes markup."""

import json
from datetime import UTC, datetime
from typing import Any

import lxml.html
import pytest

from config.errors import Findings
from config.gateway import Overrides
from config.loader import examine
from config.model import Named, Procedure
from gateway.view import values
from gateway.view.page import Answered, page
from gateway.view.render import HEADERS, html
from gateway.view.words import SOURCES
from tests.config.folder import SHIPPED
from tests.scenarios.prefills import CODES, GOLDEN

AT = datetime(2026, 11, 22, 2, 0, 1, tzinfo=UTC)
SETTINGS = examine(SHIPPED, {}, Overrides(), Findings(), at=None)
PROCEDURES = SETTINGS.procedures
VOCABULARY = {name: spec.label for name, spec in SETTINGS.fields.items()}
EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>&amp;{{ 7*7 }}"


def golden(code: str) -> dict[str, Any]:
    """The reviewed answer of a procedure, with a time."""
    text = (GOLDEN / f"{code}.json").read_text(encoding="utf-8").replace("(a time)", "2026-11-27T09:00:00Z")
    answer: dict[str, Any] = json.loads(text)["answer"]
    return answer


def shown(document: dict[str, Any], procedure: Procedure | None = None) -> Any:
    """The page of a document, parsed."""
    answered = Answered(document, AT, 12, Named("Cổng", "Portal"), "H14", "https://gw.example", "gw.example/log")
    raw = html(page(answered, procedure or PROCEDURES[document["procedure"]], VOCABULARY))
    return lxml.html.document_fromstring(raw.decode())


def test_every_source_has_its_name() -> None:
    """An officer reads what a shipped source is called, in both languages, not its word in sources.toml."""
    unnamed = set(SETTINGS.sources) - SOURCES.keys()
    assert not unnamed, "[source] of gateway/view/words.toml has no name for them"


def text_of(node: Any) -> str:
    """All text of an element, spaces as one."""
    return " ".join(node.text_content().split())


@pytest.mark.parametrize(
    ("value", "lines"),
    [
        ("1992-11-22", ["22/11/1992"]),
        ("1992-11", ["11/1992"]),
        ("1992", ["1992"]),
        ({"amount": "1234567", "currency": "VND"}, ["1.234.567 đồng"]),
        ({"amount": "12.5", "currency": "USD"}, ["12,5 USD"]),
        (120.5, ["120,5"]),
        (1000000, ["1.000.000"]),
        (True, ["Có"]),
        (False, ["Không"]),
        (None, []),
        ([], []),
        ({"full": "Nguyễn Thị Mẫu", "family": "Nguyễn"}, ["Nguyễn Thị Mẫu"]),
        ({"code": "2", "name": "Nữ", "name_en": "Female"}, ["Nữ (2)"]),
        ([{"code": "A", "name": "Trồng lúa", "main": True}], ["Mã: A; Trồng lúa; Ngành chính"]),
        ({"never": {"seen": [1, "x"]}}, ["never: seen: 1; x"]),
    ],
)
def test_how_values_are_printed(value: Any, lines: list[str]) -> None:
    """As people write them; a shape nobody knows loses nothing."""
    assert [line.text for line in values.printed(value)] == lines


def test_an_address_that_moved_says_where_it_is_now() -> None:
    """As recorded, then the current units, the candidates of a divided one, and how sure that is."""
    now = {
        "province": {"code": "04", "name": "Cao Bằng"},
        "conversion": "split",
        "candidates": [{"code": "1", "name": "Xã A"}, {"code": "2", "name": "Xã B"}],
    }
    recorded, moved = values.printed(
        {"text": "Xã Cũ, Huyện X", "province": {"code": "04", "name": "Cao Bằng"}, "current": now}
    )
    assert (recorded.text, recorded.also) == ("Xã Cũ, Huyện X", "Cao Bằng")
    assert moved.text == "Hiện nay / Now: Xã A | Xã B, Cao Bằng"
    assert "chia" in moved.also


@pytest.mark.parametrize("code", CODES)
def test_the_page_of_every_shipped_procedure(code: str) -> None:
    """Every form field is a row with its value, source and date; what is missing is listed, and first."""
    document, procedure = golden(code), PROCEDURES[code]
    seen = shown(document)
    rows = seen.xpath("//table[@class='form']/tbody/tr")
    labels = {wanted.name: wanted.label for wanted in procedure.form}
    assert len(rows) == len(document["form"])
    for row, (name, one) in zip(rows, document["form"].items(), strict=True):
        cells = row.xpath("th|td")
        assert text_of(cells[0]).startswith(labels[name].vi)
        assert labels[name].en in text_of(cells[0])
        for line in values.printed(one.get("value")):
            assert " ".join(line.text.split()) in text_of(cells[1]), (code, name)
        assert ("27/11/2026 16:00" in text_of(cells[2])) is ("value" in one)
    gaps = [text_of(item) for item in seen.xpath("//section[@aria-labelledby='missing']//li")]
    assert len(gaps) == len(document["missing"])
    assert all(any(gap.startswith(labels[m["field"]].vi) for gap in gaps) for m in document["missing"])
    headings = [h.get("id") for h in seen.xpath("//h2")]
    assert headings[0] == "missing"
    assert ("conflicts" in headings, "notices" in headings) == (bool(document["conflicts"]), "notices" in document)


def test_digits_of_the_page_are_digits_of_the_answer() -> None:
    """Nothing outside the answer is on the page: no personal number that the document does not hold."""
    import re

    for code in CODES:
        document = golden(code)
        body = text_of(shown(document).xpath("//main")[0])
        held = json.dumps(document, ensure_ascii=False)
        assert all(number in held for number in re.findall(r"\b\d{9,12}\b", body))


def test_a_conflict_says_which_says_what_which_is_used_and_why() -> None:
    """In the order of the answer, the used one marked in words."""
    seen = shown(golden("1.004222"))
    rows = seen.xpath("//section[@aria-labelledby='conflicts']//tbody/tr")
    assert ["Được dùng" in text_of(row) for row in rows] == [True, False]
    assert "Xóm khác" in text_of(rows[1])
    assert "lời khai của người dân không thay thế" in text_of(seen.xpath("//section[@aria-labelledby='conflicts']")[0])


def test_nothing_written_into_a_value_becomes_markup() -> None:
    """In values, labels of other versions, sources, notes, documents: text stays text."""
    document = golden("1.004222")
    document["form"]["full_name"]["value"] = {"full": EVIL}
    document["form"]["phone"]["value"] = EVIL
    document["form"][EVIL] = {"value": [EVIL, {EVIL: EVIL}], "status": EVIL, "source": EVIL, "from": None}
    document["form"]["birth_date"] |= {"source": EVIL, "as_of": EVIL, "by": [EVIL], "also_from": [EVIL], "role": EVIL}
    document["reached"] = {EVIL: {"from": EVIL, "via": EVIL, "depth": 1}}
    document["missing"].append({"field": EVIL, "reason": EVIL, "source": EVIL})
    document["conflicts"][0]["values"][1]["value"] = EVIL
    document["conflicts"][0] |= {"kind": EVIL, "because": {"code": "x", "vi": EVIL, "en": EVIL}}
    document["notices"] = [{"role": EVIL, "code": EVIL, "vi": EVIL, "en": EVIL, "source": EVIL, "as_of": EVIL}]
    document["documents"] = [
        {
            **dict.fromkeys(("kind", "name_vi", "name_en", "role", "issuing_agency", "issued_on", "valid_until"), EVIL),
            "signature": {"outcome": EVIL},
            "location": "https://elsewhere.example",
        }
    ]
    document["sources"][EVIL] = {"outcome": EVIL, "at": EVIL}
    document["dossier"] = EVIL
    seen = shown(document)
    assert {node.tag for node in seen.iter() if isinstance(node.tag, str)} <= _TAGS
    assert not [
        name for node in seen.iter() for name in node.attrib if name.startswith("on") or name in ("src", "href")
    ]
    assert EVIL in text_of(seen.xpath("//table[@class='form']")[0])
    assert "elsewhere.example" not in seen.text_content()


_TAGS = {
    *("html", "head", "meta", "title", "style", "body", "header", "main", "section", "footer", "p", "h1", "h2", "h3"),
    *("dl", "dt", "dd", "ul", "li", "strong", "span", "br", "div", "table", "thead", "tbody", "tr", "th", "td"),
}


def test_members_of_other_parts_are_shown_and_unknown_ones_passed_over() -> None:
    """Age, what was done to a value, other fields, relations and documents have their words."""
    document = golden("1.004222")
    document["form"]["full_name"] |= {
        "status": "stale", "age_seconds": 7200, "by": ["join"], "also_from": ["person.sex"], "new": {"a": 1},
    }  # fmt: skip
    document["reached"] = {"applicant": {"from": "applicant", "via": "person.spouse", "depth": 1}}
    document["documents"] = [
        {
            "document": "ab" * 32, "kind": "birth_certificate",
            "name_vi": "Giấy khai sinh", "name_en": "Birth certificate",
            "role": "applicant", "issuing_agency": "UBND xã Phục Hòa", "issued_on": "2026-11-02", "sha256": "cd" * 32,
            "media_type": "application/pdf", "content": True, "signature": {"outcome": "valid", "reason": "verified"},
            "retrieved_at": "2026-11-27T09:00:00Z",
        }
    ]  # fmt: skip
    seen = shown(document)
    row = text_of(seen.xpath("//table[@class='form']/tbody/tr")[0])
    for words in ("nguồn đang gián đoạn", "2 giờ", "2 hours old", "cũng theo: Giới tính", "ghép", "tìm đến từ"):
        assert words in row
    paper = text_of(seen.xpath("//section[@aria-labelledby='documents']")[0])
    for words in (
        "Giấy khai sinh",
        "Birth certificate",
        "UBND xã Phục Hòa",
        "02/11/2026",
        "Chữ ký / Signature: hợp lệ",
    ):
        assert words in paper
    assert "abab" not in paper
    assert "cdcd" not in paper


def test_every_word_an_answer_can_say_is_one_of_the_page() -> None:
    """Reasons, outcomes, changes and signatures of the API's description are all in words.toml."""
    from gateway.api import openapi_answers, openapi_papers
    from gateway.view import words

    answer = openapi_answers.SCHEMAS
    assert set(answer["MissingField"]["properties"]["reason"]["enum"]) <= words.REASONS.keys()
    assert set(answer["SourceOutcome"]["properties"]["outcome"]["enum"]) <= words.OUTCOMES.keys()
    assert set(openapi_answers._ORIGIN["by"]["items"]["enum"]) <= words.CHANGES.keys()
    assert set(openapi_papers._OUTCOMES) <= words.SIGNATURES.keys()


def test_a_form_that_lacks_nothing_says_so() -> None:
    """An empty list would leave people wondering."""
    document = golden("1.004222")
    document["missing"] = []
    assert "Không thiếu" in text_of(shown(document).xpath("//section[@aria-labelledby='missing']")[0])


def test_the_page_stands_alone_and_runs_nothing() -> None:
    """One style, allowed by its hash; the policy in the page is the one of the header; headings in order."""
    import base64
    import hashlib

    seen = shown(golden("1.004222"))
    style = seen.xpath("//style")[0].text
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = seen.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    assert policy == HEADERS["content-security-policy"]
    assert f"style-src 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert "<" not in style
    assert "url(" not in style
    assert len(seen.xpath("//h1")) == 1
    assert all(th.get("scope") in ("col", "row") for th in seen.xpath("//th"))
    assert seen.get("lang") == "vi"
    assert set(seen.xpath("//@lang")) == {"vi", "en"}
    assert not seen.xpath("//*[@style]")
