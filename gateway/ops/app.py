"""The operations port: liveness, readiness that tells the truth, metrics. Never reachable from portals."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.ops import metrics
from gateway.ops.door import Door, handler

Probe = Callable[[], Awaitable[str | None]]


@dataclass(frozen=True, slots=True)
class Health:
    """What readiness asks. A probe returns None when all is well, else one word for what is not.

    `needed` must all be well for the gateway to be ready; `shown` are reported only: a registry that is down does not
    make the gateway unready, the others still answer.
    """

    needed: Mapping[str, Probe]
    shown: Mapping[str, Probe]


def build(registry: CollectorRegistry, health: Health, door: Door) -> Starlette:
    """The ASGI application of the operations port."""

    async def live(_: Request) -> Response:
        return JSONResponse({"status": "live"})

    async def ready(_: Request) -> Response:
        needed = {name: await probe() for name, probe in health.needed.items()}
        shown = {name: await probe() for name, probe in health.shown.items()}
        fine = all(problem is None for problem in needed.values())
        checks = {name: problem or "ok" for name, problem in {**needed, **shown}.items()}
        status = "ready" if fine else "not_ready"
        return JSONResponse({"status": status, "checks": checks}, 200 if fine else 503)

    async def exposed(_: Request) -> Response:
        return Response(metrics.exposition(registry), media_type=metrics.CONTENT_TYPE)

    return Starlette(
        routes=[
            Route("/health/live", live),
            Route("/health/ready", ready),
            Route("/metrics", exposed),
            Route("/log/events", handler(door), methods=["POST"]),
        ]
    )
