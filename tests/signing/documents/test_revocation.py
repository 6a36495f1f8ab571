"""OCSP answers: whose word counts, about whom, and for when."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from asn1crypto import core
from asn1crypto import ocsp as asn1_ocsp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from signing.documents.report import Revocation
from signing.documents.revocation import Evidence, of_path
from tests.signing.documents.evidence import ocsp_answer
from tests.signing.documents.pki import DAY, NOW, Country, Party, party

GOOD, REVOKED, UNKNOWN = Revocation.GOOD, Revocation.REVOKED, Revocation.UNKNOWN
ENDED = ocsp.OCSPCertStatus.REVOKED


def said(country: Country, *answers: bytes, moment: datetime = NOW, proven: bool = False) -> Revocation:
    """What they say of the agency's certificate."""
    path = [each.certificate for each in (country.agency, country.middle, country.root)]
    return of_path(path, Evidence.read([], answers), moment=moment, proven=proven)


def answer(country: Country, **changes: Any) -> bytes:
    """About the agency, by the authority above it."""
    return ocsp_answer(changes.pop("about", country.agency), changes.pop("issuer", country.middle), **changes)


def responder(country: Country, **changes: Any) -> Party:
    """Somebody the authority lets answer for it."""
    given = {"issuer": country.middle, "purpose": ExtendedKeyUsageOID.OCSP_SIGNING} | changes
    return party("Answers", **given)


def test_the_authority_s_word_counts(country: Country) -> None:
    """Good and revoked; withdrawn wins over good, in any order."""
    good, bad = answer(country), answer(country, status=ENDED, revoked_at=NOW - DAY)
    assert said(country) is UNKNOWN
    assert said(country, good) is GOOD
    assert said(country, bad, good) is said(country, good, bad) is REVOKED


@pytest.mark.parametrize("days", [-3, 3])
def test_good_counts_for_its_time_alone(country: Country, days: int) -> None:
    """Neither before the answer was made nor after it has run out; revoked has no end."""
    moment = NOW + timedelta(days=days)
    assert said(country, answer(country), moment=moment) is UNKNOWN
    bad = answer(country, status=ENDED, revoked_at=NOW - 100 * DAY)
    assert said(country, bad, moment=moment) is REVOKED


def test_what_happened_before_the_end_stays_unless_a_key_was_lost(country: Country) -> None:
    """A signature proved to be older than the withdrawal is untouched by it; not where the key was compromised."""
    plain = answer(country, status=ENDED, revoked_at=NOW - DAY, reason=x509.ReasonFlags.cessation_of_operation)
    lost = answer(country, status=ENDED, revoked_at=NOW - DAY, reason=x509.ReasonFlags.key_compromise)
    before = NOW - 10 * DAY
    assert said(country, plain, moment=before, proven=True) is UNKNOWN
    assert said(country, plain, moment=NOW, proven=True) is REVOKED
    assert said(country, plain, moment=before, proven=False) is REVOKED
    assert said(country, lost, moment=before, proven=True) is REVOKED


def test_a_responder_of_the_authority_counts(country: Country) -> None:
    """A certificate issued for answering, by this very authority, valid when it answered."""
    assert said(country, answer(country, by=responder(country))) is GOOD
    for other in (
        responder(country, purpose=None),
        responder(country, purpose=ExtendedKeyUsageOID.TIME_STAMPING),
        responder(country, issuer=country.root),
        responder(country, issuer=None),
        responder(country, end=NOW - 30 * DAY),
        country.stranger,
    ):
        assert said(country, answer(country, by=other)) is UNKNOWN
        assert said(country, answer(country, by=other, status=ENDED, revoked_at=NOW - DAY)) is UNKNOWN


def test_it_is_about_one_certificate_of_one_authority(country: Country) -> None:
    """An answer about another certificate, or in the name of an authority it does not come from, says nothing."""
    namesake = party("Middle", country.root, ca=True)
    for other in (
        answer(country, about=country.other),
        answer(country, issuer=country.root),
        answer(country, issuer=namesake),
    ):
        assert said(country, other) is UNKNOWN


def weakly_signed(whole: bytes, by: Party) -> bytes:
    """The same answer with a signature over SHA-1."""
    response = asn1_ocsp.OCSPResponse.load(whole)
    basic = response["response_bytes"]["response"].parsed
    basic["signature_algorithm"] = {"algorithm": "sha1_rsa"}
    # that such a signature counts for nothing is what is tried
    basic["signature"] = by.key.sign(basic["tbs_response_data"].dump(), padding.PKCS1v15(), hashes.SHA1())  # noqa: S303
    response["response_bytes"]["response"] = core.ParsableOctetString(basic.dump(force=True))
    return bytes(response.dump(force=True))


def test_what_is_no_successful_answer_says_nothing(country: Country) -> None:
    """Errors of the responder, rubbish, cut bytes, and a weak signature."""
    whole = answer(country)
    later = ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.TRY_LATER)
    weak = weakly_signed(whole, country.middle)
    assert said(country, later.public_bytes(Encoding.DER), b"", b"rubbish", whole[:-9], weak) is UNKNOWN
    assert said(country, later.public_bytes(Encoding.DER), whole) is GOOD
    assert ocsp.load_der_ocsp_response(weak).serial_number == country.agency.certificate.serial_number


def test_an_authority_that_was_withdrawn_withdraws_all(country: Country) -> None:
    """What the root says of the authority between counts for everyone below."""
    above = ocsp_answer(country.middle, country.root, status=ENDED, revoked_at=NOW - DAY)
    assert said(country, answer(country), above) is REVOKED
