"""The line finder finds what tomllib reads, where it stands."""

import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.lines import Path, locate
from tests.config.folder import SHIPPED

SAMPLE = '''# a comment with = and [brackets]
title = "x # no comment"

[owner]
name = "a"  # a comment
"quoted key" = 1
'literal.key' = 2
dotted.inner.leaf = true
long = """
[not.a.table]
fake = 1
"""
literal = \'\'\'
also = "not a key"\'\'\'
inline = { x = 1, y = { z = [1, 2] }, "e \\u00e9" = "}" }
list = [
  "one",  # first
  # between
  { k = "two" },
  [ 3,
    4 ],
]

[[keys]]
kid = "first"
[keys.more]
deep = 1

[[keys]]
kid = "second"
[[keys.sub]]
n = 1
[[keys.sub]]
n = 2

[a.b.c]
when = 2026-11-01 00:00:00Z
'''


def paths(value: Any, here: Path = ()) -> Iterator[Path]:
    """Every path in what tomllib read."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield (*here, key)
            yield from paths(inner, (*here, key))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield (*here, position)
            yield from paths(inner, (*here, position))


def test_lines_of_a_sample() -> None:
    """Keys, list items, blocks and inline tables stand where they were written."""
    found = locate(SAMPLE)
    expected: dict[Path, int] = {
        ("title",): 2,
        ("owner",): 4,
        ("owner", "name"): 5,
        ("owner", "quoted key"): 6,
        ("owner", "literal.key"): 7,
        ("owner", "dotted", "inner", "leaf"): 8,
        ("owner", "long"): 9,
        ("owner", "literal"): 13,
        ("owner", "inline", "y", "z", 1): 15,
        ("owner", "inline", "e é"): 15,
        ("owner", "list", 0): 17,
        ("owner", "list", 1, "k"): 19,
        ("owner", "list", 2): 20,
        ("owner", "list", 2, 1): 21,
        ("keys", 0): 24,
        ("keys", 0, "more", "deep"): 27,
        ("keys", 1, "kid"): 30,
        ("keys", 1, "sub", 0, "n"): 32,
        ("keys", 1, "sub", 1): 33,
        ("a", "b", "c", "when"): 37,
    }
    assert {path: found.get(path) for path in expected} == expected


def test_exactly_the_paths_of_tomllib() -> None:
    """No path is missed and none invented."""
    assert set(locate(SAMPLE)) == set(paths(tomllib.loads(SAMPLE)))


def test_windows_line_ends() -> None:
    """Line ends of either kind count once."""
    assert locate("a = 1\r\n\r\nb = '''\r\nx\r\n'''\r\nc = 3\r\n") == {("a",): 1, ("b",): 3, ("c",): 6}


@pytest.mark.parametrize("file", sorted(SHIPPED.rglob("*.toml")), ids=lambda file: file.name)
def test_shipped_files(file: Any) -> None:
    """In every shipped file exactly the paths tomllib reads are found."""
    text = file.read_text()
    assert set(locate(text)) == set(paths(tomllib.loads(text)))


SCALARS = st.sampled_from(
    ['"a"', "'a'", "1", "-1.5", "true", "2026-11-01", "2026-11-01T00:00:00Z", '"""\n]\n"""', "'''#'''"]
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: "[\n" + ", # c\n".join(items) + "\n]"),
        st.lists(inner.filter(lambda v: "\n" not in v), max_size=3).map(
            lambda items: "{ " + ", ".join(f"k{n} = {item}" for n, item in enumerate(items)) + " }"
        ),
    ),
    max_leaves=6,
)


@given(st.lists(st.tuples(st.sampled_from(["", "[[t]]\n", "[[t.u]]\n"]), VALUES), max_size=6))
def test_generated_files(parts: list[tuple[str, str]]) -> None:
    """Whatever is built of blocks and nested values, each key is found on the line it was written."""
    text, expected = "[[t]]\n", {}
    for number, (header, value) in enumerate(parts):
        text += header
        expected[f"key{number}"] = text.count("\n") + 1
        text += f"key{number} = {value}\n"
    found = locate(text)
    assert set(found) == set(paths(tomllib.loads(text)))
    assert {str(path[-1]): line for path, line in found.items() if str(path[-1]).startswith("key")} == expected
