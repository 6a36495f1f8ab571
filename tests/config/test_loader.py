"""The settings as a whole: values, overrides, digest, errors."""

from datetime import timedelta
from pathlib import Path

import pytest

from config.check import Checked, check
from config.errors import ConfigError, Problem
from config.loader import Overrides, load
from config.place import Place
from config.running import BatchSettings, Endpoint, JobSettings
from tests.config.folder import AT, Folder


def test_gateway_values(folder: Folder) -> None:
    """The shipped gateway.toml gives these settings."""
    gateway = folder.load().gateway
    assert (gateway.public_url, gateway.audience) == ("", "")
    assert (gateway.listen, gateway.ops) == (Endpoint("127.0.0.1", 8080), Endpoint("127.0.0.1", 9090))
    assert gateway.data_dir == folder.root.parent.resolve() / "data"
    assert (gateway.deadline, gateway.drain) == (timedelta(seconds=10), timedelta(seconds=20))
    assert (gateway.in_flight, gateway.body_bytes) == (256, 256 * 1024)
    assert gateway.jobs == JobSettings(timedelta(seconds=60), timedelta(minutes=15), 256)
    assert gateway.batch == BatchSettings(1000, 1024 * 1024, timedelta(minutes=5), 8, 4, 16, 2)


def test_defaults_are_what_the_comments_say(folder: Folder) -> None:
    """A file with nothing but the log's name gives the same settings as the shipped one, which states the defaults."""
    shipped = folder.load().gateway
    folder.write("gateway.toml", f'log_origin = "{shipped.log_origin}"\n')
    assert folder.load().gateway == shipped


def test_source_defaults_are_what_the_file_says(folder: Folder) -> None:
    """A source without its numbers gets the numbers the shipped file states as defaults."""
    shipped = folder.load().sources["tax"]
    text = folder.text("sources.toml")
    head, tax = text.split("[tax]\n")
    numbers = ("deadline", "attempts", "concurrency", "queue", "breaker", "max_kib")
    folder.write("sources.toml", head + "[tax]\n" + "\n".join(r for r in tax.splitlines() if not r.startswith(numbers)))
    bare = folder.load().sources["tax"]
    names = ("deadline", "attempts", "concurrency", "queue", "breaker_failures", "breaker_pause", "max_bytes")
    assert [getattr(bare, name) for name in names] == [getattr(shipped, name) for name in names]


def test_overrides_win(folder: Folder, tmp_path: Path) -> None:
    """What the command line says replaces what the file says."""
    overrides = Overrides("https://a.example/", "0.0.0.0:0", "[::1]:0", tmp_path / "d")
    gateway = load(folder.root, environ=folder.environ, overrides=overrides).gateway
    assert gateway.public_url == "https://a.example"
    assert (gateway.listen, gateway.ops) == (Endpoint("0.0.0.0", 0), Endpoint("::1", 0))
    assert gateway.data_dir == tmp_path / "d"


def test_overrides_are_checked(folder: Folder) -> None:
    """An override passes the checks of the file's own word."""
    with pytest.raises(ConfigError, match="listen must be host:port"):
        load(folder.root, environ=folder.environ, overrides=Overrides(listen="everywhere"))


def test_public_url_from_the_environment(folder: Folder) -> None:
    """The public URL may come from the environment, without its last slash; plain http is worth a warning."""
    altered = Folder(folder.root, {**folder.environ, "LT_PUBLIC_URL": "http://gw.example/"})
    assert altered.load().gateway.public_url == "http://gw.example"
    assert any("public_url is plain http" in warning for warning in altered.warnings())


def test_option_places(folder: Folder) -> None:
    """An option remembers where it stands, so that its adapter's complaint can name the line."""
    line = folder.swap("sources.toml", "[population.options]", '[population.options]\nfolding = "x"') + 1
    source = folder.load().sources["population"]
    assert source.option_places["folding"] == Place(f"{folder.root}/sources.toml", line)
    assert source.place == Place(f"{folder.root}/sources.toml", folder.line("sources.toml", "[population]"))


@pytest.mark.parametrize(
    "name",
    [
        "gateway.toml",
        "sources.toml",
        "fields.toml",
        "codes/sex.toml",
        "grants/1.004222.txt",
        "dossiers/1.004222/dossier.toml",
        "portals/H14.toml",
    ],
)
def test_digest_covers_the_files(folder: Folder, name: str) -> None:
    """One comment more in any file changes the digest."""
    before = folder.load().digest
    assert folder.load().digest == before
    folder.append(name, "# a remark\n")
    assert folder.load().digest != before


def test_digest_covers_names(folder: Folder) -> None:
    """A procedure under another name, with the same text in all files, changes the digest; a secret does not."""
    before = folder.load().digest
    Path(folder.environ["LT_POPULATION_SECRET_FILE"]).write_text("another")
    assert folder.load().digest == before
    (folder.root / "codes/blood_type.toml").rename(folder.root / "codes/blood.toml")
    folder.swap("fields.toml", 'code_list = "blood_type"', 'code_list = "blood"\n')
    renamed = folder.load().digest
    assert len(renamed) == 64
    assert renamed != before


def test_error_is_a_list(folder: Folder) -> None:
    """The text of the error is one line per problem, sorted by file and line, numbers as numbers."""
    error = ConfigError((Problem("a.toml", 2, "Bad."), Problem("a.toml", 10, "Worse.")))
    assert str(error) == "a.toml:2: Bad.\na.toml:10: Worse."
    assert Problem("a.toml", 2, "z") < Problem("a.toml", 10, "a")


def test_check_agrees_with_load(folder: Folder) -> None:
    """The check and start-up read the same settings and the same problems."""
    settings, warnings = folder.load(), check(folder.root, folder.environ, AT).warnings
    assert check(folder.root, folder.environ, AT) == Checked(settings, settings.sources, (), warnings)
    folder.swap("gateway.toml", "in_flight = 256", "in_flight = 0")
    checked = check(folder.root, folder.environ, AT)
    with pytest.raises(ConfigError) as caught:
        folder.load()
    assert (checked.settings, checked.sources) == (None, {})
    assert checked.problems == caught.value.problems


def test_file_names_are_as_given(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a relative folder, messages name files as the operator would open them."""
    monkeypatch.chdir(folder.root.parent)
    line = folder.swap("portals/H14.toml", "burst = 40", "burst = 0")
    with pytest.raises(ConfigError, match=rf"^config/portals/H14\.toml:{line}: "):
        load(Path("config"), environ=folder.environ)
