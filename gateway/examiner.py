"""The signatures of papers, examined beside the event loop: few at a time, and never longer than a call may take.

Rule of this file: what is kept of a report can be shown to any officer, so no signer's personal name is in it.
"""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from gateway.wire.answers import instant
from signing.documents import Outcome, SignatureReport, TrustAnchors, verify

AT_ONCE = 2
"""A paper built to be slow holds one thread for half a minute (docs/document-signatures.md)."""

NOT_CHECKED = "not_checked"


class Examiner:
    """At most `AT_ONCE` papers are read at the same time; others wait."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(AT_ONCE, "papers")

    async def report(
        self, content: bytes, media_type: str, *, trust: TrustAnchors, at: datetime, seconds: float
    ) -> Mapping[str, Any]:
        """Outcome and reason, and what is known of the signer; `not_checked` when it was not known within `seconds`."""
        reading = asyncio.get_running_loop().run_in_executor(
            self._threads, lambda: verify(content, media_type=media_type, trust=trust, at=at)
        )
        try:
            return summary(await asyncio.wait_for(reading, seconds))
        except TimeoutError:
            return {"outcome": NOT_CHECKED, "reason": "timed_out"}

    def close(self) -> None:
        """Begin on no further paper."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def without_content() -> Mapping[str, Any]:
    """What is said of a document whose content the gateway does not hold."""
    return {"outcome": NOT_CHECKED, "reason": "no_content"}


def summary(report: SignatureReport) -> Mapping[str, Any]:
    """What officers are shown. The agency is named only where a trusted authority vouches for it."""
    shown: dict[str, Any] = {"outcome": report.outcome.value, "reason": report.reason.value}
    if report.outcome is Outcome.VALID:
        last = report.signatures[-1]
        if last.signer is not None and last.signer.organisation:
            shown["organisation"] = last.signer.organisation
        if last.timestamped_at is not None:
            shown["timestamped_at"] = instant(last.timestamped_at)
        shown["revocation"] = last.revocation.value
    return shown
