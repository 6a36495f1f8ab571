"""The answer in the national portal's shape: what docs/national-portal.md shows, and nothing beyond the answer."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import text
from tests.helpers.stack import PERSON, stack

CODE = "1.004222"


async def _shaped(tmp_path: Path, **more: Any) -> Any:
    async with stack(tmp_path, procedures=[CODE]) as up:
        asked = {"subjects": {"applicant": PERSON}, "declared": {"phone": "0912 345 678"}, **more}
        return await up.call("/v1/dossiers/prefill", asked, procedure=CODE)


async def test_the_example_of_the_page_is_what_the_gateway_says(tmp_path: Path) -> None:
    """Ours stays whole beside it; the example is the gateway's own answer."""
    said = (await _shaped(tmp_path, profile="national_portal", vneid_account=True)).json()
    (shown,) = re.findall(r"```json\n(.*?)```", text("docs/national-portal.md"), re.DOTALL)
    assert {**said["national_portal"], "MaHoSo": "H14-20261122-0000001"} == json.loads(shown)
    assert said["form"]["full_name"]["from"] == "person.full_name"


async def test_nothing_is_invented(tmp_path: Path) -> None:
    """Without the portal's word nothing is said of the account; without a profile there is no other shape."""
    said = (await _shaped(tmp_path, profile="national_portal")).json()["national_portal"]
    assert "TaiKhoanDuocXacThucVoiVNeID" not in json.dumps(said)
    assert "Email" not in said["ThongTinNguoiNop"]["ThongTinChiTiet"]
    assert "NgayCapDinhDanh" not in said["ThongTinNguoiNop"]["ThongTinChiTiet"]


@pytest.mark.parametrize("wrong", [{"profile": "provincial"}, {"profile": 1}, {"vneid_account": True}])
async def test_a_profile_is_read_strictly(tmp_path: Path, wrong: dict[str, Any]) -> None:
    """Another profile, another type, or a word about the account without a profile is refused."""
    said = await _shaped(tmp_path, **wrong)
    assert (said.status_code, said.json()["code"]) == (400, "value_invalid")
