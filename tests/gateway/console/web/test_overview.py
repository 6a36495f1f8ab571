"""Tests of the first page, over a real log."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.console import texts
from gateway.console.model import Overview
from gateway.console.web import overview
from gateway.console.web.hall import Parts
from gateway.console.words import Words
from tests.gateway.console.naming import FACTS
from tests.gateway.console.web.house import House, open_house
from tests.gateway.console.web.written_log import NOW, Written

EN = Words(texts.load(), "en", FACTS)


def _main(page: str) -> str:
    return page.split("<main", 1)[1].split("</main>", 1)[0]


def _figures(page: str) -> list[str]:
    return re.findall(r'<p class="figure">([^<]+)</p>', page)


async def test_figures_of_the_week(house: House) -> None:
    """Calls, refusals and the reuse rate are those of the log; portals, operations, reasons and sources in words."""
    page = await (await house.national()).get("/")
    main = _main(page.text)
    calls, answered, refused, reuse = _figures(main)
    assert int(calls) == int(answered) + int(refused)
    assert (refused, reuse) == ("16", "75%")
    for text in ("Public-service portal of Cao Bang province (H14)", "Look up a person", "procedure_not_granted"):
        assert text in main
    assert EN.word("outcome", "timed_out") in main
    assert "9 of 12 form fields" in main


async def test_the_chart_and_its_table_say_the_same(house: House) -> None:
    """Every bar has its line in the table; together they are all calls; the picture has a name."""
    main = _main((await (await house.national()).get("/")).text)
    read = re.findall(r'data-read="([^:"]+(?::\d\d)?): (\d+) answered, (\d+) refused"', main)
    table = main.split("<details>", 1)[1].split("</table>", 1)[0]
    rows = re.findall(r'<th scope="row"[^>]*>([^<]+)</th><td[^>]*>(\d+)</td><td[^>]*>(\d+)</td>', table)
    assert read == rows
    assert sum(int(answered) + int(refused) for _, answered, refused in rows) == int(_figures(main)[0])
    assert re.search(r'<svg role="img" aria-label="Bar chart[^"]+in all', main)


async def test_a_province_sees_its_own_calls_only(house: House) -> None:
    """Figures, portals and patterns are those of the scope, and the page says so."""
    mine = _main((await (await house.provincial("H14.5")).get("/")).text)
    assert "Only the portals within your scope: H14.5" in mine
    assert "Department of finance" in mine
    for text in ("Thu Nghiem", "procedure_not_granted", "Public Security", "Outside working hours"):
        assert text not in mine
    assert _figures(mine)[2] == "0"


async def test_it_is_recorded_before_it_is_shown(house: House) -> None:
    """One inspection, with the time and no entry: figures name nobody."""
    page = await (await house.national()).get("/?period=30d")
    (told,) = house.door.told
    assert (told.action, told.entries, told.subject) == ("overview", (), None)
    assert told.about["period"] == "30d"
    assert told.about["since"] == (NOW - timedelta(days=30)).isoformat(timespec="seconds")
    for name in ("cb-0042", "cb-0107", "tn-0007", "H14.12-261122-0099"):
        assert name not in _main(page.text)


async def test_an_operator_sees_figures_and_no_pattern(house: House) -> None:
    """Health and figures without what is said about officers."""
    page = await (await house.operator()).get("/")
    main = _main(page.text)
    assert page.status_code == 200
    assert "Health of the log" in main
    assert "Unusual patterns" not in main
    assert 'href="/patterns' not in main


async def test_an_administrator_is_led_to_the_accounts(house: House) -> None:
    """After the sign-in the first page leads on; nothing of the log is recorded as seen or shown."""
    answer = await (await house.administrator()).get("/")
    assert (answer.status_code, answer.headers["location"]) == (303, "/accounts")
    assert house.door.told == []


async def test_the_health_of_the_log_is_told(house: House, written: Written) -> None:
    """Entries, age of the newest checkpoint, that nobody vouches yet, and that the index is up to date."""
    main = _main((await (await house.national()).get("/")).text)
    assert f"<dd>{EN.number(written.size)}</dd>" in main
    assert "3 minutes ago" in main
    for key in ("overview_witnesses_none", "overview_stamps_none", "overview_index_ready"):
        assert EN.t(key) in main


@pytest.mark.parametrize(("word", "kind"), [("rewritten", "alert"), ("keys_away", "notice"), ("odd", "alert")])
async def test_trouble_is_said_in_words(word: str, kind: str, tmp_path: Path, written: Written) -> None:
    """What is wrong with log or index stands above everything else; a word without a text is shown as it is."""
    async with open_house(tmp_path, written, overview) as house:
        house.hall.parts = _with_trouble(house, word)
        main = _main((await (await house.national()).get("/")).text)
    said = EN.word("integrity_trouble", word)
    expected = EN.t("integrity_trouble").format(word=word) if said == word else said
    assert re.search(rf'<p class="{kind}" role="alert">{re.escape(expected)}', main.replace("&#39;", "'"))


async def test_a_time_that_cannot_be_read(house: House) -> None:
    """The message, what was typed, and the usual week: nothing is lost."""
    page = await (await house.national()).get("/?period=custom&from=2026-11-23&to=2026-11-01")
    assert page.status_code == 422
    assert EN.t("bad_period") in page.text
    assert 'value="2026-11-23"' in page.text
    assert _figures(page.text)


async def test_a_time_without_calls(house: House) -> None:
    """No chart, no division by nothing, a sentence instead."""
    page = await (await house.national()).get("/?period=custom&from=2025-01-01&to=2025-01-31")
    assert page.status_code == 200
    assert EN.t("overview_no_calls") in page.text
    assert _figures(page.text) == ["0", "0", "0", "–"]


def test_lines_of_a_table_are_sorted_and_measured() -> None:
    """The largest first, each bar as long as its share of the largest; failures of a source stand out."""
    figures = Overview(
        *(NOW - timedelta(days=1), NOW, timedelta(hours=1), ()),
        portals={"H14": 1, "H99": 4},
        operations={},
        codes={"field_not_granted": 2},
        sources={"tax": {"timed_out": 1, "answered": 2}},
        fields_total=0,
        fields_filled=0,
        behind=0,
    )
    (_, portals), (_, operations), (_, codes) = overview.tables(figures, EN)
    assert (portals[0].name, portals[0].n, portals[0].percent) == ("H99", 4, 100)
    assert portals[1].percent == 25
    assert operations == ()
    assert (codes[0].code, codes[0].bad) == ("field_not_granted", True)
    assert [(line.n, line.bad) for line in overview.sources(figures, EN)] == [(2, False), (1, True)]


def _with_trouble(house: House, word: str) -> Parts:
    return replace(house.hall.parts, trouble=lambda: word)
