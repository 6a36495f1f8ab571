"""From settings to a store of objects, sealed.

Rule of this file: there is no way to a store that is not sealed.
"""

import time
from collections.abc import Callable
from pathlib import Path

from config.running import ObjectSettings
from gateway.objects.contract import ObjectStore
from gateway.objects.folder import FolderStore
from gateway.objects.sealed import Seal, SealedStore, open_key


def open_objects(
    settings: ObjectSettings,
    data_dir: Path,
    *,
    urandom: Callable[[int], bytes],
    clock: Callable[[], float] = time.time,
) -> SealedStore:
    """The store the configuration names. The key is `<data dir>/keys/documents-key`, drawn at the first start.

    Opens no connection: `check` on what it returns tells whether the storage can be used. Raises KeyFileRefused, and
    ObjectsUnavailable (`not_configured`) for settings that are no storage's.
    """
    seal = Seal(open_key(data_dir / "keys" / "documents-key", urandom), urandom)
    return SealedStore(_inner(settings, data_dir, clock), seal)


def _inner(settings: ObjectSettings, data_dir: Path, clock: Callable[[], float]) -> ObjectStore:
    if settings.s3 is None:
        return FolderStore(data_dir / "objects", clock)
    from gateway.objects.s3 import S3Objects  # noqa: PLC0415 - a large library, needed by few

    return S3Objects(settings.s3)
