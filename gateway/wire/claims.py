"""The claims of a request token: which there must be, their form, and what can be read of them (contract section 2).

Rule of this file: form only. Whether the claims fit this request, this gateway and this moment is
`gateway.steps.verify`.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from gateway.model import Purpose
from signing.request import JTI

_PROCEDURE = re.compile(r"\d\.\d{6}", re.ASCII)
_DOSSIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,63}")
_BARE_PERSONAL_ID = re.compile(r"\d{9}|\d{12}")
_WORD_LIMIT = 128
_MAX_TIME = 253402300799  # the last second of year 9999
_REQUIRED = ("iss", "aud", "iat", "exp", "jti", "htm", "htu", "purpose")


def missing(claims: Mapping[str, Any]) -> list[str]:
    """Names of the claims that must be there and are not; `consent` is required when the basis is consent."""
    absent = [name for name in _REQUIRED if name not in claims]
    said = claims.get("purpose")
    if isinstance(said, Mapping):
        absent += [f"purpose.{n}" for n in ("procedure", "dossier", "officer", "basis") if n not in said]
        if said.get("basis") == "consent" and "consent" not in said:
            absent.append("purpose.consent")
    return absent


def is_time(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= _MAX_TIME


def _is_text(pattern: re.Pattern[str]) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, str) and pattern.fullmatch(value) is not None


def is_word(value: Any) -> bool:
    """Whether a value is a name or a reference of up to 128 printable characters."""
    # printable: registries write it into XML, and no control or unassigned character belongs into a log
    return isinstance(value, str) and 0 < len(value) <= _WORD_LIMIT and value.isprintable() and value == value.strip()


_any_text = _is_text(re.compile(r".{1,2048}"))


def is_dossier(value: Any) -> bool:
    """Whether a value is the code of a dossier."""
    # a bare 9- or 12-digit code would be a personal number, and dossier codes are shown in the log
    return _is_text(_DOSSIER)(value) and _BARE_PERSONAL_ID.fullmatch(value) is None


_CLAIM_RULES: tuple[tuple[str, Callable[[Any], bool], str], ...] = (
    ("iss", _any_text, "an agency code"),
    ("aud", _any_text, "a single string"),
    ("iat", is_time, "seconds since 1970"),
    ("exp", is_time, "seconds since 1970"),
    ("jti", _is_text(JTI), "16 to 64 characters of A-Z a-z 0-9 . _ -"),
    ("htm", _any_text, "the method"),
    ("htu", _any_text, "the absolute URI"),
    ("purpose", lambda v: isinstance(v, Mapping), "an object"),
)
_PURPOSE_RULES: tuple[tuple[str, Callable[[Any], bool], str], ...] = (
    ("procedure", _is_text(_PROCEDURE), "a national procedure code such as 1.004222"),
    ("dossier", is_dossier, "the dossier's code, 1 to 64 characters of A-Z a-z 0-9 . _ / - (never a personal number)"),
    ("officer", is_word, "the official's id in your portal, 1 to 128 characters"),
    ("basis", lambda v: v in ("law", "consent"), "`law` or `consent`"),
)


def malformed(claims: Mapping[str, Any]) -> list[str]:
    """One sentence part for each claim that has the wrong form. Assumes that none is missing."""
    wrong = [f"{name} must be {rule}" for name, fits, rule in _CLAIM_RULES if not fits(claims.get(name))]
    said = claims.get("purpose")
    if isinstance(said, Mapping):
        wrong += [f"purpose.{n} must be {rule}" for n, fits, rule in _PURPOSE_RULES if not fits(said.get(n))]
        if "consent" in said and not is_word(said["consent"]):
            wrong.append("purpose.consent must be a reference of 1 to 128 characters")
    if "digest" in claims and not _any_text(claims["digest"]):
        wrong.append("digest must be the value of the Content-Digest header")
    if "nbf" in claims and not is_time(claims["nbf"]):
        wrong.append("nbf must be seconds since 1970")
    if not wrong and claims["exp"] <= claims["iat"]:
        wrong.append("exp must be later than iat")
    return wrong


def text(claims: Mapping[str, Any], name: str) -> str:
    """A well-formed text claim, or ""."""
    fits = next(rule for known, rule, _ in _CLAIM_RULES if known == name)
    return str(claims[name]) if name in claims and fits(claims[name]) else ""


def time(claims: Mapping[str, Any], name: str) -> datetime:
    """A time claim in UTC; the epoch where it is absent or malformed."""
    value = claims.get(name, 0)
    return datetime.fromtimestamp(float(value) if is_time(value) else 0.0, tz=UTC)


def purpose(claims: Mapping[str, Any]) -> Purpose:
    """The purpose; a member that is absent or malformed is ""."""
    said = claims.get("purpose")
    members = said if isinstance(said, Mapping) else {}
    read = {n: str(members[n]) if n in members and fits(members[n]) else "" for n, fits, _ in _PURPOSE_RULES}
    consent = members.get("consent")
    return Purpose(**read, consent=str(consent) if is_word(consent) else None)
