"""What an operator may set for the population source, and what goes onto the wire because of it."""

import base64
import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from adapters.contract import Operation
from adapters.observe import NullObserver
from adapters.population import auth, build
from adapters.population.profiles import Credentials, Folding, TimestampUnit, folded, profile
from adapters.settings import ProfileError
from tests.adapters.builders import AT, UNHURRIED, question, settings
from tests.adapters.raw_server import Turn, answer, header, serving

XROAD = {"username": "u", "secret": "s", "api_key": "k", "xroad_client": "x"}


@pytest.mark.parametrize(
    ("written", "folding", "expected"),
    [
        ("Nguyễn Thị Mẫu", Folding.ASCII, "NGUYEN THI MAU"),
        ("  Đặng   Đình\tĐức ", Folding.ASCII, "DANG DINH DUC"),
        ("Nguyễn Thị Mẫu", Folding.ASCII_JOINED, "NGUYENTHIMAU"),
        ("nguyễn thị mẫu", Folding.UPPER, "NGUYỄN THỊ MẪU"),
        ("K'Brơi", Folding.ASCII, "K'BROI"),
    ],
)
def test_folding(written: str, folding: Folding, expected: str) -> None:
    """A name is written as the profile says."""
    assert folded(written, folding) == expected


@UNHURRIED
@given(st.text(), st.sampled_from(Folding))
def test_folding_is_stable(name: str, folding: Folding) -> None:
    """Composed and decomposed spellings, and a name folded already, fold to the same."""
    once = folded(name, folding)
    assert folded(once, folding) == folded(folded(once, folding), folding)


@pytest.mark.parametrize(
    ("name", "credentials", "folding"),
    [
        ("c06", None, Folding.ASCII),
        ("c06-nospace", None, Folding.ASCII_JOINED),
        ("c06-upper", None, Folding.UPPER),
        ("ndxp-xroad", XROAD, Folding.ASCII),
    ],
)
def test_presets(name: str, credentials: dict[str, str] | None, folding: Folding) -> None:
    """Each profile has its folding; the address of the service is the one that is hashed unless told otherwise."""
    given_settings = settings(profile=name, **({} if credentials is None else {"credentials": credentials}))
    chosen, _ = profile(given_settings)
    assert (chosen.folding, chosen.unit, chosen.auth_url) == (
        folding,
        TimestampUnit.MILLISECONDS,
        given_settings.url,
    )


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"profile": "c07"}, None),
        ({"options": {}}, "service_code"),
        ({"options": {"service_code": "V", "name_folding": "none"}}, "name_folding"),
        ({"options": {"service_code": "V", "timestamp_unit": "us"}}, "timestamp_unit"),
        ({"options": {"service_code": "V", "request_prefix": "x"}}, "request_prefix"),
        ({"options": {"service_code": "V", "verify_tls": False}}, "verify_tls"),
        ({"options": {"service_code": "V", "ca_file": "/no/such/file"}}, "ca_file"),
        ({"credentials": {"username": "u"}}, "secret"),
        ({"credentials": {"secret": "u"}}, "username"),
        ({"profile": "ndxp-xroad"}, "api_key"),
        ({"credentials": {"username": "u", "secret": "s", "password": "p"}}, "password"),
    ],
)
def test_wrong_settings(changes: dict[str, Any], key: str | None) -> None:
    """Whatever is wrong is named by its key before anything is connected."""
    with pytest.raises(ProfileError) as raised:
        build(settings(**changes), now=lambda: AT, observe=NullObserver())
    assert raised.value.key == key


def test_authentication_headers() -> None:
    """The hash is that of the scheme: address, user name, timestamp and secret in a row."""
    account = Credentials("cổng", "bí mật", "khoa", "VN/GOV/x")
    at = datetime(2026, 11, 22, 2, 0, 1, 234_000, tzinfo=UTC)
    made = auth.headers(account, auth_url="http://a/", unit=TimestampUnit.MILLISECONDS, at=at)
    assert made["Timestamp"] == "1795312801234"
    digest = hashlib.sha256("http://a/cổng1795312801234bí mật".encode()).hexdigest()
    assert base64.b64decode(made["Authorization"].removeprefix("Basic ")).decode() == f"cổng:{digest}"
    assert (made["X-Road-Client"], made["ApiKey"]) == ("VN/GOV/x", "khoa")
    seconds = auth.headers(account, auth_url="http://a/", unit=TimestampUnit.SECONDS, at=at)
    assert seconds["Timestamp"] == "1795312801"
    assert "bí mật" not in repr(account)


async def sent(options: dict[str, Any], operation: Operation, **identifiers: str) -> tuple[str, list[tuple[str, str]]]:
    """The request head and the leaves of the request element, in order, as a server sees them."""

    async def nobody(turn: Turn) -> None:
        body = b"<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body><TonTai>0</TonTai></s:Body></s:Envelope>"
        await turn.send(answer(body if operation is Operation.VERIFY else body.replace(b"<TonTai>0</TonTai>", b"")))

    async with serving(nobody) as server:
        adapter = build(
            settings(url=server.url, options={"service_code": "VPCP"} | options),
            now=lambda: AT,
            observe=NullObserver(),
        )
        await adapter.ask(question(operation, fields=frozenset(), **identifiers), deadline=30)
        await adapter.close()
    root = etree.fromstring(server.turns[0].body)
    request = root[-1][0]
    leaves = [(etree.QName(leaf).localname, leaf.text or "") for leaf in request.iter() if not len(leaf)]
    return server.turns[0].head, [(f"{request.prefix}:{etree.QName(request).localname}", ""), *leaves]


async def test_the_request() -> None:
    """A look-up has its elements in the order the service insists on, and nothing personal in its head."""
    head, leaves = await sent({}, Operation.LOOKUP)
    assert leaves == [
        ("dan:TraCuuThongTinCongDan", ""),
        ("MaYeuCau", "req-1"),
        ("MaDVC", "VPCP"),
        ("MaTichHop", "037"),
        ("MaCanBo", "canbo01"),
        ("SoDinhDanh", "004192000123"),
        ("HoVaTen", "NGUYEN THI MAU"),
        ("NgayThangNam", "19921122"),
    ]
    assert head.startswith("POST /dan-cu HTTP/1.1\r\n")
    assert (header(head, "content-type"), header(head, "soapaction")) == ("application/xml", '""')
    assert "004192000123" not in head


async def test_the_request_with_every_option() -> None:
    """Mappings, the newer elements, the prefix, an older number and a bare year go where they belong."""
    options = {
        "service_codes": {"1.004222": "G15-TP110"},
        "officer_accounts": {"H14/canbo01": "canbo@c06"},
        "request_prefix": "qldc",
        "name_folding": "upper",
        "unit": "000.00.00.H14",
        "account": "tk",
        "phone": "0900000000",
    }
    _, leaves = await sent(options, Operation.VERIFY, personal_id="150917940", birth_date="1992")
    assert leaves == [
        ("qldc:XacThucThongTinCongDan", ""),
        ("MaYeuCau", "req-1"),
        ("MaDVC", "G15-TP110"),
        ("MaTichHop", "003"),
        ("MaCanBo", "canbo@c06"),
        ("MaDonVi", "000.00.00.H14"),
        ("TaiKhoan", "tk"),
        ("SoDienThoai", "0900000000"),
        ("SoCMND", "150917940"),
        ("HoVaTen", "NGUYỄN THỊ MẪU"),
        ("Nam", "1992"),
    ]


async def test_year_and_month() -> None:
    """A date known to the month is sent as yyyymm."""
    _, leaves = await sent({}, Operation.LOOKUP, birth_date="1992-11")
    assert leaves[-1] == ("NgayThangNam", "199211")
