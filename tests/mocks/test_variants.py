"""Variants chosen by name and member."""

from dataclasses import replace
from typing import Any

import pytest

from mocks.population.variants import PRESETS, Fold, Stamp, Variant
from mocks.variants import VariantError, changed, described, parsed

_LIVE = PRESETS["live"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("live", _LIVE),
        ("qcvn109", PRESETS["qcvn109"]),
        ("fold=upper", replace(_LIVE, fold=Fold.UPPER)),
        ("upper,stamp=ms,district=false", replace(_LIVE, fold=Fold.UPPER, stamp=Stamp.MILLISECONDS, district=False)),
    ],
)
def test_a_variant_is_written_on_a_command_line(text: str, expected: Variant) -> None:
    """A preset, members, or both."""
    assert parsed(PRESETS, _LIVE, text) == expected


@pytest.mark.parametrize(
    "wanted",
    [
        {"preset": "x"},
        {"preset": ["live"]},
        {"nonsense": 1},
        {"fold": "x"},
        {"fold": True},
        {"fold": ["upper"]},
        {"district": "x"},
        {"district": 1},
    ],
)
def test_what_there_is_not_is_refused(wanted: dict[str, Any]) -> None:
    """Unknown presets, members and values are errors."""
    with pytest.raises(VariantError):
        changed(PRESETS, _LIVE, wanted)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_description_leads_back_to_the_variant(preset: str) -> None:
    """What `described` says, `changed` understands."""
    assert changed(PRESETS, _LIVE, described(PRESETS[preset])) == PRESETS[preset]
