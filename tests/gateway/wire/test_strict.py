"""Strict JSON."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Code, Refused
from gateway.wire import strict

# noncharacters (U+FFFE and the like) are refused, so no ordinary document holds them
CHARACTERS = st.characters(min_codepoint=32, exclude_categories=["Cs"], exclude_characters="\x7f").filter(
    lambda c: ord(c) & 0xFFFE != 0xFFFE
)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(CHARACTERS, max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc/~", max_size=4), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text("abcxyz", max_size=5), PLAIN, max_size=5))
def test_what_was_printed_is_read_back(document: dict[str, Any]) -> None:
    """Printing and parsing an ordinary document gives the same document."""
    assert strict.parse(json.dumps(document).encode()) == document


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b'{"a": 1, "a": 2}', "/a"),
        (b'{"x": {"a/b": [0, {"k": 1, "k": 1}]}}', "/x/a~1b/1/k"),
        (b'{"a": NaN}', ""),
        (b'{"a": -Infinity}', ""),
        (b'{"a": 1e999}', "/a"),
        (b'{"a": "\\ud800"}', "/a"),
        (b'{"a": "\\u0000"}', "/a"),
        (b'{"a": "\\uffff"}', "/a"),
        (b'{"a": "' + b"x" * 5000 + b'"}', "/a"),
        (b'{"a": [' + b"0," * 1000 + b"0]}", "/a"),
        (b'{"a":' * 17 + b"1" + b"}" * 17, "/a" * 16),
        (b"[" * 100_000, ""),
        (b"[]", ""),
        (b"", ""),
        (b"\xff{}", ""),
        (b'{"a": 1} x', ""),
        (b'{"a": ' + b"9" * 5000 + b"}", ""),
    ],
    ids=range(17),
)
def test_each_oddity_is_refused_with_its_place(body: bytes, pointer: str) -> None:
    """Every oddity ends in body_malformed with a pointer to the member."""
    with pytest.raises(Refused) as ended:
        strict.parse(body)
    refusal = ended.value.refusal
    assert refusal.code is Code.BODY_MALFORMED
    assert [flaw.pointer for flaw in refusal.flaws] == [pointer]
