"""Commitments: bound to value, place and salt, and silent without the salt."""

import base64
import copy
import hashlib
import hmac
import os
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signing.commitments import SALT_BYTES, commitment, commitments, opening, places

SALT = bytes(range(32))
DOCUMENT: dict[str, Any] = {
    "found": True,
    "fields": {
        "person.full_name": {"value": {"full": "Nguyễn Thị Mẫu"}, "status": "ok", "source": "population"},
        "person.marital_status": {"status": "unavailable", "source": "population"},
    },
}


def test_a_commitment_is_two_keyed_hashes_over_the_canonical_value() -> None:
    """The definition, computed by hand."""
    place = "/fields/person.marital_status"
    opened_by = hmac.new(SALT, place.encode(), hashlib.sha256).digest()
    expected = hmac.new(opened_by, b'{"source":"population","status":"unavailable"}', hashlib.sha256)
    assert commitments(SALT, DOCUMENT)[place] == base64.b64encode(expected.digest()).decode()
    assert opening(SALT, place) == opened_by


def test_fields_and_forms_are_committed_to_and_nothing_else() -> None:
    """Places are JSON Pointers; names are escaped."""
    document = {"match": True, "form": {"a/b~c": {"status": "ok"}}, "fields": {"x": 1}, "missing": ["y"]}
    assert places(document) == {"/fields/x": 1, "/form/a~1b~0c": {"status": "ok"}}
    assert places({"match": True}) == {}


@given(st.binary(min_size=SALT_BYTES, max_size=SALT_BYTES), st.text(), st.text())
def test_another_value_place_or_salt_gives_another_commitment(salt: bytes, one: str, other: str) -> None:
    """Nothing but the same three gives the same commitment."""
    first = commitment(opening(salt, "/fields/x"), one)
    assert (commitment(opening(salt, "/fields/x"), other) == first) == (one == other)
    assert commitment(opening(salt, "/fields/y"), one) != first
    assert commitment(opening(bytes(b ^ 1 for b in salt), "/fields/x"), one) != first


def test_the_order_of_members_does_not_count() -> None:
    """A body that was parsed and printed again has the same commitments."""
    turned = copy.deepcopy(DOCUMENT)
    turned["fields"]["person.full_name"] = dict(reversed(turned["fields"]["person.full_name"].items()))
    assert commitments(SALT, turned) == commitments(SALT, DOCUMENT)


def test_guessing_needs_the_salt() -> None:
    """With ten possible values and no salt, none of them can be told from the others."""
    hidden = commitments(os.urandom(32), DOCUMENT)["/fields/person.full_name"]
    guesses = [commitments(bytes([n]) * 32, DOCUMENT)["/fields/person.full_name"] for n in range(256)]
    assert hidden not in guesses


@pytest.mark.parametrize("salt", [b"", bytes(16), bytes(33)])
def test_a_salt_has_one_length(salt: bytes) -> None:
    """A short salt would invite guessing."""
    with pytest.raises(ValueError, match="32 bytes"):
        opening(salt, "/fields/x")
