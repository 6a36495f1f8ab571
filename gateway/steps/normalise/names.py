"""Personal names: `{"full", "family", "middle", "given"}` with only what is known.

A registry that sends one string gets only `full`: Vietnamese family and given names cannot be told apart safely by
position alone (`Tôn Nữ`, one-word names), and guessing would create a person who does not exist.
"""

from collections.abc import Mapping

from adapters.values import RawName
from gateway import text


def name(raw: RawName) -> Mapping[str, str] | None:
    """The name, or None when the registry gave nothing."""
    parts = {
        key: text.title(value)
        for key, value in (("family", raw.family), ("middle", raw.middle), ("given", raw.given))
        if value and value.strip()
    }
    full = text.title(raw.full) if raw.full and raw.full.strip() else " ".join(parts.values())
    return {"full": full, **parts} if full else None
