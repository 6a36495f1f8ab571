"""The adapter against everything the register can do wrong, over a real socket."""

import asyncio
import logging
from datetime import timedelta

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapters.business import build
from adapters.contract import AdapterError, Operation, Purpose, Question
from adapters.contract import Fault as Kind
from adapters.observe import NullObserver
from mocks.business import FAULTS, Absent, Variant
from mocks.faults import GENERIC, Fault
from tests.adapters.business.live import CARD, CODE, WSO2, Clock, Live, live, look_up, serving, some_settings

PATIENT = 30.0  # seconds: a deadline that is not to pass, however busy the machine is
HASTY = 1.0  # seconds: one that passes
LATE = 600.0  # seconds: what the mock takes when it is late, longer than any test
UNANSWERED = {Fault.SLOW, Fault.HANG}
ANSWERS: dict[Fault, tuple[Kind, str]] = {
    Fault.SLOW: (Kind.TIMED_OUT, "deadline_passed"),
    Fault.HANG: (Kind.TIMED_OUT, "deadline_passed"),
    Fault.REFUSE: (Kind.UNAVAILABLE, "connection_lost"),
    Fault.RESET_MID_BODY: (Kind.UNAVAILABLE, "connection_lost"),
    Fault.TRUNCATED_CONTENT_LENGTH: (Kind.UNAVAILABLE, "connection_lost"),
    Fault.HTTP_500: (Kind.UNAVAILABLE, "http_500"),
    Fault.HTTP_503: (Kind.UNAVAILABLE, "http_503"),
    Fault.HTTP_404: (Kind.GARBLED, "http_404"),
    Fault.REDIRECT: (Kind.GARBLED, "unexpected_redirect"),
    Fault.MALFORMED: (Kind.GARBLED, "encoding_wrong"),
    Fault.WRONG_CONTENT_TYPE: (Kind.GARBLED, "wrong_content_type"),
    Fault.OVERSIZED: (Kind.GARBLED, "body_oversized"),
    Fault.GZIP_BOMB: (Kind.GARBLED, "body_encoded"),
    Fault.EMPTY_BODY: (Kind.GARBLED, "body_empty"),
    Fault.WRONG_SUBJECT: (Kind.GARBLED, "wrong_subject"),
    Fault.AUTH_REFUSED: (Kind.REFUSED, "http_403"),
    Fault.EXPIRED_TOKEN: (Kind.REFUSED, "http_401"),
    Fault.DUPLICATE_KEYS: (Kind.GARBLED, "json_duplicate_key"),
}
TOKEN_ANSWERS = {fault: ANSWERS[fault] for fault in GENERIC} | {Fault.HTTP_404: (Kind.REFUSED, "token_refused")}


def test_the_tables_are_complete() -> None:
    """Every fault the mock can play has its documented answer."""
    assert set(ANSWERS) == GENERIC | FAULTS
    assert set(TOKEN_ANSWERS) == GENERIC


def deadline_for(fault: Fault) -> float:
    """Short where only its passing ends the call."""
    return HASTY if fault in UNANSWERED else PATIENT


async def the_error(mock: Live, fault: Fault, profile: str = "ngsp") -> tuple[Kind, str]:
    """Kind and reason of a failing look-up."""
    async with asyncio.timeout(2 * PATIENT):
        with pytest.raises(AdapterError) as caught:
            await mock.adapter(profile).ask(look_up(), deadline=deadline_for(fault))
    return caught.value.fault, caught.value.reason


@pytest.mark.parametrize("profile", ["ngsp", "lgsp-token", "hcm"])
@pytest.mark.parametrize("fault", ANSWERS)
async def test_every_fault_of_a_look_up(fault: Fault, profile: str) -> None:
    """A fault is answered with its documented kind and reason, inside the deadline."""
    async with live() as mock:
        mock.app.state.faults.set(fault, seconds=LATE)
        assert await the_error(mock, fault, profile) == ANSWERS[fault]


@pytest.mark.parametrize("fault", sorted(TOKEN_ANSWERS))
async def test_every_fault_of_the_token(fault: Fault) -> None:
    """A fault in front of the token is answered the same way, and no look-up is made."""
    async with live() as mock:
        mock.app.state.token_faults.set(fault, seconds=LATE)
        assert await the_error(mock, fault) == TOKEN_ANSWERS[fault]
        assert mock.calls == 0


@pytest.mark.parametrize("fault", sorted(set(ANSWERS) - {Fault.SLOW}))
async def test_the_next_call_is_unharmed(fault: Fault) -> None:
    """After a fault the same adapter answers again."""
    async with live() as mock:
        adapter = mock.adapter()
        await adapter.ask(look_up(), deadline=30)
        mock.app.state.faults.set(fault)
        with pytest.raises(AdapterError):
            await adapter.ask(look_up(), deadline=deadline_for(fault))
        mock.app.state.faults.clear()
        assert (await adapter.ask(look_up(), deadline=30)).found


@pytest.mark.parametrize("fault", [Fault.HTTP_500, Fault.HTTP_503, Fault.REFUSE, Fault.RESET_MID_BODY])
async def test_a_passing_fault_is_tried_again(fault: Fault) -> None:
    """With tries left, a look-up outlives one failure."""
    async with live() as mock:
        adapter = mock.adapter(attempts=3)
        mock.app.state.faults.set(fault, 1)
        assert (await adapter.ask(look_up(), deadline=30)).found
        assert mock.calls == 2


@pytest.mark.parametrize("fault", [Fault.WRONG_SUBJECT, Fault.AUTH_REFUSED, Fault.MALFORMED, Fault.OVERSIZED])
async def test_a_wrong_answer_is_not_tried_again(fault: Fault) -> None:
    """A garbled answer or a refusal is final."""
    async with live() as mock:
        adapter = mock.adapter(attempts=3)
        mock.app.state.faults.set(fault)
        with pytest.raises(AdapterError):
            await adapter.ask(look_up(), deadline=30)
        assert mock.calls == 1


async def test_a_little_slow_is_fine() -> None:
    """A slow answer inside the deadline is an answer."""
    async with live() as mock:
        mock.app.state.faults.set(Fault.SLOW, seconds=0.1)
        assert (await mock.adapter().ask(look_up(), deadline=30)).found


async def test_a_wrong_subject_when_nobody_was_asked_for() -> None:
    """A record in answer to a code nobody has is garbled, not found; in `check` as well."""
    async with live() as mock:
        mock.app.state.faults.set(Fault.WRONG_SUBJECT)
        adapter = mock.adapter()
        with pytest.raises(AdapterError, match="wrong_subject"):
            await adapter.ask(look_up("0199999991"), deadline=30)
        with pytest.raises(AdapterError, match="wrong_subject"):
            await adapter.check(deadline=30)


async def test_404_means_absent_only_where_the_profile_says_so() -> None:
    """The same 404 is "not found" behind a platform that uses it, and garbled elsewhere."""
    async with live(Variant(absent=Absent.NOT_FOUND)) as mock:
        answer = await mock.adapter("lgsp-wso2").ask(look_up("0199999991"), deadline=30)
        assert not answer.found
        with pytest.raises(AdapterError, match=r"^garbled: http_404$"):
            await mock.adapter("ngsp").ask(look_up("0199999991"), deadline=30)


async def test_a_404_about_the_address_is_never_absent() -> None:
    """A platform's own JSON 404, for an address it does not know, is garbled even where 404 can mean "not found"."""

    async def token(_: Request) -> Response:
        return JSONResponse({"access_token": "t", "token_type": "Bearer", "expires_in": 60})

    async def unknown(_: Request) -> Response:
        return JSONResponse({"fault": {"code": 404, "message": "Status report", "description": "Not Found"}}, 404)

    app = Starlette(routes=[Route("/token", token, methods=["POST"]), Route("/{rest:path}", unknown)])
    async with serving(app) as url:
        settings = some_settings(profile="lgsp-wso2", url=url)
        adapter = build(settings, now=Clock(), observe=NullObserver())
        with pytest.raises(AdapterError, match=r"^garbled: http_404$"):
            await adapter.ask(look_up(), deadline=30)
        await adapter.close()


@pytest.mark.parametrize(
    ("profile", "credentials", "reason"),
    [
        ("ngsp", WSO2 | {"consumer_secret": "wrong"}, "token_refused"),
        ("lgsp-token", CARD | {"secret_key": "wrong"}, "token_refused"),
        ("hcm", CARD | {"secret_key": "wrong"}, "http_401"),
    ],
)
async def test_wrong_credentials(profile: str, credentials: dict[str, str], reason: str) -> None:
    """Credentials the registry does not know are a refusal, after one try."""
    async with live() as mock:
        adapter = mock.adapter(profile, credentials=credentials, attempts=3)
        with pytest.raises(AdapterError) as caught:
            await adapter.ask(look_up(), deadline=30)
        assert (caught.value.fault, caught.value.reason) == (Kind.REFUSED, reason)
        assert mock.calls == 0


async def test_questions_it_cannot_take() -> None:
    """There is nothing to verify in this register, and a look-up needs a code."""
    purpose = Purpose("H14", "o", "1.004222", "d", "r")
    async with live() as mock:
        adapter = mock.adapter()
        verify = Question("business", Operation.VERIFY, {"enterprise_code": CODE}, frozenset(), purpose)
        with pytest.raises(AdapterError, match=r"^refused: operation_unsupported$"):
            await adapter.ask(verify, deadline=30)
        empty = Question("business", Operation.LOOKUP, {}, frozenset(), purpose)
        with pytest.raises(AdapterError, match=r"^refused: identifier_missing$"):
            await adapter.ask(empty, deadline=30)
        assert (mock.tokens, mock.calls) == (0, 0)


async def test_no_time_and_no_adapter() -> None:
    """A deadline that has passed and a closed adapter are told apart."""
    async with live() as mock:
        adapter = mock.adapter()
        with pytest.raises(AdapterError) as late:
            await adapter.ask(look_up(), deadline=0)
        await adapter.close()
        with pytest.raises(AdapterError) as closed:
            await adapter.ask(look_up(), deadline=1)
        assert (late.value.fault, closed.value.fault) == (Kind.TIMED_OUT, Kind.UNAVAILABLE)
        assert closed.value.reason == "closed"


async def test_fifty_calls_one_token() -> None:
    """Fifty calls at once ask for one token when there is none, when it has expired, and when it was revoked."""
    async with live() as mock:
        adapter = mock.adapter()

        async def fifty() -> None:
            answers = await asyncio.gather(*(adapter.ask(look_up(), deadline=60) for _ in range(50)))
            assert all(answer.found for answer in answers)

        await fifty()
        assert mock.tokens == 1
        mock.clock.move(timedelta(minutes=58))
        await fifty()
        assert mock.tokens == 1
        mock.clock.move(timedelta(minutes=1))
        await fifty()
        assert mock.tokens == 2
        mock.clock.move(timedelta(hours=5))
        await fifty()
        assert mock.tokens == 3
        mock.app.state.desk.revoke()
        await fifty()
        assert mock.tokens == 4
        assert mock.calls == 250


async def test_a_token_revoked_mid_life() -> None:
    """One refusal is answered with a new token and the same question."""
    async with live() as mock:
        adapter = mock.adapter()
        mock.app.state.faults.set(Fault.EXPIRED_TOKEN, 1)
        assert (await adapter.ask(look_up(), deadline=30)).found
        assert (mock.tokens, mock.calls) == (2, 2)


async def test_nothing_is_told(caplog: pytest.LogCaptureFixture) -> None:
    """No log line, exception or repr holds the code asked for, a token, a credential or a piece of the answer."""
    caplog.set_level(logging.DEBUG)
    told: list[str] = []
    async with live() as mock:
        mock.app.state.desk._draw = lambda: "the-token"
        for profile in ("ngsp", "lgsp-token", "hcm"):
            adapter = mock.adapter(profile)
            answer = await adapter.ask(look_up(), deadline=30)
            told += [repr(answer), repr(look_up()), repr(adapter), repr(vars(adapter._access).get("_token"))]
            for fault in (Fault.WRONG_SUBJECT, Fault.MALFORMED, Fault.REFUSE, Fault.AUTH_REFUSED):
                mock.app.state.faults.set(fault)
                with pytest.raises(AdapterError) as caught:
                    await adapter.ask(look_up(), deadline=30)
                mock.app.state.faults.clear()
                told += [repr(caught.value), str(caught.value), repr(caught.value.__cause__)]
    written = "\n".join([*told, *(record.getMessage() for record in caplog.records)])
    for secret in (CODE, "the-token", *WSO2.values(), *CARD.values(), "VIỆT", "msdn"):
        assert secret not in written
