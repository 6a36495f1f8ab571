"""What kept answers may do, whatever was kept and whatever is allowed now."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import Answer, Fault, Operation, Purpose, Question, Silence
from adapters.values import RawCode, RawName, RawPerson, RawText
from config.model import AgeLimit, Freshness, Grant
from gateway.freshness import ages, recall, record
from gateway.freshness.record import Past, Record
from gateway.model import Kept, Status
from gateway.steps.plan import Planned
from tests.helpers import builders
from tests.helpers.builders import AT, IDENTIFIERS, PERSON_FIELDS, SENSITIVE

FIELDS = builders.fields()
NAMES = sorted(name for name in FIELDS if name.startswith("person."))
PURPOSE = Purpose("H14", "officer", builders.PROCEDURE, "d", "r")
SHORT, LONG = timedelta(minutes=10), timedelta(hours=10)
SECONDS = st.integers(0, 100_000).map(lambda n: timedelta(seconds=n))
LIMITS = st.tuples(SECONDS, SECONDS).map(lambda two: AgeLimit(min(two), max(two)))
SILENCES = st.sampled_from(list(Fault)).map(lambda fault: Silence("population", fault, "x", AT))


def planned(*names: str) -> Planned:
    """A question about a person."""
    identifiers = IDENTIFIERS[next(iter(IDENTIFIERS))]
    return Planned(Question("population", Operation.LOOKUP, identifiers, frozenset(names), PURPOSE), ("applicant",))


def past(minutes: float = 0, **changes: object) -> Past:
    """A value some minutes old."""
    return replace(Past(RawText("x"), AT - timedelta(minutes=minutes), None), **changes)  # type: ignore[arg-type]


def allowed(*names: str) -> Mapping[str, AgeLimit]:
    """Ten minutes, in an outage ten hours."""
    return dict.fromkeys(names, AgeLimit(SHORT, LONG))


PASTS = st.builds(
    lambda since, empty, stated: Past(
        None if empty else RawText("x"), AT - since, None if stated is None else AT - since - stated
    ),
    SECONDS,
    st.booleans(),
    st.none() | SECONDS,
)


@given(
    kept=st.dictionaries(st.sampled_from(NAMES), PASTS),
    wanted=st.sets(st.sampled_from(NAMES), min_size=1),
    granted=st.sets(st.sampled_from(NAMES)),
    written=st.dictionaries(st.sampled_from(NAMES), LIMITS),
    heard=SILENCES | st.builds(lambda found: Answer("population", found, AT), st.booleans()),
)
def test_nothing_outside_grant_policy_and_age_is_ever_used_or_kept(
    kept: dict[str, Past],
    wanted: set[str],
    granted: set[str],
    written: dict[str, AgeLimit],
    heard: Answer | Silence,
) -> None:
    """For all that may have been kept, be allowed, be asked and be answered."""
    procedure = replace(
        builders.procedure(),
        grant=Grant(builders.PROCEDURE, dict.fromkeys(granted, "a law"), {}),
        freshness=Freshness("procedure", written),
    )
    limits = ages.limits(procedure, FIELDS)
    assert limits.keys() <= granted & written.keys() - {SENSITIVE}

    cut = recall.cut(planned(*wanted), Record(kept), limits, AT)
    rest = cut.rest.question.fields if cut.rest else frozenset()
    assert rest | cut.fresh.keys() == wanted
    assert not rest & cut.fresh.keys()
    used = recall.joined(cut, heard if cut.rest else None, limits, AT)
    for name, one in {**used.old, **used.fresh}.items():
        assert name in wanted & limits.keys() & kept.keys()
        oldest = limits[name].outage if name in used.old else limits[name].max_age
        assert AT - min(one.as_of or one.retrieved_at, one.retrieved_at) <= oldest
    if used.old:
        assert isinstance(heard, Silence)
        assert heard.fault in (Fault.UNAVAILABLE, Fault.TIMED_OUT)
    if isinstance(heard, Answer) and cut.rest and not heard.found:
        assert not used.fresh

    worth, ends = ages.worth_keeping(Record(kept), limits, AT)
    assert worth.fields.keys() <= limits.keys() & kept.keys()
    assert ends <= AT + max((limit.outage for limit in limits.values()), default=timedelta())


def test_readings_say_what_is_stale_and_how_old() -> None:
    """Fresh ones are ok, older ones stale with their age, too old and empty ones unavailable; doubts come along."""
    kept = {
        "person.full_name": past(5, value=RawName("Nguyễn Thị Mẫu")),
        "person.sex": past(60, value=RawCode("2")),
        "person.birth_date": past(700),
        "person.permanent_address": past(60, value=None),
    }
    cut = recall.cut(planned(*kept), Record(kept, ("sex_contradicts_id",)), allowed(*kept), AT)
    silence = Silence("population", Fault.TIMED_OUT, "deadline", AT)
    used = recall.joined(cut, silence, allowed(*kept), AT)
    fields = {**FIELDS, "person.full_name": replace(FIELDS["person.full_name"], kind="name")}
    wanted = {"applicant": tuple(kept)}
    (reading,) = recall.read(wanted, [used], fields=fields, vocabulary=builders.vocabulary(), at=AT)
    said = {name: (value.status, value.age_seconds) for name, value in reading.values.items()}
    assert said == {
        "person.full_name": (Status.OK, None),
        "person.sex": (Status.STALE, 3600),
        "person.birth_date": (Status.UNAVAILABLE, None),
        "person.permanent_address": (Status.UNAVAILABLE, None),
    }
    assert reading.found
    assert reading.doubts == ("sex_contradicts_id",)
    assert reading.values["person.sex"].retrieved_at == AT - timedelta(hours=1)
    assert used.outcome == Kept("population", "timed_out", AT)


def test_age_counts_from_what_the_registry_states_unless_that_lies_ahead() -> None:
    """Data of last night is a night old when it is fetched; a clock that runs ahead makes nothing younger."""
    hour = timedelta(hours=1)
    assert ages.age(past(5, as_of=AT - hour), AT) == hour
    assert ages.age(past(5, as_of=AT + hour), AT) == timedelta(minutes=5)
    assert ages.age(past(-5), AT) == timedelta()


def test_a_registry_that_knows_nobody_is_believed() -> None:
    """What was kept is not shown beside an answer that there is no such record."""
    cut = recall.cut(planned(*PERSON_FIELDS), Record({"person.sex": past()}), allowed("person.sex"), AT)
    assert cut.fresh
    used = recall.joined(cut, Answer("population", False, AT), allowed("person.sex"), AT)
    (reading,) = recall.read(
        {"applicant": PERSON_FIELDS}, [used], fields=FIELDS, vocabulary=builders.vocabulary(), at=AT
    )
    assert not reading.found
    assert {value.status for value in reading.values.values()} == {Status.NOT_FOUND}


@pytest.mark.parametrize(
    "written",
    [b"", b"\xff", b"[]", b'{"v":2,"doubts":[],"fields":{}}', b'{"v":1,"doubts":[],"fields":{"a":{}}}'],
)
def test_what_another_version_kept_is_nothing(written: bytes) -> None:
    """It is asked for again."""
    assert record.load(written) == record.EMPTY


@given(st.dictionaries(st.sampled_from(NAMES), PASTS), st.lists(st.sampled_from(["a", "b"]), unique=True))
def test_a_record_comes_back_as_it_was(kept: dict[str, Past], doubts: list[str]) -> None:
    """Values, times to the microsecond, and doubts."""
    whole = Record(kept, tuple(doubts))
    assert record.load(record.dump(whole)) == whole


def test_everybody_a_record_names_can_be_erased_by_his_number() -> None:
    """The subject's other number, and whoever the record points at."""
    spouse = RawPerson(RawName("B"), personal_id="001", old_id="002")
    kept = {
        "person.old_id": past(value=RawText("003")),
        "person.spouse": past(value=spouse),
        "enterprise.representatives": past(value=(RawPerson(personal_id="004"), RawPerson(name=RawName("C")))),
        "person.sex": past(value=None),
    }
    assert record.people(Record(kept)) == tuple(("person", number) for number in ("003", "001", "002", "004"))


def test_nothing_personal_is_in_a_repr() -> None:
    """Neither of a value nor of a question's memory."""
    kept = Record({"person.sex": past(value=RawText("secret"))})
    cut = recall.cut(planned("person.sex"), kept, allowed("person.sex"), AT)
    used = recall.joined(cut, None, allowed("person.sex"), AT)
    assert "secret" not in repr((kept, cut, used))
