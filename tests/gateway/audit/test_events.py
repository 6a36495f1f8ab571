"""The catalogue of events and the code say the same."""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from gateway.audit import entry
from gateway.audit.check import envelope as independent
from gateway.audit.events import CLEAR, KINDS, Change, EntryKind, Event, Heartbeat
from gateway.cli.correction_desk import EXPORTED, SHOWN
from gateway.console.model import Action
from tests.gateway.audit.builders import (
    ORIGIN,
    START,
    a_change,
    a_context,
    a_decision,
    a_disclosure,
    a_new_epoch,
    a_redaction,
    a_refusal,
    a_subject,
    an_inspection,
)

DOCS = Path(__file__).parents[3] / "docs"
CATALOGUE = (DOCS / "audit-events.md").read_text(encoding="utf-8")
EPOCH = a_new_epoch()
CONSENTED = a_context(basis="consent", consent="C-1", line=3)
SHARED = "Members every call's events share"
OF_CALLS = {EntryKind.DECIDED, EntryKind.DISCLOSED, EntryKind.REFUSED}

# each event with every optional member filled
FULL: list[Event] = [
    a_decision(context=CONSENTED),
    a_disclosure(context=CONSENTED, token="t", commitments={"/form/full_name": "c"}, reuse=(12, 9), documents=(2, 0)),
    a_refusal(context=CONSENTED, subjects=(a_subject(),), digest="d", decided=1),
    an_inspection(digest="d"),
    a_change(omitted=1),
    entry.announcement(EPOCH, origin=ORIGIN, vkey="vkey", at=START),
    a_redaction(EPOCH),
    Heartbeat(START),
]


def section(heading: str) -> str:
    """The text under a heading of the catalogue."""
    return CATALOGUE.split(f"## {heading}\n", 1)[1].split("\n## ")[0]


def members(heading: str) -> set[str]:
    """The member names in the table under a heading; those of a part of a member stand there with a dot."""
    return set(re.findall(r"^\| `([\w.]+)` \|", section(heading), re.MULTILINE))


def payload(event: Event) -> dict[str, Any]:
    """What an event says, as it is sealed."""
    (sealed,) = entry.seal(event, EPOCH, os.urandom)
    envelope = independent.parse(sealed.envelope)
    in_clear = KINDS[type(event)] in CLEAR
    said = json.loads(
        envelope.body if in_clear else EPOCH.cipher.decrypt(envelope.nonce, envelope.body, envelope.header)
    )
    assert isinstance(said, dict)
    return said


@pytest.mark.parametrize("event", FULL, ids=lambda event: type(event).__name__)
def test_every_member_is_in_the_catalogue_and_the_other_way_round(event: Event) -> None:
    """The catalogue names exactly the members an event is written with."""
    kind = KINDS[type(event)]
    own = {name for name in members(f"{kind.label} ({kind.value})") if "." not in name}
    shared = members(SHARED) if kind in OF_CALLS else {"v", "kind"}

    assert set(payload(event)) == own | shared


def parts(event: Event, member: str) -> set[str]:
    """The members of the objects in a list, named after the list."""
    return {f"{member}.{name}" for one in payload(event)[member] for name in one}


def test_every_part_of_a_list_is_in_the_catalogue() -> None:
    """What stands in the lists of changes and of erased epochs is described member by member."""
    changed = parts(a_change(changes=(Change("auditor", "x", "altered", "role"),)), "changes")
    erased = parts(a_redaction(EPOCH), "epochs")

    assert {name for name in members("changed (5)") if "." in name} == changed
    assert {name for name in members("redaction (7)") if "." in name} == erased


def test_every_member_of_a_subject_is_in_the_catalogue() -> None:
    """The line on subjects names exactly what one is written with."""
    line = re.search(r"^\| `subject` \| (.*) \|$", section(SHARED), re.MULTILINE)
    assert line is not None

    assert set(re.findall(r"`(\w+)`", line[1])) == set(
        payload(a_decision(subjects=(a_subject(family="Mai"),)))["subject"]
    )


def test_every_action_of_an_auditor_is_in_the_catalogue() -> None:
    """The words for what was looked at are those the console and the command line have."""
    line = re.search(r"^\| `action` \| (.*) \|$", section("inspected (4)"), re.MULTILINE)
    assert line is not None

    assert re.findall(r"`(\w+)`", line[1]) == [*(action.value for action in Action), SHOWN, EXPORTED]


def test_every_kind_is_in_the_catalogue() -> None:
    """Each number has one name in the code, the catalogue and the checker."""
    headed = [(name, int(number)) for name, number in re.findall(r"^## ([\w-]+) \((\d)\)$", CATALOGUE, re.MULTILINE)]

    assert headed == [(kind.label, kind.value) for kind in EntryKind]
    assert set(KINDS.values()) == set(EntryKind)
    assert {kind.value: kind.label for kind in EntryKind} == independent.KINDS


def test_the_catalogue_says_which_kinds_stand_in_clear() -> None:
    """Exactly the kinds that are written in clear are said to be."""
    said = {kind for kind in EntryKind if "in clear" in section(f"{kind.label} ({kind.value})")}

    assert said == CLEAR


def test_every_event_class_has_a_kind_of_its_own() -> None:
    """The table of kinds covers the event classes one to one."""
    assert {type(event) for event in FULL} == set(KINDS)
    assert len(set(KINDS.values())) == len(KINDS)


def test_formats_page_names_every_kind() -> None:
    """The page on formats lists the same numbers."""
    page = " ".join((DOCS / "access-log.md").read_text(encoding="utf-8").split())
    listed = ", ".join(f"{kind.value} {kind.label}" for kind in EntryKind)

    assert f"The kinds: {listed}." in page
