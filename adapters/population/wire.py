"""The population service on the wire: answers to plain trees, whatever prefix, namespace or wrapper they use.

Rule of this file: shapes only, no meaning. Elements are known by their local name. An answer that is none of
the documented shapes is `GARBLED`, never "not found".
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lxml import etree

from adapters import faults, soap
from adapters.contract import AdapterError, Fault
from adapters.transport import Reply

Node = str | dict[str, "Node"]
"""An element: its text, or its children by local name. An empty element is ""."""

VERIFY = "XacThucThongTinCongDan"
LOOKUP = "TraCuuThongTinCongDan"
CODES: Mapping[str, str] = {VERIFY: "003", LOOKUP: "037"}  # MaTichHop

# SOAP fault codes, SOAP 1.1 section 4.4.1 and SOAP 1.2 part 1 section 5.4.6; any other is the server's own
_FAULTS: Mapping[str, tuple[Fault, str, bool]] = {
    "Client": (Fault.REFUSED, "soap_fault_client", False),
    "Sender": (Fault.REFUSED, "soap_fault_client", False),
    "VersionMismatch": (Fault.REFUSED, "soap_fault_contract", False),
    "MustUnderstand": (Fault.REFUSED, "soap_fault_contract", False),
    "Server": (Fault.UNAVAILABLE, "soap_fault_server", True),
    "Receiver": (Fault.UNAVAILABLE, "soap_fault_server", True),
}
_OTHER_FAULT = (Fault.UNAVAILABLE, "soap_fault_other", False)
_AUTHENTICATION = ("authenti", "authoriz", "security", "token")

_COLLECTION = "CongdanCollection"
_WRAPPERS = frozenset({"TraCuuThongTinCongDanResponse", "TraCuuThongTinCongDanResult", "KetQuaTraCuu"})
_MATCHES = frozenset({"SoLuongCongDan", "TonTai"})


@dataclass(frozen=True, slots=True)
class Collection:
    """The people in an answer and what the registry says of its data's age (`ThoiDiemDuLieu`, as written)."""

    people: tuple[dict[str, Node], ...] = field(default=(), repr=False)
    data_as_of: str | None = None


def read_lookup(reply: Reply) -> Collection:
    """The people in the answer to 037; none when the registry knows nobody.

    No record is an empty collection, no collection, or an empty Body. Raises `AdapterError`: GARBLED
    `malformed_xml`, `not_soap`, `unexpected_body`, `element_repeated`; or what the SOAP fault means.
    """
    content = _body(reply)
    while len(content) == 1 and _name(content[0]) in _WRAPPERS:
        content = content[0]
    if len(content) == 0 and not (content.text or "").strip():
        return Collection()
    if len(content) != 1 or _name(content[0]) != _COLLECTION:
        raise AdapterError(Fault.GARBLED, "unexpected_body")
    collection = content[0]
    people = []
    for child in collection:
        if _name(child) != "CongDan":
            raise AdapterError(Fault.GARBLED, "unexpected_body")
        person = tree(child)
        if isinstance(person, dict) and not _blank(person):
            people.append(person)
    moment = next((str(v) for k, v in collection.attrib.items() if _local(k) == "ThoiDiemDuLieu"), None)
    return Collection(tuple(people), moment)


def read_verify(reply: Reply) -> bool:
    """Whether the three belong together, from the answer to 003.

    Accepts `SoLuongCongDan` (a count), `TonTai` (a boolean) and the JSON object `{"data": true}`. Raises
    `AdapterError`: GARBLED `malformed_json`, `unexpected_body`, `many_subjects` and those of `read_lookup`.
    """
    if reply.content_type == "application/json":
        return _read_json(reply.body)
    found = [element for element in _body(reply).iter("{*}*") if _name(element) in _MATCHES]
    if len(found) != 1 or len(found[0]):
        raise AdapterError(Fault.GARBLED, "unexpected_body")
    text = (found[0].text or "").strip().lower()
    if _name(found[0]) == "TonTai":
        if text not in {"true", "false", "1", "0"}:
            raise AdapterError(Fault.GARBLED, "unexpected_body")
        return text in {"true", "1"}
    if not (text.isascii() and text.isdecimal()):
        raise AdapterError(Fault.GARBLED, "unexpected_body")
    if text.lstrip("0") not in {"", "1"}:
        raise AdapterError(Fault.GARBLED, "many_subjects")
    return text.lstrip("0") == "1"


def tree(element: etree._Element) -> Node:
    """An element as a `Node`. Attributes and the text between children carry nothing in this service.

    Raises `AdapterError(GARBLED, element_repeated)` when a name occurs twice: which one counts would be a
    guess.
    """
    if len(element) == 0:
        return (element.text or "").strip()
    children: dict[str, Node] = {}
    for child in element:
        name = _name(child)
        if name in children:
            raise AdapterError(Fault.GARBLED, "element_repeated")
        children[name] = tree(child)
    return children


def _body(reply: Reply) -> etree._Element:
    try:
        content = soap.body(soap.parse(reply.body))
    except AdapterError:
        if reply.status != 200:
            raise faults.error(faults.of_status(reply.status), idempotent=True) from None
        raise
    fault = soap.fault(content)
    if fault is not None:
        raise _refusal(fault)
    if reply.status != 200:
        raise faults.error(faults.of_status(reply.status), idempotent=True)
    return content


def _refusal(fault: soap.SoapFault) -> AdapterError:
    words = f"{fault.code} {fault.subcode or ''}".lower()
    if any(word in words for word in _AUTHENTICATION):
        return AdapterError(Fault.REFUSED, "authentication_refused")
    kind, reason, retryable = _FAULTS.get(fault.code, _OTHER_FAULT)
    return AdapterError(kind, reason, retryable=retryable)


def _read_json(body: bytes) -> bool:
    try:
        document = json.loads(body, object_pairs_hook=_unique, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise AdapterError(Fault.GARBLED, "malformed_json") from None
    if not isinstance(document, dict) or not isinstance(document.get("data"), bool):
        raise AdapterError(Fault.GARBLED, "unexpected_body")
    return document["data"] is True


def _unique(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("a member occurs twice")
    return dict(pairs)


def _no_constant(_: str) -> object:
    raise ValueError("not a JSON number")


def _blank(node: Node) -> bool:
    return all(_blank(child) for child in node.values()) if isinstance(node, dict) else not node


def _name(element: etree._Element) -> str:
    return _local(element.tag)


def _local(tag: object) -> str:
    return str(tag).rpartition("}")[2]
