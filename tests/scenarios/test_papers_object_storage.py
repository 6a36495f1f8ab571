"""Digitised documents whose contents lie in a real S3 server, over sockets: kept, fetched, out of reach, erased."""

import base64
import hashlib
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from gateway.papers import erasure
from tests.helpers.object_storage import ACCESS, BUCKET, SECRET, Storage, object_storage
from tests.helpers.papers import MARRIAGE, TEXT, offered, register, registration
from tests.helpers.stack import PERSON, RESIDENCE, Stack, stack

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A server with an empty bucket, of these tests alone: they count what it keeps."""
    with object_storage(tmp_path_factory.mktemp("swift") / "data") as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def up(storage: Storage, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """A gateway that keeps contents there, configured as an operator would."""

    def amend(config: Path) -> None:
        for name, secret in (("access", ACCESS), ("secret", SECRET)):
            (config / f"objects-{name}").write_text(secret, encoding="utf-8")
            (config / f"objects-{name}").chmod(0o600)
        file = config / "gateway.toml"
        block = (
            f'kind = "s3"\n\n[objects.s3]\nendpoint = "{storage.settings.endpoint}"\nbucket = "{BUCKET}"\n'
            'access_key = { file = "objects-access" }\nsecret_key = { file = "objects-secret" }\n'
            "deadline_seconds = 5\n"
        )
        file.write_text(file.read_text(encoding="utf-8").replace('kind = "folder"\n', block), encoding="utf-8")

    async with stack(tmp_path_factory.mktemp("stack"), procedures=(RESIDENCE, MARRIAGE), amend=amend) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module", autouse=True)
async def empty(up: Stack) -> AsyncIterator[None]:
    """The register and the bucket are empty again after each test."""
    yield
    await erase(up)


async def erase(up: Stack) -> int:
    """Everything about the sample person is forgotten; how many documents it were."""
    world = up.gateway.state.world
    return await erasure.erase(
        [world.vault.tag("person", PERSON["personal_id"])], vault=world.vault, objects=world.objects
    )


async def fetched(up: Stack, document: str) -> Any:
    """The response to a fetch."""
    body = {"document": document, "holder": PERSON}
    return await up.call("/v1/documents/fetch", body, procedure=MARRIAGE, agency="H41")


async def test_a_content_comes_back_and_the_server_cannot_read_it(up: Stack, storage: Storage) -> None:
    """Another portal fetches the very bytes; the disk of the server and the gateway's own folder show none of them."""
    kept = await register(up, registration())
    assert kept["content"] is True
    said = await fetched(up, kept["document"])
    assert base64.b64decode(said.json()["content"]) == TEXT
    assert said.json()["sha256"] == hashlib.sha256(TEXT).hexdigest()
    files = storage.files()
    assert files
    assert not [file for file in files if TEXT in file]
    assert not (up.data_dir / "objects").exists()


async def test_a_server_that_is_away_or_hangs_costs_contents_alone(up: Stack, storage: Storage) -> None:
    """503 with the source at fault for what needs a content; offers come all the same; afterwards all is there."""
    document = (await register(up, registration()))["document"]
    storage.stop()
    try:
        away = [
            await fetched(up, document),
            await up.call("/v1/documents", registration(b"more"), procedure=MARRIAGE),
        ]
        assert [one["document"] for one in await offered(up)] == [document]
    finally:
        storage.start()
    with storage.hanging():
        away.append(await fetched(up, document))
    for said in away:
        assert (said.status_code, said.json()["code"], said.json()["fault"]) == (503, "source_unavailable", "source")
    assert (await fetched(up, document)).status_code == 200
    assert [one["document"] for one in await offered(up)] == [document]


async def test_erasing_empties_the_bucket(up: Stack, storage: Storage) -> None:
    """Every content of the person is gone from the server, and a second time there is nothing to do."""
    for content in (b"one", b"two"):
        await register(up, registration(content))
    assert len(names(storage)) == 2
    assert await erase(up) == 2
    assert names(storage) == []
    assert await erase(up) == 0


def names(storage: Storage) -> list[str]:
    """Keys of contents in the bucket, without those by which the store is tried."""
    listed = storage.request("GET", f"/{BUCKET}").decode()
    return [name for name in re.findall(r"<Key>([0-9a-f]{2}/[0-9a-f]{32})</Key>", listed) if name.strip("0/")]
