"""Tests of entries as sentences: each kind and operation in both languages, as a person reads it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.audit.events import KINDS, Change, Event, Heartbeat, Reached, SubjectRef
from gateway.audit.reading import Opened
from gateway.console import texts
from gateway.console.model import Action
from gateway.console.sentences import sentence, summary
from gateway.console.words import Words
from tests.gateway.audit.builders import (
    PERSON,
    a_change,
    a_context,
    a_decision,
    a_disclosure,
    a_new_epoch,
    a_redaction,
    a_refusal,
    an_inspection,
)
from tests.gateway.audit.test_events import FULL, payload
from tests.gateway.console.naming import FACTS
from tests.gateway.console.test_texts import OPERATIONS

VI, EN = (Words(texts.load(), language, FACTS) for language in ("vi", "en"))
AT = datetime(2026, 11, 24, 2, 0, 5, tzinfo=UTC)
CALL_EN = "On 24 Nov 2026 at 09:00, officer cb-0042 of Public-service portal of Cao Bang province (H14) "
WHY_EN = ", for dossier H14.12-261122-0001 (procedure Registration of permanent residence (1.004222)), "
CALL_VI = "Lúc 09:00 ngày 24/11/2026, cán bộ cb-0042 của Cổng dịch vụ công tỉnh Cao Bằng (H14) "
WHY_VI = ", cho hồ sơ H14.12-261122-0001 (thủ tục Đăng ký thường trú (1.004222)), "


def _entry(event: Event, **changed: Any) -> Opened:
    said = {name: value for name, value in {**payload(event), **changed}.items() if value is not None}
    return Opened(7, AT, KINDS[type(event)].label, "epoch", b"", said)


def test_a_decision() -> None:
    """Who asked for how much about whom, when, why, and whom we were about to ask."""
    entry = _entry(a_decision(context=a_context(basis="consent", consent="C-1")))
    assert sentence(entry, EN) == (
        f"{CALL_EN}asked for 2 facts about one person (applicant){WHY_EN}with the citizen's consent (C-1). "
        "The call was allowed, and written down before any registry was asked. To be asked: Population."
    )
    assert sentence(entry, VI) == (
        f"{CALL_VI}hỏi 2 thông tin về một công dân (người nộp hồ sơ){WHY_VI}với sự đồng ý của công dân (số C-1). "
        "Yêu cầu được chấp thuận và được ghi lại trước khi hỏi các cơ sở dữ liệu: Dân cư."
    )


def test_somebody_who_was_reached() -> None:
    """From whose record, by which field, how far and under which law, beside whom the entry is about."""
    via = Reached("applicant", "person.birth_date", 1, "Law 1/2020/QH14")
    entry = _entry(a_decision(subjects=(SubjectRef("spouse", "person", PERSON, via=via),)))
    assert "one person (spouse), not named by the portal but reached through date of birth of " in sentence(entry, EN)
    assert "(step 1), under Law 1/2020/QH14" in sentence(entry, EN)
    assert "không do cổng nêu tên" in sentence(entry, VI)
    assert "(bước 1), theo Law 1/2020/QH14" in sentence(entry, VI)


def test_a_disclosure() -> None:
    """What was given, by its names; how many facts were asked for where another entry says so."""
    entry = _entry(a_disclosure(fields=("person.full_name", "person.birth_date")))
    assert sentence(entry, EN, asked=3).startswith(f"{CALL_EN}asked for 3 facts about one person (applicant){WHY_EN}")
    assert sentence(entry, EN).endswith("It was answered, 2 facts given: full name and date of birth.")
    assert sentence(entry, VI).endswith("Đã trả lời, cung cấp 2 thông tin: họ và tên và ngày sinh.")


@pytest.mark.parametrize(
    ("event", "changed", "ends"),
    [
        (a_disclosure(), {}, "It was answered, 1 fact given: full name."),
        (a_disclosure(fields=()), {}, "It was answered, no fact given."),
        (a_disclosure(fields=(), found=False), {}, "It was answered: nobody was found."),
        (a_disclosure(), {"status": 404}, "It was answered with status 404."),
        (a_disclosure(reuse=(12, 9)), {}, "The form has 12 fields, 9 were filled (75%)."),
        (a_disclosure(reuse=(12, 9), documents=(2, 0)), {}, "9 were filled (75%). Digitised documents offered: 2."),
        (a_disclosure(fields=(), documents=(0, 1)), {}, " Digitised documents handed out: 1."),
        (a_disclosure(fields=(), documents=(0, 0)), {}, "It was answered, no fact given."),
        (a_disclosure(sources={"tax": "timed_out", "population": "answered"}), {}, "Sources: Tax: timed out."),
        (a_decision(sources=()), {}, "The call was allowed; no registry had to be asked."),
        (a_refusal(), {}, "the procedure is not granted to the portal (procedure_not_granted)."),
        (a_refusal(), {"code": "brand_new"}, "It was refused: brand_new (brand_new)."),
    ],
)
def test_how_it_ended(event: Event, changed: dict[str, Any], ends: str) -> None:
    """Given, nothing, nobody, an error, a form, a source that was silent, a refusal."""
    assert sentence(_entry(event, **changed), EN).endswith(ends)


@pytest.mark.parametrize(
    ("found", "ends"), [(True, "yes, registered as stated."), (False, "nobody is registered as stated.")]
)
def test_a_verification(found: bool, ends: str) -> None:
    """A question with yes or no, answered."""
    event = a_disclosure(context=a_context(operation="persons.verify"), fields=(), found=found)
    said = sentence(_entry(event), EN)
    assert f"{CALL_EN}asked whether one person (applicant) is registered as stated{WHY_EN}" in said
    assert said.endswith(ends)


def test_one_of_several() -> None:
    """Which of the subjects of a call it is."""
    entry = _entry(a_decision(), subject={"kind": "enterprise", "role": "subject", "n": 2, "of": 3})
    assert "about one enterprise, subject 2 of 3, for" in sentence(entry, EN)
    assert "về một doanh nghiệp, đối tượng 2/3, cho" in sentence(entry, VI)


def test_nobody_known() -> None:
    """A refusal before the subject was read."""
    assert "about somebody who is not named" in sentence(_entry(a_refusal(subjects=())), EN)


def test_an_auditor() -> None:
    """What was looked for, how much was shown; never who was looked for."""
    entry = _entry(an_inspection())
    assert sentence(entry, EN) == (
        "On 24 Nov 2026 at 09:00, kiem-tra-01 (Provincial auditor, scope H14) searched the log about one person "
        "(kind: Disclosed), 2 entries shown, 2 matched."
    )
    assert sentence(entry, VI) == (
        "Lúc 09:00 ngày 24/11/2026, kiem-tra-01 (Kiểm tra viên cấp tỉnh, phạm vi H14) đã tìm trong nhật ký về một công "
        "dân (loại: Cung cấp), 2 bản ghi được hiển thị, 2 khớp."
    )


@pytest.mark.parametrize("action", list(Action))
def test_everything_an_auditor_does(action: Action) -> None:
    """Has words in both languages; one entry is named, of a national auditor the whole country is the scope."""
    entry = _entry(an_inspection(action=action.value, subjects=(), about={}, entries=(12,), scope=()))
    assert f"did {action.value}" not in sentence(entry, EN)
    assert sentence(entry, EN).endswith("entry 12.")
    assert sentence(entry, VI).endswith("bản ghi 12.")


def test_changes() -> None:
    """Of the configuration and of accounts; what found no room is counted."""
    entry = _entry(a_change(omitted=1))
    assert sentence(entry, EN) == (
        "On 24 Nov 2026 at 09:00, the operator's configuration changed: key H14/h14-key-2: added; and 1 more change."
    )
    account = _entry(a_change(by="root", changes=(Change("auditor", "an", "disabled", "leave"),), omitted=2))
    assert sentence(account, EN).endswith("the account root changed: account an: disabled (leave); and 2 more changes.")


def test_the_log_about_itself() -> None:
    """Keys, erasures, and that it is alive."""
    epoch = _entry(FULL[5])
    assert sentence(epoch, EN) == (
        "From 24 Nov 2026 at 09:00 on, entries of the kind “Allowed” of 2026-11 are sealed under new keys."
    )
    erased = sentence(_entry(a_redaction(a_new_epoch())), EN)
    assert "contents were erased for good" in erased
    assert "Allowed 2026-11" in erased
    assert "the log is alive" in sentence(_entry(Heartbeat(AT)), EN)


@pytest.mark.parametrize(
    ("erased", "says"),
    [(True, "was erased for good"), (False, "its keys are not on this machine"), (None, "not on this")],
)
def test_an_entry_that_cannot_be_read(erased: bool | None, says: str) -> None:
    """Says why, and that it can still be proved; erased by rule and keys that are merely elsewhere are not mixed up."""
    entry = replace(_entry(a_decision()), payload=None)
    said = sentence(entry, EN, erased=erased)
    assert says in said
    assert "can still be proved" in said
    assert summary(entry, EN) == "Cannot be read"


@pytest.mark.parametrize("words", [VI, EN], ids=["vi", "en"])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation(operation: str, words: Words) -> None:
    """Has words of its own, and no code, no hole and no blank is left over."""
    for event in (a_decision, a_disclosure, a_refusal):
        entry = _entry(event(context=a_context(operation=operation)))
        for said in (sentence(entry, words), summary(entry, words)):
            assert operation not in said
            assert not any(left in said for left in ("{", "}", "  ", " ,", "..", "?"))


@pytest.mark.parametrize("words", [VI, EN], ids=["vi", "en"])
@pytest.mark.parametrize("event", FULL, ids=lambda event: type(event).__name__)
def test_every_kind(event: Event, words: Words) -> None:
    """Is a sentence that begins with a capital and ends with a full stop, and names nobody by number."""
    said = sentence(_entry(event), words)
    assert said[0].isupper()
    assert said.endswith(".")
    assert PERSON not in said
    assert summary(_entry(event), words)[0] not in "{ "


def test_what_is_new_is_said_as_its_code() -> None:
    """An operation, an action and a kind nobody has heard of yet."""
    entry = _entry(a_decision(context=a_context(operation="land.lookup")))
    assert "used the operation land.lookup, about one person" in sentence(entry, EN)
    assert sentence(_entry(an_inspection(action="juggled")), EN).count("did juggled") == 1
    assert "An entry of the kind brand-new" in sentence(replace(_entry(Heartbeat(AT)), kind="brand-new"), EN)


def test_a_payload_with_nothing_in_it() -> None:
    """Members that are missing are said to be, and nothing fails."""
    for kind in ("decided", "disclosed", "refused", "inspected", "changed", "redaction", "key-epoch"):
        said = sentence(Opened(1, AT, kind, "", b"", {}), EN)
        assert said.endswith(".")


def test_a_line_of_a_table() -> None:
    """Without when, who and why."""
    entry = _entry(a_disclosure(subjects=(SubjectRef("spouse", "person", PERSON, "Nông"),)))
    assert summary(entry, EN) == "Asked for facts about one person (spouse). It was answered, 1 fact given: full name."
    assert summary(_entry(a_change()), EN) == "key H14/h14-key-2: added"
