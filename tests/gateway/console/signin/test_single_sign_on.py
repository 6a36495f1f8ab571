"""Tests of single sign-on against a strict provider on a real socket, and against one that lies."""

import hmac
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from gateway.console.accounts.desk import Subject, Wanted
from gateway.console.accounts.occurrences import Happening
from gateway.console.accounts.rows import Origin
from gateway.console.model import Role, Scope
from gateway.console.signin.provider import OidcSettings
from signing.encoding import base64url
from tests.gateway.console.signin import visitors
from tests.gateway.console.signin.identity_provider import CLIENT, KEYS, SECRET, OpenIdProvider, openid_provider
from tests.gateway.console.signin.visitors import BASE, Browser, Clock, Console

ROLES = {"sso-admin": Role.ADMINISTRATOR, "auditors": Role.NATIONAL_AUDITOR, "province": Role.PROVINCIAL_AUDITOR}


@pytest.fixture
async def stage(tmp_path: Path) -> AsyncIterator["Stage"]:
    """A provider and a console that uses it."""
    clock = Clock()
    async with AsyncExitStack() as stack:
        provider = await stack.enter_async_context(openid_provider(clock, f"{BASE}/sso/callback"))
        yield Stage(provider, clock, tmp_path, stack)


class Stage:
    """The provider, and consoles over one folder."""

    def __init__(self, provider: OpenIdProvider, clock: Clock, folder: Path, stack: AsyncExitStack) -> None:
        self.provider, self.clock, self.folder, self._stack = provider, clock, folder, stack
        self.settings = OidcSettings(provider.url, CLIENT, SECRET, BASE, roles=ROLES)

    async def console(self, **changed: Any) -> Console:
        """A console, with other settings of single sign-on."""
        settings = replace(self.settings, **changed)
        return await self._stack.enter_async_context(visitors.console(self.folder, oidc=settings, clock=self.clock))

    async def back(self, browser: Browser) -> str:
        """Go to the provider, sign in there: the address it sends the browser back to."""
        start = await browser.get("/sso/start")
        assert start.status_code == 303, start.text
        async with httpx.AsyncClient() as elsewhere:
            answer = await elsewhere.get(start.headers["location"])
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    async def sign_in(self, browser: Browser) -> httpx.Response:
        """The whole way."""
        return await browser.get(await self.back(browser), headers={"accept-language": "en"})


async def test_signing_in_by_claims(stage: Stage) -> None:
    """Role and portals come from the claims; account and sign-in are in the log; the page leads on by itself."""
    console = await stage.console()
    stage.provider.claims |= {"roles": ["staff", "province"], "portals": ["H14", "000.00.00.H15"]}
    browser = console.browser()
    page = await stage.sign_in(browser)
    assert (page.status_code, page.headers["refresh"]) == (200, "0; url=/")
    username = (await browser.get("/")).text
    held = console.reception.desk.account(username)
    assert held is not None
    assert (held.account.role, held.account.scope) == (Role.PROVINCIAL_AUDITOR, Scope(frozenset({"H14", "H15"})))
    assert (held.account.name, held.origin) == ("Lê Thị Thử", Origin.CLAIMS)
    assert console.log.words() == ["added", "signed_in"]
    await stage.sign_in(browser)
    assert console.log.words() == ["added", "signed_in", "signed_in"]
    assert len(console.reception.desk.accounts()) == 1


@pytest.mark.parametrize("algorithm", ["RS256", "PS256", "ES256", "EdDSA"])
async def test_algorithms(stage: Stage, algorithm: str) -> None:
    """Every algorithm of the list."""
    console = await stage.console()
    stage.provider.algorithm = algorithm
    stage.provider.claims["roles"] = "auditors"
    assert (await stage.sign_in(console.browser())).status_code == 200


@pytest.mark.parametrize("way", ["post", "public", "nested", "several audiences"])
async def test_ways_of_providers(stage: Stage, way: str) -> None:
    """The secret in the form, no secret, roles within an object, several audiences with us as `azp`."""
    changed: dict[str, Any] = {}
    stage.provider.claims["roles"] = ["auditors"]
    if way == "post":
        stage.provider.metadata["token_endpoint_auth_methods_supported"] = ["client_secret_post"]
    elif way == "public":
        stage.provider.public, changed = True, {"client_secret": ""}
    elif way == "nested":
        stage.provider.claims = {"sub": "u-1", "realm_access": {"roles": ["auditors"]}}
        changed = {"role_claim": "realm_access.roles"}
    else:
        stage.provider.lies = {"aud": [CLIENT, "other"], "azp": CLIENT}
    console = await stage.console(**changed)
    assert (await stage.sign_in(console.browser())).status_code == 200


async def test_another_role_in_the_claims(stage: Stage) -> None:
    """The role is taken from the newest claims; what was open under the old one ends; without a role: out."""
    console = await stage.console()
    stage.provider.claims["roles"] = ["auditors"]
    first, second = console.browser(), console.browser()
    await stage.sign_in(first)
    stage.provider.claims["roles"] = ["sso-admin"]
    await stage.sign_in(second)
    assert (await first.get("/")).status_code == 303
    assert (await second.get("/accounts")).status_code == 200
    stage.provider.claims["roles"] = []
    refused = await stage.sign_in(first)
    assert (refused.status_code, "may not use the console" in refused.text) == (403, True)
    assert console.log.told[-1].action is Happening.SIGN_IN_FAILED


@pytest.mark.parametrize(
    "claims",
    [{}, {"roles": ["staff"]}, {"roles": 7}, {"roles": ["province"]}, {"roles": ["province"], "portals": "?!"}],
)
async def test_without_a_role_nobody_comes_in(stage: Stage, claims: dict[str, Any]) -> None:
    """No mapping, or a provincial auditor of no province: refused, no account, and the page says so."""
    console = await stage.console()
    stage.provider.claims |= claims
    answer = await stage.sign_in(console.browser())
    assert (answer.status_code, "may not use the console" in answer.text) == (403, True)
    assert console.reception.desk.accounts() == ()


async def test_an_account_bound_to_a_subject(stage: Stage) -> None:
    """An administrator binds a subject: it signs in with the role given here, whatever the claims say; not disabled."""
    console = await stage.console()
    subject, wanted = Subject(stage.provider.url, "u-1"), Wanted("Lê Thị Thử", Role.OPERATOR)
    desk = console.reception.desk
    assert await desk.add("le.thu", wanted, actor="test", now=stage.clock(), subject=subject) is None
    stage.provider.claims["roles"] = ["sso-admin"]
    browser = console.browser()
    await stage.sign_in(browser)
    assert (await browser.get("/")).text == "le.thu"
    assert (await browser.get("/accounts")).status_code == 403
    await desk.disable("le.thu", actor="test", now=stage.clock())
    assert (await stage.sign_in(browser)).status_code == 403


async def test_a_name_is_no_proof(stage: Stage) -> None:
    """Somebody who is called like a local account at the provider does not become it, and has no password here."""
    console = await stage.console()
    await console.enrolled("root", Role.ADMINISTRATOR)
    stage.provider.claims |= {"name": "root", "preferred_username": "root", "email": "root@x", "roles": "auditors"}
    browser = console.browser()
    await stage.sign_in(browser)
    username = (await browser.get("/")).text
    assert username.startswith("sso-")
    stage.clock.move(minutes=1)
    local = console.browser(username)
    assert (await local.sign_in("no account has this password", code="000000")).status_code == 401


LIES: dict[str, dict[str, Any]] = {
    "another nonce": {"nonce": "A" * 43},
    "no nonce": {"nonce": None},
    "another audience": {"aud": "other"},
    "no audience": {"aud": None},
    "several audiences, for another": {"aud": [CLIENT, "other"], "azp": "other"},
    "several audiences, for nobody": {"aud": [CLIENT, "other"]},
    "another authorised party": {"azp": "other"},
    "another issuer": {"iss": "https://evil.example"},
    "no issuer": {"iss": None},
    "expired": {"exp": 1},
    "never expires": {"exp": None},
    "expires some day": {"exp": "tomorrow"},
    "expires true": {"exp": True},
    "old": {"iat": 1},
    "of tomorrow": {"iat": 4_000_000_000},
    "no time": {"iat": None},
    "no subject": {"sub": None},
    "empty subject": {"sub": ""},
    "long subject": {"sub": "x" * 256},
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_token_that_lies(stage: Stage, lie: str) -> None:
    """Each claim that the specification has us check: refused, nobody is signed in, no sign-in is recorded."""
    console = await stage.console()
    stage.provider.claims["roles"] = ["auditors"]
    stage.provider.lies = LIES[lie]
    browser = console.browser()
    answer = await stage.sign_in(browser)
    assert (answer.status_code, "cannot be trusted" in answer.text) == (401, True), answer.text
    assert (await browser.get("/")).status_code == 303
    assert console.log.words() == []


def _with_shared_secret(claims: dict[str, Any], secret: bytes, kid: dict[str, str]) -> str:
    # PyJWT refuses to sign like this, an attacker does not
    parts = [json.dumps(part).encode() for part in ({"alg": "HS256", "typ": "JWT", **kid}, claims)]
    signed = ".".join(base64url(part) for part in parts)
    return f"{signed}.{base64url(hmac.digest(secret, signed.encode(), 'sha256'))}"


@pytest.mark.parametrize("forged", ["none", "hmac", "another key", "unknown kid", "cut", "no token", "rs512"])
async def test_a_forged_token(stage: Stage, forged: str) -> None:
    """Unsigned, the public key as a shared secret, another key, an unknown name, a foreign algorithm."""
    console = await stage.console()
    provider, browser = stage.provider, console.browser()
    provider.claims["roles"] = ["auditors"]
    back = await stage.back(browser)
    nonce = next(iter(provider.codes.values()))["nonce"]
    good = provider.id_token(nonce)
    claims = jwt.decode(good, options={"verify_signature": False})
    stranger = rsa.generate_private_key(65537, 2048)
    pem = (
        KEYS["RS256"]
        .public_key()
        .public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    kid = {"kid": "key-RS256"}
    provider.token = {
        "none": lambda: jwt.encode(claims, None, "none", headers=kid),
        "hmac": lambda: _with_shared_secret(claims, pem, kid),
        "another key": lambda: jwt.encode(claims, stranger, "RS256", headers=kid),
        "unknown kid": lambda: jwt.encode(claims, stranger, "RS256", headers={"kid": "new"}),
        "cut": lambda: good[:-8],
        "no token": lambda: "x",
        "rs512": lambda: jwt.encode(claims, KEYS["RS256"], "RS512", headers=kid),
    }[forged]()
    assert (await browser.get(back)).status_code == 401
    assert console.log.words() == []


async def test_a_key_that_was_changed(stage: Stage) -> None:
    """A new key is fetched when a token needs it; a flood of unknown keys is not a flood at the provider."""
    console = await stage.console()
    stage.provider.claims["roles"] = ["auditors"]
    await stage.sign_in(console.browser())
    stage.provider.algorithm = "ES256"
    stage.clock.move(minutes=1)
    assert (await stage.sign_in(console.browser())).status_code == 200
    stage.provider.header = {"kid": "unknown"}
    stage.provider.asked.clear()
    for _ in range(4):
        assert (await stage.sign_in(console.browser())).status_code == 401
    assert stage.provider.asked.count("/jwks") <= 1


@pytest.mark.parametrize("kind", ["another", "missing", "no cookie", "another browser", "too late", "forged cookie"])
async def test_the_way_back_belongs_to_the_way_there(stage: Stage, kind: str) -> None:
    """A state of another browser, none, or one that is too old: the code is not even asked about."""
    console = await stage.console()
    stage.provider.claims["roles"] = ["auditors"]
    browser = console.browser()
    back = await stage.back(browser)
    if kind == "another":
        back = back.replace("state=", "state=x")
    elif kind == "missing":
        back = back.split("&state=")[0]
    elif kind == "no cookie":
        browser.client.cookies.clear()
    elif kind == "another browser":
        browser = console.browser()
        await browser.get("/sso/start")
    elif kind == "too late":
        stage.clock.move(minutes=10)
    else:
        browser.client.cookies.clear()
        browser.client.cookies.set("__Host-lt_sso", "A" * 200, domain="console.example")
    answer = await browser.get(back)
    assert answer.status_code == 401
    assert "/token" not in stage.provider.asked
    assert console.log.words() == []


async def test_a_code_is_good_once(stage: Stage) -> None:
    """The same way back again, even with the cookie of the first time, signs in nobody."""
    console = await stage.console()
    stage.provider.claims["roles"] = ["auditors"]
    browser = console.browser()
    back = await stage.back(browser)
    cookie = browser.client.cookies["__Host-lt_sso"]
    assert (await browser.get(back)).status_code == 200
    assert "__Host-lt_sso" not in browser.client.cookies
    thief = console.browser()
    thief.client.cookies.set("__Host-lt_sso", cookie, domain="console.example")
    assert (await thief.get(back)).status_code == 401
    assert (await thief.get("/")).status_code == 303


async def test_a_code_of_another_provider(stage: Stage) -> None:
    """RFC 9207: an answer that names another issuer is refused, and so is one that names none where one should be."""
    console = await stage.console()
    browser = console.browser()
    back = await stage.back(browser)
    assert (await browser.get(f"{back}&iss=https%3A%2F%2Fevil.example")).status_code == 401
    stage.provider.metadata["authorization_response_iss_parameter_supported"] = True
    stage.clock.move(hours=1)
    assert (await browser.get(await stage.back(browser))).status_code == 401
    assert "/token" not in stage.provider.asked


async def test_the_provider_refuses(stage: Stage) -> None:
    """What it says is not repeated; the page says that it refused."""
    console = await stage.console()
    browser = console.browser()
    state = parse_qs(urlsplit(await stage.back(browser)).query)["state"][0]
    answer = await browser.get(f"/sso/callback?error=access_denied&error_description=%3Cscript%3E&state={state}")
    assert (answer.status_code, "script" in answer.text) == (401, False)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/.well-known/openid-configuration", 500),
        ("/.well-known/openid-configuration", 404),
        ("/.well-known/openid-configuration", 1),
        ("/token", 500),
        ("/token", 200),
        ("/token", 302),
        ("/jwks", 503),
        ("/jwks", 200),
        ("/jwks", 1),
    ],
)
async def test_a_broken_provider(stage: Stage, path: str, status: int) -> None:
    """Errors, nonsense and endless answers: a page says so, and a password works as before."""
    console = await stage.console()
    local = await console.enrolled("an.nguyen")
    stage.provider.claims["roles"] = ["auditors"]
    stage.provider.broken = {path: status}
    browser = console.browser()
    answer = await (browser.get("/sso/start") if path.startswith("/.well") else stage.sign_in(browser))
    assert answer.status_code in {401, 503}
    assert 'role="alert"' in answer.text
    stage.clock.move(minutes=1)
    assert (await local.sign_in()).headers["location"] == "/"


async def test_a_provider_that_is_down(tmp_path: Path) -> None:
    """Nothing listens: the page says that it does not answer and that passwords work; signing out works too."""
    clock = Clock()
    async with openid_provider(clock, f"{BASE}/sso/callback") as provider:
        settings = OidcSettings(provider.url, CLIENT, SECRET, BASE, roles=ROLES)
    async with visitors.console(tmp_path, oidc=settings, clock=clock) as console:
        browser = console.browser()
        assert 'href="/sso/start"' in (await browser.get("/sign-in")).text
        answer = await browser.get("/sso/start", headers={"accept-language": "en"})
        assert (answer.status_code, "Signing in with a password still works" in answer.text) == (503, True)


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"token_endpoint": "http://evil.example/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": None},
        {"end_session_endpoint": "http://[broken"},
    ],
)
async def test_metadata_that_is_not_to_be_used(stage: Stage, metadata: dict[str, Any]) -> None:
    """Another issuer's document, or an endpoint over plain http: the browser is sent nowhere."""
    console = await stage.console()
    stage.provider.metadata = metadata
    assert (await console.browser().get("/sso/start")).status_code == 401


async def test_how_it_was_proven(stage: Stage) -> None:
    """Where acr or amr are asked for, a token without them is refused, and the provider is told what is wanted."""
    console = await stage.console(acr=("urn:two",), amr=("otp",))
    stage.provider.claims["roles"] = ["auditors"]
    browser = console.browser()
    assert "acr_values=urn%3Atwo" in (await browser.get("/sso/start")).headers["location"]
    for claims, status in (
        ({}, 401),
        ({"acr": "urn:one", "amr": ["otp"]}, 401),
        ({"acr": "urn:two", "amr": ["pwd"]}, 401),
        ({"acr": "urn:two", "amr": "otp"}, 401),
        ({"acr": "urn:two", "amr": ["pwd", "otp"]}, 200),
    ):
        stage.provider.lies = claims
        assert (await stage.sign_in(browser)).status_code == status, claims


async def test_without_the_log_nobody_comes_in(stage: Stage) -> None:
    """No account is made and no session is open when it cannot be recorded."""
    console = await stage.console()
    stage.provider.claims["roles"] = ["auditors"]
    console.log.closed = True
    browser = console.browser()
    answer = await stage.sign_in(browser)
    assert (answer.status_code, "access log cannot be written" in answer.text) == (503, True)
    assert console.reception.desk.accounts() == ()
    assert (await browser.get("/")).status_code == 303


async def test_signing_out_at_the_provider_too(stage: Stage) -> None:
    """The page leads to the provider's sign-out, without the token or a name in the address."""
    console = await stage.console()
    stage.provider.claims["roles"] = ["auditors"]
    browser = console.browser()
    await stage.sign_in(browser)
    page = await browser.post("/sign-out", {}, seen=await browser.get("/sessions"))
    address = page.headers["refresh"].removeprefix("0; url=")
    assert address.startswith(f"{stage.provider.url}/logout?")
    asked = parse_qs(urlsplit(address).query)
    assert asked == {"client_id": [CLIENT], "post_logout_redirect_uri": [f"{BASE}/sign-in"]}
    assert (await browser.get("/")).status_code == 303


async def test_the_waiting_cookie(stage: Stage) -> None:
    """It says nothing, survives the way back from another site, and no script can read it."""
    console = await stage.console()
    start = await console.browser().get("/sso/start")
    asked = parse_qs(urlsplit(start.headers["location"]).query)
    header = start.headers["set-cookie"]
    assert {"SameSite=lax", "HttpOnly", "Secure", "Path=/", "Max-Age=600"} <= set(header.split("; "))
    assert asked["state"][0] not in header
    assert asked["nonce"][0] not in header


def test_the_secret_is_not_shown() -> None:
    """Neither settings nor anything with them in it prints the client's secret."""
    assert SECRET not in repr(OidcSettings("https://id.example", CLIENT, SECRET, BASE))
