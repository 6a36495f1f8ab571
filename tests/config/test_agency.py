"""Agency codes have one canonical form."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.agency import canonical

OWNERS = st.from_regex(re.compile(r"[A-Z][0-9]{2}"), fullmatch=True)
UNITS = st.lists(st.integers(1, 999), max_size=3)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("H14", "H14"),
        ("H14.5", "H14.5"),
        ("G09.20.3", "G09.20.3"),
        ("H14.05", "H14.5"),
        ("000.00.12.H14", "H14.12"),
        ("000.00.00.H14", "H14"),
        ("000.05.12.H14", "H14.12.5"),
        ("007.05.12.H14", "H14.12.5.7"),
    ],
)
def test_known_forms(written: str, expected: str) -> None:
    """Both ways of writing lead to the same code."""
    assert canonical(written) == expected


@pytest.mark.parametrize(
    "written",
    [
        "",
        "h14",
        "H1",
        "H144",
        "H14.",
        ".H14",
        "H14.0",
        "H14.5.0",
        "H14.0.5",
        "H14.1.2.3.4",
        "H14.1000",
        " H14",
        "H14\n",
        "H14/5",
        "H14.٥",
        "H１４",
        "000.00.12.H1",
        "00.00.12.H14",
        "000.05.00.H14",
        "007.00.12.H14",
        "000.00.12.H14.1",
    ],
)
def test_anything_else_is_refused(written: str) -> None:
    """A code in no known form, or with a gap between its units, is refused with a sentence."""
    with pytest.raises(ValueError, match=r"^An agency code .*\.$"):
        canonical(written)


@given(OWNERS, UNITS)
def test_canonical_codes_stay(owner: str, units: list[int]) -> None:
    """A canonical code is its own canonical form."""
    code = ".".join([owner, *map(str, units)])
    assert canonical(code) == code


@given(OWNERS, st.lists(st.integers(1, 99), max_size=2), st.integers(0, 999))
def test_older_form_keeps_units_apart(owner: str, larger: list[int], smallest: int) -> None:
    """The older form of any chain of units without a gap gives exactly that chain."""
    chain = [*larger, smallest] if len(larger) == 2 and smallest else larger
    largest, middle, least = (*chain, 0, 0, 0)[:3]
    assert canonical(f"{least:03d}.{middle:02d}.{largest:02d}.{owner}") == ".".join([owner, *map(str, chain)])


@given(st.text(max_size=20))
def test_any_text_is_canonical_or_refused(text: str) -> None:
    """Any text either gives a code that stays canonical or raises ValueError."""
    try:
        code = canonical(text)
    except ValueError:
        return
    assert canonical(code) == code
