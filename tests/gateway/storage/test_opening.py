"""Where a store is, as a configuration says it."""

from pathlib import Path

import pytest

from gateway.storage.opening import Location, open_job_store, open_reader, open_store, parse_location
from gateway.storage.postgres import PostgresJobStore, PostgresStore
from gateway.storage.sqlite import SqliteStore

FILE = Path("data") / "log.sqlite"


def test_nothing_said_is_the_file() -> None:
    """Without a configuration the store is the file in the data folder."""
    location = parse_location("", FILE)
    assert location == Location(path=FILE)
    assert str(location) == str(FILE)
    assert isinstance(open_store(location), SqliteStore)
    assert isinstance(open_job_store(location), SqliteStore)


def test_an_address_is_the_database() -> None:
    """libpq's notation, with its parameters; nothing is connected yet."""
    url = "postgresql://gateway@db.example:6432/lienthong?sslmode=verify-full&sslrootcert=/etc/ca.pem"
    location = parse_location(url, FILE)
    assert location.url == url
    assert isinstance(open_store(location), PostgresStore)
    assert isinstance(open_job_store(location), PostgresJobStore)
    open_reader(location).close()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://g:s3cret@db.example/log", "postgresql://g@db.example/log"),
        ("postgresql://g:s3cret@a:1,b:2/log?sslmode=require", "postgresql://g@a:1,b:2/log?sslmode=require"),
        ("postgresql://g@/log?host=/run/pg&password=s3cret", "postgresql://g@/log?host=/run/pg"),
        ("postgres://g:s3cr%40et@db/log?sslpassword=s3cret", "postgres://g@db/log"),
        ("postgresql://g:a@s3cret@db/log", "postgresql://g@db/log"),
    ],
)
def test_a_password_never_shows(url: str, shown: str) -> None:
    """Neither `str` nor `repr` tells it, wherever it stands in the address."""
    location = Location(url=url)
    assert str(location) == shown
    assert "s3c" not in repr(location)
    assert parse_location(url, FILE) == location if "," not in url else True


@pytest.mark.parametrize(
    "text",
    [
        "mysql://g:s3cret@db/log",
        "/var/lib/log.sqlite",
        "postgresql:s3cret",
        "postgresql://g:s3cret@db",
        "postgresql://g:s3cret@db:port/log",
        "postgresql://g:s3#cret@db/log",
        "postgresql://g:s3cret@db/log?sslmode",
        " postgresql://g:s3cret@db/log",
    ],
)
def test_anything_else_is_refused_without_being_repeated(text: str) -> None:
    """The sentence says what is expected and holds nothing of what was written."""
    with pytest.raises(ValueError, match="store") as caught:
        parse_location(text, FILE)
    assert "s3" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_location_is_one_of_two() -> None:
    """Neither both nor none."""
    with pytest.raises(ValueError, match="either"):
        Location()
    with pytest.raises(ValueError, match="either"):
        Location(path=FILE, url="postgresql://db/log")
