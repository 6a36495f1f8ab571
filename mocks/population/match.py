"""Finding the one citizen a request means, or nobody.

Rule of this file: three factors or nothing. Number, name and date of birth must all be the record's; which one was
wrong is never told.
"""

import unicodedata

from mocks.country import person, person_by_old_id
from mocks.country.model import Birth, Person
from mocks.population.request import Ask
from mocks.population.variants import Fold


def found(ask: Ask, fold: Fold) -> Person | None:
    """The citizen whose number, folded name and date of birth are those of the request, else None."""
    candidate = person(ask.personal_id) if ask.personal_id else person_by_old_id(ask.old_id or "")
    if candidate is None or unicodedata.normalize("NFC", ask.name) != folded(candidate.full_name, fold):
        return None
    return candidate if ask.birth in written(candidate.birth) else None


def folded(name: str, fold: Fold) -> str:
    """A name as it must be written in a request."""
    upper = unicodedata.normalize("NFC", name).upper()
    if fold is Fold.UPPER:
        return upper
    plain = "".join(
        letter for letter in unicodedata.normalize("NFD", upper.replace("Đ", "D")) if not unicodedata.combining(letter)
    )
    return plain.replace(" ", "") if fold is Fold.NO_SPACES else plain


def written(birth: Birth) -> frozenset[str]:
    """The dates a request may carry for this record: as precise as the record, the year alone where the day is unknown.

    A request cannot say "year and month" in every client, so such a record is found by its year as well.
    """
    year = f"{birth.year:04}"
    if birth.month is None:
        return frozenset({year})
    month = f"{year}{birth.month:02}"
    return frozenset({year, month}) if birth.day is None else frozenset({f"{month}{birth.day:02}"})
