"""The 34 provinces and some of their communes, as divided since 2025-07-01.

Rule of this file: a table, nothing else. Each line is `province code|name|commune code name|...`; codes are
those of the statistics office.

Source of names and codes: the data set of the PyPI package `vietnamadminunits` 1.0.4 (MIT licence, copyright
2025 Tran Ngoc Minh Hieu); province 75 is a city since 2026-04-30 (resolution 30/2026/QH16).
"""

TABLE = """
01|Thành phố Hà Nội|00004 Phường Ba Đình|00322 Phường Tương Mai|09634 Xã Cổ Đô|10030 Xã Phú Nghĩa
04|Tỉnh Cao Bằng|01273 Phường Thục Phán|01279 Phường Nùng Trí Cao|01393 Xã Lũng Nặm|01648 Xã Phục Hòa
08|Tỉnh Tuyên Quang|00691 Phường Hà Giang 2|02215 Phường Minh Xuân|00994 Xã Minh Ngọc|02287 Xã Chiêm Hóa
11|Tỉnh Điện Biên|03127 Phường Điện Biên Phủ|03151 Phường Mường Lay|03202 Xã Mường Pồn|03295 Xã Quài Tở
12|Tỉnh Lai Châu|03388 Phường Đoàn Kết|03408 Phường Tân Phong|03463 Xã Tà Tổng|03549 Xã Phong Thổ
14|Tỉnh Sơn La|03646 Phường Tô Hiệu|03979 Phường Mộc Sơn|03871 Xã Pắc Ngà|04096 Xã Lóng Phiêng
15|Tỉnh Lào Cai|02647 Phường Lào Cai|04279 Phường Văn Phú|02968 Xã Thượng Hà|04450 Xã Mỏ Vàng
19|Tỉnh Thái Nguyên|01840 Phường Đức Xuân|05518 Phường Sông Công|02101 Xã Thanh Mai|05674 Xã Quang Sơn
20|Tỉnh Lạng Sơn|05977 Phường Đông Kinh|05986 Phường Tam Thanh|06184 Xã Đồng Đăng|06427 Xã Cai Kinh
22|Tỉnh Quảng Ninh|06652 Phường Hà Tu|06811 Phường Uông Bí|06862 Xã Tiên Yên|06931 Xã Quảng Đức
24|Tỉnh Bắc Ninh|07210 Phường Bắc Giang|09247 Phường Quế Võ|07519 Xã Cẩm Lý|07870 Xã Xuân Cẩm
25|Tỉnh Phú Thọ|04792 Phường Tân Hòa|07918 Phường Vân Phú|07999 Xã Chí Đám|08566 Xã Tân Sơn
31|Thành phố Hải Phòng|10507 Phường Thành Đông|11329 Phường Ngô Quyền|10993 Xã Thượng Hồng|11629 Xã An Lão
33|Tỉnh Hưng Yên|11953 Phường Phố Hiến|12133 Phường Đường Hào|12424 Xã Tiên Tiến|12862 Xã Đông Thụy Anh
37|Tỉnh Ninh Bình|13285 Phường Phủ Lý|13669 Phường Nam Định|13927 Xã Hồng Phong|14287 Xã Hải Quang
38|Tỉnh Thanh Hóa|14758 Phường Hàm Rồng|16522 Phường Quảng Phú|15187 Xã Kim Tân|15820 Xã Thiệu Toán
40|Tỉnh Nghệ An|16681 Phường Thành Vinh|16939 Phường Thái Hòa|17044 Xã Châu Hồng|17506 Xã Yên Thành
42|Tỉnh Hà Tĩnh|18073 Phường Thành Sen|18652 Phường Hà Huy Tập|18394 Xã Cổ Đạm|18604 Xã Thạch Khê
44|Tỉnh Quảng Trị|18859 Phường Đồng Thuận|19066 Phường Bắc Gianh|19159 Xã Đông Trạch|19483 Xã A Dơi
46|Thành phố Huế|19753 Phường Phú Xuân|19858 Phường Phong Thái|20044 Xã A Lưới 2|20122 Xã Vinh Lộc
48|Thành phố Đà Nẵng|20194 Phường Hải Vân|20314 Phường Hòa Xuân|20623 Xã Duy Xuyên|20818 Xã Đồng Dương
51|Tỉnh Quảng Ngãi|21025 Phường Cẩm Thành|21451 Phường Trà Câu|21343 Xã Sơn Tây Hạ|23374 Xã Đăk Môn
52|Tỉnh Gia Lai|21553 Phường Quy Nhơn Bắc|21907 Phường Bình Định|21970 Xã Tuy Phước Đông|23842 Xã Đăk Song
56|Tỉnh Khánh Hòa|22333 Phường Bắc Nha Trang|22528 Phường Ninh Hòa|22615 Xã Bắc Khánh Vĩnh|22810 Xã Ninh Sơn
66|Tỉnh Đắk Lắk|22015 Phường Tuy Hòa|24121 Phường Tân Lập|24184 Xã Ea H'Leo|24403 Xã Ea Ô
68|Tỉnh Lâm Đồng|22918 Phường Mũi Né|24617 Phường Đông Gia Nghĩa|23246 Xã Tân Hải|24886 Xã Đam Rông 1
75|Thành phố Đồng Nai|25195 Phường Bình Phước|26020 Phường Long Bình|25390 Xã Đồng Tâm|26281 Xã Hưng Thịnh
79|Thành phố Hồ Chí Minh|25747 Phường Thủ Dầu Một|26884 Phường Gò Vấp|26617 Xã Nghĩa Thành|27553 Xã Củ Chi
80|Tỉnh Tây Ninh|25459 Phường Tân Ninh|25672 Phường Gia Lộc|27727 Xã Hưng Điền|27979 Xã Hòa Khánh
82|Tỉnh Đồng Tháp|28249 Phường Đạo Thạnh|28439 Phường Cai Lậy|28603 Xã Mỹ Tịnh An|30025 Xã Phú Cường
86|Tỉnh Vĩnh Long|28756 Phường Phú Khương|29512 Phường Duyên Hải|29158 Xã An Hiệp|29491 Xã Đại An
91|Tỉnh An Giang|30292 Phường Bình Đức|30502 Phường Thới Sơn|30595 Xã Cần Đăng|30850 Xã Tân Hiệp
92|Thành phố Cần Thơ|31120 Phường Cái Khế|31228 Phường Thuận Hưng|31396 Xã Hiệp Hưng|31591 Xã Mỹ Hương
96|Tỉnh Cà Mau|31825 Phường Bạc Liêu|31951 Phường Láng Tròn|31988 Xã An Trạch|32137 Xã Tân Hưng
"""
