"""The population service over HTTP."""

from pathlib import Path

import httpx
import pytest
from lxml import etree

from mocks.control import MockApp
from mocks.faults import Fault
from mocks.population import PRESETS, build, make_credentials
from mocks.population.variants import Variant
from tests.mocks.population.caller import ACCOUNT, headers, look_up, now, verify

_NS = {"d": "http://www.mic.gov.vn/dancu/1.0", "s": "http://schemas.xmlsoap.org/soap/envelope/"}


def _app(variant: Variant | None = None) -> MockApp:
    return build(ACCOUNT, now=now, variant=variant)


async def _post(app: MockApp, body: bytes, sent: dict[str, str] | None = None) -> httpx.Response:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://mock") as client:
        return await client.post("/dancu", content=body, headers=headers() if sent is None else sent)


def _fault(response: httpx.Response) -> tuple[str | None, str | None]:
    fault = etree.fromstring(response.content).find("s:Body/s:Fault", _NS)
    assert fault is not None
    return fault.findtext("faultcode"), fault.findtext("faultstring")


def _number(response: httpx.Response) -> str | None:
    return etree.fromstring(response.content).findtext(
        "s:Body/d:CongdanCollection/d:CongDan/d:SoDinhDanh", namespaces=_NS
    )


async def test_a_rightful_look_up_is_answered() -> None:
    """Three right factors give the record."""
    response = await _post(_app(), look_up())
    assert (response.status_code, _number(response)) == (200, "004192000123")


async def test_two_of_three_give_no_record() -> None:
    """A wrong name gives an empty collection, and nothing that tells why."""
    response = await _post(_app(), look_up(name="NGUYEN THI SAI"))
    assert (response.status_code, _number(response)) == (200, None)


async def test_a_verification_tells_yes_or_no_only() -> None:
    """The answer to a verification holds a count and nothing of the record."""
    yes, no = await _post(_app(), verify()), await _post(_app(), verify(name="SAI"))
    texts = [etree.fromstring(response.content).xpath("string()") for response in (yes, no)]
    assert texts == ["1", "0"]


async def test_wrong_credentials_are_refused_in_two_styles() -> None:
    """HTTP 401, or a SOAP fault, by variant; both are counted as refused and not as calls."""
    wrong = headers(changed={"authorization": "Basic bm9ib2R5Om5vdGhpbmc="})
    plain, xroad = _app(), _app(PRESETS["ndxp-xroad"])
    assert (await _post(plain, look_up(), wrong)).status_code == 401
    assert _fault(await _post(xroad, look_up(), wrong))[0] == "soapenv:Client.Authentication"
    assert [(a.state.faults.calls, a.state.faults.refused) for a in (plain, xroad)] == [(0, 1), (0, 1)]


async def test_a_request_number_counts_once() -> None:
    """The same MaYeuCau a second time is refused."""
    app, body = _app(), look_up()
    assert (await _post(app, body)).status_code == 200
    assert _fault(await _post(app, body)) == ("soapenv:Client", "MaYeuCau was used before")


async def test_a_broken_call_may_be_sent_again() -> None:
    """A call that a fault broke does not use up its number."""
    app, body = _app(), look_up()
    app.state.faults.set(Fault.HTTP_503, 1)
    assert (await _post(app, body)).status_code == 503
    assert (await _post(app, body)).status_code == 200


async def test_a_bad_message_is_a_client_fault() -> None:
    """A message this service does not understand is a SOAP fault of the client with HTTP 500."""
    response = await _post(_app(), b"<a/>")
    assert response.status_code == 500
    assert _fault(response)[0] == "soapenv:Client"


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [("application/json", b"{}", 415), ("text/xml; charset=utf-8", b"x" * 70_000, 413)],
)
async def test_other_kinds_and_sizes_are_refused(kind: str, body: bytes, status: int) -> None:
    """Another content type, or more than 64 KiB, is refused before anything is read."""
    response = await _post(_app(), body, headers(changed={"content-type": kind}))
    assert response.status_code == status


async def test_own_faults_are_played() -> None:
    """A server fault, a refusal of right credentials, and the record of somebody else."""
    app = _app()
    app.state.faults.set(Fault.SOAP_FAULT, 1)
    assert _fault(await _post(app, look_up()))[0] == "soapenv:Server"
    app.state.faults.set(Fault.AUTH_REFUSED, 1)
    assert (await _post(app, look_up())).status_code == 401
    app.state.faults.set(Fault.WRONG_SUBJECT, 1)
    assert _number(await _post(app, look_up())) not in {None, "004192000123"}
    assert _number(await _post(app, look_up())) == "004192000123"


async def test_the_description_is_served() -> None:
    """`?wsdl` gives the WSDL with both operations; a plain GET is not allowed."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(_app()), base_url="http://mock") as client:
        wsdl, plain = await client.get("/dancu?wsdl"), await client.get("/dancu")
    operations = etree.fromstring(wsdl.content).findall(
        "w:portType/w:operation", {"w": "http://schemas.xmlsoap.org/wsdl/"}
    )
    assert [operation.get("name") for operation in operations] == [
        "TraCuuThongTinCongDan",
        "XacThucThongTinCongDan",
    ]
    assert plain.status_code == 405


def test_credentials_are_made_once(tmp_path: Path) -> None:
    """A second start finds the credentials of the first, and their text form hides the secrets."""
    folder = tmp_path / "population"
    first = make_credentials(folder)
    assert make_credentials(folder) == first
    assert first.secret not in repr(first)
    assert sorted(path.name for path in folder.iterdir()) == [
        "api_key",
        "auth_url",
        "secret",
        "username",
        "xroad_client",
    ]
