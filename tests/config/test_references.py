"""Values from the environment and from files."""

from pathlib import Path

import pytest

from config.check import check
from tests.config.folder import AT, Folder

USERNAME = 'username = { file_env = "LT_POPULATION_USERNAME_FILE" }'


def point(folder: Folder, reference: str) -> int:
    """Make the user name of the population source come from `reference`; its line."""
    return folder.swap("sources.toml", USERNAME, f"username = {reference}")


def credential(folder: Folder, reference: str) -> str | None:
    """The user name that a reference leads to."""
    point(folder, reference)
    return folder.load().sources["population"].credentials.get("username")


def secret(folder: Folder, content: bytes, mode: int = 0o600) -> Path:
    """A file beside sources.toml."""
    path = folder.root / "user.txt"
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_environment_variable(folder: Folder) -> None:
    """A variable's value is taken as it is."""
    altered = Folder(folder.root, {**folder.environ, "LT_X": "clerk "})
    assert credential(altered, '{ env = "LT_X" }') == "clerk "


@pytest.mark.parametrize(
    ("content", "expected"),
    [(b"clerk", "clerk"), (b"clerk\n", "clerk"), (b"clerk\r\n", "clerk"), (b"cl\nerk\n\n", "cl\nerk\n")],
)
def test_file_loses_one_line_end(folder: Folder, content: bytes, expected: str) -> None:
    """A secret file's text is taken without one trailing line end; its path starts at the configuration's folder."""
    secret(folder, content)
    assert credential(folder, '{ file = "user.txt" }') == expected


def test_absolute_file(folder: Folder, tmp_path: Path) -> None:
    """An absolute path is taken as it is."""
    path = tmp_path / "elsewhere"
    path.write_text("clerk\n")
    path.chmod(0o400)
    assert credential(folder, f'{{ file = "{path}" }}') == "clerk"


def test_optional(folder: Folder) -> None:
    """An optional credential that is not there is left out."""
    assert credential(folder, '{ env = "LT_NONE", optional = true }') is None
    assert folder.problems() == []


def test_optional_file(folder: Folder) -> None:
    """An optional credential whose file is not there is left out."""
    assert credential(folder, '{ file = "none", optional = true }') is None


def test_option_from_the_environment(folder: Folder) -> None:
    """An adapter's option may come from the environment, and is left out where that is silent."""
    assert "auth_url" not in folder.load().sources["population"].options
    altered = Folder(folder.root, {**folder.environ, "LT_POPULATION_AUTH_URL": "https://auth.example"})
    assert altered.load().sources["population"].options["auth_url"] == "https://auth.example"


def test_tables_of_an_option_pass_unread(folder: Folder) -> None:
    """An option that is a table of the adapter's own is not taken for a reference."""
    folder.swap("sources.toml", "[population.options]", '[population.options]\nservices = { "1.004222" = "A" }')
    assert folder.load().sources["population"].options["services"] == {"1.004222": "A"}


@pytest.mark.parametrize(
    ("content", "mode", "message"),
    [
        (b"clerk", 0o604, "username: everybody on this machine may read the file user.txt; make it mode 0600."),
        (b"clerk", 0o644, "username: everybody on this machine may read the file user.txt; make it mode 0600."),
        (b"", 0o600, "username: the file user.txt is empty."),
        (b"\n", 0o600, "username: the file user.txt is empty."),
        (b"\xff", 0o600, "username: the file user.txt is not UTF-8 text."),
        (b"x" * 65537, 0o600, "username: the file user.txt is larger than 64 KiB."),
    ],
)
def test_refused_file(folder: Folder, content: bytes, mode: int, message: str) -> None:
    """A secret file that others may read, or that holds no text, is refused."""
    secret(folder, content, mode)
    line = point(folder, '{ file = "user.txt" }')
    assert folder.problems() == [f"sources.toml:{line}: {message}"]


def test_certificate_may_be_read_by_all(folder: Folder) -> None:
    """A file that holds only certificates is public; one with a private key beside it is not."""
    certificate = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    secret(folder, certificate, 0o644)
    point(folder, '{ file = "user.txt" }')
    assert folder.problems() == []
    secret(folder, certificate + b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", 0o644)
    assert len(folder.problems()) == 1


@pytest.mark.parametrize("value", ["", "relative/path"])
def test_file_env_wants_an_absolute_path(folder: Folder, value: str) -> None:
    """A variable that names a file must be set and hold an absolute path."""
    altered = Folder(folder.root, {**folder.environ, "LT_POPULATION_USERNAME_FILE": value})
    (problem,) = altered.problems()
    line = folder.line("sources.toml", USERNAME)
    assert problem.startswith(f"sources.toml:{line}: username: the environment variable LT_POPULATION_USERNAME_FILE ")


def test_folder_instead_of_a_file(folder: Folder) -> None:
    """A path that cannot be read as a file is a problem, not an exception."""
    line = point(folder, '{ file = "portals" }')
    assert folder.problems() == [f"sources.toml:{line}: username: the file portals cannot be read: Is a directory."]


def test_secrets_show_nowhere(folder: Folder) -> None:
    """A credential is in no repr of the settings and in no problem."""
    settings = folder.load()
    assert settings.sources["population"].credentials["secret"] == "secret of POPULATION_SECRET"
    assert "secret of" not in repr(settings)
    secret(folder, b"hidden word", 0o644)
    point(folder, '{ file = "user.txt" }')
    assert "hidden word" not in "".join(folder.problems())


def test_literal_credential_is_not_repeated(folder: Folder) -> None:
    """A credential written into the file by mistake is not repeated in the message."""
    point(folder, '"hidden word"')
    (problem,) = folder.problems()
    assert "hidden word" not in problem


def test_environment_not_known(folder: Folder) -> None:
    """Without the gateway's environment the files are judged for form, and never give settings."""
    checked = check(folder.root, None, AT)
    assert (checked.settings, checked.problems) == (None, ())
    assert checked.sources.keys() == folder.load().sources.keys()
    line = point(folder, '{ environment = "X" }')
    checked = check(folder.root, None, AT)
    assert (checked.settings, checked.sources) == (None, {})
    assert [problem.line for problem in checked.problems] == [line]
