"""`gateway log retention`: which contents can still be read, and until when. The gateway erases what is due by itself.

Exit codes: 0 shown, 2 the keys could not be read.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.settings import DEFAULT_CONFIG, Config

_DataDir = Annotated[Path, typer.Option("--data-dir", help="The gateway's data directory; the log is in DIR/log.")]


def retention(*, config: Config = DEFAULT_CONFIG, data_dir: _DataDir = Path("data")) -> None:
    """Print every month of every kind of entry whose keys are here, and when they will be destroyed."""
    from config.errors import Findings
    from config.gateway import Overrides
    from config.loader import examine
    from gateway.audit.errors import KeyFileRefused
    from gateway.audit.keys import Places
    from gateway.audit.ring import KeyRing, period_of
    from gateway.retention import terms

    settings = examine(config, None, Overrides(), Findings(), at=None).gateway.retention
    try:
        found = terms(KeyRing(Places.under(data_dir).ring).all(), settings)
    except KeyFileRefused as error:
        print(error, file=sys.stderr)
        raise typer.Exit(2) from None
    now = period_of(datetime.now(UTC))
    print("month    kind       destroyed from")
    for term in found:
        state = "held" if term.held else f"{term.ends}-01" + (" (due)" if term.ends <= now else "")
        print(f"{term.epoch.period}  {term.epoch.seals:<9}  {state}")
    if not found:
        print("No key is here.")
