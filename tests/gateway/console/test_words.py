"""Tests of words, numbers and times."""

from datetime import UTC, datetime, timedelta

import pytest

from gateway.console import texts
from gateway.console.words import Words
from tests.gateway.console.naming import FACTS

VI, EN = (Words(texts.load(), language, FACTS) for language in ("vi", "en"))
AT = datetime(2026, 11, 24, 17, 30, 5, 123456, tzinfo=UTC)


def test_times_are_those_of_hanoi() -> None:
    """Half past midnight of the next day."""
    assert (VI.when(AT), EN.when(AT)) == ("00:30 ngày 25/11/2026", "25 Nov 2026 at 00:30")
    assert (VI.stamp(AT), EN.stamp(AT)) == ("25/11/2026 00:30:05", "2026-11-25 00:30:05")
    assert (VI.day(AT), EN.day(AT)) == ("25/11/2026", "2026-11-25")
    assert VI.utc(AT) == EN.utc(AT) == "2026-11-24 17:30:05.123456 UTC"


@pytest.mark.parametrize(("n", "vi", "en"), [(0, "0", "0"), (999, "999", "999"), (1234567, "1.234.567", "1,234,567")])
def test_numbers(n: int, vi: str, en: str) -> None:
    """Thousands apart, as each language has it."""
    assert (VI.number(n), EN.number(n)) == (vi, en)


@pytest.mark.parametrize(
    ("n", "vi", "en"),
    [(0, "0 bản ghi", "0 entries"), (1, "1 bản ghi", "1 entry"), (1200, "1.200 bản ghi", "1,200 entries")],
)
def test_one_and_many(n: int, vi: str, en: str) -> None:
    """English has a plural, Vietnamese has none."""
    assert (VI.count("entry", n), EN.count("entry", n)) == (vi, en)


@pytest.mark.parametrize(("part", "whole", "said"), [(9, 12, "75%"), (0, 5, "0%"), (1, 3, "33%"), (0, 0, "–")])
def test_percentages(part: int, whole: int, said: str) -> None:
    """Whole ones, and nothing of nothing."""
    assert VI.percent(part, whole) == EN.percent(part, whole) == said


@pytest.mark.parametrize(
    ("items", "vi", "en"),
    [
        ([], "", ""),
        (["a"], "a", "a"),
        (["a", "b"], "a và b", "a and b"),
        (["a", "b", "c"], "a, b và c", "a, b and c"),
        ([str(n) for n in range(8)], "0, 1, 2, 3, 4, 5, 6 và 7", "0, 1, 2, 3, 4, 5, 6 and 7"),
        ([str(n) for n in range(11)], "0, 1, 2, 3, 4, 5, 6, 7 và 3 mục khác", "0, 1, 2, 3, 4, 5, 6, 7 and 3 more"),
    ],
)
def test_listings(items: list[str], vi: str, en: str) -> None:
    """As one says them; the rest of a long one is counted."""
    assert (VI.listing(items), EN.listing(items)) == (vi, en)


@pytest.mark.parametrize(
    ("length", "vi", "en"),
    [
        (timedelta(), "0 giây", "0 seconds"),
        (timedelta(seconds=1), "1 giây", "1 second"),
        (timedelta(seconds=119), "1 phút", "1 minute"),
        (timedelta(hours=23, minutes=59), "23 giờ", "23 hours"),
        (timedelta(days=2), "2 ngày", "2 days"),
        (timedelta(seconds=-5), "0 giây", "0 seconds"),
    ],
)
def test_spans(length: timedelta, vi: str, en: str) -> None:
    """In the largest unit that fits."""
    assert (VI.span(length), EN.span(length)) == (vi, en)


def test_codes_with_names() -> None:
    """A name and its code; a code that is not configured any more is shown as it is."""
    assert VI.portal("H14") == "Cổng dịch vụ công tỉnh Cao Bằng (H14)"
    assert EN.procedure("1.004222") == "Registration of permanent residence (1.004222)"
    assert EN.field("person.full_name") == "Full name"
    assert (EN.portal("H99"), VI.procedure("9.9"), VI.field("person.shoe_size")) == ("H99", "9.9", "person.shoe_size")


def test_words_for_codes() -> None:
    """Dots and hyphens are no matter; what has no word is its code."""
    assert EN.word("operation", "persons.lookup") == "Look up a person"
    assert EN.word("kind", "key-epoch") == "Key epoch"
    assert (EN.word("kind", "unheard-of"), EN.has("kind", "unheard-of")) == ("unheard-of", False)


def test_roles_of_subjects() -> None:
    """The name the procedure has for it, else our own word, else the code."""
    assert (VI.role("spouse", "1.004222"), EN.role("spouse", "1.004222")) == ("Vợ hoặc chồng", "Spouse")
    assert (EN.role("applicant", "1.004222"), EN.role("applicant", "1.005169")) == ("Applicant", "Signatory")
    assert (EN.role("spouse", "9.9"), EN.role("grandchild", "1.004222")) == ("spouse", "grandchild")
    assert EN.role("searched", "") == "searched"
