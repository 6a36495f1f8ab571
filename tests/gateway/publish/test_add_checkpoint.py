"""The add-checkpoint call: what is sent, and what each answer means."""

import pytest

from gateway.audit.published import Extension
from gateway.publish import add_checkpoint
from gateway.publish.add_checkpoint import Cosigned, Stands
from gateway.publish.exchange import Reply
from gateway.publish.state import EndpointFailed, Problem
from mocks.witness.credentials import Credentials
from mocks.witness.notes import cosignature
from signing.cosignatures import parse_witness_vkey
from signing.notes import Checkpoint, NoteSigner
from tests.signing.test_cosignatures import a_witness

LOG = "log.test.example/access"
SIZE = 9
KEY = parse_witness_vkey(a_witness().vkey)


def _sent(old: int, hashes: int = 0, signer: NoteSigner | None = None) -> Extension:
    checkpoint = Checkpoint(LOG, SIZE, bytes(32))
    note = signer.sign(checkpoint.body()) if signer else f"{checkpoint.body()}\n— {LOG} AAAAAAAA\n"
    return Extension(old, note, checkpoint, tuple(bytes([n]) * 32 for n in range(hashes)))


def _answer(by: Credentials, at: int = 1_800_000_000, *, body: str | None = None) -> bytes:
    text = _sent(0).checkpoint.body() if body is None else body
    return cosignature(text, at, name=by.name, key_id=by.key_id, key=by.key).encode()


def _size(text: str, kind: str = "text/x.tlog.size") -> Reply:
    return Reply(409, kind, text.encode())


def test_a_request_is_old_size_hashes_an_empty_line_and_the_note() -> None:
    """The text of C2SP tlog-witness."""
    assert add_checkpoint.request(_sent(3, 2)).decode() == (
        "old 3\n"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
        "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n"
        "\n"
        "log.test.example/access\n"
        "9\n"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
        "\n"
        "— log.test.example/access AAAAAAAA\n"
    )
    assert add_checkpoint.request(_sent(0)).startswith(b"old 0\n\nlog.test.example/access\n")


def test_the_line_of_the_known_key_is_taken_from_among_others() -> None:
    """Lines of unknown keys are ignored; the line is kept without its newline."""
    other = a_witness(seed=9, name="witness.example/w2")
    body = _answer(other) + _answer(a_witness())
    answer = add_checkpoint.read(Reply(200, "text/plain", body), _sent(0), KEY)
    assert answer == Cosigned(_answer(a_witness()).decode().rstrip("\n"), 1_800_000_000)


def test_a_size_is_where_to_start_from() -> None:
    """409 with a size: smaller and larger ones alike."""
    assert add_checkpoint.read(_size("5\n"), _sent(3), KEY) == Stands(5)
    assert add_checkpoint.read(_size("0\n"), _sent(3), KEY) == Stands(0)
    assert add_checkpoint.read(_size("12\n"), _sent(SIZE), KEY) == Stands(12)


@pytest.mark.parametrize(
    ("reply", "old", "problem"),
    [
        (Reply(200, "text/plain", _answer(a_witness(seed=9))), 0, Problem.UNTRUSTED),
        (Reply(200, "text/plain", _answer(a_witness(seed=9, name="else.example"))), 0, Problem.UNTRUSTED),
        (Reply(200, "text/plain", _answer(a_witness(), body="another\n")), 0, Problem.UNTRUSTED),
        (Reply(200, "text/plain", _answer(a_witness(), 1 << 50)), 0, Problem.UNTRUSTED),
        (Reply(200, "text/plain", b""), 0, Problem.MALFORMED),
        (Reply(200, "text/plain", b"\n"), 0, Problem.MALFORMED),
        (Reply(200, "text/plain", b"\xff\n"), 0, Problem.MALFORMED),
        (Reply(200, "text/plain", _answer(a_witness())[:-1]), 0, Problem.MALFORMED),
        (_size("5"), 3, Problem.MALFORMED),
        (_size("05\n"), 3, Problem.MALFORMED),
        (_size("-5\n"), 3, Problem.MALFORMED),
        (_size("5\n", "text/plain"), 3, Problem.MALFORMED),
        (_size("3\n"), 3, Problem.MALFORMED),
        (_size(f"{SIZE}\n"), SIZE, Problem.INCONSISTENT),
        (_size("", "text/plain"), SIZE, Problem.INCONSISTENT),
        (Reply(422, "", b""), 3, Problem.INCONSISTENT),
        (Reply(404, "", b""), 3, Problem.UNKNOWN_LOG),
        (Reply(403, "", b""), 3, Problem.KEY_NOT_TRUSTED),
        (Reply(400, "", b""), 3, Problem.REFUSED),
        (Reply(301, "", b""), 3, Problem.REFUSED),
        (Reply(500, "", b""), 3, Problem.REFUSED),
    ],
)
def test_every_other_answer_has_its_word(reply: Reply, old: int, problem: Problem) -> None:
    """Nothing but a good cosignature is one, and only a disagreement about the tree is inconsistent."""
    with pytest.raises(EndpointFailed) as failed:
        add_checkpoint.read(reply, _sent(old), KEY)
    assert failed.value.problem is problem
