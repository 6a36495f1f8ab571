"""Tests of one-time codes."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import pyotp

from gateway.console.accounts import second_factor

# RFC 6238, appendix B: SHA-1, the last six of the eight digits
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
RFC_CODES = {59: "287082", 1111111109: "081804", 1234567890: "005924", 2000000000: "279037"}


def _at(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def test_the_codes_of_the_standard() -> None:
    """RFC 6238, appendix B."""
    for seconds, code in RFC_CODES.items():
        accepted = second_factor.accepted_step(RFC_SECRET, code, now=_at(seconds), last=-1)
        assert accepted == seconds // 30


def test_a_step_early_or_late() -> None:
    """One step either way, no more, and blanks make no difference."""
    secret = second_factor.new_secret(lambda n: bytes(range(n)))
    now = datetime(2026, 11, 24, 2, 0, 15, tzinfo=UTC)
    for steps, good in ((-2, False), (-1, True), (0, True), (1, True), (2, False)):
        code = pyotp.TOTP(secret).at(now + timedelta(seconds=30 * steps))
        typed = f" {code[:3]} {code[3:]} "
        assert (second_factor.accepted_step(secret, typed, now=now, last=-1) is not None) is good, steps


def test_what_was_used_is_used_up() -> None:
    """The step itself and everything before it."""
    now = datetime(2026, 11, 24, 2, 0, 15, tzinfo=UTC)
    secret = second_factor.new_secret(lambda n: bytes(range(n)))
    current = int(now.timestamp()) // 30
    code = pyotp.TOTP(secret).at(now)
    assert second_factor.accepted_step(secret, code, now=now, last=current - 1) == current
    assert second_factor.accepted_step(secret, code, now=now, last=current) is None
    assert second_factor.accepted_step(secret, code, now=now, last=current + 1) is None


def test_the_drawing() -> None:
    """One SVG element that is well-formed, without script, style or anything from elsewhere; apps read its address."""
    secret = second_factor.new_secret(lambda n: bytes(range(n)))
    drawn = second_factor.qr_code(secret, username="an.nguyen", title="<&>")
    root = ET.fromstring(drawn)  # noqa: S314 - drawn above
    assert root.tag.endswith("svg")
    for forbidden in ("<script", "style", "href", "url("):
        assert forbidden not in drawn
    address = urlsplit(second_factor.address(secret, username="an.nguyen"))
    assert (address.scheme, address.netloc, address.path) == ("otpauth", "totp", "/Lienthong:an.nguyen")
    assert parse_qs(address.query) == {"secret": [secret], "issuer": ["Lienthong"]}
    assert second_factor.spelled(secret).replace(" ", "") == secret
