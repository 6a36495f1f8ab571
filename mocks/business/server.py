"""The register behind its platforms: `POST /token` and the look-ups.

Rule of this file: authentication first, always; then the fault that was asked for; then the answer.

    POST /token                                           wso2: Basic; lgsp: `lgspaccesstoken`
    GET  /apiCSDLDKDN/1.0/chiTietDoanhNghiep?msdn=        the national platform
    GET  /apiCSDLDKDN/chiTietDoanhNghiep?msdn=            a province's copy of it
    GET  /TraCuuThongTinDoanhNghiep?MaSoDoanhNghiep=      Ho Chi Minh City, always flat, no token

`app.state.desk` counts the tokens, `app.state.token_faults` is a second `FaultPlan` for the token address
alone, so that a fault set for look-ups is not spent on the token in front of them.
"""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mocks.business.access import Desk
from mocks.business.credentials import Credentials
from mocks.business.envelopes import Said, answer, failure
from mocks.business.printing import Json, printed
from mocks.business.variants import PRESETS, Shape, Variant
from mocks.control import mock_app
from mocks.country import enterprise
from mocks.faults import Fault, FaultPlan, faulty

FAULTS = frozenset({Fault.WRONG_SUBJECT, Fault.AUTH_REFUSED, Fault.EXPIRED_TOKEN, Fault.DUPLICATE_KEYS})
_OTHERS = ("0100109106", "0101243150")  # whom a wrong answer is about
_FORM_LIMIT = 4_096


def build(
    credentials: Credentials,
    *,
    now: Callable[[], datetime],
    variant: Variant | None = None,
    draw: Callable[[], str] = secrets.token_urlsafe,
) -> Starlette:
    """The application. `now` decides when tokens expire, `draw` makes them."""
    app = mock_app(
        "business",
        [
            Route("/token", _token, methods=["POST"]),
            Route("/apiCSDLDKDN/1.0/chiTietDoanhNghiep", _look_up, methods=["GET"]),
            Route("/apiCSDLDKDN/chiTietDoanhNghiep", _look_up, methods=["GET"]),
            Route("/TraCuuThongTinDoanhNghiep", _look_up_flat, methods=["GET"]),
        ],
        variant=variant or Variant(),
        presets=PRESETS,
        faults=FAULTS,
    )
    app.state.desk = Desk(credentials, now=now, draw=draw)
    app.state.token_faults = FaultPlan()
    return app


async def _token(request: Request) -> Response:
    desk: Desk = request.app.state.desk
    family = desk.family(request.headers)
    if family is None:
        return _json(401, {"error": "invalid_client", "error_description": "Client Authentication failed."})
    body = await request.body()
    form = parse_qs(body.decode("latin-1")) if len(body) <= _FORM_LIMIT else {}
    if form.get("grant_type") != ["client_credentials"]:
        return _json(400, {"error": "unsupported_grant_type"})
    plan: FaultPlan = request.app.state.token_faults
    active = plan.take()
    token, seconds = desk.issue(family)
    return faulty(active, _json(200, {"access_token": token, "token_type": "Bearer", "expires_in": seconds}))


async def _look_up(request: Request) -> Response:
    desk: Desk = request.app.state.desk
    if not desk.admits(request.headers):
        return _refused(request)
    return _answered(request, "msdn", request.app.state.variant)


async def _look_up_flat(request: Request) -> Response:
    desk: Desk = request.app.state.desk
    if not desk.card(request.headers.get("authorization", "")):
        return _refused(request)
    variant: Variant = request.app.state.variant
    return _answered(request, "MaSoDoanhNghiep", replace(variant, shape=Shape.FLAT))


def _answered(request: Request, parameter: str, variant: Variant) -> Response:
    plan: FaultPlan = request.app.state.faults
    given = request.query_params.getlist(parameter)
    code = given[0] if len(given) == 1 else ""
    active = plan.take(code)
    fault = None if active is None else active.fault
    if fault is Fault.EXPIRED_TOKEN:
        desk: Desk = request.app.state.desk
        desk.revoke()
        return _invalid_token()
    if fault is Fault.AUTH_REFUSED:
        return _json(403, {"fault": {"code": 900908, "message": "Resource forbidden"}})
    if fault is Fault.WRONG_SUBJECT:
        code = next(other for other in _OTHERS if other != code)
    said = answer(enterprise(code), variant) if code else failure("DATA_TYPE_INVALID", variant)
    good = _said(said, doubled=fault is Fault.DUPLICATE_KEYS)
    return faulty(active, good)


def _refused(request: Request) -> Response:
    plan: FaultPlan = request.app.state.faults
    plan.refuse()
    return _invalid_token()


def _invalid_token() -> Response:
    return _json(401, {"fault": {"code": 900901, "message": "Invalid Credentials"}})


def _said(said: Said, *, doubled: bool) -> Response:
    text = printed(said.body)
    if doubled:
        text = text.replace('"NAME":', '"NAME":"KHÁC","NAME":', 1)
    return Response(text.encode(), said.status, media_type="application/json")


def _json(status: int, body: Json) -> Response:
    return Response(printed(body).encode(), status, media_type="application/json")
