"""What a run is made of: people the registry knows, requests that differ, counters, and the table."""

from collections import Counter
from dataclasses import replace

from mocks.country import person
from signing import algorithms, jws
from signing.keys import KeySigner
from tests.bench import metrics, procfs, table
from tests.bench.calls import LOOKUP, Desk
from tests.bench.people import subjects
from tests.bench.rounds import SCENARIOS, Run
from tests.bench.test_figures import TURN
from tests.helpers.stack import now


def test_the_people_are_known_and_all_different() -> None:
    """Whoever is asked about stands in the mock registry with this birth date."""
    people = subjects(30)
    assert len({one.personal_id for one in people}) == 30
    for one in people:
        known = person(one.personal_id)
        assert known is not None
        assert one.birth_date.startswith(f"{known.birth.year:04d}-")


def test_every_request_is_signed_anew() -> None:
    """No two tokens share an id, and each covers its own body."""
    signer = KeySigner("bench", "ES256", algorithms.generate("ES256"))
    desk = Desk(signer, audience="http://a.test", base_url="http://a.test", run="test0000", people=subjects(2))
    signed = desk.sign(LOOKUP, 6, now())
    claims = [jws.parse(one.token).claims() for one in signed]
    assert len({said["jti"] for said in claims}) == 6
    for one, said in zip(signed, claims, strict=True):
        head, _, body = one.wire.partition(b"\r\n\r\n")
        assert f"content-digest: {said['digest']}".encode() in head
        assert f"content-length: {len(body)}".encode() in head


def test_the_log_s_counters_are_read_and_subtracted() -> None:
    """Mean batch and mean commit time of the turn alone."""
    page = (
        "# HELP lienthong_log_batch_entries x\n"
        'lienthong_log_batch_entries_bucket{le="1.0"} 3.0\n'
        "lienthong_log_batch_entries_count 10.0\nlienthong_log_batch_entries_sum 80.0\n"
        "lienthong_log_commit_seconds_count 10.0\nlienthong_log_commit_seconds_sum 0.05\n"
    )
    earlier = metrics.LogCount(entries=20.0, batches=5.0, seconds=0.03)
    turn = metrics.parsed(page).since(earlier)
    assert turn.entries_per_batch == 12.0
    assert round(turn.commit_seconds, 6) == 0.004
    assert metrics.LogCount(0.0, 0.0, 0.0).entries_per_batch == 0.0


def test_cpu_time_grows_with_work() -> None:
    """This process's own CPU time is seen to pass."""
    import os

    before = procfs.cpu_seconds(os.getpid())
    while procfs.cpu_seconds(os.getpid()) <= before:
        sum(range(10_000))
    assert procfs.stolen_share((100, 10), (200, 35)) == 0.25


def test_the_table_fits_and_names_what_went_wrong() -> None:
    """No line is wider than 80 columns, and no bad answer goes unmentioned."""
    turns = [TURN, replace(TURN, calls=240, entries_per_batch=12.5, commit_seconds=0.002)]
    run = Run(
        gateway=dict.fromkeys(SCENARIOS, turns),
        direct={scenario: turns for scenario in SCENARIOS if scenario.service},
        wrong=Counter({"gateway persons.lookup at 16: 503": 3}),
    )
    printed = list(table.lines(run, rounds=2))
    assert max(len(line) for line in printed) <= 80
    assert "Answers that were not good: 3" in printed
    assert any("503" in line for line in printed)
    assert any(line.startswith("persons.lookup    16") and "1.00 [1.00..1.00]" in line for line in printed)
    assert len(table.document(run, rounds=2)["scenarios"]) == len(SCENARIOS)
