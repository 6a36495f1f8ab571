"""What an export says in clear, altered member by member: with the keys, without them, and with others."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.audit import check
from gateway.audit.export import Exporter
from gateway.storage.sqlite_reader import SqliteReader
from tests.gateway.audit.builders import keys
from tests.gateway.audit.long_log import SIZE, LongLog
from tests.gateway.audit.test_export import export, found, verify

Said = dict[str, Any]
NOT_IT = "what is written in clear beside it is not what it says"
WITHHELD = "what it says is not written in clear beside it, though it can be read"


def rewrite(folder: Path, number: int, change: Callable[[Said], Said | str]) -> None:
    """Replace a line of the first file in clear by what `change` makes of it."""
    path = folder / "contents/000.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    made = change(json.loads(lines[number]))
    lines[number] = made if isinstance(made, str) else json.dumps(made)
    path.write_text("".join(f"{one}\n" for one in lines), encoding="utf-8")


def another() -> dict[bytes, check.EpochKeys]:
    """Keys of an epoch the log never had."""
    other = check.EpochKeys(os.urandom(16), os.urandom(32), os.urandom(32))
    return {other.epoch: other}


def without(member: str) -> Callable[[Said], Said]:
    """A line with a member less."""
    return lambda said: {name: value for name, value in said.items() if name != member}


def in_content(**members: Any) -> Callable[[Said], Said]:
    """A line whose content says something else."""
    return lambda said: {**said, "content": {**said["content"], **members}}


def of_line(**members: Any) -> Callable[[Said], Said]:
    """A line that says something else."""
    return lambda said: {**said, **members}


def twice(member: str, value: Any) -> Callable[[Said], str]:
    """A line with a member twice: what another reader takes may be the first."""
    return lambda said: f"{{{json.dumps(member)}: {json.dumps(value)}, {json.dumps(said)[1:]}"


OPEN_TO_ALL = {
    "index": of_line(index=6),
    "index as text": of_line(index="5"),
    "index as a fraction": of_line(index=5.0),
    "time": of_line(at="2031-01-01T00:00:00+00:00"),
    "time in another form": lambda said: {**said, "at": said["at"].replace("+00:00", "Z")},
    "time null": of_line(at=None),
    "kind": of_line(kind="heartbeat"),
    "kind by number": of_line(kind=1),
    "epoch": of_line(epoch="00" * 16),
    "epoch null": of_line(epoch=None),
    "leaf": of_line(leaf="00" * 32),
    "content a text": of_line(content="nothing"),
    "content false": of_line(content=False),
    "a member more": of_line(note="approved"),
    "index twice": twice("index", 4),
    "content twice": twice("content", {"portal": "H99"}),
    "no object": lambda said: json.dumps([said]),
    "no JSON": lambda _: "{",
    "nested without end": lambda _: "[" * 100_000,
    "nested content": lambda said: json.dumps(said)[:-1] + ', "content": ' + "[" * 100_000,
    **{f"without {name}": without(name) for name in ("index", "at", "kind", "epoch", "leaf", "content")},
}
SEALED = {
    "content": of_line(content={"v": 1}),
    "content empty": of_line(content={}),
    "who asked": in_content(portal="H99"),
    "a member of the content more": in_content(remark="x"),
    "a number as truth": in_content(v=True),
    "a number as a fraction": in_content(v=1.0),
}


@pytest.mark.parametrize("change", OPEN_TO_ALL.values(), ids=OPEN_TO_ALL.keys())
def test_a_forged_line_is_named(whole: LongLog, tmp_path: Path, change: Callable[[Said], Said | str]) -> None:
    """Members of the header, and the form of a line, are held against the envelope with and without its key."""
    export(whole, tmp_path, contents=True)
    rewrite(tmp_path, 5, change)
    assert found(whole, tmp_path, opened=True) == (5, NOT_IT)
    assert found(whole, tmp_path) == (5, NOT_IT)
    with pytest.raises(check.Violation, match="entry 5: what is written in clear"):
        check.check_export(tmp_path, key=check.parse_key(whole.vkey), keys=another())


@pytest.mark.parametrize("change", SEALED.values(), ids=SEALED.keys())
def test_a_forged_content_is_named(whole: LongLog, tmp_path: Path, change: Callable[[Said], Said | str]) -> None:
    """With the keys the content of a line is exactly that of the entry; without them a remark says what was not."""
    export(whole, tmp_path, contents=True)
    rewrite(tmp_path, 5, change)
    assert found(whole, tmp_path, opened=True) == (5, NOT_IT)
    assert "that needs their keys" in verify(whole, tmp_path).remarks[0]


@pytest.mark.parametrize("number", [0, 5])
def test_a_content_that_can_be_read_is_not_withheld(whole: LongLog, tmp_path: Path, number: int) -> None:
    """Null stands for what does not open only: not for an entry the auditor opened, nor for an announcement."""
    export(whole, tmp_path, contents=True)
    rewrite(tmp_path, number, of_line(content=None))
    assert found(whole, tmp_path, opened=True) == (number, WITHHELD)


def test_contents_without_their_keys_stay_sealed(whole: LongLog, tmp_path: Path) -> None:
    """Exported with another key ring, contents are null: right for who cannot open them either, not for who can."""
    other = keys(tmp_path / "other")[2]
    reader = SqliteReader(whole.places.store)
    Exporter(reader, whole.signer.key, tmp_path / "export", ring=other).write()
    reader.close()
    said = json.loads((tmp_path / "export/contents/000.jsonl").read_text(encoding="utf-8").splitlines()[7])
    assert said["content"] is None
    assert verify(whole, tmp_path / "export").entries == SIZE
    report = check.check_export(tmp_path / "export", key=check.parse_key(whole.vkey), keys=another())
    assert report.remarks == ("no entry belongs to the keys given",)
    assert found(whole, tmp_path / "export", opened=True) == (1, WITHHELD)


def test_contents_the_key_given_does_not_open_are_remarked_on(whole: LongLog, tmp_path: Path) -> None:
    """What stands in clear for entries of another key epoch proves nothing, and the report counts it."""
    export(whole, tmp_path, contents=True)
    report = check.check_export(tmp_path, key=check.parse_key(whole.vkey), keys=another())
    assert report.remarks == (
        "no entry belongs to the keys given",
        f"{SIZE - 1} contents under other keys were not held against the entries",
    )
