"""How an answer in the national portal's shape looks in the OpenAPI document.

Rule of this file: what `gateway.wire.profiles` prints. Names of members are the national portal's own.
"""

from gateway.api.openapi_values import Schema, shape

_TEXT: Schema = {"type": "string"}
_FLAG: Schema = {"type": "integer", "enum": [0, 1]}
_COMPONENT = shape(
    {
        "MaThanhPhanHoSo": _TEXT,
        "TenThanhPhanHoSo": _TEXT,
        "DuocSoHoa": {**_FLAG, "description": "1: digitised data stands in for this paper"},
        "DuocLayTuKhoDMQG": {**_FLAG, "description": "0 where the gateway gave it; absent where it did not"},
        "MaCSDL": {**_TEXT, "description": "the database it came from; values as the operator configured them"},
        "TaiKhoanDuocXacThucVoiVNeID": {**_FLAG, "description": "as the portal said in the call; else absent"},
    },
    ("MaThanhPhanHoSo", "TenThanhPhanHoSo", "DuocSoHoa"),
)
NATIONAL_PORTAL: Schema = shape(
    {
        "MaHoSo": _TEXT,
        "MaTTHC": _TEXT,
        "HoSoCoThanhPhanSoHoa": {**_FLAG, "description": "1: at least one component is reused"},
        "ThongTinNguoiNop": shape(
            {
                "LoaiDoiTuong": _TEXT,
                "ThongTinChiTiet": {"type": "object", "additionalProperties": _TEXT},
            },
            ("ThongTinChiTiet",),
        ),
        "ThanhPhanHoSo": {"type": "array", "items": _COMPONENT},
    },
    ("MaHoSo", "MaTTHC", "HoSoCoThanhPhanSoHoa", "ThongTinNguoiNop", "ThanhPhanHoSo"),
    description="The dossier as the national portal writes it, with what this answer holds and nothing else",
)
