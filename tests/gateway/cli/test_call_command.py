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
from gateway.cli.log import app as log_app
from gateway.client.batch import written
from signing.encoding import base64_standard, from_base64url
from signing.keys import private_pem, write_private_file
from tests.gateway.client.fake import ISSUER, PERSON, PORTAL, Fake, log_signer
from tests.gateway.client.open_log import LEAVES, OTHERS, OpenLog
from tests.gateway.client.test_batch import DOSSIERS, Streaming
from tests.helpers.ports import held_port

APP = typer.Typer()
APP.command()(call)


@contextmanager
def _served(fake: Fake | OpenLog) -> Iterator[str]:
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
        ("documents.register", "{}", "POST", "/v1/documents"),
        ("documents.fetch", "{}", "POST", "/v1/documents/fetch"),
        ("documents.revoke", "{}", "POST", "/v1/documents/revoke"),
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
    with held_port() as port:
        done = _run(runner, f"http://127.0.0.1:{port}", key, "procedures")
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


def test_a_proof_is_fetched_and_kept(runner: CliRunner, key: Path, tmp_path: Path) -> None:
    """With --prove the proof of the answer's entry is verified; with --proof-file it is kept, and checks offline."""
    log = OpenLog(LEAVES).entry(299, LEAVES[:300])
    file = tmp_path / "answer.tlog-proof"
    with _served(log) as url:
        plain = _run(runner, url, key, "procedures", "--prove")
        kept = _run(runner, url, key, "procedures", "--proof-file", str(file))
    for done in (plain, kept):
        assert done.exit_code == 0, done.output
        assert "proof      verified: in the log of 700 entries" in done.stderr
        assert json.loads(done.stdout) == {"match": True}
    leaf = base64_standard(LEAVES[299])
    checked = runner.invoke(log_app, ["prove", "--check", str(file), "--public-key", log_signer().vkey, "--leaf", leaf])
    assert checked.exit_code == 0, checked.output


def test_a_log_that_lies_is_shown(runner: CliRunner, key: Path) -> None:
    """An entry that is not proved ends in status 2 with both signed notes as evidence; the answer was proved before."""
    log = OpenLog([OTHERS[0], *LEAVES[1:]]).entry(299, LEAVES[:300])
    with _served(log) as url:
        done = _run(runner, url, key, "procedures", "--prove")
    assert done.exit_code == 2
    assert json.loads(done.stdout) == {"match": True}
    assert "log_inconsistent" in done.stderr
    assert done.stderr.count("The log signed:") == 2
    assert "not shown" not in done.stderr


class _Promising(Fake):
    """Answers 202 so many times, then what it is told."""

    pending: int = 1
    pause: int = 1  # in the header

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """The promise, or the answer."""
        asked = sum(1 for one in self.requests if one.url.path.startswith(("/v1/dossiers", "/v1/jobs")))
        promised = asked < self.pending and request.url.path.startswith(("/v1/dossiers", "/v1/jobs"))
        self.status = 202 if promised else 200
        self.document = {"job": JOB, "status": "pending"} if promised else {"reuse": {"rate": 1.0}}
        self.headers = {"Retry-After": str(self.pause)} if promised else {}
        return super().__call__(request)


JOB = "3f0c6a52-9a0e-4c58-8f2d-6f0a4d1b7e90"


def test_a_deferred_answer_is_waited_for(runner: CliRunner, key: Path) -> None:
    """`--deferred` sends the preference, names the job, and prints the answer once it is there."""
    fake = _Promising()
    with _served(fake) as url:
        done = _run(runner, url, key, "dossiers.prefill", "--deferred", "--data", "{}")
    calls = [one for one in fake.requests if one.url.path.startswith("/v1/")]
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout) == {"reuse": {"rate": 1.0}}
    assert [(one.method, one.url.path) for one in calls] == [
        ("POST", "/v1/dossiers/prefill"),
        ("GET", f"/v1/jobs/{JOB}"),
    ]
    assert [one.headers.get("prefer") for one in calls] == ["respond-async", None]
    assert f"deferred   job {JOB}" in done.stderr
    assert "decided in log entry 7" in done.stderr
    assert max(len(line) for line in done.stderr.splitlines()) <= 80


def test_what_is_still_pending_can_be_read_later(runner: CliRunner, key: Path) -> None:
    """When the time is over the job is named, with a status of its own; reading it again tells whether it is done."""
    fake = _Promising()
    fake.pending, fake.pause = 3, 30  # longer than the time given, which is also that of each exchange
    with _served(fake) as url:
        late = _run(runner, url, key, "dossiers.prefill", "--deferred", "--timeout", "20", "--data", "{}")
        pending = _run(runner, url, key, f"jobs/{JOB}")
        again = _run(runner, url, key, f"jobs/{JOB}")
        done = _run(runner, url, key, f"jobs/{JOB}")
    assert (late.exit_code, pending.exit_code, again.exit_code, done.exit_code) == (5, 5, 5, 0)
    assert f"gateway call jobs/{JOB}" in late.stderr
    assert json.loads(pending.stdout) == {"job": JOB, "status": "pending"}
    assert json.loads(done.stdout) == {"reuse": {"rate": 1.0}}
    assert max(len(line) for line in late.stderr.splitlines()) <= 80


def test_a_job_is_read_without_a_body(runner: CliRunner, key: Path) -> None:
    """`jobs/ID` takes no --data."""
    done = _run(runner, "http://127.0.0.1:1", key, f"jobs/{JOB}", "--data", "{}")
    assert done.exit_code == 4
    assert "jobs takes no --data" in done.stderr


def test_many_dossiers_are_printed_line_by_line(runner: CliRunner, key: Path, tmp_path: Path) -> None:
    """Each verified line is one line of JSON; a problem among them makes the status 1."""
    body = tmp_path / "batch.ndjson"
    body.write_bytes(written(DOSSIERS))
    with _served(Streaming(at_once=True)) as url:
        done = _run(runner, url, key, "dossiers.prefill", "--ndjson", str(body))
    assert done.exit_code == 1, done.output
    assert [json.loads(line)["line"] for line in done.stdout.splitlines()] == [3, 1, 2]
    assert "complete: 2 answered, 1 refused" in done.stderr
    assert "signature  verified" in done.stderr


def test_a_batch_without_its_end_is_not_trusted(runner: CliRunner, key: Path, tmp_path: Path) -> None:
    """What came and proved itself is shown; the status says that it is not all."""
    body = tmp_path / "batch.ndjson"
    body.write_bytes(written(DOSSIERS))
    with _served(Streaming(at_once=True, change=lambda _, lines: lines[:-1])) as url:
        done = _run(runner, url, key, "dossiers.prefill", "--ndjson", str(body))
    assert done.exit_code == 2
    assert len(done.stdout.splitlines()) == 3
    assert "stream_truncated" in done.stderr


@pytest.mark.parametrize(
    "arguments", [("persons.verify", "--ndjson", "-"), ("dossiers.prefill", "--ndjson", "-", "--data", "{}")]
)
def test_lines_go_with_pre_fills_alone(runner: CliRunner, key: Path, arguments: tuple[str, ...]) -> None:
    """Another call, or a body given twice, is not made."""
    assert _run(runner, "http://127.0.0.1:9", key, *arguments, stdin=b"").exit_code == 4
