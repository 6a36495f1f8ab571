"""The control routes of every mock."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from mocks.control import mock_app
from mocks.faults import Fault
from mocks.population.variants import PRESETS, Fold, Verify


@pytest_asyncio.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    """A client of an application without routes of its own, which knows one fault of its own."""
    app = mock_app("any", [], variant=PRESETS["live"], presets=PRESETS, faults=frozenset({Fault.SOAP_FAULT}))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://mock") as made:
        yield made


async def _state(client: httpx.AsyncClient) -> dict[str, Any]:
    answer: dict[str, Any] = (await client.get("/_mock/state")).json()
    return answer


async def test_the_state_tells_counters_fault_and_variant(client: httpx.AsyncClient) -> None:
    """A fresh mock: no calls, no fault, the variant of the start."""
    state = await _state(client)
    variant = state.pop("variant")
    assert state == {"source": "any", "calls": 0, "refused": 0, "fault": None, "left": None}
    assert (variant["fold"], variant["capitals"]) == ("upper_ascii", True)


@pytest.mark.parametrize("fault", [Fault.SLOW, Fault.SOAP_FAULT])
async def test_a_fault_is_set_and_taken_back(client: httpx.AsyncClient, fault: Fault) -> None:
    """Generic faults and the source's own can be set, and deleted again."""
    body = {"fault": fault, "count": 2, "subject": "a", "seconds": 0.5}
    answer = await client.post("/_mock/fault", json=body)
    assert (answer.json()["fault"], answer.json()["left"]) == (fault, 2)
    assert (await client.delete("/_mock/fault")).json()["fault"] is None


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"fault": "nonsense"},
        {"fault": ["slow"]},
        {"fault": "unsigned"},
        {"fault": "slow", "count": 0},
        {"fault": "slow", "count": True},
        {"fault": "slow", "count": "1"},
        {"fault": "slow", "subject": 1},
        {"fault": "slow", "seconds": -1},
        {"fault": "slow", "seconds": True},
        {"fault": "slow", "seconds": 601},
        {"fault": "slow", "more": 1},
        [],
        "slow",
    ],
)
async def test_a_fault_that_cannot_be_is_refused(client: httpx.AsyncClient, body: object) -> None:
    """Unknown faults, another source's, wrong types and unknown members are refused and change nothing."""
    answer = await client.post("/_mock/fault", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert (await _state(client))["fault"] is None


async def test_a_body_that_is_no_json_is_refused(client: httpx.AsyncClient) -> None:
    """Rubbish is answered with 400, not with a crash."""
    for rubbish in (b"{", b"\xff\xfe"):
        assert (await client.post("/_mock/fault", content=rubbish)).status_code == 400
        assert (await client.post("/_mock/variant", content=rubbish)).status_code == 400


async def test_the_variant_changes_member_by_member(client: httpx.AsyncClient) -> None:
    """Members add up over calls, a preset starts anew, a reset leads back."""
    await client.post("/_mock/variant", json={"fold": "upper"})
    state = (await client.post("/_mock/variant", json={"verify": "json"})).json()["variant"]
    assert (state["fold"], state["verify"]) == (Fold.UPPER, Verify.JSON)
    state = (await client.post("/_mock/variant", json={"preset": "qcvn109"})).json()["variant"]
    assert (state["shape"], state["fold"]) == ("qcvn109", Fold.UPPER_ASCII)
    state = (await client.post("/_mock/reset")).json()["variant"]
    assert state["shape"] == "live"


async def test_an_unknown_variant_is_refused(client: httpx.AsyncClient) -> None:
    """An unknown preset is refused with the list of those there are."""
    answer = await client.post("/_mock/variant", json={"preset": "nonsense"})
    assert answer.status_code == 400
    assert "qcvn109" in answer.json()["error"]
