"""`gateway documents check`, as an operator uses it, on papers that are really signed."""

import re
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from typer.testing import CliRunner, Result

from gateway.cli import document_text, documents
from gateway.cli.main import app
from signing.documents import Coverage, Outcome, Reason, Revocation, Signature, SignatureReport, Signer, TrustAnchors
from tests.docs.pages import text
from tests.signing.documents import pki

PAGE = text("docs/document-signatures.md")
LATER = "2026-11-28T12:00"
"""After everything that the papers here are made of began, three hours after `pki.NOW`."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Papers, authorities and lists, as files."""
    made, country = tmp_path_factory.mktemp("papers"), pki.country()
    signed = pki.sign_xml(pki.paper(), country.agency, above=(country.middle,))
    sealed = pki.sign_pdf(pki.blank_pdf(), country.agency, above=(country.middle,))
    listed = pki.revocation_list(country.middle, country.agency).public_bytes(Encoding.PEM)
    files = {
        "authorities.pem": country.root.pem,
        "agency.pem": country.agency.pem,
        "authority.der": country.root.der,
        "lists.pem": listed,
        "decision.xml": signed,
        "altered.xml": signed.replace(b"12/QD-UBND", b"13/QD-UBND"),
        "stranger.xml": pki.sign_xml(pki.paper(), country.stranger),
        "expired.xml": pki.sign_xml(pki.paper(), country.expired, above=(country.middle,)),
        "decision.pdf": sealed,
        "changed.pdf": pki.overwrite_page(sealed, "Decision 13"),
        "plain.pdf": pki.blank_pdf(),
        "cut.pdf": sealed[: len(sealed) // 2],
        "notes.txt": b"nothing to verify",
    }
    for name, content in files.items():
        (made / name).write_bytes(content)
    return made


def run(folder: Path, file: str, *arguments: str, trust: str = "authorities.pem", columns: int = 60) -> Result:
    """One check."""
    trusted = ["--trust", str(folder / trust)] if trust else []
    runner = CliRunner(env={"COLUMNS": str(columns)})
    return runner.invoke(app, ["documents", "check", str(folder / file), *trusted, "--at", LATER, *arguments])


def test_the_example_of_the_page(folder: Path) -> None:
    """What the page shows is what the command prints, in the columns of a narrow terminal."""
    command, shown = re.findall(r"^```(?:sh|text)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    words = command.split()
    assert words[0] == "gateway"
    at = Path(documents.__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=folder,
        env={"COLUMNS": "60", "PYTHONPATH": str(at), "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, shown, "")


@pytest.mark.parametrize(
    ("file", "outcome", "reason"),
    [
        ("decision.xml", "VALID", "verified"),
        ("altered.xml", "INVALID", "altered"),
        ("stranger.xml", "UNTRUSTED", "unknown_authority"),
        ("expired.xml", "EXPIRED", "certificate_expired"),
        ("changed.pdf", "INVALID", "changed_after"),
        ("plain.pdf", "NONE", "no_signature"),
        ("cut.pdf", "UNREADABLE", "damaged"),
        ("notes.txt", "UNSUPPORTED", "media_type"),
    ],
)
@pytest.mark.parametrize("columns", [40, 60])
def test_what_is_said(folder: Path, file: str, outcome: str, reason: str, columns: int) -> None:
    """The outcome, why, and what to do; only a valid paper ends with 0, and no line is too wide."""
    done = run(folder, file, columns=columns)
    lines = done.stdout.splitlines()
    assert done.exit_code == (0 if outcome == "VALID" else 1), done.output
    assert lines[0] == f"{file}: {outcome}"
    said = " ".join(line.strip() for line in lines[1:])
    assert f"({reason}). To do: {document_text.ADVICE[Outcome(outcome.lower())]}." in said
    assert max(map(len, lines)) <= columns
    assert done.stderr == ""


def test_judged_as_of_now(folder: Path) -> None:
    """Unless --at says otherwise."""
    arguments = ["documents", "check", str(folder / "decision.pdf"), "--trust", str(folder / "authorities.pem")]
    done = CliRunner(env={"COLUMNS": "60"}).invoke(app, arguments)
    (judged,) = re.findall(r"judged as of (.*) \(\+07:00\)", done.stdout)
    at = datetime.strptime(judged, "%Y-%m-%d %H:%M").replace(tzinfo=timezone(timedelta(hours=7)))
    assert abs(datetime.now(at.tzinfo) - at) < timedelta(minutes=10)


def test_a_list_of_withdrawn_certificates(folder: Path) -> None:
    """Lists may lie in files of their own, before the authorities or after them; as of their time they count."""
    for first, second in (("authorities.pem", "lists.pem"), ("lists.pem", "authorities.pem")):
        done = run(folder, "decision.xml", "--trust", str(folder / second), trust=first)
        assert (done.exit_code, done.stdout.splitlines()[0]) == (1, "decision.xml: REVOKED")
        assert "1 trusted authority and 1 revocation list" in " ".join(done.stdout.split())


def test_nobody_is_trusted_unless_named(folder: Path) -> None:
    """And that is said, with the option that names somebody."""
    done = run(folder, "decision.xml", trust="")
    assert (done.exit_code, done.stdout.splitlines()[0]) == (1, "decision.xml: UNTRUSTED")
    assert "no trusted authority; name some with --trust" in " ".join(done.stdout.split())


@pytest.mark.parametrize("file", ["decision.xml", "stranger.xml", "altered.xml", "expired.xml", "changed.pdf"])
def test_no_person_is_named(folder: Path, file: str) -> None:
    """The agency stands there, as a claim where nobody vouches for it; the signer's common name nowhere."""
    done = run(folder, file)
    (agency,) = re.findall(r"^  agency     (.*)$", done.stdout, re.MULTILINE)
    assert agency.endswith(" (a claim)") == (file not in {"decision.xml", "expired.xml"})
    assert set(re.findall(r"Officer (\w+)", done.stdout)) <= {"Middle"}  # the authority's name


def test_the_type_can_be_said(folder: Path) -> None:
    """It goes before what the file begins like."""
    done = run(folder, "decision.xml", "--type", "application/pdf")
    assert (done.exit_code, done.stdout.splitlines()[0]) == (1, "decision.xml: UNREADABLE")
    assert run(folder, "decision.xml", "--type", "text/plain").exit_code == 2


@pytest.mark.parametrize(
    ("file", "trust", "arguments", "said"),
    [
        ("missing.pdf", "authorities.pem", (), "missing.pdf: No such file or directory"),
        ("", "authorities.pem", (), "Is a directory"),
        ("decision.xml", "missing.pem", (), "missing.pem: No such file or directory"),
        ("decision.xml", "authority.der", (), "authority.der: no CERTIFICATE and no X509 CRL in it; PEM is read"),
        ("decision.xml", "agency.pem", (), "agency.pem: block 1 is not the certificate of an authority"),
        ("decision.xml", "authorities.pem", ("--at", "yesterday"), "--at: a time such as 2026-11-01"),
    ],
)
def test_what_cannot_be_checked(folder: Path, file: str, trust: str, arguments: tuple[str, ...], said: str) -> None:
    """Ends with 2 and a sentence that names the file; nothing is judged."""
    done = run(folder, file, *arguments, trust=trust)
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr


def test_every_outcome_and_reason_has_words() -> None:
    """And what to do is what the page says."""
    assert set(document_text.ADVICE) == set(Outcome)
    assert set(document_text.REASONS) == set(Reason)
    assert set(document_text.COVERS) == set(Coverage)
    assert set(document_text.WITHDRAWN) == set(Revocation)
    for outcome, advice in document_text.ADVICE.items():
        (row,) = re.findall(rf"^\| `{outcome}` \|.*\|.*\| (.*) \|$", PAGE, re.MULTILINE)
        assert row == advice


def test_a_certificate_cannot_steer_the_terminal() -> None:
    """What stands in a certificate or a file's name is shown escaped where it cannot be printed."""
    signer = Signer("Agency\x1b[2J\u202egnp", "Unit", "1", "An officer", pki.NOW, pki.NOW + pki.DAY, "An officer")
    signature = Signature(Outcome.UNTRUSTED, Reason.UNKNOWN_AUTHORITY, Coverage.PART, "x\x07", signer)
    report = SignatureReport.of([signature, signature])
    lines = document_text.told(report, name="a\x1b.pdf", at=pki.NOW, trust=TrustAnchors(()), width=60)
    told = "\n".join(lines)
    assert all(c.isprintable() or c == "\n" for c in told)
    assert "Agency\\u001b[2J\\u202egnp (a claim)" in told
    assert "An officer" not in told
    assert told.count("(unknown_authority)") == 3
    assert max(map(len, lines)) <= 60


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"%PDF-1.7\n", "application/pdf"),
        (b"\n\njunk %PDF-1.4", "application/pdf"),
        (b"\xef\xbb\xbf  <Decision/>", "application/xml"),
        (b"", "application/octet-stream"),
        (b"PK\x03\x04", "application/octet-stream"),
    ],
)
def test_what_a_file_begins_like(content: bytes, kind: str) -> None:
    """A PDF may have something before its mark, XML a byte-order mark; anything else is neither."""
    assert documents.begins_like(content) == kind
