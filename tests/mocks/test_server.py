"""The three registries as one process."""

import asyncio
import json
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from mocks.__main__ import main
from mocks.population import make_credentials
from mocks.registry import REGISTRIES
from mocks.server import serving
from tests.helpers.ports import held_port
from tests.mocks.population.caller import headers, look_up

_ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 60.0


async def _started(folder: Path, *options: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "mocks",
        *("--data-dir", str(folder), *options),
        cwd=_ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


@asynccontextmanager
async def _running(folder: Path, *options: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, dict[str, Any]]]:
    ready = folder / "ready.json"
    process = await _started(folder, "--ready-file", str(ready), *options)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not ready.exists():
                assert process.returncode is None, (await process.communicate())[1].decode()
                await asyncio.sleep(0.02)
        yield process, json.loads(ready.read_text())
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_the_ready_file_tells_the_truth(tmp_path: Path) -> None:
    """When it is there, every mock answers under their address, and each named credential file exists."""
    async with _running(tmp_path, "--population-variant", "qcvn109,verify=json") as (process, ready):
        assert ready["pid"] == process.pid
        async with httpx.AsyncClient(timeout=PATIENCE_SECONDS) as client:
            for source in REGISTRIES:
                state = (await client.get(f"{ready[source]}/_mock/state")).json()
                assert state["source"] == source
                assert ready["credentials"][source]
                for path in ready["credentials"][source].values():
                    assert Path(path).stat().st_mode & 0o077 == 0
            variant = (await client.get(f"{ready['population']}/_mock/state")).json()["variant"]
        assert (variant["shape"], variant["verify"]) == ("qcvn109", "json")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    """It leaves with 0, without a word on its error output."""
    async with _running(tmp_path) as (process, _):
        process.send_signal(number)
        async with asyncio.timeout(PATIENCE_SECONDS):
            _, errors = await process.communicate()
    assert (process.returncode, errors) == (0, b"")


async def test_a_hanging_call_does_not_keep_it(tmp_path: Path) -> None:
    """With a call that hangs it still leaves with 0 before its caller does, and prints nothing of the call."""
    async with _running(tmp_path) as (process, ready), httpx.AsyncClient(timeout=2 * PATIENCE_SECONDS) as client:
        account = make_credentials(tmp_path / "mocks" / "population")
        await client.post(f"{ready['population']}/_mock/fault", json={"fault": "hang"})
        sent = headers(account, stamp=str(int(time.time() * 1000)))
        hanging = asyncio.create_task(client.post(ready["population"], content=look_up(), headers=sent))
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not (await client.get(f"{ready['population']}/_mock/state")).json()["calls"]:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            process.terminate()
            outputs = await process.communicate()
        await asyncio.gather(hanging, return_exceptions=True)
    assert process.returncode == 0
    assert b"004192000123" not in b"".join(outputs)


async def test_identifiers_are_never_printed(tmp_path: Path) -> None:
    """A call with an identifier in its address leaves no trace on either output."""
    async with _running(tmp_path) as (process, ready):
        async with httpx.AsyncClient(timeout=PATIENCE_SECONDS) as client:
            await client.get(f"{ready['business']}/apiCSDLDKDN/1.0/chiTietDoanhNghiep?msdn=0100109106")
        process.terminate()
        outputs = await process.communicate()
    assert b"0100109106" not in b"".join(outputs)


async def test_fixed_ports_are_kept_and_a_taken_one_is_an_error(tmp_path: Path) -> None:
    """A port asked for is used; when it is taken, the process says so and leaves with 1."""
    with held_port() as port:
        with socket.create_server(("127.0.0.1", port)):
            process = await _started(tmp_path, "--tax-port", str(port))
            _, errors = await process.communicate()
        assert process.returncode == 1
        assert errors.startswith(b"cannot serve:")
        async with _running(tmp_path, "--tax-port", str(port)) as (_, ready):
            assert ready["tax"] == f"http://127.0.0.1:{port}"


def test_an_unknown_variant_is_told_at_the_start(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command line is refused with the list of presets."""
    with pytest.raises(SystemExit, match="2"):
        main(["--data-dir", str(tmp_path), "--population-variant", "nonsense"])
    assert "qcvn109" in capsys.readouterr().err


async def test_serving_ends_with_its_context() -> None:
    """After the context the port is free and nothing answers."""
    with held_port() as port:
        async with (
            serving({"any": _empty}, ports={"any": port}) as urls,
            httpx.AsyncClient(timeout=PATIENCE_SECONDS) as client,
        ):
            assert (await client.get(urls["any"])).status_code == 204
        async with httpx.AsyncClient(timeout=PATIENCE_SECONDS) as client:
            with pytest.raises(httpx.ConnectError):
                await client.get(urls["any"])


async def _empty(_scope: Any, _receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 204, "headers": []})
    await send({"type": "http.response.body", "body": b""})
