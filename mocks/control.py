"""The one application shape of all mock registries, with its control routes under `/_mock`.

Rule of this file: control belongs to whoever can reach loopback; it is not part of any registry's wire. It
says how many calls there were, never about whom.

    GET    /_mock/state    {"source", "calls", "refused", "fault", "left", "variant"}
    POST   /_mock/fault    {"fault", "count"?, "subject"?, "seconds"?}
    DELETE /_mock/fault
    POST   /_mock/variant  {"preset"?, <member of the source's variant>: value, ...}
                           starts from the running variant
    POST   /_mock/reset    no fault, counters at zero, the variant of the start
"""

from collections.abc import Mapping, Sequence
from json import JSONDecodeError
from typing import Any, TypeVar

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Receive, Scope, Send

from mocks.faults import GENERIC, Fault, FaultPlan, remember_transport
from mocks.variants import VariantError, changed, described

V = TypeVar("V")

_FAULT_MEMBERS = frozenset({"fault", "count", "subject", "seconds"})
_MAX_SECONDS = 600.0


class MockApp(Starlette):
    """A Starlette application that lets faults reach the connection below it. `state.faults`,
    `state.variant`.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection event (ASGI 3)."""
        if scope["type"] == "http":
            remember_transport(scope, send)
        await super().__call__(scope, receive, send)


class _RefusedError(ValueError):
    """A control call that cannot be carried out; the text says why."""


def mock_app(
    source: str,
    routes: Sequence[BaseRoute],
    *,
    variant: V,
    presets: Mapping[str, V],
    faults: frozenset[Fault] = frozenset(),
) -> MockApp:
    """A source's application: its own `routes` and the control routes.

    `faults` are those the source plays itself, beside the generic ones. `app.state.faults` is the
    `FaultPlan`, `app.state.variant` the running variant: handlers read both from `request.app.state` at
    each call.
    """
    app = MockApp(routes=[Mount("/_mock", routes=_control(source, variant, presets, faults | GENERIC)), *routes])
    app.state.faults = FaultPlan()
    app.state.variant = variant
    return app


def _control(source: str, start: V, presets: Mapping[str, V], faults: frozenset[Fault]) -> list[Route]:
    async def state(request: Request) -> Response:
        return JSONResponse(_state(source, request))

    async def put_fault(request: Request) -> Response:
        try:
            _set(_plan(request), await _members(request), faults)
        except _RefusedError as refused:
            return _answer_400(refused)
        return JSONResponse(_state(source, request))

    async def delete_fault(request: Request) -> Response:
        _plan(request).clear()
        return JSONResponse(_state(source, request))

    async def put_variant(request: Request) -> Response:
        try:
            wanted = await _members(request)
            request.app.state.variant = changed(presets, request.app.state.variant, wanted)
        except (VariantError, _RefusedError) as refused:
            return _answer_400(refused)
        return JSONResponse(_state(source, request))

    async def reset(request: Request) -> Response:
        _plan(request).reset()
        request.app.state.variant = start
        return JSONResponse(_state(source, request))

    return [
        Route("/state", state, methods=["GET"]),
        Route("/fault", put_fault, methods=["POST"]),
        Route("/fault", delete_fault, methods=["DELETE"]),
        Route("/variant", put_variant, methods=["POST"]),
        Route("/reset", reset, methods=["POST"]),
    ]


def _plan(request: Request) -> FaultPlan:
    plan: FaultPlan = request.app.state.faults
    return plan


def _state(source: str, request: Request) -> dict[str, Any]:
    plan = _plan(request)
    return {
        "source": source,
        "calls": plan.calls,
        "refused": plan.refused,
        "fault": plan.fault,
        "left": plan.left,
        "variant": described(request.app.state.variant),
    }


def _answer_400(refused: ValueError) -> Response:
    return JSONResponse({"error": str(refused)}, 400)


async def _members(request: Request) -> dict[str, Any]:
    try:
        members = await request.json()
    except (JSONDecodeError, UnicodeDecodeError):
        members = None
    if not isinstance(members, dict):
        raise _RefusedError("the body must be a JSON object")
    return members


def _set(plan: FaultPlan, members: Mapping[str, Any], faults: frozenset[Fault]) -> None:
    if unknown := set(members) - _FAULT_MEMBERS:
        raise _RefusedError(f"unknown: {', '.join(sorted(unknown))}")
    name = members.get("fault")
    if not isinstance(name, str) or name not in faults:
        raise _RefusedError(f"fault must be one of {', '.join(sorted(faults))}")
    count, subject, seconds = members.get("count"), members.get("subject"), members.get("seconds")
    if count is not None and (type(count) is not int or count < 1):
        raise _RefusedError("count is a whole number from 1 on, or null for all calls")
    if subject is not None and not isinstance(subject, str):
        raise _RefusedError("subject is the identifier of the person or firm asked about")
    if seconds is not None and (type(seconds) not in {int, float} or not 0 <= seconds <= _MAX_SECONDS):
        raise _RefusedError(f"seconds is a number from 0 to {_MAX_SECONDS:g}")
    plan.set(Fault(name), count, subject=subject, seconds=seconds)
