"""Every 401 of the contract, each by its own wrong request, over real sockets; none of them reaches a source."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from gateway.api.problems import TABLE
from gateway.errors import Code
from signing import algorithms, jws, request
from signing import keys as signing_keys
from signing.encoding import base64url
from tests.helpers.stack import PERSON, RESIDENCE, Stack, now, portal_file

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATH = "/v1/persons/lookup"
BODY = json.dumps(PERSON, ensure_ascii=False).encode()
Sent = tuple[str | None, str | None, str, bytes | None]


def _claims(token: str) -> dict[str, Any]:
    return jws.parse(token).claims()


def _resigned(up: Stack, header: dict[str, Any], claims: dict[str, Any], agency: str = "H14") -> str:
    signer = up.portals[agency].signer
    # by hand: `jws.encode` would not write a header it knows to be wrong
    first = base64url(json.dumps(header).encode()) + "." + base64url(json.dumps(claims).encode())
    return f"{first}.{base64url(signer.sign(first.encode()))}"


def _with_header(**changes: Any) -> Callable[[Stack], Sent]:
    def make(up: Stack) -> Sent:
        token, digest = up.token(PATH, BODY)
        header = {k: v for k, v in {**jws.parse(token).header, **changes}.items() if v is not ...}
        return _resigned(up, header, _claims(token)), digest, PATH, BODY

    return make


def _with_claims(**changes: Any) -> Callable[[Stack], Sent]:
    def make(up: Stack) -> Sent:
        token, digest = up.token(PATH, BODY)
        claims = {k: v for k, v in {**_claims(token), **changes}.items() if v is not ...}
        return _resigned(up, jws.parse(token).header, claims), digest, PATH, BODY

    return make


def _with_purpose(**changes: Any) -> Callable[[Stack], Sent]:
    def make(up: Stack) -> Sent:
        token, digest = up.token(PATH, BODY)
        claims = _claims(token)
        claims["purpose"] = {k: v for k, v in {**claims["purpose"], **changes}.items() if v is not ...}
        return _resigned(up, jws.parse(token).header, claims), digest, PATH, BODY

    return make


def _at(seconds: float, lifetime: int = 60) -> Callable[[Stack], Sent]:
    def make(up: Stack) -> Sent:
        begins = int((now() + timedelta(seconds=seconds)).timestamp())
        return _with_claims(iat=begins, exp=begins + lifetime)(up)

    return make


def _token(text: str | None) -> Callable[[Stack], Sent]:
    return lambda up: (text, up.token(PATH, BODY)[1], PATH, BODY)


def _foreign_key(up: Stack) -> Sent:
    """Signed by a key that is not the one registered under this kid."""
    stranger = signing_keys.KeySigner("h14-test", "ES256", algorithms.generate("ES256"))
    first = up.portals["H14"]
    up.portals["H14"] = type(first)("H14", stranger)
    try:
        token, digest = up.token(PATH, BODY)
    finally:
        up.portals["H14"] = first
    return token, digest, PATH, BODY


def _other_portal(up: Stack) -> Sent:
    """Another portal's key, claiming to be H14."""
    token, digest = up.token(PATH, BODY, agency="H41", iss="H14")
    return token, digest, PATH, BODY


def _key(kid: str) -> Callable[[Stack], Sent]:
    def make(up: Stack) -> Sent:
        token, digest = up.token(PATH, BODY, agency=kid)
        return token, digest, PATH, BODY

    return make


def _no_digest_header(up: Stack) -> Sent:
    return up.token(PATH, BODY)[0], None, PATH, BODY


def _other_body(up: Stack) -> Sent:
    token, digest = up.token(PATH, BODY)
    return token, digest, PATH, BODY.replace(b"1992-11-22", b"1992-11-23")


def _other_digest(up: Stack) -> Sent:
    token, _ = up.token(PATH, BODY)
    other = base64.b64encode(bytes(32)).decode()
    return token, f"sha-256=:{other}:", PATH, BODY


CASES: tuple[tuple[str, str, Callable[[Stack], Sent]], ...] = (
    ("no token", "authorization_missing", _token(None)),
    ("two parts", "token_malformed", _token("abc.def")),
    ("not base64url", "token_malformed", _token("a=b.c.d")),
    ("crit", "token_malformed", _with_header(crit=["b64"])),
    ("jwk", "token_malformed", _with_header(jwk={})),
    ("jku", "token_malformed", _with_header(jku="https://portal.example/keys")),
    ("x5u", "token_malformed", _with_header(x5u="https://portal.example/c")),
    ("x5c", "token_malformed", _with_header(x5c=[])),
    ("b64", "token_malformed", _with_header(b64=False)),
    ("typ", "token_type_wrong", _with_header(typ="JWT")),
    ("no typ", "token_type_wrong", _with_header(typ=...)),
    ("alg none", "algorithm_not_allowed", _with_header(alg="none")),
    ("alg HS256", "algorithm_not_allowed", _with_header(alg="HS256")),
    ("alg not the key's", "algorithm_not_allowed", _with_header(alg="EdDSA")),
    ("kid", "key_unknown", _with_header(kid="nobody")),
    ("no kid", "key_unknown", _with_header(kid=...)),
    ("other portal's key", "key_not_yours", _other_portal),
    ("key from tomorrow", "key_not_yet_valid", _key("tomorrow")),
    ("key of yesterday", "key_expired", _key("yesterday")),
    ("revoked key", "key_revoked", _key("revoked")),
    ("stranger's key", "signature_invalid", _foreign_key),
    ("no aud", "claim_missing", _with_claims(aud=...)),
    ("no officer", "claim_missing", _with_purpose(officer=...)),
    ("consent without reference", "claim_missing", _with_purpose(basis="consent")),
    ("jti too short", "claim_invalid", _with_claims(jti="short")),
    ("aud a list", "claim_invalid", _with_claims(aud=["a"])),
    ("basis", "claim_invalid", _with_purpose(basis="habit")),
    ("procedure", "claim_invalid", _with_purpose(procedure="residence")),
    ("dossier is a personal number", "claim_invalid", _with_purpose(dossier="004192000123")),
    ("aud", "audience_wrong", _with_claims(aud="https://elsewhere.example")),
    ("expired", "token_expired", _at(-200)),
    ("future", "token_not_yet_valid", _at(100)),
    ("121 seconds", "token_lifetime_too_long", _at(0, 121)),
    ("htm", "method_mismatch", _with_claims(htm="PUT")),
    ("htu", "target_mismatch", _with_claims(htu="https://elsewhere.example/v1/persons/lookup")),
    ("no digest claim", "digest_missing", _with_claims(digest=...)),
    ("no digest header", "digest_missing", _no_digest_header),
    ("another body", "digest_mismatch", _other_body),
    ("another digest header", "digest_mismatch", _other_digest),
    ("suspended", "portal_suspended", _key("H42")),
)


@pytest.fixture(scope="module", autouse=True)
def odd_keys(running: Stack) -> None:
    """Keys that are not valid now, and a suspended portal, taken by a reload."""
    h14 = running.config / "portals" / "H14.toml"
    for kid, begins, ends, extra in (
        ("tomorrow", timedelta(days=1), timedelta(days=9), ""),
        ("yesterday", timedelta(days=-9), timedelta(days=-1), ""),
        ("revoked", timedelta(days=-9), timedelta(days=9), f"revoked_at = {now():%Y-%m-%dT%H:%M:%SZ}\n"),
    ):
        key = algorithms.generate("ES256")
        (running.config / "portals" / "H14" / f"{kid}.pem").write_bytes(signing_keys.public_pem(key.public_key()))
        with h14.open("a", encoding="utf-8") as file:
            file.write(
                f'\n[[keys]]\nkid = "{kid}"\nalg = "ES256"\npublic_key = "H14/{kid}.pem"\n'
                f"not_before = {now() + begins:%Y-%m-%dT%H:%M:%SZ}\n"
                f"not_after = {now() + ends:%Y-%m-%dT%H:%M:%SZ}\n{extra}"
            )
        signer = signing_keys.KeySigner(kid, "ES256", key)
        running.portals[kid] = type(running.portals["H14"])("H14", signer)
    running.portals["H42"] = portal_file(running.config, "H42", kid="h42-test", extra="suspended = true")
    running.gateway.reload(running.load())


@pytest.mark.parametrize(("name", "code", "make"), CASES, ids=[name for name, _, _ in CASES])
async def test_each_wrong_request_has_its_own_code(
    up: Stack, name: str, code: str, make: Callable[[Stack], Sent]
) -> None:
    """A wrong request gets the code of what is wrong with it, signed, and no registry is asked."""
    token, digest, path, body = make(up)
    answered = await up.send(path, body, token, digest)
    problem = answered.json()
    assert (answered.status_code, problem["code"], problem["fault"]) == (401, code, "caller")
    assert answered.headers["gateway-signature"]
    assert answered.headers["content-type"] == "application/problem+json"
    assert not any([(await up.mock(source, "state"))["calls"] for source in up.mocks])
    signed = _claims(answered.headers["gateway-signature"])
    assert signed["req"] == (request.token_hash(token) if token else None)


async def test_a_token_is_good_for_one_call(up: Stack) -> None:
    """The same token sent twice is refused the second time, and the registry is asked once."""
    token, digest = up.token(PATH, BODY)
    first = await up.send(PATH, BODY, token, digest)
    second = await up.send(PATH, BODY, token, digest)
    assert first.status_code == 200
    assert (second.status_code, second.json()["code"]) == (401, "request_replayed")
    assert (await up.mock("population", "state"))["calls"] == 1


async def test_every_401_code_of_the_table_is_covered() -> None:
    """No 401 code of the catalogue is without a test here."""
    codes = {code.value for code, row in TABLE.items() if row.status == 401}
    tested = {code for _, code, _ in CASES} | {Code.REQUEST_REPLAYED.value}
    assert tested == codes


async def test_attributed_refusals_are_in_the_log_and_others_are_not(up: Stack) -> None:
    """A failure after the signature names a log entry in the answer; one before it does not."""
    token, digest, path, body = _with_claims(htm="PUT")(up)
    attributed = _claims((await up.send(path, body, token, digest)).headers["gateway-signature"])
    token, digest, path, body = _foreign_key(up)
    unknown = _claims((await up.send(path, body, token, digest)).headers["gateway-signature"])
    assert attributed["aud"] == "H14"
    assert attributed["entry"]["index"] > 0
    assert "entry" not in unknown
    assert "aud" not in unknown


async def test_the_older_agency_code_is_the_same_portal(up: Stack) -> None:
    """`000.00.00.H14` signs with H14's key; the answer is addressed to the form the caller used."""
    answered = await up.call(PATH, PERSON, iss="000.00.00.H14", procedure=RESIDENCE)
    assert answered.status_code == 200
    assert _claims(answered.headers["gateway-signature"])["aud"] == "000.00.00.H14"
