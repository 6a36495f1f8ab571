"""What gives pause about a subject: contradictions in its record, and a status by which it is in no state to act.

Rule of this file: a status speaks only where its own field is shown in the dossier with a value. A field that is not
granted, or not on the form, is not hinted at.
"""

from collections.abc import Collection, Mapping, Sequence

from gateway.model import HAS_VALUE, Notice, Reading, Value
from gateway.reasons.sentences import DOUBTS, OTHER


def doubts(reading: Reading, shown: Collection[str]) -> tuple[str, ...]:
    """Codes of the record's own doubts, then of unfit statuses. `shown`: fields of this subject that the dossier shows
    with a value."""
    return tuple(dict.fromkeys((*reading.doubts, *_unfit(reading, shown))))


def notices(reading: Reading, codes: Sequence[str]) -> tuple[Notice, ...]:
    """Each doubt as a sentence, with the source and date of what it is about where that was fetched."""
    return tuple(_notice(reading, code) for code in codes)


def _unfit(reading: Reading, shown: Collection[str]) -> list[str]:
    return [
        code
        for code, sentence in DOUBTS.items()
        if sentence.codes and sentence.field in shown and _code(reading.values.get(sentence.field)) in sentence.codes
    ]


def _code(value: Value | None) -> str | None:
    if value is None or value.status not in HAS_VALUE or not isinstance(value.value, Mapping):
        return None
    code = value.value.get("code")
    return code if isinstance(code, str) else None


def _notice(reading: Reading, code: str) -> Notice:
    sentence = DOUBTS.get(code, DOUBTS[OTHER])
    # a doubt without a field of its own is about the value that carries it
    about = reading.values.get(sentence.field) or next((v for v in reading.values.values() if code in v.doubts), None)
    return Notice(
        reading.role,
        code,
        sentence.vi,
        sentence.en,
        about.source if about else None,
        about.as_of if about else None,
    )
