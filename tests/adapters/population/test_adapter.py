"""The population adapter when things go wrong: every fault has its documented kind and reason."""

import asyncio
import logging

import pytest
from lxml import etree

from adapters.contract import AdapterError, Fault, Operation
from mocks.country import person
from mocks.country.model import Person
from mocks.faults import GENERIC
from mocks.faults import Fault as Broken
from mocks.population import FAULTS, PRESETS, Variant
from mocks.population.variants import Refusal
from tests.adapters.population.live import CREDENTIALS, Live, about, live
from tests.adapters.raw_server import Turn, answer, serving

PATIENT = 30.0  # seconds: a deadline that is not to pass, however busy the machine is
HASTY = 1.0  # seconds: one that passes
ENVELOPE = b"<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body>%s</s:Body></s:Envelope>"
EXPECTED: dict[Broken, tuple[Fault, str]] = {
    Broken.HANG: (Fault.TIMED_OUT, "deadline_passed"),
    Broken.REFUSE: (Fault.UNAVAILABLE, "connection_lost"),
    Broken.RESET_MID_BODY: (Fault.UNAVAILABLE, "connection_lost"),
    Broken.TRUNCATED_CONTENT_LENGTH: (Fault.UNAVAILABLE, "connection_lost"),
    Broken.HTTP_500: (Fault.UNAVAILABLE, "http_500"),
    Broken.HTTP_503: (Fault.UNAVAILABLE, "http_503"),
    Broken.HTTP_404: (Fault.REFUSED, "http_404"),
    Broken.REDIRECT: (Fault.GARBLED, "unexpected_redirect"),
    Broken.MALFORMED: (Fault.GARBLED, "malformed_xml"),
    Broken.WRONG_CONTENT_TYPE: (Fault.GARBLED, "wrong_content_type"),
    Broken.OVERSIZED: (Fault.GARBLED, "body_oversized"),
    Broken.GZIP_BOMB: (Fault.GARBLED, "body_encoded"),
    Broken.EMPTY_BODY: (Fault.GARBLED, "malformed_xml"),
    Broken.DTD: (Fault.GARBLED, "malformed_xml"),
    Broken.ENTITY_BOMB: (Fault.GARBLED, "malformed_xml"),
    Broken.SOAP_FAULT: (Fault.UNAVAILABLE, "soap_fault_server"),
    Broken.AUTH_REFUSED: (Fault.REFUSED, "http_401"),
    Broken.WRONG_SUBJECT: (Fault.GARBLED, "wrong_subject"),
}


def mau() -> Person:
    found = person("004192000123")
    assert found is not None
    return found


async def failure(
    mock: Live, operation: Operation = Operation.LOOKUP, *, deadline: float = PATIENT, **changes: object
) -> AdapterError:
    adapter = mock.adapter(**changes)  # type: ignore[arg-type]
    with pytest.raises(AdapterError) as raised:
        async with asyncio.timeout(2 * PATIENT):
            await adapter.ask(about(mau(), operation), deadline=deadline)
    return raised.value


@pytest.mark.parametrize("broken", EXPECTED)
async def test_lookup_faults(broken: Broken) -> None:
    """Each fault of the mock is the documented fault of a look-up, inside the deadline, and names nobody."""
    async with live() as mock:
        mock.app.state.faults.set(broken)
        error = await failure(mock, deadline=HASTY if broken is Broken.HANG else PATIENT)
        assert (error.fault, error.reason) == EXPECTED[broken]
        assert error.__cause__ is None
        assert not any(part in str(error) for part in (mau().personal_id, mau().full_name, "1992"))


@pytest.mark.parametrize("broken", sorted(EXPECTED.keys() - {Broken.WRONG_SUBJECT}))
async def test_verify_faults(broken: Broken) -> None:
    """Verification has the same faults; none is ever read as a yes or a no."""
    async with live() as mock:
        mock.app.state.faults.set(broken)
        error = await failure(mock, Operation.VERIFY, deadline=HASTY if broken is Broken.HANG else PATIENT)
        assert (error.fault, error.reason) == EXPECTED[broken]


def test_no_fault_is_left_out() -> None:
    """The table covers everything the mock can do wrong, except being slow."""
    assert EXPECTED.keys() == (FAULTS | GENERIC) - {Broken.SLOW}


async def test_slow_is_an_answer() -> None:
    """A service that is slow, but within the deadline, has answered."""
    async with live() as mock:
        mock.app.state.faults.set(Broken.SLOW, seconds=0.1)
        assert (await mock.adapter().ask(about(mau()), deadline=30)).found


@pytest.mark.parametrize("broken", [Broken.REFUSE, Broken.HTTP_503, Broken.SOAP_FAULT, Broken.RESET_MID_BODY])
async def test_passing_faults_are_survived(broken: Broken) -> None:
    """A fault that passes costs another try under a request id of its own."""
    async with live() as mock:
        mock.app.state.faults.set(broken, 1)
        assert (await mock.adapter(attempts=2).ask(about(mau()), deadline=30)).found
        assert mock.app.state.faults.calls == 2


@pytest.mark.parametrize("refusal", Refusal)
@pytest.mark.parametrize("wrong", [{"secret": "falsch"}, {"username": "nobody"}])
async def test_wrong_account(refusal: Refusal, wrong: dict[str, str]) -> None:
    """A refused account is REFUSED after one try, whether the service says so by status or by SOAP fault."""
    async with live(Variant(refusal=refusal)) as mock:
        error = await failure(mock, credentials=wrong, attempts=3)
        reason = "http_401" if refusal is Refusal.HTTP_401 else "authentication_refused"
        assert (error.fault, error.reason, mock.app.state.faults.refused) == (Fault.REFUSED, reason, 1)


@pytest.mark.parametrize("options", [{"auth_url": "http://elsewhere/"}, {"timestamp_unit": "s"}])
async def test_wrong_way_of_signing(options: dict[str, str]) -> None:
    """Another authentication address or time unit than the service's is REFUSED."""
    async with live() as mock:
        assert (await failure(mock, options=options)).fault is Fault.REFUSED


async def test_missing_client_headers() -> None:
    """A service behind X-Road refuses a profile that does not send its headers."""
    async with live(PRESETS["ndxp-xroad"]) as mock:
        assert (await failure(mock, profile="c06")).fault is Fault.REFUSED


async def test_used_request_id() -> None:
    """The service's refusal of a request id it has seen is REFUSED, as a fault of the client."""
    async with live() as mock:
        adapter = mock.adapter()
        same = about(mau())
        await adapter.ask(same, deadline=30)
        with pytest.raises(AdapterError) as raised:
            await adapter.ask(same, deadline=30)
        assert (raised.value.fault, raised.value.reason) == (Fault.REFUSED, "soap_fault_client")


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"officer_accounts": {"other": "x"}}, "officer_unmapped"),
        ({"service_code": None, "service_codes": {"1.000001": "G15-TP110"}}, "procedure_unmapped"),
    ],
)
async def test_unmapped(options: dict[str, object], reason: str) -> None:
    """An officer without an account, or a procedure without a code, is refused before anything is sent."""
    async with live() as mock:
        error = await failure(mock, options=options)
        assert (error.fault, error.reason, mock.app.state.faults.calls) == (Fault.REFUSED, reason, 0)


async def test_check_with_a_table_of_codes() -> None:
    """The connection check works where every procedure has its own code."""
    async with live() as mock:
        options = {"service_code": None, "service_codes": {"1.000001": "G15-TP110"}}
        await mock.adapter(options=options).check(deadline=30)
        assert mock.app.state.faults.calls == 1


async def test_each_try_is_a_new_request() -> None:
    """A second try has a request id of its own, since the service may have noted the first."""

    async def busy(turn: Turn) -> None:
        await turn.send(answer(status="503 Busy"))

    async with live() as mock, serving(busy) as server:
        adapter = Live(mock.app, server.url, mock.stack).adapter(attempts=2)
        asked = about(mau())
        with pytest.raises(AdapterError, match="http_503"):
            await adapter.ask(asked, deadline=30)
    ids = [etree.fromstring(turn.body).findtext(".//{*}MaYeuCau") for turn in server.turns]
    assert ids == [asked.purpose.request_id, f"{asked.purpose.request_id}-2"]


async def test_several_people() -> None:
    """An answer about several people is about nobody in particular."""

    async def crowd(turn: Turn) -> None:
        people = b"<CongDan><SoDinhDanh>004192000123</SoDinhDanh></CongDan>" * 2
        await turn.send(answer(ENVELOPE % (b"<CongdanCollection>" + people + b"</CongdanCollection>")))

    async with live() as mock, serving(crowd) as server:
        assert (await failure(Live(mock.app, server.url, mock.stack))).reason == "many_subjects"


async def test_nobody_in_particular() -> None:
    """An answer that does not say whom it is about is refused."""

    async def nameless(turn: Turn) -> None:
        person = b"<CongdanCollection><CongDan><GioiTinh>2</GioiTinh></CongDan></CongdanCollection>"
        await turn.send(answer(ENVELOPE % person))

    async with live() as mock, serving(nameless) as server:
        assert (await failure(Live(mock.app, server.url, mock.stack))).reason == "subject_missing"


async def test_unreadable_name() -> None:
    """A name that XML cannot carry never leaves, and is not in the error."""
    async with live() as mock:
        with pytest.raises(AdapterError, match="request_invalid") as raised:
            await mock.adapter().ask(about(mau(), full_name="Nguyễn\x00"), deadline=30)
        assert "Nguy" not in str(raised.value)
        assert mock.app.state.faults.calls == 0


async def test_check_refuses_a_yes() -> None:
    """A service that claims to know nobody is not the service."""

    async def yes(turn: Turn) -> None:
        await turn.send(answer(b'{"data": true}', content_type="application/json"))

    async with live() as mock, serving(yes) as server:
        adapter = Live(mock.app, server.url, mock.stack).adapter()
        with pytest.raises(AdapterError, match="check_matched"):
            await adapter.check(deadline=30)


async def test_closed() -> None:
    """After close every call is UNAVAILABLE closed."""
    async with live() as mock:
        adapter = mock.adapter()
        await adapter.close()
        for call in (adapter.ask(about(mau()), deadline=30), adapter.check(deadline=5)):
            with pytest.raises(AdapterError, match="closed"):
                await call


async def test_nothing_about_anybody_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever logs at DEBUG, neither the person nor the account is in it."""
    caplog.set_level(logging.DEBUG)
    async with live() as mock:
        await mock.adapter().ask(about(mau()), deadline=30)
        mock.app.state.faults.set(Broken.WRONG_SUBJECT)
        await failure(mock)
    for secret in (mau().personal_id, "NGUYEN THI MAU", mau().full_name, "19921122", CREDENTIALS.secret):
        assert secret not in caplog.text
