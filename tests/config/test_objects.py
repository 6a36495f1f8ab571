"""`[objects]`: where contents of documents are kept, and what is refused of it."""

from datetime import timedelta

import pytest

from config.check import check
from config.running import ObjectSettings, S3Settings
from tests.config.folder import AT, Folder

FILE = "gateway.toml"
S3 = """
[objects.s3]
endpoint = "https://s3.example.gov.vn/"
bucket = "lienthong-documents"
access_key = { file = "access" }
secret_key = { file = "secret" }
"""


def given(folder: Folder, block: str = S3, kind: str = "s3") -> None:
    """Write the block and its secrets."""
    folder.swap(FILE, 'kind = "folder"', f'kind = "{kind}"')
    folder.append(FILE, block)
    for name in ("access", "secret"):
        folder.write(name, f"{name}-key\n")
        (folder.root / name).chmod(0o600)


def test_a_folder_unless_said_otherwise(folder: Folder) -> None:
    """The shipped file keeps contents under the data folder."""
    assert folder.load().gateway.objects == ObjectSettings("folder", None)


def test_an_object_storage(folder: Folder) -> None:
    """An account and a bucket are enough; the secrets are in no text."""
    given(folder)
    found = folder.load().gateway.objects
    assert found.s3 == S3Settings(
        "https://s3.example.gov.vn",
        "us-east-1",
        "lienthong-documents",
        "access-key",
        "secret-key",
        "",
        timedelta(seconds=10),
        3,
    )
    assert "access-key" not in repr(found)
    assert "secret-key" not in repr(found)


def test_without_its_environment_only_the_form_is_checked(folder: Folder) -> None:
    """On another machine the files are sound although the secrets are not there."""
    given(folder, S3.replace('{ file = "secret" }', '{ file_env = "LT_OBJECTS_SECRET_KEY_FILE" }'))
    assert check(folder.root, None, AT).problems == ()
    assert "LT_OBJECTS_SECRET_KEY_FILE is not set" in folder.problems()[0]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("https://s3.example.gov.vn/", "http://s3.example.gov.vn", "endpoint must be https, or http on this machine"),
        ("https://s3.example.gov.vn/", "s3.example.gov.vn", "endpoint must be a URL"),
        ("lienthong-documents", "Documents!", "bucket must be a bucket's name"),
        ('{ file = "secret" }', '"a-secret"', "secret_key is a credential"),
        ('{ file = "secret" }', '{ file = "missing" }', "secret_key: the file missing does not exist"),
        ('bucket = "lienthong-documents"', "", "bucket is missing"),
        ("bucket =", "verify = false\nbucket =", "verify is not a known key here"),
        ("bucket =", "deadline_seconds = 0\nbucket =", "deadline_seconds must be from 0.1 to 300"),
        ("bucket =", "attempts = 99\nbucket =", "attempts must be from 1 to 10"),
        ("bucket =", 'ca = { file = "access" }\nbucket =', "ca is not a certificate in PEM"),
    ],
)
def test_mistakes(folder: Folder, old: str, new: str, message: str) -> None:
    """Each mistake is named with its line, none repeats a secret."""
    assert old in S3
    given(folder, S3.replace(old, new))
    (problem,) = folder.problems()
    assert message in problem
    assert "access-key" not in problem
    assert "a-secret" not in problem


def test_plain_http_on_this_machine(folder: Folder) -> None:
    """A storage on the same machine may be asked without TLS."""
    given(folder, S3.replace("https://s3.example.gov.vn/", "http://127.0.0.1:9000"))
    assert folder.problems() == []


def test_a_secret_of_two_lines(folder: Folder) -> None:
    """A file with more than a key in it is refused."""
    given(folder)
    folder.write("secret", "one\ntwo\n")
    (problem,) = folder.problems()
    assert "secret_key: there is more in it than one key" in problem


def test_the_kind_decides(folder: Folder) -> None:
    """A storage that is described but not used is a mistake."""
    given(folder, kind="folder")
    assert [p.partition(": ")[2] for p in folder.problems()] == ['[objects.s3] stands here, yet kind is not "s3".']


def test_a_storage_must_be_described(folder: Folder) -> None:
    """Kind s3 without its block is a mistake."""
    given(folder, "")
    assert [p.partition(": ")[2] for p in folder.problems()] == ['kind is "s3", yet there is no [objects.s3].']


def test_an_unknown_kind(folder: Folder) -> None:
    """A kind of another name is a mistake."""
    given(folder, "", kind="tape")
    assert [p.partition(": ")[2] for p in folder.problems()] == ["kind must be one of folder, s3."]
