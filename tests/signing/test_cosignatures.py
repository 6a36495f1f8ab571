"""Tests of witnesses' cosignatures, made by code of the mock witness that is written from the specification."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from mocks.witness.credentials import Credentials
from mocks.witness.notes import cosignature
from signing.cosignatures import MAX_TIME, find_cosignature, open_cosignature, parse_witness_vkey
from signing.encoding import base64_standard, from_base64_standard
from signing.errors import KeyRefused, NoteMalformed, NoteUntrusted, SigningError
from signing.notes import NoteSigner, open_note, parse_vkey

BODY = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
# The example of the tlog-cosignature specification; its key is not published.
EXAMPLE = (
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+"
    "mbIUBkBIfZ+qnA=="
)


def a_witness(name: str = "witness.example/w1", seed: int = 2) -> Credentials:
    """A witness with a key of its own."""
    return Credentials(name, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


def _line(by: Credentials, at: int = 1_679_315_147, body: str = BODY) -> str:
    return cosignature(body, at, name=by.name, key_id=by.key_id, key=by.key).rstrip("\n")


def test_a_witnesss_line_opens() -> None:
    """The time comes back once signature, key and body fit."""
    key = parse_witness_vkey(a_witness().vkey)
    assert open_cosignature(_line(a_witness()), BODY, key) == 1_679_315_147
    assert open_cosignature(_line(a_witness(), 0), BODY, key) == 0
    assert key.vkey == a_witness().vkey
    assert key.key_id == a_witness().key_id


def test_the_example_of_the_specification_is_of_this_form() -> None:
    """A line of the published example is read as far as it can be without its key."""
    identity = from_base64_standard(EXAMPLE.rsplit(" ", 1)[1])[:4]
    assert identity.hex() == "8d66cf3f"
    with pytest.raises(NoteUntrusted, match="another key"):
        open_cosignature(EXAMPLE, BODY, parse_witness_vkey(a_witness("witness.example.com/w1").vkey))


def test_any_changed_character_spoils_a_line() -> None:
    """A line with any one character changed or dropped does not open, and fails as a signing error."""
    key, line = parse_witness_vkey(a_witness().vkey), _line(a_witness())
    for at, character in enumerate(line):
        for altered in (line[:at] + ("A" if character != "A" else "B") + line[at + 1 :], line[:at] + line[at + 1 :]):
            with pytest.raises(SigningError):
                open_cosignature(altered, BODY, key)


def test_a_line_is_for_one_body_and_one_key() -> None:
    """Another tree, another key under the same name, another name with the same key: none of them opens."""
    key = parse_witness_vkey(a_witness().vkey)
    with pytest.raises(NoteUntrusted):
        open_cosignature(_line(a_witness()), BODY.replace("20852163", "20852164"), key)
    with pytest.raises(NoteUntrusted):
        open_cosignature(_line(a_witness(seed=3)), BODY, key)
    with pytest.raises(NoteUntrusted):
        open_cosignature(_line(a_witness("witness.example/w2")), BODY, key)


def test_a_time_beyond_the_largest_is_refused() -> None:
    """C2SP: at most 2^63 - 1, however well it is signed."""
    key = parse_witness_vkey(a_witness().vkey)
    assert open_cosignature(_line(a_witness(), MAX_TIME), BODY, key) == MAX_TIME
    with pytest.raises(NoteMalformed):
        open_cosignature(_line(a_witness(), MAX_TIME + 1), BODY, key)


def test_signatures_of_another_length_are_none() -> None:
    """An ML-DSA signature, or half a signature, under the key's own id."""
    key = parse_witness_vkey(a_witness().vkey)
    for length in (8, 71, 73, 8 + 2420):
        with pytest.raises(NoteMalformed):
            open_cosignature(f"— {key.name} {base64_standard(key.key_id + bytes(length))}", BODY, key)


def test_a_line_is_found_among_others() -> None:
    """Lines of unknown keys are ignored, a wrong line of the known key is not."""
    key, other = parse_witness_vkey(a_witness().vkey), a_witness("witness.example/w2", 3)
    text = f"{EXAMPLE}\n{_line(other)}\n{_line(a_witness())}\n"
    assert find_cosignature(text, BODY, key) == (_line(a_witness()), 1_679_315_147)
    with pytest.raises(NoteUntrusted):
        find_cosignature(f"{_line(other)}\n", BODY, key)
    with pytest.raises(NoteUntrusted):
        find_cosignature(f"{_line(a_witness(), body='other')}\n{_line(a_witness())}\n", BODY, key)
    for text in ("", "\n", _line(a_witness()), f"{_line(a_witness())}\n\n", "<html>\n", f"{_line(other)}\n" * 101):
        with pytest.raises(NoteMalformed):
            find_cosignature(text, BODY, key)


def test_a_cosignature_key_is_no_note_key() -> None:
    """The two types of vkey are not exchanged, and a note opens with its own key although witnesses signed below it."""
    log = NoteSigner("example.com/behind-the-sofa", Ed25519PrivateKey.from_private_bytes(bytes(32)))
    for text in (log.vkey, a_witness().vkey.replace("w1", "w2"), "w+00+AA", "w", "", "a b+00000000+BA=="):
        with pytest.raises(KeyRefused):
            parse_witness_vkey(text)
    with pytest.raises(KeyRefused):
        parse_vkey(a_witness().vkey)
    note = log.sign(BODY) + _line(a_witness()) + "\n"
    assert open_note(note, [log.key]).body == BODY
