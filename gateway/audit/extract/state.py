"""How far an extract has come: `<file>.state`, beside the file, replaced whole at every step.

Rule of this file: the state says which selection the file is of by a salted digest, and which subject by a digest of
its keyed tag. A digest of a number alone would give the number away: all numbers can be tried. Nobody can try tags
without the key ring.
"""

import hmac
import json
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from gateway.audit.errors import ExportRefused
from gateway.audit.extract.selection import Selection
from gateway.audit.keyfiles import replace_private
from gateway.audit.ring import KeyRing

VERSION = 1
_FORMS = ("csv", "jsonl")


@dataclass(frozen=True, slots=True)
class State:
    """An extract under way or done.

    `log`: origin; `first`, `end`: the entries that are looked at; `note`: the signed checkpoint when it was begun;
    `next`: the first entry not looked at; `bytes`, `sha256`: of the file so far; `entries`: how many are written;
    `sealed`: how many of the time and kind asked for could not be read; `subject`: see `asked_for`.
    """

    log: str
    form: str
    first: int
    end: int
    note: str
    salt: str
    asked: str
    epoch: str
    subject: str = field(repr=False)
    next: int
    bytes: int = 0
    sha256: str = sha256().hexdigest()
    entries: int = 0
    sealed: int = 0
    done: bool = False
    v: int = VERSION


def state_file(out: Path) -> Path:
    """Where the state of the extract in `out` lies."""
    return out.with_name(f"{out.name}.state")


def read_state(out: Path) -> State | None:
    """The state beside a file; None when there is none. Raises ExportRefused for a spoilt one, and OSError."""
    path = state_file(out)
    try:
        said = json.loads(path.read_bytes())
        state = State(**said)
        kinds = {name: type(value) for name, value in asdict(state).items()}
        bytes.fromhex(state.salt)
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, RecursionError):
        raise ExportRefused(f"{path}: not the state of an extract; take another file") from None
    whole = ("first", "end", "next", "bytes", "entries", "sealed", "v")
    wanted = {name: int if name in whole else bool if name == "done" else str for name in kinds}
    if kinds != wanted or state.v != VERSION or state.form not in _FORMS:
        raise ExportRefused(f"{path}: not the state of an extract; take another file")
    return state


def write_state(out: Path, state: State) -> None:
    """Replace the state beside a file. Raises KeyFileRefused."""
    replace_private(state_file(out), (json.dumps(asdict(state), indent=2) + "\n").encode())


def asked_for(selection: Selection, extent: tuple[Any, ...], salt: bytes) -> str:
    """The salted digest of what was asked for, but for the subject. `extent`: form, first and last entry asked for."""
    said = {**selection.words(), "extent": list(extent)}
    return hmac.digest(salt, json.dumps(said, sort_keys=True).encode(), "sha256").hex()


def subject_mark(selection: Selection, ring: KeyRing, epoch: str | None, salt: bytes) -> tuple[str, str]:
    """The id of a key epoch and the salted digest of the subject's tag in it; two "" where no subject is asked for.

    `epoch`: the one of an earlier mark, None for the newest. Raises ExportRefused when its keys are not here.
    """
    if selection.subject is None:
        tags = b"".join(sorted(selection.tags or ()))
        return "", "" if selection.tags is None else hmac.digest(salt, tags, "sha256").hex()
    known = ring.all()
    found = next((one for one in reversed(known) if epoch is None or one.kid.hex() == epoch), None)
    if found is None:
        raise ExportRefused(f"{ring.folder}: not the keys that are needed to search for a person or organisation")
    return found.kid.hex(), hmac.digest(salt, found.subject_tag(selection.subject), "sha256").hex()
