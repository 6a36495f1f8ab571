"""The console's application: every page put together.

Rule of this file: a list. What stands around the pages is in `around`, what a page shows in its own file.
"""

from starlette.types import ASGIApp

from gateway.console.web import (
    entry,
    exports,
    inspections,
    integrity,
    language,
    overview,
    patterns,
    reuse,
    review,
    search,
    subject,
)
from gateway.console.web.around import around
from gateway.console.web.hall import Hall

PAGES = (overview, search, entry, subject, patterns, reuse, review, exports, integrity, inspections, language)
"""Each offers `routes(hall)`. Of two routes with one address the earlier answers."""


def build(hall: Hall) -> ASGIApp:
    """The application over a hall. Whoever opened the hall closes it."""
    return around(hall, [route for page in PAGES for route in page.routes(hall)])
