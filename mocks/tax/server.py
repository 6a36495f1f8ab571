"""The tax service: one address for signed SOAP 1.2, and its WSDL.

Rule of this file: the signature first, always; then the schema, then the request id, then the fault that was asked for,
then the answer.

    POST /             TraCuuNguoiNopThue, KiemTraKetNoi
    GET  /?wsdl        the description; /tax.wsdl and /tax.xsd are the same files
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib.resources import files

from cryptography import x509
from lxml import etree
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mocks.control import mock_app
from mocks.country import taxpayer
from mocks.faults import XML_ONLY, Active, Fault, FaultPlan, faulty
from mocks.tax import messages
from mocks.tax.credentials import Credentials
from mocks.tax.forgeries import FORGERIES
from mocks.tax.signature import Signer, checked, signed, signer
from mocks.tax.variants import PRESETS, Layout, Variant
from mocks.tax.xml import RefusedError, envelope, name, parsed

FAULTS = (
    XML_ONLY
    | FORGERIES.keys()
    | {
        Fault.SOAP_FAULT,
        Fault.AUTH_REFUSED,
        Fault.WRONG_SUBJECT,
        Fault.WRONG_REQUEST,
    }
)
_MEDIA_TYPE = "application/soap+xml"
_OTHERS = ("0100109106", "0101243150")  # whom a wrong answer is about
_REMEMBERED = timedelta(minutes=11)  # longer than any message is accepted
_LIMIT = 262_144


@dataclass(slots=True)
class Desk:
    """What the service knows about its one client, and the request ids it has seen."""

    client: x509.Certificate
    own: Signer
    schema: etree.XMLSchema
    now: Callable[[], datetime]
    seen: dict[str, datetime] = field(default_factory=dict)

    def admitted(self, body: bytes) -> etree._Element:
        """The payload of a good request. Raises `RefusedError`."""
        if len(body) > _LIMIT:
            raise RefusedError("YeuCauSaiMau")
        at = self.now()
        payload = checked(parsed(body), self.client, at=at)
        if not self.schema.validate(payload):
            raise RefusedError("YeuCauSaiMau")
        self.seen = {known: when for known, when in self.seen.items() if when + _REMEMBERED > at}
        request_id = _text(payload, "maYeuCau")
        if request_id in self.seen:
            raise RefusedError("YeuCauTrungLap")
        self.seen[request_id] = at
        return payload


def build(credentials: Credentials, *, now: Callable[[], datetime], variant: Variant | None = None) -> Starlette:
    """The application. `now` (aware) decides what is fresh and stamps the answers."""
    app = mock_app(
        "tax",
        [
            Route("/", _call, methods=["POST"]),
            Route("/", _describe, methods=["GET"]),
            Route("/{file:str}", _describe, methods=["GET"]),
        ],
        variant=variant or Variant(),
        presets=PRESETS,
        faults=FAULTS,
    )
    app.state.desk = Desk(
        client=x509.load_pem_x509_certificate(credentials.client_certificate.encode()),
        own=signer(credentials.server_key, credentials.server_certificate),
        schema=etree.XMLSchema(etree.fromstring(_file("tax.xsd"))),
        now=now,
    )
    return app


async def _call(request: Request) -> Response:
    desk: Desk = request.app.state.desk
    plan: FaultPlan = request.app.state.faults
    try:
        payload = desk.admitted(await request.body())
    except RefusedError as refused:
        plan.refuse()
        return _fault(request, "Sender", refused.code)
    subject = payload.findtext(name("t:mst"))
    active = plan.take(subject)
    if active is not None and active.fault is Fault.AUTH_REFUSED:
        return _fault(request, "Sender", "FailedAuthentication")
    if active is not None and active.fault is Fault.SOAP_FAULT:
        variant: Variant = request.app.state.variant
        return _fault(request, *messages.COMPLAINTS[variant.complaint])
    return faulty(active, _answer(request, payload, active))


def _answer(request: Request, payload: etree._Element, active: Active | None) -> Response:
    desk: Desk = request.app.state.desk
    variant: Variant = request.app.state.variant
    at = desk.now()
    fault = None if active is None else active.fault
    request_id = "khac-" + "0" * 16 if fault is Fault.WRONG_REQUEST else _text(payload, "maYeuCau")
    if payload.tag == name("t:KiemTraKetNoi"):
        said = messages.alive(request_id, at=at)
    else:
        code = _text(payload, "mst")
        if fault is Fault.WRONG_SUBJECT:
            code = next(other for other in _OTHERS if other != code)
        said = messages.found(request_id, code, taxpayer(code), variant, at=at)
    root = envelope(said)
    forge = None if fault is None else FORGERIES.get(fault)
    return _reply(_signed(root, desk, variant, at) if forge is None else forge(root, desk.own, at), 200)


def _fault(request: Request, code: str, subcode: str | None) -> Response:
    desk: Desk = request.app.state.desk
    variant: Variant = request.app.state.variant
    root = envelope(messages.fault(code, subcode))
    if variant.signed_faults:
        root = _signed(root, desk, variant, desk.now())
    # SOAP 1.2 part 2, section 7.5.2.2
    return _reply(root, 400 if code == "Sender" else 500)


def _signed(root: etree._Element, desk: Desk, variant: Variant, at: datetime) -> etree._Element:
    prefixes = ("env", "t") if variant.layout is Layout.PREFIX_LIST else ()
    return signed(root, desk.own, at=at, prefixes=prefixes, folded=variant.layout is Layout.FOLDED)


def _reply(root: etree._Element, status: int) -> Response:
    return Response(etree.tostring(root, encoding="UTF-8", xml_declaration=True), status, media_type=_MEDIA_TYPE)


async def _describe(request: Request) -> Response:
    asked = request.path_params.get("file", "tax.wsdl" if "wsdl" in request.query_params else "")
    if asked not in {"tax.wsdl", "tax.xsd"}:
        return Response(status_code=404)
    return Response(_file(asked), media_type="text/xml")


def _file(asked: str) -> bytes:
    return (files(__package__) / asked).read_bytes()


def _text(payload: etree._Element, tag: str) -> str:
    return payload.findtext(name(f"t:{tag}")) or ""
