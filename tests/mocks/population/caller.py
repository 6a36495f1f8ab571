"""A caller of the population service: envelopes and headers, built from the registry's description alone."""

import base64
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import count
from xml.sax.saxutils import escape

from mocks.population import Credentials

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
ACCOUNT = Credentials("portal", "s3cret", "key-1", "VN/GOV/H14/portal", "http://auth.example/xacthuc")
MAU = ("004192000123", "NGUYEN THI MAU", "<dan:NgayThangNam>19921122</dan:NgayThangNam>")

_SERIAL = count(1)


def now() -> datetime:
    """The time of all these tests."""
    return AT


def headers(
    account: Credentials = ACCOUNT, *, stamp: str | None = None, changed: Mapping[str, str | None] | None = None
) -> dict[str, str]:
    """The headers of a rightful call; `changed` replaces some, None takes one away."""
    timestamp = stamp or str(int(AT.timestamp() * 1000))
    text = account.auth_url + account.username + timestamp + account.secret
    password = hashlib.sha256(text.encode()).hexdigest()
    made: dict[str, str | None] = {
        "authorization": "Basic " + base64.b64encode(f"{account.username}:{password}".encode()).decode(),
        "timestamp": timestamp,
        "content-type": "application/xml",
        "soapaction": '""',
    }
    made |= changed or {}
    return {name: value for name, value in made.items() if value is not None}


def fields(
    personal_id: str = MAU[0], name: str = MAU[1], birth: str = MAU[2], *, service: str = "037"
) -> list[tuple[str, str]]:
    """The elements of a request, in their order; each call has its own MaYeuCau."""
    return [
        ("MaYeuCau", f"request-{next(_SERIAL)}"),
        ("MaDVC", "VPCP"),
        ("MaTichHop", service),
        ("MaCanBo", "officer-7"),
        ("SoDinhDanh" if len(personal_id) == 12 else "SoCMND", escape(personal_id)),
        ("HoVaTen", escape(name)),
        ("NgayThangNamSinh", birth),
    ]


def envelope(elements: list[tuple[str, str]], operation: str = "TraCuuThongTinCongDan") -> bytes:
    """A SOAP 1.1 request."""
    inner = "".join(f"<dan:{name}>{text}</dan:{name}>" for name, text in elements)
    return (
        '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns:dan="http://dancuquocgia.bca"><soapenv:Header/><soapenv:Body>'
        f"<dan:{operation}>{inner}</dan:{operation}></soapenv:Body></soapenv:Envelope>"
    ).encode()


def look_up(personal_id: str = MAU[0], name: str = MAU[1], birth: str = MAU[2]) -> bytes:
    """A look-up, Nguyễn Thị Mẫu's unless told otherwise."""
    return envelope(fields(personal_id, name, birth))


def verify(personal_id: str = MAU[0], name: str = MAU[1], birth: str = MAU[2]) -> bytes:
    """The same as a yes-or-no question."""
    return envelope(fields(personal_id, name, birth, service="003"), "XacThucThongTinCongDan")
