"""Stores for tests: sealed ones of both kinds, and what is kept by them as a thief would see it."""

import os
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from config.running import ObjectSettings
from gateway.objects.opening import open_objects
from gateway.objects.sealed import SealedStore
from tests.helpers.object_storage import Storage

CONTENT = b"%PDF-1.7 Nguyen Van Thu, synthetic " * 50


def key() -> str:
    """A key as the gateway draws them."""
    return secrets.token_hex(16)


@dataclass(frozen=True)
class Kept:
    """A store, everything its medium holds, and a way to change an object behind its back."""

    store: SealedStore
    medium: Callable[[], list[bytes]]
    replace: Callable[[str, bytes], None]
    stored: Callable[[str], bytes]
    again: Callable[[], SealedStore]  # the same medium, opened with what lies in the data folder


def in_folder(data: Path) -> Kept:
    """A store in a folder."""
    root = data / "objects"
    settings = ObjectSettings("folder", None)

    def path(name: str) -> Path:
        return root / name[:2] / name

    def opened() -> SealedStore:
        return open_objects(settings, data, urandom=os.urandom, clock=time.time)

    def medium() -> list[bytes]:
        return [file.read_bytes() for file in root.rglob("*") if file.is_file()]

    def put(name: str, content: bytes) -> None:
        path(name).write_bytes(content)

    return Kept(opened(), medium, put, lambda name: path(name).read_bytes(), opened)


def in_bucket(data: Path, storage: Storage) -> Kept:
    """A store in a bucket of its own on a server."""
    bucket = secrets.token_hex(8)
    storage.request("PUT", f"/{bucket}")
    settings = ObjectSettings("s3", replace(storage.settings, bucket=bucket))

    def at(name: str) -> str:
        return f"/{bucket}/{name[:2]}/{name}"

    def opened() -> SealedStore:
        return open_objects(settings, data, urandom=os.urandom, clock=time.time)

    def put(name: str, content: bytes) -> None:
        storage.request("PUT", at(name), content)

    return Kept(opened(), storage.files, put, lambda name: storage.request("GET", at(name)), opened)
