"""The console's scripts, run by Node: the functions that a page calls, without a page."""

import base64
import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gateway.console.web.pages import STATIC
from tests.helpers.stack import ROOT

RUN = Path(__file__).with_name("run.mjs")
Case = tuple[str, str, Sequence[Any]]
"""File, function, arguments."""


class Scripts:
    """The scripts of the static folder, copied into an empty folder where Node can be told that they are modules."""

    def __init__(self, folder: Path) -> None:
        if shutil.which("node") is None:
            done = subprocess.run([str(ROOT / "deploy" / "test-tools.sh")], check=False, capture_output=True, text=True)
            assert shutil.which("node") is not None, done.stderr
        self._folder = folder
        for path in STATIC.glob("*.js"):
            shutil.copy(path, folder)
        (folder / "package.json").write_text('{"type": "module"}', encoding="utf-8")

    def __call__(self, *cases: Case, without: str = "") -> list[dict[str, Any]]:
        """The answers of the cases, in their order. `without`: webcrypto or ed25519, for a browser that has none."""
        told = {"without": without, "cases": [_case(*case) for case in cases]}
        done = subprocess.run(
            ["node", "--no-warnings", str(RUN), str(self._folder)],
            check=False,
            capture_output=True,
            text=True,
            input=json.dumps(told),
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        answers: list[dict[str, Any]] = json.loads(done.stdout)
        assert len(answers) == len(cases)
        return answers

    def script(self, text: str) -> Any:
        """What a module beside the scripts prints as JSON."""
        path = self._folder / "script.mjs"
        path.write_text(text, encoding="utf-8")
        done = subprocess.run(["node", str(path)], check=False, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


def _case(module: str, name: str, args: Sequence[Any]) -> dict[str, Any]:
    return {"module": module, "name": name, "args": [_written(one) for one in args]}


def _written(value: Any) -> Any:
    """A value for Node: bytes and whole numbers marked as what they are. A bool is no number here."""
    if isinstance(value, bytes):
        return {"bytes": base64.b64encode(value).decode()}
    if isinstance(value, int) and not isinstance(value, bool):
        return {"whole": str(value)}
    if isinstance(value, dict):
        return {name: _written(one) for name, one in value.items()}
    return [_written(one) for one in value] if isinstance(value, list | tuple) else value
