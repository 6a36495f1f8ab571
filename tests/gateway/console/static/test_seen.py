"""static/seen.js: what a browser remembers of a log."""

from typing import Any

from tests.gateway.console.static.node import Scripts

BEFORE = """
import { shelf } from "./seen.js";
const kept = new Map();
const storage = () => ({ getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, value) });
const note = (size) => `log.example\\n${size}\\nroot\\n\\n`;
const log = shelf("log.example", storage);
"""


def _run(scripts: Scripts, *lines: str) -> Any:
    return scripts.script("\n".join([BEFORE.replace("\\\\", "\\"), *lines]))


def test_the_newest_checkpoint_is_kept(scripts: Scripts) -> None:
    """A larger one replaces a smaller one and never the other way round; as numbers, not as text."""
    kept = _run(
        scripts,
        'log.keep(note(9), "key", 9n); log.keep(note(10), "key", 10n); log.keep(note(9), "key", 9n);',
        "console.log(JSON.stringify(log.read()));",
    )
    assert kept == {"note": "log.example\n10\nroot\n\n", "vkey": "key"}


def test_each_log_has_its_own(scripts: Scripts) -> None:
    """What is kept of one log is not taken for another's."""
    assert (
        _run(scripts, 'log.keep(note(9), "key", 9n);', 'console.log(JSON.stringify(shelf("b", storage).read()));')
        is None
    )


def test_what_is_not_ours_counts_as_nothing(scripts: Scripts) -> None:
    """Spoilt or foreign text under the name is as if nothing had been seen, and is replaced."""
    answers = _run(
        scripts,
        "const read = [];",
        'for (const text of ["", "{", "1", "null", JSON.stringify({ note: 1, vkey: "x" })]) {',
        '  kept.set("lienthong.checkpoint.log.example", text); read.push(log.read()); }',
        'log.keep(note(1), "key", 1n); read.push(log.read().vkey);',
        "console.log(JSON.stringify(read));",
    )
    assert answers == [None, None, None, None, None, "key"]


def test_a_browser_that_keeps_nothing_is_no_fault(scripts: Scripts) -> None:
    """Where storage is refused, reading gives nothing and keeping does nothing."""
    answer = _run(
        scripts,
        'const none = shelf("a", () => { throw new Error("SecurityError"); });',
        'none.keep(note(1), "key", 1n);',
        "console.log(JSON.stringify(none.read()));",
    )
    assert answer is None
