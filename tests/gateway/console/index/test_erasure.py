"""What a redaction erases in the log is erased in the index, to the last byte; figures stay."""

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from config.console_rules import ConsoleRules, ManySubjects, OutsideHours
from gateway import text
from gateway.audit.epoch import Epoch
from gateway.console.index.keyed import IndexKey
from gateway.console.model import EVERYTHING, Wanted
from tests.gateway.audit.builders import a_redaction
from tests.gateway.console.index.days import PROVINCES, across
from tests.gateway.console.index.indexed import AGES, KEY, Indexed, append, asked, indexed, numbers, turned_away

OCTOBER = datetime(2026, 10, 20, 14, 0, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
LATER = datetime(2026, 12, 24, tzinfo=UTC)
RULES = ConsoleRules(outside_hours=OutsideHours(minimum=3), many_subjects=ManySubjects(limit=3))


def fill(folder: Path) -> None:
    """Two months of calls of an officer and people that are only in them, with refusals between."""
    for month, officer, family in ((OCTOBER, "cb-october", "Quách"), (NOVEMBER, "cb-november", "Lê")):
        events = [
            asked(
                month + timedelta(minutes=n),
                officer=officer,
                person=person,
                family=family,
                dossier=f"{officer}-{n % 2}",
            )
            for n, person in enumerate(numbers(9))
        ]
        append(folder, [*events, turned_away(month, officer="cb-refused")])


def erase(made: Indexed, epochs: Iterable[Epoch]) -> None:
    """Redact these epochs in the log, as the gateway does, and let the index follow."""
    named = tuple(epochs)
    append(made.folder, [a_redaction(*named, at=LATER)])
    made.ring.destroy([epoch.kid for epoch in named])
    made.follow()


def disclosed(made: Indexed, period: str) -> Epoch:
    """The key epoch of the disclosures of a month."""
    return next(one for one in made.ring.all() if (one.period, one.seals) == (period, "disclosed"))


def stored(value: int) -> bytes:
    """A whole number as SQLite writes it."""
    return value.to_bytes(8, "big", signed=True)


def traces(epoch: Epoch, officer: str, family: str) -> dict[str, bytes]:
    """The bytes by which one would know that an officer, a dossier, a person, a name are in the index."""
    return {
        "officer": stored(KEY.officer(officer)),
        "dossier": stored(KEY.dossier(f"{officer}-0")),
        "person": epoch.subject_tag(numbers(1)[0]),
        "family": epoch.tag("family", text.fold(family))[:8],
    }


@pytest.mark.parametrize("limit", [1, 2, 1000])
def test_words_tags_and_patterns_go(tmp_path: Path, limit: int) -> None:
    """After a redaction neither search nor patterns nor samples know its entries; kind and time are left."""
    fill(tmp_path)
    with indexed(tmp_path) as made:
        made.follow()
        made.study(LATER, RULES)
        before = made.index.overview(EVERYTHING, since=AGES[0], until=AGES[1])
        assert {one.at.month for one in made.patterns()} == {10, 11}
        erase_in_parts(made, disclosed(made, "2026-10"), limit)
        for wanted in (Wanted(officer="cb-october"), Wanted(dossier="cb-october-1")):
            assert made.index.search(wanted, EVERYTHING, below=None, limit=9).hits == ()
        assert made.index.search(Wanted(officer="cb-november"), EVERYTHING, below=None, limit=9).total == 9
        assert made.index.search(Wanted(officer="cb-refused"), EVERYTHING, below=None, limit=9).total == 2
        assert made.index.search(Wanted(kind="disclosed"), EVERYTHING, below=None, limit=9).total == 18
        assert made.index.search(Wanted(kind="disclosed", portal="H14"), EVERYTHING, below=None, limit=9).total == 9
        assert {one.at.month for one in made.patterns()} == {11}
        after = made.index.overview(EVERYTHING, since=AGES[0], until=AGES[1])
        assert (after.series, after.portals, after.codes) == (before.series, before.portals, before.codes)
        assert made.index.trouble() is None
        made.study(LATER + timedelta(days=1), ConsoleRules(outside_hours=OutsideHours(minimum=2)))
        assert {one.at.month for one in made.patterns()} == {11}  # all days looked at anew


def erase_in_parts(made: Indexed, epoch: Epoch, limit: int) -> None:
    """Erase in steps of a length, stopping between them."""
    append(made.folder, [a_redaction(epoch, at=LATER)])
    made.ring.destroy([epoch.kid])
    made.follow(limit)


def test_no_byte_is_left(tmp_path: Path) -> None:
    """No tag of what was erased is left in the file, in its free pages, or in its write-ahead log."""
    fill(tmp_path)
    with indexed(tmp_path) as made:
        made.follow()
        made.study(LATER, RULES)
        october, november = disclosed(made, "2026-10"), disclosed(made, "2026-11")
        gone, kept = traces(october, "cb-october", "Quách"), traces(november, "cb-november", "Lê")
        content = made.content()
        assert [name for name, trace in {**gone, **kept}.items() if trace not in content] == []
        erase(made, [october])
        content = made.content()
        assert [name for name, trace in gone.items() if trace in content] == []
        assert [name for name, trace in kept.items() if trace not in content] == []


def test_pattern_over_days(tmp_path: Path) -> None:
    """A pattern goes when entries of earlier days that it names are erased."""
    append(tmp_path, across({"H14": 0, "H30": 3, "H63": 6}))
    with indexed(tmp_path) as made:
        made.follow()
        made.study(LATER, PROVINCES)
        assert len(made.patterns()) == 1
        erase(made, [disclosed(made, "2026-11")])
        assert made.patterns() == []


def test_redaction_of_what_is_not_read_yet(tmp_path: Path) -> None:
    """An index that is built after the keys are gone never holds anything of them, and nothing is wrong with it."""
    fill(tmp_path)
    with indexed(tmp_path, tmp_path / "first") as made:
        made.follow()
        october = disclosed(made, "2026-10")
        erase(made, [october])
    with indexed(tmp_path, tmp_path / "second") as made:
        made.follow()
        assert made.index.trouble() is None
        content = made.content()
        assert [name for name, trace in traces(october, "cb-october", "Quách").items() if trace in content] == []
        assert made.index.search(Wanted(kind="disclosed"), EVERYTHING, below=None, limit=9).total == 18


def test_redaction_that_names_keys_still_here(tmp_path: Path) -> None:
    """Between the redaction and the end of the keys the index already holds nothing of them."""
    fill(tmp_path)
    with indexed(tmp_path) as made:
        made.follow()
        append(tmp_path, [a_redaction(disclosed(made, "2026-10"), at=LATER)])
        made.follow()
        assert made.index.search(Wanted(officer="cb-october"), EVERYTHING, below=None, limit=9).hits == ()
        assert made.index.search(Wanted(officer="cb-november"), EVERYTHING, below=None, limit=9).total == 9


def test_tags_depend_on_the_key() -> None:
    """Without the key of the index nobody finds whose tag a number is, and kinds of names never share one."""
    chance = random.Random(5)
    other = IndexKey(chance.randbytes(32))
    assert other.officer("cb-1") != KEY.officer("cb-1")
    assert len({KEY.officer("x"), KEY.auditor("x"), KEY.dossier("x")}) == 3
    assert "k" * 8 not in repr(KEY)
