"""XML for the mock: names, strict parsing, elements from pairs.

Rule of this file: written from the profile's page and the specifications, not from the gateway's code, so that the two
ends check each other.
"""

from collections.abc import Sequence
from typing import Final

from lxml import etree

SOAP: Final = "http://www.w3.org/2003/05/soap-envelope"
NNT: Final = "urn:lienthong:tra-cuu-nnt:1.0"
_WSS: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
WSSE: Final = _WSS + "wssecurity-secext-1.0.xsd"
WSU: Final = _WSS + "wssecurity-utility-1.0.xsd"
DS: Final = "http://www.w3.org/2000/09/xmldsig#"
EXC_C14N: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
SHA256_URI: Final = "http://www.w3.org/2001/04/xmlenc#sha256"
RSA_SHA256: Final = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
ECDSA_SHA256: Final = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
X509_V3: Final = _WSS + "x509-token-profile-1.0#X509v3"
BASE64_BINARY: Final = _WSS + "soap-message-security-1.0#Base64Binary"

PREFIXES: Final = {"env": SOAP, "sec": WSSE, "utl": WSU, "sig": DS, "t": NNT, "ec": EXC_C14N}

# a name, and either its text, its children or nothing (left out when None)
Part = tuple[str, "str | Sequence[Part] | None"]


class RefusedError(ValueError):
    """A request the service does not accept: `code` is the local name of a fault's subcode."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def name(short: str) -> str:
    """`env:Body` as lxml writes it."""
    prefix, _, local = short.partition(":")
    return f"{{{PREFIXES[prefix]}}}{local}"


def parsed(body: bytes) -> etree._Element:
    """The root of a request. Raises `RefusedError` for anything but plain well-formed XML without a DTD."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise RefusedError("YeuCauSaiMau") from None
    if root.getroottree().docinfo.internalDTD is not None or any(True for _ in root.iter(etree.PI, etree.Entity)):
        raise RefusedError("YeuCauSaiMau")
    return root


def built(part: Part, prefix: str = "t") -> etree._Element:
    """The element a part describes, its children under the same prefix; a part whose value is None is left out."""
    tag, value = part
    made = etree.Element(name(f"{prefix}:{tag}"), nsmap={prefix: PREFIXES[prefix]})
    if isinstance(value, str):
        made.text = value
    else:
        for child in value or ():
            if child[1] is not None:
                made.append(built(child, prefix))
    return made


def envelope(payload: etree._Element) -> etree._Element:
    """A SOAP 1.2 envelope with an empty Header and that payload in its Body."""
    root = etree.Element(name("env:Envelope"), nsmap={"env": SOAP, "utl": WSU})
    etree.SubElement(root, name("env:Header"))
    etree.SubElement(root, name("env:Body")).append(payload)
    return root


def canonical(element: etree._Element, prefixes: Sequence[str] = ()) -> bytes:
    """Exclusive canonical XML without comments of an element where it stands."""
    return etree.tostring(
        element, method="c14n", exclusive=True, with_comments=False, inclusive_ns_prefixes=list(prefixes) or None
    )
