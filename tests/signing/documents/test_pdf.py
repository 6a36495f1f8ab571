"""Signatures in PDF papers: whole, changed, forged, expired, revoked, damaged."""

import pytest
from cryptography.x509.ocsp import OCSPCertStatus
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st

from signing.documents import Coverage, Outcome, Reason, Revocation, SignatureReport, TrustAnchors, verify
from tests.signing.documents import pki
from tests.signing.documents.evidence import ocsp_answer
from tests.signing.documents.pki import DAY, NOW, Country


def check(content: bytes, country: Country, trust: TrustAnchors | None = None) -> SignatureReport:
    """As of now."""
    return verify(content, media_type="application/pdf", trust=trust or country.trust, at=NOW)


def test_a_sealed_paper_is_valid(country: Country, signed_pdf: bytes) -> None:
    """An untouched paper is valid, over all of it, and names the agency but never the officer in a repr."""
    report = check(signed_pdf, country)
    assert (report.outcome, report.reason) == (Outcome.VALID, Reason.VERIFIED)
    (signature,) = report.signatures
    assert signature.coverage is Coverage.WHOLE
    assert signature.signer is not None
    assert signature.signer.organisation == "Agency People's Committee"
    assert signature.signer.serial == f"{country.agency.certificate.serial_number:x}"
    assert signature.signer.issuer == "Officer Middle"
    assert signature.signer.common_name == "Officer People's Committee"
    assert "Officer People" not in repr(report)
    assert signature.digest == "sha256"
    assert signature.claimed_at is not None
    assert not signature.timestamped
    assert signature.revocation is Revocation.UNKNOWN


def test_an_unsigned_paper_has_none(country: Country) -> None:
    """No signature is not a bad signature."""
    report = check(pki.blank_pdf(), country)
    assert (report.outcome, report.reason, report.signatures) == (Outcome.NONE, Reason.NO_SIGNATURE, ())


def test_a_changed_byte_is_seen(country: Country, signed_pdf: bytes) -> None:
    """A page that says something else is altered."""
    report = check(signed_pdf.replace(b"Decision 12", b"Decision 13"), country)
    assert (report.outcome, report.reason) == (Outcome.INVALID, Reason.ALTERED)


def test_a_later_change_is_seen(country: Country, signed_pdf: bytes) -> None:
    """An incremental update that replaces the page's text leaves the signed bytes whole, and is still seen."""
    report = check(pki.overwrite_page(signed_pdf, "Decision 99"), country)
    assert (report.outcome, report.reason) == (Outcome.INVALID, Reason.CHANGED_AFTER)


def test_bytes_after_the_end_are_seen(country: Country, signed_pdf: bytes) -> None:
    """What stands behind the last revision is not ignored."""
    assert check(signed_pdf + b"%trailer", country).outcome is not Outcome.VALID


def test_two_signatures_are_both_valid(country: Country, signed_pdf: bytes) -> None:
    """The second signature is an allowed change of what the first one signed."""
    report = check(pki.sign_pdf(signed_pdf, country.other, above=(country.middle,), name="Second"), country)
    assert report.outcome is Outcome.VALID
    assert [each.coverage for each in report.signatures] == [Coverage.REVISION, Coverage.WHOLE]


def test_one_bad_signature_of_two_decides(country: Country, signed_pdf: bytes) -> None:
    """A paper is as good as its worst signature, and both are shown."""
    report = check(pki.sign_pdf(signed_pdf, country.stranger, name="Second"), country)
    assert (report.outcome, report.reason) == (Outcome.UNTRUSTED, Reason.UNKNOWN_AUTHORITY)
    assert [each.outcome for each in report.signatures] == [Outcome.VALID, Outcome.UNTRUSTED]


def test_an_unknown_authority_is_untrusted(country: Country) -> None:
    """Intact, but nobody we know vouches for it."""
    report = check(pki.sign_pdf(pki.blank_pdf(), country.stranger), country)
    assert (report.outcome, report.reason) == (Outcome.UNTRUSTED, Reason.UNKNOWN_AUTHORITY)


def test_an_expired_certificate_is_expired(country: Country) -> None:
    """Without a time-stamp nobody knows whether it was signed in time."""
    report = check(pki.sign_pdf(pki.blank_pdf(), country.expired, above=(country.middle,)), country)
    assert (report.outcome, report.reason) == (Outcome.EXPIRED, Reason.CERTIFICATE_EXPIRED)


def test_a_timestamp_outlives_the_certificate(country: Country) -> None:
    """With a trusted time-stamp from before the end, the signature stays valid."""
    signed = pki.sign_pdf(pki.blank_pdf(), country.expired, above=(country.middle,), stamped_by=country.stamper)
    report = check(signed, country)
    assert (report.outcome, report.reason) == (Outcome.VALID, Reason.VERIFIED)
    assert report.signatures[0].timestamped_at == pki.SIGNED


@pytest.mark.parametrize("late", [True, False])
def test_a_timestamp_that_does_not_count_changes_nothing(country: Country, *, late: bool) -> None:
    """Made after the end of the certificate, or by a certificate that is not for time-stamping: expired."""
    signed = pki.sign_pdf(
        pki.blank_pdf(),
        country.expired,
        above=(country.middle,),
        stamped_by=country.stamper if late else country.other,
        stamped_at=NOW - DAY if late else pki.SIGNED,
    )
    assert check(signed, country).outcome is Outcome.EXPIRED


def test_a_timestamp_over_the_paper_counts(country: Country) -> None:
    """PAdES B-LTA: a later time-stamp over everything shows when the signature existed; a stranger's shows nothing."""
    signed = pki.sign_pdf(pki.blank_pdf(), country.expired, above=(country.middle,))
    stamped = pki.stamp_pdf(signed, country.stamper, above=(country.middle,), at=pki.SIGNED)
    report = check(stamped, country)
    assert (report.outcome, len(report.signatures)) == (Outcome.VALID, 1)
    assert report.signatures[0].timestamped_at == pki.SIGNED
    assert report.signatures[0].coverage is Coverage.REVISION
    other = pki.party("Foreign clock", purpose=ExtendedKeyUsageOID.TIME_STAMPING)
    assert check(pki.stamp_pdf(signed, other, above=(), at=pki.SIGNED), country).outcome is Outcome.EXPIRED


def test_an_empty_field_over_the_page_is_a_change(country: Country, signed_pdf: bytes) -> None:
    """A field that shows something is refused, for nobody signed what it shows."""
    assert check(pki.add_field(signed_pdf, shown=True), country).reason is Reason.CHANGED_AFTER
    assert check(pki.add_field(signed_pdf, shown=False), country).outcome is Outcome.VALID


def test_a_revoked_certificate_is_revoked(country: Country, signed_pdf: bytes) -> None:
    """A list in the paper's store, signed by the authority, names the signer."""
    listed = pki.revocation_list(country.middle, country.agency)
    report = check(pki.with_store(signed_pdf, listed), country)
    assert (report.outcome, report.reason) == (Outcome.REVOKED, Reason.CERTIFICATE_REVOKED)


def test_a_list_of_the_operator_counts(country: Country, signed_pdf: bytes) -> None:
    """A list beside the trusted authorities counts as one in the paper."""
    from cryptography.hazmat.primitives.serialization import Encoding

    pem = pki.revocation_list(country.middle, country.agency).public_bytes(Encoding.PEM)
    assert check(signed_pdf, country, TrustAnchors.read(country.root.pem + pem)).outcome is Outcome.REVOKED


def test_a_list_that_names_another_says_good(country: Country, signed_pdf: bytes) -> None:
    """The store is an allowed update, and its fresh list says that the certificate is good."""
    report = check(pki.with_store(signed_pdf, pki.revocation_list(country.middle, country.other)), country)
    assert report.outcome is Outcome.VALID
    assert report.signatures[0].revocation is Revocation.GOOD


def test_a_forged_list_says_nothing(country: Country, signed_pdf: bytes) -> None:
    """A list in the authority's name, signed by another key, revokes nobody."""
    forged = pki.revocation_list(pki.Party(country.middle.certificate, country.stranger.key), country.agency)
    assert check(pki.with_store(signed_pdf, forged), country).outcome is Outcome.VALID


def test_an_answer_in_the_paper_counts(country: Country, signed_pdf: bytes) -> None:
    """OCSP in the document security store: good, and revoked."""
    good = ocsp_answer(country.agency, country.middle)
    bad = ocsp_answer(country.agency, country.middle, status=OCSPCertStatus.REVOKED, revoked_at=NOW - DAY)
    report = check(pki.with_store(signed_pdf, answers=(good,)), country)
    assert (report.outcome, report.signatures[0].revocation) == (Outcome.VALID, Revocation.GOOD)
    assert check(pki.with_store(signed_pdf, answers=(good, bad)), country).outcome is Outcome.REVOKED


def test_sha1_is_weak(country: Country) -> None:
    """A signature over SHA-1 does not count, whoever made it."""
    report = check(pki.sign_pdf(pki.blank_pdf(), country.agency, above=(country.middle,), digest="sha1"), country)
    assert (report.outcome, report.reason) == (Outcome.INVALID, Reason.WEAK_ALGORITHM)


def test_a_short_key_is_weak(country: Country) -> None:
    """RSA of 1024 bits does not count."""
    report = check(pki.sign_pdf(pki.blank_pdf(), country.small, above=(country.middle,)), country)
    assert (report.outcome, report.reason) == (Outcome.INVALID, Reason.WEAK_ALGORITHM)


def test_a_certificate_for_something_else_is_misused(country: Country) -> None:
    """A certificate for encryption does not sign papers."""
    report = check(pki.sign_pdf(pki.blank_pdf(), country.sealed, above=(country.middle,)), country)
    assert (report.outcome, report.reason) == (Outcome.INVALID, Reason.CERTIFICATE_MISUSED)


@pytest.mark.parametrize("content", [b"", b"hello", b"%PDF-1.7\n", b"%PDF-1.7\n" + b"[" * 100_000, b"\0" * 1000])
def test_what_is_no_pdf_is_unreadable(country: Country, content: bytes) -> None:
    """Words, not exceptions."""
    assert check(content, country).outcome is Outcome.UNREADABLE


def test_a_cut_paper_is_never_valid(country: Country, signed_pdf: bytes) -> None:
    """Wherever it is cut."""
    for end in range(0, len(signed_pdf) - 2, max(1, len(signed_pdf) // 40)):
        assert check(signed_pdf[:end], country).outcome is not Outcome.VALID


@settings(max_examples=150, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_no_covered_byte_may_change(country: Country, signed_pdf: bytes, place: float, flip: int) -> None:
    """A byte changed outside the signature's own hexadecimal is never valid, and never an exception.

    Inside, what may change without harm (case of a digit, parts of the CMS nobody signs) leaves the same signer,
    digest and coverage.
    """
    start = signed_pdf.index(b"/Contents <") + len(b"/Contents ")
    end = signed_pdf.index(b">", start) + 1
    position = int(place * len(signed_pdf))
    changed = bytearray(signed_pdf)
    changed[position] ^= flip
    report = check(bytes(changed), country)
    if not start <= position < end:
        assert report.outcome is not Outcome.VALID
    elif report.outcome is Outcome.VALID:
        (before,), (after,) = check(signed_pdf, country).signatures, report.signatures
        assert (after.signer, after.digest, after.coverage) == (before.signer, before.digest, before.coverage)


def test_authorities_that_issue_each_other_cost_nothing(country: Country) -> None:
    """Thirty certificates of one name and key make more paths than anyone can walk; none leads to a trusted one."""
    first = pki.party("Loop", ca=True)
    loop = [pki.party("Loop", first, ca=True, key=first.key) for _ in range(29)]
    signed = pki.sign_pdf(pki.blank_pdf(), pki.party("Leaf", first), above=(first, *loop))
    assert check(signed, country).reason is Reason.UNKNOWN_AUTHORITY
