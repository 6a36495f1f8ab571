"""Salted commitments to the values of an answer: evidence that verifies later without any stored body.

    salt        32 random bytes per answer, in the signed answer alone (claim `salt`), never in the log
    opening     HMAC-SHA256(salt, place)                      opens this one place and no other
    commitment  HMAC-SHA256(opening, canonical JSON of what stood there), base64

`place` is a JSON Pointer (RFC 6901) into the body, `/form/full_name`. Canonical JSON: sorted keys, no white space,
ASCII. Whoever has body and salt can show what was disclosed; whoever has the log alone can test no guess, because the
salt is as long as a key; whoever is given one opening can check one value and learns nothing about the others.

Rule of this file: pure functions over bytes and JSON values.
"""

import hmac
import json
from collections.abc import Mapping
from typing import Any

from signing.encoding import base64_standard

SALT_BYTES = 32
_PARTS = ("fields", "form")


def opening(salt: bytes, place: str) -> bytes:
    """The 32 bytes that open the commitment at one place. ValueError for a salt of another length."""
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt is {SALT_BYTES} bytes")
    return hmac.digest(salt, place.encode(), "sha256")


def commitment(opened_by: bytes, value: Any) -> str:
    """The commitment, base64, to a JSON value under its opening."""
    canonical = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False).encode()
    return base64_standard(hmac.digest(opened_by, canonical, "sha256"))


def places(document: Mapping[str, Any]) -> dict[str, Any]:
    """What is committed to, of an answer's body: each field of a look-up and of a form, by its JSON Pointer."""
    return {
        f"/{part}/{_escaped(name)}": value
        for part in _PARTS
        if isinstance(document.get(part), Mapping)
        for name, value in document[part].items()
    }


def commitments(salt: bytes, document: Mapping[str, Any]) -> dict[str, str]:
    """Place -> commitment, of an answer's body."""
    return {place: commitment(opening(salt, place), value) for place, value in places(document).items()}


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
