"""The mock tax service as its clients and its operators meet it."""

import stat
from datetime import datetime, timedelta
from importlib.resources import files
from pathlib import Path

import httpx
import pytest
from lxml import etree
from starlette.applications import Starlette

from mocks.country import taxpayer
from mocks.tax import FAULTS, PRESETS, KeyKind, Variant, build, make_credentials
from mocks.tax.messages import current, former
from mocks.tax.signature import checked, signed, signer
from mocks.tax.xml import Part, built, envelope, name, parsed
from tests.adapters.tax.live import AT, FIRM, credentials


class Clock:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.at = AT

    def __call__(self) -> datetime:
        return self.at


def lookup(request_id: str, tax_code: str = FIRM) -> Part:
    """A look-up request."""
    said = ("maYeuCau", request_id), ("maDonVi", "H14"), ("maCanBo", "o"), ("maTTHC", "1.004222"), ("maHoSo", "d")
    return "TraCuuNguoiNopThue", [*said, ("mst", tax_code)]


async def post(app: Starlette, part: Part, *, at: datetime = AT) -> httpx.Response:
    """The answer to a signed request."""
    held = credentials()
    root = signed(envelope(built(part)), signer(held.client_key, held.client_certificate), at=at)
    return await send(app, "POST", "/", content=etree.tostring(root))


async def send(app: Starlette, method: str, path: str, **more: object) -> httpx.Response:
    """One call without a socket."""
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://mock") as client:
        return await client.request(method, path, **more)  # type: ignore[arg-type]


def subcode(reply: httpx.Response) -> str | None:
    """The local name of a fault's subcode."""
    text = parsed(reply.content).findtext(f".//{name('env:Subcode')}/{name('env:Value')}")
    return None if text is None else text.partition(":")[2]


async def test_a_signed_question_gets_a_signed_answer() -> None:
    """The answer is signed with the service's key and echoes the request id."""
    reply = await post(build(credentials(), now=lambda: AT), lookup("q-1"))
    held = credentials()
    pinned = signer(held.server_key, held.server_certificate).certificate
    payload = checked(parsed(reply.content), pinned, at=AT)
    assert (reply.status_code, payload.findtext(name("t:maYeuCau"))) == (200, "q-1")


async def test_a_request_id_is_remembered_while_it_could_be_replayed() -> None:
    """The same id is refused while the message is fresh, and forgotten afterwards."""
    clock = Clock()
    app = build(credentials(), now=clock)
    assert (await post(app, lookup("q-1"))).status_code == 200
    assert subcode(await post(app, lookup("q-1"))) == "YeuCauTrungLap"
    clock.at = AT + timedelta(minutes=12)
    assert (await post(app, lookup("q-1"), at=clock.at)).status_code == 200
    assert app.state.desk.seen.keys() == {"q-1"}


@pytest.mark.parametrize(
    "part", [lookup("q-1", "123"), lookup("q 1"), ("KiemTraKetNoi", []), ("XoaNguoiNopThue", [("maYeuCau", "q-1")])]
)
async def test_a_request_outside_the_schema_is_refused(part: Part) -> None:
    """A good signature does not excuse a wrong form; a refusal is counted and no call is."""
    app = build(credentials(), now=lambda: AT)
    reply = await post(app, part)
    assert (reply.status_code, subcode(reply)) == (400, "YeuCauSaiMau")
    assert (app.state.faults.calls, app.state.faults.refused) == (0, 1)


async def test_rubbish_and_floods_are_refused() -> None:
    """What is not XML, not signed or too long is answered with a fault."""
    app = build(credentials(), now=lambda: AT)
    for content, code in ((b"x", "YeuCauSaiMau"), (b"<a/>", "InvalidSecurity"), (b" " * 300_000, "YeuCauSaiMau")):
        assert subcode(await send(app, "POST", "/", content=content)) == code


async def test_the_description_is_served() -> None:
    """The WSDL and the schema it refers to."""
    app = build(credentials(), now=lambda: AT)
    for path, file in (("/?wsdl", "tax.wsdl"), ("/tax.wsdl", "tax.wsdl"), ("/tax.xsd", "tax.xsd")):
        assert (await send(app, "GET", path)).content == (files("mocks.tax") / file).read_bytes()
    assert (await send(app, "GET", "/credentials.py")).status_code == 404
    assert (await send(app, "GET", "/")).status_code == 404


@pytest.mark.parametrize("fault", sorted(FAULTS))
async def test_each_fault_can_be_switched_on(fault: str) -> None:
    """The control route takes every fault the service plays."""
    app = build(credentials(), now=lambda: AT)
    reply = await send(app, "POST", "/_mock/fault", json={"fault": fault, "count": 1})
    assert (reply.status_code, reply.json()["fault"]) == (200, fault)


@pytest.mark.parametrize("preset", PRESETS)
async def test_each_preset_can_be_switched_on(preset: str) -> None:
    """The control route takes every preset, and the answers still fit the schema."""
    app = build(credentials(), now=lambda: AT)
    assert (await send(app, "POST", "/_mock/variant", json={"preset": preset})).status_code == 200
    assert app.state.variant == PRESETS[preset]
    schema = etree.XMLSchema(etree.fromstring((files("mocks.tax") / "tax.xsd").read_bytes()))
    for number, code in enumerate((FIRM, "004192000123", "0999999999")):
        reply = await post(app, lookup(f"q-{number}", code))
        assert schema.validate(parsed(reply.content)[1][0])


def test_credentials_are_made_once(tmp_path: Path) -> None:
    """Four files only their owner can read, the same at the second start."""
    folder = tmp_path / "tax"
    made = make_credentials(folder, kind=KeyKind.P256)
    assert make_credentials(folder) == made
    names = {"client.key.pem", "client.cert.pem", "server.key.pem", "server.cert.pem"}
    assert {path.name for path in folder.iterdir()} == names
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert "PRIVATE" not in repr(made)


def test_addresses_move_between_the_schemes() -> None:
    """An address can be written in either scheme, and in its own it stays as it is."""
    known = taxpayer(FIRM)
    assert known is not None
    old, new = former(known.address), current(known.address)
    assert (old.district_code is None, new.district_code is None) == (False, True)
    assert (former(old), current(new)) == (old, new)
    assert current(old).province_code == known.address.province_code


def test_a_variant_starts_plain() -> None:
    """Without a wish the mock speaks the first preset."""
    assert build(credentials(), now=lambda: AT).state.variant == Variant() == PRESETS["wsse"]
