"""Tests of the strict base64 and JSON forms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing import encoding
from signing.errors import EncodingMalformed


@given(st.binary(max_size=80))
def test_base64url_comes_back(data: bytes) -> None:
    """Bytes written as base64url are read back."""
    assert encoding.from_base64url(encoding.base64url(data)) == data


@given(st.binary(max_size=80))
def test_padded_base64_comes_back(data: bytes) -> None:
    """Bytes written as padded base64 are read back."""
    assert encoding.from_base64_standard(encoding.base64_standard(data)) == data


@pytest.mark.parametrize("text", ["A", "AA==", "AB", "AAB", "A A", "AA\n", "A+/A", "é", "AAAAA", " AA"])
def test_other_base64url_is_refused(text: str) -> None:
    """Padding, unused bits, white space and other alphabets are refused."""
    with pytest.raises(EncodingMalformed):
        encoding.from_base64url(text)


@pytest.mark.parametrize("text", ["A", "AA", "AA=", "AB==", "AAB=", "AAA=\n", "A-_A", "AA==AA==", "===="])
def test_other_padded_base64_is_refused(text: str) -> None:
    """Missing padding, unused bits, line ends and other alphabets are refused."""
    with pytest.raises(EncodingMalformed):
        encoding.from_base64_standard(text)


@given(st.text(alphabet="ABab01-_", max_size=12))
def test_one_text_per_value(text: str) -> None:
    """Whatever is accepted is the very text the encoder writes."""
    try:
        data = encoding.from_base64url(text)
    except EncodingMalformed:
        return
    assert encoding.base64url(data) == text


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"[]",
        b"null",
        b'"a"',
        b"{",
        b'{"a":1,"a":1}',
        b'{"x":{"a":1,"a":2}}',
        b'{"a":NaN}',
        b'{"a":-Infinity}',
        b'{"a":1e999}',
        b'{"a":"\\ud800"}',
        b'{"\\ud800":1}',
        b"\xef\xbb\xbf{}",
        b'{"a":"\xff"}',
        '{"a":1}'.encode("utf-16"),
        b"{} {}",
        b'{"a":' * 9 + b"1" + b"}" * 9,
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"a":' + b"9" * 5000 + b"}",
    ],
)
def test_other_json_is_refused(text: bytes) -> None:
    """Anything but one strict, shallow JSON object is refused."""
    with pytest.raises(EncodingMalformed):
        encoding.json_object(text, max_bytes=1_000_000)


def test_json_is_bounded() -> None:
    """An object one byte longer than allowed is refused."""
    assert encoding.json_object(b'{"a":1}', max_bytes=7) == {"a": 1}
    with pytest.raises(EncodingMalformed):
        encoding.json_object(b'{"a":1}', max_bytes=6)


def test_json_is_written_short_and_in_order() -> None:
    """Members keep their order, without white space, in UTF-8."""
    assert encoding.json_bytes({"b": "ễ", "a": [1, True]}) == '{"b":"ễ","a":[1,true]}'.encode()
