"""Nobody is let in without the right words."""

import stat
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from mocks.business import Credentials, make_credentials
from mocks.business.access import LIFE
from tests.mocks.business.asking import CREDENTIALS, FORM, HCM_PATH, PATH, asking, basic, card, encoded


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"authorization": "Basic"},
        {"authorization": "Basic !!!"},
        {"authorization": "Basic " + encoded("key:wrong")},
        {"authorization": "Basic " + encoded("secret:key")},
        {"authorization": "Bearer " + encoded("key:secret")},
        {"lgspaccesstoken": card(SecretKey="wrong")},
        {"lgspaccesstoken": card(More="x")},
        {"lgspaccesstoken": encoded("[]")},
        {"lgspaccesstoken": "%%%"},
        {"lgspaccesstoken": card(SecretKey="wrong"), **basic()},
    ],
)
async def test_no_token_for_wrong_words(headers: dict[str, str]) -> None:
    """Wrong credentials get 401 and no token."""
    async with asking() as mock:
        answer = await mock.client.post("/token", headers=headers, data=FORM)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        assert mock.app.state.desk.issued == 0


@pytest.mark.parametrize("form", [{}, {"grant_type": "password"}, {"grant_type": ["client_credentials"] * 2}])
async def test_only_client_credentials(form: dict[str, Any]) -> None:
    """Another grant is refused with 400."""
    async with asking() as mock:
        answer = await mock.client.post("/token", headers=basic(), data=form)
        assert (answer.status_code, answer.json()) == (400, {"error": "unsupported_grant_type"})


async def test_a_token_lives_an_hour() -> None:
    """A token is good until its stated end and not one moment longer."""
    async with asking() as mock:
        given = (await mock.client.post("/token", headers=basic(), data=FORM)).json()
        assert given == {"access_token": "t1", "token_type": "Bearer", "expires_in": 3600}
        call = {"params": {"msdn": "0100109106"}, "headers": {"authorization": "Bearer t1"}}
        mock.move(LIFE - timedelta(microseconds=1))
        assert (await mock.client.get(PATH, **call)).status_code == 200  # type: ignore[arg-type]
        mock.move(timedelta(microseconds=1))
        late = await mock.client.get(PATH, **call)  # type: ignore[arg-type]
        assert (late.status_code, late.json()["fault"]["code"]) == (401, 900901)
        assert (mock.app.state.faults.calls, mock.app.state.faults.refused) == (1, 1)


@pytest.mark.parametrize(
    "headers", [{}, {"authorization": "Bearer t9"}, {"authorization": "t1"}, {"authorization": "Basic t1"}]
)
async def test_no_look_up_without_a_token(headers: dict[str, str]) -> None:
    """A look-up without a live bearer token is refused."""
    async with asking() as mock:
        await mock.token(basic())
        assert (await mock.client.get(PATH, params={"msdn": "0100109106"}, headers=headers)).status_code == 401
        assert mock.app.state.faults.calls == 0


async def test_the_card_goes_with_its_token() -> None:
    """A token of the card's family is worth nothing without the card."""
    async with asking() as mock:
        bearer = {"authorization": f"Bearer {await mock.token({'lgspaccesstoken': card()})}"}
        params = {"msdn": "0100109106"}
        assert (await mock.client.get(PATH, params=params, headers=bearer)).status_code == 401
        wrong = bearer | {"lgspaccesstoken": card(AppName="other")}
        assert (await mock.client.get(PATH, params=params, headers=wrong)).status_code == 401
        right = bearer | {"lgspaccesstoken": card()}
        assert (await mock.client.get(PATH, params=params, headers=right)).status_code == 200


async def test_ho_chi_minh_city_wants_the_card_alone() -> None:
    """The flat look-up takes the card as the whole Authorization, and no token."""
    async with asking() as mock:
        params = {"MaSoDoanhNghiep": "0100109106"}
        bearer = {"authorization": f"Bearer {await mock.token(basic())}"}
        assert (await mock.client.get(HCM_PATH, params=params, headers=bearer)).status_code == 401
        good = await mock.client.get(HCM_PATH, params=params, headers={"authorization": card()})
        assert (good.status_code, good.json()["Status"]) == (200, "SUCCESS")


def test_credentials_are_made_once(tmp_path: Path) -> None:
    """Each word is kept in a file of its own that only its owner can read, and is the same the next time."""
    folder = tmp_path / "mocks" / "business"
    numbers = count()
    first = make_credentials(folder, draw=lambda: f"word-{next(numbers)}")
    assert first == make_credentials(folder, draw=lambda: "another")
    assert len({first.consumer_key, first.consumer_secret, first.access_key, first.secret_key}) == 4
    assert {file.name for file in folder.iterdir()} == set(Credentials.__dataclass_fields__)
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}
    assert (folder / "app_name").read_text().strip() == first.app_name == "lienthong"


def test_credentials_are_not_shown() -> None:
    """The repr of credentials holds no secret."""
    assert not {"secret'", "access'", "hidden"} & set(repr(CREDENTIALS).replace("=", " ").split())
