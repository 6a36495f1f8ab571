"""`make screenshots`: every page at desktop and phone width, and the pictures of README and docs.

Rule of this file: it takes pictures and judges nothing; the tests beside it do.
"""

import sys
import tempfile
import time
from pathlib import Path

from gateway.console.model import Role
from tests.browser.previews import previews
from tests.browser.stack import Stack, stack
from tests.browser.surfing import DESKTOP, PHONE, Door, chromium
from tests.browser.walks import STOPS, search, verify
from tests.helpers.stack import ROOT

WIDTHS = {"desktop": DESKTOP, "phone": PHONE}
IMAGES = ROOT / "docs" / "images"
README, PREVIEW = IMAGES / "console-overview.png", IMAGES / "preview.png"
SHOWN = "1.000894"
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


def take_previews(pages: dict[str, Path], folder: Path) -> None:
    """The officer's view of each procedure; the beginning of one for docs/preview.md."""
    folder.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        page = browser.new_page()
        for code, file in pages.items():
            page.goto(file.as_uri())
            for name, size in WIDTHS.items():
                page.set_viewport_size(size)  # type: ignore[arg-type]  # two whole numbers
                page.screenshot(path=folder / f"preview-{code}-{name}.png", full_page=True)
            page.pdf(path=folder / f"preview-{code}.pdf", format="A4")
            sys.stdout.write(f"preview {code}\n")
        page.set_viewport_size({"width": 900, "height": 1000})
        page.goto(pages[SHOWN].as_uri())
        page.screenshot(path=PREVIEW)


def main() -> None:
    """Into build/screenshots."""
    with tempfile.TemporaryDirectory(prefix="lienthong-previews-") as folder:
        take_previews(previews(Path(folder)), ROOT / "build" / "screenshots")
    with tempfile.TemporaryDirectory(prefix="lienthong-screenshots-") as folder, stack(Path(folder)) as installation:
        take(installation, ROOT / "build" / "screenshots")


if __name__ == "__main__":
    main()
