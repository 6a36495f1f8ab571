"""Answers kept for a while: a registry is asked once, an outage is bridged, and nobody else ever gets what was kept."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from typer.testing import CliRunner

from gateway.audit.keys import Places
from gateway.audit.reading import newest
from gateway.audit.ring import KeyRing
from gateway.cli.main import app
from gateway.storage.sqlite_reader import SqliteReader
from gateway.vault import Space
from tests.helpers.stack import ENTERPRISE, PERSON, RESIDENCE, TAXPAYER, THREE, Stack, stack
from tests.scenarios.prefills import someone

pytestmark = pytest.mark.asyncio(loop_scope="module")

MARRIAGE = "1.004873"
LOOKUP, PREFILL = "/v1/persons/lookup", "/v1/dossiers/prefill"
LONG = '[freshness]\nwithin = "procedure"\nmax_age = "1h"\noutage = "24h"\n'
ALWAYS_ASK = '[freshness]\nwithin = "procedure"\nmax_age = "0s"\noutage = "24h"\n'
OTHER_DOSSIER = {
    "purpose": {"procedure": RESIDENCE, "dossier": "H14-20261122-0000002", "officer": "officer-07", "basis": "law"}
}
OTHER = "004092660876"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Stack]:
    """One stack for the module, whose portals may use a procedure with a sensitive field as well."""
    async with stack(tmp_path_factory.mktemp("stack"), (RESIDENCE, THREE, MARRIAGE)) as made:
        path = made.config / "sources.toml"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("breaker_failures = 10", "breaker_failures = 1000"), encoding="utf-8")
        yield made


async def allow(up: Stack, said: str, *procedures: str) -> None:
    """Put a [freshness] into procedures, in the place of the one that was there, and reload."""
    for code in procedures or (RESIDENCE,):
        path = up.config / "dossiers" / code / "dossier.toml"
        kept = path.read_text(encoding="utf-8").partition("\n[freshness]")[0].rstrip("\n")
        path.write_text(f"{kept}\n\n{said}", encoding="utf-8")
    for adapter in up.gateway.reload(up.load()):
        await adapter.close()


@pytest_asyncio.fixture(loop_scope="module")
async def fresh(up: Stack) -> AsyncIterator[Stack]:
    """Nothing kept, an hour allowed, and an outage of a day."""
    vault, tag = up.gateway.state.world.vault, up.gateway.state.world.vault.tag
    people = [tag("person", number) for number in (PERSON["personal_id"], OTHER)]
    await vault.erase([*people, tag("enterprise", "0100109106"), tag("taxpayer", "0100109106")], list(Space))
    await allow(up, LONG)
    yield up


async def calls(up: Stack, source: str = "population") -> int:
    """How many questions a mock registry got."""
    return int((await up.mock(source, "state"))["calls"])


async def ask(up: Stack, body: Any = None, path: str = LOOKUP, **changes: Any) -> Any:
    """A call's answer."""
    answered = await up.call(path, body or PERSON, **changes)
    assert answered.status_code == 200, answered.text
    return answered.json()


async def test_the_second_question_is_answered_without_the_registry(fresh: Stack) -> None:
    """The same values with the same times, as ok; another dossier of the procedure too; the log says `kept`."""
    first = await ask(fresh)
    asked = await calls(fresh)
    assert await ask(fresh) == first
    assert await ask(fresh, **OTHER_DOSSIER) == first
    dossier = await ask(fresh, {"subjects": {"applicant": PERSON}}, PREFILL)
    assert await calls(fresh) == asked
    assert dossier["sources"]["population"]["outcome"] == "kept"
    assert {f["status"] for f in dossier["form"].values() if f["source"] == "population"} <= {"ok", "not_found"}


async def test_calls_at_the_same_moment_ask_once(fresh: Stack) -> None:
    """Of two equal calls, and a dossier with the same person, one asks and the others wait for what it hears."""
    before = await calls(fresh)
    await ask(fresh, someone(OTHER))
    price = await calls(fresh) - before
    await fresh.mock("population", "fault", {"fault": "slow", "seconds": 1})
    one, other, dossier = await asyncio.gather(
        ask(fresh), ask(fresh), ask(fresh, {"subjects": {"applicant": PERSON}}, PREFILL)
    )
    assert await calls(fresh) == before + 2 * price
    assert one == other
    assert dossier["form"]["full_name"]["status"] == "ok"


async def test_who_waits_does_not_share_the_failure(fresh: Stack) -> None:
    """A question whose answer is lost is asked again by the call that waited, and that answer is its own."""
    await fresh.mock("population", "fault", {"fault": "malformed", "count": 1})
    answers = await asyncio.gather(*(fresh.call(LOOKUP, PERSON) for _ in range(2)))
    assert sorted(one.status_code for one in answers) == [200, 502]


async def test_only_what_is_missing_is_asked(fresh: Stack) -> None:
    """A field that was not asked for before is a question of its own; together they are the whole."""
    await ask(fresh, {**PERSON, "fields": ["person.full_name"]})
    asked = await calls(fresh)
    both = await ask(fresh, {**PERSON, "fields": ["person.full_name", "person.sex"]})
    assert await calls(fresh) > asked
    assert {field["status"] for field in both["fields"].values()} == {"ok"}
    asked = await calls(fresh)
    await ask(fresh, {**PERSON, "fields": ["person.sex", "person.full_name"]})
    assert await calls(fresh) == asked


@pytest.mark.parametrize(
    ("body", "changes"),
    [
        (PERSON, {"agency": "H41"}),
        (PERSON, {"procedure": THREE}),
        ({**PERSON, "full_name": "Nguyễn Thị Khác"}, {}),
        ({**PERSON, "birth_date": "1992-11-23"}, {}),
        ({**PERSON, "birth_date": "1992"}, {}),
        (
            PERSON,
            {
                "purpose": {
                    "procedure": RESIDENCE,
                    "dossier": "H14-20261122-0000001",
                    "officer": "officer-07",
                    "basis": "consent",
                    "consent": "C-1",
                }
            },
        ),
    ],
    ids=["portal", "procedure", "name", "day", "year alone", "consent"],
)
async def test_nobody_else_gets_what_was_kept(fresh: Stack, body: Any, changes: dict[str, Any]) -> None:
    """Another portal, procedure, name, birth date or legal basis is a question to the registry."""
    await allow(fresh, LONG, RESIDENCE, THREE)
    await ask(fresh)
    asked = await calls(fresh)
    await fresh.call(LOOKUP, body, **changes)
    assert await calls(fresh) > asked


async def test_within_a_dossier_means_within_it(fresh: Stack) -> None:
    """The default: the same dossier does not ask twice, another asks anew."""
    await allow(fresh, '[freshness]\nmax_age = "1h"\n')
    await ask(fresh)
    asked = await calls(fresh)
    await ask(fresh)
    assert await calls(fresh) == asked
    await ask(fresh, **OTHER_DOSSIER)
    assert await calls(fresh) > asked


async def test_without_a_policy_nothing_is_kept_or_used(fresh: Stack) -> None:
    """A procedure that says nothing asks every time, also for what it kept while it said something."""
    await ask(fresh)
    await allow(fresh, "")
    asked = await calls(fresh)
    await ask(fresh)
    assert await calls(fresh) > asked
    held = await fresh.gateway.state.world.vault.held(Space.ANSWER)
    await ask(fresh, someone(OTHER))
    assert await fresh.gateway.state.world.vault.held(Space.ANSWER) == held


async def test_a_source_that_is_down_is_stood_in_for_and_said_to_be(fresh: Stack) -> None:
    """Stale, with its age, in a look-up and in a dossier; the log and the dossier name the outage all the same."""
    await allow(fresh, ALWAYS_ASK)
    before = await ask(fresh)
    await fresh.mock("population", "fault", {"fault": "http_503"})
    field = (await ask(fresh))["fields"]["person.full_name"]
    assert field["status"] == "stale"
    assert 0 <= field.pop("age_seconds") < 3600
    assert {**field, "status": "ok"} == before["fields"]["person.full_name"]
    dossier = await ask(fresh, {"subjects": {"applicant": PERSON}}, PREFILL)
    assert dossier["sources"]["population"]["outcome"] == "unavailable"
    assert dossier["form"]["full_name"]["status"] == "stale"
    assert "age_seconds" in dossier["form"]["full_name"]


async def test_too_old_for_an_outage_is_unavailable(fresh: Stack) -> None:
    """Beyond the limit a value is as if it had never been kept; a shorter limit counts for what was kept before it."""
    await ask(fresh)
    await allow(
        fresh,
        '[freshness]\nwithin = "procedure"\nmax_age = "0s"\noutage = "24h"\n\n[freshness.fields]\n'
        '"person.sex" = { keep = false }\n',
    )
    await fresh.mock("population", "fault", {"fault": "http_503"})
    fields = (await ask(fresh))["fields"]
    assert (fields["person.full_name"]["status"], fields["person.sex"]["status"]) == ("stale", "unavailable")
    assert "value" not in fields["person.sex"]
    await allow(fresh, "")
    assert (await fresh.call(LOOKUP, PERSON)).json()["code"] == "source_unavailable"


async def test_who_refuses_us_is_not_down(fresh: Stack) -> None:
    """A registry that withdrew its access is not answered for from what it said before."""
    await allow(fresh, ALWAYS_ASK)
    await ask(fresh)
    await fresh.mock("population", "fault", {"fault": "auth_refused"})
    assert (await fresh.call(LOOKUP, PERSON)).json()["code"] == "source_refused"


async def test_a_check_is_never_answered_from_what_was_kept(fresh: Stack) -> None:
    """Whether three facts belong together is the registry's to say, each time."""
    await ask(fresh)
    asked = await calls(fresh)
    assert await ask(fresh, PERSON, "/v1/persons/verify") == {"match": True}
    assert await calls(fresh) > asked


async def test_nobody_found_is_not_kept(fresh: Stack) -> None:
    """Who is registered in the next minute is found in the next minute."""
    stranger = {**PERSON, "full_name": "Nguyễn Thị Khác"}
    assert (await ask(fresh, stranger))["found"] is False
    assert await fresh.gateway.state.world.vault.held(Space.ANSWER) == 0


async def test_enterprises_and_taxpayers_too(fresh: Stack) -> None:
    """Each source of a dossier is asked once; tax data is of last night, and its age counts from then."""
    await allow(
        fresh, LONG.replace("1h", "30d").replace("24h", "30d"), THREE
    )  # the tax registry's data is of last night
    body = {"subjects": {"applicant": PERSON, "enterprise": ENTERPRISE, "taxpayer": TAXPAYER}}
    first = await ask(fresh, body, PREFILL, procedure=THREE)
    asked = [await calls(fresh, source) for source in fresh.mocks]
    again = await ask(fresh, body, PREFILL, procedure=THREE)
    assert [await calls(fresh, source) for source in fresh.mocks] == asked
    assert again["form"] == first["form"]
    assert {one["outcome"] for one in again["sources"].values()} == {"kept"}


async def test_what_is_sensitive_is_never_kept(fresh: Stack) -> None:
    """Granted, disclosed and asked again each time; nothing else of the answer is."""
    await allow(fresh, LONG, MARRIAGE)
    first = await ask(fresh, procedure=MARRIAGE)
    assert first["fields"]["person.ethnicity"]["status"] == "ok"
    (item,) = await fresh.gateway.state.world.vault.listed(Space.ANSWER, limit=9)
    assert b"person.full_name" in item.content
    assert b"person.ethnicity" not in item.content
    asked = await calls(fresh)
    assert await ask(fresh, procedure=MARRIAGE) != {}
    assert await calls(fresh) > asked


async def test_a_thief_of_the_store_finds_nobody(fresh: Stack) -> None:
    """No file of the data folder but keys holds a name, a number or a date in clear."""
    await ask(fresh)
    assert await fresh.gateway.state.world.vault.held(Space.ANSWER) == 1
    texts = [PERSON["personal_id"], PERSON["full_name"], PERSON["full_name"].upper(), PERSON["birth_date"], "Cao Bằng"]
    files = [path for path in fresh.data_dir.rglob("*") if path.is_file() and path.parent.name != "keys"]
    assert any(path.name.startswith("log.sqlite") for path in files) or files
    for path in files:
        content = path.read_bytes()
        assert not [text for text in texts if text.encode() in content], path


async def test_who_is_erased_is_asked_for_anew(fresh: Stack) -> None:
    """By the number alone, whatever else he was asked by."""
    await ask(fresh)
    vault = fresh.gateway.state.world.vault
    assert await vault.erase([vault.tag("person", PERSON["personal_id"])], [Space.ANSWER]) == 1
    asked = await calls(fresh)
    await ask(fresh)
    assert await calls(fresh) > asked


@pytest.mark.parametrize(
    ("kind", "number", "code"),
    [("person", PERSON["personal_id"], 0), ("person", "12", 2), ("animal", PERSON["personal_id"], 2)],
)
async def test_the_command_erases_while_the_gateway_runs(fresh: Stack, kind: str, number: str, code: int) -> None:
    """The number is printed nowhere; an entry about the person says it was done; what is asked next is asked anew."""
    await ask(fresh)
    log = fresh.gateway.log
    before = log.checkpoint()
    arguments = ["store", "erase", "--kind", kind, "--data-dir", str(fresh.data_dir), "--config", str(fresh.config)]
    done = await asyncio.to_thread(CliRunner().invoke, app, arguments, input=f"{number}\n")
    assert done.exit_code == code, done.output
    assert PERSON["personal_id"] not in done.output
    assert await fresh.gateway.state.world.vault.held(Space.ANSWER) == (1 if code else 0)
    asked = await calls(fresh)
    await ask(fresh)
    assert (await calls(fresh) > asked) == (code == 0)
    if code == 0:
        assert "answer: 1 erased" in done.stdout
        places = Places.under(fresh.data_dir)
        reader = SqliteReader(places.store)
        try:
            about = list(newest(reader, KeyRing(places.ring), subject=PERSON["personal_id"]))
        finally:
            reader.close()
        changes = [one.payload["changes"] for one in about if one.kind == "changed" and one.payload]
        assert changes == [[{"what": "kept", "name": "person", "change": "erased"}]]
        assert before != log.checkpoint()


async def test_who_is_named_in_anothers_record_is_erased_there_too(fresh: Stack) -> None:
    """A record that names a spouse goes when the spouse is erased."""
    await allow(fresh, LONG, MARRIAGE)
    said = await ask(fresh, procedure=MARRIAGE)
    spouse = said["fields"]["person.spouse"]["value"]["personal_id"]
    vault = fresh.gateway.state.world.vault
    assert await vault.erase([vault.tag("person", spouse)], [Space.ANSWER]) == 1


def _store(data_dir: Path) -> Path:
    (path,) = [one for one in data_dir.rglob("*.sqlite") if _has_vault(one)]
    return path


def _has_vault(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as store:
        return bool(store.execute("SELECT 1 FROM sqlite_master WHERE name = 'vault'").fetchall())


async def test_an_altered_row_is_as_if_there_were_none(fresh: Stack) -> None:
    """The registry is asked and its answer takes the row's place."""
    first = await ask(fresh)
    with closing(sqlite3.connect(_store(fresh.data_dir))) as store, store:
        for row, sealed in store.execute("SELECT rowid, sealed FROM vault").fetchall():
            store.execute("UPDATE vault SET sealed = ? WHERE rowid = ?", (sealed[:-1] + bytes([sealed[-1] ^ 1]), row))
    asked = await calls(fresh)
    again = await ask(fresh)
    assert await calls(fresh) > asked
    assert {n: f.get("value") for n, f in again["fields"].items()} == {
        n: f.get("value") for n, f in first["fields"].items()
    }
    asked = await calls(fresh)
    assert await ask(fresh) == again
    assert await calls(fresh) == asked


async def test_operators_see_numbers(fresh: Stack) -> None:
    """How often what was kept was enough, by source."""
    await ask(fresh)
    await ask(fresh)
    shown = (await fresh.http.get(f"{fresh.ops_url}/metrics")).text
    for outcome in ("hit", "miss"):
        assert f'lienthong_kept_answers_total{{outcome="{outcome}",source="population"}}' in shown
