"""Time-stamps over checkpoints, from an authority that is Debian's openssl."""

import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.publish import timestamps
from gateway.publish.exchange import Exchange, Reply
from gateway.publish.settings import read_roots
from gateway.publish.state import EndpointFailed, Problem
from mocks.faults import Fault
from tests.gateway.publish.builders import (
    WallClock,
    an_authority,
    authority_app,
    faults,
    grow,
    kept,
    note,
    publishing,
    served,
)

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")


async def test_a_token_verifies_from_files_alone(tmp_path: Path) -> None:
    """What is stored, the note and the root certificate are enough for `openssl ts -verify`; another note is not."""
    size = await grow(tmp_path, 3)
    async with (
        served(authority_app(tmp_path)) as url,
        publishing(tmp_path, an_authority(tmp_path, url)) as (_, watching),
    ):
        await watching.covered(size, "tsa")
    (_, (stamp,)) = kept(tmp_path)
    assert (stamp.size, stamp.authority) == (size, "tsa")
    (tmp_path / "response.tsr").write_bytes(stamp.der)
    (tmp_path / "note").write_text(note(tmp_path, size).text, "utf-8")
    (tmp_path / "other").write_text(note(tmp_path, size - 1).text, "utf-8")
    assert _openssl(tmp_path, "note") == 0
    assert _openssl(tmp_path, "other") != 0


async def test_the_same_log_is_not_stamped_twice_and_a_growing_one_not_before_its_time(tmp_path: Path) -> None:
    """One token for a tree; the next one for a larger tree, once the time between two has passed."""
    first = await grow(tmp_path, 1)
    clock, app = WallClock(), authority_app(tmp_path)
    async with served(app) as url, publishing(tmp_path, an_authority(tmp_path, url), now=clock) as (_, watching):
        await watching.covered(first, "tsa")
        clock.ahead += timedelta(hours=2)
        second = await grow(tmp_path, 1)
        await watching.covered(second, "tsa")
        third = await grow(tmp_path, 1)
        clock.ahead += timedelta(minutes=61)
        await watching.covered(third, "tsa")
        assert faults(app).calls == 3
    assert sorted(stamp.size for stamp in kept(tmp_path)[1]) == [first, second, third]


async def test_another_processs_token_counts(tmp_path: Path) -> None:
    """A process that has just started finds the token in the store and asks for none."""
    size = await grow(tmp_path, 1)
    app = authority_app(tmp_path)
    async with served(app) as url:
        authority = an_authority(tmp_path, url)
        async with publishing(tmp_path, authority) as (_, watching):
            await watching.covered(size, "tsa")
        await grow(tmp_path, 1)
        async with publishing(tmp_path, authority) as (_, watching):
            await watching.covered(size, "tsa")
    assert faults(app).calls == 1


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        (Fault.WRONG_REQUEST, Problem.UNTRUSTED),
        (Fault.WRONG_SUBJECT, Problem.UNTRUSTED),
        (Fault.WRONG_KEY, Problem.UNTRUSTED),
        (Fault.MALFORMED, Problem.MALFORMED),
        (Fault.EMPTY_BODY, Problem.MALFORMED),
        (Fault.WRONG_CONTENT_TYPE, Problem.MALFORMED),
        (Fault.OVERSIZED, Problem.TOO_LARGE),
        (Fault.HTTP_503, Problem.REFUSED),
        (Fault.HANG, Problem.TIMEOUT),
        (Fault.REFUSE, Problem.UNREACHABLE),
    ],
)
async def test_a_token_that_does_not_verify_is_not_kept(tmp_path: Path, fault: Fault, problem: Problem) -> None:
    """Each fault has its word and leaves nothing in the store; without the fault the authority is believed."""
    size = await grow(tmp_path, 1)
    app = authority_app(tmp_path)
    faults(app).set(fault)
    deadline = 0.5 if fault is Fault.HANG else 10.0
    async with (
        served(app) as url,
        publishing(tmp_path, an_authority(tmp_path, url), deadline=deadline) as (_, watching),
    ):
        await watching.until(lambda state: state.problem is problem, "tsa")
        assert kept(tmp_path) == ([], [])
        faults(app).clear()
        await watching.covered(size, "tsa")


async def test_a_rejection_is_a_refusal(tmp_path: Path) -> None:
    """An authority whose policy takes no SHA-256 answers with PKIStatus rejection, which is not a token."""
    await grow(tmp_path, 1)
    app = authority_app(tmp_path)
    app.state.variant = type(app.state.variant)(grants=False)
    async with (
        served(app) as url,
        publishing(tmp_path, an_authority(tmp_path, url)) as (_, watching),
    ):
        await watching.until(lambda state: state.problem is Problem.REFUSED, "tsa")
    assert kept(tmp_path) == ([], [])


async def test_a_token_is_for_one_request_and_one_root(tmp_path: Path) -> None:
    """The same bytes answer no other request, no other note, and lead to no other root."""
    async with served(authority_app(tmp_path)) as url, Exchange(deadline=10.0) as exchange:
        authority = an_authority(tmp_path, url)
        asked = timestamps.request("one\n")
        reply = await exchange.post(authority.url, asked.as_bytes(), timestamps.REQUEST_TYPE)
    others = read_roots((tmp_path / "authority" / "other-ca.pem").read_bytes())
    assert timestamps.read(reply, asked, "one\n", authority.roots) > 0
    assert timestamps.read(reply, asked, "one\n", (*others, *authority.roots, *authority.roots)) > 0
    for request, text, roots in (
        (timestamps.request("one\n"), "one\n", authority.roots),
        (asked, "two\n", authority.roots),
        (asked, "one\n", others),
    ):
        with pytest.raises(EndpointFailed) as failed:
            timestamps.read(reply, request, text, roots)
        assert failed.value.problem is Problem.UNTRUSTED


async def test_spoilt_tokens_fail_in_one_way_only(tmp_path: Path) -> None:
    """Whatever byte is changed or missing, a token is refused with a word; nothing else is ever raised."""
    async with served(authority_app(tmp_path)) as url, Exchange(deadline=10.0) as exchange:
        authority = an_authority(tmp_path, url)
        asked = timestamps.request("one\n")
        reply = await exchange.post(authority.url, asked.as_bytes(), timestamps.REQUEST_TYPE)
    whole = reply.body
    spoilt = [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(len(whole))]
    refused = 0
    for body in [*spoilt, *(whole[:at] for at in range(0, len(whole), 7))]:
        try:
            timestamps.read(Reply(200, timestamps.REPLY_TYPE, body), asked, "one\n", authority.roots)
        except EndpointFailed:
            refused += 1
    assert refused > 0.95 * len(spoilt)  # the rest are bytes of the envelope that no signature covers


def _openssl(folder: Path, name: str) -> int:
    ca = folder / "authority" / "ca.pem"
    command = ["openssl", "ts", "-verify", "-in", folder / "response.tsr", "-data", folder / name, "-CAfile", ca]
    return subprocess.run(command, capture_output=True, check=False).returncode


def test_roots_are_read_from_pem(tmp_path: Path) -> None:
    """A bundle gives all its certificates."""
    authority_app(tmp_path)
    pems = [(tmp_path / "authority" / name).read_bytes() for name in ("ca.pem", "other-ca.pem")]
    roots = read_roots(b"\n".join(pems))
    assert [root.public_bytes(Encoding.PEM).strip() for root in roots] == [pem.strip() for pem in pems]
