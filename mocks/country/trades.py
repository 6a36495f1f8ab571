"""Words and tables firms are made of.

Rule of this file: tables only. Activity codes are those of the national industry list (Decision 27/2018/QĐ-TTg, and
its successor where unchanged); the numeric type and status codes are the mock's own, the registry publishes none.
"""

from typing import Final

# Decree 168/2025/NĐ-CP: the seven legal statuses. The wording of 4 to 7 is that of the decree before it.
STATUSES: Final = {
    "1": "Đang hoạt động",
    "2": "Tạm ngừng kinh doanh",
    "3": "Không hoạt động tại địa chỉ đã đăng ký",
    "4": "Bị thu hồi Giấy chứng nhận đăng ký doanh nghiệp do cưỡng chế về quản lý thuế",
    "5": "Đang làm thủ tục giải thể, đã bị chia, bị hợp nhất, bị sáp nhập",
    "6": "Đang làm thủ tục phá sản",
    "7": "Đã giải thể, phá sản, chấm dứt tồn tại",
}

# Legal status -> what the tax authority says: status and reason of Circular 90/2026/TT-BTC, annex I.
TAX_STATUS: Final = {
    "1": ("00", "02"),
    "2": ("05", "01"),
    "3": ("06", "03"),
    "4": ("03", "17"),
    "5": ("03", "04"),
    "6": ("07", "01"),
    "7": ("01", "03"),
}

# Type code -> full name, words in the firm's name, English words in the foreign name.
TYPES: Final = {
    "1": ("Doanh nghiệp tư nhân", "DOANH NGHIỆP TƯ NHÂN", "PRIVATE ENTERPRISE"),
    "2": ("Công ty trách nhiệm hữu hạn một thành viên", "CÔNG TY TNHH MỘT THÀNH VIÊN", "ONE MEMBER CO., LTD"),
    "3": ("Công ty trách nhiệm hữu hạn hai thành viên trở lên", "CÔNG TY TNHH", "COMPANY LIMITED"),
    "4": ("Công ty cổ phần", "CÔNG TY CỔ PHẦN", "JOINT STOCK COMPANY"),
    "5": ("Công ty hợp danh", "CÔNG TY HỢP DANH", "PARTNERSHIP COMPANY"),
}
BRANCH_TYPE: Final = ("6", "Chi nhánh")

# Words in the name, the same in English, and the lines of business that go with them, the main one first.
TRADES: Final = (
    ("XÂY DỰNG", "CONSTRUCTION", ("4101", "4212", "4330")),
    ("CÔNG NGHỆ", "TECHNOLOGY", ("6201", "6202")),
    ("NÔNG SẢN", "AGRICULTURAL PRODUCTS", ("0119", "4620", "1030")),
    ("VẬN TẢI", "TRANSPORT", ("4933", "5210")),
    ("THƯƠNG MẠI", "TRADING", ("4690", "4711")),
    ("MAY MẶC", "GARMENT", ("1410", "1392")),
    ("DU LỊCH", "TOURISM", ("7911", "5510")),
)
LINES: Final = {
    "0119": "Trồng cây hàng năm khác",
    "1030": "Chế biến và bảo quản rau quả",
    "1392": "Sản xuất hàng dệt sẵn (trừ trang phục)",
    "1410": "May trang phục (trừ trang phục từ da lông thú)",
    "4101": "Xây dựng nhà để ở",
    "4212": "Xây dựng công trình đường bộ",
    "4330": "Hoàn thiện công trình xây dựng",
    "4620": "Bán buôn nông, lâm sản nguyên liệu (trừ gỗ, tre, nứa) và động vật sống",
    "4690": "Bán buôn tổng hợp",
    "4711": "Bán lẻ lương thực, thực phẩm, đồ uống, thuốc lá chiếm tỷ trọng lớn trong các cửa hàng kinh doanh tổng hợp",
    "4933": "Vận tải hàng hóa bằng đường bộ",
    "5210": "Kho bãi và lưu giữ hàng hóa",
    "5510": "Dịch vụ lưu trú ngắn ngày",
    "6201": "Lập trình máy vi tính",
    "6202": "Tư vấn máy vi tính và quản trị hệ thống máy vi tính",
    "7911": "Đại lý du lịch",
}

# Vietnamese word of the name, the same without diacritics for the foreign and short names.
BRANDS: Final = (
    ("HOÀNG GIA", "HOANG GIA"),
    ("ĐẠI PHÁT", "DAI PHAT"),
    ("ĐỒNG XANH", "DONG XANH"),
    ("MINH KHANG", "MINH KHANG"),
    ("THIÊN ÂN", "THIEN AN"),
    ("BÌNH MINH", "BINH MINH"),
    ("TÂN ĐỨC", "TAN DUC"),
    ("VIỆT HƯNG", "VIET HUNG"),
    ("ĐÔNG Á MỚI", "DONG A MOI"),
    ("LỘC PHÁT", "LOC PHAT"),
    ("AN KHÁNH", "AN KHANH"),
    ("TRƯỜNG SƠN", "TRUONG SON"),
)

# Tax (sub-item of the state budget index) -> name.
TAXES: Final = (
    ("1701", "Thuế giá trị gia tăng hàng sản xuất, kinh doanh trong nước"),
    ("1052", "Thuế thu nhập doanh nghiệp từ hoạt động sản xuất, kinh doanh"),
    ("1001", "Thuế thu nhập từ tiền lương, tiền công"),
    ("1602", "Thuế sử dụng đất phi nông nghiệp tại đô thị"),
)
