"""Endpoints that cannot be used are refused before anything runs."""

from datetime import timedelta
from pathlib import Path

import pytest

from gateway.publish.settings import Authority, EndpointRefused, PublishSettings, Witness, read_roots
from signing.cosignatures import parse_witness_vkey
from tests.gateway.publish.builders import authority_app
from tests.signing.test_cosignatures import a_witness

KEY = parse_witness_vkey(a_witness().vkey)
OTHER = parse_witness_vkey(a_witness(name="witness.example/w2", seed=3).vkey)


def test_addresses_are_submission_prefixes() -> None:
    """With or without a slash at the end; nothing of it shows in `repr`."""
    for url in ("https://w.example/log", "https://w.example/log/"):
        witness = Witness("w1", url, KEY)
        assert witness.add_checkpoint == "https://w.example/log/add-checkpoint"
        assert "w.example" not in repr(witness).replace(KEY.name, "")


@pytest.mark.parametrize(
    "url", ["", "w.example", "ftp://w.example", "https://", "https://w.example/?a=b", "http://w.example:x"]
)
def test_other_addresses_are_refused(url: str) -> None:
    """Only http and https, with a host."""
    with pytest.raises(EndpointRefused):
        Witness("w1", url, KEY)


def test_names_are_there_once() -> None:
    """Two endpoints must not share a place in metrics or in the store."""
    one = Witness("w1", "https://w.example", KEY)
    for twice in (Witness("w1", "https://v.example", OTHER), Witness("w2", "https://v.example", KEY)):
        with pytest.raises(EndpointRefused):
            PublishSettings(witnesses=(one, twice))
    assert PublishSettings(witnesses=(one, Witness("w2", "https://v.example", OTHER))).authorities == ()


def test_authorities_need_certificates_and_a_time(tmp_path: Path) -> None:
    """No root, nothing to trust; and no time that is not positive."""
    authority_app(tmp_path)
    roots = read_roots((tmp_path / "authority" / "ca.pem").read_bytes())
    for wrong in ({"roots": ()}, {"roots": roots, "every": timedelta()}):
        with pytest.raises(EndpointRefused):
            Authority(**{"name": "tsa", "url": "https://tsa.example", **wrong})
    with pytest.raises(EndpointRefused):
        read_roots(b"no certificate")
    with pytest.raises(EndpointRefused):
        PublishSettings(interval=0)
