"""The console's side of the gateway's door: a notice is sent, and nothing is shown before its entry is durable.

Rule of this file: whatever goes wrong is DoorClosed with a word; no text of a notice reaches an exception.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import httpx
from pydantic import ValidationError

from gateway.console.model import AccountChange, DoorClosed, Inspection, Recorded
from gateway.wire import notices

PATH = "/log/events"
_SECONDS = 10.0
_CREATED = 201


class GatewayDoor:
    """The door of the gateway whose operations port is at `url`. `secret`: the one both hold."""

    def __init__(self, url: str, secret: str) -> None:
        self._url = url.rstrip("/") + PATH
        headers = {notices.SIGNATURE_HEADER: f"Bearer {secret}", "content-type": "application/json"}
        self._client = httpx.AsyncClient(headers=headers, timeout=_SECONDS, trust_env=False)

    async def inspected(self, inspection: Inspection, *, manifest: str | None = None) -> Recorded:
        """See `gateway.console.model.Door`. `manifest`: a text the gateway is to sign."""
        account = inspection.account
        with _said():
            notice = notices.InspectedNotice(
                auditor=account.username,
                role=account.role.value,
                scope=sorted(account.scope.portals or ()),
                action=inspection.action.value,
                about=dict(inspection.about),
                entries=list(inspection.entries[: notices.MOST_ENTRIES]),
                found=inspection.found,
                subject=inspection.subject,
                digest=inspection.digest,
                manifest=manifest,
            )
        return await self.tell(notice)

    async def changed(self, change: AccountChange) -> Recorded:
        """See `gateway.console.model.Door`."""
        with _said():
            notice = notices.ChangedNotice(
                by=change.by, what="auditor", name=change.account, change=change.change, detail=change.detail
            )
        return await self.tell(notice)

    async def tell(self, notice: notices.Notice) -> Recorded:
        """Have a notice recorded. Raises DoorClosed."""
        try:
            answer = await self._client.post(self._url, content=notices.dump(notice))
        except httpx.HTTPError as error:
            raise DoorClosed("unreachable") from error
        if answer.status_code != _CREATED:
            raise DoorClosed(_word(answer))
        try:
            noted = notices.Noted.model_validate_json(answer.content)
        except ValidationError:
            raise DoorClosed("garbled") from None
        return Recorded(noted.index, noted.signature)

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.aclose()


@contextmanager
def _said() -> Iterator[None]:
    """What an entry cannot hold is not cut in silence: it is not said, and so not shown."""
    try:
        yield
    except ValidationError:
        raise DoorClosed("malformed") from None


def _word(answer: httpx.Response) -> str:
    try:
        said = answer.json()
    except ValueError:
        return "garbled"
    return str(said.get("code", "refused")) if isinstance(said, Mapping) else "garbled"
