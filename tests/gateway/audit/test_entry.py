"""Events become envelopes, and the checker's own code reads them back."""

import json
import os
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from gateway.audit import entry
from gateway.audit.check import envelope as independent
from gateway.audit.check.tree import leaf
from gateway.audit.epoch import NO_TAG, Epoch
from gateway.audit.errors import LogUnavailable
from gateway.audit.events import CLEAR, KINDS, Change, EntryKind, ErasedEpoch, Event, Heartbeat, KeyEpoch, Redacted
from gateway.audit.reading import opened
from gateway.storage.contract import Row
from tests.gateway.audit.builders import (
    PERSON,
    START,
    TAX_CODE,
    a_change,
    a_context,
    a_decision,
    a_disclosure,
    a_new_epoch,
    a_redaction,
    a_refusal,
    a_subject,
    an_epoch,
    an_inspection,
    keys,
)

EPOCH = a_new_epoch()
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


def stored(event: Event, epoch: Epoch | None) -> Row:
    """The one entry of an event as a store gives it back."""
    (sealed,) = entry.seal(event, epoch, os.urandom)
    return Row(5, sealed.at_us, sealed.subject_tag, sealed.actor_tag, sealed.envelope, sealed.leaf)


def test_reading_shows_what_does_not_open_as_sealed(tmp_path: Path) -> None:
    """With another log's key ring an entry shows its time and kind and no content."""
    row = stored(a_decision(), an_epoch(tmp_path))

    mine, foreign = opened(row, keys(tmp_path)[2]), opened(row, keys(tmp_path / "other")[2])

    assert mine.payload is not None
    assert mine.payload["dossier"] == "H14.12-261122-0001"
    assert (foreign.payload, foreign.kind, foreign.at) == (None, "decided", START)


def test_reading_refuses_what_is_no_envelope(tmp_path: Path) -> None:
    """A row of another version, or one whose content is gone, is an error and not an empty entry."""
    for data in (None, b"", b"\x02" * 90):
        with pytest.raises(ValueError, match="no envelope"):
            opened(Row(0, 0, NO_TAG, NO_TAG, data, bytes(32)), keys(tmp_path)[2])


# -- what the house itself does: auditors, changes, erasure, silence

ANNOUNCED = KeyEpoch(START, "0f" * 16, "disclosed", "2026-11", "c2VhbA==", "c2VhcmNo", "log.test.example/access", "v")
GOLDEN: list[tuple[Event, bytes]] = [
    (
        an_inspection(),
        (
            b'{"about":{"kind":"disclosed"},"action":"searched","auditor":"kiem-tra-01","entries":[4,7],'
            b'"kind":"inspected","matches":2,"role":"provincial_auditor","scope":["H14"],'
            b'"subject":{"kind":"person","n":1,"of":1,"role":"searched"},"v":1}'
        ),
    ),
    (
        an_inspection(scope=(), action="signed_in", about={}, entries=(), found=None, subjects=()),
        b'{"action":"signed_in","auditor":"kiem-tra-01","kind":"inspected","role":"provincial_auditor","v":1}',
    ),
    (
        an_inspection(scope=(), action="exported", about={}, entries=(), found=0, digest="sha-256=:eA==:", subjects=()),
        (
            b'{"action":"exported","auditor":"kiem-tra-01","digest":"sha-256=:eA==:","kind":"inspected","matches":0,'
            b'"role":"provincial_auditor","v":1}'
        ),
    ),
    (
        a_change(),
        (
            b'{"after":"decade","before":"c0ffee","by":"configuration",'
            b'"changes":[{"change":"added","name":"H14/h14-key-2","what":"key"}],"kind":"changed","v":1}'
        ),
    ),
    (
        a_change(
            by="quan-tri",
            changes=(Change("auditor", "kiem-tra-01", "altered", "scope Cao B\u1eb1ng"),),
            before=None,
            after=None,
            omitted=3,
        ),
        (
            b'{"by":"quan-tri","changes":[{"change":"altered","detail":"scope Cao B\\u1eb1ng","name":"kiem-tra-01",'
            b'"what":"auditor"}],"kind":"changed","omitted":3,"v":1}'
        ),
    ),
    (
        Redacted(START, (ErasedEpoch("0f" * 16, "disclosed", "2024-08"),), "retention"),
        (
            b'{"basis":"retention","epochs":[{"epoch":"0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f","period":"2024-08",'
            b'"seals":"disclosed"}],"kind":"redaction","v":1}'
        ),
    ),
    (Heartbeat(START), b'{"kind":"heartbeat","v":1}'),
    (
        ANNOUNCED,
        (
            b'{"epoch":"0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f","kind":"key-epoch","log_key":"v",'
            b'"origin":"log.test.example/access","period":"2026-11","sealing":"c2VhbA==",'
            b'"seals":"disclosed","search":"c2VhcmNo","v":1}'
        ),
    ),
    (
        a_disclosure(
            commitments={"/form/full_name": "YQ==", "/fields/person.full_name": "Yg=="}, reuse=(12, 9), documents=(2, 0)
        ),
        (
            b'{"basis":"law","commitments":{"/fields/person.full_name":"Yg==","/form/full_name":"YQ=="},"decided":1,'
            b'"digest":"sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:","documents":[2,0],'
            b'"dossier":"H14.12-261122-0001",'
            b'"fields":["person.full_name"],"found":true,"key":"h14-key-1","kind":"disclosed","officer":"cb-0042",'
            b'"operation":"persons.lookup","outcomes":{"population":"answered"},"portal":"H14","procedure":"1.004222",'
            b'"req":"wFb1rO5zMM4d8b0Zb9hYyZyq8cW3S3n5l2v8oEw0Q1k","reuse":[12,9],"status":200,'
            b'"subject":{"kind":"person","n":1,"of":1,"role":"applicant"},"v":1}'
        ),
    ),
]


def clear_of(event: Event) -> bytes:
    """The payload of an event's one entry, byte for byte."""
    kind = KINDS[type(event)]
    (sealed,) = entry.seal(event, None if kind in CLEAR else EPOCH, os.urandom)
    envelope = independent.parse(sealed.envelope)
    if kind in CLEAR:
        return envelope.body
    return CIPHER.decrypt(envelope.nonce, envelope.body, envelope.header)


@pytest.mark.parametrize(("event", "expected"), GOLDEN, ids=lambda value: type(value).__name__)
def test_encoding_is_what_it_always_was(event: Event, expected: bytes) -> None:
    """The payload of each kind, to the byte: logs that exist are read by what these lines fix."""
    assert clear_of(event) == expected


@pytest.mark.parametrize("event", [ANNOUNCED, a_redaction(EPOCH), Heartbeat(START)], ids=lambda e: type(e).__name__)
def test_kinds_in_clear_need_no_key(event: Event, tmp_path: Path) -> None:
    """They are written without a key epoch behind zeros, and whoever has no key reads them."""
    (sealed,) = entry.seal(event, None, os.urandom)
    envelope = independent.parse(sealed.envelope)
    row = Row(0, sealed.at_us, sealed.subject_tag, sealed.actor_tag, sealed.envelope, sealed.leaf)
    kid = bytes.fromhex(event.epoch) if isinstance(event, KeyEpoch) else bytes(16)

    assert sealed.epoch is None
    assert (envelope.epoch, envelope.nonce) == (kid, bytes(12))
    assert (envelope.subject_tag, envelope.actor_tag) == (NO_TAG, NO_TAG)
    assert opened(row, keys(tmp_path)[2]).payload == json.loads(envelope.body)


@pytest.mark.parametrize(
    "event", [a_decision(), a_disclosure(), a_refusal(), an_inspection(), a_change()], ids=lambda e: type(e).__name__
)
def test_every_other_kind_is_sealed(event: Event) -> None:
    """Without a key epoch nothing that says something about anyone becomes an entry."""
    with pytest.raises(ValueError, match="needs a key epoch"):
        entry.seal(event, None, os.urandom)
    (sealed,) = entry.seal(event, EPOCH, os.urandom)
    assert sealed.epoch is EPOCH
    assert independent.parse(sealed.envelope).epoch == EPOCH.kid


def test_auditors_and_administrators_are_actors_of_the_console() -> None:
    """What one auditor looked at, or changed, is found by one tag; no official of a portal has the same."""
    tag = EPOCH.actor_tag("console", "kiem-tra-01")
    actors = [
        entry.seal(event, EPOCH, os.urandom)[0].actor_tag for event in (an_inspection(), a_change(by="kiem-tra-01"))
    ]
    official = entry.seal(a_decision(context=a_context(officer="kiem-tra-01")), EPOCH, os.urandom)[0].actor_tag

    assert actors == [tag, tag]
    assert official != tag


def test_a_search_by_number_is_found_under_the_persons_tag() -> None:
    """Who was searched for in the console is a subject like any other, so a person's report names the auditors too."""
    searched = entry.seal(an_inspection(), EPOCH, os.urandom)[0].subject_tag

    assert searched == EPOCH.subject_tag(PERSON)
    assert entry.seal(an_inspection(subjects=()), EPOCH, os.urandom)[0].subject_tag == NO_TAG


def family(name: str, epoch: Epoch = EPOCH) -> str | None:
    """The tag a family name leaves in the payload."""
    event = a_decision(subjects=(a_subject(family=name),))
    ((sealed,)) = entry.seal(event, epoch, os.urandom)
    payload = independent.unseal(independent.parse(sealed.envelope), AESGCM(epoch.sealing_key))
    said = payload["subject"].get("family")
    assert said is None or isinstance(said, str)
    return said


def test_family_name_is_one_tag_however_it_was_written() -> None:
    """With or without accents, in capitals, composed or not: one family; another one differs; none leaves none."""
    written = {family(name) for name in ("Đặng", "ĐẶNG", "Dang", "Đă\u0323ng", " đặng ")}

    assert written == {EPOCH.tag("family", "dang")[:8].hex()}
    assert family("Hoàng") not in written
    assert family("") is None


def test_tags_of_another_month_are_others() -> None:
    """Nobody can follow a person, an official or a family from month to month by the tags alone."""
    at = datetime(2026, 12, 1, tzinfo=UTC)
    december = a_new_epoch(EntryKind.DECIDED, at)
    first, other = (entry.seal(a_decision(), epoch, os.urandom)[0] for epoch in (EPOCH, december))

    assert first.subject_tag != other.subject_tag
    assert first.actor_tag != other.actor_tag
    assert family("Đặng") != family("Đặng", december)


@pytest.mark.parametrize(
    "event",
    [
        a_decision(subjects=(a_subject(family="Nguyễn"),)),
        a_disclosure(subjects=(a_subject(family="Nguyễn"),), commitments={"/form/full_name": "YQ=="}),
        an_inspection(subjects=(a_subject(family="Nguyễn"),)),
    ],
    ids=lambda e: type(e).__name__,
)
def test_no_number_and_no_name_is_in_an_envelope(event: Event) -> None:
    """Neither sealed nor opened, neither as text nor folded, nor in the event's repr, is a number or a name."""
    (sealed,) = entry.seal(event, EPOCH, os.urandom)
    shown = json.dumps(payloads(event), ensure_ascii=False) + repr(event)

    for personal in (PERSON, "Nguyễn", "nguyen"):
        assert personal not in shown
        assert personal.encode() not in sealed.envelope


def test_who_looked_is_not_in_the_repr() -> None:
    """An account of the console shows in no repr of an event."""
    assert "kiem-tra-01" not in repr(an_inspection()) + repr(a_change(by="kiem-tra-01"))


def test_altered_entry_in_clear_is_not_guessed_at(tmp_path: Path) -> None:
    """A payload in clear that is no JSON object is shown as nothing, as deep as it may be nested."""
    row = stored(Heartbeat(START), None)
    assert row.envelope is not None
    for body in (b"[]", b"{", b"\xff", b"[" * 60_000):
        altered = Row(5, row.at_us, NO_TAG, NO_TAG, row.envelope[:70] + body, row.leaf)
        shown = opened(altered, keys(tmp_path)[2])
        assert (shown.payload, shown.kind, shown.at) == (None, "heartbeat", START)
