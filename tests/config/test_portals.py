"""Portals and their keys."""

# ruff: noqa: E501  # one case per line reads as a table

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from tests.config.folder import AT, Folder

BLOCK = """
[[keys]]
kid = "{kid}"
alg = "{alg}"
public_key = "H14/key.pem"
not_before = 2026-11-01T00:00:00Z
not_after = 2027-11-01T07:00:00+07:00
"""


@dataclass(frozen=True)
class Pairs:
    """Keys made once: making RSA keys is slow."""

    ed25519 = ed25519.Ed25519PrivateKey.generate()
    p256 = ec.generate_private_key(ec.SECP256R1())
    p384 = ec.generate_private_key(ec.SECP384R1())
    rsa2048 = rsa.generate_private_key(65537, 2048)
    rsa1024 = rsa.generate_private_key(65537, 1024)  # noqa: S505  # too small on purpose
    dsa1024 = dsa.generate_private_key(1024)  # noqa: S505  # a type nobody may use


def spki(key: PublicKeyTypes) -> bytes:
    """A public key in PEM."""
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def add(folder: Folder, pem: bytes, *, alg: str = "ES256", kid: str = "H14-1", name: str = "H14") -> int:
    """Give the sample portal a key. The line of its block."""
    folder.write("portals/H14/key.pem", pem)
    return folder.append(f"portals/{name}.toml", BLOCK.format(kid=kid, alg=alg)) + 1


@pytest.mark.parametrize(("alg", "pair"), [("EdDSA", "ed25519"), ("ES256", "p256"), ("PS256", "rsa2048")])
def test_good_keys(folder: Folder, alg: str, pair: str) -> None:
    """A key of the right type is taken, its times in UTC."""
    pem = spki(getattr(Pairs, pair).public_key())
    add(folder, pem, alg=alg)
    (key,) = folder.load().portals["H14"].keys
    assert (key.kid, key.alg, key.pem) == ("H14-1", alg, pem)
    assert key.not_before == datetime(2026, 11, 1, tzinfo=UTC)
    assert key.not_after == datetime(2027, 11, 1, tzinfo=UTC)
    assert key.not_after.utcoffset() == key.not_before.utcoffset()
    assert key.revoked_at is None


@pytest.mark.parametrize(
    ("alg", "pair"),
    [
        ("EdDSA", "p256"),
        ("ES256", "ed25519"),
        ("ES256", "p384"),
        ("ES256", "rsa2048"),
        ("PS256", "rsa1024"),
        ("PS256", "p256"),
        ("PS256", "dsa1024"),
    ],
)
def test_key_that_does_not_fit(folder: Folder, alg: str, pair: str) -> None:
    """A key of another type or size than the algorithm needs is refused at its line."""
    line = add(folder, spki(getattr(Pairs, pair).public_key()), alg=alg)
    (problem,) = folder.problems()
    assert problem.startswith(f"portals/H14.toml:{line + 3}: The file must hold ")


@pytest.mark.parametrize(
    "pem",
    [
        b"",
        b"not a key",
        b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        spki(Pairs.p256.public_key()) * 2,
        Pairs.rsa2048.public_key().public_bytes(Encoding.PEM, PublicFormat.PKCS1),
    ],
    ids=["empty", "words", "rubbish", "two", "pkcs1"],
)
def test_file_that_is_no_key(folder: Folder, pem: bytes) -> None:
    """A file that does not hold exactly one SubjectPublicKeyInfo is refused."""
    line = add(folder, pem)
    (problem,) = folder.problems()
    assert problem.startswith(f"portals/H14.toml:{line + 3}: The file must hold a P-256 key")


def test_private_key(folder: Folder) -> None:
    """A private key in the configuration is named as what it is."""
    line = add(folder, Pairs.p256.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    expected = "The file holds a private key. It belongs to the portal alone: replace the pair."
    assert folder.problems() == [f"portals/H14.toml:{line + 3}: {expected}"]


@pytest.mark.parametrize("path", ["/etc/key.pem", "../key.pem", "H14/../../key.pem"])
def test_key_outside_the_folder(folder: Folder, path: str) -> None:
    """A public key must lie in the portals folder."""
    line = add(folder, b"")
    folder.swap("portals/H14.toml", "H14/key.pem", path)
    assert folder.problems() == [f"portals/H14.toml:{line + 3}: public_key must be a path inside the portals folder."]


def test_missing_key_file(folder: Folder) -> None:
    """A key file that is not there is reported where it is named."""
    line = add(folder, b"")
    (folder.root / "portals/H14/key.pem").unlink()
    expected = "portals/H14/key.pem cannot be read: No such file or directory."
    assert folder.problems() == [f"portals/H14.toml:{line + 3}: {expected}"]


@pytest.mark.parametrize(
    ("old", "new", "offset", "message"),
    [
        ('kid = "H14-1"', 'kid = "H14 1"', 1, "kid must be 1 to 128 letters, digits, and . _ -, not beginning with a dot."),
        ('alg = "ES256"', 'alg = "RS256"', 2, "alg must be one of: EdDSA, ES256, PS256."),
        ('alg = "ES256"', 'alg = "none"', 2, "alg must be one of: EdDSA, ES256, PS256."),
        ("01T00:00:00Z", "01T00:00:00", 4, "not_before must be a date and time with its zone, such as 2026-11-01T00:00:00Z, unquoted."),
        ("2026-11-01T00:00:00Z", "2026-11-01", 4, "not_before must be a date and time with its zone, such as 2026-11-01T00:00:00Z, unquoted."),
        ("2027-11-01T07", "2026-11-01T07", 5, "not_after must be later than not_before."),
        ("not_after", "not_afterwards", 5, "not_afterwards is not a known key here. Did you mean not_after?"),
    ],
)  # fmt: skip
def test_mistakes_of_a_key(folder: Folder, old: str, new: str, offset: int, message: str) -> None:
    """A mistake in a key's block has its own line."""
    line = add(folder, spki(Pairs.p256.public_key()))
    folder.swap("portals/H14.toml", old, new)
    assert f"portals/H14.toml:{line + offset}: {message}" in folder.problems()


def test_second_block_has_its_own_lines(folder: Folder) -> None:
    """The same name of a key twice, in one file or in two, is refused at the second place, naming the first."""
    pem = spki(Pairs.p256.public_key())
    first = add(folder, pem)
    second = add(folder, pem)
    folder.write("portals/H14.5.toml", folder.text("portals/H14.toml").replace('"H14"', '"000.00.05.H14"', 1))
    taken = f"The kid H14-1 is already taken, at {folder.root}/portals/H14.5.toml:{first + 1}."
    names = [problem for problem in folder.problems() if "kid" in problem]
    assert names == [
        f"portals/H14.5.toml:{second + 1}: {taken}",
        f"portals/H14.toml:{first + 1}: {taken}",
        f"portals/H14.toml:{second + 1}: {taken}",
    ]


def test_one_key_belongs_to_one_portal(folder: Folder) -> None:
    """A key under another name for another portal is refused: either could sign as the other."""
    line = add(folder, spki(Pairs.p256.public_key()))
    other = folder.text("portals/H14.toml").replace('"H14"', '"H14.5"', 1).replace("H14-1", "H14-5-1")
    folder.write("portals/H14.5.toml", other)
    assert folder.problems() == [
        f"portals/H14.toml:{line + 3}: This key is already registered for H14.5: every portal has keys of its own."
    ]


def test_revoked_key_is_kept(folder: Folder) -> None:
    """A revoked key stays in the settings with its time, so that its use can be told from an unknown key."""
    add(folder, spki(Pairs.p256.public_key()))
    folder.append("portals/H14.toml", "revoked_at = 2026-11-20T10:00:00+07:00\n")
    (key,) = folder.load().portals["H14"].keys
    assert key.revoked_at == datetime(2026, 11, 20, 3, tzinfo=UTC)


def test_limits(folder: Folder) -> None:
    """Limits come as written, KiB as bytes; a portal without a daily number has none."""
    folder.swap("portals/H14.toml", "per_day = 100000", "")
    limits = folder.load().portals["H14"].limits
    assert (limits.per_second, limits.burst, limits.in_flight, limits.body_bytes) == (20.0, 40, 16, 262144)
    assert limits.per_day is None


def test_warning_without_keys(folder: Folder) -> None:
    """The shipped portal has no key yet, which is worth a warning and no problem."""
    assert folder.warnings() == ["portals/H14.toml:1: The portal has no key yet, so it cannot call."]


def test_warning_of_a_key_about_to_end(folder: Folder) -> None:
    """A key that ends within 30 days is named at its not_after, one that ends later is not."""
    line = add(folder, spki(Pairs.p256.public_key()))
    assert folder.warnings() == []
    soon = datetime(2027, 10, 2, tzinfo=UTC)
    expected = "The key H14-1 expires in 30 days: see gateway portals rotate."
    assert folder.warnings(soon) == [f"portals/H14.toml:{line + 5}: {expected}"]


@pytest.mark.parametrize("at", [datetime(2026, 10, 1, tzinfo=UTC), datetime(2027, 11, 1, tzinfo=UTC)])
def test_warning_without_a_working_key(folder: Folder, at: datetime) -> None:
    """A portal whose only key is not yet or no longer valid cannot call."""
    add(folder, spki(Pairs.p256.public_key()))
    expected = "None of the portal's keys is valid now, so it cannot call."
    assert folder.warnings(at) == [f"portals/H14.toml:1: {expected}"]


def test_other_warnings(folder: Folder) -> None:
    """A suspended portal, an empty list, an unencrypted address and a form field not granted deserve a look."""
    suspended = folder.swap("portals/H14.toml", "sandbox = true", "sandbox = true\nsuspended = true") + 1
    empty = folder.swap("portals/H14.toml", 'bases = ["law", "consent"]', "bases = []")
    url = folder.swap("sources.toml", 'url = { env = "LT_TAX_URL" }', 'url = "http://10.0.0.1/tax"')
    folder.swap("grants/1.004222.txt", "person.sex ", "# ")
    withheld = next(
        n for n, row in enumerate(folder.text("dossiers/1.004222/dossier.toml").splitlines(), 1) if "person.sex" in row
    )
    assert folder.problems() == []
    advice = "Add a line for it to grants/1.004222.txt, or take it out here."
    assert folder.warnings(AT)[:1] == [
        f"dossiers/1.004222/dossier.toml:{withheld}: person.sex is not granted to 1.004222: it will be withheld. {advice}"
    ]
    assert set(folder.warnings(AT)) >= {
        f"portals/H14.toml:{suspended}: The portal is suspended: its calls are refused.",
        f"portals/H14.toml:{empty}: bases is empty, so the portal's calls are refused.",
        f"sources.toml:{url}: url is plain http: it must stay inside a protected network.",
    }


def test_no_portal_at_all(folder: Folder) -> None:
    """A gateway without portals is legal and useless."""
    (folder.root / "portals/H14.toml").unlink()
    assert folder.warnings() == ["portals:1: No portal is registered: every call is refused."]
