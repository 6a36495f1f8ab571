"""A portal in JavaScript, written from the public contract alone, against a real gateway with each algorithm."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from signing import notes
from tests.interop.conftest import Demo, command

CLIENT = Path(__file__).parent / "portal.mjs"
ALGORITHMS = ("ES256", "EdDSA", "PS256")
STEPS = {
    "procedures",
    "person verified",
    "person looked up",
    "person not found",
    "dossier pre-filled",
    "replay",
    "altered body",
    "altered body and header",
    "wrong htu",
    "wrong audience",
    "old token",
    "unknown member",
    "no token",
    "spoilt signature",
    "spoilt answers",
}


@pytest.fixture(scope="module")
def portals(demo: Demo) -> dict[str, Path]:
    """A ready file for each algorithm: the demo's own key, and two that an operator registers beside it."""
    path = demo.config / "portals" / "H14.toml"
    text = re.sub(r"(?m)^(per_second|burst) = \d+$", r"\1 = 10000", path.read_text(encoding="utf-8"))
    path.write_text(text, encoding="utf-8")
    files = {}
    for alg in ALGORITHMS:
        portal: dict[str, Any] = dict(demo.ready["portal"])
        if alg != portal["alg"]:
            kid = f"h14-{alg.lower()}"
            command("keys", "new", "--alg", alg, "--kid", kid, "--out", str(demo.folder / "keys-of-portal"))
            private = demo.folder / "keys-of-portal" / f"{kid}.pem"
            public = private.with_suffix(".pub.pem")
            command("portals", "add", "H14", "--public-key", str(public), "--kid", kid, "--config", str(demo.config))
            portal |= {"kid": kid, "alg": alg, "private_key": str(private)}
        files[alg] = demo.folder / f"ready-{alg}.json"
        files[alg].write_text(json.dumps({**demo.ready, "portal": portal}), encoding="utf-8")
    demo.reload()
    return files


def _run(ready: Path) -> tuple[int, list[dict[str, Any]], str]:
    done = subprocess.run(["node", str(CLIENT), str(ready)], check=False, capture_output=True, text=True, timeout=120)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


@pytest.mark.usefixtures("tools")
@pytest.mark.parametrize("alg", ALGORITHMS)
def test_a_portal_in_node_calls_and_proves(portals: dict[str, Path], alg: str) -> None:
    """Right calls are answered and proved, wrong ones get their code in a signed problem, spoilt answers no belief."""
    status, results, errors = _run(portals[alg])
    assert [r for r in results if not r["ok"]] == [], errors
    assert status == 0, errors
    expected = STEPS | {"DER signature"} if alg == "ES256" else STEPS
    assert {r["step"] for r in results} == expected
    assert {r["alg"] for r in results} == {alg}


@pytest.mark.usefixtures("tools")
def test_the_client_in_node_notices_another_log_key(portals: dict[str, Path], tmp_path: Path) -> None:
    """With the log key of another log every step whose answer carries a receipt fails."""
    ready = json.loads(portals["ES256"].read_text(encoding="utf-8"))
    name, _, _ = ready["log"]["public_key"].partition("+")
    stranger = notes.NoteKey(name, Ed25519PrivateKey.generate().public_key())
    ready["log"]["public_key"] = stranger.vkey
    other = tmp_path / "ready.json"
    other.write_text(json.dumps(ready), encoding="utf-8")
    status, results, _ = _run(other)
    unproved = {r["step"] for r in results if not r["ok"]}
    assert status == 1
    assert unproved == (STEPS | {"DER signature"}) - {"no token", "spoilt signature", "DER signature"}
    assert {r["expected"] for r in results if not r["ok"]} == {"the note is signed by the log's key"}
