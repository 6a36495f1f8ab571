"""Single sign-on: OpenID Connect authorization code flow with PKCE, state and nonce.

    GET /sso/start       sends the browser to the provider
    GET /sso/callback    where the provider sends it back to, with a code

What the way back is checked against waits in the browser's own cookie, sealed, so that nothing grows here while people
are away. Rule of this file: whatever fails, the sign-in with a password goes on working and the page says so.
"""

import hmac
import json
from dataclasses import dataclass, field

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gateway.console.accounts.errors import SignInRefused
from gateway.console.accounts.sealing import Unsealable, new_session_id
from gateway.console.signin import id_token
from gateway.console.signin.cookies import SINGLE_SIGN_ON_SECONDS
from gateway.console.signin.provider import Provider, ProviderFailed, challenge_of
from gateway.console.signin.reception import Reception
from signing.encoding import base64url, from_base64url
from signing.errors import EncodingMalformed

_PURPOSE = "single sign-on"
_TOLD = frozenset({"unreachable", "unmapped", "denied", "state"})
_STATUS = {"unreachable": 503, "unmapped": 403}


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the way back is checked against."""

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    at: int


def routes(reception: Reception) -> list[Route]:
    """The two routes; none without a provider."""
    if reception.provider is None:
        return []
    pages = _Pages(reception, reception.provider)
    return [
        Route("/sso/start", pages.start, methods=["GET"]),
        Route("/sso/callback", pages.callback, methods=["GET"]),
    ]


class _Pages:
    def __init__(self, reception: Reception, provider: Provider) -> None:
        self._reception, self._provider = reception, provider

    async def start(self, request: Request) -> Response:
        draw, reception = self._reception.key.urandom, self._reception
        waiting = Waiting(
            new_session_id(draw), new_session_id(draw), new_session_id(draw), int(reception.now().timestamp())
        )
        try:
            address = await self._provider.start_address(
                state=waiting.state, nonce=waiting.nonce, challenge=challenge_of(waiting.verifier)
            )
        except ProviderFailed as error:
            return self._failed(request, error.reason)
        answer = RedirectResponse(address, 303, {"cache-control": "no-store"})
        reception.cookies.set_waiting(answer, self._sealed(waiting))
        return answer

    async def callback(self, request: Request) -> Response:
        reception, said = self._reception, request.query_params
        waiting = self._unsealed(reception.cookies.waiting(request))
        if waiting is None or not hmac.compare_digest(said.get("state", "").encode(), waiting.state.encode()):
            return self._failed(request, "state")
        if "error" in said:
            return self._failed(request, "denied")
        try:
            metadata = await self._provider.metadata()
            # RFC 9207: a code of another provider is not taken to this one
            if said.get("iss", "" if metadata.names_itself else self._provider.issuer) != self._provider.issuer:
                return self._failed(request, "issuer")
            token = await self._provider.exchanged(said.get("code", ""), verifier=waiting.verifier)
            claims = await self._claims(token, waiting)
            identity = id_token.identity(claims, self._provider.settings)
            step = await reception.federation.sign_in(identity, now=reception.now())
        except ProviderFailed as error:
            return self._failed(request, error.reason)
        except id_token.TokenRefused:
            return self._failed(request, "token")
        except SignInRefused:
            return self._failed(request, "unmapped")
        # a page and no redirect: a Strict cookie is not sent on a redirect that began at another site
        page = reception.page(request, "signin/signed_in.html")
        page.headers["refresh"] = "0; url=/"
        reception.cookies.set_session(page, step.session_id)
        reception.cookies.drop_waiting(page)
        return page

    async def _claims(self, token: str, waiting: Waiting) -> dict[str, object]:
        settings, now = self._provider.settings, self._reception.now()
        keys = await self._provider.keys()
        try:
            claims = id_token.verified(token, keys=keys, settings=settings, nonce=waiting.nonce, now=now)
        except id_token.KeyMissing:
            keys = await self._provider.keys(unknown=True)
            claims = id_token.verified(token, keys=keys, settings=settings, nonce=waiting.nonce, now=now)
        return dict(claims)

    def _failed(self, request: Request, reason: str) -> Response:
        page = self._reception.page(
            request,
            "signin/refused.html",
            _STATUS.get(reason, 401),
            message=f"sso_{reason}" if reason in _TOLD else "sso_failed",
            onward="/sign-in",
        )
        self._reception.cookies.drop_waiting(page)
        return page

    def _sealed(self, waiting: Waiting) -> str:
        written = json.dumps([waiting.state, waiting.nonce, waiting.verifier, waiting.at]).encode()
        return base64url(self._reception.key.seal(written, purpose=_PURPOSE, owner=""))

    def _unsealed(self, value: str) -> Waiting | None:
        try:
            opened = self._reception.key.open(from_base64url(value), purpose=_PURPOSE, owner="")
        except (EncodingMalformed, Unsealable):
            return None
        waiting = Waiting(*json.loads(opened))
        age = int(self._reception.now().timestamp()) - waiting.at
        return waiting if age < SINGLE_SIGN_ON_SECONDS else None
