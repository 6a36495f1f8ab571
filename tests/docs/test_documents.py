"""docs/documents.md says what the gateway does."""

import json
import re
from pathlib import Path
from typing import get_args

import pytest

from gateway.model import Call
from gateway.papers import calls
from gateway.wire import papers

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "documents.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
ORDER = (Call.DOCUMENTS_REGISTER, Call.DOCUMENTS_FETCH, Call.DOCUMENTS_REVOKE)


@pytest.mark.parametrize(("call", "snippet"), list(zip(ORDER, SNIPPETS, strict=True)))
def test_every_body_shown_is_one_the_gateway_reads(call: Call, snippet: str) -> None:
    """The three snippets, in their order."""
    assert papers.parse(call, snippet.encode()).call is call


def test_every_member_and_operation_is_explained() -> None:
    """Members of a registration, members of an offer, reasons and operations all stand in the page."""
    reason = papers.DocumentRevoke.model_fields["reason"].annotation
    words = [*papers.DocumentRegister.model_fields, *get_args(reason), *(call.value for call in calls.CALLS)]
    assert [word for word in words if f"`{word}`" not in PAGE] == []
    assert json.loads(SNIPPETS[0])["kind"] in (ROOT / "config/codes/document_kind.toml").read_text(encoding="utf-8")
