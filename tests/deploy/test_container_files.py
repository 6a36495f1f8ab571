"""The image, the compose file, the unit and the proxy example: what they promise, and that they fit the software."""

import http.server
import json
import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from tests.config.folder import SHIPPED
from tests.deploy.commands import unknown

ROOT = SHIPPED.parent
COMPOSE: Mapping[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
LIMITS = tomllib.loads((SHIPPED / "gateway.toml").read_text(encoding="utf-8"))["limits"]
UNIT = (ROOT / "deploy/lienthong-gateway.service").read_text(encoding="utf-8")
CONSOLE_UNIT = (ROOT / "deploy/lienthong-console.service").read_text(encoding="utf-8")
NGINX = re.sub(r"#.*", "", (ROOT / "deploy/nginx.conf").read_text(encoding="utf-8"))


def dockerfile() -> list[tuple[str, str]]:
    """Instruction and its text, continued lines joined and comments dropped."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in joined.splitlines()]


def only(instruction: str) -> str:
    """The text of an instruction that stands once."""
    (text,) = [text for name, text in dockerfile() if name == instruction]
    return text


def health_check() -> list[str]:
    """The words of the image's health check."""
    words: list[str] = json.loads(only("HEALTHCHECK").split(" CMD ", 1)[1])
    return words


def serve_words() -> list[str]:
    """The words after `gateway` that the image runs."""
    words: list[str] = json.loads(only("CMD"))
    return words


def option(words: list[str], name: str) -> str:
    """The value of an option."""
    return words[words.index(name) + 1]


@contextmanager
def answering(status: int) -> Iterator[int]:
    """The port of a server that answers everything with `status`."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/health/live" else 404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def references(value: object) -> Iterator[str]:
    """The names of the environment variables a configuration cannot do without."""
    if isinstance(value, dict):
        if not value.get("optional"):
            yield from (value[kind] for kind in ("env", "file_env") if isinstance(value.get(kind), str))
        for inner in value.values():
            yield from references(inner)


def directive(name: str) -> list[str]:
    """The values of a directive of the proxy example."""
    return re.findall(rf"^\s*{name}\s+([^;]+);", NGINX, re.MULTILINE)


def test_the_base_image_can_be_swapped() -> None:
    """The first instruction is ARG BASE with a pinned version, and both stages start from it."""
    instructions = dockerfile()
    assert instructions[0][0] == "ARG"
    assert re.fullmatch(r"BASE=\S+:\d\S+", instructions[0][1])
    assert [text.split()[0] for name, text in instructions if name == "FROM"] == ["${BASE}", "${BASE}"]


def test_the_image_runs_as_a_numbered_user_that_is_not_root() -> None:
    """USER is a number other than 0, in the last stage."""
    instructions = dockerfile()
    last_from = max(at for at, (name, _) in enumerate(instructions) if name == "FROM")
    users = [(at, text) for at, (name, text) in enumerate(instructions) if name == "USER"]
    assert [re.fullmatch(r"([1-9]\d*):([1-9]\d*)", text) is not None for _, text in users] == [True]
    assert users[0][0] > last_from


def test_nothing_comes_from_the_network_unchecked() -> None:
    """There is no ADD, no download, and every pip install demands hashes or may not ask an index."""
    instructions = dockerfile()
    assert [text for name, text in instructions if name == "ADD"] == []
    runs = [text for name, text in instructions if name == "RUN"]
    assert [run for run in runs if re.search(r"\b(curl|wget|git)\b", run)] == []
    installs = [part for run in runs for part in run.split("&&") if "pip install" in part]
    assert len(installs) == 2
    assert all("--require-hashes" in part or "--no-index" in part for part in installs)


def test_only_what_runs_comes_into_the_image() -> None:
    """.dockerignore refuses everything but the packages, the hashed requirements, the project file and the licence."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = project["tool"]["setuptools"]["packages"]
    assert patterns[0] == "*"
    allowed = {pattern[1:] for pattern in patterns if pattern.startswith("!")}
    assert allowed == {*packages, "requirements/run.txt", "pyproject.toml", "LICENSE", "NOTICE"}


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False)])
def test_the_health_check_tells_live_from_not(status: int, healthy: bool) -> None:
    """The health check's program ends with 0 for a live gateway and with another status otherwise."""
    program, flag, code = health_check()
    assert (program, flag) == ("python", "-c")
    with answering(status) as port:
        ended = subprocess.run([sys.executable, "-c", code.replace("9090", str(port))], check=False, timeout=20)
    assert (ended.returncode == 0) is healthy


def test_the_health_check_asks_the_port_that_is_served() -> None:
    """Health check, EXPOSE, VOLUME and the command agree on ports and data folder."""
    words = serve_words()
    ports = [option(words, name).rpartition(":")[2] for name in ("--listen", "--ops")]
    assert only("EXPOSE").split() == ports
    assert f"'127.0.0.1', {ports[1]}" in health_check()[2]
    assert only("VOLUME") == option(words, "--data-dir")


def test_the_command_of_the_image_exists() -> None:
    """`gateway serve` knows every option the image passes."""
    assert json.loads(only("ENTRYPOINT")) == ["gateway"]
    assert list(unknown(serve_words())) == []


@pytest.mark.parametrize("service", COMPOSE["services"].values(), ids=COMPOSE["services"])
def test_every_service_is_locked_down(service: Mapping[str, Any]) -> None:
    """Each service has a read-only root, no capability, no new privileges, and opens ports to this machine only."""
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert [port for port in service.get("ports", []) if not port.startswith("127.0.0.1:")] == []


@pytest.mark.parametrize("service", ["gateway", "console"])
def test_the_compose_services_have_every_variable_they_need_and_no_secret(service: str) -> None:
    """Each variable the configuration cannot do without is set; all hold an address or the path of a file."""
    environment = COMPOSE["services"][service]["environment"]
    files = [tomllib.loads((SHIPPED / name).read_text(encoding="utf-8")) for name in ("gateway.toml", "sources.toml")]
    needed = {name for file in files for name in references(file)}
    assert needed
    assert needed - environment.keys() == set()
    assert [
        name for name, value in environment.items() if name.endswith("_FILE") and not value.startswith("/run/")
    ] == []
    assert [name for name in environment if not name.endswith(("_URL", "_FILE"))] == []


def test_the_compose_console_is_where_its_address_says() -> None:
    """The command exists, listens on the port that is published and asked for its health, on the gateway's network."""
    console = COMPOSE["services"]["console"]
    port = option(console["command"], "--listen").rpartition(":")[2]
    assert list(unknown(console["command"])) == []
    assert console["environment"]["LT_CONSOLE_URL"] == f"http://127.0.0.1:{port}"
    assert f"127.0.0.1:{port}:{port}" in COMPOSE["services"]["mocks"]["ports"]
    assert f"'127.0.0.1', {port}" in console["healthcheck"]["test"][-1]
    assert console["network_mode"] == COMPOSE["services"]["gateway"]["network_mode"]


def test_the_compose_gateway_asks_the_ports_the_mocks_serve() -> None:
    """The addresses of the sources are those the mocks are told to listen on."""
    mocks = COMPOSE["services"]["mocks"]["command"]
    environment = COMPOSE["services"]["gateway"]["environment"]
    for source in tomllib.loads((SHIPPED / "sources.toml").read_text(encoding="utf-8")):
        assert environment[f"LT_{source.upper()}_URL"] == f"http://127.0.0.1:{option(mocks, f'--{source}-port')}"


def test_nobody_kills_a_gateway_that_drains() -> None:
    """Compose and systemd wait longer than a drain and the last answers take."""
    drain = LIMITS["drain_seconds"] + 2
    assert int(COMPOSE["services"]["gateway"]["stop_grace_period"].removesuffix("s")) > drain
    assert int(re.findall(r"^TimeoutStopSec=(\d+)$", UNIT, re.MULTILINE)[0]) > drain


def test_the_commands_of_the_unit_exist() -> None:
    """ExecStartPre and ExecStart call commands with options that exist."""
    commands = re.findall(r"^Exec\w+=\S+/gateway (.+)$", UNIT, re.MULTILINE)
    assert len(commands) == 2
    assert [word for command in commands for word in unknown(command.split())] == []


def test_the_unit_is_hardened() -> None:
    """The unit runs as a user of its own, may write one folder, and has no capability and no new privileges."""
    for line in ("User=lienthong", "StateDirectory=lienthong", "StateDirectoryMode=0700", "UMask=0077"):
        assert f"\n{line}\n" in UNIT
    for line in ("NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet=", "LimitCORE=0"):
        assert f"\n{line}\n" in UNIT


def test_the_console_s_unit_is_as_hard_and_writes_one_folder() -> None:
    """The console may write its own folder alone, cannot even open the keys that sign, and its command exists."""
    (command,) = re.findall(r"^ExecStart=\S+/gateway (.+)$", CONSOLE_UNIT, re.MULTILINE)
    assert list(unknown(command.split())) == []
    assert re.findall(r"^(?:StateDirectory|ReadWritePaths)=(.*)$", CONSOLE_UNIT, re.MULTILINE) == ["lienthong/console"]
    hidden = re.findall(r"^InaccessiblePaths=-/var/lib/lienthong/(.*)$", CONSOLE_UNIT, re.MULTILINE)
    assert hidden == ["log/log-key.pem", "keys/gateway-key.pem", "keys/jobs-key", "keys/vault-key"]
    kernel = UNIT.partition("# The kernel")[2].partition("# The network")[0]
    assert kernel
    assert kernel == CONSOLE_UNIT.partition("# The kernel")[2].partition("# The network")[0]
    for line in ("User=lienthong", "UMask=0077", "ProtectSystem=strict", "LimitCORE=0"):
        assert f"\n{line}\n" in CONSOLE_UNIT


def test_the_proxy_tells_the_console_who_asks_and_keeps_no_list() -> None:
    """The console's server adds the browser's address and writes no second list of what auditors looked at."""
    console = NGINX.partition("server_name console.example.gov.vn;")[2]
    assert re.search(r"X-Forwarded-For\s+\$proxy_add_x_forwarded_for;", console)
    assert re.search(r"^\s*access_log off;", console, re.MULTILINE)
    assert re.search(r"^\s*deny\s+all;", console, re.MULTILINE)


def test_the_proxy_leaves_refusals_to_the_gateway() -> None:
    """The proxy's limits lie above the gateway's, so that what a portal reads is signed."""
    assert int(directive("client_max_body_size")[0].removesuffix("k")) > LIMITS["body_kib"]
    assert int(directive("proxy_read_timeout")[0].removesuffix("s")) > LIMITS["deadline_seconds"]


def test_the_proxy_changes_nothing_and_keeps_nothing() -> None:
    """No compression, no second try, no temporary file, no request line or header in its log."""
    assert set(directive("gzip")) == {"off"}
    assert set(directive("proxy_next_upstream")) == {"off"}
    assert set(directive("proxy_max_temp_file_size")) == {"0"}
    assert directive("client_body_buffer_size") == directive("client_max_body_size")
    logged = set(re.findall(r"\$\w+", directive("log_format")[0]))
    assert logged.isdisjoint({"$request", "$request_uri", "$uri", "$args", "$query_string", "$request_body"})
    assert [name for name in logged if name.startswith(("$http_", "$arg_", "$sent_http_"))] == []
