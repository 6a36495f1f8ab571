"""Tests of the page of unusual patterns, over a real log studied with the shipped rules."""

import html
import re

from gateway.console import texts
from gateway.console.web import unusual
from gateway.console.words import Words
from tests.gateway.console.naming import FACTS
from tests.gateway.console.web.house import House
from tests.gateway.console.web.written_log import Written

EN = Words(texts.load(), "en", FACTS)


def _sentences(page: str) -> list[str]:
    return [html.unescape(text) for text in re.findall(r'<p class="sentence">([^<]+)</p>', page)]


async def test_each_is_explained_by_its_rule(house: House, written: Written) -> None:
    """What was seen, by whom, the limit, the entries, the reason, and where the limit stands."""
    page = await (await house.national()).get("/patterns")
    night, many, refusals = sorted(
        _sentences(page.text), key=lambda text: ("cb-0107" not in text, "dossier" not in text)
    )
    assert "officer cb-0107 made 6 calls outside working hours, between 23:10 and 23:15" in night
    assert "dossier H14.12-261122-0099 was used to ask about 11 different people" in many
    assert "the limit is 10" in many
    assert "officer tn-0007 was refused 16 times for the same reason" in refusals
    assert f'href="/entries/{written.places["many"]}"' in page.text
    assert "<code>[outside_hours]</code>" in page.text
    assert EN.t("rule_outside_hours_why") in html.unescape(page.text)
    assert page.text.count("From 5 calls outside hours on a day. Working hours: 07:00 to 18:00.") == 2


async def test_every_rule_is_described(house: House) -> None:
    """Also those that raised nothing."""
    page = html.unescape((await (await house.national()).get("/patterns")).text)
    for rule in unusual.RULES:
        assert EN.t(f"rule_{rule}") in page
        assert f"[{rule}]" in page


async def test_entries_opened_for_a_name_are_recorded(house: House) -> None:
    """The inspection names exactly the entries that said who, and how many patterns there were."""
    await (await house.national()).get("/patterns?period=7d")
    (told,) = house.door.told
    assert told.action == "searched"
    assert told.about["list"] == "patterns"
    assert (told.found, len(told.entries)) == (3, 3)
    kinds = {house.written.entries()[index].kind for index in told.entries}
    assert kinds <= {"disclosed", "refused"}


async def test_a_province_sees_its_own(house: House) -> None:
    """Patterns of other portals are not there, and their entries are not opened."""
    page = await (await house.provincial("H14")).get("/patterns")
    assert len(_sentences(page.text)) == 2
    assert "cb-0107" in page.text
    assert "tn-0007" not in page.text
    (told,) = house.door.told
    payloads = [house.written.entries()[index].payload or {} for index in told.entries]
    assert [payload["portal"] for payload in payloads] == ["H14", "H14"]


async def test_a_time_without_patterns(house: House) -> None:
    """It is said, and recorded all the same."""
    page = await (await house.national()).get("/patterns?period=custom&from=2025-01-01&to=2025-01-02")
    assert EN.t("patterns_none") in page.text
    assert _sentences(page.text) == []
    assert house.door.told[-1].found == 0


async def test_a_time_that_cannot_be_read(house: House) -> None:
    """The message and the usual month."""
    page = await (await house.national()).get("/patterns?period=custom&from=x&to=y")
    assert page.status_code == 422
    assert EN.t("bad_period") in page.text
    assert len(_sentences(page.text)) == 3
