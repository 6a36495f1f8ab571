"""The second factor: time-based one-time codes of six digits (RFC 6238, 30 s, SHA-1, as every app offers them).

Rule of this file: a code is good once. Whoever looked over a shoulder comes too late, even within its half minute.
"""

import base64
import hmac
import io
from collections.abc import Callable
from datetime import datetime

import pyotp
import segno

STEP_SECONDS = 30
SECRET_BYTES = 20
"""160 bits, the length of the hash (RFC 4226, section 4, R6)."""

ISSUER = "Lienthong"
_LATE_AND_EARLY = (0, -1, 1)


def new_secret(urandom: Callable[[int], bytes]) -> str:
    """A new secret in base32, 32 letters and digits without padding."""
    return base64.b32encode(urandom(SECRET_BYTES)).decode()


def accepted_step(secret: str, code: str, *, now: datetime, last: int) -> int | None:
    """The time step a code belongs to, one early or late at most; None when it is wrong or was used.

    `last` is the step of the newest code that was accepted; it and everything before it is used up (RFC 6238, 5.2).
    """
    typed = "".join(code.split())
    current = int(now.timestamp()) // STEP_SECONDS
    generator = pyotp.HOTP(secret)
    # every step is computed, so that the time does not tell which one fitted
    fits = [current + n for n in _LATE_AND_EARLY if hmac.compare_digest(generator.at(current + n), _ascii(typed))]
    return next((step for step in fits if step > last), None)


def spelled(secret: str) -> str:
    """The secret in groups of four, to be typed."""
    return " ".join(secret[n : n + 4] for n in range(0, len(secret), 4))


def address(secret: str, *, username: str) -> str:
    """The otpauth address that apps read from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER)


def qr_code(secret: str, *, username: str, title: str) -> str:
    """The address as an SVG element for a page: no script, no style, nothing from elsewhere."""
    written = io.BytesIO()
    segno.make(address(secret, username=username), micro=False, error="m").save(
        written, kind="svg", scale=5, xmldecl=False, svgclass="qr", lineclass=None, light="#fff", title=title
    )
    return written.getvalue().decode()


def _ascii(text: str) -> str:
    # compare_digest refuses text outside ASCII
    return text if text.isascii() else ""
