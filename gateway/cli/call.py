"""`gateway call`: one signed call from the terminal, for the people who build a portal.

Exit status: 0 an answer, 1 the gateway's problem answer, 2 what came back is not trusted, 3 nothing came back, 4 the
call could not be made, 5 a deferred answer is still pending.
"""

import asyncio
import json
import ssl
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn
from urllib.parse import quote

import typer

if TYPE_CHECKING:
    from gateway.client import Answer, GatewayClient, InclusionProof

_POSTS = {
    "persons.verify": "/v1/persons/verify",
    "persons.lookup": "/v1/persons/lookup",
    "enterprises.lookup": "/v1/enterprises/lookup",
    "taxpayers.lookup": "/v1/taxpayers/lookup",
    "dossiers.prefill": "/v1/dossiers/prefill",
    "corrections.report": "/v1/corrections",
    "documents.register": "/v1/documents",
    "documents.fetch": "/v1/documents/fetch",
    "documents.revoke": "/v1/documents/revoke",
    "debug.verify": "/v1/debug/verify",
}
_PREVIEW = "dossiers.preview"
_BATCHES = "dossiers.prefill"
_PROBLEM, _NOT_TRUSTED, _UNREACHABLE, _NOT_MADE, _PENDING = 1, 2, 3, 4, 5
_OPERATIONS = ", ".join([*_POSTS, "procedures", "procedures/CODE", "jobs/ID", "corrections/ID", _PREVIEW])
_ACCEPTED = 202


@dataclass(frozen=True, slots=True)
class _Place:
    """What a ready file says of a running gateway and its sample portal."""

    url: str | None = None
    key: Path | None = None
    kid: str | None = None
    iss: str | None = None
    procedure: str | None = None
    audience: str | None = None
    log_key: str | None = None


@dataclass(frozen=True, slots=True)
class _Proving:
    """Whether the log entry is to be proved, and where the proof is kept."""

    wanted: bool
    file: Path | None


def call(
    operation: Annotated[str, typer.Argument(help=f"One of: {_OPERATIONS}.")],
    *,
    url: Annotated[str | None, typer.Option(help="The gateway's public base URL.")] = None,
    key: Annotated[Path | None, typer.Option(help="The portal's private key, PEM.")] = None,
    kid: Annotated[str | None, typer.Option(help="Its registered name; default: its thumbprint.")] = None,
    iss: Annotated[str | None, typer.Option(help="The portal's agency code.")] = None,
    procedure: Annotated[str | None, typer.Option(help="The procedure the call is for.")] = None,
    dossier: Annotated[str | None, typer.Option(help="The dossier's code in the portal.")] = None,
    officer: Annotated[str | None, typer.Option(help="The official's id in the portal.")] = None,
    basis: Annotated[str, typer.Option(help="law or consent.")] = "law",
    consent: Annotated[str | None, typer.Option(help="Reference of the consent; with --basis consent.")] = None,
    data: Annotated[
        str | None, typer.Option(help="The body: JSON, @FILE or - for standard input. Others can see a command line.")
    ] = None,
    ndjson: Annotated[
        str | None,
        typer.Option(help="With dossiers.prefill: many of them, one in each line of FILE, or - for standard input."),
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(help="With dossiers.prefill: the answer in another shape too, such as national_portal."),
    ] = None,
    ready_file: Annotated[Path | None, typer.Option(help="Take what it says of a running gateway.")] = None,
    ca: Annotated[Path | None, typer.Option(help="Certificates (PEM) to trust for TLS instead of the usual.")] = None,
    timeout: Annotated[float, typer.Option(help="Seconds to wait for the answer.")] = 30.0,
    deferred: Annotated[
        bool, typer.Option("--deferred", help="Let the gateway answer later, and wait for it up to --timeout seconds.")
    ] = False,
    prove: Annotated[
        bool, typer.Option("--prove", help="Fetch and verify the proof that the answer's entry is in the log.")
    ] = False,
    proof_file: Annotated[Path | None, typer.Option(help="Keep the proof here (.tlog-proof); implies --prove.")] = None,
) -> None:
    """Send one signed call; print the answer, and on standard error whether it proved itself.

    Exit status: 0 an answer, 1 a problem answer, 2 not trusted, 3 no answer, 4 the call could not be made, 5 a
    deferred answer is still pending. With --ndjson each line is printed as it comes; 1 when any of them is a problem.
    """
    ready = _ready(ready_file) if ready_file else _Place()
    if ndjson is not None and (operation != _BATCHES or data is not None or deferred or prove or proof_file):
        _fail(f"--ndjson goes with {_BATCHES}, without --data, --deferred and --prove.")
    many = ndjson is not None
    if profile is not None and (operation != _BATCHES or many):
        _fail(f"--profile goes with {_BATCHES}, without --ndjson: there each line says it.")
    method, path, body = (
        ("POST", "", _body(ndjson if ndjson == "-" else f"@{ndjson}"))
        if many
        else _request(operation, data, dossier or "")
    )
    if profile is not None:
        body = _with_profile(body or b"", profile)
    purpose = {
        "procedure": _given(procedure or ready.procedure, "--procedure"),
        "dossier": _given(dossier, "--dossier"),
        "officer": _given(officer, "--officer"),
        "basis": basis,
        **({"consent": consent} if consent else {}),
    }
    place = _Place(
        url=_given(url or ready.url, "--url"),
        key=Path(_given(str(key or ready.key or ""), "--key")),
        kid=kid or ready.kid,
        iss=_given(iss or ready.iss, "--iss"),
        audience=ready.audience,
        log_key=ready.log_key,
    )
    proving = _Proving(prove or proof_file is not None, proof_file)
    asked = _exchange(
        place, purpose, method, path, body=body, ca=ca, timeout=timeout, deferred=deferred, proving=proving, many=many
    )
    raise typer.Exit(asyncio.run(asked))


async def _exchange(
    place: _Place,
    purpose: Mapping[str, str],
    method: str,
    path: str,
    *,
    body: bytes | None,
    ca: Path | None,
    timeout: float,
    deferred: bool,
    proving: _Proving,
    many: bool,
) -> int:
    from gateway.cli.call_batch import shown
    from gateway.cli.shown import pretty, printable
    from gateway.client import Answer, AnswerNotTrusted, Problem, StillPending, Unreachable
    from signing.errors import SigningError

    answer: Answer | None = None
    try:
        async with _client(place, purpose, ca, timeout) as client:
            if many:
                return await shown(client.send_lines(body or b""))
            sent = await client.send(method, path, body, deferred=deferred)
            answer = await _waited(client, sent, purpose, timeout) if deferred else sent
            # a page goes out as it came: its digest is over these bytes
            typer.echo(answer.body if isinstance(answer.document, str) else pretty(answer.document), nl=_line(answer))
            _proofs(answer)
            if proving.wanted:
                _proved(await client.prove(answer), proving)
    except Problem as problem:
        typer.echo(pretty(problem.document))
        recorded = f"; recorded as log entry {problem.entry}" if problem.entry is not None else ""
        typer.echo(f"problem    {problem.status} {problem.code} (fault: {problem.fault})", err=True)
        typer.echo(f"signature  verified{recorded}", err=True)
        return _PROBLEM
    except AnswerNotTrusted as refused:
        typer.echo(printable(f"NOT TRUSTED: {refused}"), err=True)
        if answer is None:
            typer.echo("The answer is not shown, because nothing proves that the gateway gave it.", err=True)
        for note in refused.evidence:
            typer.echo(printable(f"The log signed:\n{note}"), err=True)
        return _NOT_TRUSTED
    except StillPending as pending:
        typer.echo("Still pending. Read it later, for the same procedure and dossier:", err=True)
        typer.echo(printable(f"  gateway call jobs/{pending.job}"), err=True)
        return _PENDING
    except Unreachable as silence:
        typer.echo(f"No answer: {silence.code}.", err=True)
        return _UNREACHABLE
    except SigningError as error:
        _fail(f"{error.detail}.")
    except OSError as error:
        _fail(f"{error.filename}: {error.strerror}.")
    return _PENDING if answer.status == _ACCEPTED else 0


async def _waited(client: "GatewayClient", promise: "Answer", purpose: Mapping[str, str], seconds: float) -> "Answer":
    from gateway.cli.shown import printable
    from gateway.client import Deferred
    from gateway.client.deferred import outcome

    promised = outcome(promise, purpose)
    if isinstance(promised, Deferred):
        typer.echo(printable(f"deferred   job {promised.job}"), err=True)
        if promise.receipt is not None:
            typer.echo(f"           decided in log entry {promise.receipt.index}", err=True)
    return await client.wait(promised, seconds=seconds)


def _client(place: _Place, purpose: Mapping[str, str], ca: Path | None, timeout: float) -> "GatewayClient":
    from gateway.client import GatewayClient
    from signing.keys import load_signer

    return GatewayClient(
        place.url or "",
        iss=place.iss or "",
        signer=load_signer(place.key or Path(), kid=place.kid),
        purpose=purpose,
        audience=place.audience,
        log_key=place.log_key,
        tls=ssl.create_default_context(cafile=ca) if ca else None,
        timeout=timeout,
    )


def _line(answer: "Answer") -> bool:
    return not isinstance(answer.document, str)


def _proofs(answer: "Answer") -> None:
    from gateway.cli.shown import printable

    typer.echo("signature  verified: the gateway's answer to this very call", err=True)
    if answer.receipt is not None:
        receipt = answer.receipt
        typer.echo(printable(f"receipt    verified: log {receipt.origin}"), err=True)
        typer.echo(f"           entry {receipt.index}, checkpoint over {receipt.size} entries", err=True)


def _proved(proof: "InclusionProof", proving: _Proving) -> None:
    typer.echo(f"proof      verified: in the log of {proof.size} entries, which", err=True)
    typer.echo("           has the receipt's checkpoint in its history", err=True)
    if proving.file is not None:
        proving.file.write_text(proof.text, encoding="utf-8")
        typer.echo(f"           kept in {proving.file}", err=True)


def _request(operation: str, data: str | None, dossier: str) -> tuple[str, str, bytes | None]:
    if (
        operation == "procedures"
        or operation.startswith(("procedures/", "jobs/", "corrections/"))
        or operation == _PREVIEW
    ):
        if data is not None:
            _fail(f"{operation.partition('/')[0]} takes no --data.")
        if operation == _PREVIEW:
            return "GET", f"/v1/dossiers/{quote(dossier, safe='')}/preview", None
        return "GET", f"/v1/{operation}", None
    path = _POSTS.get(operation)
    if path is None:
        _fail(f"OPERATION is one of: {_OPERATIONS}.")
    if data is None and operation != "debug.verify":
        _fail(f"{operation} needs --data.")
    return "POST", path, _body(data)


def _body(data: str | None) -> bytes | None:
    # sent as it is: what is wrong with it is the gateway's to say
    if data is None:
        return None
    if data == "-":
        return sys.stdin.buffer.read()
    if not data.startswith("@"):
        return data.encode()
    try:
        return Path(data[1:]).read_bytes()
    except OSError as error:
        _fail(f"{data[1:]}: {error.strerror}.")


def _with_profile(body: bytes, profile: str) -> bytes:
    try:
        document = json.loads(body)
    except ValueError:
        document = None
    if not isinstance(document, dict) or "profile" in document:
        _fail("--profile needs --data with a JSON object that has no profile of its own.")
    return json.dumps({**document, "profile": profile}, ensure_ascii=False).encode()


def _ready(path: Path) -> _Place:
    try:
        said = json.loads(path.read_bytes())
        portal: Mapping[str, Any] = said["portal"]
        return _Place(
            url=str(said["base_url"]),
            key=Path(portal["private_key"]),
            kid=str(portal["kid"]),
            iss=str(portal["iss"]),
            procedure=str(said["procedure"]),
            audience=str(said["audience"]),
            log_key=str(said["log"]["public_key"]),
        )
    except OSError as error:
        _fail(f"{path}: {error.strerror}.")
    except (ValueError, KeyError, TypeError):
        _fail(f"{path} is not a ready file.")


def _given(value: str | None, option: str) -> str:
    if not value:
        _fail(f"{option} is missing.")
    return value


def _fail(sentence: str) -> NoReturn:
    typer.echo(sentence, err=True)
    raise typer.Exit(_NOT_MADE)
