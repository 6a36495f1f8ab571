"""What the checker says about a log the tests have written."""

from pathlib import Path

from gateway.audit import check
from gateway.audit.keys import Places


def verified(folder: Path) -> check.Report:
    """The whole log under `folder`, its contents included."""
    places = Places.under(folder)
    return check.check(places.store, key=check.parse_key(places.vkey.read_text()), keys=check.read_keys(places.ring))
