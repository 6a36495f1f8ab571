"""static/opening.js against signing/commitments.py: the same commitments, and a wrong value is never called right."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from signing.commitments import commitments
from signing.digest import content_digest
from signing.encoding import base64url, json_bytes
from tests.gateway.console.static.node import Scripts

OPENING = "opening.js"
SALT = bytes(range(32))
DOCUMENT: dict[str, Any] = {
    "found": True,
    "fields": {
        "person.full_name": "Nông Thị Ánh",
        "person.birth_date": {"value": "1992-03-01", "precision": "day"},
        "a/b~c": ['\u2028\x7f\x1f\n\t"\\', None, True, -0, 12345678901234567890, "😀"],
    },
    "form": {"address": {"z": 1, "a": {"\uffff": 2, "😀": 3}}},
}


def _signature(**claims: Any) -> str:
    said = {"digest": "x", "salt": base64url(SALT), **claims}
    return f"{base64url(b'{}')}.{base64url(json_bytes(said))}.{base64url(b'signature')}"


def _case(document: Any, recorded: dict[str, str], **claims: Any) -> tuple[str, str, list[Any]]:
    text = document if isinstance(document, str) else json.dumps(document, ensure_ascii=False)
    return OPENING, "compared", [text, _signature(**claims), recorded]


def _said(answer: dict[str, Any]) -> dict[str, str]:
    return {one["place"]: one["said"] for one in answer["value"]["results"]}


def test_the_values_that_were_disclosed_are_recognised(scripts: Scripts) -> None:
    """Every place of an answer opens its commitment, whatever characters, numbers and nesting stand there."""
    recorded = commitments(SALT, DOCUMENT)
    text = json.dumps(DOCUMENT, ensure_ascii=False, indent=1)
    (answer,) = scripts(_case(text, recorded))
    assert _said(answer) == dict.fromkeys(recorded, "same")
    assert answer["value"]["digest"] == content_digest(text.encode())


def test_another_value_is_told_from_the_one_that_was_disclosed(scripts: Scripts) -> None:
    """One altered character, a place too many, one too few: each is named, the rest is right."""
    recorded = commitments(SALT, DOCUMENT)
    altered = json.loads(json.dumps(DOCUMENT))
    altered["fields"]["person.full_name"] = "Nông Thị Anh"
    altered["form"]["more"] = 1
    del altered["fields"]["person.birth_date"]
    (answer,) = scripts(_case(altered, recorded))
    assert _said(answer) == {
        "/fields/person.full_name": "differs",
        "/fields/person.birth_date": "absent",
        "/fields/a~1b~0c": "same",
        "/form/address": "same",
        "/form/more": "unrecorded",
    }


def test_another_salt_opens_nothing(scripts: Scripts) -> None:
    """The signature of another answer makes every value differ."""
    recorded = commitments(SALT, DOCUMENT)
    (answer,) = scripts(_case(DOCUMENT, recorded, salt=base64url(bytes(32))))
    assert set(_said(answer).values()) == {"differs"}


def test_a_fraction_is_said_to_be_beyond_this_check(scripts: Scripts) -> None:
    """A number whose canonical text is not known is neither called right nor wrong."""
    recorded = commitments(SALT, {"fields": {"a": 1.0, "b": 1e3, "c": 7}})
    (answer,) = scripts(_case('{"fields": {"a": 1.0, "b": 1e3, "c": 7}}', recorded))
    assert _said(answer) == {"/fields/a": "beyond", "/fields/b": "beyond", "/fields/c": "same"}
    (answer,) = scripts(_case('{"fields": {"a": -0}}', commitments(SALT, {"fields": {"a": 0}})))
    assert _said(answer) == {"/fields/a": "same"}


def test_what_cannot_be_read_is_named(scripts: Scripts) -> None:
    """A body that is no JSON, a signature that is none, a signature without a salt."""
    bodies = ["", "{", '{"a": 1,}', '{"a": 1} x', '{"a": 01}', '{"a": 1, "a": 2}', "['a']", '{"a": "\n"}', "[" * 100]
    cases = [
        *(_case(body, {}) for body in bodies),
        (OPENING, "compared", ["{}", "no.signature", {}]),
        (OPENING, "compared", ["{}", "a.b!.c", {}]),
        _case({}, {}, salt=None),
        _case({}, {}, salt=base64url(b"short")),
    ]
    reasons = [*["body"] * len(bodies), "signature", "signature", "salt", "salt"]
    answers = scripts(*cases)
    assert [(one.get("thrown"), one.get("reason")) for one in answers] == [("Unreadable", one) for one in reasons]


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=("Cs",))),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


def test_any_value_has_the_same_commitment_in_both_languages(scripts: Scripts) -> None:
    """Made-up values without fractions, many at a time: the canonical text is the same."""
    documents: list[dict[str, Any]] = []

    @settings(max_examples=60, database=None, derandomize=True)
    @given(_VALUES)
    def collect(value: Any) -> None:
        documents.append({"fields": {"x": value}})

    collect()
    answers = scripts(*(_case(document, commitments(SALT, document)) for document in documents))
    assert [_said(answer) for answer in answers] == [{"/fields/x": "same"}] * len(documents)
