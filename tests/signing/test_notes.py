"""Tests of signed notes and checkpoints."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from signing import notes
from signing.encoding import base64_standard
from signing.errors import KeyRefused, NoteMalformed, NoteUntrusted, SigningError
from signing.merkle import EMPTY_ROOT

# The example of the signed-note specification.
EXAMPLE_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
EXAMPLE_BODY = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
EXAMPLE = (
    f"{EXAMPLE_BODY}\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6"
    "RyyBwJnAM=\n"
)
ORIGIN = "audit.example.org/log1"


def _signer(name: str = ORIGIN, seed: int = 1) -> notes.NoteSigner:
    return notes.NoteSigner(name, Ed25519PrivateKey.from_private_bytes(bytes([seed]) * 32))


def test_the_example_of_the_specification_opens() -> None:
    """The published note verifies under the published key, which is written back as it was."""
    key = notes.parse_vkey(EXAMPLE_KEY)
    opened = notes.open_note(EXAMPLE, [key])
    assert opened.body == EXAMPLE_BODY
    assert opened.verified == (key,)
    assert key.vkey == EXAMPLE_KEY


def test_a_note_comes_back() -> None:
    """What was signed opens with the signer's public key, handed over as text."""
    signer = _signer()
    note = signer.sign("one\n\nthree\n")
    assert notes.open_note(note, [notes.parse_vkey(signer.vkey)]).body == "one\n\nthree\n"


def test_any_changed_character_spoils_a_note() -> None:
    """A note with any one character changed, dropped or doubled does not open."""
    signer = _signer()
    note = signer.sign("body\n")
    for at, character in enumerate(note):
        for altered in (
            note[:at] + "x" + note[at + 1 :],
            note[:at] + note[at + 1 :],
            note[:at] + character + note[at:],
        ):
            if altered != note:
                with pytest.raises(SigningError):
                    notes.open_note(altered, [signer.key])


def test_unknown_keys_are_ignored() -> None:
    """Lines of keys nobody here knows, among them keys of the same name, do not matter."""
    known, other, namesake = _signer(), _signer("witness.example.org", 2), _signer(seed=3)
    body = "body\n"
    lines = [other.signature_line(body), namesake.signature_line(body), known.signature_line(body)]
    opened = notes.open_note(notes.add_signatures(body, lines), [known.key])
    assert opened.verified == (known.key,)
    assert len(opened.lines) == 3


def test_a_note_of_unknown_keys_alone_is_untrusted() -> None:
    """A good signature by a key the caller does not hold proves nothing."""
    with pytest.raises(NoteUntrusted):
        notes.open_note(_signer(seed=2).sign("body\n"), [_signer().key])
    with pytest.raises(NoteUntrusted):
        notes.open_note(_signer().sign("body\n"), [])


def test_a_wrong_line_of_a_known_key_spoils_the_note() -> None:
    """One wrong signature by a known key is enough to refuse, beside good ones too."""
    first, second = _signer(), _signer("witness.example.org", 2)
    body = "body\n"
    lines = [first.signature_line(body), second.signature_line("another\n")]
    with pytest.raises(NoteUntrusted):
        notes.open_note(notes.add_signatures(body, lines), [first.key, second.key])


def test_a_key_counts_once() -> None:
    """The same line twice is one signature."""
    signer = _signer()
    line = signer.signature_line("body\n")
    assert notes.open_note(notes.add_signatures("body\n", [line, line]), [signer.key]).verified == (signer.key,)


def test_sixteen_signatures_are_taken_and_a_flood_is_not() -> None:
    """As many lines as the specification demands are read, far more are refused."""
    known, body = _signer(), "body\n"
    others = [_signer(f"w{n}", n + 2).signature_line(body) for n in range(15)]
    assert notes.open_note(notes.add_signatures(body, [*others, known.signature_line(body)]), [known.key]).verified
    flood = [known.signature_line(body)] * (notes.MAX_SIGNATURES + 1)
    with pytest.raises(NoteMalformed):
        notes.open_note(notes.add_signatures(body, flood), [known.key])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "\n\n",
        "body\n",
        "body\n\n",
        "body\n\n— a AAAAAAAA",
        "body\n\n- a AAAAAAAA\n",
        "body\n\n— a\n",
        "body\n\n—  AAAAAAAA\n",
        "body\n\n— a+b AAAAAAAA\n",
        "body\n\n— a AAA\n",
        "body\n\n— a AAAA\n",
        "body\n\n— a AAAAAA==\n",
        "bo\tdy\n\n— a AAAAAAAA\n",
        "bo\x00dy\n\n— a AAAAAAAA\n",
        "bo\rdy\n\n— a AAAAAAAA\n",
        "\ud800\n\n— a AAAAAAAA\n",
        "x" * (notes.MAX_NOTE_BYTES + 1),
    ],
)
def test_other_texts_are_no_notes(text: str) -> None:
    """Missing parts, other dashes, control characters and overlong text are refused."""
    with pytest.raises(NoteMalformed):
        notes.open_note(text, [_signer().key])


@pytest.mark.parametrize("body", ["", "no line end", "a\tb\n", "\ud800\n"])
def test_other_bodies_are_not_signed(body: str) -> None:
    """What could not be opened again is not signed."""
    with pytest.raises(NoteMalformed):
        _signer().sign(body)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\n", "a\u00a0b"])
def test_other_names_are_refused(name: str) -> None:
    """A key name without spaces and plus signs is demanded of signers and verifiers."""
    with pytest.raises(KeyRefused):
        _signer(name)
    with pytest.raises(KeyRefused):
        notes.NoteKey(name, _signer().key.public_key)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        "PeterNeumann+c74f20a3",
        EXAMPLE_KEY.replace("c74f20a3", "c74f20a4"),
        EXAMPLE_KEY.replace("c74f20a3", "C74F20A3"),
        EXAMPLE_KEY.replace("Peter", "Paul"),
        EXAMPLE_KEY.replace("+ARpc", "+BBpc"),
        EXAMPLE_KEY + "=",
        EXAMPLE_KEY[:-4],
        EXAMPLE_KEY + "\n",
        "+" + EXAMPLE_KEY,
    ],
)
def test_other_vkeys_are_refused(text: str) -> None:
    """Missing parts, an id that does not fit, another key type and other base64 are refused."""
    with pytest.raises(KeyRefused):
        notes.parse_vkey(text)


def test_repr_hides_the_private_key() -> None:
    """repr of a signer is its name."""
    assert repr(_signer()) == f"NoteSigner(name='{ORIGIN}')"


@given(st.integers(0, 2**63 - 1), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_comes_back(size: int, root: bytes) -> None:
    """A checkpoint written is read back, and has the three lines of the format."""
    checkpoint = notes.Checkpoint(ORIGIN, size, root)
    assert notes.parse_checkpoint(checkpoint.body()) == checkpoint
    assert checkpoint.body() == f"{ORIGIN}\n{size}\n{base64_standard(root)}\n"


def test_a_signed_checkpoint_opens_for_its_log_only() -> None:
    """The log's own key and name are both demanded."""
    signer = _signer()
    checkpoint = notes.Checkpoint(ORIGIN, 7, EMPTY_ROOT)
    note = signer.sign(checkpoint.body())
    assert notes.open_checkpoint(note, signer.key, origin=ORIGIN) == checkpoint
    with pytest.raises(NoteUntrusted):
        notes.open_checkpoint(note, signer.key, origin="another.example.org/log1")
    with pytest.raises(NoteUntrusted):
        notes.open_checkpoint(note, _signer(seed=2).key, origin=ORIGIN)


def test_extension_lines_are_kept() -> None:
    """Further lines are part of what was signed."""
    checkpoint = notes.Checkpoint(ORIGIN, 7, EMPTY_ROOT, ("more",))
    assert notes.parse_checkpoint(checkpoint.body()) == checkpoint


ROOT = base64_standard(EMPTY_ROOT)


@pytest.mark.parametrize(
    "body",
    [
        "",
        f"{ORIGIN}\n7\n",
        f"{ORIGIN}\n7\n{ROOT}",
        f"\n7\n{ROOT}\n",
        f"{ORIGIN}\n07\n{ROOT}\n",
        f"{ORIGIN}\n+7\n{ROOT}\n",
        f"{ORIGIN}\n-7\n{ROOT}\n",
        f"{ORIGIN}\n٧\n{ROOT}\n",
        f"{ORIGIN}\n9223372036854775808\n{ROOT}\n",
        f"{ORIGIN}\n7\n{ROOT[:-1]}\n",
        f"{ORIGIN}\n7\nAAAA\n",
        f"{ORIGIN}\n7\n{ROOT}\n\n",
    ],
)
def test_other_checkpoints_are_refused(body: str) -> None:
    """Missing lines, other numbers and other roots are refused."""
    with pytest.raises(NoteMalformed):
        notes.parse_checkpoint(body)


@pytest.mark.parametrize(
    "checkpoint",
    [
        notes.Checkpoint("", 1, EMPTY_ROOT),
        notes.Checkpoint("a\nb", 1, EMPTY_ROOT),
        notes.Checkpoint(ORIGIN, -1, EMPTY_ROOT),
        notes.Checkpoint(ORIGIN, 1 << 63, EMPTY_ROOT),
        notes.Checkpoint(ORIGIN, 1, b"short"),
        notes.Checkpoint(ORIGIN, 1, EMPTY_ROOT, ("",)),
    ],
)
def test_other_checkpoints_are_not_written(checkpoint: notes.Checkpoint) -> None:
    """A checkpoint that could not be read back is not written."""
    with pytest.raises(NoteMalformed):
        checkpoint.body()
