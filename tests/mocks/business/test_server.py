"""What the mock says: the guide's members, its variants, its faults and its control routes."""

import json
import re
from typing import Any

import pytest

from mocks.business import FAULTS, PRESETS, Absent, Blocks, Dates, Empty, Shape, Variant
from mocks.country import enterprise
from mocks.faults import Fault
from tests.mocks.business.asking import CODE, HCM_PATH, PATH, asking, basic, card

MAIN = frozenset(
    [
        "ENTERPRISE_ID",
        "ENTERPRISE_CODE",
        "ENTERPRISE_GDT_CODE",
        "IMP_BUSINESS_CODE",
        "ENTERPRISE_TYPE_ID",
        "ENTERPRISE_TYPE_NAME",
        "NAME",
        "SHORT_NAME",
        "NAME_F",
        "FOUNDING_DATE",
        "LAST_AMEND_DATE",
        "NUMBER_CHANGES",
        "ENTERPRISE_STATUS_ID",
        "ENTERPRISE_STATUS_NAME",
        "CAPITAL_AMOUNT",
        "LEGAL_NAMES",
    ]
)
OFFICE = frozenset(
    [
        "CityID",
        "CityName",
        "DistrictID",
        "DistrictName",
        "WardID",
        "WardName",
        "StreetNumber",
        "AddressFullText",
    ]
)
PERSON = frozenset(
    [
        "FULL_NAME",
        "GENDER_ID",
        "DATE_OF_BIRTH",
        "NATIONALITY_NAME",
        "PERS_DOC_NO",
        "PERS_DOC_NAME",
        "PERS_DOC_ISSUE_DATE",
        "PERS_DOC_ISSUE_PLACE",
        "PERS_DOC_EXPIRE_DATE",
    ]
)


async def said(variant: Variant, code: str = CODE) -> tuple[int, dict[str, Any]]:
    """Status and body of a look-up."""
    async with asking(variant) as mock:
        answer = await mock.get(code)
        assert answer.headers["content-type"] == "application/json"
        return answer.status_code, answer.json()


async def test_members_of_the_guide() -> None:
    """The default answer holds exactly the members of the guide's field table."""
    status, body = await said(Variant())
    assert (status, body["Status"], body["Message"], body["DataCount"]) == (200, "1", "success", 1)
    data = body["Data"]
    assert set(data) == {"MainInformation", "HOAdress", "Representatives", "BusinessActivity"}
    assert set(data["MainInformation"]) == MAIN
    assert set(data["HOAdress"]) == OFFICE
    assert [set(row) for row in data["Representatives"]] == [PERSON]
    assert {frozenset(row) for row in data["BusinessActivity"]} == {frozenset({"CODE", "NAME", "IS_MAIN"})}
    assert data["MainInformation"]["ENTERPRISE_GDT_CODE"] == CODE


async def test_members_of_a_company() -> None:
    """A company with members lists them with amounts and shares."""
    code = next(code for code in ("0101243150", "4809000025", "0309000037", "7909000063", "3109000042")
                if (firm := enterprise(code)) and firm.members)  # fmt: skip
    _, body = await said(Variant(), code)
    for row in body["Data"]["Member"]:
        assert set(row) == {"MEMBER_NAME", "AMOUNT", "RATIO_PERCENT", "COUNTRY"}


async def test_amounts_have_three_decimals() -> None:
    """An amount is printed digit by digit with three decimals, as a number or in a string."""
    async with asking() as mock:
        plain = (await mock.get()).text
        mock.app.state.variant = Variant(numbers_text=True)
        quoted = (await mock.get()).text
    assert re.search(r'"CAPITAL_AMOUNT":\d+\.000,', plain)
    assert re.search(r'"CAPITAL_AMOUNT":"\d+\.000",', quoted)


async def test_units_have_the_registrys_own_numbers() -> None:
    """The numbers of units are not the statistics office's codes."""
    firm = enterprise("4809000089")
    assert firm is not None
    place = firm.head_office
    assert place.district_code is not None
    office = (await said(Variant(), firm.code))[1]["Data"]["HOAdress"]
    assert office["CityID"] != int(place.province_code)
    assert office["DistrictID"] != int(place.district_code)
    assert office["WardID"] != int(place.commune_code)
    assert (office["CityName"], office["DistrictName"]) == (place.province_name, place.district_name)


async def test_shapes() -> None:
    """Each shape has its own envelope around the same enterprise."""
    _, ngsp = await said(Variant())
    _, moit = await said(Variant(shape=Shape.MOIT))
    _, cert = await said(Variant(shape=Shape.GETENTCERT))
    _, flat = await said(Variant(shape=Shape.FLAT))
    assert moit == {"affectedRows": 1, "message": "", "data": ngsp}
    assert cert == {"GetEntCert": [ngsp["Data"]]}
    assert set(flat) == {"StatusCode", "Status", "ThrowException", "Description", "ResultObject"}
    assert set(flat["ResultObject"]) == MAIN | {"HO_ADDRESS_FULLTEXT"}


async def test_small_variations() -> None:
    """Dates, single rows, empty members, the status and names change as the variant says."""
    plain = (await said(Variant()))[1]
    variant = Variant(
        dates=Dates.DIGITS,
        blocks=Blocks.SINGLE_OBJECTS,
        empty=Empty.OMITTED,
        status_text=False,
        numbers_text=True,
        capitals=True,
    )
    changed = (await said(variant))[1]
    main, before = changed["Data"]["MainInformation"], plain["Data"]["MainInformation"]
    assert main["FOUNDING_DATE"] == before["FOUNDING_DATE"].replace("/", "")
    assert changed["Data"]["Representatives"]["FULL_NAME"] == plain["Data"]["Representatives"][0]["FULL_NAME"].upper()
    assert isinstance(changed["Data"]["BusinessActivity"], list)
    assert "IMP_BUSINESS_CODE" not in main
    assert before["IMP_BUSINESS_CODE"] is None
    assert (changed["Status"], changed["DataCount"]) == (1, "1")
    blank = (await said(Variant(empty=Empty.TEXT)))[1]
    assert blank["Data"]["MainInformation"]["IMP_BUSINESS_CODE"] == ""


@pytest.mark.parametrize(
    ("variant", "status", "body"),
    [
        (
            Variant(),
            200,
            {"Status": "0", "Message": "Không tìm thấy doanh nghiệp", "DataCount": 0, "Data": None},
        ),
        (Variant(absent=Absent.COUNT), 200, {"Status": "1", "Message": "success", "DataCount": 0, "Data": None}),
        (Variant(absent=Absent.EMPTY), 200, {"Status": "1", "Message": "success", "Data": {}}),
        (
            Variant(absent=Absent.NOT_FOUND, status_text=False),
            404,
            {"Status": 0, "Message": "Không tìm thấy doanh nghiệp", "DataCount": 0, "Data": None},
        ),
        (Variant(shape=Shape.GETENTCERT), 200, {"GetEntCert": []}),
        (
            Variant(shape=Shape.MOIT, absent=Absent.EMPTY),
            200,
            {"affectedRows": 0, "message": "", "data": {"Status": "1", "Message": "success", "Data": {}}},
        ),
        (
            Variant(shape=Shape.FLAT, absent=Absent.EMPTY),
            200,
            {
                "StatusCode": 200,
                "Status": "SUCCESS",
                "ThrowException": False,
                "Description": None,
                "ResultObject": None,
            },
        ),
    ],
)
async def test_absent(variant: Variant, status: int, body: dict[str, Any]) -> None:
    """An enterprise nobody has is said to be absent in the form of the variant."""
    assert await said(variant, "0199999991") == (status, body)


@pytest.mark.parametrize("query", ["", "?msdn=", "?msdn=0100109106&msdn=0101243150", "?code=0100109106"])
async def test_a_question_without_a_code(query: str) -> None:
    """A look-up without exactly one code is answered in the guide's error vocabulary."""
    async with asking() as mock:
        bearer = {"authorization": f"Bearer {await mock.token(basic())}"}
        answer = await mock.client.get(PATH + query, headers=bearer)
    assert answer.json() == {"Status": "0", "Message": "DATA_TYPE_INVALID", "DataCount": 0, "Data": None}


async def test_own_faults() -> None:
    """The register's own faults change the answer as named, and `expired_token` ends every token."""
    async with asking() as mock:
        plan = mock.app.state.faults
        plan.set(Fault.WRONG_SUBJECT, 1)
        assert (await mock.get()).json()["Data"]["MainInformation"]["ENTERPRISE_GDT_CODE"] == "0101243150"
        plan.set(Fault.AUTH_REFUSED, 1)
        assert (await mock.get()).status_code == 403
        plan.set(Fault.DUPLICATE_KEYS, 1)
        doubled: list[str] = []

        def members(pairs: list[tuple[str, object]]) -> None:
            names = [name for name, _ in pairs]
            doubled.extend(name for name in set(names) if names.count(name) > 1)

        json.loads((await mock.get()).text, object_pairs_hook=members)
        assert doubled == ["NAME"]
        plan.set(Fault.EXPIRED_TOKEN, 1)
        other = {"authorization": f"Bearer {await mock.token(basic())}"}
        assert (await mock.get()).status_code == 401
        assert (await mock.client.get(PATH, params={"msdn": CODE}, headers=other)).status_code == 401
        assert (await mock.get()).status_code == 200


async def test_a_fault_of_the_token_address_is_its_own() -> None:
    """A fault for look-ups is not spent on the token in front of them, nor the other way round."""
    async with asking() as mock:
        mock.app.state.faults.set(Fault.HTTP_503, 1)
        assert (await mock.get()).status_code == 503
        mock.app.state.token_faults.set(Fault.HTTP_503, 1)
        answer = await mock.client.post("/token", headers=basic(), data={"grant_type": "client_credentials"})
        assert answer.status_code == 503
        assert (await mock.get()).status_code == 200


async def test_control() -> None:
    """The control routes name every fault and preset of the register."""
    async with asking() as mock:
        for fault in FAULTS:
            answer = await mock.client.post("/_mock/fault", json={"fault": fault, "count": 1, "subject": CODE})
            assert (answer.status_code, answer.json()["fault"]) == (200, fault)
        for preset in PRESETS:
            answer = await mock.client.post("/_mock/variant", json={"preset": preset})
            assert answer.json()["variant"]["shape"] == PRESETS[preset].shape
        assert (await mock.client.post("/_mock/fault", json={"fault": "soap_fault"})).status_code == 400
        await mock.client.post("/_mock/reset")
        assert (await mock.get()).json()["Status"] == "1"
        state = (await mock.client.get("/_mock/state")).json()
    assert (state["source"], state["calls"], state["refused"], state["fault"]) == ("business", 1, 0, None)


async def test_ho_chi_minh_city_is_always_flat() -> None:
    """The city's path answers flat whatever the variant."""
    async with asking(Variant(shape=Shape.MOIT)) as mock:
        headers = {"authorization": card()}
        answer = await mock.client.get(HCM_PATH, params={"MaSoDoanhNghiep": CODE}, headers=headers)
    assert answer.json()["ResultObject"]["ENTERPRISE_GDT_CODE"] == CODE
