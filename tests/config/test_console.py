"""Tests of `[console]`: what an operator can write wrong, and what a command line says instead."""

import pytest

from config.gateway import Overrides
from config.loader import load
from config.running import Endpoint, OidcProvider
from tests.config.folder import Folder

FILE = "gateway.toml"
OIDC = """
[console.oidc]
name = "Sở Nội vụ"
issuer = "https://id.example"
client_id = "console"
client_secret = { env = "LT_CONSOLE_OIDC_SECRET" }
amr = ["otp"]
[console.oidc.roles]
"kiem-toan" = "national_auditor"
"""
URL = 'public_url = { env = "LT_CONSOLE_URL", optional = true }'


def test_what_is_shipped(folder: Folder) -> None:
    """A port of its own on this machine, no proxy, no provider."""
    console = folder.load().gateway.console
    assert (console.listen, console.public_url, console.proxies, console.oidc) == (
        Endpoint("127.0.0.1", 8081),
        "",
        (),
        None,
    )


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (URL, 'public_url = "http://console.example"', "public_url must be https, or http on this machine"),
        (
            "proxies = []",
            'proxies = ["proxy.example"]',
            'proxies holds "proxy.example", which is no address or network',
        ),
        ("proxies = []", 'proxies = ["10.1.2.3/16"]', 'proxies holds "10.1.2.3/16", which is no address or network'),
        ('listen = "127.0.0.1:8081"', 'listen = "8081"', "listen must be host:port"),
        ("proxies = []", "proxy = []", "proxy"),
    ],
)
def test_mistakes_are_named_with_their_line(folder: Folder, old: str, new: str, says: str) -> None:
    """Each with the line of its key."""
    line = folder.swap(FILE, old, new)
    assert [problem for problem in folder.problems() if problem.startswith(f"{FILE}:{line}: ") and says in problem]


def test_a_gateway_asked_in_the_clear_deserves_a_look(folder: Folder) -> None:
    """Numbers that auditors search for travel there."""
    folder.swap(
        FILE, 'gateway_url = { env = "LT_CONSOLE_GATEWAY_URL", optional = true }', 'gateway_url = "http://ops.example"'
    )
    assert [warning for warning in folder.warnings() if "gateway_url is plain http" in warning]


def test_proxies_are_networks(folder: Folder) -> None:
    """A single address is a network of one."""
    folder.swap(FILE, "proxies = []", 'proxies = ["127.0.0.1", "10.1.0.0/16", "::1"]')
    assert folder.load().gateway.console.proxies == ("127.0.0.1/32", "10.1.0.0/16", "::1/128")


def test_single_sign_on_is_whole_or_a_mistake(folder: Folder) -> None:
    """It needs the console's own address and known roles; its secret shows nowhere."""
    folder.write(FILE, folder.text(FILE) + OIDC)
    environ = {**folder.environ, "LT_CONSOLE_OIDC_SECRET": "synthetic"}
    folder = Folder(folder.root, environ)
    assert [problem for problem in folder.problems() if "public_url is needed for single sign-on" in problem]
    folder.swap(FILE, URL, 'public_url = "https://console.example"')
    oidc = folder.load().gateway.console.oidc
    assert isinstance(oidc, OidcProvider)
    assert (oidc.roles, oidc.amr, oidc.acr) == ({"kiem-toan": "national_auditor"}, ("otp",), ())
    assert "synthetic" not in repr(oidc)
    folder.swap(FILE, '"national_auditor"', '"king"')
    assert [problem for problem in folder.problems() if '"king" is no role' in problem]


@pytest.mark.parametrize(
    ("issuer", "says"),
    [
        ('issuer = "http://id.example"', "issuer must be https, or http on this machine"),
        ('issuer = ""', "issuer is needed"),
        ('issuer = "id.example"', "issuer"),
    ],
)
def test_an_issuer_that_cannot_be_trusted(folder: Folder, issuer: str, says: str) -> None:
    """Over plain http anybody on the way could say who somebody is."""
    folder.write(FILE, folder.text(FILE) + OIDC.replace('issuer = "https://id.example"', issuer))
    folder = Folder(folder.root, {**folder.environ, "LT_CONSOLE_OIDC_SECRET": "synthetic"})
    assert [problem for problem in folder.problems() if says in problem]


@pytest.mark.parametrize("issuer", ["https://id.example/", "https://id.example", "http://127.0.0.1:8080/realms/vn"])
def test_an_issuer_is_kept_to_the_letter(folder: Folder, issuer: str) -> None:
    """A provider that names itself with a slash at the end is another one without it (OIDC Discovery, 4.3)."""
    folder.write(FILE, folder.text(FILE) + OIDC.replace("https://id.example", issuer))
    folder.swap(FILE, URL, 'public_url = "https://console.example"')
    oidc = Folder(folder.root, {**folder.environ, "LT_CONSOLE_OIDC_SECRET": "synthetic"}).load().gateway.console.oidc
    assert oidc is not None
    assert oidc.issuer == issuer


def test_the_command_line_wins(folder: Folder) -> None:
    """`gateway console --listen --gateway-url`, with the same checks."""
    overrides = Overrides(console="127.0.0.1:0", console_gateway="http://127.0.0.1:9999/")
    console = load(folder.root, environ=folder.environ, overrides=overrides).gateway.console
    assert (console.listen, console.gateway_url) == (Endpoint("127.0.0.1", 0), "http://127.0.0.1:9999")
