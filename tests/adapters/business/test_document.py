"""Strict JSON."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.business.document import parse
from adapters.contract import AdapterError, Fault
from mocks.business.printing import printed

DEEP = b'{"a":' * 60 + b"1" + b"}" * 60
ABYSS = b'{"a":' * 100_000 + b"1" + b"}" * 100_000


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "body_empty"),
        (b" \r\n", "body_empty"),
        (b"\xff\xfe{}", "encoding_wrong"),
        ('{"a":"é"}'.encode("latin-1"), "encoding_wrong"),
        (b"{", "json_malformed"),
        (b"{} {}", "json_malformed"),
        (b"{'a':1}", "json_malformed"),
        (b'{"a":01}', "json_malformed"),
        (b'{"a":1,}', "json_malformed"),
        (b'{"a":"\x01"}', "json_malformed"),
        (b"<html></html>", "json_malformed"),
        (b'{"a":1,"a":1}', "json_duplicate_key"),
        (b'{"a":{"b":1,"\\u0062":2}}', "json_duplicate_key"),
        (b'{"a":NaN}', "json_number"),
        (b'{"a":-Infinity}', "json_number"),
        (b'{"a":1E999999999}', "json_number"),
        (b'{"a":0E-999999999}', "json_number"),
        (b'{"a":' + b"9" * 5000 + b"}", "json_number"),
        (b'{"a":0.' + b"9" * 5000 + b"}", "json_number"),
        (b'{"a":"\\ud800"}', "json_text"),
        (b'{"\\udfff":1}', "json_text"),
        (b'{"a":["\\u0000"]}', "json_text"),
        (b"[]", "json_not_an_object"),
        (b"null", "json_not_an_object"),
        (DEEP, "json_too_deep"),
        (ABYSS, "json_too_deep"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_refused(body: bytes, reason: str) -> None:
    """What two readers could understand differently is garbled, each with its own reason."""
    with pytest.raises(AdapterError) as caught:
        parse(body)
    assert (caught.value.fault, caught.value.reason) == (Fault.GARBLED, reason)


def test_amounts_are_exact() -> None:
    """A number with a fraction is a Decimal with all its digits, one without is an int."""
    assert parse(b'{"a":100000000000000000.125,"b":7}') == {"a": Decimal("100000000000000000.125"), "b": 7}


def test_byte_order_mark() -> None:
    """A UTF-8 byte order mark in front is dropped."""
    assert parse(b'\xef\xbb\xbf{"a":"\xc4\x91"}') == {"a": "đ"}


TEXTS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"))
AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, places=3, min_value=0, max_value=10**17)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | TEXTS | AMOUNTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(TEXTS, VALUES, max_size=5))
def test_print_and_parse(document: dict[str, object]) -> None:
    """What the mock's printer writes is read back unchanged."""
    assert parse(printed(document).encode()) == document  # type: ignore[arg-type]
