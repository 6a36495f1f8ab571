"""`make screenshots`: every page at desktop and phone width, and the picture of the README.

Rule of this file: it takes pictures and judges nothing; the tests beside it do.
"""

import sys
import tempfile
import time
from pathlib import Path

from gateway.console.model import Role
from tests.browser.stack import Stack, stack
from tests.browser.surfing import DESKTOP, PHONE, Door, chromium
from tests.browser.walks import STOPS, search, verify
from tests.helpers.stack import ROOT

WIDTHS = {"desktop": DESKTOP, "phone": PHONE}
README = ROOT / "docs" / "images" / "console-overview.png"
_SETTLE_MS = 300


def take(installation: Stack, folder: Path) -> None:
    """All of them, in Vietnamese; the README's in English."""
    folder.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        door = Door(browser, installation.url)
        with door.signed_in(installation.people[Role.NATIONAL_AUDITOR]) as visitor:
            while search(visitor) and visitor.page.locator("main .notice").count():
                time.sleep(1)
            verify(visitor)
            visitor.page.set_viewport_size({"width": 1180, "height": 820})
            visitor.go("/")
            visitor.page.wait_for_timeout(_SETTLE_MS)
            README.parent.mkdir(exist_ok=True)
            visitor.page.screenshot(path=README)
        for role in (None, *Role):
            for stop in (one for one in STOPS if one.role is role):
                entered = door.visitor() if role is None else door.signed_in(installation.people[role], language="vi")
                with entered as visitor:
                    stop.open(visitor, installation)
                    for name, size in WIDTHS.items():
                        visitor.page.set_viewport_size(size)  # type: ignore[arg-type]  # two whole numbers
                        visitor.page.wait_for_timeout(_SETTLE_MS)
                        visitor.page.screenshot(path=folder / f"{stop.name}-{name}.png", full_page=True)
                sys.stdout.write(f"{stop.name}\n")


def main() -> None:
    """Into build/screenshots."""
    with tempfile.TemporaryDirectory(prefix="lienthong-screenshots-") as folder, stack(Path(folder)) as installation:
        take(installation, ROOT / "build" / "screenshots")


if __name__ == "__main__":
    main()
