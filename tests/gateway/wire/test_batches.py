"""Lines of a batch: how a body is cut, what is read of a line, how an answer's line is printed."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Code, Refusal
from gateway.model import Ask
from gateway.wire import batches, requests

PERSON = {"personal_id": "004192000123", "full_name": "Nguyễn Thị Mẫu", "birth_date": "1992-11-22"}
HEADERS = {"gateway-signature": "a.b.c"}


@pytest.mark.parametrize(
    ("body", "lines"),
    [
        (b"", []),
        (b"\n", [b""]),
        (b"a", [b"a"]),
        (b"a\n", [b"a"]),
        (b"a\n\nb\n", [b"a", b"", b"b"]),
        (b"a\r\nb", [b"a\r", b"b"]),
    ],
)
def test_a_line_is_what_a_line_feed_ends(body: bytes, lines: list[bytes]) -> None:
    """Empty lines are counted, so that a number is the place in the body; the last line feed may be missing."""
    assert batches.split(body) == lines


def test_a_line_is_a_pre_fill_with_its_dossier() -> None:
    """The body of a single call, and the code of the dossier."""
    said = {"dossier": "D-1", "subjects": {"applicant": PERSON}, "declared": {"phone": "1"}}
    line = requests.parse_line(json.dumps(said).encode() + b"\r", basis="law")
    ask = line.asked
    assert (line.dossier, line.consent) == ("D-1", None)
    assert isinstance(ask, Ask)
    assert (ask.subjects[0].identifiers["personal_id"], ask.declared) == (PERSON["personal_id"], {"phone": "1"})


@pytest.mark.parametrize(
    ("said", "dossier", "code", "pointer"),
    [
        ({"subjects": {"applicant": PERSON}}, None, Code.VALUE_INVALID, "/dossier"),
        ({"dossier": 7, "subjects": {"applicant": PERSON}}, None, Code.VALUE_INVALID, "/dossier"),
        ({"dossier": "004192000123", "subjects": {"applicant": PERSON}}, None, Code.VALUE_INVALID, "/dossier"),
        (
            {"dossier": "D-1", "subjects": {"applicant": PERSON}, "consent": "C-1"},
            "D-1",
            Code.VALUE_INVALID,
            "/consent",
        ),
        ({"dossier": "D-1", "subjects": {}}, "D-1", Code.VALUE_INVALID, "/subjects"),
        ({"dossier": "D-1", "subjects": {"applicant": PERSON}, "x": 1}, "D-1", Code.FIELD_UNKNOWN, "/x"),
    ],
)
def test_what_is_wrong_with_a_line_is_pointed_at(said: object, dossier: str | None, code: Code, pointer: str) -> None:
    """A pointer begins at the line; its dossier is known where it can be read."""
    line = requests.parse_line(json.dumps(said).encode(), basis="law")
    refusal = line.asked
    assert line.dossier == dossier
    assert isinstance(refusal, Refusal)
    assert refusal.code is code
    assert [flaw.pointer for flaw in refusal.flaws] == [pointer]


@pytest.mark.parametrize("text", [b"", b"nonsense", b"[]", b"\xff", b'{"dossier":"D-1","dossier":"D-2"}'])
def test_a_line_that_is_no_object_has_no_dossier(text: bytes) -> None:
    """It is malformed, and nothing of it is taken."""
    line = requests.parse_line(text, basis="law")
    refusal = line.asked
    assert line.dossier is None
    assert isinstance(refusal, Refusal)
    assert refusal.code is Code.BODY_MALFORMED


@given(st.dictionaries(st.text(max_size=5), st.text(max_size=20), max_size=4))
def test_the_document_stands_in_the_line_byte_for_byte(document: dict[str, str]) -> None:
    """A line is one JSON object and one line, and ends with the very bytes that are signed."""
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    line = batches.line(3, "D-3", 200, body, member=batches.RESULT, headers=HEADERS)
    assert line.count(b"\n") == 1
    assert line.endswith(b',"result":' + body + b"}\n")
    assert json.loads(line) == {"line": 3, "dossier": "D-3", "status": 200, "signature": "a.b.c", "result": document}


def test_a_failed_line_holds_its_problem_and_when_to_try_again() -> None:
    """Any part of an answer can end with a problem, which is called so."""
    line = batches.line(2, None, 503, b"{}", member=batches.END, headers={**HEADERS, "retry-after": "30"})
    assert json.loads(line) == {
        "line": 2,
        "dossier": None,
        "status": 503,
        "retry_after": 30,
        "signature": "a.b.c",
        "problem": {},
    }


def test_with_basis_consent_each_line_names_its_own() -> None:
    """One citizen's agreement is not another's: without it the line is refused."""
    said = {"dossier": "D-1", "subjects": {"applicant": PERSON}}
    given = requests.parse_line(json.dumps({**said, "consent": "C-1"}).encode(), basis="consent")
    missing = requests.parse_line(json.dumps(said).encode(), basis="consent").asked
    assert given.consent == "C-1"
    assert isinstance(missing, Refusal)
    assert [flaw.pointer for flaw in missing.flaws] == ["/consent"]
