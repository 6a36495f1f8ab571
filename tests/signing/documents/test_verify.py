"""The one function, whom it trusts, and what importing it costs."""

import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from signing.documents import MAX_PDF_BYTES, Outcome, Reason, TrustAnchors, TrustError, verify
from signing.documents.report import OUTCOMES
from tests.signing.documents import pki
from tests.signing.documents.pki import NOW, Country

PAGE = Path(__file__).parents[3] / "docs" / "document-signatures.md"


def test_another_media_type_is_unsupported(country: Country) -> None:
    """A picture is neither valid nor invalid."""
    report = verify(b"\x89PNG", media_type="image/png", trust=country.trust, at=NOW)
    assert (report.outcome, report.reason) == (Outcome.UNSUPPORTED, Reason.MEDIA_TYPE)


def test_a_huge_paper_is_not_read(country: Country) -> None:
    """Beyond the limit nothing is parsed."""
    report = verify(bytes(MAX_PDF_BYTES + 1), media_type="application/pdf", trust=country.trust, at=NOW)
    assert (report.outcome, report.reason) == (Outcome.UNREADABLE, Reason.TOO_LARGE)


def test_a_time_without_zone_is_the_caller_s_mistake(country: Country) -> None:
    """The one thing that raises."""
    with pytest.raises(ValueError, match="aware"):
        verify(b"", media_type="text/xml", trust=country.trust, at=datetime(2026, 1, 1))  # noqa: DTZ001


def test_an_authority_below_the_root_may_stand_alone(country: Country, signed_pdf: bytes) -> None:
    """Whoever trusts one authority need not trust its root."""
    trust = TrustAnchors.read(country.middle.pem)
    assert verify(signed_pdf, media_type="application/pdf", trust=trust, at=NOW).outcome is Outcome.VALID


def test_what_is_trusted_is_checked_when_read(country: Country) -> None:
    """Nothing, a key, garbage and an agency's own certificate are refused, with the block's number."""
    key = b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"
    garbage = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    for pem, sentence in (
        (b"", "no certificate"),
        (country.root.pem + key, "block 2 is a PRIVATE KEY"),
        (garbage, "block 1, a CERTIFICATE, cannot be read"),
        (country.root.pem + country.agency.pem, "block 2 is not the certificate of an authority"),
        (country.root.pem * 201, "at most 200"),
    ):
        with pytest.raises(TrustError, match=sentence):
            TrustAnchors.read(pem)
    lists = pki.revocation_list(country.root).public_bytes(Encoding.PEM)
    assert len(TrustAnchors.read(lists + country.root.pem).revocation_lists) == 1


def test_importing_reads_no_library_of_papers() -> None:
    """Commands start as quickly as before."""
    code = "import sys, signing, signing.documents; print(*{name.partition('.')[0] for name in sys.modules})"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"pyhanko", "pyhanko_certvalidator", "asn1crypto", "signxml", "lxml"} & set(ran.stdout.split())


def test_every_word_is_explained() -> None:
    """The page for officers has each outcome, and lists each reason under its own."""
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    for outcome in Outcome:
        explained, reasons = (row for row in rows if row.startswith(f"| `{outcome}` "))
        assert len(explained.split("|")) == 6
        words = {word.strip(" `") for word in reasons.split("|")[2].split(",")}
        assert words == {reason.value for reason, of in OUTCOMES.items() if of is outcome}
    assert set(OUTCOMES) == set(Reason)
