"""The open documents: keys, metadata, OpenAPI, the documentation and the problem catalogue. All signed, none logged."""

import json
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from gateway.api import openapi, pages, sealing
from gateway.api.state import State
from gateway.errors import Code, refused
from gateway.wire import answers

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


def routes(state: State) -> list[BaseRoute]:
    """The routes of the open documents."""
    described = openapi.document(
        base_url=state.policy.base_url,
        audience=state.policy.audience,
        version=VERSION,
        fields=state.policy.fields,
    )
    printed = answers.dump(described)
    docs = pages.docs(described).encode()
    catalogue = pages.catalogue().encode()
    style = pages.stylesheet().encode()

    def fixed(body: bytes, content_type: str) -> Callable[[Request], Awaitable[Response]]:
        headers = _CACHE | (_PAGE_HEADERS if content_type != answers.JSON else {})

        async def handle(request: Request) -> Response:
            return sealing.sealed(request, state, status=200, body=body, content_type=content_type, headers=headers)

        return handle

    async def keys(request: Request) -> Response:
        body = json.dumps(state.jwks).encode()
        return sealing.sealed(request, state, status=200, body=body, content_type=answers.JSON, headers=_CACHE)

    async def metadata(request: Request) -> Response:
        body = answers.dump(state.metadata)
        return sealing.sealed(request, state, status=200, body=body, content_type=answers.JSON, headers=_CACHE)

    async def problem(request: Request) -> Response:
        page = pages.problem(request.path_params["code"])
        if page is None:
            raise refused(Code.NOT_FOUND)
        return sealing.sealed(
            request, state, status=200, body=page.encode(), content_type=HTML, headers=_CACHE | _PAGE_HEADERS
        )

    return [
        Route("/.well-known/jwks.json", keys),
        Route("/.well-known/gateway", metadata),
        Route("/openapi.json", fixed(printed, answers.JSON)),
        Route("/docs", fixed(docs, HTML)),
        Route("/docs/style.css", fixed(style, CSS)),
        Route("/problems", fixed(catalogue, HTML)),
        Route("/problems/{code}", problem),
    ]
