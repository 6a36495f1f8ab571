"""Folding and tidying of Vietnamese text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import text


@given(st.text(max_size=40))
def test_tidying_folding_and_titling_are_idempotent(written: str) -> None:
    """Doing it twice is doing it once."""
    for once in (text.tidy, text.fold, text.title):
        assert once(once(written)) == once(written)


@given(st.text("aăâbcdđeêghiklmnoôơpqrstuưvxyáàảãạ ÁẦỆĐ", max_size=30))
def test_case_and_spacing_do_not_matter_to_folding(written: str) -> None:
    """Capitals and extra spaces fold alike."""
    assert text.fold(written.upper()) == text.fold(f"  {written} ") == text.fold(written.replace(" ", "   "))


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("NGUYỄN THỊ MẪU", "Nguyễn Thị Mẫu"),
        ("H'HEN NIÊ", "H'Hen Niê"),
        ("Nguyễn  Văn   A", "Nguyễn Văn A"),
        ("K’BRÊU", "K’Brêu"),
        ("", ""),
    ],
)
def test_names_in_capitals_become_names(written: str, expected: str) -> None:
    """Only names all in capitals are changed."""
    assert text.title(written) == expected


def test_accents_and_the_letter_d_with_stroke_fold_away() -> None:
    """ĐẶNG and Dang are the same name to a comparison."""
    assert text.fold("ĐẶNG THỊ Ửng") == text.fold("dang thi ung") == "dangthiung"
