"""Why a form prefers its first origin: `because_vi` and `because_en` of a form field."""

from config.model import Named
from config.table import Table


def because(table: Table, *, origins: int) -> Named | None:
    """The declared reason; None without one. `origins`: how many the field has. Mistakes go to the table's findings."""
    vi, en = table.maybe_text("because_vi"), table.maybe_text("because_en")
    if vi is None and en is None:
        return None
    key = "because_vi" if vi is not None else "because_en"
    if vi is None or en is None:
        table.problem(key, "because_vi and because_en stand together: officers read either.")
        return None
    if origins < 2:
        table.problem(key, "A reason to prefer one origin needs a second origin.")
    return Named(vi, en)
