"""Tests of the pages on which administrators keep accounts."""

import pytest

from gateway.console.model import EVERYTHING, Role, Scope
from tests.gateway.console.signin.visitors import PASSWORD, Browser, Console, secret_in

NEW = {"username": "chi.pham", "name": "Phạm Thị Thử", "role": "provincial_auditor", "portals": "H14, 000.00.00.H15"}


@pytest.fixture
async def admin(console: Console) -> Browser:
    """An administrator who is signed in."""
    return await console.enrolled("root", Role.ADMINISTRATOR)


async def test_an_account_is_added(console: Console, admin: Browser) -> None:
    """The initial password is shown once, signs in, and the entry says who added whom as what."""
    answer = await admin.post("/accounts", NEW, seen=await admin.get("/accounts"))
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    initial = secret_in(answer)
    assert initial not in (await admin.get("/accounts")).text + (await admin.get("/accounts/chi.pham")).text
    (told,) = [one for one in console.log.told if one.account == "chi.pham"]
    assert (told.action.value, told.actor, dict(told.detail)) == (
        "added",
        "root",
        {"role": "provincial_auditor", "portals": "H14 H15"},
    )
    assert initial not in repr(console.log.told)
    chi = console.browser("chi.pham")
    await chi.first_time(initial)
    held = console.reception.desk.account("chi.pham")
    assert held is not None
    assert held.account.scope == Scope(frozenset({"H14", "H15"}))


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"username": "Root"}, 409),
        ({"username": "x"}, 422),
        ({"username": "a b"}, 422),
        ({"username": "<script>"}, 422),
        ({"name": " "}, 422),
        ({"name": "x" * 121}, 422),
        ({"role": "king"}, 422),
        ({"portals": ""}, 422),
        ({"portals": "not a code!"}, 422),
        ({"subject": "abc"}, 422),
    ],
)
async def test_an_account_that_cannot_be(
    console: Console, admin: Browser, changed: dict[str, str], status: int
) -> None:
    """The page says why, keeps what was typed, and there is no account."""
    before = console.reception.desk.accounts()
    answer = await admin.post("/accounts", {**NEW, **changed}, seen=await admin.get("/accounts"))
    assert (answer.status_code, 'role="alert"' in answer.text) == (status, True)
    assert "<script>" not in answer.text
    assert console.reception.desk.accounts() == before


@pytest.mark.parametrize("act", ["alter", "disable", "reset"])
async def test_a_change_ends_the_sessions(console: Console, admin: Browser, act: str) -> None:
    """Another role, a disabled account, a reset password: whoever is signed in is out at once."""
    an = await console.enrolled("an.nguyen")
    fields = {"name": "Trần Văn Thử", "role": "operator", "language": "vi"} if act == "alter" else {}
    path = "/accounts/an.nguyen" + ("" if act == "alter" else f"/{act}")
    answer = await admin.post(path, fields, seen=await admin.get("/accounts/an.nguyen"))
    assert answer.status_code in {200, 303}
    assert (await an.get("/")).headers["location"] == "/sign-in"


async def test_another_name_ends_nothing(console: Console, admin: Browser) -> None:
    """A name or language is changed while its owner works on."""
    an = await console.enrolled("an.nguyen")
    fields = {"name": "Trần Thị Thử", "role": "national_auditor", "portals": "H14", "language": "en"}
    await admin.post("/accounts/an.nguyen", fields, seen=await admin.get("/accounts/an.nguyen"))
    assert (await an.get("/")).status_code == 200
    held = console.reception.desk.account("an.nguyen")
    assert held is not None
    assert (held.account.name, held.account.language, held.account.scope) == ("Trần Thị Thử", "en", EVERYTHING)


async def test_a_reset_account_enrols_again(console: Console, admin: Browser) -> None:
    """Neither the old password nor the old phone is good any more."""
    an = await console.enrolled("an.nguyen")
    answer = await admin.post("/accounts/an.nguyen/reset", {}, seen=await admin.get("/accounts/an.nguyen"))
    initial = secret_in(answer)
    console.clock.move(minutes=1)
    assert (await an.sign_in(PASSWORD)).status_code == 401
    old = an.secret
    await an.first_time(initial, "một câu khác cũng dài như vậy")
    assert an.secret != old


@pytest.mark.parametrize("act", ["disable", "demote"])
async def test_the_last_administrator_stays(console: Console, admin: Browser, act: str) -> None:
    """The only one can be neither disabled nor demoted; with a second one that works, the second is then the last."""
    page = await admin.get("/accounts/root")
    fields = {"name": "Root", "role": "operator"} if act == "demote" else {}
    path = "/accounts/root/disable" if act == "disable" else "/accounts/root"
    assert (await admin.post(path, fields, seen=page)).status_code == 409
    second = await console.enrolled("second", Role.ADMINISTRATOR)
    assert (await admin.post(path, fields, seen=page)).status_code == 303
    assert (await second.post("/accounts/second/disable", {}, seen=await second.get("/accounts"))).status_code == 409


async def test_a_disabled_administrator_is_none(console: Console, admin: Browser) -> None:
    """A second one who cannot sign in does not let the first one go."""
    await console.enrolled("second", Role.ADMINISTRATOR)
    page = await admin.get("/accounts")
    assert (await admin.post("/accounts/second/disable", {}, seen=page)).status_code == 303
    assert (await admin.post("/accounts/root/disable", {}, seen=page)).status_code == 409


@pytest.mark.parametrize("role", [Role.NATIONAL_AUDITOR, Role.PROVINCIAL_AUDITOR, Role.OPERATOR])
async def test_others_keep_no_accounts(console: Console, admin: Browser, role: Role) -> None:
    """Every page and form of the accounts is refused to every other role."""
    assert (await admin.get("/accounts")).status_code == 200
    portals = ("H14",) if role is Role.PROVINCIAL_AUDITOR else ()
    other = await console.enrolled("an.nguyen", role, portals=portals)
    seen = await other.get("/sessions")
    for path in ("/accounts", "/accounts/root"):
        assert (await other.get(path)).status_code == 403
    for path in ("/accounts", "/accounts/root", *(f"/accounts/root/{act}" for act in ("disable", "enable", "reset"))):
        assert (await other.post(path, NEW, seen=seen)).status_code == 403
    assert console.reception.desk.account("chi.pham") is None


@pytest.mark.parametrize("path", ["", "/root", "/an.nguyen/disable", "/an.nguyen/reset", "/an.nguyen"])
async def test_without_the_log_nothing_changes(console: Console, admin: Browser, path: str) -> None:
    """The page says that the log cannot be written, and everything is as it was, sessions too."""
    an = await console.enrolled("an.nguyen")
    before = console.reception.desk.accounts()
    page = await admin.get("/accounts")
    console.log.closed = True
    answer = await admin.post(f"/accounts{path}", {**NEW, "role": "administrator"}, seen=page)
    assert answer.status_code == 503
    assert console.reception.desk.accounts() == before
    assert (await an.get("/")).status_code == 200


async def test_an_account_there_is_not(admin: Browser) -> None:
    """404, for the page and for what is done to it."""
    seen = await admin.get("/accounts")
    assert (await admin.get("/accounts/nobody")).status_code == 404
    assert (await admin.post("/accounts/nobody/disable", {}, seen=seen)).status_code == 404
