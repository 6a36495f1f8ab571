"""Hypothesis strategies for identifiers of the synthetic country."""

from hypothesis import strategies as st

from mocks.country.firms import valid_code
from mocks.country.units import OLD_PROVINCES

_WEIGHTS = (31, 29, 23, 19, 17, 13, 7, 5, 3)


def personal_ids(first: int = 1900, last: int = 2026) -> st.SearchStrategy[str]:
    """Issued 12-digit numbers of births from `first` to `last`."""
    return st.builds(
        lambda province, female, year, serial: (
            f"0{province}{(year - 1900) // 100 * 2 + female}{year % 100:02}{serial:06}"
        ),
        st.sampled_from(OLD_PROVINCES),
        st.integers(0, 1),
        st.integers(first, last),
        st.integers(1, 999_999),
    )


def _code(prefix: int) -> str:
    digits = f"{prefix:09}"
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=True))
    return digits + str((10 - total % 11) % 10)


def enterprise_codes() -> st.SearchStrategy[str]:
    """Ten-digit codes with a right check digit that are not natural persons'."""
    return st.integers(0, 799_999_998).map(_code).filter(valid_code).filter(lambda code: code[2:9] != "9999999")
