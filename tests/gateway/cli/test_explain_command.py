"""Tests of `gateway explain`."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from gateway.cli.explain import explain
from signing import algorithms, jwk
from signing.encoding import base64_standard
from signing.keys import KeySigner, public_pem
from signing.request import request_token, token_hash
from signing.response import response_token
from tests.gateway.cli.conftest import PORTAL

APP = typer.Typer()
APP.command()(explain)
SIGNER = KeySigner("k1", "EdDSA", algorithms.generate("EdDSA"))
GATEWAY = KeySigner("gw", "ES256", algorithms.generate("ES256"))
BASE = "https://gw.example.org"
URL = f"{BASE}/v1/persons/verify"
BODY = b'{"a": 1}'


@pytest.fixture
def registered(config: Path) -> Path:
    """The configuration with SIGNER's key registered to H14."""
    now = datetime.now(UTC)
    (config / "portals" / "H14").mkdir()
    (config / "portals" / "H14" / "k1.pem").write_bytes(public_pem(SIGNER.public_key))
    block = (
        f'\n[[keys]]\nkid = "k1"\nalg = "EdDSA"\npublic_key = "H14/k1.pem"\n'
        f"not_before = {now - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}\n"
        f"not_after = {now + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}\n"
    )
    (config / "portals" / "H14.toml").write_text(PORTAL + block, encoding="utf-8")
    (config / "body.json").write_bytes(BODY)
    return config


def _request(**changes: Any) -> str:
    values: dict[str, Any] = {
        "iss": "H14",
        "aud": BASE,
        "method": "POST",
        "url": URL,
        "body": BODY,
        "purpose": {"procedure": "1.004222", "dossier": "H14-1", "officer": "o-7", "basis": "law"},
        "at": datetime.now(UTC),
        "jti": "0123456789abcdef",
    }
    return request_token(SIGNER, **{**values, **changes})[0]


def _run(runner: CliRunner, config: Path, token: str, *arguments: str) -> Result:
    return runner.invoke(APP, [token, "--config", str(config), *arguments])


def _whole(config: Path, **changes: str) -> list[str]:
    given = {"url": URL, "method": "POST", "audience": BASE, "body": str(config / "body.json"), **changes}
    return [part for name, value in given.items() for part in (f"--{name}", value)]


def _outcomes(done: Result) -> dict[int, str]:
    rows = [line.split() for line in done.stdout.split("contract section")[1].splitlines()[1:]]
    return {int(row[0]): row[1] for row in rows if row and row[0].isdigit() and row[1] in ("ok", "FAILED", "-")}


def test_a_good_request_passes_every_check(runner: CliRunner, registered: Path) -> None:
    """With everything given, all sixteen checks are made and pass, and the token is shown readably."""
    done = _run(runner, registered, _request(), *_whole(registered))
    assert done.exit_code == 0, done.output
    assert set(_outcomes(done).values()) == {"ok"}
    assert list(_outcomes(done)) == list(range(1, 17))
    assert "procedure  1.004222" in done.stdout
    assert re.search(r"iat +\d+  \(\d{4}-\d\d-\d\dT[\d:]+Z\)", done.stdout)


def test_what_was_not_given_is_not_checked(runner: CliRunner, registered: Path) -> None:
    """Without the call, the checks that need it are not made, and name what to give."""
    done = _run(runner, registered, _request())
    assert done.exit_code == 0, done.output
    assert {number for number, word in _outcomes(done).items() if word == "-"} == {12, 14, 15, 16}
    for option in ("--audience", "--method", "--url", "--body"):
        assert f"give {option}" in done.stdout


@pytest.mark.parametrize(
    ("change", "number", "code"),
    [
        ({"url": f"{BASE}/v1/other"}, 15, "target_mismatch"),
        ({"method": "GET"}, 14, "method_mismatch"),
        ({"audience": "https://b.example.org"}, 12, "audience_wrong"),
    ],
)
def test_the_failing_check_is_named(
    runner: CliRunner, registered: Path, change: dict[str, str], number: int, code: str
) -> None:
    """A call that is not the signed one fails exactly the check it should."""
    done = _run(runner, registered, _request(), *_whole(registered, **change))
    assert done.exit_code == 1
    assert [n for n, word in _outcomes(done).items() if word == "FAILED"] == [number]
    assert code in done.stdout


def test_another_body_fails(runner: CliRunner, registered: Path) -> None:
    """A body that is not the signed one is noticed."""
    (registered / "body.json").write_bytes(b"{}")
    done = _run(runner, registered, _request(), *_whole(registered))
    assert (done.exit_code, _outcomes(done)[16]) == (1, "FAILED")


def test_a_request_without_body_needs_none(runner: CliRunner, registered: Path) -> None:
    """A token without digest is checked without a body."""
    done = _run(runner, registered, _request(body=None, method="GET"))
    assert (done.exit_code, _outcomes(done)[16]) == (0, "ok")


def test_an_old_token_is_checked_for_its_own_time(runner: CliRunner, registered: Path) -> None:
    """A token from an hour ago has expired now, and was good when it was made."""
    token = _request(at=datetime.now(UTC) - timedelta(hours=1))
    assert _outcomes(_run(runner, registered, token))[13] == "FAILED"
    for at in ("iat", (datetime.now(UTC) - timedelta(hours=1)).isoformat()):
        assert _outcomes(_run(runner, registered, token, "--at", at))[13] == "ok"
    assert _run(runner, registered, token, "--at", "soon").exit_code == 2


def test_an_unknown_key_fails(runner: CliRunner, config: Path) -> None:
    """A configuration without the key says so, and nothing behind it is claimed to be right."""
    done = _run(runner, config, _request())
    assert (done.exit_code, _outcomes(done)[5]) == (1, "FAILED")
    assert "key_unknown" in done.stdout


def test_text_that_is_no_token(runner: CliRunner, registered: Path) -> None:
    """Rubbish fails the form check."""
    done = _run(runner, registered, "rubbish")
    assert done.exit_code == 1
    assert "token_malformed" in done.stdout


def test_a_token_from_standard_input(runner: CliRunner, registered: Path) -> None:
    """A dash reads the token, with or without Bearer before it."""
    done = runner.invoke(APP, ["-", "--config", str(registered)], input=f"Bearer {_request()}\n")
    assert done.exit_code == 0, done.output


def test_a_token_cannot_steer_the_terminal(runner: CliRunner, registered: Path) -> None:
    """Control characters in claims are shown escaped."""
    done = _run(runner, registered, _request(iss="H14\x1b[2J\x9b\u202e"))
    assert not {"\x1b", "\x9b", "\u202e"} & set(done.stdout)
    assert "\\u001b" in done.stdout


def test_a_broken_configuration_is_named(runner: CliRunner, registered: Path) -> None:
    """A portal file or key that cannot be read ends in status 2."""
    (registered / "portals" / "H14" / "k1.pem").write_text("x")
    assert _run(runner, registered, _request()).exit_code == 2
    (registered / "portals" / "H14.toml").write_text("=")
    assert _run(runner, registered, _request()).exit_code == 2
    assert _run(runner, registered, _request(), "--body", "/nowhere").exit_code == 2


def _response(request: str, **changes: Any) -> str:
    entry = {"log": "audit.example.org/log1", "index": 7, "leaf": base64_standard(bytes(32)), "checkpoint": "a\nb\n"}
    values: dict[str, Any] = {
        "iss": BASE,
        "aud": "H14",
        "req": token_hash(request),
        "status": 200,
        "body": BODY,
        "entry": entry,
        "at": datetime.now(UTC),
        "jti": "0123456789abcdef",
    }
    return response_token(GATEWAY, **{**values, **changes})


@pytest.fixture
def jwks(tmp_path: Path) -> Path:
    """The gateway's key set in a file."""
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps(jwk.to_jwks([GATEWAY])))
    return path


def test_a_good_response_passes_every_check(runner: CliRunner, registered: Path, jwks: Path) -> None:
    """With keys, body, status and request given, all thirteen checks are made and pass, of a line of a batch too."""
    request = _request()
    given = ["--jwks", str(jwks), "--body", str(registered / "body.json"), "--status", "200", "--request", request]
    for answer in (_response(request), _response(request, line=3)):
        done = _run(runner, registered, answer, *given)
        assert done.exit_code == 0, done.output
        assert list(_outcomes(done).items()) == [(n, "ok") for n in range(1, 14)]


def test_a_response_without_its_other_sides(runner: CliRunner, registered: Path, jwks: Path) -> None:
    """What was not given is not checked: keys, body, request and status in turn."""
    token = _response(_request())
    bare = _outcomes(_run(runner, registered, token))
    assert [n for n, word in bare.items() if word == "ok"] == [1, 2]
    with_keys = _outcomes(_run(runner, registered, token, "--jwks", str(jwks)))
    assert [n for n, word in with_keys.items() if word == "ok"] == [1, 2, 3, 4, 5, 6]
    body = ["--jwks", str(jwks), "--body", str(registered / "body.json")]
    with_body = _run(runner, registered, token, *body)
    assert [n for n, word in _outcomes(with_body).items() if word == "-"] == [7, 8, 9, 10]
    assert "give --request" in with_body.stdout
    assert with_body.exit_code == 0


@pytest.mark.parametrize(
    ("changes", "given", "number"),
    [
        ({"body": b"x"}, {}, 11),
        ({"status": 201}, {"--status": "200"}, 10),
        ({"req": "x"}, {}, 9),
        ({"aud": "H15"}, {}, 8),
        ({"iss": "https://b.example.org"}, {}, 7),
    ],
)
def test_the_failing_check_of_a_response(
    runner: CliRunner, registered: Path, jwks: Path, changes: dict[str, Any], given: dict[str, str], number: int
) -> None:
    """An answer to another call, or another answer, fails the check it should; later ones are not reached."""
    request = _request()
    options = {"--jwks": str(jwks), "--body": str(registered / "body.json"), "--request": request, **given}
    arguments = [part for pair in options.items() for part in pair]
    done = _run(runner, registered, _response(request, **changes), *arguments)
    assert done.exit_code == 1
    found = _outcomes(done)
    assert [n for n, word in found.items() if word == "FAILED"] == [number]
    assert all(found[n] == "-" for n in range(number + 1, 13))


def test_another_gateways_key(runner: CliRunner, registered: Path, tmp_path: Path) -> None:
    """A key set without the signing key fails; a file that is none, and a gateway that is not there, are named."""
    token = _response(_request())
    (tmp_path / "other.json").write_text(json.dumps(jwk.to_jwks([SIGNER])))
    done = _run(runner, registered, token, "--jwks", str(tmp_path / "other.json"))
    assert (done.exit_code, _outcomes(done)[3]) == (1, "FAILED")
    (tmp_path / "other.json").write_text("[]")
    assert _run(runner, registered, token, "--jwks", str(tmp_path / "other.json")).exit_code == 2
    assert _run(runner, registered, token, "--url", "http://127.0.0.1:1").exit_code == 2


def test_our_own_lines_fit_a_terminal(runner: CliRunner, registered: Path) -> None:
    """The list of checks stays within 80 columns."""
    done = _run(runner, registered, _request(), "--audience", "https://b.example.org")
    checks = done.stdout.split("Checks of a request")[1].splitlines()
    assert max(len(line) for line in checks) <= 80
