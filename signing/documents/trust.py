"""Whom an operator trusts to vouch for signers and time-stamps: certificates of authorities, and their lists."""

import re
from dataclasses import dataclass, field
from typing import Self

from cryptography import x509
from cryptography.x509 import Certificate, CertificateRevocationList

_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)
_LIMIT = 200


class TrustError(ValueError):
    """A file of trusted authorities that cannot be used; the sentence says which block and why."""


@dataclass(frozen=True, slots=True)
class TrustAnchors:
    """Certificates of authorities (roots, or authorities below a root that alone shall be trusted), and lists.

    Whoever a certificate here vouches for is trusted to sign papers; whoever of them is for time-stamping, to say when.
    """

    certificates: tuple[Certificate, ...]
    revocation_lists: tuple[CertificateRevocationList, ...] = field(default=())

    @classmethod
    def read(cls, pem: bytes) -> Self:
        """Blocks `CERTIFICATE` and `X509 CRL`, in any order, with any text between them.

        Raises `TrustError` when there is no certificate, more than 200 blocks, a block of another kind, one that cannot
        be read, or a certificate that is not one of an authority.
        """
        certificates, lists = parts(pem)
        if not certificates:
            raise TrustError("no certificate: at least one authority has to be trusted")
        return cls(tuple(certificates), tuple(lists))


def parts(pem: bytes) -> tuple[list[Certificate], list[CertificateRevocationList]]:
    """The certificates of authorities and the lists in `pem`, for whoever gathers them from several files.

    Raises `TrustError` as `TrustAnchors.read` does, but not when there is no certificate.
    """
    certificates: list[Certificate] = []
    lists: list[CertificateRevocationList] = []
    blocks = list(_BLOCK.finditer(pem))
    if len(blocks) > _LIMIT:
        raise TrustError(f"{len(blocks)} blocks, at most {_LIMIT} are read")
    for number, block in enumerate(blocks, start=1):
        kind = block[1].decode("ascii")
        if kind not in {"CERTIFICATE", "X509 CRL"}:
            raise TrustError(f"block {number} is a {kind}: only CERTIFICATE and X509 CRL belong here")
        try:
            if kind == "X509 CRL":
                lists.append(x509.load_pem_x509_crl(block[0]))
                continue
            certificate = x509.load_pem_x509_certificate(block[0])
            authority = is_authority(certificate)
        except ValueError:
            raise TrustError(f"block {number}, a {kind}, cannot be read") from None
        if not authority:
            raise TrustError(f"block {number} is not the certificate of an authority")
        certificates.append(certificate)
    return certificates, lists


def is_authority(certificate: Certificate) -> bool:
    """Whether it may issue certificates. Raises ValueError for one whose extensions cannot be read."""
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False
