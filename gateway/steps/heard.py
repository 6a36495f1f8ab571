"""What became of each source, and what that means for the call."""

from collections.abc import Mapping, Sequence

from adapters.contract import Answer, Fault, Silence
from gateway.errors import Code, Refusal
from gateway.model import Kept, SourceOutcome

ANSWERED = "answered"
NOT_FOUND = "not_found"
KEPT = "kept"
# With several subjects of one source the one that most needs attention names the source's outcome.
_WORST_FIRST = (*(fault.value for fault in Fault), NOT_FOUND, ANSWERED, KEPT)
_CODES: Mapping[Fault, Code] = {
    Fault.REFUSED: Code.SOURCE_REFUSED,
    Fault.GARBLED: Code.SOURCE_GARBLED,
    Fault.UNAVAILABLE: Code.SOURCE_UNAVAILABLE,
    Fault.TIMED_OUT: Code.SOURCE_TIMED_OUT,
}


def outcomes(heard: Sequence[Answer | Silence | Kept]) -> tuple[SourceOutcome, ...]:
    """One outcome per source, in the order in which the sources were asked."""
    by_source: dict[str, list[SourceOutcome]] = {}
    for one in heard:
        if isinstance(one, Kept):
            outcome = SourceOutcome(one.source, one.outcome, one.at)
        elif isinstance(one, Silence):
            outcome = SourceOutcome(one.source, one.fault.value, one.at)
        else:
            outcome = SourceOutcome(one.source, ANSWERED if one.found else NOT_FOUND, one.retrieved_at)
        by_source.setdefault(one.source, []).append(outcome)
    return tuple(
        SourceOutcome(
            source,
            min((o.outcome for o in several), key=_WORST_FIRST.index),
            max(o.at for o in several),
        )
        for source, several in by_source.items()
    )


def refusal(silence: Silence) -> Refusal:
    """The refusal of a look-up none of whose sources gave an answer, by the first of them."""
    return Refusal(_CODES[silence.fault], f"The registry asked was: {silence.source}.")
