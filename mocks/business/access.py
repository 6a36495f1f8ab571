"""Who may ask: client credentials, the `lgspaccesstoken` card, and the tokens given for them.

Rule of this file: a token is good for one family until it expires or is revoked; every comparison takes
constant time.
"""

import base64
import binascii
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from mocks.business.credentials import Credentials

LIFE = timedelta(hours=1)


class Family(StrEnum):
    """How a caller proved itself when it asked for a token."""

    WSO2 = "wso2"
    LGSP = "lgsp"


class Desk:
    """Gives out tokens and looks at them again. `issued` counts the tokens given."""

    def __init__(self, credentials: Credentials, *, now: Callable[[], datetime], draw: Callable[[], str]) -> None:
        self._credentials = credentials
        self._now = now
        self._draw = draw
        self._tokens: dict[str, tuple[Family, datetime]] = {}
        self.issued = 0

    def family(self, headers: Mapping[str, str]) -> Family | None:
        """Whose credentials come with a token request; None when they are wrong."""
        if card := headers.get("lgspaccesstoken"):
            return Family.LGSP if self.card(card) else None
        scheme, _, encoded = headers.get("authorization", "").partition(" ")
        expected = f"{self._credentials.consumer_key}:{self._credentials.consumer_secret}"
        good = scheme.lower() == "basic" and _same(_decoded(encoded), expected)
        return Family.WSO2 if good else None

    def issue(self, family: Family) -> tuple[str, int]:
        """A new token and its life in seconds. Tokens past their end are forgotten."""
        at = self._now()
        self._tokens = {token: (whose, end) for token, (whose, end) in self._tokens.items() if end > at}
        token = self._draw()
        self._tokens[token] = (family, at + LIFE)
        self.issued += 1
        return token, int(LIFE.total_seconds())

    def admits(self, headers: Mapping[str, str]) -> bool:
        """Whether a call carries a live token, and beside a token of the `lgsp` family the card as well."""
        scheme, _, token = headers.get("authorization", "").partition(" ")
        known = self._tokens.get(token)
        if scheme.lower() != "bearer" or known is None or known[1] <= self._now():
            return False
        return known[0] is Family.WSO2 or self.card(headers.get("lgspaccesstoken", ""))

    def card(self, encoded: str) -> bool:
        """Whether `encoded` is base64 of the JSON object with exactly the five members of the agency's card."""
        try:
            members = json.loads(_decoded(encoded))
        except json.JSONDecodeError:
            return False
        return isinstance(members, dict) and _same(_canonical(members), _canonical(self._card()))

    def revoke(self) -> None:
        """Make every token given so far worthless."""
        self._tokens.clear()

    def _card(self) -> dict[str, str]:
        return {
            "AccessKey": self._credentials.access_key,
            "SecretKey": self._credentials.secret_key,
            "AppName": self._credentials.app_name,
            "PartnerCode": self._credentials.partner_code,
            "PartnerCodeCus": self._credentials.partner_code_cus,
        }


def _canonical(members: Mapping[str, object]) -> str:
    return json.dumps(members, sort_keys=True)


def _decoded(encoded: str) -> str:
    try:
        return base64.b64decode(encoded, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode(), expected.encode())
