"""Codes with their names: `{"code", "name", "name_en"}`.

A code by which the registry says "not known" is no value. A code the list does not hold is kept as it came, with the
doubt `code_unknown`; a name without a code is looked up among the spellings the list declares.
"""

from collections.abc import Mapping

from adapters.values import RawCode
from config.model import CodeList
from gateway import text

UNKNOWN = "code_unknown"


def code(raw: RawCode, codes: CodeList) -> tuple[Mapping[str, str] | None, tuple[str, ...]]:
    """The coded value and doubts; None when the registry says it does not know."""
    key = raw.code.strip() if raw.code else None
    if not key and raw.name:
        key = codes.by_name.get(text.fold(raw.name))
    if not key:
        return ({"name": text.tidy(raw.name)}, (UNKNOWN,)) if raw.name and raw.name.strip() else (None, ())
    if key in codes.empty:
        return None, ()
    named = codes.codes.get(key)
    if named is not None:
        return {"code": key, "name": named.vi, "name_en": named.en}, ()
    own = {"name": text.tidy(raw.name)} if raw.name else {}
    # a list without codes is open: the registry's own code and name are all there is to know
    return {"code": key, **own}, (UNKNOWN,) if codes.codes else ()
