"""What an entry says, as sentences a person reads: who asked what about whom, when and why, and what came of it.

Rule of this file: pure functions from an opened entry to text. Every kind and operation has its words; what is not
known is said as its code. Nothing is told that the entry does not say.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from gateway.audit.reading import Opened
from gateway.console.words import Words

_FIRST_ERROR = 400
_LOOKUPS = frozenset({"persons.lookup", "enterprises.lookup", "taxpayers.lookup"})
CALLS = frozenset({"decided", "disclosed", "refused"})
"""Kinds of entry that come from a portal's call."""


def sentence(entry: Opened, words: Words, *, asked: int | None = None, erased: bool | None = None) -> str:
    """All of it. `asked`: how many facts the call asked for, where another entry of it says so.

    `erased`: whether the keys of an entry that cannot be read were destroyed by rule (True) or are merely not here.
    """
    when = words.when(entry.at)
    if entry.payload is None:
        why = words.t("sealed_erased" if erased else "sealed_keys_missing")
        return words.t("say_sealed").format(kind=words.word("kind", entry.kind), when=when, why=why)
    if entry.kind in CALLS:
        return f"{_opening(entry, words, when, asked)} {_ending(entry.kind, entry.payload, words)}"
    return _of_the_house(entry.kind, entry.payload, words, when)


def summary(entry: Opened, words: Words) -> str:
    """What was done and what came of it, without when, who and why: for a line of a table."""
    if entry.payload is None:
        return words.t("sealed_short")
    if entry.kind in CALLS:
        asked = _asked(entry.kind, entry.payload, words, None)
        return f"{asked[:1].upper()}{asked[1:]}. {_ending(entry.kind, entry.payload, words)}"
    if entry.kind == "inspected":
        done = _did(entry.payload, words)
        return f"{done[:1].upper()}{done[1:]}."
    match entry.kind:
        case "changed":
            return changes(entry.payload, words)
        case "redaction":
            return words.t("short_redaction").format(erased=_erased(entry.payload, words))
        case "key-epoch":
            return words.t("short_key_epoch").format(**_epoch(entry.payload, words))
    return words.word("short", entry.kind)


def subject(payload: Mapping[str, Any], words: Words) -> str:
    """Whom an entry is about: `one person (applicant), subject 1 of 3`."""
    said = payload.get("subject")
    if not isinstance(said, Mapping):
        return words.t("one_unknown")
    text = words.word("one", str(said.get("kind", "")))
    if said.get("role") and said["role"] not in ("searched", "subject"):
        text = f"{text} ({words.role(str(said['role']), str(payload.get('procedure', ''))).lower()})"
    if int(said.get("of", 1)) > 1:
        text += words.t("subject_place").format(n=said["n"], of=said["of"])
    return text + _reached(said.get("via"), str(payload.get("procedure", "")), words)


def _reached(via: Any, procedure: str, words: Words) -> str:
    """How a subject that the portal did not name was reached, and by which law."""
    if not isinstance(via, Mapping):
        return ""
    field = words.field(str(via.get("field", "?")))
    start = words.role(str(via.get("from", "?")), procedure)
    return words.t("subject_reached").format(
        start=start.lower(), field=field.lower(), depth=via.get("depth", "?"), basis=via.get("basis", "?")
    )


def _opening(entry: Opened, words: Words, when: str, asked: int | None) -> str:
    payload = entry.payload or {}
    return words.t("say_call").format(
        when=when,
        officer=payload.get("officer", "?"),
        portal=words.portal(str(payload.get("portal", "?"))),
        asked=_asked(entry.kind, payload, words, asked),
        dossier=payload.get("dossier", "?"),
        procedure=words.procedure(str(payload.get("procedure", "?"))),
        basis=words.word("basis", str(payload.get("basis", "?"))).format(consent=payload.get("consent", "?")),
    )


def _asked(kind: str, payload: Mapping[str, Any], words: Words, asked: int | None) -> str:
    operation = str(payload.get("operation", "?"))
    fields = payload.get("fields", ())
    # the fields of an answer are those that were given, not those that were asked for
    count = len(fields) if kind in ("decided", "refused") and fields else asked
    facts = words.t("some_facts") if count is None else words.count("fact", count)
    key = "lookup" if operation in _LOOKUPS else operation
    template = words.word("asked", key) if words.has("asked", key) else words.t("asked_other")
    return template.format(subject=subject(payload, words), facts=facts, operation=operation)


def _ending(kind: str, payload: Mapping[str, Any], words: Words) -> str:
    if kind == "decided":
        sources = [words.word("source", str(name)) for name in payload.get("sources", ())]
        return words.t("ended_decided").format(sources=words.listing(sources)) if sources else words.t("ended_allowed")
    parts = [_refusal(payload, words) if kind == "refused" else _answer(payload, words)]
    silent = {name: outcome for name, outcome in payload.get("outcomes", {}).items() if outcome not in ("answered", "")}
    if silent:
        parts.append(words.t("ended_sources").format(sources=_outcomes(silent, words)))
    return " ".join(parts)


def _refusal(payload: Mapping[str, Any], words: Words) -> str:
    code = str(payload.get("code", "?"))
    return words.t("ended_refused").format(reason=words.word("code", code), code=code)


def _answer(payload: Mapping[str, Any], words: Words) -> str:
    fields: Sequence[str] = payload.get("fields", ())
    found, operation = payload.get("found"), payload.get("operation")
    if int(payload.get("status", 0)) >= _FIRST_ERROR:
        return words.t("ended_status").format(status=payload["status"])
    if operation == "persons.verify" and found is not None:
        return words.t("ended_match" if found else "ended_no_match")
    if found is False and not fields:
        return words.t("ended_not_found")
    papers = _papers(payload, words)
    if not fields:
        return papers.strip() or words.t("ended_nothing")
    named = words.listing(words.field(str(name)).lower() for name in fields)
    text = words.t("ended_given").format(facts=words.count("fact", len(fields)), names=named)
    if "reuse" in payload:
        total, filled = payload["reuse"]
        text += " " + words.t("ended_reuse").format(total=total, filled=filled, percent=words.percent(filled, total))
    return text + papers


def _papers(payload: Mapping[str, Any], words: Words) -> str:
    """What was offered or handed out of digitised papers, after a blank; "" for none of either."""
    counted = zip(("offered", "handed"), payload.get("documents", ()), strict=False)
    said = (words.t(f"ended_documents_{name}").format(**{name: words.number(n)}) for name, n in counted if n)
    return "".join(f" {one}" for one in said)


def _outcomes(outcomes: Mapping[str, Any], words: Words) -> str:
    return words.listing(
        f"{words.word('source', str(name))}: {words.word('outcome', str(said))}" for name, said in outcomes.items()
    )


def _of_the_house(kind: str, payload: Mapping[str, Any], words: Words, when: str) -> str:
    match kind:
        case "inspected":
            return words.t("say_inspected").format(
                when=when,
                auditor=payload.get("auditor") or words.t("somebody"),
                role=words.word("role", str(payload.get("role", "?"))),
                scope=", ".join(payload.get("scope", ())) or words.t("scope_all"),
                did=_did(payload, words),
            )
        case "changed":
            by = str(payload.get("by", "?"))
            who = words.t("by_configuration") if by == "configuration" else words.t("by_account").format(name=by)
            return words.t("say_changed").format(when=when, by=who, changes=changes(payload, words))
        case "redaction":
            basis = words.word("erasure", str(payload.get("basis", "?")))
            return words.t("say_redaction").format(when=when, erased=_erased(payload, words), basis=basis)
        case "key-epoch":
            return words.t("say_key_epoch").format(when=when, **_epoch(payload, words))
        case "heartbeat":
            return words.t("say_heartbeat").format(when=when)
    return words.t("say_other").format(when=when, kind=kind)


def _erased(payload: Mapping[str, Any], words: Words) -> str:
    return words.listing(
        f"{words.word('kind', str(one.get('seals', '?')))} {one.get('period', '?')}"
        for one in payload.get("epochs", ())
    )


def _epoch(payload: Mapping[str, Any], words: Words) -> dict[str, str]:
    return {"seals": words.word("kind", str(payload.get("seals", "?"))), "period": str(payload.get("period", "?"))}


def changes(payload: Mapping[str, Any], words: Words) -> str:
    """What was changed: `key H14/h14-key-2: added`."""
    told = [
        words.t("one_change").format(
            what=words.word("what", str(one.get("what", "?"))),
            name=one.get("name", "?"),
            change=words.word("change", str(one.get("change", "?"))),
        )
        + (f" ({one['detail']})" if one.get("detail") else "")
        for one in payload.get("changes", ())
    ]
    if payload.get("omitted"):
        told.append(words.count("change", int(payload["omitted"])))
    return "; ".join(told)


def about(payload: Mapping[str, Any], words: Words) -> str:
    """What an auditor asked for: `portal: H14, kind: disclosed`."""
    said = payload.get("about", {})
    return ", ".join(
        f"{words.word('about', str(name)).lower()}: {asked_value(str(name), str(value), words)}"
        for name, value in sorted(said.items())
    )


def asked_value(name: str, value: str, words: Words) -> str:
    """One value an auditor asked for, in words where there are any: a kind, an operation, a time."""
    if name in ("since", "until"):
        try:
            at = datetime.fromisoformat(value)
        except ValueError:
            return value
        return words.when(at) if at.tzinfo else value
    return words.word("code" if name == "outcome" and not words.has(name, value) else name, value)


def _did(payload: Mapping[str, Any], words: Words) -> str:
    action = str(payload.get("action", "?"))
    text = words.word("did", action) if words.has("did", action) else words.t("did_other").format(action=action)
    if "subject" in payload:
        text += " " + words.t("did_about_subject").format(subject=subject(payload, words))
    asked = about(payload, words)
    if asked:
        text += f" ({asked})"
    entries = payload.get("entries", ())
    if len(entries) == 1:
        text += words.t("did_one_entry").format(index=entries[0])
    elif entries:
        text += words.t("did_entries").format(shown=words.count("entry", len(entries)))
    if "matches" in payload and len(entries) != 1:
        text += words.t("did_matches").format(n=words.number(int(payload["matches"])))
    return text
