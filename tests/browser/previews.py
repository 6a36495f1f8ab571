"""Pages of a running gateway, as a portal would save them: for the tests of the officer's view and its pictures."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from gateway.client import GatewayClient
from tests.browser.apart import apart
from tests.helpers.papers import CONFIRMATION, DEATH, MARRIAGE, registration
from tests.helpers.stack import Stack, now, stack
from tests.scenarios.prefills import GOLDEN

PROCEDURES = ("1.004222", "1.005169", "0.000001", MARRIAGE)
"""One with a conflict, one of three registries, one with a list, one with papers and what they give pause about."""


def previews(folder: Path) -> dict[str, Path]:
    """Procedure -> its page. `folder` is empty and takes everything written."""
    return apart(lambda: _made(folder))


async def _made(folder: Path) -> dict[str, Path]:
    found = {}
    async with stack(folder / "stack", procedures=PROCEDURES) as up:
        for code in PROCEDURES:
            asked = json.loads((GOLDEN / f"{code}.json").read_text(encoding="utf-8"))["asked"]
            purpose = {"procedure": code, "dossier": f"H14/{code}", "officer": "officer-07", "basis": "law"}
            async with _client(up, purpose) as client:
                if code == MARRIAGE:
                    for paper in _papers(asked["subjects"]):
                        await client.register_document(paper)
                await client.prefill(asked["subjects"], asked["declared"])
                page = await client.preview()
            assert isinstance(page.document, str)
            found[code] = folder / f"{code}.html"
            found[code].write_bytes(page.body)
    return found


def _client(up: Stack, purpose: dict[str, str]) -> GatewayClient:
    return GatewayClient(up.base_url, iss="H14", signer=up.portals["H14"].signer, purpose=purpose)


def _papers(subjects: dict[str, Any]) -> list[dict[str, Any]]:
    """One that can be attached, one that has expired, and one that says that its holder died."""
    ended = str(now().date() - timedelta(days=3))
    wife, husband = subjects["wife"], subjects["husband"]
    return [
        registration(kind=CONFIRMATION, holder=wife),
        registration(kind=CONFIRMATION, holder=husband, number="18/2026-XN", valid_until=ended),
        registration(kind=DEATH, holder=husband, number="3/2026-KT"),
    ]
