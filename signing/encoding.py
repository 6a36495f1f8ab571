"""Base64 and JSON in their one strict form.

Rule of this file: for every value there is exactly one accepted base64 text. A lenient decoder would let two different
tokens carry the same meaning, and a changed token pass for the signed one.
"""

import base64
import binascii
import json
import re
from typing import Any, NoReturn

from signing.errors import EncodingMalformed

MAX_DEPTH = 8
"""How deep objects and arrays of a JOSE header or claim set may nest."""

_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")
_STANDARD = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")


def base64url(data: bytes) -> str:
    """Base64url without padding (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def from_base64url(text: str) -> bytes:
    """The bytes of base64url text without padding.

    Raises `EncodingMalformed` for padding, white space, other characters, an impossible length, or bits set in the last
    character that no byte uses (RFC 4648, section 3.5).
    """
    if _BASE64URL.fullmatch(text) is None or len(text) % 4 == 1:
        raise EncodingMalformed("not base64url without padding")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if base64url(data) != text:
        raise EncodingMalformed("base64url with unused bits set")
    return data


def base64_standard(data: bytes) -> str:
    """Base64 with padding (RFC 4648, section 4)."""
    return base64.b64encode(data).decode("ascii")


def from_base64_standard(text: str) -> bytes:
    """The bytes of padded base64 text. Raises `EncodingMalformed` for every other form, unused bits included."""
    if _STANDARD.fullmatch(text) is None:
        raise EncodingMalformed("not padded base64")
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error:
        raise EncodingMalformed("not padded base64") from None
    if base64_standard(data) != text:
        raise EncodingMalformed("base64 with unused bits set")
    return data


def json_object(data: bytes, *, max_bytes: int) -> dict[str, Any]:
    """The JSON object (RFC 8259) in `data`, UTF-8.

    Raises `EncodingMalformed` for anything else: more than `max_bytes`, other encodings, a byte order mark, duplicate
    names, NaN or Infinity, numbers too large to be one, lone surrogates, nesting deeper than `MAX_DEPTH`.
    """
    if len(data) > max_bytes:
        raise EncodingMalformed("JSON too long")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise EncodingMalformed("JSON is not UTF-8") from None
    try:
        value = json.loads(text, object_pairs_hook=_unique, parse_constant=_constant, parse_float=_finite)
    except RecursionError:
        raise EncodingMalformed("JSON too deep") from None
    except ValueError:
        raise EncodingMalformed("not JSON") from None
    if not isinstance(value, dict):
        raise EncodingMalformed("JSON is not an object")
    _bounded(value, MAX_DEPTH)
    return value


def json_bytes(value: dict[str, Any]) -> bytes:
    """The shortest JSON text of an object, UTF-8, members in the order given. Raises ValueError for NaN."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise EncodingMalformed("JSON with a name given twice")
    return made


def _constant(_: str) -> NoReturn:
    raise EncodingMalformed("JSON with NaN or Infinity")


def _finite(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise EncodingMalformed("JSON with a number out of range")
    return value


def _bounded(value: Any, depth: int) -> None:
    if isinstance(value, str):
        _encodable(value)
    elif isinstance(value, dict | list):
        if depth == 0:
            raise EncodingMalformed("JSON too deep")
        for name in value if isinstance(value, dict) else ():
            _encodable(name)
        for item in value.values() if isinstance(value, dict) else value:
            _bounded(item, depth - 1)


def _encodable(text: str) -> None:
    # a lone surrogate cannot be written as UTF-8 again: it would fail later, far from its cause
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise EncodingMalformed("JSON with a lone surrogate") from None
