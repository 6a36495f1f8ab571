"""SOAP, hardened: envelopes built from a WSDL that ships with the adapter, answers parsed with lxml.

Rule of this file: bytes in, elements out; nothing is fetched and nothing is sent here. zeep only builds
messages; it never sees the network and never parses an answer. Its settings object is thread-local when used
as a context manager, so it is made once and left alone.
"""

import copy
import hashlib
import logging
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import PurePosixPath
from types import MappingProxyType

import zeep
import zeep.exceptions
from lxml import etree

from adapters.contract import AdapterError, Fault
from adapters.settings import ProfileError

# at DEBUG zeep writes whole messages, and with them personal data
logging.getLogger("zeep").setLevel(logging.INFO)

SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
SOAP_TYPES = frozenset({"text/xml", "application/xml", "application/soap+xml"})

_MARK = "\u2045lienthong\u2046"  # nothing a schema or zeep would write by itself
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")


@dataclass(frozen=True, slots=True)
class SoapFault:
    """A SOAP fault as two local names: for tables, never for logs. "" where the registry wrote no plain name.

    SOAP 1.1 `soap:Client.Authentication` is code `Client`, subcode `Authentication`; SOAP 1.2 has both apart.
    """

    code: str
    subcode: str | None


def parse(body: bytes) -> etree._Element:
    """The root element of an XML document. Comments are gone, so they cannot split a text in two.

    Refuses a document type (and with it every entity), processing instructions, depth and text beyond
    libxml2's limits, and anything not well-formed: `AdapterError(GARBLED, malformed_xml)`.
    """
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=False,
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError):
        # `from None`: the parser quotes the document
        raise AdapterError(Fault.GARBLED, "malformed_xml") from None
    foreign = (*root.itersiblings(preceding=True), *root.itersiblings(), *root.iter(etree.PI, etree.Entity))
    if foreign or root.getroottree().docinfo.internalDTD is not None:
        raise AdapterError(Fault.GARBLED, "malformed_xml")
    return root


def envelope(root: etree._Element) -> tuple[str, etree._Element]:
    """The namespace (SOAP 1.1 or 1.2) and the Body of an envelope.

    Raises `AdapterError(GARBLED, not_soap)` unless there is exactly one Body, a child of the Envelope.
    """
    for namespace in (SOAP_11, SOAP_12):
        if root.tag == f"{{{namespace}}}Envelope":
            bodies = root.findall(f"{{{namespace}}}Body")
            if len(bodies) == 1:
                return namespace, bodies[0]
    raise AdapterError(Fault.GARBLED, "not_soap")


def body(root: etree._Element) -> etree._Element:
    """The Body of an envelope; see `envelope`."""
    return envelope(root)[1]


def fault(content: etree._Element) -> SoapFault | None:
    """The fault in a Body, or None (SOAP 1.1 section 4.4, SOAP 1.2 part 1 section 5.4)."""
    found = content.find(f"{{{SOAP_11}}}Fault")
    if found is not None:
        code, _, subcode = _local(found.findtext("faultcode")).partition(".")
        return SoapFault(code, subcode or None)
    found = content.find(f"{{{SOAP_12}}}Fault")
    if found is not None:
        code = f"{{{SOAP_12}}}Code"
        value = f"{{{SOAP_12}}}Value"
        inner = found.findtext(f"{code}/{{{SOAP_12}}}Subcode/{value}")
        return SoapFault(_local(found.findtext(f"{code}/{value}")), _local(inner) or None)
    return None


def to_bytes(root: etree._Element) -> bytes:
    """The document as UTF-8 bytes with an XML declaration."""
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def vendored(package: str, digests: Mapping[str, str]) -> dict[str, bytes]:
    """The contract files of an adapter package by name, each checked against its SHA-256 (lower hex).

    Raises `ProfileError` when a file is missing or is not the one this release was made with.
    """
    folder = files(package)
    found = {}
    for name, digest in digests.items():
        try:
            content = (folder / name).read_bytes()
        except OSError as error:
            raise ProfileError(f"the contract file {name} is missing from {package}") from error
        if hashlib.sha256(content).hexdigest() != digest:
            raise ProfileError(f"the contract file {name} in {package} has been changed")
        found[name] = content
    return found


class Wsdl:
    """A WSDL parsed once.

    `documents`: file name -> bytes, from `vendored`; `entry`: the name of the WSDL; `prefixes`: prefix ->
    namespace for messages, where a registry is known to care.
    """

    def __init__(
        self, documents: Mapping[str, bytes], entry: str, *, prefixes: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        settings = zeep.Settings(
            strict=True, forbid_dtd=True, forbid_entities=True, forbid_external=True, xml_huge_tree=False
        )
        self._client = zeep.Client(  # type: ignore[no-untyped-call]
            entry, transport=_Vendored(documents), settings=settings
        )
        for prefix, namespace in prefixes.items():
            self._client.set_ns_prefix(prefix, namespace)  # type: ignore[no-untyped-call]
        self._service = self._client.service
        self._forms: dict[tuple[str, tuple[tuple[str, ...], ...]], _Form | None] = {}

    def message(self, operation: str, **values: object) -> etree._Element:
        """The envelope of a request, in the element order of the schema.

        zeep builds the first message of a shape; the next ones are copies of it with their own texts, where all
        values are texts that zeep writes as they are. A shape is the operation and the names of its values.
        Raises `AdapterError(GARBLED, request_invalid)` when a value does not fit the schema or XML.
        """
        try:
            texts = _texts(values)
            if texts is None:
                return self._create(operation, values)
            shape = (operation, tuple(texts))
            if shape not in self._forms:
                self._forms[shape] = self._form(operation, values)
            form = self._forms[shape]
            return self._create(operation, values) if form is None else form.filled(texts.values())
        except (zeep.exceptions.Error, ValueError):
            raise AdapterError(Fault.GARBLED, "request_invalid") from None

    def _create(self, operation: str, values: Mapping[str, object]) -> etree._Element:
        created: etree._Element = self._client.create_message(  # type: ignore[no-untyped-call]
            self._service, operation, **values
        )
        return created

    def _form(self, operation: str, values: Mapping[str, object]) -> "_Form | None":
        """The message with a mark in place of each text; None unless each mark comes out as one whole text."""
        marked, marks = _marked(values, [])
        try:
            envelope = self._create(operation, marked)
        except (zeep.exceptions.Error, ValueError):
            return None  # a type that takes no free text: zeep decides about each value
        found = {element.text: place for place, element in enumerate(envelope.iter()) if element.text in marks}
        written = etree.tostring(envelope, encoding="unicode")
        if len(found) != len(marks) or any(written.count(mark) != 1 for mark in marks):
            return None
        return _Form(envelope, tuple(found[mark] for mark in marks))


@dataclass(frozen=True, slots=True)
class _Form:
    """A message to be filled in: in document order, the places of its elements that take the texts."""

    envelope: etree._Element = field(repr=False)
    places: tuple[int, ...]

    def filled(self, texts: Iterable[str]) -> etree._Element:
        """A copy with these texts, one per place. Raises ValueError for characters XML does not have."""
        made = copy.deepcopy(self.envelope)
        elements = list(made.iter())
        for place, text in zip(self.places, texts, strict=True):
            elements[place].text = text
        return made


def _texts(values: Mapping[str, object], above: tuple[str, ...] = ()) -> dict[tuple[str, ...], str] | None:
    """The texts of nested values by path, in their order; None when there is anything but non-empty texts."""
    found: dict[tuple[str, ...], str] = {}
    for name, value in values.items():
        path = (*above, name)
        if isinstance(value, str) and value:
            found[path] = value
            continue
        inner = _texts(value, path) if isinstance(value, dict) and value else None
        if inner is None:
            return None
        found.update(inner)
    return found


def _marked(values: Mapping[str, object], marks: list[str]) -> tuple[dict[str, object], list[str]]:
    """The values with each text replaced by a mark of its own, and the marks in the order of `_texts`."""
    marked: dict[str, object] = {}
    for name, value in values.items():
        if isinstance(value, dict):
            marked[name], _ = _marked(value, marks)
        else:
            marks.append(f"{_MARK}{len(marks):03d}")
            marked[name] = marks[-1]
    return marked, marks


class _Vendored:
    """What zeep loads documents through: the files it was given, by name, and nothing else."""

    def __init__(self, documents: Mapping[str, bytes]) -> None:
        self._documents = documents

    def load(self, url: str) -> bytes:
        # zeep makes a relative reference absolute from the working directory: only the name is ours
        name = PurePosixPath(url).name
        if "://" in url or name not in self._documents:
            raise ProfileError("a contract file refers to a document that does not ship with it")
        return self._documents[name]


def _local(name: str | None) -> str:
    local = (name or "").strip().rpartition(":")[2]
    return local if _WORD.fullmatch(local) else ""
