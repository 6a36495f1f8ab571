"""`gateway check` and `gateway sources check`."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli.main import app
from tests.helpers.processes import Country, country
from tests.helpers.stack import copy_config, portal_file

RUN = CliRunner()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A sound configuration that a test may break."""
    folder = copy_config(tmp_path / "config")
    portal_file(folder, "H14", kid="k")
    return folder


def test_a_sound_configuration_passes(config: Path) -> None:
    """Exit status 0 and a sentence."""
    done = RUN.invoke(app, ["check", "--config", str(config)])
    assert done.exit_code == 0
    assert "sound" in done.output


def test_every_problem_is_named_with_file_and_line(config: Path) -> None:
    """Two mistakes in two files are both reported, and the status is 1."""
    grant = config / "grants" / "1.004222.txt"
    grant.write_text(grant.read_text("utf-8") + "person.shoe_size # a law\n", "utf-8")
    gateway = config / "gateway.toml"
    gateway.write_text(gateway.read_text("utf-8") + "\n[nonsense]\n", "utf-8")
    done = RUN.invoke(app, ["check", "--config", str(config)])
    lines = len(grant.read_text("utf-8").splitlines())
    assert done.exit_code == 1
    assert f"1.004222.txt:{lines}: " in done.output
    assert "gateway.toml:" in done.output
    assert "2 problem" in done.output


@pytest.mark.parametrize("deployed", [[], ["--deployed"]])
@pytest.mark.parametrize(
    ("line", "wrong", "said"),
    [
        ('profile = "c06"', 'profile = "c60"', "the population adapter has no profile c60; known are c06"),
        ('profile = "ngsp"', 'profile = "nspg"', "there is no business profile nspg; known are"),
        ('profile = "wsse"', 'profile = "wses"', "the tax source has no profile wses; known is wsse"),
        ('adapter = "tax"', 'adapter = "tacks"', "there is no adapter tacks; known are business, population, tax"),
    ],
)
def test_a_name_no_adapter_knows_is_found_in_its_line(
    land: Country, config: Path, line: str, wrong: str, said: str, deployed: list[str]
) -> None:
    """A source's adapter and profile need no environment to be judged, and are told once with or without one."""
    sources = config / "sources.toml"
    text = sources.read_text("utf-8")
    assert text.count(line) == 1
    sources.write_text(text.replace(line, wrong), "utf-8")
    environ = dict(land.environ) if deployed else {}
    done = RUN.invoke(app, ["check", *deployed, "--config", str(config)], env=environ)
    number = text[: text.index(line)].count("\n") + 1
    assert done.exit_code == 1, done.output
    assert f"sources.toml:{number}: {said}" in done.output
    assert "1 problem(s)." in done.output


def test_a_missing_variable_is_a_problem_where_the_gateway_is_deployed(config: Path) -> None:
    """With --deployed what comes from the environment is resolved too."""
    done = RUN.invoke(app, ["check", "--deployed", "--config", str(config)], env={"LT_TAX_URL": None})
    assert done.exit_code == 1
    assert "LT_TAX_URL" in done.output


@pytest.fixture(scope="module")
def land(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Country]:
    """Mock registries as a process."""
    with country(tmp_path_factory.mktemp("land")) as made:
        yield made


def test_sources_are_asked_one_harmless_question_each(land: Country) -> None:
    """Each that is shipped is reachable, accepts the credentials and keeps its contract."""
    done = RUN.invoke(app, ["sources", "check", "--config", str(land.stage.config)], env=dict(land.environ))
    assert done.exit_code == 0, done.output
    shipped = tomllib.loads((land.stage.config / "sources.toml").read_text("utf-8"))
    assert [line.split() for line in done.output.splitlines()] == [[name, "ok"] for name in shipped]


def test_a_source_that_refuses_is_named(land: Country, tmp_path: Path) -> None:
    """A wrong secret is told as refused, the others as ok, and the status is 1."""
    wrong = tmp_path / "secret"
    wrong.write_text("not the secret", "utf-8")
    wrong.chmod(0o600)
    environ = {**land.environ, "LT_POPULATION_SECRET_FILE": str(wrong)}
    done = RUN.invoke(app, ["sources", "check", "--config", str(land.stage.config)], env=environ)
    assert done.exit_code == 1
    assert "population   refused" in done.output
    assert "business     ok" in done.output
    assert "not the secret" not in done.output
