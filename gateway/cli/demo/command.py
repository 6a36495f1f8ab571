"""The command: set the scene, send signed calls as the sample portal, show them, prove them, look at them."""

import asyncio
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli.settings import DEFAULT_CONFIG, Config

PERSON = {"personal_id": "004192000123", "full_name": "Nguyễn Thị Mẫu", "birth_date": "1992-11-22"}
ENTERPRISE = {"enterprise_code": "0100109106"}
TAXPAYER = {"tax_code": "0100109106"}
SUBJECTS = {"person": PERSON, "enterprise": ENTERPRISE, "taxpayer": TAXPAYER}
RESIDENCE, ENTERPRISE_CHANGE = "1.004222", "1.005169"
CALLS, SEED = 200, 2026


def demo(
    config: Config = DEFAULT_CONFIG,
    keep: Annotated[bool, typer.Option("--keep", help="Stay up after the demo and print the addresses.")] = False,
    data_dir: Annotated[
        Path | None, typer.Option(help="Where everything is kept; default: a new folder, removed at the end.")
    ] = None,
    ready_file: Annotated[
        Path | None, typer.Option(help="Written once everything answers and was shown, for scripts.")
    ] = None,
) -> None:
    """Mock registries, a gateway and the auditors' console on this machine: two signed pre-fills, and a look at them.

    Everything is proved: each answer, its entries, the whole log, and that the auditor's look is an entry too.
    """
    from gateway.app import now
    from gateway.cli.demo import scenery

    folder = (data_dir or Path(tempfile.mkdtemp(prefix="lienthong-"))).resolve()
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    # a terminal's Ctrl-C and a supervisor's SIGTERM both end the processes started here
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    stage = scenery.prepare(folder, config, now())
    ready_file = ready_file or stage.data_dir / "ready.json"
    ready_file.unlink(missing_ok=True)
    try:
        with ExitStack() as running:
            typer.echo("Starting three mock registries, the gateway and the auditors' console ...")
            ready = _started(stage, running, keep=keep)
            proved = asyncio.run(_scene(stage, ready, stays=keep or data_dir is not None))
            _write_ready(ready_file, ready)
            if keep:
                asyncio.run(_more_people(stage, ready))
                _write_ready(ready_file, ready)
                _stay(ready, ready_file)
    except scenery.DemoFailed as failure:
        typer.echo(f"The demo failed: {failure}", err=True)
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        raise typer.Exit(0) from None
    if not proved:
        raise typer.Exit(1)
    if data_dir is None:
        shutil.rmtree(folder)


def _started(stage: Any, running: ExitStack, *, keep: bool) -> dict[str, Any]:
    """Everything started, accounts made, and with `keep` a few hundred calls to look at. The ready document."""
    from gateway.cli.demo import scenery

    inherited = dict(os.environ)  # noqa: TID251 - handed on to the processes started here
    mocks = running.enter_context(scenery.process("mocks", ["mocks"], stage, inherited))
    environ = scenery.environment(mocks, inherited)
    if keep:
        who = ["mocks.vouching", "--log", scenery.log_vkey(stage, environ)]
        scenery.vouched(stage, running.enter_context(scenery.process("vouching", who, stage, inherited)))
    gateway = running.enter_context(scenery.process("gateway", scenery.serve(stage), stage, environ))
    samples = asyncio.run(_peopled(stage, gateway, keep=keep))
    console = running.enter_context(
        scenery.process("console", scenery.console(stage, gateway["ops_url"]), stage, environ)
    )
    return _ready_document(stage, mocks, gateway, console=console, samples=samples)


async def _peopled(stage: Any, gateway: Mapping[str, Any], *, keep: bool) -> list[Any]:
    from gateway.app import now
    from gateway.cli.demo import accounts, scenery, traffic

    adding = accounts.add(stage.data_dir, [accounts.NATIONAL], gateway_url=gateway["ops_url"], now=now)
    if not keep:
        return await adding
    typer.echo("A few hundred calls of four portals, for auditors to look at ...")
    made = traffic.calls(scenery.callers(stage), CALLS, seed=SEED)
    samples, _ = await asyncio.gather(adding, traffic.run(gateway["base_url"], made))
    return samples


async def _more_people(stage: Any, ready: dict[str, Any]) -> None:
    """An account for each other role, for people to try: nothing waits for them."""
    from gateway.app import now
    from gateway.cli.demo import accounts

    made = await accounts.add(stage.data_dir, accounts.OTHERS, gateway_url=ready["ops_url"], now=now)
    ready["console"]["accounts"] += [asdict(sample) for sample in made]


async def _scene(stage: Any, ready: Mapping[str, Any], *, stays: bool) -> bool:
    from gateway.cli.demo import paper, proof, show
    from gateway.client import GatewayClient
    from signing.keys import load_signer

    signer = load_signer(stage.portal_key, kid=ready["portal"]["kid"])

    def client_of(procedure: str, number: int) -> GatewayClient:
        dossier = f"H14-20261122-{number:07d}"
        purpose = {"procedure": procedure, "dossier": dossier, "officer": "officer-07", "basis": "law"}
        return GatewayClient(ready["base_url"], iss=ready["portal"]["iss"], signer=signer, purpose=purpose)

    proved = True
    for number, (procedure, subjects, declared) in enumerate(
        (
            (RESIDENCE, {"applicant": PERSON}, {"phone": "0900 000 000"}),
            (ENTERPRISE_CHANGE, {"applicant": PERSON, "enterprise": ENTERPRISE, "taxpayer": TAXPAYER}, {}),
        ),
        start=1,
    ):
        async with client_of(procedure, number) as client:
            described = await client.procedure(procedure)
            answer = await client.prefill(subjects, declared)
            page = await client.preview()
        show.dossier(answer.document, described.document)
        if number == 1:
            show.preview(await asyncio.to_thread(_saved, stage.data_dir, page.body), stays=stays)
        proved &= show.proofs(proof.prove(stage.data_dir, answer, ready["log"]))
    async with client_of(paper.PROCEDURE, 3) as client:
        reused = await paper.reuse(client, PERSON)
    show.paper(reused)
    proved &= show.proofs(proof.reused(stage.data_dir, reused))
    return show.auditor(await asyncio.to_thread(proof.looked, ready, PERSON["personal_id"], answer)) and proved


def _saved(data_dir: Path, page: bytes) -> Path:
    """The officer's view, kept for its reader alone: it has a person in it."""
    from gateway.audit.keyfiles import replace_private

    path = data_dir / "preview.html"
    replace_private(path, page)
    return path


def _ready_document(
    stage: Any, mocks: Mapping[str, Any], gateway: Mapping[str, Any], *, console: Mapping[str, Any], samples: list[Any]
) -> dict[str, Any]:
    from gateway.audit.keys import Places
    from gateway.cli.demo import scenery

    known = [asdict(sample) for sample in samples]
    return {
        "base_url": gateway["base_url"],
        "audience": gateway["audience"],
        "ops_url": gateway["ops_url"],
        "console_url": console["console_url"],
        "mocks": {source: mocks[source] for source in mocks["credentials"]},
        "pids": {"gateway": gateway["pid"], "mocks": mocks["pid"], "console": console["pid"]},
        "portal": {
            "iss": scenery.PORTAL,
            "kid": scenery.KID,
            "alg": scenery.ALG,
            "private_key": str(stage.portal_key),
        },
        "procedure": RESIDENCE,
        "subjects": SUBJECTS,
        "console": {**known[0], "accounts": known},
        "log": {**gateway["log"], "store": str(Places.under(stage.data_dir).store)},
        "data_dir": str(stage.data_dir),
    }


def _write_ready(path: Path, ready: Mapping[str, Any]) -> None:
    from gateway.edge.listening import write_ready

    write_ready(path, ready)


def _stay(ready: Mapping[str, Any], ready_file: Path) -> None:
    from gateway.cli.demo import show

    show.addresses(ready, ready_file)
    while True:
        signal.pause()
