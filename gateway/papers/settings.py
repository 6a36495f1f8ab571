"""What an operator decided about documents, ready for use."""

from collections.abc import Mapping

from config.documents import CODE_LIST
from config.errors import ConfigError, Problem
from config.model import CodeList
from config.place import Place
from config.running import DocumentSettings
from signing.documents import TrustAnchors, TrustError


def trust(documents: DocumentSettings) -> TrustAnchors:
    """Whose signatures count. Raises `ConfigError` for files that hold no certificates of authorities."""
    if not documents.trust:
        return TrustAnchors(())
    try:
        return TrustAnchors.read(b"\n".join(documents.trust))
    except TrustError as error:
        place = documents.trust_place or Place("gateway.toml", 1)
        raise ConfigError((Problem(place.file, place.line, f"trust: {error}."),)) from None


def kinds(codes: Mapping[str, CodeList]) -> CodeList:
    """The kinds there are; none where the list is not there."""
    return codes.get(CODE_LIST, CodeList(CODE_LIST, {}, frozenset(), {}))
