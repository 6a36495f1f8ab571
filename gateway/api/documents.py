"""The open documents: keys, metadata, OpenAPI, the documentation and the problem catalogue. All signed, none logged."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from gateway.api import openapi, pages, sealing
from gateway.api.state import State
from gateway.errors import Code, refused
from gateway.wire import answers
from gateway.world import Policy

HTML = "text/html; charset=utf-8"
CSS = "text/css; charset=utf-8"
VERSION = "1"
# No script, no request to anywhere else: the pages work without the internet and cannot be made to talk to it.
_PAGE_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}
_CACHE = {"cache-control": "public, max-age=300"}


@dataclass(slots=True)
class _Printed:
    """The description of the API for one policy: a reload may bring other fields."""

    policy: Policy
    openapi: bytes
    docs: bytes


def _print(policy: Policy) -> _Printed:
    described = openapi.document(
        base_url=policy.base_url, audience=policy.audience, version=VERSION, fields=policy.fields
    )
    return _Printed(policy, answers.dump(described), pages.docs(described).encode())


def routes(state: State) -> list[BaseRoute]:
    """The routes of the open documents."""
    printed = _print(state.policy)
    catalogue = pages.catalogue().encode()
    style = pages.stylesheet().encode()

    def current() -> _Printed:
        nonlocal printed
        if printed.policy is not state.policy:
            printed = _print(state.policy)
        return printed

    def served(body: Callable[[], bytes], content_type: str) -> Callable[[Request], Awaitable[Response]]:
        headers = _CACHE | (_PAGE_HEADERS if content_type != answers.JSON else {})

        async def handle(request: Request) -> Response:
            return sealing.sealed(request, state, status=200, body=body(), content_type=content_type, headers=headers)

        return handle

    async def problem(request: Request) -> Response:
        page = pages.problem(request.path_params["code"])
        if page is None:
            raise refused(Code.NOT_FOUND)
        return sealing.sealed(
            request, state, status=200, body=page.encode(), content_type=HTML, headers=_CACHE | _PAGE_HEADERS
        )

    return [
        Route("/.well-known/jwks.json", served(lambda: answers.dump(state.jwks), answers.JSON)),
        Route("/.well-known/gateway", served(lambda: answers.dump(state.metadata), answers.JSON)),
        Route("/openapi.json", served(lambda: current().openapi, answers.JSON)),
        Route("/docs", served(lambda: current().docs, HTML)),
        Route("/docs/style.css", served(lambda: style, CSS)),
        Route("/problems", served(lambda: catalogue, HTML)),
        Route("/problems/{code}", problem),
    ]
