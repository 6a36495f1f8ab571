"""A request to the population service, read from its SOAP 1.1 envelope.

Rule of this file: strict, as clients of the live service report it: the order of the elements matters, each at most
once, nothing unknown. XML with a document type declaration is refused before anything is read from it.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from lxml import etree

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
REQUEST = "http://dancuquocgia.bca"

_ORDER = (
    "MaYeuCau",
    "MaDVC",
    "MaTichHop",
    "MaCanBo",
    "MaDonVi",
    "TaiKhoan",
    "SoDienThoai",
    "SoDinhDanh",
    "SoCMND",
    "HoVaTen",
    "NgayThangNamSinh",
)
_NEEDED = frozenset({"MaYeuCau", "MaDVC", "MaTichHop", "MaCanBo", "HoVaTen", "NgayThangNamSinh"})
_BIRTH_PARTS = ("NgayThangNam", "Nam")
_BIRTH_DIGITS = {"NgayThangNam": frozenset({6, 8}), "Nam": frozenset({4})}


class Operation(StrEnum):
    """The two services, by the name of their request element."""

    LOOKUP = "TraCuuThongTinCongDan"
    VERIFY = "XacThucThongTinCongDan"

    @property
    def integration(self) -> str:
        """The MaTichHop that belongs to it."""
        return "037" if self is Operation.LOOKUP else "003"


class RequestError(ValueError):
    """The request is not one this service understands; the text names the element, never its content."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked. Exactly one of the two numbers is set; `birth` is `yyyymmdd`, `yyyymm` or `yyyy`."""

    operation: Operation
    request_id: str
    personal_id: str | None = field(repr=False)
    old_id: str | None = field(repr=False)
    name: str = field(repr=False)
    birth: str = field(repr=False)

    @property
    def subject(self) -> str:
        """The number asked about."""
        return self.personal_id or self.old_id or ""


def parse(body: bytes) -> Ask:
    """The question in a SOAP envelope. Raises `RequestError`."""
    root = _root(body)
    if root.tag != f"{{{SOAP}}}Envelope":
        raise RequestError("the root element must be a SOAP 1.1 Envelope")
    bodies = [child for child in root if child.tag == f"{{{SOAP}}}Body"]
    if len(bodies) != 1 or len(bodies[0]) != 1:
        raise RequestError("one Body with one element is needed")
    call = bodies[0][0]
    name = etree.QName(call)
    if name.namespace != REQUEST or name.localname not in set(Operation):
        raise RequestError("unknown operation")
    return _ask(Operation(name.localname), call)


def _root(body: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        raise RequestError("the body is not XML") from None
    document = root.getroottree().docinfo
    if document is not None and document.internalDTD is not None:
        raise RequestError("a document type declaration is not accepted")
    return root


def _ask(operation: Operation, call: etree._Element) -> Ask:
    children = _children(call, _ORDER)
    for name in _ORDER:
        if name in _NEEDED and name not in children:
            raise RequestError(f"{name} is missing")
    values = {name: (child.text or "").strip() for name, child in children.items() if not len(child)}
    for name in _NEEDED - {"NgayThangNamSinh"}:
        if not values.get(name):
            raise RequestError(f"{name} is empty")
    if values["MaTichHop"] != operation.integration:
        raise RequestError("MaTichHop does not belong to this operation")
    personal, old = values.get("SoDinhDanh"), values.get("SoCMND")
    if bool(personal) == bool(old):
        raise RequestError("either SoDinhDanh or SoCMND is needed")
    birth = _birth(children["NgayThangNamSinh"])
    return Ask(operation, values["MaYeuCau"], personal or None, old or None, values["HoVaTen"], birth)


def _children(parent: etree._Element, order: tuple[str, ...]) -> dict[str, etree._Element]:
    found: dict[str, etree._Element] = {}
    place = -1
    for child in parent:
        name = etree.QName(child)
        if name.namespace != REQUEST or name.localname not in order:
            raise RequestError(f"unknown element in {etree.QName(parent).localname}")
        if order.index(name.localname) <= place:
            raise RequestError(f"{name.localname} is not in its place")
        place = order.index(name.localname)
        found[name.localname] = child
    return found


def _birth(element: etree._Element) -> str:
    parts = _children(element, _BIRTH_PARTS)
    texts = {name: (child.text or "").strip() for name, child in parts.items()}
    given = {name: text for name, text in texts.items() if text}
    if not given:
        raise RequestError("NgayThangNamSinh is empty")
    for name, text in given.items():
        if not (text.isascii() and text.isdigit()) or len(text) not in _BIRTH_DIGITS[name]:
            raise RequestError(f"{name} is not a date of this service")
    whole = given.get("NgayThangNam", given.get("Nam", ""))
    if not whole.startswith(given.get("Nam", "")):
        raise RequestError("Nam contradicts NgayThangNam")
    return whole
