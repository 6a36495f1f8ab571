"""The mock register asked without a socket, with its credentials at hand."""

import base64
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import httpx
from starlette.applications import Starlette

from mocks.business import Credentials, Variant, build

CODE = "0100109106"
PATH = "/apiCSDLDKDN/1.0/chiTietDoanhNghiep"
HCM_PATH = "/TraCuuThongTinDoanhNghiep"
FORM = {"grant_type": "client_credentials"}
CREDENTIALS = Credentials("key", "secret", "access", "hidden", "app", "000.00.00.H14", "")
_NAMES = ("AccessKey", "SecretKey", "AppName", "PartnerCode", "PartnerCodeCus")


def encoded(plain: str) -> str:
    """Base64 of a text."""
    return base64.b64encode(plain.encode()).decode()


def basic(credentials: Credentials = CREDENTIALS) -> dict[str, str]:
    """The headers of a WSO2 token request."""
    return {"authorization": "Basic " + encoded(f"{credentials.consumer_key}:{credentials.consumer_secret}")}


def card(**changes: Any) -> str:
    """The agency's card with some members replaced or added."""
    words = list(asdict(CREDENTIALS).values())[2:]
    return encoded(json.dumps(dict(zip(_NAMES, words, strict=True)) | changes))


@dataclass
class Asking:
    """A client of the mock. `at` is the mock's clock."""

    app: Starlette
    client: httpx.AsyncClient
    at: datetime = datetime(2026, 11, 22, tzinfo=UTC)

    async def token(self, headers: Mapping[str, str]) -> str:
        """A token for these credentials."""
        answer = await self.client.post("/token", headers=headers, data=FORM)
        assert answer.status_code == 200
        token: str = answer.json()["access_token"]
        return token

    async def get(self, code: str = CODE) -> httpx.Response:
        """A look-up with a fresh WSO2 token."""
        bearer = {"authorization": f"Bearer {await self.token(basic())}"}
        return await self.client.get(PATH, params={"msdn": code}, headers=bearer)

    def move(self, by: timedelta) -> None:
        """Let time pass."""
        self.at += by


@asynccontextmanager
async def asking(variant: Variant | None = None) -> AsyncIterator[Asking]:
    """The mock with `variant`; its tokens are t1, t2, ..."""
    numbers = count(1)
    made: list[Asking] = []
    app = build(CREDENTIALS, now=lambda: made[0].at, variant=variant, draw=lambda: f"t{next(numbers)}")
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://mock") as client:
        made.append(Asking(app, client))
        yield made[0]
