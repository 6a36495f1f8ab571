"""The catalogue of events and the code say the same."""

import json
import os
import re
from pathlib import Path

import pytest

from gateway.audit import entry
from gateway.audit.check import envelope as independent
from gateway.audit.epoch import draw
from gateway.audit.events import KINDS, EntryKind, Event
from tests.gateway.audit.builders import (
    ORIGIN,
    START,
    a_context,
    a_decision,
    a_disclosure,
    a_refusal,
    a_subject,
)

DOCS = Path(__file__).parents[3] / "docs"
CATALOGUE = (DOCS / "audit-events.md").read_text(encoding="utf-8")
EPOCH = draw(os.urandom, START)
CONSENTED = a_context(basis="consent", consent="C-1")
SHARED = "Members every call's events share"

# each event with every optional member filled
FULL: list[Event] = [
    a_decision(context=CONSENTED),
    a_disclosure(context=CONSENTED, token="t"),
    a_refusal(context=CONSENTED, subjects=(a_subject(),), digest="d", decided=1),
    entry.announcement(EPOCH, origin=ORIGIN, vkey="vkey", at=START),
]


def section(heading: str) -> str:
    """The text under a heading of the catalogue."""
    return CATALOGUE.split(f"## {heading}\n", 1)[1].split("\n## ")[0]


def members(heading: str) -> set[str]:
    """The member names in the table under a heading."""
    return set(re.findall(r"^\| `(\w+)` \|", section(heading), re.MULTILINE))


def written(event: Event) -> set[str]:
    """The member names of an event as it is sealed."""
    (sealed,) = entry.seal(event, EPOCH, os.urandom)
    envelope = independent.parse(sealed.envelope)
    if envelope.kind == EntryKind.KEY_EPOCH:
        return set(json.loads(envelope.body))
    header, body = sealed.envelope[:70], sealed.envelope[70:]
    return set(json.loads(EPOCH.cipher.decrypt(envelope.nonce, body, header)))


@pytest.mark.parametrize("event", FULL, ids=lambda event: type(event).__name__)
def test_every_member_is_in_the_catalogue_and_the_other_way_round(event: Event) -> None:
    """The catalogue names exactly the members an event is written with."""
    kind = KINDS[type(event)]
    own = members(f"{kind.label} ({kind.value})")
    shared = {"v", "kind"} if kind == EntryKind.KEY_EPOCH else members(SHARED)

    assert written(event) == own | shared


def test_every_kind_is_in_the_catalogue() -> None:
    """Each number has one name in the code, the catalogue and the checker, written or reserved."""
    headed = {(name, int(number)) for name, number in re.findall(r"^## ([\w-]+) \((\d)\)$", CATALOGUE, re.MULTILINE)}
    reserved = {(name, int(number)) for name, number in re.findall(r"^\| ([\w-]+) \| (\d) \|", CATALOGUE, re.MULTILINE)}

    assert headed == {(kind.label, kind.value) for kind in KINDS.values()}
    assert headed | reserved == {(kind.label, kind.value) for kind in EntryKind}
    assert {kind.value: kind.label for kind in EntryKind} == independent.KINDS


def test_every_event_class_has_a_kind_of_its_own() -> None:
    """The table of kinds covers the event classes one to one."""
    assert {type(event) for event in FULL} == set(KINDS)
    assert len(set(KINDS.values())) == len(KINDS)


def test_formats_page_names_every_kind() -> None:
    """The page on formats lists the same numbers."""
    page = " ".join((DOCS / "access-log.md").read_text(encoding="utf-8").split())
    listed = ", ".join(f"{kind.value} {kind.label}" for kind in EntryKind)

    assert f"The kinds: {listed}." in page
