"""The portal files of a configuration, as commands read and write them: each by itself, so that a mistake elsewhere in
the configuration does not stand in the way of revoking a key.

Rule of this file: a file is replaced whole or not at all.
"""

import os
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any


class UnusableFile(Exception):  # noqa: N818  # it says what is wrong
    """A portal file that cannot be read."""


@dataclass(frozen=True, slots=True)
class PortalFile:
    """One `portals/<agency>.toml` as it stands. `data` is unchecked: `gateway check` judges it."""

    path: Path
    text: str
    data: Mapping[str, Any]

    @property
    def agency(self) -> str:
        """The agency code the file is named by."""
        return self.path.stem

    def key_blocks(self) -> list[Mapping[str, Any]]:
        """The `[[keys]]` blocks."""
        listed = self.data.get("keys", [])
        return [key for key in listed if isinstance(key, Mapping)] if isinstance(listed, list) else []


def folder(config: Path) -> Path:
    """Where portal files lie."""
    return config / "portals"


def read(path: Path) -> PortalFile:
    """One portal file. Raises `UnusableFile`."""
    try:
        text = path.read_bytes().decode("utf-8")
        return PortalFile(path, text, tomllib.loads(text))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UnusableFile(f"{path} is not TOML: {error}") from None
    except OSError as error:
        raise UnusableFile(f"{path}: {error.strerror}") from None


def read_all(config: Path) -> list[PortalFile]:
    """Every portal file, by name. Raises `UnusableFile`."""
    place = folder(config)
    if not place.is_dir():
        raise UnusableFile(f"there is no folder {place}")
    return [read(path) for path in sorted(place.glob("*.toml"))]


def replace(path: Path, text: str) -> None:
    """Write the file whole: readers see the old text or the new, also after a crash. Keeps its permissions."""
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(mode)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def key_state(key: Mapping[str, Any], at: datetime) -> str:
    """valid, revoked, expired, not yet valid, or unreadable, of a `[[keys]]` block at a time."""
    begins, ends, revoked = (moment(key.get(name)) for name in ("not_before", "not_after", "revoked_at"))
    if begins is None or ends is None:
        return "unreadable"
    if revoked is not None and revoked <= at:
        return "revoked"
    if at < begins:
        return "not yet valid"
    return "valid" if at < ends else "expired"


def moment(value: object) -> datetime | None:
    """A TOML date-time with its zone, in UTC; None for anything else."""
    return value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo is not None else None
