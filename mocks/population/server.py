"""The population service as an ASGI application: `POST /` or `/dancu`, and its WSDL behind `?wsdl`.

Rule of this file: the order of a real gateway in front of a registry: form of the HTTP request, credentials, form of
the message, then the record. Nothing about whom was asked is kept or logged.
"""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mocks.control import MockApp, mock_app
from mocks.country import person
from mocks.faults import XML_ONLY, Active, Fault, FaultPlan, faulty
from mocks.population import access, answer, match
from mocks.population.credentials import Credentials
from mocks.population.request import Ask, Operation, RequestError, parse
from mocks.population.variants import PRESETS, Refusal, Variant

PATHS: Final = ("/", "/dancu")
FAULTS: Final = XML_ONLY | {Fault.SOAP_FAULT, Fault.AUTH_REFUSED, Fault.WRONG_SUBJECT}

_WSDL = Path(__file__).with_name("population.wsdl")
_XML = "text/xml; charset=utf-8"
_ACCEPTED = frozenset({"application/xml", "text/xml"})
_MAX_BODY = 64 * 1024
_REMEMBERED = 100_000
_SOMEBODY_ELSE: Final = "001190000900"


def build(credentials: Credentials, *, now: Callable[[], datetime], variant: Variant | None = None) -> MockApp:
    """The application. `now` gives aware UTC times; `app.state.faults` and `app.state.variant` steer it."""
    seen: OrderedDict[str, None] = OrderedDict()
    wsdl = _WSDL.read_bytes()

    async def describe(request: Request) -> Response:
        if "wsdl" not in request.query_params:
            return Response("POST a SOAP 1.1 request here", 405, headers={"allow": "POST"})
        return Response(wsdl, headers={"content-type": _XML})

    async def serve(request: Request) -> Response:
        running: Variant = request.app.state.variant
        plan: FaultPlan = request.app.state.faults
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in _ACCEPTED:
            return Response("application/xml or text/xml is needed", 415)
        body = await _body(request)
        if body is None:
            return Response("the request is too large", 413)
        if not access.admitted(request.headers, credentials, variant=running, at=now()):
            plan.refuse()
            return _refusal(running)
        try:
            ask = parse(body)
        except RequestError as error:
            return _fault("Client", str(error))
        active = plan.take(ask.subject)
        if ask.request_id in seen:
            return _fault("Client", "MaYeuCau was used before")
        if active is None:
            # A call that a fault broke may be sent again with the same number.
            seen[ask.request_id] = None
            if len(seen) > _REMEMBERED:
                seen.popitem(last=False)
        return faulty(active, _answer(ask, active, running, at=now()))

    start = variant or PRESETS["live"]
    routes = [
        route
        for path in PATHS
        for route in (Route(path, serve, methods=["POST"]), Route(path, describe, methods=["GET"]))
    ]
    return mock_app("population", routes, variant=start, presets=PRESETS, faults=FAULTS)


async def _body(request: Request) -> bytes | None:
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > _MAX_BODY:
            return None
        parts.append(part)
    return b"".join(parts)


def _answer(ask: Ask, active: Active | None, variant: Variant, *, at: datetime) -> Response:
    fault = active.fault if active else None
    if fault is Fault.SOAP_FAULT:
        return _fault("Server", "the service could not process the request")
    if fault is Fault.AUTH_REFUSED:
        return _refusal(variant)
    citizen = match.found(ask, variant.fold)
    if ask.operation is Operation.VERIFY:
        body, kind = answer.verify(citizen is not None, variant)
        return Response(body, headers={"content-type": kind})
    if fault is Fault.WRONG_SUBJECT:
        citizen = person(_SOMEBODY_ELSE)
    return Response(answer.lookup(citizen, variant, at=at), headers={"content-type": _XML})


def _refusal(variant: Variant) -> Response:
    if variant.refusal is Refusal.SOAP_FAULT:
        return _fault("Client.Authentication", "authentication failed")
    return Response("unauthorized", 401, headers={"www-authenticate": "Basic"})


def _fault(code: str, text: str) -> Response:
    return Response(answer.fault(code, text), 500, headers={"content-type": _XML})
