"""What the demo sets up: a folder of its own, a copy of the configuration, a portal key, and the processes.

Rule of this file: everything lies under the data folder, every process started here is ended here.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from config.errors import Findings
from config.gateway import Overrides
from config.loader import examine
from gateway.audit.keys import Places, open_signer
from gateway.cli.demo.traffic import Caller
from signing import algorithms
from signing import keys as signing_keys

PORTAL = "H14"
KID = "h14-demo"
NEIGHBOURS = {"H17": "Cổng dịch vụ công Đà Nẵng", "H26": "Cổng dịch vụ công Hà Nội", "H29": "Cổng dịch vụ công TP.HCM"}
ALG = "ES256"
_PATIENCE_SECONDS = 60.0
_FILES = ("*.toml", "*.txt", "*.csv", "*.pem")


class DemoFailed(Exception):  # noqa: N818 - it says what happened
    """The demo could not go on; the text says why."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where everything of one demo lies."""

    data_dir: Path
    config: Path
    portal_key: Path
    logs: Path


def prepare(data_dir: Path, source: Path, at: datetime) -> Stage:
    """Copy the configuration and register fresh keys for the sample portal and for three neighbours of it."""
    # a name of its own: the folder is replaced, and a data folder may hold anything else
    stage = Stage(data_dir, data_dir / "demo-config", data_dir / "portals" / PORTAL / f"{KID}.pem", data_dir / "logs")
    if stage.config.exists():
        shutil.rmtree(stage.config)
    for pattern in _FILES:
        for file in source.rglob(pattern):
            copy = stage.config / file.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
    stage.logs.mkdir(parents=True, exist_ok=True, mode=0o700)
    for agency, name in NEIGHBOURS.items():
        _neighbour(stage, agency, name)
    for agency in (PORTAL, *NEIGHBOURS):
        _register(stage, agency, at)
    return stage


def _register(stage: Stage, agency: str, at: datetime) -> Path:
    """A fresh key of a portal, in its private folder and in the configuration; the private half's path."""
    kid = key_id(agency)
    private = stage.data_dir / "portals" / agency / f"{kid}.pem"
    private.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    private.unlink(missing_ok=True)
    key = algorithms.generate(ALG)
    signing_keys.write_private_file(private, signing_keys.private_pem(key))
    public = stage.config / "portals" / agency / f"{kid}.pem"
    public.parent.mkdir(parents=True, exist_ok=True)
    public.write_bytes(signing_keys.public_pem(key.public_key()))
    begins, ends = at - timedelta(minutes=1), at + timedelta(days=30)
    with (stage.config / "portals" / f"{agency}.toml").open("a", encoding="utf-8") as portal:
        portal.write(
            f'\n[[keys]]\nkid = "{kid}"\nalg = "{ALG}"\npublic_key = "{agency}/{kid}.pem"\n'
            f"not_before = {begins.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}\n"
            f"not_after = {ends.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}\n"
        )
    return private


def _neighbour(stage: Stage, agency: str, name: str) -> None:
    """One more province's portal, with what the sample portal may do."""
    text = (stage.config / "portals" / f"{PORTAL}.toml").read_text(encoding="utf-8")
    kept = [line for line in text.splitlines() if not line.startswith(("agency", "name_vi", "name_en"))]
    named = [f'agency = "{agency}"', f'name_vi = "{name}"', f'name_en = "{name} (demo)"']
    (stage.config / "portals" / f"{agency}.toml").write_text("\n".join([*named, *kept]) + "\n", encoding="utf-8")


def log_vkey(stage: Stage, environ: Mapping[str, str]) -> str:
    """The public key of the log that is about to begin, whose keys are made here: a witness has to know it before."""
    settings = examine(stage.config, environ, Overrides(), Findings(), at=None).gateway
    return open_signer(Places.under(stage.data_dir), settings.log_origin).vkey


def vouched(stage: Stage, vouching: Mapping[str, Any]) -> None:
    """Tell the gateway who vouches for its log."""
    witness, authority = vouching["witness"], vouching["authority"]
    text = f'\n[[publish.witnesses]]\nname = "demo"\nurl = "{witness["url"]}"\nkey = "{witness["key"]}"\n'
    if authority is not None:
        text += f'\n[[publish.authorities]]\nname = "demo-tsa"\nurl = "{authority["url"]}"\n'
        text += f'certificates = {{ file = "{authority["certificates"]}" }}\n'
    with (stage.config / "gateway.toml").open("a", encoding="utf-8") as file:
        file.write(text)


def callers(stage: Stage) -> tuple[Caller, ...]:
    """The portals of the demo as they call: a large one, two middling ones, a small one."""
    shares = {"H26": (9, 0.45), "H29": (6, 0.25), "H17": (4, 0.2), PORTAL: (3, 0.1)}
    return tuple(
        Caller(agency, stage.data_dir / "portals" / agency / f"{key_id(agency)}.pem", key_id(agency), officers, share)
        for agency, (officers, share) in shares.items()
    )


def serve(stage: Stage) -> list[str]:
    """The command of the gateway, on free ports."""
    ports = ["--listen", "127.0.0.1:0", "--ops", "127.0.0.1:0"]
    return ["gateway", "serve", "--config", str(stage.config), *ports]


def console(stage: Stage, ops_url: str) -> list[str]:
    """The command of the console beside a gateway, on a free port."""
    ports = ["--listen", "127.0.0.1:0", "--gateway-url", ops_url]
    return ["gateway", "console", "--config", str(stage.config), *ports]


def key_id(agency: str) -> str:
    """The id of a demo key."""
    return f"{agency.lower()}-demo"


def environment(mocks: Mapping[str, Any], inherited: Mapping[str, str]) -> dict[str, str]:
    """The environment of a gateway that speaks to these mocks: addresses, and files with credentials."""
    held = mocks["credentials"]
    population, business, tax = held["population"], held["business"], held["tax"]
    own = {
        "LT_POPULATION_URL": mocks["population"],
        "LT_POPULATION_USERNAME_FILE": population["username"],
        "LT_POPULATION_SECRET_FILE": population["secret"],
        "LT_POPULATION_API_KEY_FILE": population["api_key"],
        "LT_POPULATION_XROAD_CLIENT_FILE": population["xroad_client"],
        "LT_POPULATION_AUTH_URL": Path(population["auth_url"]).read_text(encoding="utf-8").strip(),
        "LT_BUSINESS_URL": mocks["business"],
        "LT_BUSINESS_CONSUMER_KEY_FILE": business["consumer_key"],
        "LT_BUSINESS_CONSUMER_SECRET_FILE": business["consumer_secret"],
        "LT_TAX_URL": mocks["tax"],
        "LT_TAX_CLIENT_KEY_FILE": tax["client.key.pem"],
        "LT_TAX_CLIENT_CERTIFICATE_FILE": tax["client.cert.pem"],
        "LT_TAX_SERVER_CERTIFICATE_FILE": tax["server.cert.pem"],
    }
    return {**inherited, **own}


@contextmanager
def process(name: str, command: list[str], stage: Stage, env: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Run a process until the context is left; its ready document once it answers. Raises `DemoFailed`."""
    ready = stage.data_dir / "run" / f"{name}.json"
    ready.parent.mkdir(parents=True, exist_ok=True)
    ready.unlink(missing_ok=True)
    with (stage.logs / f"{name}.log").open("ab") as log:
        child = subprocess.Popen(  # noqa: S603 - our own interpreter and our own modules
            [sys.executable, "-m", *command, "--data-dir", str(stage.data_dir), "--ready-file", str(ready)],
            stdout=log,
            stderr=log,
            env=dict(env),
            start_new_session=True,
        )
    try:
        yield _ready(name, child, ready, stage)
    finally:
        _end(child)


def _ready(name: str, child: subprocess.Popen[bytes], ready: Path, stage: Stage) -> dict[str, Any]:
    ends = time.monotonic() + _PATIENCE_SECONDS
    while not ready.exists():
        if child.poll() is not None or time.monotonic() > ends:
            said = (stage.logs / f"{name}.log").read_text(encoding="utf-8", errors="replace")[-2000:]
            raise DemoFailed(f"the {name} did not start:\n{said}")
        time.sleep(0.02)
    document: dict[str, Any] = json.loads(ready.read_text(encoding="utf-8"))
    return document


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        os.kill(child.pid, signal.SIGTERM)
        try:
            child.wait(timeout=30)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
