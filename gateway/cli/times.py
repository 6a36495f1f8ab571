"""Times as options of commands say them."""

from datetime import datetime

from gateway.zone import VIETNAM


def time_of(name: str, text: str | None) -> datetime | None:
    """The time an option names, in Hanoi where it names no zone; None for an option that was left out.

    Raises ValueError with a sentence about the option.
    """
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"--{name}: a time such as 2026-11-01 or 2026-11-01T08:00:00+07:00") from None
    return at if at.tzinfo is not None else at.replace(tzinfo=VIETNAM)
