"""Relations: no question beyond form, grant and follow lines, whatever registries answer; each is decided before."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract import AdapterError, Answer, Fault, Question
from adapters.values import RawDate, RawName, RawPerson, RawText, RawValue
from config.model import FieldSpec, Grant, Procedure, Role, Via
from gateway.audit.errors import LogUnavailable
from gateway.following import learn
from gateway.freshness.turns import Turns
from gateway.inquiry import Learned
from gateway.model import Decision, Kind, Offered, Subject
from gateway.steps.authorise import authorise
from gateway.steps.plan import plan
from tests.helpers.builders import AT, PROCEDURE, ask, caller, form_field, named, portal, vocabulary

APPLICANT = {"personal_id": "004192000123", "full_name": "Nguyễn Thị Mẫu", "birth_date": "1992-11-22"}
HUSBAND = RawPerson(RawName(full="LUONG QUANG TOAN"), "004092660876")
_SOURCES = {"person": "population", "enterprise": "business", "taxpayer": "tax"}
FIELDS = {
    name: FieldSpec(name, _SOURCES[name.partition(".")[0]], kind, named(name), None, sensitive=False)
    for name, kind in {
        "person.personal_id": "identifier",
        "person.full_name": "name",
        "person.spouse": "person",
        "person.father": "person",
        "enterprise.code": "identifier",
        "enterprise.representatives": "persons",
        "taxpayer.tax_code": "identifier",
        "taxpayer.name": "text",
    }.items()
}
OF_KIND = {kind: [name for name in FIELDS if name.startswith(f"{kind}.")] for kind in _SOURCES}
LEADS = {
    ("person.spouse", "person"), ("person.father", "person"), ("person.spouse", "taxpayer"),
    ("person.personal_id", "taxpayer"), ("enterprise.representatives", "person"), ("enterprise.code", "taxpayer"),
    ("taxpayer.tax_code", "enterprise"),
}  # fmt: skip


@dataclass
class Registry:
    """One source: says what it is told to say, and keeps every question with how many decisions stood before it."""

    source: str
    say: Any
    log: list[Any] = field(default_factory=list)

    async def ask(self, question: Question, *, deadline: float) -> Answer:
        """The prepared answer."""
        assert deadline > 0
        self.log.append(question)
        said = self.say(question)
        if isinstance(said, Fault):
            raise AdapterError(said, "test")
        return Answer(self.source, said is not None, AT, said or {})


@dataclass(frozen=True)
class Run:
    """What came of a call: its questions and further decisions in order, and what was learned."""

    events: list[Any]
    decision: Decision
    learned: Learned


def procedure(
    roles: Mapping[str, Role], form: Sequence[Any], *, granted: Sequence[str], follows: Sequence[str]
) -> Procedure:
    """A procedure whose grant is given in words."""
    grant = Grant(PROCEDURE, dict.fromkeys(granted, "a law"), {}, dict.fromkeys(follows, "a law"))
    return Procedure(PROCEDURE, named("A"), roles, tuple(form), grant, None)


def role(name: str, kind: str, via: Via | None = None) -> Role:
    """A role that may be left out."""
    return Role(name, kind, named(name), required=False, via=via)


def run(asked: Procedure, subjects: Sequence[Subject], say: Any, **more: Any) -> Run:
    """The call, as the pipeline makes it from its authorisation on."""
    events: list[Any] = []
    numbers, clock = count(), more.get("clock", lambda: 0.0)
    decision = authorise(
        caller(),
        replace(ask(), subjects=tuple(subjects), declared=more.get("declared", {})),
        portal=portal(),
        procedures={PROCEDURE: asked},
        fields=FIELDS,
    )
    world: Any = SimpleNamespace(
        adapters={source: Registry(source, say, events) for source in _SOURCES.values()},
        now=lambda: AT,
        clock=clock,
        new_id=lambda: str(next(numbers)),
        turns=Turns(),
        vault=None,  # a procedure without limits of freshness keeps nothing
        observe=SimpleNamespace(recalled=None),
    )
    policy: Any = SimpleNamespace(fields=FIELDS, vocabulary=vocabulary(), procedures={PROCEDURE: asked})

    async def decide(step: Decision, sources: Sequence[str]) -> None:
        if more.get("log_fails"):
            raise LogUnavailable("store")
        events.append((step, tuple(sources)))

    decided, learned, offered = asyncio.run(
        learn(
            decision,
            plan(decision, fields=FIELDS, new_id=world.new_id),
            policy=policy,
            world=world,
            deadlines=dict.fromkeys(_SOURCES.values(), 5.0),
            remaining=8.0,
            decide=decide,
        )
    )
    assert offered == Offered()  # no kind of document is accepted
    return Run(events, decided, learned)


def couple(
    *, follows: Sequence[str] = ("applicant person.spouse spouse",), granted: Sequence[str] = tuple(FIELDS)
) -> Procedure:
    """An applicant, the spouse, and the spouse as a taxpayer."""
    roles = {
        "applicant": role("applicant", "person"),
        "spouse": role("spouse", "person", Via("applicant", "person.spouse", named("why"), "spouse_birth_date", 1)),
        "payer": role("payer", "taxpayer", Via("spouse", "person.personal_id", named("why"), None, 2)),
    }
    form = [
        form_field("name", ("applicant", "person.full_name")),
        form_field("spouse_name", ("spouse", "person.full_name")),
        form_field("spouse_birth_date"),
        form_field("payer_name", ("payer", "taxpayer.name")),
    ]
    return procedure(roles, form, granted=granted, follows=follows)


BOTH = ("applicant person.spouse spouse", "spouse person.personal_id payer")
ME = Subject("applicant", Kind.PERSON, APPLICANT)
BORN = {"spouse_birth_date": "1992-12-17"}


def _honest(question: Question) -> Any:
    if question.source == "tax":
        return {"taxpayer.name": RawText("Shop")}
    if question.identifiers["personal_id"] == APPLICANT["personal_id"]:
        return {"person.full_name": RawName(full="NGUYEN THI MAU"), "person.spouse": HUSBAND}
    return {
        "person.full_name": RawName(full="LUONG QUANG TOAN"),
        "person.personal_id": RawText(question.identifiers["personal_id"]),
    }


def test_two_hops_are_asked_one_after_the_other_each_decided_before() -> None:
    """Applicant, spouse, the spouse's tax code: each question has its decision right before it."""
    made = run(couple(follows=BOTH), [ME], _honest, declared=BORN)
    first, second, asked_second, third, asked_third = made.events
    assert first.identifiers == APPLICANT
    assert [s.role for s in second[0].ask.subjects] == ["spouse"]
    assert second[1] == ("population",)
    assert asked_second.identifiers == {
        "personal_id": "004092660876", "full_name": "Luong Quang Toan", "birth_date": "1992-12-17",
    }  # fmt: skip
    assert asked_second.fields == {"person.full_name", "person.personal_id"}
    assert [s.role for s in third[0].ask.subjects] == ["payer"]
    assert (asked_third.source, asked_third.identifiers) == ("tax", {"tax_code": "004092660876"})
    assert {name: hop.depth for name, hop in made.decision.relations.reached.items()} == {"spouse": 1, "payer": 2}


@pytest.mark.parametrize(
    ("asked", "declared"),
    [
        (couple(follows=()), BORN),
        (couple(follows=("applicant person.father spouse",)), BORN),
        (couple(granted=[n for n in FIELDS if n != "person.spouse"]), BORN),
    ],
)
def test_without_its_line_or_its_field_nothing_is_followed(asked: Procedure, declared: Any) -> None:
    """No follow line of exactly this relation, or its field not granted: one question, and the relation is not read."""
    made = run(asked, [ME], _honest, declared=declared)
    (only,) = made.events
    assert "person.spouse" not in only.fields
    assert made.decision.relations.reached == {}


def test_a_birth_date_is_never_guessed() -> None:
    """The relation has none, nobody declares one: the role is not reached, though the number tells a year."""
    made = run(couple(), [ME], _honest)
    assert len(made.events) == 1
    assert made.decision.relations.unreached == {"spouse": ("not_reachable", "population")}


@pytest.mark.parametrize("born", ["17/12/1992", "1992-13-01", "", 1992, None, "1992-12-17 "])
def test_a_declared_birth_date_that_is_none_reaches_nobody(born: Any) -> None:
    """Only a date as the API takes it completes a question."""
    form = couple()
    anything = replace(form, form=tuple(replace(f, schema={}) for f in form.form))
    made = run(anything, [ME], _honest, declared={"spouse_birth_date": born})
    assert made.decision.relations.unreached["spouse"][0] == "not_reachable"


def test_a_subject_the_portal_names_is_not_sought() -> None:
    """The spouse is named: the relation is not even read."""
    named_spouse = Subject("spouse", Kind.PERSON, {**APPLICANT, "personal_id": "004092660876"})
    made = run(couple(), [ME, named_spouse], _honest)
    assert all(isinstance(event, Question) for event in made.events)
    assert all("person.spouse" not in event.fields for event in made.events)


def test_who_is_asked_about_already_is_not_asked_about_twice() -> None:
    """A hop that leads to somebody of the call uses his three identifiers and what was heard; it is decided too."""
    roles = {
        "applicant": role("applicant", "person"),
        "other": role("other", "person"),
        "spouse": role("spouse", "person", Via("applicant", "person.spouse", named("why"))),
    }
    form = [form_field("a", ("other", "person.full_name")), form_field("b", ("spouse", "person.full_name"))]
    asked = procedure(roles, form, granted=list(FIELDS), follows=["applicant person.spouse spouse"])
    other = {"personal_id": "004092660876", "full_name": "Lương Quang Toàn", "birth_date": "1992-12-17"}
    made = run(asked, [ME, Subject("other", Kind.PERSON, other)], _honest)
    assert sum(isinstance(event, Question) for event in made.events) == 2
    assert made.events[-1][1] == ()
    reading = {r.role: r for r in made.learned.readings}["spouse"]
    assert reading.values["person.full_name"].value == {"full": "Luong Quang Toan"}


def test_several_representatives_are_ambiguous_and_none_is_asked_about() -> None:
    """One is reached with the birth date the business registry has; of several nobody is chosen."""
    roles = {
        "enterprise": role("enterprise", "enterprise"),
        "head": role("head", "person", Via("enterprise", "enterprise.representatives", named("why"))),
    }
    asked = procedure(
        roles, [form_field("n", ("head", "person.full_name"))],
        granted=list(FIELDS), follows=["enterprise enterprise.representatives head"],
    )  # fmt: skip
    firm = Subject("enterprise", Kind.ENTERPRISE, {"enterprise_code": "0100109106"})
    one = replace(HUSBAND, birth_date=RawDate(1992, 12, 17))

    def say(heads: tuple[RawPerson, ...]) -> Any:
        return lambda q: {"enterprise.representatives": heads} if q.source == "business" else _honest(q)

    assert run(asked, [firm], say((one,))).decision.relations.reached.keys() == {"head"}
    several = run(asked, [firm], say((one, replace(one, personal_id="001078000264"))))
    assert several.decision.relations.unreached == {"head": ("ambiguous", "business")}
    assert run(asked, [firm], say(())).decision.relations.unreached == {"head": ("not_found", "business")}


def test_what_contradicts_the_relation_is_a_doubt() -> None:
    """Another name, a spouse who is married to somebody else, somebody the registry does not know so, oneself."""

    def say(second: Any) -> Any:
        return lambda q: _honest(q) if q.identifiers.get("personal_id") == APPLICANT["personal_id"] else second

    other_name = {"person.full_name": RawName(full="TRAN VAN BA"), "person.personal_id": RawText("004092660876")}
    doubts = run(couple(), [ME], say(other_name), declared=BORN).decision.relations.doubts
    assert doubts == {"spouse": ("relation_name_differs",)}
    assert run(couple(), [ME], say(None), declared=BORN).decision.relations.doubts == {
        "spouse": ("relation_not_confirmed",)
    }
    me = replace(HUSBAND, personal_id=APPLICANT["personal_id"])
    itself = run(couple(), [ME], lambda _: {"person.spouse": me}, declared=BORN)
    assert itself.decision.relations.doubts == {"spouse": ("relation_points_at_itself",)}
    assert len(itself.events) == 1


def test_no_log_no_hop() -> None:
    """The further decision cannot be written: the call ends, and nobody was asked about whom it would have named."""
    asked: list[Question] = []

    def say(question: Question) -> Any:
        asked.append(question)
        return _honest(question)

    with pytest.raises(LogUnavailable):
        run(couple(), [ME], say, declared=BORN, log_fails=True)
    assert [q.identifiers for q in asked] == [APPLICANT]


def test_no_time_no_hop() -> None:
    """The first round used up the time: nobody is asked about the spouse, what was heard stays.

    The decision stands all the same: what is kept about her could still be disclosed.
    """
    ticks = iter([0.0])
    made = run(couple(), [ME], _honest, declared=BORN, clock=lambda: next(ticks, 9.0))
    first, (step, sources) = made.events
    assert isinstance(first, Question)
    assert ([one.role for one in step.ask.subjects], sources) == (["spouse"], ("population",))
    assert made.decision.relations.reached.keys() == {"spouse"}
    readings = {r.role: r.values["person.full_name"].status.value for r in made.learned.readings}
    assert readings == {"applicant": "ok", "spouse": "unavailable"}


NUMBERS = st.sampled_from(
    [
        "004192000123",
        "004092660876",
        "001078000264",
        "123456789",
        "0100109106",
        "0100109107",
        "",
        "٠٠٤٠٩٢٦٦٠٨٧٦",
        "x" * 12,
    ]
)
PEOPLE = st.builds(
    RawPerson,
    name=st.none() | st.builds(RawName, full=st.sampled_from(["Nguyễn Văn A", "", "<b>", "7", "Lương Quang Toàn"])),
    personal_id=st.none() | NUMBERS,
    old_id=st.none() | NUMBERS,
    birth_date=st.none() | st.builds(RawDate, st.sampled_from([0, 1950, 1992, 9999]), st.none() | st.just(13)),
)
SAID: st.SearchStrategy[RawValue] = st.one_of(
    PEOPLE, st.lists(PEOPLE, max_size=3).map(tuple), st.builds(RawText, NUMBERS), st.builds(RawName, full=NUMBERS)
)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[Procedure, list[Subject]]:
    """Roles that lead to one another as the configuration allows, any part of it granted, any of them named."""
    roles: dict[str, Role] = {}
    for number in range(draw(st.integers(1, 5))):
        options: list[tuple[str, Via | None]] = [(kind, None) for kind in _SOURCES]
        options += [
            (
                kind,
                Via(
                    r.name,
                    source,
                    named("why"),
                    "born" if kind == "person" else None,
                    (r.via.depth if r.via else 0) + 1,
                ),
            )
            for r in roles.values()
            for source, kind in sorted(LEADS)
            if source.startswith(f"{r.kind}.") and (r.via is None or r.via.depth < 3)
        ]
        kind, via = draw(st.sampled_from(options))
        roles[f"r{number}"] = role(f"r{number}", kind, via)
    form = [form_field("born", schema={"description": "anything"})]
    for name, one in roles.items():
        form += [
            form_field(f"{name}_{n}", (name, f))
            for n, f in enumerate(draw(st.sets(st.sampled_from(OF_KIND[one.kind]))))
        ]
    granted = draw(st.just(list(FIELDS)) | st.lists(st.sampled_from(list(FIELDS)), unique=True))
    every = [f"{r.via.role} {r.via.field} {r.name}" for r in roles.values() if r.via]
    follows = draw(st.just(every) | st.lists(st.sampled_from(every), unique=True)) if every else []
    identifiers = {
        "person": APPLICANT, "enterprise": {"enterprise_code": "0100109106"}, "taxpayer": {"tax_code": "0100109106"},
    }  # fmt: skip
    subjects = [
        Subject(name, Kind(one.kind), identifiers[one.kind])
        for name, one in roles.items()
        if (one.via is None and draw(st.booleans())) or name == "r0"
    ]
    return procedure(roles, form, granted=granted, follows=follows), subjects


@given(graphs(), st.data())
def test_nothing_is_asked_beyond_form_grant_and_follow_lines(
    made: tuple[Procedure, list[Subject]], data: st.DataObject
) -> None:
    """Whatever registries answer: each question is about a named subject or one that a granted relation led to, for
    granted fields that form or a granted relation needs of that role; of the latter each question is decided before."""
    asked, subjects = made

    def say(question: Question) -> Any:
        if data.draw(st.integers(0, 9)) == 0:
            return data.draw(st.sampled_from(Fault))
        return data.draw(st.dictionaries(st.sampled_from(list(FIELDS)), SAID))

    ran = run(asked, subjects, say, declared=data.draw(st.sampled_from([{}, {"born": "1992-12-17"}, {"born": [1]}])))
    given_roles = {one.role for one in subjects}
    decided = [(one.role, one) for one in subjects]
    for event in ran.events:
        if not isinstance(event, Question):
            step, _ = event
            for one in step.ask.subjects:
                via = asked.roles[one.role].via
                assert via is not None
                assert one.role not in given_roles
                assert one.hop is not None
                assert f"{via.role} {via.field} {one.role}" in asked.grant.follows
                assert via.field in asked.grant.fields
                assert one.hop.depth <= 3
                decided.append((one.role, one))
            continue
        about = [name for name, one in decided if one.identifiers == event.identifiers]
        assert about, "a question about somebody no decision names"
        needed = {o.field for f in asked.form for o in f.origins if o.role in about}
        onward = {
            r.via.field
            for r in asked.roles.values()
            if r.via
            and r.via.role in about
            and r.name not in given_roles
            and f"{r.via.role} {r.via.field} {r.name}" in asked.grant.follows
        }
        assert event.fields <= (needed | onward) & set(asked.grant.fields)
    roles = [one.role for event in ran.events if not isinstance(event, Question) for one in event[0].ask.subjects]
    assert len(roles) == len(set(roles))
    asked_of = [
        (q.source, tuple(sorted(q.identifiers.items())), q.fields) for q in ran.events if isinstance(q, Question)
    ]
    assert len(asked_of) == len(set(asked_of))
