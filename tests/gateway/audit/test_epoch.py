"""Key epochs: tags, commitments and the file."""

import hashlib
import hmac
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gateway.audit.epoch import Epoch, open_epoch, read_epoch
from gateway.audit.errors import KeyFileRefused
from tests.gateway.audit.builders import PERSON, START, a_new_epoch


def opened(place: Path, *, seals: str = "decided", period: str = "2026-11") -> Epoch:
    """The epoch of a file, drawn when there is none."""
    return open_epoch(place, urandom=os.urandom, at=START, seals=seals, period=period)


def test_number_of_a_person_has_one_tag_as_personal_id_and_as_tax_code() -> None:
    """12 digits, and the older 9, are a person's wherever they are used; other codes are organisations'."""
    epoch = a_new_epoch()

    assert epoch.subject_tag(PERSON) == epoch.tag("person", PERSON)
    assert epoch.subject_tag("012345678") == epoch.tag("person", "012345678")
    assert epoch.subject_tag("0101243150") == epoch.tag("organisation", "0101243150")
    assert epoch.subject_tag("0101243150-001") == epoch.tag("organisation", "0101243150001")
    assert epoch.subject_tag(" 004 192 000 123 ") == epoch.subject_tag(PERSON)


def test_tag_is_hmac_sha256_of_type_and_identifier() -> None:
    """The tag is what the published formula gives."""
    epoch = a_new_epoch()
    expected = hmac.new(epoch.search_key, b"person\x00" + PERSON.encode(), hashlib.sha256).digest()[:16]

    assert epoch.subject_tag(PERSON) == expected


def test_actors_of_two_portals_differ() -> None:
    """The same official's id in two portals is two actors, and no shifting of characters makes them one."""
    epoch = a_new_epoch()

    assert len({epoch.actor_tag("H14", "1"), epoch.actor_tag("H15", "1"), epoch.actor_tag("H1", "41")}) == 3


def test_thief_without_the_search_key_finds_nobody() -> None:
    """Trying identifiers under wrong keys, the plain hash included, meets no stored tag."""
    epoch = a_new_epoch()
    stored = {epoch.subject_tag(f"0041920{number:05d}") for number in range(2000)}
    wrong = a_new_epoch()
    tried = {wrong.subject_tag(f"0041920{number:05d}") for number in range(2000)}
    plain = {hashlib.sha256(f"0041920{number:05d}".encode()).digest()[:16] for number in range(2000)}

    assert len(stored) == 2000
    assert not stored & (tried | plain)


def test_repr_shows_no_key() -> None:
    """Printing an epoch gives its id and nothing secret."""
    epoch = a_new_epoch()

    assert repr(epoch) == (f"Epoch(kid={epoch.kid!r}, created={epoch.created!r}, seals='decided', period='2026-11')")


def test_file_is_made_once_and_read_back(tmp_path: Path) -> None:
    """The second start uses the keys of the first, and only the owner can read them."""
    place = tmp_path / "log" / "epoch.json"
    first = opened(place)

    assert opened(place) == first
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    assert [p.name for p in place.parent.iterdir()] == ["epoch.json"]


def test_many_starting_at_once_share_one_epoch(tmp_path: Path) -> None:
    """Of several that start together one draws the keys, and all use them."""
    place = tmp_path / "epoch.json"
    with ThreadPoolExecutor(16) as pool:
        epochs = list(pool.map(lambda _: opened(place), range(64)))

    assert len({epoch.kid for epoch in epochs}) == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_file_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    """A key file that group or others can touch is not used, and the message says what to do."""
    place = tmp_path / "epoch.json"
    opened(place)
    place.chmod(mode)

    with pytest.raises(KeyFileRefused, match="chmod 600"):
        read_epoch(place)


WRITTEN = (
    '{"v":2,"epoch":"EPOCH","created":"x","seals":"decided","period":"2026-11",'
    '"sealing_key":"AA==","search_key":"AA=="}'
)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{",
        '{"v": 2}',
        WRITTEN.replace('"v":2', '"v":1'),
        WRITTEN.replace("EPOCH", "00"),
        WRITTEN.replace("EPOCH", "zz"),
        WRITTEN.replace('"EPOCH"', "5"),
        WRITTEN.replace("EPOCH", "00" * 16),
        WRITTEN.replace('"seals":"decided",', ""),
        "[" * 60_000,
    ],
)
def test_damaged_file_is_refused(tmp_path: Path, content: str) -> None:
    """A file that is not a whole key epoch is refused by name, without its content."""
    place = tmp_path / "epoch.json"
    place.write_text(content)
    place.chmod(0o600)

    with pytest.raises(KeyFileRefused, match="not a key epoch file"):
        read_epoch(place)


@pytest.mark.parametrize(("seals", "period"), [("disclosed", "2026-11"), ("decided", "2026-12")])
def test_keys_under_a_wrong_name_are_refused(tmp_path: Path, seals: str, period: str) -> None:
    """A file that was copied to the name of another kind or month seals nothing there."""
    opened(tmp_path / "epoch.json")

    with pytest.raises(KeyFileRefused, match="holds the keys of decided entries of 2026-11"):
        opened(tmp_path / "epoch.json", seals=seals, period=period)


def test_link_in_place_of_the_file_is_refused(tmp_path: Path) -> None:
    """A symbolic link is not followed."""
    opened(tmp_path / "real.json")
    (tmp_path / "epoch.json").symlink_to(tmp_path / "real.json")

    with pytest.raises(KeyFileRefused, match="cannot be read"):
        read_epoch(tmp_path / "epoch.json")
