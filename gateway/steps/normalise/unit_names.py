"""Names of administrative units as people and registries write them, made comparable.

    P.12, Phường 12, PHUONG 12, phường 012    all the ward 12
    TT. Phú Lộc, thị trấn Phú Lộc             a township, so not the commune (xã) of the same name
    Hoà An, Hòa An                            one name: where the tone mark stands is a matter of taste

A name is looked up with its accents first and then without. The first key under which a list knows anything decides;
more than one unit under it is no match. A name with its kind means a unit of this kind; one without means any.

Rule of this file: pure and by letters alone; it knows no unit.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gateway import text

_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")
_SEPARATORS = re.compile(r"[\s\-–—_.'’`]+")

_WORDS: Mapping[str, tuple[str, ...]] = {
    "province": ("tỉnh", "thành phố"),
    "district": ("quận", "huyện", "thị xã", "thành phố"),
    "commune": ("phường", "xã", "thị trấn", "đặc khu"),
}
_SHORT: Mapping[str, Mapping[str, str]] = {
    "province": {"t": "tỉnh", "tp": "thành phố"},
    "district": {"q": "quận", "h": "huyện", "tx": "thị xã", "tp": "thành phố"},
    "commune": {"p": "phường", "ph": "phường", "x": "xã", "tt": "thị trấn", "đk": "đặc khu", "dk": "đặc khu"},
}


@dataclass(frozen=True, slots=True)
class Match:
    """What a list knows of a name. `codes`: none, the one, or several that are written alike."""

    codes: tuple[str, ...]

    @property
    def code(self) -> str | None:
        """The one unit; None for none and for several."""
        return self.codes[0] if len(self.codes) == 1 else None


@dataclass(frozen=True, slots=True)
class Names:
    """Units of one level by the keys of their names."""

    level: str
    by_key: Mapping[str, tuple[str, ...]]

    def find(self, name: str, *, other_kinds: bool = False) -> Match:
        """The units a name may mean. `other_kinds`: a commune that became a ward since is still meant.

        Only where a list is so short that its names do not recur: within one district.
        """
        for key in keys(name, self.level, other_kinds=other_kinds):
            found = self.by_key.get(key)
            if found:
                return Match(found)
        return Match(())


def names(level: str, units: Iterable[tuple[str, str]]) -> Names:
    """A list of (name, code) of one level: province, district or commune. One code may come under several names."""
    found: dict[str, dict[str, None]] = {}
    for name, code in units:
        for key in _entries(name, level):
            found.setdefault(key, {})[code] = None
    return Names(level, {key: tuple(codes) for key, codes in found.items()})


def keys(name: str, level: str, *, other_kinds: bool) -> tuple[str, ...]:
    """The keys a name is looked up by, the most telling first.

    "Xà Bang" is a name and no commune (xã) called "Bang": a name is tried whole before a first word counts as a kind.
    What is written without any accent may have lost them, so it is no proof of a name that has none.
    """
    plain = _accented(name)
    word, bare = _split(plain, level)
    tried = [plain] if not word else [f"{word} {bare}", plain, *([bare] if other_kinds else ())]
    accented = () if plain.isascii() else [_joined(one) for one in tried]
    return tuple(dict.fromkeys([*accented, *(f"~{text.fold(one)}" for one in tried)]))


def kind(name: str, level: str) -> str:
    """The kind a name begins with, written out: `huyện` of `H. Ân Thi`; "" for none of this level."""
    return _split(_accented(name), level)[0]


def _entries(name: str, level: str) -> set[str]:
    plain = _accented(name)
    word, bare = _split(plain, level)
    said = (f"{word} {bare}", bare) if word else (plain,)
    return {*map(_joined, said), *(f"~{text.fold(one)}" for one in said)}


def _split(plain: str, level: str) -> tuple[str, str]:
    """The kind at the head of a name, written out, and what follows; ("", name) for a name without one."""
    for word in _WORDS[level]:
        for written in (word, text.unaccented(word)):
            rest = plain.removeprefix(f"{written} ")
            if rest != plain and rest:
                return word, rest
    head, _, rest = plain.partition(" ")
    if len(head) == 1 and rest[1:2] == " " and head + rest[0] in _SHORT[level]:
        head, rest = head + rest[0], rest[2:]  # T.P Vinh
    word = _SHORT[level].get(head, "")
    if word and rest:
        return word, rest
    # Q1, P12: a letter and a number without anything between
    glued = re.fullmatch(r"([^\W\d]+)(\d+)", head)
    if glued and not rest and glued[1] in _SHORT[level]:
        return _SHORT[level][glued[1]], glued[2]
    return "", plain


def _accented(name: str) -> str:
    """Small letters with accents, one space between words, numbers without zeros in front."""
    spaced = _SEPARATORS.sub(" ", unicodedata.normalize("NFC", name).casefold().replace("ð", "đ")).strip(" ,;")
    return _ZEROS.sub("", spaced)


def _joined(plain: str) -> str:
    """The same with the tone mark of each word at its end, so that it does not matter on which vowel it stood."""
    return " ".join(_tone_last(word) for word in plain.split())


def _tone_last(word: str) -> str:
    letters = unicodedata.normalize("NFD", word)
    tones = [letter for letter in letters if letter in _TONES]
    return unicodedata.normalize("NFC", "".join(x for x in letters if x not in _TONES)) + "".join(tones)
