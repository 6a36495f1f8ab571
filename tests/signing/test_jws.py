"""Tests of compact JWS."""

import json
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signing import jws
from signing.algorithms import PublicKey
from signing.encoding import base64url
from signing.errors import AlgorithmRefused, EncodingMalformed, SignatureInvalid, SigningError, TokenMalformed
from signing.jwk import from_jwk
from signing.keys import KeySigner
from tests.helpers.tamper import flip, tampered
from tests.signing.test_jwk import ED25519, P256

# RFC 8037, appendix A.4
RFC_8037 = (
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
)
# RFC 7515, appendix A.3
RFC_7515 = (
    "eyJhbGciOiJFUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
)


def _passes(token: str, key: PublicKey, alg: str) -> bool:
    try:
        jws.verify(jws.parse(token), key, alg)
    except SigningError:
        return False
    return True


def test_the_example_of_rfc_8037_verifies() -> None:
    """The published Ed25519 token verifies under both names of the algorithm."""
    parsed = jws.parse(RFC_8037)
    _, _, key = from_jwk(ED25519)
    jws.verify(parsed, key, "EdDSA")
    jws.verify(parsed, key, "Ed25519")
    assert parsed.payload == b"Example of Ed25519 signing"


def test_the_example_of_rfc_7515_verifies() -> None:
    """The published ES256 token verifies, and its claims are read."""
    parsed = jws.parse(RFC_7515)
    jws.verify(parsed, from_jwk(P256)[2], "ES256")
    assert parsed.claims() == {"iss": "joe", "exp": 1300819380, "http://example.com/is_root": True}


def test_a_token_comes_back(signer: KeySigner) -> None:
    """What was signed is read back: header with the signer's kid and alg, payload, a good signature."""
    parsed = jws.parse(jws.encode({"typ": "x", "alg": "none"}, b'{"a":1}', signer))
    jws.verify(parsed, signer.public_key, signer.alg)
    assert parsed.header == {"typ": "x", "alg": signer.alg, "kid": signer.kid}
    assert parsed.claims() == {"a": 1}


def test_every_tampered_token_fails(signer: KeySigner) -> None:
    """No altered form of a good token verifies."""
    token = jws.encode({"typ": "x"}, b'{"a":1}', signer)
    seen = 0
    for name, altered in tampered(token):
        assert altered != token, name
        assert not _passes(altered, signer.public_key, signer.alg), name
        seen += 1
    assert seen > 50


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_one_bit_flip_fails(signer: KeySigner, data: st.DataObject) -> None:
    """A token with one bit changed anywhere does not verify."""
    token = jws.encode({"typ": "x"}, b'{"claim":"value"}', signer)
    position = data.draw(st.integers(0, len(token) - 1))
    altered = flip(token, position, data.draw(st.integers(0, 5)))
    assert not _passes(altered, signer.public_key, signer.alg)


def test_the_name_in_the_token_does_not_choose(signers: dict[str, KeySigner]) -> None:
    """A token is refused by any algorithm but the key's, whatever its header says."""
    parsed = jws.parse(jws.encode({}, b"{}", signers["ES256"]))
    with pytest.raises(AlgorithmRefused):
        jws.verify(parsed, signers["EdDSA"].public_key, "EdDSA")


def test_another_key_of_the_kind_fails(signers: dict[str, KeySigner]) -> None:
    """A good token does not verify with a key that did not sign it."""
    parsed = jws.parse(jws.encode({}, b"{}", signers["EdDSA"]))
    with pytest.raises(SignatureInvalid):
        jws.verify(parsed, from_jwk(ED25519)[2], "EdDSA")


@pytest.mark.parametrize("extra", [{"crit": ["exp"]}, {"b64": False}, {"crit": [], "b64": True}])
def test_headers_that_change_the_signature_are_refused(extra: dict[str, object], signers: dict[str, KeySigner]) -> None:
    """crit and b64 are refused even under a good signature."""
    parsed = jws.parse(jws.encode(extra, b"{}", signers["EdDSA"]))
    with pytest.raises(TokenMalformed):
        jws.verify(parsed, signers["EdDSA"].public_key, "EdDSA")


@pytest.mark.parametrize("alg", [None, 7, ["EdDSA"], {"EdDSA": 1}])
def test_an_alg_that_is_no_text_is_refused(alg: object, signers: dict[str, KeySigner]) -> None:
    """An `alg` of another type is refused, not crashed on."""
    token = jws.encode({}, b"{}", signers["EdDSA"])
    header = base64url(json.dumps({"alg": alg}).encode())
    with pytest.raises(AlgorithmRefused):
        jws.verify(jws.parse(f"{header}.{token.split('.', 1)[1]}"), signers["EdDSA"].public_key, "EdDSA")


def test_long_tokens_are_neither_made_nor_read(signers: dict[str, KeySigner]) -> None:
    """Nothing beyond 16 KiB is looked at, or written."""
    with pytest.raises(TokenMalformed):
        jws.encode({}, b"x" * jws.MAX_TOKEN_BYTES, signers["EdDSA"])
    with pytest.raises(TokenMalformed):
        jws.parse("e30." + "A" * jws.MAX_TOKEN_BYTES + ".AA")


@pytest.mark.parametrize(
    "token", ["", ".", "..", "e30.e30", "e30.e30.AA.AA", "W10.e30.AA", "e30.e30.A", "é.e30.AA", "e30..AA", "e30.e30."]
)
def test_other_forms_are_refused(token: str) -> None:
    """Text that is not three good parts is refused as a signing error, whatever it is."""
    with pytest.raises(SigningError):
        jws.parse(token)


@given(st.text(max_size=60))
def test_parsing_raises_nothing_else(text: str) -> None:
    """Any text parses or raises a signing error."""
    with suppress(TokenMalformed, EncodingMalformed):
        assert jws.parse(text).signing_input
