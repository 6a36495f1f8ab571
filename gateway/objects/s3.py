"""Objects in S3-compatible object storage, through obstore.

Rule of this file: what is configured holds, whatever the environment says (obstore would follow AWS_* variables and
proxies); and no text of the library leaves it, because a storage's error repeats names and signatures.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PermissionDeniedError, UnauthenticatedError
from obstore.store import S3Store

from config.running import S3Settings
from gateway.objects.contract import (
    MOST_BYTES,
    OVERHEAD_BYTES,
    ObjectExists,
    ObjectsUnavailable,
    ObjectUnreadable,
    place,
)

PROBE = "check"  # the one object with a name of its own
_PROBED = b"written by the gateway to see whether it can\n"
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Account:
    """What requests are signed with, handed over when it is needed. Without it obstore would add AWS_SESSION_TOKEN."""

    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)

    def __call__(self) -> Any:
        return {
            "access_key_id": self.access_key,
            "secret_access_key": self.secret_key,
            "token": None,
            "expires_at": None,
        }


class S3Objects:
    """An `ObjectStore` in one bucket. Each call, its repeats included, ends within `settings.deadline`."""

    __slots__ = ("_seconds", "_store")

    def __init__(self, settings: S3Settings) -> None:
        """Opens no connection. Raises ObjectsUnavailable when obstore takes these settings for no storage."""
        self._seconds = settings.deadline.total_seconds()
        try:
            self._store = _store(settings)
        except (BaseError, ValueError, OSError):
            raise ObjectsUnavailable("not_configured") from None

    async def put(self, key: str, content: bytes) -> None:
        """See `ObjectStore.put`."""
        path = place(key)
        try:
            await self._timely(lambda: self._create(path, content))
        except AlreadyExistsError:
            # An answer that was lost on its way makes the repeat of a write meet its own object.
            if await self.get(key) != content:
                raise ObjectExists from None

    async def get(self, key: str) -> bytes | None:
        """See `ObjectStore.get`."""
        path = place(key)
        return await self._timely(lambda: self._read(path))

    async def delete(self, key: str) -> None:
        """See `ObjectStore.delete`."""
        path = place(key)
        await self._timely(lambda: self._remove(path))

    async def check(self) -> None:
        """See `ObjectStore.check`. Leaves one small object, `check`, in the bucket."""
        for _ in range(2):
            try:
                await self._timely(lambda: self._create(PROBE, _PROBED))
            except AlreadyExistsError:
                break
        else:
            raise ObjectsUnavailable("not_configured")  # it was written twice
        if await self._timely(lambda: self._read(PROBE)) != _PROBED:
            raise ObjectsUnavailable("not_configured")

    async def close(self) -> None:
        """Connections are the library's; it closes those that nobody uses."""

    async def _create(self, path: str, content: bytes) -> None:
        try:
            await obstore.put_async(self._store, path, content, mode="create", use_multipart=False)
        except FileNotFoundError:
            raise ObjectsUnavailable("not_configured") from None  # no such bucket

    async def _read(self, path: str) -> bytes | None:
        try:
            found = await obstore.get_async(self._store, path)
        except FileNotFoundError as error:
            _absent(error)
            return None
        if found.meta["size"] > MOST_BYTES + OVERHEAD_BYTES:
            raise ObjectUnreadable
        return (await found.bytes_async()).to_bytes()

    async def _remove(self, path: str) -> None:
        try:
            await obstore.delete_async(self._store, path)
        except FileNotFoundError as error:
            _absent(error)

    async def _timely(self, act: Callable[[], Awaitable[_T]]) -> _T:
        """Raises ObjectsUnavailable, and AlreadyExistsError, which is the caller's to judge."""
        try:
            async with asyncio.timeout(self._seconds):
                return await act()
        except TimeoutError:
            raise ObjectsUnavailable("timed_out") from None
        except (PermissionDeniedError, UnauthenticatedError):
            raise ObjectsUnavailable("refused") from None
        except AlreadyExistsError:
            raise
        except (BaseError, ValueError, OSError):
            raise ObjectsUnavailable("unavailable") from None


def _absent(error: FileNotFoundError) -> None:
    """Returns only when the storage says that the object is not there: a missing bucket is no empty bucket."""
    if "<Code>NoSuchKey</Code>" not in str(error):
        raise ObjectsUnavailable("not_configured") from None


def _store(settings: S3Settings) -> S3Store:
    """Everything that decides where a request goes and what it carries is said, so that no variable can say it."""
    parts = urlsplit(settings.endpoint)
    config: Any = {
        "endpoint": settings.endpoint,
        "aws_endpoint_url_s3": settings.endpoint,  # AWS_ENDPOINT_URL_S3 goes before `endpoint`
        "region": settings.region,
        "virtual_hosted_style_request": False,
        "s3_express": False,
        "request_payer": False,
        "skip_signature": False,
        "unsigned_payload": False,
        "checksum_algorithm": "SHA256",
        "conditional_put": "etag",
        "disable_bulk_delete": True,
    }
    client: Any = {
        "allow_http": parts.scheme == "http",  # the configuration allows it on this machine only
        "allow_invalid_certificates": False,
        "timeout": 2 * settings.deadline,  # the deadline is kept here; this ends what a lost cancellation left
        "connect_timeout": settings.deadline,
        "pool_idle_timeout": timedelta(seconds=20),
        "user_agent": "lienthong-gateway",
        # Naming a proxy is what makes obstore look away from HTTPS_PROXY; the storage is excepted, and a request that
        # went to it all the same would end there.
        "proxy_url": "http://127.0.0.1:9",
        "proxy_excludes": parts.hostname,
    }
    if settings.ca:
        client["root_certificate"] = settings.ca
    return S3Store(
        settings.bucket,
        config=config,
        client_options=client,
        retry_config={
            "max_retries": settings.attempts - 1,
            "retry_timeout": settings.deadline,
            "backoff": {
                "init_backoff": timedelta(milliseconds=100),
                "max_backoff": timedelta(seconds=1),
                "base": 2,
            },
        },
        credential_provider=_Account(settings.access_key, settings.secret_key),
    )
