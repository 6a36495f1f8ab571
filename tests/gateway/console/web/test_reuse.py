"""Tests of the page of the reuse indicators, over a real log of three months."""

import csv
import io
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gateway.cli.main import app
from gateway.console import texts
from gateway.console.web import reuse
from gateway.console.words import Words
from gateway.reuse.periods import parse
from tests.gateway.console.naming import FACTS
from tests.gateway.console.web.house import House, names, open_house
from tests.gateway.console.web.small_log import altered, copied
from tests.gateway.console.web.written_log import NOW, Written
from tests.gateway.reuse import small_months

EN, VI = (Words(texts.load(), language, FACTS) for language in ("en", "vi"))


@pytest.fixture(scope="module")
def months(tmp_path_factory: pytest.TempPathFactory) -> Written:
    """A log of three months, of which one cannot be read."""
    return small_months.write(tmp_path_factory.mktemp("months"))


@pytest.fixture
async def place(tmp_path: Path, months: Written) -> AsyncIterator[House]:
    """The page over it. Figures are waited for, however slow the machine is."""
    async with open_house(tmp_path, months, reuse) as made:
        made.hall.reckonings.patience = 60
        yield made


def _main(page: str) -> str:
    return page.split("<main", 1)[1].split("</main>", 1)[0]


def _figures(page: str) -> list[str]:
    return re.findall(r'<p class="figure">([^<]+)</p>', page)


def _table(page: str, by: str) -> list[list[str]]:
    """The cells of a table, without marks."""
    section = page.split(f'<section aria-labelledby="by-{by}">', 1)[1].split("</section>", 1)[0]
    rows = section.split("<tbody>", 1)[1].split("<tr>")[1:]
    return [
        [
            re.sub(r"<[^>]+>", "", cell).strip()
            for cell in re.findall(r"<t[hd][^>]*data-label[^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        ]
        for row in rows
    ]


def _report(written: Written, *arguments: str) -> bytes:
    """What the command prints."""
    said = ["report", "reuse", "--data-dir", str(written.folder), "--format", "csv", *arguments]
    done = CliRunner().invoke(app, said)
    assert done.exit_code == 0, done.output
    return done.stdout_bytes


async def test_the_figures_of_the_current_month(place: House) -> None:
    """Dossiers, rates and questions avoided, as counted by hand, the indicators with their points, and the tables."""
    page = await (await place.national()).get("/reuse")
    assert page.status_code == 200
    main = _main(page.text)
    assert _figures(main) == ["5", "80.00%", "60.00%", "14", "3"]
    for text in (
        "Month 11/2026",
        "2.00 of 2 points",
        "2/2 procedures",
        "3/5 dossiers",
        "63.64% of 22 fields in 2 forms",
        "documents offered to dossiers: 2",
    ):
        assert text in main
    assert _table(main, "portal") == [
        [EN.portal("G01"), "1", "1 (100.00%)", "1 (100.00%)", "5/10 (50.00%)", "0"],
        [EN.portal("H14"), "2", "1 (50.00%)", "1 (50.00%)", "9/12 (75.00%)", "2"],
        [EN.portal("H14.5"), "2", "2 (100.00%)", "1 (50.00%)", "–", "1"],
    ]
    assert [row[:2] for row in _table(main, "procedure")] == [
        [EN.procedure("1.004222"), "3"],
        [EN.procedure("1.010010"), "2"],
    ]
    assert 'id="by-month"' not in main


async def test_page_and_command_give_the_same_figures(place: House, months: Written) -> None:
    """Every table can be fetched, and is byte for byte what the command prints."""
    browser = await place.national()
    for period in ("2026-11", "2026-Q4", "2026", "2026-09"):
        await browser.get(f"/reuse?period={period}")
        for by in ("portal", "procedure", "month", "portal,procedure", "province"):
            answer = await browser.get(f"/reuse/table?period={period}&by={by}")
            assert answer.headers["content-type"] == "text/csv; charset=utf-8"
            assert answer.content == _report(months, "--period", period, "--by", by), (period, by)
    days = await browser.get("/reuse/table?period=custom&from=2026-11-01&to=2026-11-02&by=portal")
    assert days.content == _report(months, "--since", "2026-11-01", "--until", "2026-11-03", "--by", "portal")


async def test_page_and_sheet_give_the_same_figures(place: House) -> None:
    """What stands in a table of the page stands in the file."""
    browser = await place.national()
    main = _main((await browser.get("/reuse?period=2026-Q4")).text)
    sheet = (await browser.get("/reuse/table?period=2026-Q4&by=portal")).content
    rows = list(csv.reader(io.StringIO(sheet.decode("utf-8-sig"), newline="")))[1:-1]
    for shown, row in zip(_table(main, "portal"), rows, strict=True):
        assert shown[0] == EN.portal(row[0])
        assert [shown[1], *(cell.split(" ")[0] for cell in shown[2:4])] == row[1:4]
        assert shown[5] == row[-1]
    assert [row[0] for row in _table(main, "month")] == ["Month 10/2026", "Month 11/2026"]


async def test_a_month_that_cannot_be_read(place: House) -> None:
    """Is said on top, and its figures are dashes, not zeros."""
    browser = await place.national()
    main = _main((await browser.get("/reuse?period=2026-09")).text)
    assert "The figures are incomplete" in main
    assert "Month 09/2026: 1 entry" in main
    assert _figures(main) == ["–"] * 5
    assert EN.t("reuse_none") not in main
    year = _main((await browser.get("/reuse?period=2026")).text)
    assert _table(year, "month")[0] == ["Month 09/2026 incomplete", *["–"] * 5]


async def test_a_time_without_dossiers(place: House) -> None:
    """Nothing was asked: known, and no rate of nothing."""
    main = _main((await (await place.national()).get("/reuse?period=2025-03")).text)
    assert EN.t("reuse_none") in main
    assert _figures(main) == ["0", "–", "–", "–", "0"]
    assert "The figures are incomplete" not in main


@pytest.mark.parametrize(
    ("portals", "dossiers"), [(("H14",), "4"), (("H14.5",), "2"), (("G01",), "1"), (("H99",), "0")]
)
async def test_a_province_sees_its_own_dossiers_only(portals: tuple[str, ...], dossiers: str, place: House) -> None:
    """On the page and in every file; figures made for somebody else are not handed out."""
    await (await place.national()).get("/reuse?period=2026-11")
    browser = await place.provincial(*portals)
    main = _main((await browser.get("/reuse?period=2026-11")).text)
    assert _figures(main)[0] == dossiers
    assert f"Only the portals within your scope: {portals[0]}" in main
    sheet = (await browser.get("/reuse/table?period=2026-11&by=portal")).text
    foreign = {"H14", "H14.5", "G01"} - {code for code in ("H14", "H14.5", "G01") if code.startswith(portals[0])}
    for code in foreign:
        assert f'"{code}"' not in sheet
        assert f"({code})" not in main.split('aria-labelledby="meaning"')[0]


async def test_who_may_see_it(place: House) -> None:
    """Auditors and operators; administrators neither the page nor a file. Nobody is named."""
    page = await (await place.operator()).get("/reuse?period=2026-11")
    assert page.status_code == 200
    assert _figures(page.text)[0] == "5"
    for name in ("cb-0042", "without-an-end", "kiem-tra-01"):
        assert name not in _main(page.text)
    place.door.told.clear()
    browser = await place.administrator()
    for path in ("/reuse", "/reuse/table?period=2026-11&by=portal"):
        assert (await browser.get(path)).status_code == 403
    assert place.door.told == []


async def test_it_is_recorded_before_it_is_shown(place: House) -> None:
    """The page as a look at figures, a file as a download with its digest; behind a closed door there is neither."""
    browser = await place.national()
    await browser.get("/reuse?period=2026-11")
    (told,) = place.door.told
    assert (told.action, told.entries, told.subject) == ("overview", (), None)
    assert told.about == {
        "list": "reuse",
        "period": "2026-11",
        "since": "2026-10-31T17:00:00+00:00",
        "until": "2026-11-30T17:00:00+00:00",
    }
    await browser.get("/reuse/table?period=2026-11&by=portal")
    file = place.door.told[-1]
    assert (file.action, file.about["file"]) == ("downloaded", "reuse-2026-11-portal.csv")
    assert (file.digest or "").startswith("sha-256=:")
    place.door.closed = True
    for path in ("/reuse?period=2026-11", "/reuse/table?period=2026-11&by=portal"):
        page = await browser.get(path)
        assert page.status_code == 503
        assert not names(page.text, "G01")


async def test_figures_that_take_long(place: House) -> None:
    """The page says how far they are and comes back by itself; nothing is recorded as seen before it is."""
    browser = await place.national()
    place.hall.reckonings.patience = 0
    page = await browser.get("/reuse?period=2026-11")
    assert (page.status_code, page.headers["refresh"]) == (200, "2")
    assert EN.t("reuse_working") in page.text
    assert _figures(_main(page.text)) == []
    assert (await browser.get("/reuse/table?period=2026-10&by=portal")).headers["location"] == "/reuse?period=2026-10"
    assert place.door.told == []
    place.hall.reckonings.patience = 60
    assert _figures((await browser.get("/reuse?period=2026-11")).text)[0] == "5"


async def test_made_anew_on_demand(place: House, months: Written) -> None:
    """The button leads back to the same time, and the figures are made again; the days that were typed stay."""
    browser = await place.national()
    page = await browser.get("/reuse?period=custom&from=2026-11-01&to=2026-11-30")
    place.clock.move(minutes=5)
    assert EN.when(NOW) in page.text
    assert EN.count("entry", months.size) in page.text
    typed = {"period": "custom", "from": "2026-11-01", "to": "2026-11-30"}
    answer = await browser.post("/reuse", typed, seen=page)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "/reuse?period=custom&from=2026-11-01&to=2026-11-30",
    )
    again = await browser.get(answer.headers["location"])
    assert EN.when(place.clock()) in again.text
    assert 'value="2026-11-30"' in again.text


@pytest.mark.parametrize(
    "query", ["period=2026-13", "period=%3Cb%3E", "period=custom", "period=custom&from=2026-11-09&to=2026-11-01"]
)
async def test_a_time_that_cannot_be_read(query: str, place: House) -> None:
    """A message and the form; nothing is computed, nothing recorded, nothing reflected."""
    browser = await place.national()
    page = await browser.get(f"/reuse?{query}")
    assert page.status_code == 422
    assert EN.t("bad_period") in page.text
    assert "<b>" not in _main(page.text)
    assert place.door.told == []
    assert (await browser.get(f"/reuse/table?{query}&by=portal")).status_code == 303
    assert (await browser.get("/reuse/table?period=2026-11&by=officer")).status_code == 303


async def test_a_log_that_is_not_what_it_was(tmp_path: Path, months: Written) -> None:
    """No figures; and the next look tries again."""
    mine = copied(months, tmp_path / "mine")
    altered(mine, "UPDATE entry SET env = ? WHERE idx = ?", (bytes(100), mine.size - 1))
    async with open_house(tmp_path, mine, reuse) as house:
        house.hall.reckonings.patience = 60
        browser = await house.national()
        for _ in range(2):
            page = await browser.get("/reuse?period=2026-11")
            assert page.status_code == 503
            assert _figures(_main(page.text)) == []
        assert house.door.told == []


def test_periods_in_words() -> None:
    """Months, quarters and years as people write them; what was asked for can always be chosen again."""
    assert [reuse.named(name, VI) for name in ("2026-11", "2026-Q4", "2026", "custom")] == [
        *("Tháng 11/2026", "Quý 4/2026", "Năm 2026"),
        "",
    ]
    asked = reuse.Asked("2001-02", parse("2001-02"))
    (_, named), (_, quarters), (_, years) = reuse.choices(NOW, asked, EN)
    assert [name for name, _ in named][:2] == ["2026-11", "2026-10"]
    assert named[-1] == ("2001-02", "Month 02/2001")
    assert (quarters[0][0], years[0][0]) == ("2026-Q4", "2026")
    assert reuse.percent(None, VI) == "–"
