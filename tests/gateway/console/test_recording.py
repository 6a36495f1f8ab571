"""Tests of what happens at the sign-in, as notices."""

import pytest

from gateway.console.accounts.occurrences import Happening, Occurrence
from gateway.console.model import EVERYTHING, Account, Role, Scope
from gateway.console.recording import notice
from gateway.wire import notices
from gateway.wire.notices import ChangedNotice, InspectedNotice

NATION = Account("an.nguyen", "Nguyễn Văn An", Role.NATIONAL_AUDITOR, EVERYTHING, "vi")
PROVINCE = Account("binh.le", "Lê Thị Bình", Role.PROVINCIAL_AUDITOR, Scope(frozenset({"H15", "H14"})), "vi")


@pytest.mark.parametrize(
    "action", [Happening.SIGNED_IN, Happening.SIGN_IN_FAILED, Happening.SIGNED_OUT, Happening.LOCKED]
)
def test_at_the_door(action: Happening) -> None:
    """Who, with which role and scope, did what: an `inspected` entry."""
    told = notice(Occurrence(action, "binh.le", "binh.le", PROVINCE, {"how": "password"}))
    assert told == InspectedNotice(
        auditor="binh.le",
        role="provincial_auditor",
        scope=["H14", "H15"],
        action=action.value,
        about={"how": "password"},
    )


def test_an_unknown_name() -> None:
    """Nobody is named."""
    told = notice(Occurrence(Happening.SIGN_IN_FAILED, "", "", None, {"how": "password"}))
    assert isinstance(told, InspectedNotice)
    assert (told.auditor, told.role, told.scope) == ("unknown", "unknown", [])


@pytest.mark.parametrize("action", sorted(set(Happening) - {"signed_in", "sign_in_failed", "signed_out", "locked"}))
def test_changes_of_accounts(action: Happening) -> None:
    """Who changed whose account, and to what: a `changed` entry."""
    detail = {"role": "provincial_auditor", "portals": "H14 H15"}
    told = notice(Occurrence(action, "binh.le", "root", PROVINCE, detail))
    assert told == ChangedNotice(
        by="root", what="auditor", name="binh.le", change=action.value, detail="portals=H14 H15 role=provincial_auditor"
    )


def test_a_long_list_of_portals() -> None:
    """Is cut to what an entry takes, and the notice is good."""
    portals = " ".join(f"H{n}" for n in range(100, 300))
    told = notice(Occurrence(Happening.ALTERED, "binh.le", "root", PROVINCE, {"portals": portals}))
    assert notices.parse(notices.dump(told)) == told


def test_every_happening_is_a_good_notice() -> None:
    """Whatever happens, the gateway takes it; the person's name is in none."""
    for action in Happening:
        told = notice(Occurrence(action, NATION.username, NATION.username, NATION))
        assert notices.parse(notices.dump(told)) == told
        assert "Nguyễn" not in notices.dump(told).decode()
