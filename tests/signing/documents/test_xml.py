"""Signatures in XML papers: whole, changed, wrapped, forged, and XML built to do harm."""

import base64
import copy

import pytest
from cryptography.x509.ocsp import OCSPCertStatus
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from signing.documents import Coverage, Outcome, Reason, Revocation, SignatureReport, TrustAnchors, verify, xades
from signing.documents.report import FlawError
from tests.signing.documents import pki
from tests.signing.documents.evidence import ocsp_answer, with_evidence
from tests.signing.documents.pki import NOW, Country

DS = "{http://www.w3.org/2000/09/xmldsig#}"


def check(content: bytes, country: Country) -> SignatureReport:
    """As of now."""
    return verify(content, media_type="application/xml; charset=utf-8", trust=country.trust, at=NOW)


def meaning(content: bytes) -> bytes:
    """The paper without its signature, in canonical form: what anyone can read in it."""
    root = etree.fromstring(content)
    for signature in list(root.iter(f"{DS}Signature")):
        parent = signature.getparent()
        assert parent is not None
        parent.remove(signature)
    return etree.tostring(root, method="c14n")


def test_a_signed_paper_is_valid(country: Country, signed_xml: bytes) -> None:
    """An untouched paper is valid, over its root."""
    report = check(signed_xml, country)
    assert (report.outcome, report.reason) == (Outcome.VALID, Reason.VERIFIED)
    (signature,) = report.signatures
    assert (signature.coverage, signature.covered, signature.digest) == (Coverage.WHOLE, "Decision", "sha256")
    assert signature.signer is not None
    assert signature.signer.organisation == "Agency People's Committee"
    assert "Officer People" not in repr(report)


def test_a_root_named_by_its_id_is_the_whole(country: Country) -> None:
    """A reference to the root's id covers as much as an empty one."""
    signed = pki.sign_xml(pki.paper(), country.agency, above=(country.middle,), reference="decision")
    assert check(signed, country).outcome is Outcome.VALID


def test_an_unsigned_paper_has_none(country: Country) -> None:
    """No signature is not a bad signature."""
    assert check(etree.tostring(pki.paper()), country).outcome is Outcome.NONE


def test_a_changed_text_is_seen(country: Country, signed_xml: bytes) -> None:
    """A paper that says something else is altered."""
    report = check(signed_xml.replace(b"12/QD", b"13/QD", 1), country)
    assert (report.outcome, report.reason) == (Outcome.INVALID, Reason.ALTERED)


def test_a_signed_part_is_named(country: Country) -> None:
    """A signature over a part is not one over the paper: it says which part."""
    root = pki.paper()
    etree.SubElement(root, "Data", Id="data").text = "signed"
    report = check(pki.sign_xml(root, country.agency, above=(country.middle,), reference="data"), country)
    assert (report.outcome, report.reason) == (Outcome.UNSUPPORTED, Reason.PART_SIGNED)
    assert (report.signatures[0].coverage, report.signatures[0].covered) == (Coverage.PART, "Data")


@pytest.mark.parametrize("doubled", [True, False])
def test_a_wrapped_paper_is_never_valid(country: Country, *, doubled: bool) -> None:
    """The signed paper moved into another, which says something else, under the same id or a new one."""
    signed = etree.fromstring(pki.sign_xml(pki.paper(), country.agency, above=(country.middle,), reference="decision"))
    forged = pki.paper({"Number": "99/QD-UBND", "Holder": "KH-2"})
    forged.set("Id", "decision" if doubled else "forged")
    signature = signed.find(f"{DS}Signature")
    assert signature is not None
    etree.SubElement(forged, "Attachment").append(copy.deepcopy(signed))
    report = check(etree.tostring(forged), country)
    assert report.outcome is not Outcome.VALID
    assert report.reason is (Reason.WRAPPED if doubled else Reason.PART_SIGNED)
    moved = pki.paper({"Number": "99/QD-UBND"})
    moved.set("Id", "forged")
    moved.append(copy.deepcopy(signature))
    etree.SubElement(moved, "Attachment").append(signed)
    assert check(etree.tostring(moved), country).outcome is not Outcome.VALID


def test_a_comment_or_style_sheet_is_not_covered(country: Country, signed_xml: bytes) -> None:
    """What a canonical form leaves out could change what is shown."""
    for changed in (
        signed_xml.replace(b"12/QD", b"12<!-- -->/QD", 1),
        b'<?xml-stylesheet href="x.xsl"?>' + signed_xml,
    ):
        assert check(changed, country).reason is Reason.PART_SIGNED


def test_signed_properties_are_claims(country: Country) -> None:
    """XAdES: the time is the signer's word, and a certificate it does not name is refused."""
    signed = pki.sign_xades(pki.paper(), country.agency)
    report = check(signed, country)
    assert report.outcome is Outcome.UNTRUSTED  # the authority between is not in the paper
    trusted = verify(signed, media_type="text/xml", trust=TrustAnchors.read(country.middle.pem), at=NOW)
    assert trusted.outcome is Outcome.VALID
    assert trusted.signatures[0].claimed_at is not None
    assert not trusted.signatures[0].timestamped


def test_a_timestamp_of_a_xades_paper_outlives_the_certificate(country: Country) -> None:
    """Made while the certificate was valid, over this signature's value, by a trusted clock; else nothing changes."""
    signed = pki.sign_xades(pki.paper(), country.expired)
    trust = TrustAnchors.read(country.middle.pem)

    def read(content: bytes) -> SignatureReport:
        return verify(content, media_type="text/xml", trust=trust, at=NOW)

    assert read(signed).outcome is Outcome.EXPIRED
    report = read(with_evidence(signed, stamped_by=country.stamper))
    assert (report.outcome, report.signatures[0].timestamped_at) == (Outcome.VALID, pki.SIGNED)
    for content in (
        with_evidence(signed, stamped_by=country.stamper, stamped_at=NOW - pki.DAY),
        with_evidence(signed, stamped_by=country.stamper, about=b"another signature"),
        with_evidence(signed, stamped_by=country.other),
        with_evidence(signed, stamped_by=pki.party("Clock", purpose=ExtendedKeyUsageOID.TIME_STAMPING)),
    ):
        assert read(content).outcome is Outcome.EXPIRED


def test_an_answer_in_a_xades_paper_counts(country: Country) -> None:
    """OCSP among the unsigned properties: good, revoked, and revoked only after a trusted clock saw the signature."""
    signed = pki.sign_xades(pki.paper(), country.agency)
    trust = TrustAnchors.read(country.middle.pem)

    def read(content: bytes) -> SignatureReport:
        return verify(content, media_type="text/xml", trust=trust, at=NOW)

    good = ocsp_answer(country.agency, country.middle)
    bad = ocsp_answer(country.agency, country.middle, status=OCSPCertStatus.REVOKED, revoked_at=NOW - pki.DAY)
    assert read(with_evidence(signed, answers=(good,))).signatures[0].revocation is Revocation.GOOD
    assert read(with_evidence(signed, answers=(bad,))).outcome is Outcome.REVOKED
    assert read(with_evidence(signed, answers=(bad,), stamped_by=country.stamper)).outcome is Outcome.VALID
    assert read(with_evidence(signed, answers=(b"no answer", b""))).signatures[0].revocation is Revocation.UNKNOWN


def test_another_certificate_of_the_same_key_is_a_mismatch(country: Country) -> None:
    """A certificate for the same key, put in place of the one that was signed with, does not pass."""
    twin = pki.party("Twin", country.middle, key=country.agency.key)
    signed = pki.sign_xades(pki.paper(), country.agency)
    root = etree.fromstring(signed)
    carried = root.find(f".//{DS}X509Certificate")
    assert carried is not None
    carried.text = base64.b64encode(twin.der).decode()
    trust = TrustAnchors.read(country.middle.pem)
    report = verify(etree.tostring(root), media_type="text/xml", trust=trust, at=NOW)
    assert (report.outcome, report.reason) == (Outcome.INVALID, Reason.ALTERED)  # this signer signs KeyInfo too
    signature = etree.fromstring(signed).find(f"{DS}Signature")
    assert signature is not None
    covered = [each for each in signature.iter() if etree.QName(each).localname == "SignedProperties"]
    assert xades.claims(signature, covered, country.agency.certificate).signed_at is not None
    assert xades.claims(signature, [], twin.certificate).signed_at is None  # nobody signed the properties
    with pytest.raises(FlawError) as caught:
        xades.claims(signature, covered, twin.certificate)
    assert caught.value.reason is Reason.CERTIFICATE_MISMATCH


def test_an_unknown_authority_is_untrusted(country: Country) -> None:
    """Intact, but nobody we know vouches for it."""
    assert check(pki.sign_xml(pki.paper(), country.stranger), country).outcome is Outcome.UNTRUSTED


def test_an_expired_certificate_is_expired(country: Country) -> None:
    """Without a time-stamp nobody knows whether it was signed in time."""
    signed = pki.sign_xml(pki.paper(), country.expired, above=(country.middle,))
    assert check(signed, country).outcome is Outcome.EXPIRED


def test_a_short_key_is_weak(country: Country) -> None:
    """RSA of 1024 bits does not count."""
    assert check(pki.sign_xml(pki.paper(), country.small), country).reason is Reason.WEAK_ALGORITHM


def test_sha1_is_weak(country: Country, signed_xml: bytes) -> None:
    """A digest by SHA-1 does not count, before anything is computed."""
    changed = signed_xml.replace(b"http://www.w3.org/2001/04/xmlenc#sha256", b"http://www.w3.org/2000/09/xmldsig#sha1")
    assert changed != signed_xml
    assert check(changed, country).reason is Reason.WEAK_ALGORITHM


def test_two_signatures_of_which_one_is_bad(country: Country, signed_xml: bytes) -> None:
    """A second signature put beside the first makes the paper invalid, and both are shown."""
    second = etree.fromstring(pki.sign_xml(pki.paper({"Number": "99"}), country.other)).find(f"{DS}Signature")
    root = etree.fromstring(signed_xml)
    assert second is not None
    etree.SubElement(root, "Seals").append(second)
    report = check(etree.tostring(root), country)
    assert report.outcome is Outcome.INVALID
    assert len(report.signatures) == 2


BOMB = b'<!DOCTYPE a [<!ENTITY b "x"><!ENTITY c "&b;&b;">]><a>&c;</a>'


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", Reason.DAMAGED),
        (b"hello", Reason.DAMAGED),
        (b"<a><b></a>", Reason.DAMAGED),
        (BOMB, Reason.DOCUMENT_TYPE),
        (BOMB.decode().encode("utf-16"), Reason.DAMAGED),
        (b"<a>" * 5000 + b"</a>" * 5000, Reason.DAMAGED),
        (b'<?xml version="1.0" encoding="ISO-8859-1"?><a/>', Reason.DAMAGED),
        (b"<a>" + b" " * (16 * 2**20) + b"</a>", Reason.TOO_LARGE),
    ],
)
def test_harmful_xml_is_unreadable(country: Country, content: bytes, reason: Reason) -> None:
    """Words, not exceptions; nothing is expanded or fetched."""
    report = check(content, country)
    assert (report.outcome, report.reason) == (Outcome.UNREADABLE, reason)


@settings(max_examples=300, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_a_changed_byte_never_changes_what_is_read(
    country: Country, signed_xml: bytes, place: float, flip: int
) -> None:
    """If a paper with another byte is valid, then its canonical form is the same, and so is its signer."""
    changed = bytearray(signed_xml)
    changed[int(place * len(changed))] ^= flip
    report = check(bytes(changed), country)
    if report.outcome is Outcome.VALID:
        assert meaning(bytes(changed)) == meaning(signed_xml)
        assert report.signatures[0].signer == check(signed_xml, country).signatures[0].signer
