"""What cannot be reached or opened, as the caller is told and the log records it."""

from collections.abc import Iterator
from contextlib import contextmanager

from gateway.course import Course
from gateway.errors import Code, refused
from gateway.model import DOCUMENTS, SourceOutcome
from gateway.objects.contract import ObjectsUnavailable, ObjectTooLarge, ObjectUnreadable
from gateway.vault import VaultUnavailable, VaultUnreadable


@contextmanager
def reaching(course: Course) -> Iterator[None]:
    """The register's failures as refusals, and the outcome of the source in the course."""
    try:
        yield
        outcome(course, "answered")
    except (VaultUnavailable, ObjectsUnavailable):
        outcome(course, "unavailable")
        raise refused(Code.SOURCE_UNAVAILABLE, "The register of documents cannot be reached; try again.") from None
    except (VaultUnreadable, ObjectUnreadable):
        outcome(course, "garbled")
        raise garbled() from None
    except ObjectTooLarge:
        raise refused(Code.BODY_TOO_LARGE, "The content is larger than the register keeps.") from None


def garbled() -> Exception:
    """A document that is not as it was registered."""
    return refused(Code.SOURCE_GARBLED, "The document is not as it was registered, so it is not given out.")


def outcome(course: Course, word: str) -> None:
    """What became of asking the register."""
    course.sources = (SourceOutcome(DOCUMENTS, word, course.world.now()),)
