"""`[preview]` and `[corrections]` of `gateway.toml`: what is kept for portals, and for how long."""

from datetime import timedelta

from config.running import CorrectionSettings
from config.table import Table


def preview(table: Table) -> timedelta:
    """How long a pre-fill can be shown again as a page; zero: never."""
    keep = timedelta(minutes=table.number("keep_minutes", 0, 7 * 1440, default=60.0))
    table.done()
    return keep


def corrections(table: Table) -> CorrectionSettings:
    """How long reported errors are kept, and how many of one portal."""
    settings = CorrectionSettings(
        keep=timedelta(days=table.number("keep_days", 0.001, 3660, default=365.0)),
        most_each=table.whole("most_each", 1, 1_000_000, default=10_000),
    )
    table.done()
    return settings
