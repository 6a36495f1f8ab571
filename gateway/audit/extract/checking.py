"""Is this the file the gateway signed? From the file, its manifest and token, and public keys; without the log.

    1  the token is over the manifest, signed by one of the gateway's keys
    2  the manifest says what a manifest says
    3  the file has the length and the SHA-256 of the manifest
    4  the checkpoint in it is signed by the log's key, and is of the size and root it states

Rule of this file: what cannot be read is ExtractUnreadable, what does not hold is ExtractFalse, never one for the
other.
"""

# ruff: noqa: N818  # the names say what is wrong; "Error" after each would say it twice

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import file_digest
from pathlib import Path
from typing import Any

from gateway.audit.errors import LogError
from gateway.audit.extract.manifest import MEMBERS, VERSION, manifest_file, token_file
from signing.encoding import base64_standard, json_object
from signing.errors import EncodingMalformed, KeyRefused, NoteMalformed, NoteUntrusted, SigningError
from signing.jwk import KeySet
from signing.manifest import verify_manifest
from signing.notes import NoteKey, open_checkpoint

_LIMIT = 64 * 1024


class ExtractUnreadable(LogError):
    """There is no verdict: a file is missing, or is not what its name says. The sentence says which."""

    code = "extract_unreadable"


class ExtractFalse(LogError):
    """The file is not the one that was signed, or the signature is not the gateway's. The sentence says which."""

    code = "extract_false"


@dataclass(frozen=True, slots=True)
class Checked:
    """An extract that holds. `said`: the manifest; `issuer`, `signed_at`: who signed it, when; `remarks`: sentences."""

    said: Mapping[str, Any]
    issuer: str
    signed_at: datetime
    remarks: tuple[str, ...]


def check(out: Path, *, keys: KeySet, log_key: NoteKey | None) -> Checked:
    """Check the extract in `out`. `keys`: the gateway's, of its jwks.json; `log_key` None leaves out the fourth check.

    Raises ExtractUnreadable and ExtractFalse.
    """
    manifest, token = _read(manifest_file(out)), _read(token_file(out))
    try:
        claims = verify_manifest(token.decode("ascii", "replace").strip(), keys=keys, manifest=manifest)
    except KeyRefused:
        raise ExtractFalse("the manifest is signed by none of the keys in the key set") from None
    except SigningError as error:
        raise ExtractFalse(f"the signature does not prove the manifest: {error.detail}") from None
    said = _members(manifest_file(out), manifest)
    _check_file(out, said)
    remarks = [] if said["file"] == out.name else [f"the file was written as {said['file']}"]
    if log_key is None:
        remarks.append("the checkpoint in the manifest was not checked: give --public-key")
    else:
        _check_checkpoint(said, log_key)
    return Checked(said, claims["iss"], datetime.fromtimestamp(claims["iat"], UTC), tuple(remarks))


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            found = file.read(_LIMIT + 1)
    except OSError as error:
        raise ExtractUnreadable(f"{path}: {error.strerror}") from None
    if len(found) > _LIMIT:
        raise ExtractUnreadable(f"{path}: too long to be what its name says")
    return found


def _members(path: Path, manifest: bytes) -> Mapping[str, Any]:
    try:
        said = json_object(manifest, max_bytes=_LIMIT)
    except EncodingMalformed as error:
        raise ExtractUnreadable(f"{path}: {error.detail}") from None
    if {name: type(value) for name, value in said.items()} != dict(MEMBERS) or said["v"] != VERSION:
        raise ExtractUnreadable(f"{path}: not the manifest of an extract of version {VERSION}")
    return said


def _check_file(out: Path, said: Mapping[str, Any]) -> None:
    try:
        with out.open("rb") as file:
            size, digest = out.stat().st_size, file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ExtractUnreadable(f"{out}: {error.strerror}") from None
    if size != said["bytes"]:
        raise ExtractFalse(f"{out}: has {size} bytes, the manifest says {said['bytes']}")
    if digest != said["sha256"]:
        raise ExtractFalse(f"{out}: is not the file of the manifest: another SHA-256")


def _check_checkpoint(said: Mapping[str, Any], log_key: NoteKey) -> None:
    try:
        checkpoint = open_checkpoint(said["checkpoint"], log_key, origin=said["log"])
    except (NoteMalformed, NoteUntrusted) as error:
        raise ExtractFalse(f"the checkpoint in the manifest does not hold: {error.detail}") from None
    if (checkpoint.size, base64_standard(checkpoint.root)) != (said["size"], said["root"]):
        raise ExtractFalse("the checkpoint in the manifest is of another size or root than the manifest states")
