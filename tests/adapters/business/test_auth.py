"""The token and its keeper."""

import asyncio
import base64
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.business.auth import Token, TokenAccess, read_token
from adapters.contract import AdapterError, Fault
from adapters.transport import Reply
from tests.adapters.business.live import Clock, live, look_up

AT = Clock().at


def a_reply(charset: str | None = None, **members: Any) -> Reply:
    """A token answer with some members replaced; None leaves a member out."""
    answer = {"access_token": "abc", "token_type": "Bearer", "expires_in": 3600} | members
    body = json.dumps({name: value for name, value in answer.items() if value is not None})
    return Reply(200, "application/json", charset, body.encode())


@pytest.mark.parametrize(
    ("expires_in", "life"),
    [
        (3600, timedelta(seconds=3540)),
        ("3600", timedelta(seconds=3540)),
        (3600.0, timedelta(seconds=3540)),
        (100, timedelta(seconds=90)),
        (1, timedelta(seconds=0.9)),
        (None, timedelta(seconds=270)),
        (2**63, timedelta(days=1) - timedelta(minutes=1)),
    ],
)
def test_a_token_is_renewed_before_it_expires(expires_in: Any, life: timedelta) -> None:
    """A minute before, or at nine tenths of a short life; "for ever" is a day, unstated is five minutes."""
    assert life == read_token(a_reply(expires_in=expires_in), AT).renew_at - AT


@given(st.integers(1, 10**18))
def test_a_token_always_lives(expires_in: int) -> None:
    """However short its life, a token is used for a while, and never past its end."""
    life = read_token(a_reply(expires_in=expires_in), AT).renew_at - AT
    assert timedelta(0) < life < timedelta(days=1)
    assert life.total_seconds() < expires_in


@pytest.mark.parametrize(
    ("members", "reason"),
    [
        ({"access_token": None}, "token_malformed"),
        ({"access_token": ""}, "token_malformed"),
        ({"access_token": 5}, "token_malformed"),
        ({"access_token": "a\r\nX-Evil: b"}, "token_malformed"),
        ({"access_token": "a b"}, "token_malformed"),
        ({"access_token": "a" * 9000}, "token_malformed"),
        ({"token_type": "mac"}, "token_malformed"),
        ({"token_type": 1}, "token_malformed"),
        ({"expires_in": 0}, "token_malformed"),
        ({"expires_in": -1}, "token_malformed"),
        ({"expires_in": "soon"}, "token_malformed"),
        ({"expires_in": True}, "expires_in_malformed"),
        ({"charset": "utf-16"}, "encoding_wrong"),
    ],
)
def test_a_malformed_token(members: dict[str, Any], reason: str) -> None:
    """What is no bearer token, or could break a header, is garbled."""
    with pytest.raises(AdapterError) as caught:
        read_token(a_reply(**members), AT)
    assert (caught.value.fault, caught.value.reason) == (Fault.GARBLED, reason)


def test_a_token_is_not_shown() -> None:
    """A token's repr does not hold the token."""
    assert "abc" not in repr(Token("abc", AT))


class Desk:
    """Gives out numbered tokens when told to; counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.seconds: list[float] = []
        self.open = asyncio.Event()
        self.failure: AdapterError | None = None

    async def fetch(self, seconds: float) -> Token:
        self.asked += 1
        self.seconds.append(seconds)
        number = self.asked
        try:
            async with asyncio.timeout(seconds):
                await self.open.wait()
        except TimeoutError:
            raise AdapterError(Fault.TIMED_OUT, "deadline_passed") from None
        if self.failure:
            raise self.failure
        return Token(f"t{number}", AT + timedelta(hours=1))


def an_access(fetch: Callable[[float], Awaitable[Token]]) -> TokenAccess:
    """A keeper with one extra header and a clock that stands still."""
    return TokenAccess({"x-unit": "H14"}, fetch, now=Clock())


def until(seconds: float) -> float:
    """A moment of the loop's time."""
    return asyncio.get_running_loop().time() + seconds


async def test_a_caller_that_leaves_takes_nothing_away() -> None:
    """When the caller that began the request is cancelled, those who wait with it still get the token."""
    desk = Desk()
    keeper = an_access(desk.fetch)
    first, second = (asyncio.create_task(keeper.headers(until(5))) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    desk.open.set()
    assert await second == {"x-unit": "H14", "authorization": "Bearer t1"}
    assert desk.asked == 1


async def test_a_shared_failure() -> None:
    """A refusal reaches everybody who waited, after one request; the next caller asks again."""
    desk = Desk()
    desk.failure = AdapterError(Fault.REFUSED, "token_refused")
    desk.open.set()
    keeper = an_access(desk.fetch)
    answers = await asyncio.gather(*(keeper.headers(until(5)) for _ in range(9)), return_exceptions=True)
    assert {str(answer) for answer in answers} == {"refused: token_refused"}
    assert len({id(answer) for answer in answers}) == 9
    assert desk.asked == 1
    desk.failure = None
    assert (await keeper.headers(until(5)))["authorization"] == "Bearer t2"


async def test_another_callers_deadline_is_not_mine() -> None:
    """When the request ends with the time of the caller that began it, a patient one asks again."""
    desk = Desk()
    keeper = an_access(desk.fetch)
    hasty = asyncio.create_task(keeper.headers(until(0.02)))
    await asyncio.sleep(0)
    patient = asyncio.create_task(keeper.headers(until(5)))
    with pytest.raises(AdapterError, match="timed_out"):
        await hasty
    await asyncio.sleep(0.02)
    desk.open.set()
    assert (await patient)["authorization"] == "Bearer t2"


async def test_a_request_that_has_just_ended_is_not_joined() -> None:
    """A caller that arrives between the end of a request and its clearing away begins another one."""
    desk = Desk()
    keeper = an_access(desk.fetch)
    with pytest.raises(AdapterError, match="timed_out"):
        await keeper.headers(until(0.01))
    ended = asyncio.get_running_loop().create_task(desk.fetch(0))
    with pytest.raises(AdapterError, match="timed_out"):
        await ended
    keeper._asking = ended
    desk.open.set()
    assert (await keeper.headers(until(1)))["authorization"] == f"Bearer t{desk.asked}"


async def test_my_deadline_is_mine() -> None:
    """A hasty caller that joins a patient one's request leaves when its own time is up."""
    desk = Desk()
    keeper = an_access(desk.fetch)
    patient = asyncio.create_task(keeper.headers(until(5)))
    await asyncio.sleep(0)
    with pytest.raises(AdapterError, match="timed_out: deadline_passed"):
        await keeper.headers(until(0.02))
    desk.open.set()
    assert (await patient)["authorization"] == "Bearer t1"
    assert desk.asked == 1


async def test_only_the_refused_token_is_dropped() -> None:
    """A late refusal of an old token does not throw away the new one."""
    desk = Desk()
    desk.open.set()
    keeper = an_access(desk.fetch)
    old = await keeper.headers(until(5))
    assert keeper.refused(old)
    new = await keeper.headers(until(5))
    assert keeper.refused(old)
    assert new == await keeper.headers(until(5))
    assert desk.asked == 2


async def test_closing_while_asking() -> None:
    """Whoever waits for a token when the adapter closes is told that it closed."""
    desk = Desk()
    keeper = an_access(desk.fetch)
    waiting = asyncio.create_task(keeper.headers(until(5)))
    await asyncio.sleep(0)
    keeper.close()
    with pytest.raises(AdapterError, match=r"^unavailable: closed$"):
        await waiting


async def test_the_three_families_on_the_wire() -> None:
    """Each family sends its own headers: Basic then Bearer; the card beside Bearer; the card alone."""
    seen: list[dict[str, str]] = []
    async with live() as mock:
        inner = mock.app.state.desk

        class Watching:
            issued = 0

            def __getattr__(self, name: str) -> Any:
                def call(*given: Any) -> Any:
                    if given and hasattr(given[0], "items"):
                        seen.append(dict(given[0].items()))
                    return getattr(inner, name)(*given)

                return call

        mock.app.state.desk = Watching()
        await mock.adapter("ngsp").ask(look_up(), deadline=30)
        await mock.adapter("lgsp-token", options={"headers": {"X-Unit": "H14"}}).ask(look_up(), deadline=30)
        await mock.adapter("hcm").ask(look_up(), deadline=30)
    basic, bearer, card_only, both = seen
    assert base64.b64decode(basic["authorization"].removeprefix("Basic ")) == b"the-key:the-secret"
    assert bearer["authorization"].startswith("Bearer ")
    assert "lgspaccesstoken" not in bearer
    assert bearer["accept-charset"] == "UTF-8"
    assert json.loads(base64.b64decode(card_only["lgspaccesstoken"]))["AppName"] == "cổng"
    assert "authorization" not in card_only
    assert both["lgspaccesstoken"] == card_only["lgspaccesstoken"]
    assert both["authorization"].startswith("Bearer ")
    assert (card_only["x-unit"], both["x-unit"]) == ("H14", "H14")
