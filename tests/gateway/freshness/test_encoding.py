"""A registry's values as text and back."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters import values
from adapters.values import RawValue
from gateway.freshness.encoding import decode, encode

ITEMS = (values.RawPerson, values.RawActivity, values.RawMember, values.RawObligation)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False)
st.register_type_strategy(values.RawMoney, st.builds(values.RawMoney, DECIMALS, st.text()))
st.register_type_strategy(
    values.RawMember,
    st.builds(
        values.RawMember,
        st.text(),
        st.none() | st.from_type(values.RawMoney),
        st.none() | DECIMALS,
        st.none() | st.from_type(values.RawCode),
    ),
)
ONE = st.one_of(
    [
        st.from_type(kind)
        for kind in (
            values.RawText,
            values.RawDate,
            values.RawName,
            values.RawCode,
            values.RawAddress,
            values.RawMoney,
            *ITEMS,
        )
    ]
)
ANY = ONE | st.lists(st.one_of([st.from_type(kind) for kind in ITEMS])).map(tuple)


@given(ANY)
def test_every_value_comes_back_as_it_was(value: RawValue) -> None:
    """Of its own type, to the last digit of an amount, through JSON as it is kept."""
    back = decode(json.loads(json.dumps(encode(value))))
    assert (back, repr(back)) == (value, repr(value))


@pytest.mark.parametrize(
    "written",
    [
        None,
        "x",
        [],
        {},
        {"t": "nothing"},
        {"t": "text"},
        {"t": "text", "text": 1},
        {"t": "text", "text": None},
        {"t": "text", "text": "x", "more": "y"},
        {"t": "date", "year": "1992"},
        {"t": "date", "year": True},
        {"t": "money", "amount": "much", "currency": "VND"},
        {"t": "person", "name": {"t": "text", "text": "x"}},
        {"of": [{"t": "text", "text": "x"}]},
        {"of": {}},
        {"t": ["text"]},
    ],
)
def test_what_was_not_written_here_is_refused(written: Any) -> None:
    """Nothing is guessed about a part that is missing, unknown or of another type."""
    with pytest.raises(ValueError, match=r"^(no|a) "):
        decode(written)


def test_only_values_are_written() -> None:
    """A value of the gateway's own would come back as something else."""
    with pytest.raises(TypeError):
        encode("text")  # type: ignore[arg-type]
