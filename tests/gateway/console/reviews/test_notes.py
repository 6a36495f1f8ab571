"""What a reviewer may write beside a mark."""

import pytest

from gateway.console.reviews.notes import LONGEST, NoteRefused, digest_of, holds_a_number, read_note, without_digits


@pytest.mark.parametrize(
    "text",
    [
        "004192000123",
        "của ông 004192000123, hỏi lại",
        "004 192 000 123",
        "004.192.000.123",
        "004-192-000123",
        "CMND 012345678",
        "012 345 678",
        "x004192000123y",
        "hồ sơ 12 004192000123",
        "mã số thuế 0101243150",
        "００４１９２０００１２３",
        "1 2 3 4 5 6 7 8 9",
    ],
)
def test_number_anywhere(text: str) -> None:
    """Digits that may be the number of a person are found wherever and however they stand, and the note is refused."""
    assert holds_a_number(text)
    with pytest.raises(NoteRefused) as refused:
        read_note(text)
    assert refused.value.key == "review_note_number"
    assert text not in repr(refused.value)


@pytest.mark.parametrize(
    "text", ["", "Công văn 123/UBND ngày 24/11/2026", "hỏi lại, 3 lần trong 2 ngày", "điều 12, khoản 3", "1.004222"]
)
def test_harmless_digits(text: str) -> None:
    """Dates, articles and codes of procedures are no numbers of persons."""
    assert not holds_a_number(text)
    assert read_note(text) == text


def test_trimmed_and_bounded() -> None:
    """A note is kept without blanks around it, and one that is too long or holds control characters is refused."""
    assert read_note("  hỏi   lại \r\n\r\n cơ quan  ") == "hỏi lại\n\ncơ quan"
    assert len(read_note("a" * LONGEST)) == LONGEST
    for text, key in (("a" * (LONGEST + 1), "review_note_long"), ("a\x00b", "review_note_letters")):
        with pytest.raises(NoteRefused) as refused:
            read_note(text)
        assert refused.value.key == key


def test_shown_again_without_digits() -> None:
    """Who wrote a number is shown the note without any digit."""
    assert without_digits("ông 004192000123") == "ông " + "\N{BULLET}" * 12
    assert without_digits("３") == "\N{BULLET}"


def test_digest() -> None:
    """The log gets the Content-Digest of the note's bytes."""
    assert digest_of("") == "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:"
    assert digest_of("hỏi lại") != digest_of("hoi lai")
