"""A public-key infrastructure of the mock country, and papers signed under it."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from lxml import etree
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter
from pyhanko.sign import signers, timestamps
from pyhanko.sign.fields import SigFieldSpec, SigSeedSubFilter, append_signature_field
from pyhanko_certvalidator.registry import SimpleCertificateStore
from signxml.algorithms import DigestAlgorithm, SignatureConstructionMethod, SignatureMethod
from signxml.signer import XMLSigner
from signxml.xades.xades import XAdESSigner

from signing.documents import TrustAnchors

NOW = datetime(2026, 11, 28, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)
SIGNED = NOW - 400 * DAY


@dataclass(frozen=True)
class Party:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey = field(repr=False)

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)


def party(
    name: str,
    issuer: Party | None = None,
    *,
    ca: bool = False,
    start: datetime = NOW - 1000 * DAY,
    end: datetime = NOW + 1000 * DAY,
    bits: int = 2048,
    purpose: x509.ObjectIdentifier | None = None,
    signing: bool = True,
    key: rsa.RSAPrivateKey | None = None,
) -> Party:
    """A certificate of an authority or an agency, signed by `issuer` or by itself."""
    key = key or rsa.generate_private_key(public_exponent=65537, key_size=bits)
    parts = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, f"Agency {name}")]
    subject = x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, f"Officer {name}")])
    above = issuer or Party(None, key)  # type: ignore[arg-type]
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=signing and not ca,
                content_commitment=signing and not ca,
                key_encipherment=not signing,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=ca,
                crl_sign=ca,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(above.key.public_key()), critical=False)
    )
    if purpose is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=True)
    return Party(builder.sign(above.key, hashes.SHA256()), key)


def revocation_list(issuer: Party, *revoked: Party, at: datetime = NOW - DAY) -> x509.CertificateRevocationList:
    """The issuer's list, made at `at` and valid for two days."""
    builder = x509.CertificateRevocationListBuilder().issuer_name(issuer.certificate.subject)
    builder = builder.last_update(at).next_update(at + 2 * DAY)
    for each in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(each.certificate.serial_number).revocation_date(at)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(issuer.key, hashes.SHA256())


@dataclass(frozen=True)
class Country:
    """Authorities, and agencies under them."""

    root: Party
    middle: Party
    agency: Party
    other: Party
    expired: Party
    stranger: Party
    stamper: Party
    small: Party
    sealed: Party

    @property
    def trust(self) -> TrustAnchors:
        return TrustAnchors.read(self.root.pem)


def country() -> Country:
    """Made once for all tests: keys take time."""
    root = party("Root", ca=True)
    middle = party("Middle", root, ca=True)
    return Country(
        root=root,
        middle=middle,
        agency=party("People's Committee", middle),
        other=party("Department of Justice", middle),
        expired=party("Old Committee", middle, start=NOW - 900 * DAY, end=NOW - 30 * DAY),
        stranger=party("Unknown", party("Foreign root", ca=True)),
        stamper=party("Clock", middle, purpose=ExtendedKeyUsageOID.TIME_STAMPING),
        small=party("Small", middle, bits=1024),
        sealed=party("Encipher", middle, signing=False),
    )


def asn1(each: Party) -> asn1_x509.Certificate:
    """As pyHanko reads it."""
    return asn1_x509.Certificate.load(each.der)


def private_key(each: Party) -> asn1_keys.PrivateKeyInfo:
    """As pyHanko reads it."""
    der = each.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return asn1_keys.PrivateKeyInfo.load(der)


def blank_pdf(text: str = "Decision 12/QD-UBND") -> bytes:
    """One page with a text."""
    writer = PdfFileWriter(stream_xrefs=False)
    stream = generic.StreamObject(stream_data=f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode())
    page = PageObject(
        contents=writer.add_object(stream), media_box=generic.ArrayObject(map(generic.NumberObject, (0, 0, 595, 842)))
    )
    writer.insert_page(page)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def sign_pdf(
    content: bytes,
    by: Party,
    *,
    above: tuple[Party, ...] = (),
    name: str = "Seal",
    digest: str = "sha256",
    stamped_by: Party | None = None,
    stamped_at: datetime = SIGNED,
) -> bytes:
    """With one more signature, as an incremental update."""
    store = SimpleCertificateStore()
    store.register_multiple([asn1(each) for each in above])
    signer = signers.SimpleSigner(signing_cert=asn1(by), signing_key=private_key(by), cert_registry=store)
    stamper = None
    if stamped_by is not None:
        certs = SimpleCertificateStore()
        certs.register_multiple([asn1(each) for each in above])
        stamper = timestamps.DummyTimeStamper(
            tsa_cert=asn1(stamped_by), tsa_key=private_key(stamped_by), certs_to_embed=certs, fixed_dt=stamped_at
        )
    meta = signers.PdfSignatureMetadata(field_name=name, md_algorithm=digest, subfilter=SigSeedSubFilter.PADES)
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    out = signers.PdfSigner(meta, signer, timestamper=stamper).sign_pdf(writer)
    return bytes(out.getbuffer())


def overwrite_page(content: bytes, text: str) -> bytes:
    """An incremental update that changes what the page says."""
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    page = writer.root["/Pages"]["/Kids"][0]
    page[generic.NameObject("/Contents")] = writer.add_object(
        generic.StreamObject(stream_data=f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET".encode())
    )
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def with_store(content: bytes, *lists: x509.CertificateRevocationList, answers: tuple[bytes, ...] = ()) -> bytes:
    """An incremental update that adds a document security store. `answers`: of OCSP, DER."""
    from pyhanko.sign.validation import DocumentSecurityStore

    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    from asn1crypto import crl
    from asn1crypto import ocsp as asn1_ocsp

    DocumentSecurityStore.supply_dss_in_writer(
        writer,
        None,
        crls=[crl.CertificateList.load(each.public_bytes(Encoding.DER)) for each in lists],
        ocsps=[asn1_ocsp.OCSPResponse.load(each) for each in answers],
    )
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def paper(children: Mapping[str, str] | None = None) -> etree._Element:
    """A decision as XML."""
    root = etree.Element("Decision", Id="decision")
    for name, value in (children or {"Number": "12/QD-UBND", "Holder": "KH-1"}).items():
        etree.SubElement(root, name).text = value
    return root


def sign_xml(
    root: etree._Element,
    by: Party,
    *,
    above: tuple[Party, ...] = (),
    reference: str | None = None,
    method: SignatureMethod = SignatureMethod.RSA_SHA256,
    digest: DigestAlgorithm = DigestAlgorithm.SHA256,
) -> bytes:
    """Enveloped; over the root, or over the element whose id is `reference`."""
    signer = XMLSigner(
        method=SignatureConstructionMethod.enveloped, signature_algorithm=method, digest_algorithm=digest
    )
    signed = signer.sign(
        root,
        key=by.key,
        cert=[each.certificate for each in (by, *above)],
        reference_uri=[reference] if reference else None,
        id_attribute="Id" if reference else None,
    )
    return etree.tostring(signed)


def sign_xades(root: etree._Element, by: Party) -> bytes:
    """Enveloped over the root, with signed properties."""
    signed = XAdESSigner(claimed_roles=["seal"], method=SignatureConstructionMethod.enveloped).sign(
        root, key=by.key, cert=[by.certificate]
    )
    return etree.tostring(signed)


def stamp_pdf(content: bytes, by: Party, *, above: tuple[Party, ...], at: datetime) -> bytes:
    """With a time-stamp over the whole paper."""
    certs = SimpleCertificateStore()
    certs.register_multiple([asn1(each) for each in above])
    stamper = timestamps.DummyTimeStamper(tsa_cert=asn1(by), tsa_key=private_key(by), certs_to_embed=certs, fixed_dt=at)
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    out = signers.PdfTimeStamper(stamper).timestamp_pdf(writer, "sha256")
    return bytes(out.getbuffer())


def add_field(content: bytes, *, shown: bool) -> bytes:
    """An incremental update that adds a signature field without a signature."""
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    append_signature_field(writer, SigFieldSpec("Empty", box=(50, 50, 500, 800) if shown else None))
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
