"""Events become envelopes, and the checker's own code reads them back."""

import json
import os
import struct
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit import entry
from gateway.audit.check import envelope as independent
from gateway.audit.check.tree import leaf
from gateway.audit.epoch import NO_TAG, draw
from gateway.audit.errors import LogUnavailable
from gateway.audit.events import Event
from gateway.audit.reading import opened
from gateway.storage.contract import Row
from tests.gateway.audit.builders import (
    PERSON,
    START,
    TAX_CODE,
    a_context,
    a_decision,
    a_disclosure,
    a_refusal,
    a_subject,
)

EPOCH = draw(os.urandom, START)
CIPHER = AESGCM(EPOCH.sealing_key)
TEXT = st.text(max_size=40)


def payloads(event: Event) -> list[dict[str, object]]:
    """The payloads of an event as the checker opens them."""
    return [independent.unseal(independent.parse(one.envelope), CIPHER) for one in entry.seal(event, EPOCH, os.urandom)]


@given(
    text=TEXT,
    dossier=TEXT,
    token=st.none() | TEXT,
    fields=st.lists(TEXT, max_size=4),
    sources=st.dictionaries(TEXT, TEXT, max_size=3),
    status=st.integers(100, 599),
    at=st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
)
def test_any_event_opens_to_what_was_sealed(
    text: str,
    dossier: str,
    token: str | None,
    fields: list[str],
    sources: dict[str, str],
    status: int,
    at: datetime,
) -> None:
    """Whatever text an event holds, the checker's own parser reads the same values back."""
    event = a_disclosure(
        at=at,
        context=a_context(officer=text, dossier=dossier),
        fields=tuple(fields),
        sources=sources,
        status=status,
        token=token,
    )
    (sealed,) = entry.seal(event, EPOCH, os.urandom)
    envelope = independent.parse(sealed.envelope)
    payload = independent.unseal(envelope, CIPHER)

    assert (payload["officer"], payload["dossier"], payload.get("token")) == (text, dossier, token)
    assert (payload["fields"], payload["outcomes"], payload["status"]) == (fields, sources, status)
    assert envelope.at_us == sealed.at_us
    assert datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=envelope.at_us) == at
    assert leaf(sealed.envelope) == sealed.leaf


def test_header_has_the_published_layout() -> None:
    """The 70 bytes before the ciphertext are version, kind, time, epoch, tags and nonce."""
    (sealed,) = entry.seal(a_decision(), EPOCH, lambda count: b"\x07" * count)
    expected = struct.pack(">BBQ", 1, 1, int(START.timestamp()) * 10**6)
    expected += EPOCH.kid + EPOCH.subject_tag(PERSON) + EPOCH.actor_tag("H14", "cb-0042") + b"\x07" * 12

    assert sealed.envelope[:70] == expected


def test_three_subjects_make_three_complete_entries() -> None:
    """Each subject has an entry of its own with everything in it and its place among the others."""
    event = a_decision(
        subjects=(
            a_subject(),
            a_subject(role="enterprise", kind="enterprise", id=TAX_CODE),
            a_subject(role="taxpayer", kind="taxpayer", id=PERSON),
        )
    )
    found = payloads(event)
    tags = [one.subject_tag for one in entry.seal(event, EPOCH, os.urandom)]

    assert [p["subject"] for p in found] == [
        {"role": "applicant", "kind": "person", "n": 1, "of": 3},
        {"role": "enterprise", "kind": "enterprise", "n": 2, "of": 3},
        {"role": "taxpayer", "kind": "taxpayer", "n": 3, "of": 3},
    ]
    assert all(p["token"] == event.token and p["configuration"] == event.configuration for p in found)
    assert tags[0] == tags[2] != tags[1]


def test_event_about_nobody_has_one_entry_without_a_tag() -> None:
    """A refusal before the body was understood has a zero subject tag and no subject member."""
    (sealed,) = entry.seal(a_refusal(), EPOCH, os.urandom)

    assert sealed.subject_tag == NO_TAG
    assert "subject" not in payloads(a_refusal())[0]


@pytest.mark.parametrize("event", [a_decision(), a_disclosure(), a_refusal(subjects=(a_subject(),))])
def test_identifier_of_a_subject_is_nowhere(event: Event) -> None:
    """Neither the payload nor the event's repr holds the number a subject was asked by."""
    assert PERSON not in json.dumps(payloads(event))
    assert PERSON not in repr(event)


def test_payload_is_canonical() -> None:
    """Keys are sorted, there is no white space, and text beyond ASCII is escaped."""
    assert entry.canonical({"b": "Đ", "a": [1, None, True]}) == b'{"a":[1,null,true],"b":"\\u0110"}'


def test_same_event_twice_has_different_leaves() -> None:
    """A fresh nonce makes two entries about one thing unlike each other."""
    leaves = {entry.seal(a_decision(), EPOCH, os.urandom)[0].leaf for _ in range(50)}

    assert len(leaves) == 50


def test_too_long_an_event_is_refused() -> None:
    """An envelope that would not fit a C2SP entry bundle is not made."""
    with pytest.raises(LogUnavailable) as caught:
        entry.seal(a_decision(token="t" * 66_000), EPOCH, os.urandom)
    assert caught.value.reason == "oversized"


def test_any_changed_byte_of_an_envelope_is_noticed_by_the_cipher() -> None:
    """The header is authenticated with the content: no byte of either can change unseen."""
    (sealed,) = entry.seal(a_decision(), EPOCH, os.urandom)
    for place in range(2, len(sealed.envelope)):
        altered = bytearray(sealed.envelope)
        altered[place] ^= 1
        with pytest.raises(ValueError, match="does not open"):
            independent.unseal(independent.parse(bytes(altered)), CIPHER)


def test_reading_shows_what_does_not_open_as_sealed() -> None:
    """Under another epoch's key an entry shows its time and kind and no content."""
    (sealed,) = entry.seal(a_decision(), EPOCH, os.urandom)
    row = Row(5, sealed.at_us, sealed.subject_tag, sealed.actor_tag, sealed.envelope, sealed.leaf)

    mine, foreign = opened(row, EPOCH), opened(row, draw(os.urandom, START))

    assert mine.payload is not None
    assert mine.payload["dossier"] == "H14.12-261122-0001"
    assert (foreign.payload, foreign.kind, foreign.at) == (None, "decided", START)


def test_reading_refuses_what_is_no_envelope() -> None:
    """A row of another version, or one whose content is gone, is an error and not an empty entry."""
    for data in (None, b"", b"\x02" * 90):
        with pytest.raises(ValueError, match="no envelope"):
            opened(Row(0, 0, NO_TAG, NO_TAG, data, bytes(32)), EPOCH)
