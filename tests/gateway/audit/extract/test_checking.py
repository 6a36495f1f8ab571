"""The manifest and its signature: any change of any part is found, without the log."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.audit.errors import ExportRefused
from gateway.audit.extract import checking
from gateway.audit.extract.checking import ExtractFalse, ExtractUnreadable
from gateway.audit.extract.manifest import MEMBERS, attach, manifest_file, manifest_of, printed, token_file
from gateway.audit.extract.selection import Selection
from signing import algorithms, jwk
from signing.keys import KeySigner
from signing.manifest import manifest_token
from signing.response import response_token
from tests.gateway.audit.builders import PERSON, keys
from tests.gateway.audit.extract.mixed_log import MixedLog

AT = datetime(2026, 12, 12, 3, 0, tzinfo=UTC)
SIGNER = KeySigner("gw-1", "ES256", algorithms.generate("ES256"))
KEYS = jwk.from_jwks(jwk.to_jwks([SIGNER]))
ASKED = Selection(portal="H14", subject=PERSON, since=AT - timedelta(days=80))


def signed(manifest: bytes, signer: KeySigner = SIGNER) -> str:
    """The gateway's token over a manifest."""
    return manifest_token(signer, iss="https://gateway.example", manifest=manifest, at=AT, jti="jti-1")


@pytest.fixture(scope="module")
def made(mixed: MixedLog, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A signed extract; not to be altered."""
    out = tmp_path_factory.mktemp("made") / "đợt-11.csv"
    state = mixed.extract(out, "csv", ASKED)
    with mixed.reader() as reader:
        manifest = manifest_of(out, state, ASKED, reader=reader, ring=mixed.ring, at=AT)
    attach(out, signed(manifest))
    return out


@pytest.fixture
def copied(made: Path, tmp_path: Path) -> Path:
    """A copy to alter."""
    shutil.copytree(made.parent, tmp_path / "copy")
    return tmp_path / "copy" / made.name


def test_a_manifest_says_what_the_file_is(mixed: MixedLog, made: Path) -> None:
    """Every member is there, and none names the subject."""
    said = json.loads(manifest_file(made).read_bytes())
    assert {name: type(value) for name, value in said.items()} == dict(MEMBERS)
    with mixed.reader() as reader:
        note = reader.newest_note()
    assert note is not None
    assert (said["checkpoint"], said["size"], said["log"]) == (note.text, note.size, mixed.key.name)
    assert (said["first"], said["end"], said["file"], said["format"]) == (0, mixed.size, "đợt-11.csv", "csv")
    assert said["bytes"] == made.stat().st_size
    assert said["keys_missing"] == 1
    assert said["made_at"] == "2026-12-12T03:00:00+00:00"
    assert said["selection"] == {"since": "2026-09-23T03:00:00+00:00", "portal": "H14", "subject": True}
    for path in made.parent.iterdir():
        if path != made:
            assert PERSON not in path.read_text(encoding="utf-8"), path


def test_missing_keys_are_counted_where_they_matter(mixed: MixedLog, tmp_path: Path) -> None:
    """Only epochs of the kind, time and part that was looked at count."""
    for number, (selection, end, missing) in enumerate(
        (
            (Selection(), None, 1),
            (Selection(kind="decided"), None, 1),
            (Selection(kind="disclosed"), None, 0),
            (Selection(since=datetime(2026, 11, 1, tzinfo=UTC)), None, 0),
            (Selection(until=datetime(2026, 9, 30, tzinfo=UTC)), None, 0),
            (Selection(), 10, 0),
        )
    ):
        out = tmp_path / str(number)
        state = mixed.extract(out, "jsonl", selection, end=end)
        with mixed.reader() as reader:
            said = json.loads(manifest_of(out, state, selection, reader=reader, ring=mixed.ring, at=AT))
        assert said["keys_missing"] == missing, selection


def test_what_was_signed_holds(mixed: MixedLog, made: Path, copied: Path) -> None:
    """All four checks pass; a renamed file and a check left out are remarked on."""
    done = checking.check(made, keys=KEYS, log_key=mixed.key)
    assert (done.issuer, done.signed_at, done.remarks) == ("https://gateway.example", AT, ())
    moved = copied.with_name("b.csv")
    for place in (lambda path: path, manifest_file, token_file):
        place(copied).rename(place(moved))
    remarks = checking.check(moved, keys=KEYS, log_key=None).remarks
    assert [remark.split()[0:2] for remark in remarks] == [["the", "file"], ["the", "checkpoint"]]


def other(value: Any) -> Any:
    """Another value of the same type."""
    match value:
        case int():
            return value + 1
        case str():
            return value[:-2] + ("A" if value[-2] != "A" else "B") + value[-1]
    return {**value, "kind": "refused"}


@pytest.mark.parametrize("name", list(MEMBERS))
def test_a_changed_member_is_found(copied: Path, mixed: MixedLog, name: str) -> None:
    """Whichever member of the manifest is changed or taken away, the signature no longer proves it."""
    said = json.loads(manifest_file(copied).read_bytes())
    for changed in ({**said, name: other(said[name])}, {n: v for n, v in said.items() if n != name}):
        manifest_file(copied).write_bytes(printed(changed))
        with pytest.raises(ExtractFalse, match="another manifest"):
            checking.check(copied, keys=KEYS, log_key=mixed.key)


def test_what_is_signed_is_still_held_against_the_file_and_the_log(copied: Path, mixed: MixedLog) -> None:
    """A gateway that signed a manifest of something else is caught by the file and the log's own signature."""
    said = json.loads(manifest_file(copied).read_bytes())
    for name in ("v", "bytes", "sha256", "checkpoint", "size", "root", "log"):
        manifest = printed({**said, name: other(said[name])})
        manifest_file(copied).write_bytes(manifest)
        attach(copied, signed(manifest))
        with pytest.raises(ExtractUnreadable if name == "v" else ExtractFalse):
            checking.check(copied, keys=KEYS, log_key=mixed.key)


def test_a_changed_file_is_found(copied: Path, mixed: MixedLog) -> None:
    """One bit, one byte more, one line less."""
    data = copied.read_bytes()
    for changed in (data[:-1], data + b"\n", bytes([data[0] ^ 1]) + data[1:], data.replace(b"H14", b"H15", 1)):
        copied.write_bytes(changed)
        with pytest.raises(ExtractFalse):
            checking.check(copied, keys=KEYS, log_key=mixed.key)


def test_signatures_of_others_prove_nothing(copied: Path, mixed: MixedLog, tmp_path: Path) -> None:
    """Another key, another type of token, no token, another log's key: none passes."""
    manifest = manifest_file(copied).read_bytes()
    stranger = KeySigner("gw-2", "ES256", algorithms.generate("ES256"))
    impostor = KeySigner("gw-1", "ES256", algorithms.generate("ES256"))
    answer = response_token(SIGNER, iss="i", aud="H14", req=None, status=200, body=manifest, entry=None, at=AT, jti="j")
    for token in (signed(manifest, stranger), signed(manifest, impostor), answer, "", "a.b.c", "é"):
        attach(copied, token)
        with pytest.raises(ExtractFalse):
            checking.check(copied, keys=KEYS, log_key=mixed.key)
    attach(copied, signed(manifest))
    with pytest.raises(ExtractFalse, match="checkpoint"):
        checking.check(copied, keys=KEYS, log_key=keys(tmp_path / "other")[1].key)


def test_what_is_not_there_is_no_verdict(copied: Path, mixed: MixedLog) -> None:
    """A missing part, or a signed manifest that is none, cannot be checked."""
    for part in (copied, manifest_file(copied), token_file(copied)):
        content = part.read_bytes()
        part.unlink()
        with pytest.raises(ExtractUnreadable):
            checking.check(copied, keys=KEYS, log_key=mixed.key)
        part.write_bytes(content)
    for nonsense in (b"", b"[]", b"{}", b"[" * 60_000, b"x" * 70_000):
        manifest_file(copied).write_bytes(nonsense)
        attach(copied, signed(nonsense))
        with pytest.raises(ExtractUnreadable):
            checking.check(copied, keys=KEYS, log_key=mixed.key)


def test_a_manifest_is_made_once(mixed: MixedLog, copied: Path) -> None:
    """Made again later it is the same; the manifest of another file is refused; made anew, an old token goes."""
    state = mixed.extract(copied, "csv", ASKED)
    later = AT + timedelta(days=1)
    with mixed.reader() as reader:
        before = manifest_file(copied).read_bytes()
        assert manifest_of(copied, state, ASKED, reader=reader, ring=mixed.ring, at=later) == before
        manifest_file(copied).write_bytes(b"{}")
        with pytest.raises(ExportRefused, match="another file"):
            manifest_of(copied, state, ASKED, reader=reader, ring=mixed.ring, at=later)
        manifest_file(copied).unlink()
        assert manifest_of(copied, state, ASKED, reader=reader, ring=mixed.ring, at=later) != before
    assert not token_file(copied).exists()
