"""Grant files line by line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.errors import Findings
from config.grants import parse
from config.model import FieldSpec, Grant, Named

FIELDS = {
    name: FieldSpec(name, "population", "text", Named("a", "b"), None, sensitive)
    for name, sensitive in (("person.sex", False), ("person.full_name", False), ("person.religion", True))
}


def read(text: str) -> tuple[Grant, list[str]]:
    """The grant in a text and its problems."""
    findings = Findings()
    grant = parse("1.004222", text, "g.txt", FIELDS, findings=findings)
    return grant, [str(problem) for problem in findings.problems]


def test_lines() -> None:
    """Fields, bases and needs are taken as written; blank lines and comments are passed over."""
    grant, problems = read("# head\n\n  person.sex\t# Law A # art. 1\r\nperson.religion need:  the form  # Law B\n")
    assert problems == []
    assert dict(grant.fields) == {"person.sex": "Law A # art. 1", "person.religion": "Law B"}
    assert dict(grant.needs) == {"person.religion": "the form"}


@pytest.mark.parametrize("line", ["person.religion need: # Law", "person.religion need:", "person.religion # Law"])
def test_sensitive_field_needs_its_need(line: str) -> None:
    """A sensitive field without a stated need is not granted."""
    grant, problems = read(line)
    assert dict(grant.fields) == {}
    assert len(problems) == 1


def test_line_with_a_mistake_grants_nothing() -> None:
    """A field whose line has a mistake is not granted, the others are."""
    grant, problems = read("person.sex # Law\nperson.full_name Law\n")
    assert set(grant.fields) == {"person.sex"}
    assert [problem.partition(": ")[0] for problem in problems] == ["g.txt:2"]


def test_a_relation_is_followed_by_a_line_of_its_own() -> None:
    """Role, field, role and law; the field may be granted further down."""
    grant, problems = read("follow applicant person.sex spouse # Law A\nperson.sex # Law B\n")
    assert problems == []
    assert dict(grant.follows) == {"applicant person.sex spouse": "Law A"}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("follow applicant person.sex # Law", "A line is: follow"),
        ("follow applicant person.sex spouse child # Law", "A line is: follow"),
        ("follow applicant person.sex spouse need: x # Law", "A line is: follow"),
        ("follow applicant person.sex spouse", "no legal basis"),
        ("follow applicant person.sex spouse #", "no legal basis"),
        ("follow applicant person.full_name spouse # Law", "not granted here"),
        ("follow a person.sex b # Law\nfollow a person.sex b # Law", "twice"),
        ("Follow applicant person.sex spouse # Law", "A line is: field"),
    ],
)
def test_a_relation_with_a_mistake_is_not_followed(line: str, said: str) -> None:
    """Each mistake is named; of a line that stands twice the first counts."""
    grant, problems = read(f"person.sex # Law\n{line}")
    assert len(problems) == 1
    assert said in problems[0]
    assert len(grant.follows) == line.count("\n")


@given(st.lists(st.text(max_size=40), max_size=8))
def test_any_text(rows: list[str]) -> None:
    """Whatever a file holds, only known fields with a basis are granted, sensitive ones only with a need."""
    grant, _ = read("\n".join([*rows, "person.sex # Law"]))
    assert set(grant.fields) <= set(FIELDS)
    assert all(basis.strip() for basis in grant.fields.values())
    assert all(name in grant.needs for name in grant.fields if FIELDS[name].sensitive)


@given(
    st.sampled_from(sorted(FIELDS)),
    st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"], exclude_characters="#"), min_size=1),
    st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1),
)
def test_written_is_read(name: str, need: str, basis: str) -> None:
    """A line written in the documented form is read back as it was meant."""
    sensitive = FIELDS[name].sensitive
    grant, problems = read(f"{name}   {f'need: {need}   ' if sensitive else ''}# {basis}")
    assert problems == []
    assert grant == Grant("1.004222", {name: basis}, {name: need} if sensitive else {})


def test_a_law_that_is_still_to_be_written_is_told() -> None:
    """Such a line grants, as the loader cannot judge laws, and is named to whoever checks."""
    findings = Findings()
    text = "person.sex # Law\nperson.full_name # TO BE WRITTEN\nperson.religion need: TO BE WRITTEN # Law\n"
    grant = parse("1.004222", text, "g.txt", FIELDS, findings=findings)
    assert set(grant.fields) == set(FIELDS)
    assert [str(warning) for warning in findings.warnings] == [
        "g.txt:2: The legal basis or the need of person.full_name is still to be written.",
        "g.txt:3: The legal basis or the need of person.religion is still to be written.",
    ]
