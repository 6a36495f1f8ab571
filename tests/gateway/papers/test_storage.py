"""Whether contents can be kept, as health shows it: asked at the start and at most once a minute."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from config.running import ObjectSettings
from gateway.examiner import Examiner
from gateway.objects.opening import open_objects
from gateway.papers import paper
from gateway.papers.storage import EVERY_SECONDS, Storage
from signing.documents import TrustAnchors
from tests.helpers.stack import now


@pytest.mark.asyncio
async def test_the_store_is_tried_and_its_reason_shown_until_the_next_try(tmp_path: Path) -> None:
    """None, then one word when the folder is gone, seen after a minute and not before."""
    objects = open_objects(ObjectSettings("folder", None), tmp_path, urandom=os.urandom)
    clock = [0.0]
    storage = Storage(objects, lambda: clock[0])
    assert await storage.probe() is None
    (tmp_path / "objects").rename(tmp_path / "away")
    (tmp_path / "objects").write_text("no folder")
    clock[0] = EVERY_SECONDS - 1
    assert await storage.probe() is None
    clock[0] = EVERY_SECONDS
    assert await storage.probe() == "unavailable"
    (tmp_path / "objects").unlink()
    (tmp_path / "away").rename(tmp_path / "objects")
    clock[0] = 2 * EVERY_SECONDS
    assert await storage.probe() is None
    await objects.close()


@pytest.mark.asyncio
async def test_a_paper_that_takes_too_long_is_not_checked() -> None:
    """The call goes on; what is said is that nobody looked."""
    examiner = Examiner()
    trust = TrustAnchors(())
    late = await examiner.report(b"%PDF-1.7", "application/pdf", trust=trust, at=now(), seconds=0)
    assert late == {"outcome": "not_checked", "reason": "timed_out"}
    read = await examiner.report(b"%PDF-1.7", "application/pdf", trust=trust, at=now(), seconds=60)
    assert read == {"outcome": "unreadable", "reason": "damaged"}
    examiner.close()


@pytest.mark.parametrize(("until", "days"), [(None, 10), ("2000-01-01", 10), ("9999-12-31", 10)])
def test_a_row_is_kept_for_its_time_whatever_its_validity(until: str | None, days: int) -> None:
    """Never shorter than from now on, and no date is too far away."""
    at = now()
    kept = paper.kept_until(until, timedelta(days=days), at)
    assert kept >= at + timedelta(days=days)
