"""Tests of `gateway call`, over a real socket."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import typer
from typer.testing import CliRunner, Result

from gateway.cli.call import call
from signing.encoding import from_base64url
from signing.keys import private_pem, write_private_file
from tests.gateway.client.fake import ISSUER, PERSON, PORTAL, Fake

APP = typer.Typer()
APP.command()(call)


@contextmanager
def _served(fake: Fake) -> Iterator[str]:
    # a gateway on a socket: http.server in front of the fake handler
    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            url = f"http://127.0.0.1:{server.server_port}{self.path}"
            answer = fake(httpx.Request(self.command, url, headers=dict(self.headers), content=body))
            self.send_response(answer.status_code)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.content)

        do_GET = do_POST = _answer  # noqa: N815  # the names http.server calls

        def log_message(self, *arguments: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """The portal's private key in a file."""
    path = tmp_path / "portal.pem"
    write_private_file(path, private_pem(PORTAL.private_key))
    return path


def _run(runner: CliRunner, url: str, key: Path, *arguments: str, stdin: bytes | None = None) -> Result:
    where = ["--url", url, "--key", str(key), "--kid", PORTAL.kid, "--iss", "H14"]
    why = ["--procedure", "1.004222", "--dossier", "H14-1", "--officer", "o-7"]
    return runner.invoke(APP, [*arguments, *where, *why], input=stdin)


def test_an_answer(runner: CliRunner, key: Path) -> None:
    """The answer is printed as JSON, and what proved itself on standard error, in 80 columns."""
    fake = Fake(document={"match": True, "name": "Mẫu"})
    with _served(fake) as url:
        done = _run(runner, url, key, "persons.verify", "--data", json.dumps(PERSON))
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {"match": True, "name": "Mẫu"}
    assert "Mẫu" in done.stdout
    assert "signature  verified" in done.stderr
    assert "receipt    verified" in done.stderr
    assert max(len(line) for line in done.stderr.splitlines()) <= 80
    assert json.loads(fake.requests[-1].content) == PERSON


@pytest.mark.parametrize(
    ("operation", "data", "method", "path"),
    [
        ("persons.verify", "{}", "POST", "/v1/persons/verify"),
        ("persons.lookup", "{}", "POST", "/v1/persons/lookup"),
        ("enterprises.lookup", "{}", "POST", "/v1/enterprises/lookup"),
        ("taxpayers.lookup", "{}", "POST", "/v1/taxpayers/lookup"),
        ("dossiers.prefill", "{}", "POST", "/v1/dossiers/prefill"),
        ("debug.verify", None, "POST", "/v1/debug/verify"),
        ("debug.verify", "{}", "POST", "/v1/debug/verify"),
        ("procedures", None, "GET", "/v1/procedures"),
        ("procedures/1.004222", None, "GET", "/v1/procedures/1.004222"),
    ],
)
def test_operations(runner: CliRunner, key: Path, operation: str, data: str | None, method: str, path: str) -> None:
    """Each operation is the call of the contract."""
    fake = Fake()
    with _served(fake) as url:
        done = _run(runner, url, key, operation, *(["--data", data] if data else []))
    assert done.exit_code == 0, done.output
    assert (fake.requests[-1].method, fake.requests[-1].url.path) == (method, path)


def test_a_body_from_a_file_or_standard_input(runner: CliRunner, key: Path, tmp_path: Path) -> None:
    """The bytes are sent as they are, whether they are good JSON or not."""
    odd = b'{"a": 1,  "a": 2}\n'
    (tmp_path / "body.json").write_bytes(odd)
    fake = Fake()
    with _served(fake) as url:
        assert _run(runner, url, key, "persons.verify", "--data", f"@{tmp_path}/body.json").exit_code == 0
        assert _run(runner, url, key, "persons.verify", "--data", "-", stdin=odd).exit_code == 0
    assert [r.content for r in fake.requests if r.content] == [odd, odd]


def test_consent_is_part_of_the_purpose(runner: CliRunner, key: Path) -> None:
    """Basis and consent are signed with the call."""
    fake = Fake()
    with _served(fake) as url:
        _run(runner, url, key, "procedures", "--basis", "consent", "--consent", "C-1")
    payload = fake.requests[-1].headers["Authorization"].split(".")[1]
    purpose = json.loads(from_base64url(payload))["purpose"]
    assert (purpose["basis"], purpose["consent"], purpose["officer"]) == ("consent", "C-1", "o-7")


def test_a_problem(runner: CliRunner, key: Path) -> None:
    """A problem answer is printed, and its code on standard error."""
    fake = Fake(status=403, document={"code": "procedure_not_granted", "fault": "caller"})
    with _served(fake) as url:
        done = _run(runner, url, key, "procedures")
    assert done.exit_code == 1
    assert json.loads(done.stdout)["code"] == "procedure_not_granted"
    assert "403 procedure_not_granted" in done.stderr
    assert "log entry 7" in done.stderr


def test_what_is_not_trusted_is_not_shown(runner: CliRunner, key: Path) -> None:
    """An answer without proof ends in status 2, and nothing of it is printed."""
    fake = Fake(document={"secret": "x"}, entry={"index": 8})
    with _served(fake) as url:
        done = _run(runner, url, key, "procedures")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "receipt_inconsistent" in done.stderr


def test_no_answer(runner: CliRunner, key: Path) -> None:
    """A gateway that is not there ends in status 3."""
    with _served(Fake()) as url:
        gone = url
    done = _run(runner, gone, key, "procedures")
    assert (done.exit_code, done.stdout) == (3, "")
    assert "connection_failed" in done.stderr


def test_a_ready_file_fills_in_the_rest(runner: CliRunner, key: Path, tmp_path: Path) -> None:
    """Address, key, names and procedure come from the ready file, and so does what the gateway must be."""
    fake = Fake()
    portal = {"iss": "H14", "kid": PORTAL.kid, "alg": PORTAL.alg, "private_key": str(key)}
    arguments = ["procedures", "--ready-file", str(tmp_path / "r.json"), "--dossier", "H14-1", "--officer", "o-7"]
    with _served(fake) as url:
        said = {"base_url": url, "audience": ISSUER, "portal": portal, "procedure": "1.004222"}
        for vkey, status in ((fake.log.vkey, 0), ("another", 2)):
            text = json.dumps({**said, "log": {"public_key": vkey}})
            (tmp_path / "r.json").write_text(text)
            assert runner.invoke(APP, arguments).exit_code == status


@pytest.mark.parametrize(
    "arguments",
    [
        ["persons.verify"],
        ["persons.burn", "--data", "{}"],
        ["procedures", "--data", "{}"],
        ["persons.verify", "--data", "@/nowhere"],
        ["procedures", "--ready-file", "/nowhere"],
        ["procedures", "--ca", "/nowhere"],
        ["procedures", "--dossier", ""],
    ],
)
def test_calls_that_cannot_be_made(runner: CliRunner, key: Path, arguments: list[str]) -> None:
    """A missing body, an unknown operation and missing files are named before anything is sent."""
    dossier = [] if "--dossier" in arguments else ["--dossier", "H14-1"]
    where = ["--url", "http://127.0.0.1:1", "--key", str(key), "--kid", PORTAL.kid, "--iss", "H14"]
    rest = [*where, "--procedure", "1.004222", "--officer", "o-7", *dossier]
    done = runner.invoke(APP, [*arguments, *rest])
    assert (done.exit_code, done.stdout) == (4, "")
    assert done.stderr


def test_a_ready_file_that_is_none(runner: CliRunner, tmp_path: Path) -> None:
    """JSON of another shape is no ready file."""
    for text in ("[]", "{}", "x"):
        (tmp_path / "r.json").write_text(text)
        done = runner.invoke(APP, ["procedures", "--ready-file", str(tmp_path / "r.json")])
        assert done.exit_code == 4


def test_an_open_key_file_is_refused(runner: CliRunner, key: Path) -> None:
    """A private key others can read is not used."""
    key.chmod(0o644)
    done = _run(runner, "http://127.0.0.1:1", key, "procedures")
    assert done.exit_code == 4
    assert "chmod 600" in done.stderr
