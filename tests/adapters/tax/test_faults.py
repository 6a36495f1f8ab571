"""Everything the service can do wrong, over real sockets, and what the adapter calls it."""

import traceback
from datetime import timedelta

import pytest
from starlette.types import Message, Receive, Scope, Send

from adapters.contract import AdapterError
from adapters.contract import Fault as Silent
from adapters.observe import NullObserver
from adapters.soap import SoapFault
from adapters.tax import build, failures
from mocks import tax
from mocks.faults import GENERIC, Fault
from mocks.server import serving
from mocks.tax import FAULTS, Complaint, KeyKind, Variant
from mocks.tax.credentials import self_signed
from mocks.tax.server import Desk
from tests.adapters.tax.live import AT, FIRM, connected, credentials, question, settings

OUTCOMES: dict[Fault, tuple[Silent, str]] = {
    Fault.HANG: (Silent.TIMED_OUT, "deadline_passed"),
    Fault.REFUSE: (Silent.UNAVAILABLE, "connection_lost"),
    Fault.RESET_MID_BODY: (Silent.UNAVAILABLE, "connection_lost"),
    Fault.TRUNCATED_CONTENT_LENGTH: (Silent.UNAVAILABLE, "connection_lost"),
    Fault.HTTP_500: (Silent.UNAVAILABLE, "http_500"),
    Fault.HTTP_503: (Silent.UNAVAILABLE, "http_503"),
    Fault.HTTP_404: (Silent.REFUSED, "http_404"),
    Fault.REDIRECT: (Silent.GARBLED, "unexpected_redirect"),
    Fault.MALFORMED: (Silent.GARBLED, "malformed_xml"),
    Fault.WRONG_CONTENT_TYPE: (Silent.GARBLED, "wrong_content_type"),
    Fault.OVERSIZED: (Silent.GARBLED, "body_oversized"),
    Fault.GZIP_BOMB: (Silent.GARBLED, "body_encoded"),
    Fault.EMPTY_BODY: (Silent.GARBLED, "malformed_xml"),
    Fault.DTD: (Silent.GARBLED, "malformed_xml"),
    Fault.ENTITY_BOMB: (Silent.GARBLED, "malformed_xml"),
    Fault.WRONG_SUBJECT: (Silent.GARBLED, "wrong_subject"),
    Fault.WRONG_REQUEST: (Silent.GARBLED, "wrong_request"),
    Fault.UNSIGNED: (Silent.GARBLED, "signature_missing"),
    Fault.WRAPPED: (Silent.GARBLED, "signature_wrapped"),
    Fault.WRONG_KEY: (Silent.GARBLED, "certificate_wrong"),
    Fault.STALE_TIMESTAMP: (Silent.GARBLED, "timestamp_stale"),
    Fault.SOAP_FAULT: (Silent.UNAVAILABLE, "soap_receiver"),
    Fault.AUTH_REFUSED: (Silent.REFUSED, "authentication_refused"),
}
ONE_TRY_MORE = {
    Fault.REFUSE,
    Fault.RESET_MID_BODY,
    Fault.TRUNCATED_CONTENT_LENGTH,
    Fault.HTTP_500,
    Fault.HTTP_503,
    Fault.SOAP_FAULT,
}


def test_every_fault_of_the_mock_is_in_the_table() -> None:
    """The table leaves nothing out but `slow`, which ends well."""
    assert OUTCOMES.keys() | {Fault.SLOW} == GENERIC | FAULTS


@pytest.mark.parametrize("kind", list(KeyKind))
@pytest.mark.parametrize("fault", OUTCOMES)
async def test_each_fault_has_its_name(fault: Fault, kind: KeyKind) -> None:
    """A fault becomes the documented fault and reason, names nobody, and the next call succeeds."""
    async with connected(held=credentials(kind)) as (adapter, app):
        app.state.faults.set(fault, 1)
        with pytest.raises(AdapterError) as caught:
            await adapter.ask(question(), deadline=0.5 if fault is Fault.HANG else 30)
        assert (caught.value.fault, caught.value.reason) == OUTCOMES[fault]
        shown = "".join(traceback.format_exception(caught.value))
        assert not [word for word in (FIRM, "CÔNG TY") if word in shown]
        app.state.faults.clear()  # a call that ended before it arrived met no fault
        assert (await adapter.ask(question(request_id="q-2"), deadline=30)).found


@pytest.mark.parametrize("fault", OUTCOMES)
async def test_only_silence_is_tried_again(fault: Fault) -> None:
    """A lost or busy line gets a second try, as a new message; a refusal or a bad answer does not."""
    async with connected(attempts=2) as (adapter, app):
        app.state.faults.set(fault, 1)
        try:
            # to be counted, a hanging call has to arrive before its time is up
            found = (await adapter.ask(question(), deadline=3 if fault is Fault.HANG else 30)).found
        except AdapterError:
            found = False
        state = app.state.faults
    assert found is (fault in ONE_TRY_MORE)
    assert (state.calls, state.refused) == (2 if found else 1, 0)


@pytest.mark.parametrize("fault", [Fault.UNSIGNED, Fault.WRAPPED, Fault.STALE_TIMESTAMP, Fault.WRONG_REQUEST])
async def test_the_check_believes_no_forgery(fault: Fault) -> None:
    """A connection check is verified like a look-up."""
    async with connected() as (adapter, app):
        app.state.faults.set(fault, 1)
        with pytest.raises(AdapterError) as caught:
            await adapter.check(deadline=30)
    assert (caught.value.fault, caught.value.reason) == OUTCOMES[fault]


async def test_a_late_answer_is_an_answer() -> None:
    """Slowness within the deadline is no fault."""
    async with connected() as (adapter, app):
        app.state.faults.set(Fault.SLOW, 1, seconds=0.1)
        assert (await adapter.ask(question(), deadline=30)).found


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize(
    ("complaint", "expected"),
    [
        (Complaint.RECEIVER, (Silent.UNAVAILABLE, "soap_receiver")),
        (Complaint.SENDER, (Silent.GARBLED, "soap_sender")),
        (Complaint.BUSY, (Silent.UNAVAILABLE, "source_busy")),
        (Complaint.NOT_ALLOWED, (Silent.REFUSED, "permission_refused")),
    ],
)
async def test_a_soap_fault_counts_signed_or_not(
    complaint: Complaint, expected: tuple[Silent, str], signed: bool
) -> None:
    """A SOAP fault is a reason to have no answer, whether it carries a signature or not."""
    async with connected(variant=Variant(complaint=complaint, signed_faults=signed)) as (adapter, app):
        app.state.faults.set(Fault.SOAP_FAULT, 1)
        with pytest.raises(AdapterError) as caught:
            await adapter.ask(question(), deadline=30)
    assert (caught.value.fault, caught.value.reason) == expected


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (SoapFault("Sender", "FailedCheck"), "signature_refused"),
        (SoapFault("Sender", "MessageExpired"), "clock_refused"),
        (SoapFault("MustUnderstand", None), "soap_contract"),
        (SoapFault("Receiver", "Unheard"), "soap_receiver"),
        (SoapFault("", None), "soap_unknown"),
    ],
)
def test_a_subcode_says_more_than_its_code(found: SoapFault, reason: str) -> None:
    """A known subcode decides, then the code, and an unknown one is its own reason."""
    assert failures.of(found).reason == reason


async def test_another_key_is_refused_by_the_service() -> None:
    """A gateway the service does not know is refused, and that is the source's refusal."""
    ours, theirs = credentials(), credentials(number=1)
    stranger = type(ours)(
        client_key=theirs.client_key,
        client_certificate=theirs.client_certificate,
        server_key=ours.server_key,
        server_certificate=ours.server_certificate,
    )
    async with connected(held=ours, client=stranger) as (adapter, app):
        with pytest.raises(AdapterError) as caught:
            await adapter.ask(question(), deadline=30)
    assert (caught.value.fault, caught.value.reason) == (Silent.REFUSED, "authentication_refused")
    assert (app.state.faults.calls, app.state.faults.refused) == (0, 1)


@pytest.mark.parametrize("minutes", [-10, 10])
async def test_a_wrong_clock_is_refused_by_the_service(minutes: int) -> None:
    """A gateway ten minutes off is told so."""
    async with connected(server_now=lambda: AT + timedelta(minutes=minutes)) as (adapter, _):
        with pytest.raises(AdapterError) as caught:
            await adapter.ask(question(), deadline=30)
    assert (caught.value.fault, caught.value.reason) == (Silent.REFUSED, "clock_refused")


async def test_a_request_id_serves_once() -> None:
    """The same id again is refused as a replay."""
    async with connected() as (adapter, _):
        await adapter.ask(question(), deadline=30)
        with pytest.raises(AdapterError) as caught:
            await adapter.ask(question(), deadline=30)
    assert (caught.value.fault, caught.value.reason) == (Silent.REFUSED, "request_replayed")


async def test_an_expired_own_certificate_sends_nothing() -> None:
    """The gateway says itself that its certificate has run out."""
    ours = credentials()
    short = type(ours)(
        client_key=ours.client_key,
        client_certificate=self_signed(ours.client_key, "client.example", at=AT, lasting=timedelta(hours=1)),
        server_key=ours.server_key,
        server_certificate=ours.server_certificate,
    )
    async with connected(held=short) as (adapter, app):
        with pytest.raises(AdapterError) as caught:
            await adapter.check(deadline=30)
        desk: Desk = app.state.desk
    assert (caught.value.fault, caught.value.reason) == (Silent.REFUSED, "own_certificate_expired")
    assert desk.seen == {}


async def test_a_new_version_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check fails when the service speaks another version of the profile."""
    monkeypatch.setattr("mocks.tax.messages.VERSION", "2.0")
    async with connected() as (adapter, _):
        with pytest.raises(AdapterError) as caught:
            await adapter.check(deadline=30)
    assert (caught.value.fault, caught.value.reason) == (Silent.GARBLED, "contract_changed")


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (500, (Silent.UNAVAILABLE, "http_500")),
        (400, (Silent.REFUSED, "http_400")),
        (202, (Silent.GARBLED, "unexpected_status")),
    ],
)
async def test_a_good_answer_under_a_bad_status_is_none(status: int, expected: tuple[Silent, str]) -> None:
    """Data counts with status 200 only, however well it is signed."""
    held = credentials()
    app = tax.build(held, now=lambda: AT)

    async def other_status(scope: Scope, receive: Receive, send: Send) -> None:
        async def changed(message: Message) -> None:
            await send({**message, "status": status} if message["type"] == "http.response.start" else message)

        await app(scope, receive, changed)

    async with serving({"tax": other_status}) as urls:
        adapter = build(settings(urls["tax"], held), now=lambda: AT, observe=NullObserver())
        with pytest.raises(AdapterError) as caught:
            await adapter.ask(question(), deadline=30)
        await adapter.close()
    assert (caught.value.fault, caught.value.reason) == expected
    assert app.state.faults.calls == 1
