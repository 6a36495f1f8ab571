"""The OpenAPI document of an invented gateway with the shipped vocabulary."""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gateway.api import openapi
from tests.config.folder import copy

BASE_URL = "https://gateway.example"
AUDIENCE = "https://gateway.example/id"


@cache
def described() -> dict[str, Any]:
    """The document; made once, not to be changed."""
    with TemporaryDirectory() as folder:
        fields = copy(Path(folder)).load().fields
    return openapi.document(base_url=BASE_URL, audience=AUDIENCE, version="1", fields=fields)
