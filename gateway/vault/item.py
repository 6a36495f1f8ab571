"""What the vault keeps."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

ID_BYTES = 32
TAG_BYTES = 16


class Space(StrEnum):
    """What kind of row it is. A name is never used again for anything else."""

    ANSWER = "answer"  # what a registry said about one subject
    PREVIEW = "preview"  # a dossier as it was disclosed
    CORRECTION = "correction"  # an error in a registry's data that a portal reported
    DOCUMENT = "document"  # a digitised paper
    CONTENT = "content"  # a content kept for a paper, until it is known whether a row names it; about nobody


@dataclass(frozen=True, slots=True)
class Item:
    """One row, opened.

    `id`: 32 bytes, from `Vault.name` or random. `agency`: whose it is (canonical code), "" for nobody's. `state`: a
    word of the space's own. These and the times can be read by whoever can read the store; `content` and `subjects`
    (tags from `Vault.tag`) cannot. It ends at `expires`.
    """

    space: Space
    id: bytes
    agency: str
    state: str
    created: datetime
    expires: datetime
    content: bytes = field(repr=False)
    subjects: tuple[bytes, ...] = ()
