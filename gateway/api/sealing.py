"""Signatures over what does not go through the pipeline: problems before it, and the open documents."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from gateway.api import problems
from gateway.api.state import State
from gateway.errors import Refusal
from gateway.steps import seal, verify
from gateway.wire import answers
from signing import request as request_tokens


def sealed(
    request: Request,
    state: State,
    *,
    status: int,
    body: bytes,
    content_type: str,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A signed response without a log entry: nothing in it is attributed to a registered key."""
    made = _sealed(_token(request), state, status=status, body=body, content_type=content_type, headers=headers or {})
    return Response(made.body, made.status, dict(made.headers))


def problem(request: Request, state: State, refusal: Refusal) -> Response:
    """The signed problem of a request that did not reach the pipeline."""
    made = unread(state, refusal, token=_token(request))
    return Response(made.body, made.status, dict(made.headers))


def unread(state: State, refusal: Refusal, *, token: str | None = None) -> seal.Sealed:
    """The signed problem of a request that could not be read. `token` is the request's, where one was found."""
    status, body, headers = problems.printed(refusal, state.policy.base_url, state.instance())
    return _sealed(token, state, status=status, body=body, content_type=answers.PROBLEM, headers=headers)


def _token(request: Request) -> str | None:
    return verify.token_of(tuple(request.headers.getlist("authorization")))


def _sealed(
    token: str | None, state: State, *, status: int, body: bytes, content_type: str, headers: Mapping[str, str]
) -> seal.Sealed:
    return seal.seal(
        signer=state.world.signer,
        issuer=state.policy.audience,
        audience=None,
        req=request_tokens.token_hash(token) if token else None,
        status=status,
        body=body,
        content_type=content_type,
        entry=None,
        at=state.world.now(),
        jti=state.world.new_id(),
        headers=headers,
    )
