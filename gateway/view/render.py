"""The page as HTML that stands alone: its style is in it, allowed by its hash; nothing runs and nothing is loaded.

The same policy is sent as a header and written into the page, so that a saved page is as harmless as a sent one.
"""

import base64
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from gateway.view.page import Page

_TEMPLATES = Path(__file__).with_name("templates")
# our own file, and it has no `<`: a test holds that
_STYLE = (_TEMPLATES / "style.css").read_text(encoding="utf-8")
_HASH = base64.b64encode(sha256(_STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'"
"""Content-Security-Policy of the page."""
HEADERS = {
    "content-security-policy": POLICY,
    "content-language": "vi, en",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def sheet(page: Page) -> tuple[bytes, Mapping[str, str]]:
    """The page, and the headers it is sent with."""
    return html(page), HEADERS


def html(page: Page) -> bytes:
    """The page, UTF-8. Every text of it is escaped."""
    template = _environment().get_template("dossier.html")
    # Markup for the style alone: a hash is over the bytes as they stand
    return template.render(page=page, style=Markup(_STYLE), policy=POLICY).encode()  # noqa: S704
