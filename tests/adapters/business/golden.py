"""The register's documented example, and what it means."""

from decimal import Decimal

from adapters.values import (
    RawActivity,
    RawAddress,
    RawCode,
    RawDate,
    RawMoney,
    RawName,
    RawPerson,
    RawText,
    RawValue,
)

BODY = """{"Status":"1","Message":"success","DataCount":1,"Data":{
 "MainInformation":{"ENTERPRISE_ID":123456,"ENTERPRISE_CODE":"0001234567","ENTERPRISE_GDT_CODE":"0100109106",
  "ENTERPRISE_TYPE_ID":"...","ENTERPRISE_TYPE_NAME":"Công ty trách nhiệm hữu hạn một thành viên",
  "NAME":"CÔNG TY MẪU","SHORT_NAME":null,"NAME_F":null,"FOUNDING_DATE":"15/07/2010","LAST_AMEND_DATE":"02/03/2025",
  "NUMBER_CHANGES":4,"ENTERPRISE_STATUS_ID":"...","ENTERPRISE_STATUS_NAME":"Đang hoạt động",
  "CAPITAL_AMOUNT":1000000000.000,"LEGAL_NAMES":"NGUYỄN VĂN A;TRẦN THỊ B"},
 "HOAdress":{"CityID":81,"CityName":"Thành phố Hà Nội","DistrictID":null,"DistrictName":null,"WardID":1,
  "WardName":"Phường ...","StreetNumber":"Số 1","AddressFullText":"Số 1, ..."},
 "Representatives":[{"FULL_NAME":"NGUYỄN VĂN A","PERS_DOC_NO":"123456789123"}],
 "BusinessActivity":[{"CODE":"6201","NAME":"Lập trình máy vi tính","IS_MAIN":"Y"}]}}""".encode()

VALUES: dict[str, RawValue] = {
    "enterprise.code": RawText("0100109106"),
    "enterprise.name": RawText("CÔNG TY MẪU"),
    "enterprise.type": RawCode(None, "Công ty trách nhiệm hữu hạn một thành viên"),
    "enterprise.status": RawCode(None, "Đang hoạt động"),
    "enterprise.founded_on": RawDate(2010, 7, 15),
    "enterprise.last_amended_on": RawDate(2025, 3, 2),
    "enterprise.charter_capital": RawMoney(Decimal(1_000_000_000), "VND"),
    "enterprise.head_office": RawAddress(
        text="Số 1, ...", detail="Số 1", province_name="Thành phố Hà Nội", commune_name="Phường ..."
    ),
    "enterprise.representatives": (RawPerson(name=RawName(full="NGUYỄN VĂN A"), personal_id="123456789123"),),
    "enterprise.activities": (RawActivity("6201", "Lập trình máy vi tính", True),),
}
