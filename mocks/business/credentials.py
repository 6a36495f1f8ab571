"""What a caller of the mock business register must know, made once and kept in files.

Rule of this file: the names of the files are the names the registry's platforms give these words.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from mocks.kept import value


@dataclass(frozen=True, slots=True)
class Credentials:
    """Both sets: the consumer key and secret of a WSO2 platform, and the card of an `lgspaccesstoken` platform."""

    consumer_key: str
    consumer_secret: str = field(repr=False)
    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)
    app_name: str
    partner_code: str  # electronic id of the agency
    partner_code_cus: str


def make_credentials(directory: Path, *, draw: Callable[[], str] = secrets.token_urlsafe) -> Credentials:
    """The credentials kept in `directory`, one value per file; what is missing is made with `draw` and
    written.

    Raises `OSError` when the folder or a file cannot be made or read.
    """
    return Credentials(
        consumer_key=value(directory, "consumer_key", draw),
        consumer_secret=value(directory, "consumer_secret", draw),
        access_key=value(directory, "access_key", draw),
        secret_key=value(directory, "secret_key", draw),
        app_name=value(directory, "app_name", lambda: "lienthong"),
        partner_code=value(directory, "partner_code", lambda: "000.00.00.H14"),
        partner_code_cus=value(directory, "partner_code_cus", lambda: "000.00.00.H14"),
    )
