"""What every store of objects promises, held against each of them."""

import os
from pathlib import Path

import pytest

from gateway.objects.contract import MOST_BYTES, ObjectExists, ObjectTooLarge, ObjectUnreadable, place
from gateway.objects.sealed import SALT_BYTES, Seal
from tests.gateway.objects.builders import CONTENT, Kept, in_bucket, in_folder, key

KINDS = ["folder", "s3"]
FIXED = "01" + "00" * 32 + "1c7ac0e25a70da6bac38f86035487c7f534da53bdf8285"


@pytest.fixture
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Kept:
    """A store of the kind the test is told, in a data folder of its own."""
    if request.param == "s3":
        return in_bucket(tmp_path, request.getfixturevalue("storage"))
    return in_folder(tmp_path)


both = pytest.mark.parametrize("kept", KINDS, indirect=True)


@both
@pytest.mark.parametrize("content", [b"", CONTENT, os.urandom(MOST_BYTES)], ids=["empty", "usual", "largest"])
async def test_a_content_comes_back(kept: Kept, content: bytes) -> None:
    """What was put is what is got, also by a gateway that was started later."""
    name = key()
    await kept.store.put(name, content)
    assert await kept.store.get(name) == content
    assert await kept.again().get(name) == content


@both
async def test_nothing_where_nothing_is(kept: Kept) -> None:
    """An object that is not there is None, and can be deleted."""
    await kept.store.check()
    assert await kept.store.get(key()) is None
    await kept.store.delete(key())


@both
async def test_deleted_is_gone(kept: Kept) -> None:
    """A deleted object is not got again, and not by looking at the medium; its key can be used again."""
    name = key()
    await kept.store.put(name, CONTENT)
    stored = kept.stored(name)
    await kept.store.delete(name)
    assert await kept.store.get(name) is None
    assert not any(stored in file for file in kept.medium())
    await kept.store.put(name, b"another")
    assert await kept.store.get(name) == b"another"


@both
async def test_no_other_content_under_a_key(kept: Kept) -> None:
    """The same content again is fine, another is refused and the first one stays."""
    name = key()
    await kept.store.put(name, CONTENT)
    await kept.store.put(name, CONTENT)
    with pytest.raises(ObjectExists):
        await kept.store.put(name, b"another")
    assert await kept.store.get(name) == CONTENT


@both
async def test_a_thief_sees_nothing(kept: Kept, tmp_path: Path) -> None:
    """The medium holds the object, but no piece of its content and not the key."""
    name = key()
    await kept.store.put(name, CONTENT)
    files = kept.medium()
    assert any(kept.stored(name) in file for file in files)
    secret = (tmp_path / "keys" / "documents-key").read_bytes()
    for file in files:
        assert CONTENT[:16] not in file
        assert secret not in file
    assert (tmp_path / "keys" / "documents-key").stat().st_mode & 0o777 == 0o600


@both
async def test_altered_is_unreadable(kept: Kept) -> None:
    """A changed bit, a cut end, an unknown version, a longer object and an empty one are never given out."""
    name = key()
    await kept.store.put(name, CONTENT)
    stored = kept.stored(name)
    middle = len(stored) // 2
    for spoilt in (
        b"\x02" + stored[1:],
        stored[:5] + bytes([stored[5] ^ 1]) + stored[6:],
        stored[:middle] + bytes([stored[middle] ^ 1]) + stored[middle + 1 :],
        stored[:-1],
        stored + b"\x00",
        stored[:20],
        b"",
        bytes(MOST_BYTES + 1024),
    ):
        kept.replace(name, spoilt)
        with pytest.raises(ObjectUnreadable):
            await kept.store.get(name)
    kept.replace(name, stored)
    assert await kept.store.get(name) == CONTENT


@both
async def test_an_object_does_not_open_under_another_name(kept: Kept) -> None:
    """Whoever exchanges two objects gets neither opened."""
    one, other = key(), key()
    await kept.store.put(one, CONTENT)
    await kept.store.put(other, b"another")
    kept.replace(other, kept.stored(one))
    with pytest.raises(ObjectUnreadable):
        await kept.store.get(other)


@both
async def test_too_large_is_not_kept(kept: Kept) -> None:
    """One byte too many is refused before anything is written."""
    name = key()
    await kept.store.check()
    with pytest.raises(ObjectTooLarge):
        await kept.store.put(name, bytes(MOST_BYTES + 1))
    assert await kept.store.get(name) is None


@both
@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 32, "0" * 31, "0" * 65, "079201000123"])
async def test_keys_are_random_hex(kept: Kept, name: str) -> None:
    """Nothing but random hex can name an object: no path and no person's number."""
    for act in (kept.store.put(name, b""), kept.store.get(name), kept.store.delete(name)):
        with pytest.raises(ValueError, match="hex digits") as caught:
            await act
        assert not name or name not in str(caught.value)


@both
async def test_a_lost_key_is_noticed(kept: Kept, tmp_path: Path) -> None:
    """A store that was filled under another key is refused by the check, not filled with a second kind of objects."""
    await kept.store.check()
    await kept.store.check()
    (tmp_path / "keys" / "documents-key").unlink()
    with pytest.raises(ObjectUnreadable):
        await kept.again().check()


@both
async def test_nothing_shows_in_texts(kept: Kept, tmp_path: Path) -> None:
    """Neither a store nor its settings show a key or an account."""
    text = repr(kept.store) + repr(kept.store._inner) + repr(kept.store._seal)
    assert "synthetic" not in text
    assert (tmp_path / "keys" / "documents-key").read_bytes().hex() not in text


def test_places() -> None:
    """Objects are spread over 256 folders."""
    assert place("ab" * 16) == "ab/" + "ab" * 16


def test_each_object_has_a_key_of_its_own() -> None:
    """The same content under the same name is never sealed twice to the same bytes; the salt is drawn each time."""
    seal = Seal(bytes(32), os.urandom)
    one, other = seal.seal("a", CONTENT), seal.seal("a", CONTENT)
    assert one[1 : 1 + SALT_BYTES] != other[1 : 1 + SALT_BYTES]
    assert one[1 + SALT_BYTES :] != other[1 + SALT_BYTES :]
    assert seal.open("a", one) == seal.open("a", other) == CONTENT


def test_the_format_is_fixed() -> None:
    """Objects of this version stay readable: a sealed object written down here opens."""
    seal = Seal(bytes(range(32)), bytes)
    assert seal.seal("ab", b"content").hex() == FIXED
    assert seal.open("ab", bytes.fromhex(FIXED)) == b"content"
