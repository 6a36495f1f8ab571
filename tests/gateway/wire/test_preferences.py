"""The Prefer header: one preference is known, nothing is an error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.wire.preferences import respond_async


@pytest.mark.parametrize(
    "lines",
    [
        ["respond-async"],
        ["Respond-ASYNC"],
        ["respond-async, wait=10"],
        ["wait=10, respond-async"],
        ['foo="a, b\\", c"; bar=1 ; baz , respond-async'],
        ["handling=lenient", "respond-async"],
        ['respond-async=""'],
        ["respond-async; now"],
        [" , ,\trespond-async\t"],
    ],
)
def test_it_is_found_wherever_it_stands(lines: list[str]) -> None:
    """Case, spaces, parameters, other preferences and several header lines do not hide it."""
    assert respond_async(lines)


@pytest.mark.parametrize(
    "lines",
    [
        [],
        [""],
        ["respond-asynchronously"],
        ["respond-async=yes"],
        ["foo=respond-async"],
        ['foo="x, respond-async"'],
        ["foo; respond-async"],
        ['foo="x, respond-async'],
        ["respond async"],
    ],
)
def test_what_only_looks_like_it_is_something_else(lines: list[str]) -> None:
    """Values, parameters, quoted text and malformed lines ask for nothing."""
    assert not respond_async(lines)


@given(st.lists(st.text(max_size=40), max_size=3))
def test_no_header_is_an_error(lines: list[str]) -> None:
    """Whatever is sent gives an answer."""
    assert respond_async(lines) in (True, False)


@pytest.mark.parametrize("piece", ["a;", "a,", ",", " ", '"', "a=", "a ; ", "a=b;c=d,"])
def test_a_long_header_is_read_in_little_time(piece: str) -> None:
    """Repetition that never matches in the end does not multiply the work: 60,000 characters are read."""
    assert not respond_async([piece * (60_000 // len(piece)) + "\x00"])
