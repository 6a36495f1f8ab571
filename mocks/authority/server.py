"""The authority: `POST /tsa`, RFC 3161 section 3.4, answered by `openssl ts -reply`.

Rule of this file: every token is made by openssl. A fault gives openssl another question or another certificate.
"""

import asyncio
import re
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from mocks.authority.credentials import Credentials
from mocks.authority.variants import PRESETS, Variant
from mocks.control import mock_app
from mocks.faults import Fault, faulty

FAULTS = frozenset({Fault.WRONG_REQUEST, Fault.WRONG_SUBJECT, Fault.WRONG_KEY})
"""A token for another nonce; for another hash; by an authority nobody trusts."""

_LARGEST = 16 * 1024
_DIGEST = re.compile(rb"\x04\x20(.{32})", re.DOTALL)
_CONFIGURATION = """\
[tsa]
serial = {folder}/serial
default_policy = 1.2.3.4.1
signer_digest = sha256
digests = {digests}
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


class Desk:
    """One authority at work. Raises `OSError` when there is no openssl."""

    def __init__(self, credentials: Credentials) -> None:
        openssl = shutil.which("openssl")
        if openssl is None:
            raise FileNotFoundError("the mock authority needs the openssl command")
        self._openssl, self._credentials = openssl, credentials
        self._one_at_a_time = asyncio.Lock()  # openssl counts serial numbers in a file

    async def answer(self, query: bytes, variant: Variant, fault: Fault | None) -> Response:
        """The answer to a TimeStampReq."""
        async with self._one_at_a_time:
            with TemporaryDirectory() as name:
                reply = await self._reply(Path(name), query, variant, fault)
        if reply is None:
            return PlainTextResponse("not a request\n", 400)
        return Response(reply, media_type="application/timestamp-reply")

    async def _reply(self, folder: Path, query: bytes, variant: Variant, fault: Fault | None) -> bytes | None:
        asked, made, configuration = folder / "asked.tsq", folder / "made.tsr", folder / "tsa.cnf"
        digests = "sha256, sha384, sha512" if variant.grants else "sha512"
        configuration.write_text(_CONFIGURATION.format(folder=self._credentials.directory, digests=digests), "utf-8")
        digest = _DIGEST.search(query)
        if fault is Fault.WRONG_SUBJECT and digest is not None:
            query = query.replace(digest[1], bytes(32))
        asked.write_bytes(query)
        if fault is Fault.WRONG_REQUEST and digest is not None:
            await self._run("-query", "-digest", digest[1].hex(), "-sha256", "-cert", "-out", str(asked))
        known = self._credentials
        key, certificate = known.key, known.certificate
        if fault is Fault.WRONG_KEY:
            key, certificate = known.other_key, known.other_certificate
        done = await self._run(
            *("-reply", "-config", str(configuration), "-section", "tsa", "-queryfile", str(asked)),
            *("-inkey", str(key), "-signer", str(certificate), "-out", str(made)),
        )
        return made.read_bytes() if done and made.exists() else None

    async def _run(self, *arguments: str) -> bool:
        process = await asyncio.create_subprocess_exec(
            self._openssl,
            "ts",
            *arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        return await process.wait() == 0


def build(credentials: Credentials, *, variant: Variant | None = None) -> Starlette:
    """The application. The time is openssl's, that is the machine's. Raises `OSError` when there is no openssl."""
    app = mock_app(
        "authority",
        [Route("/tsa", _stamp, methods=["POST"])],
        variant=variant or Variant(),
        presets=PRESETS,
        faults=FAULTS,
    )
    app.state.desk = Desk(credentials)
    return app


async def _stamp(request: Request) -> Response:
    if request.headers.get("content-type") != "application/timestamp-query":
        return PlainTextResponse("application/timestamp-query expected\n", 415)
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > _LARGEST:
            return PlainTextResponse("too long\n", 413)
    active = request.app.state.faults.take()
    desk: Desk = request.app.state.desk
    good = await desk.answer(bytes(data), request.app.state.variant, active.fault if active else None)
    return faulty(active, good)
