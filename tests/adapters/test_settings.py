"""The strict reading of an adapter's options and credentials."""

from typing import Any

import pytest

from adapters.settings import Option, ProfileError, credentials, options
from tests.adapters.builders import settings

KNOWN = {
    "colour": Option(str, "red", ("red", "blue")),
    "title": Option(str),
    "size": Option(int, 3),
    "loud": Option(bool, False),
    "codes": Option(dict, {}),
}


def test_defaults_and_given_values() -> None:
    """An option that is not given has its default, a given one its value."""
    expected = {"colour": "blue", "title": None, "size": 3, "loud": True, "codes": {"a": "b"}}
    assert options({"colour": "blue", "loud": True, "codes": {"a": "b"}}, KNOWN) == expected


@pytest.mark.parametrize(
    ("given", "key"),
    [
        ({"color": "red"}, "color"),
        ({"colour": "green"}, "colour"),
        ({"colour": ["red"]}, "colour"),
        ({"title": ""}, "title"),
        ({"title": 5}, "title"),
        ({"size": "5"}, "size"),
        ({"size": True}, "size"),
        ({"size": 1.0}, "size"),
        ({"loud": 1}, "loud"),
        ({"codes": {"a": 1}}, "codes"),
        ({"codes": {"a": ""}}, "codes"),
        ({"codes": ["a"]}, "codes"),
    ],
)
def test_wrong_options_are_named(given: dict[str, Any], key: str) -> None:
    """A wrong option raises an error that carries its key and speaks of it."""
    with pytest.raises(ProfileError) as raised:
        options(given, KNOWN)
    assert raised.value.key == key
    assert key in str(raised.value)


def test_credentials() -> None:
    """Required credentials are there and an optional one that is missing or empty is None."""
    found = credentials({"a": "1", "c": ""}, required=("a",), optional=("b", "c"))
    assert found == {"a": "1", "b": None, "c": None}


@pytest.mark.parametrize(("given", "key"), [({}, "a"), ({"a": ""}, "a"), ({"a": "x", "z": "y"}, "z")])
def test_wrong_credentials_are_named(given: dict[str, str], key: str) -> None:
    """A missing, empty or unused credential is named, without any value."""
    with pytest.raises(ProfileError) as raised:
        credentials(given, required=("a",))
    assert raised.value.key == key
    assert "x" not in str(raised.value).split()


def test_settings_hide_credentials() -> None:
    """The printed form of the settings holds no credential."""
    assert "bi-mat" not in repr(settings())
