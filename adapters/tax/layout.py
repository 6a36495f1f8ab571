"""The shape of a signed message: building the Security header, and reading a signature's claims without trusting them.

Rule of this file: no cryptography. `wsse` asks these questions before it computes anything.
"""

import binascii
import re
from base64 import b64decode, b64encode
from collections import Counter
from copy import deepcopy
from datetime import UTC, datetime

from lxml import etree

from adapters.tax import names

BODY_ID = "body"
TIMESTAMP_ID = "timestamp"
TOKEN_ID = "token"  # noqa: S105  # the id of an XML element

_SPACES = re.compile(r"[ \t\r\n]+")
_DS = {"ds": names.DS}
_PREFIXES = {"wsse": names.WSSE, "wsu": names.WSU}


def prepared(
    envelope: etree._Element, token: str, *, created: datetime, expires: datetime
) -> tuple[etree._Element, etree._Element]:
    """A copy of the envelope with ids and a Security header (token and Timestamp); and that header, to be signed into.

    `token`: base64 of the DER certificate. The instants are aware and are written in UTC with milliseconds.
    """
    message = deepcopy(envelope)
    body = message.find(names.BODY)
    if body is None:
        raise ValueError("an envelope has a body")
    header = message.find(names.HEADER)
    if header is None:
        header = etree.Element(names.HEADER)
        message.insert(0, header)
    etree.cleanup_namespaces(message, top_nsmap=_PREFIXES, keep_ns_prefixes=list(_PREFIXES))
    body.set(names.ID, BODY_ID)
    security = etree.SubElement(header, names.SECURITY, {f"{{{names.SOAP}}}mustUnderstand": "true"})
    attributes = {names.ID: TOKEN_ID, "ValueType": names.X509_TOKEN, "EncodingType": names.BASE64}
    etree.SubElement(security, names.TOKEN, attributes).text = token
    timestamp = etree.SubElement(security, names.TIMESTAMP, {names.ID: TIMESTAMP_ID})
    etree.SubElement(timestamp, names.CREATED).text = _instant(created)
    etree.SubElement(timestamp, names.EXPIRES).text = _instant(expires)
    return message, security


def key_info() -> etree._Element:
    """A KeyInfo that points at the token of the same header (X.509 token profile 1.1 section 3.2.1)."""
    info = etree.Element(f"{{{names.DS}}}KeyInfo", nsmap={**_DS, "wsse": names.WSSE})
    reference = etree.SubElement(info, names.TOKEN_REFERENCE)
    etree.SubElement(reference, names.REFERENCE, {"URI": f"#{TOKEN_ID}", "ValueType": names.X509_TOKEN})
    return info


def anywhere(root: etree._Element, tag: str) -> list[etree._Element]:
    """Every element of that name, at any depth, the root included."""
    return list(root.iter(tag))


def doubled_ids(root: etree._Element) -> bool:
    """Whether two attributes that anyone could take for an id hold the same value.

    Any attribute called id, in any case and namespace, counts: libraries differ in which they look at.
    """
    values = Counter(
        str(value)
        for element in root.iter(etree.Element)
        for name, value in element.attrib.items()
        if etree.QName(name).localname.lower() == "id"
    )
    return any(times > 1 for times in values.values())


def algorithms_pinned(signature: etree._Element, method: str) -> bool:
    """Whether the signature has the one form of the profile.

    SignedInfo, SignatureValue, KeyInfo and nothing else; exclusive canonicalisation without comments; `method`
    (a URI); per reference one transform (the same canonicalisation) and SHA-256.
    """
    tags = [etree.QName(child).localname for child in signature if etree.QName(child).namespace == names.DS]
    if len(tags) != len(signature) or tags != ["SignedInfo", "SignatureValue", "KeyInfo"]:
        return False
    info = list(signature[0])
    forms = [(etree.QName(child).localname, child.get("Algorithm")) for child in info[:2]]
    if forms != [("CanonicalizationMethod", names.EXC_C14N), ("SignatureMethod", method)] or len(info[1]):
        return False
    return all(_reference_pinned(reference) for reference in info[2:])


def reference_uris(signature: etree._Element) -> list[str]:
    """The URIs of the references, in their order."""
    return [reference.get("URI", "") for reference in signature.findall("ds:SignedInfo/ds:Reference", _DS)]


def names_token(signature: etree._Element, token: etree._Element) -> bool:
    """Whether the KeyInfo consists of one reference to that token."""
    info = signature.find("ds:KeyInfo", _DS)
    if info is None or len(info) != 1 or info[0].tag != names.TOKEN_REFERENCE or len(info[0]) != 1:
        return False
    pointer = info[0][0]
    said = (pointer.get("URI"), pointer.get("ValueType", names.X509_TOKEN))
    known = set(pointer.attrib) <= {"URI", "ValueType"}
    return pointer.tag == names.REFERENCE and known and said == (f"#{token.get(names.ID)}", names.X509_TOKEN)


def is_token(token: etree._Element, expected: str) -> bool:
    """Whether the token is the expected certificate (base64 of DER), byte for byte."""
    kinds = (token.get("ValueType"), token.get("EncodingType", names.BASE64))
    known = set(token.attrib) <= {names.ID, "ValueType", "EncodingType"}
    return known and kinds == (names.X509_TOKEN, names.BASE64) and _without_spaces(token.text) == expected


def is_canonical_base64(signature: etree._Element) -> bool:
    """Whether the signature value and the digests are base64 in its one canonical spelling (RFC 4648 section 3.5).

    A lenient decoder would take several spellings of one signature for valid.
    """
    texts = [_without_spaces(signature.findtext("ds:SignatureValue", "", _DS))]
    texts += [_without_spaces(value.text) for value in signature.iter(f"{{{names.DS}}}DigestValue")]
    return all(_is_canonical(text) for text in texts)


def _reference_pinned(reference: etree._Element) -> bool:
    parts = [etree.QName(child) for child in reference]
    wanted = [etree.QName(names.DS, name) for name in ("Transforms", "DigestMethod", "DigestValue")]
    if reference.tag != f"{{{names.DS}}}Reference" or parts != wanted or len(reference[0]) != 1:
        return False
    transform, digest = reference[0][0], reference[1]
    inside = [child.tag for child in transform]
    return (
        transform.tag == f"{{{names.DS}}}Transform"
        and transform.get("Algorithm") == names.EXC_C14N
        and inside in ([], [f"{{{names.EXC_C14N}}}InclusiveNamespaces"])
        and digest.get("Algorithm") == names.SHA256
        and len(digest) == 0
    )


def _is_canonical(text: str) -> bool:
    try:
        return text != "" and b64encode(b64decode(text, validate=True)).decode() == text
    except (binascii.Error, ValueError):
        return False


def _without_spaces(text: str | None) -> str:
    return _SPACES.sub("", text or "")


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
