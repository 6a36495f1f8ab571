"""The calls of the API, signed and verified.

Rule of this file: nothing leaves unsigned and nothing comes back unverified. No call is repeated here but the reading
of a deferred answer: whether to try again is decided where it is known what the call was for.
"""

import asyncio
import secrets
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Literal, Self, overload

import httpx

from gateway.client import batch, proving, received
from gateway.client import trust as trusting
from gateway.client.answer import Answer, InclusionProof, Receipt
from gateway.client.auth import GatewayAuth, token_sent
from gateway.client.batch import BatchLine
from gateway.client.deferred import PREFER, Deferred, outcome, waited
from gateway.client.errors import AnswerNotTrusted
from gateway.client.kept import KeptCalls
from gateway.client.papers import DocumentCalls
from gateway.client.trust import Trust
from signing.encoding import json_bytes
from signing.errors import AnswerRefused
from signing.keys import Signer
from signing.response import HEADER, signed_claims

METADATA_PATH = "/.well-known/gateway"
KEYS_PATH = "/.well-known/jwks.json"
_FIRST_ERROR = 400
_TIMEOUT_SECONDS = 30.0
_PATIENCE_SECONDS = 120.0
# Between two lines of a batch: a line may wait for its turn among other batches.
_QUIET_SECONDS = 120.0


def _now() -> datetime:
    return datetime.now(UTC)


class GatewayClient(KeptCalls, DocumentCalls):
    """A portal's client for one gateway. Safe to use from many tasks at once; close it, or use it with `async with`.

    `base_url`: the gateway's public address. `iss`: the portal's agency code. `purpose`: procedure, dossier, officer,
    basis and, with basis consent, consent; each call may have its own. `audience` and `log_key` (vkey), when given,
    must be what the gateway says of itself; `trust`, when given, replaces asking it. Otherwise the gateway's keys are
    those it publishes at `base_url`, over whatever TLS proves of it. `tls`: where the gateway's certificate comes from
    an authority of the network's own. `transport`: for tests and proxies; it then does its own TLS.

    Every call raises `Problem`, `AnswerNotTrusted` or `Unreachable`, and `signing.errors.SigningError` when it cannot
    be signed.
    """

    def __init__(
        self,
        base_url: str,
        *,
        iss: str,
        signer: Signer,
        purpose: Mapping[str, str],
        audience: str | None = None,
        log_key: str | None = None,
        trust: Trust | None = None,
        tls: ssl.SSLContext | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        timeout: float = _TIMEOUT_SECONDS,
        now: Callable[[], datetime] = _now,
        random: Callable[[int], bytes] = secrets.token_bytes,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._iss = iss
        self._signer = signer
        self._purpose = dict(purpose)
        self._audience = audience
        self._log_key = log_key
        self._pinned = trust is not None
        self._trust = trust
        self._asking = asyncio.Lock()
        self._timeout = timeout
        self._now = now
        self._random = random
        self._sleep = sleep
        # no proxies or passwords from the environment: where a call goes is decided by its caller
        # and no compression: the digest is over the bytes that are sent
        self._http = httpx.AsyncClient(
            verify=tls or True,
            transport=transport,
            timeout=timeout,
            trust_env=False,
            headers={"Accept-Encoding": "identity"},
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Let go of connections."""
        await self._http.aclose()

    async def verify_person(
        self, *, personal_id: str, full_name: str, birth_date: str, purpose: Mapping[str, str] | None = None
    ) -> Answer:
        """Do these three belong together? `{"match": true/false}`."""
        body = {"personal_id": personal_id, "full_name": full_name, "birth_date": birth_date}
        return await self.post("/v1/persons/verify", body, purpose=purpose)

    async def lookup_person(
        self,
        *,
        personal_id: str,
        full_name: str,
        birth_date: str,
        fields: Sequence[str] | None = None,
        purpose: Mapping[str, str] | None = None,
    ) -> Answer:
        """Fields of a person; without `fields` all the procedure's grant allows."""
        body = {"personal_id": personal_id, "full_name": full_name, "birth_date": birth_date}
        return await self.post("/v1/persons/lookup", _with_fields(body, fields), purpose=purpose)

    async def lookup_enterprise(
        self, enterprise_code: str, *, fields: Sequence[str] | None = None, purpose: Mapping[str, str] | None = None
    ) -> Answer:
        """Fields of an enterprise."""
        body = _with_fields({"enterprise_code": enterprise_code}, fields)
        return await self.post("/v1/enterprises/lookup", body, purpose=purpose)

    async def lookup_taxpayer(
        self, tax_code: str, *, fields: Sequence[str] | None = None, purpose: Mapping[str, str] | None = None
    ) -> Answer:
        """Fields of a taxpayer."""
        body = _with_fields({"tax_code": tax_code}, fields)
        return await self.post("/v1/taxpayers/lookup", body, purpose=purpose)

    @overload
    async def prefill(
        self,
        subjects: Mapping[str, Mapping[str, str]],
        declared: Mapping[str, Any] | None = None,
        *,
        purpose: Mapping[str, str] | None = None,
        deferred: Literal[False] = False,
        profile: str | None = None,
        vneid_account: bool | None = None,
    ) -> Answer: ...

    @overload
    async def prefill(
        self,
        subjects: Mapping[str, Mapping[str, str]],
        declared: Mapping[str, Any] | None = None,
        *,
        purpose: Mapping[str, str] | None = None,
        deferred: Literal[True],
        profile: str | None = None,
        vneid_account: bool | None = None,
    ) -> Answer | Deferred: ...

    async def prefill(
        self,
        subjects: Mapping[str, Mapping[str, str]],
        declared: Mapping[str, Any] | None = None,
        *,
        purpose: Mapping[str, str] | None = None,
        deferred: bool = False,
        profile: str | None = None,
        vneid_account: bool | None = None,
    ) -> Answer | Deferred:
        """A pre-filled dossier. `subjects`: role -> identifiers; `declared`: form field -> what the citizen typed.

        `deferred`: see `defer`. `profile`: `national_portal` adds the answer in that shape, in a member of that name;
        `vneid_account`: for it, whether the citizen's account was verified with VNeID, which the portal alone knows.
        """
        body: dict[str, Any] = {"subjects": {role: dict(said) for role, said in subjects.items()}}
        if declared:
            body["declared"] = dict(declared)
        if profile is not None:
            body["profile"] = profile
        if vneid_account is not None:
            body["vneid_account"] = vneid_account
        send = self.defer if deferred else self.post
        return await send("/v1/dossiers/prefill", body, purpose=purpose)

    async def prefill_many(
        self, dossiers: Iterable[Mapping[str, Any]], *, purpose: Mapping[str, str] | None = None
    ) -> AsyncIterator[BatchLine]:
        """Many pre-fills in one call, given out as they are found, each verified.

        Each of `dossiers` is `{"dossier", "subjects"}` and where needed `declared`; the dossier of `purpose` names the
        batch. A dossier that fails is a line with its `problem`. When the iteration ends by itself, the gateway signed
        that these were all; otherwise it raises as every call does, `AnswerNotTrusted(stream_truncated)` for an answer
        without its end. Lines given out before that hold all the same. Leave it early with `aclosing`.
        """
        async for line in self.send_lines(batch.written(dossiers), purpose=purpose):
            yield line

    async def send_lines(self, body: bytes, *, purpose: Mapping[str, str] | None = None) -> AsyncIterator[BatchLine]:
        """`prefill_many` with a body (lines of JSON) as it is."""
        trust = await self.trust()
        request = self._http.build_request(
            "POST",
            f"{self._base_url}/v1/dossiers/prefill",
            content=body,
            headers={"Accept": batch.MEDIA_TYPE, "Content-Type": batch.MEDIA_TYPE},
            timeout=httpx.Timeout(self._timeout, read=max(self._timeout, _QUIET_SECONDS)),
        )
        answer = await self._exchange(request, self._auth(trust, purpose), stream=True)
        try:
            if answer.headers.get("Content-Type") != batch.MEDIA_TYPE or answer.status_code >= _FIRST_ERROR:
                await received.whole(answer)
                _, receipt = await self._believed(answer, trust, caller=self._iss)
                if answer.status_code >= _FIRST_ERROR:
                    raise received.problem(answer, received.json_object(answer), receipt)
                raise AnswerNotTrusted("answer_malformed", "not lines of JSON", status=answer.status_code)
            head = answer.headers.get(HEADER, "")
            trust = await self._knowing(head, trust)
            reader = batch.Reader(trust, self._iss, token_sent(answer.request) or "", body, head)
            async for data in received.pieces(answer):
                for line in reader.feed(data):
                    yield line
            reader.end()
        finally:
            await answer.aclose()

    async def defer(
        self, path: str, document: Mapping[str, Any], *, purpose: Mapping[str, str] | None = None
    ) -> Answer | Deferred:
        """A signed POST whose answer may be fetched later: give what comes back to `wait`, or to `job`."""
        answer = await self.send("POST", path, json_bytes(dict(document)), purpose=purpose, deferred=True)
        return outcome(answer, self._purpose if purpose is None else purpose)

    async def job(self, promised: Deferred) -> Answer | Deferred:
        """A deferred answer, or the promise anew while it is pending. A call that failed raises its `Problem` here."""
        answer = await self.send("GET", promised.path, None, purpose=promised.purpose)
        return outcome(answer, promised.purpose)

    async def wait(self, promised: Answer | Deferred, *, seconds: float = _PATIENCE_SECONDS) -> Answer:
        """The answer of a deferred call, read again and again with at most `seconds` of pauses; an answer as it is.

        Readings that could not be made (no connection, an overloaded or stopping gateway) are repeated too. Raises
        `StillPending` when the time is over.
        """
        return await waited(promised, self.job, seconds=seconds, sleep=self._sleep)

    async def procedures(self, *, purpose: Mapping[str, str] | None = None) -> Answer:
        """The procedures this portal may use."""
        return await self.send("GET", "/v1/procedures", None, purpose=purpose)

    async def procedure(self, code: str, *, purpose: Mapping[str, str] | None = None) -> Answer:
        """One procedure: its roles, and its form as JSON Schema with the source of each field."""
        return await self.send("GET", f"/v1/procedures/{code}", None, purpose=purpose)

    async def debug_verify(self, body: bytes | None = None, *, purpose: Mapping[str, str] | None = None) -> Answer:
        """What each signature check finds about this very call; for sandbox keys."""
        return await self.send("POST", "/v1/debug/verify", body, purpose=purpose)

    async def post(self, path: str, document: Mapping[str, Any], *, purpose: Mapping[str, str] | None = None) -> Answer:
        """A signed POST of a JSON document."""
        return await self.send("POST", path, json_bytes(dict(document)), purpose=purpose)

    async def send(
        self,
        method: str,
        path: str,
        body: bytes | None,
        *,
        purpose: Mapping[str, str] | None = None,
        deferred: bool = False,
    ) -> Answer:
        """A signed call with a body (JSON text) as it is; None for no body.

        `deferred`: the answer may be fetched later; its status is then 202.
        """
        trust = await self.trust()
        headers = {
            "Accept": "application/json, text/html;q=0.9",
            **({"Content-Type": "application/json"} if body else {}),
            **(PREFER if deferred else {}),
        }
        answer = await self._exchange(
            self._http.build_request(method, self._base_url + path, content=body or None, headers=headers),
            self._auth(trust, purpose),
        )
        claims, receipt = await self._believed(answer, trust, caller=self._iss)
        if answer.status_code >= _FIRST_ERROR:
            raise received.problem(answer, received.json_object(answer), receipt)
        document: Any = received.text(answer) if received.is_page(answer) else received.json_object(answer)
        return Answer(
            status=answer.status_code,
            document=document,
            body=answer.content,
            signature=answer.headers[HEADER],
            request_token=token_sent(answer.request),
            claims=claims,
            receipt=receipt,
            retry_after=received.retry_after(answer),
        )

    async def prove(self, answer: Answer | Receipt) -> InclusionProof:
        """The proof that the log entry of an answer is in the log, and that the log is still the one of the receipt.

        Fetches a proof and the hash tiles it takes, and verifies all of it against the log's key. Raises `Problem` when
        the gateway cannot say now, `Unreachable`, and `AnswerNotTrusted` when the entry is not proved.
        """
        receipt = answer.receipt if isinstance(answer, Answer) else answer
        if receipt is None:
            raise AnswerNotTrusted("entry_missing", "the answer names no log entry", status=httpx.codes.OK)
        trust = await self.trust()
        said = await self._read(proving.PROOF_PATH.format(index=receipt.index))
        proof, checkpoint = proving.included(said.decode("utf-8", "replace"), receipt, trust.log_key)
        await proving.consistent(receipt, proof.checkpoint, checkpoint, self._read)
        return proof

    async def trust(self) -> Trust:
        """The keys this client believes; asked of the gateway once."""
        return self._trust if self._trust is not None else await self._asked(known=None)

    async def _asked(self, *, known: Trust | None) -> Trust:
        async with self._asking:
            if self._trust is not None and self._trust is not known:
                return self._trust  # another task has just asked
            answers = [await self._open(METADATA_PATH), await self._open(KEYS_PATH)]
            metadata, key_set = (received.json_object(answer) for answer in answers)
            found = trusting.from_documents(metadata, key_set)
            for answer in answers:
                trusting.verified(answer, found, caller=None)
            # signing keys are renewed in passing; who the gateway is, and which log it keeps, are not
            if (known.issuer if known else self._audience) not in (None, found.issuer):
                raise AnswerNotTrusted("audience_wrong", "the gateway calls itself something else", status=200)
            if (known.log_key.vkey if known else self._log_key) not in (None, found.log_key.vkey):
                raise AnswerNotTrusted("log_key_wrong", "the gateway's log has another key", status=200)
            self._trust = found
            return found

    async def _believed(
        self, answer: httpx.Response, trust: Trust, *, caller: str | None
    ) -> tuple[Mapping[str, Any], Receipt | None]:
        try:
            return trusting.verified(answer, trust, caller=caller)
        except AnswerNotTrusted as refused:
            if refused.code != "key_unknown" or self._pinned:
                raise
            # the gateway may have changed its key since it was asked: ask again, once
            return trusting.verified(answer, await self._asked(known=trust), caller=caller)

    async def _read(self, path: str) -> bytes:
        """What the log's open part has at a path. Not signed, so not believed: the reader proves it."""
        answer = await self._exchange(self._http.build_request("GET", self._base_url + path), None)
        if answer.status_code == httpx.codes.OK:
            return answer.content
        _, receipt = await self._believed(answer, await self.trust(), caller=None)
        if answer.status_code == httpx.codes.NOT_FOUND:
            # it signed that the entry is there
            detail = "the log does not show the entry of the receipt, or not the tree of its checkpoint"
            raise AnswerNotTrusted("entry_missing", detail, status=answer.status_code)
        raise received.problem(answer, received.json_object(answer), receipt)

    async def _open(self, path: str) -> httpx.Response:
        answer = await self._exchange(self._http.build_request("GET", self._base_url + path), None)
        if answer.status_code != httpx.codes.OK:
            raise AnswerNotTrusted("trust_malformed", "the gateway does not describe itself", status=answer.status_code)
        return answer

    def _auth(self, trust: Trust, purpose: Mapping[str, str] | None) -> GatewayAuth:
        return GatewayAuth(
            self._signer,
            iss=self._iss,
            aud=trust.issuer,
            purpose=self._purpose if purpose is None else purpose,
            now=self._now,
            random=self._random,
        )

    async def _knowing(self, signature: str, trust: Trust) -> Trust:
        """The trust that knows the key of a signature: asked for again, once, where it is not pinned."""
        try:
            signed_claims(signature, trust.keys)
        except AnswerRefused as refused:
            if refused.reason == "key_unknown" and not self._pinned:
                return await self._asked(known=trust)
        return trust

    async def _exchange(
        self, request: httpx.Request, auth: httpx.Auth | None, *, stream: bool = False
    ) -> httpx.Response:
        with received.reaching():
            return await self._http.send(request, auth=auth, follow_redirects=False, stream=stream)


def _with_fields(body: dict[str, Any], fields: Sequence[str] | None) -> dict[str, Any]:
    return body if fields is None else {**body, "fields": list(fields)}
