"""The 63 provinces of before 2025-07-01, each with districts and communes of that time.

Rule of this file: a table, nothing else. Each line is `province code|name|district code name>commune code
name|...`; codes are those of the statistics office.

Source of names and codes: the data set of the PyPI package `vietnamadminunits` 1.0.4 (MIT licence, copyright
2025 Tran Ngoc Minh Hieu).
"""

TABLE = """
01|Thành phố Hà Nội|001 Quận Ba Đình>00016 Phường Ngọc Hà|250 Huyện Mê Linh>08995 Xã Tam Đồng
02|Tỉnh Hà Giang|024 Thành phố Hà Giang>00697 Phường Minh Khai|030 Huyện Vị Xuyên>00940 Xã Phương Tiến
04|Tỉnh Cao Bằng|040 Thành phố Cao Bằng>01282 Phường Đề Thám|048 Huyện Hạ Lang>01552 Xã Quang Long
06|Tỉnh Bắc Kạn|058 Thành Phố Bắc Kạn>01846 Phường Huyền Tụng|063 Huyện Bạch Thông>01999 Xã Nguyên Phúc
08|Tỉnh Tuyên Quang|070 Thành phố Tuyên Quang>02218 Phường Hưng Thành|073 Huyện Chiêm Hóa>02338 Xã Phúc Thịnh
10|Tỉnh Lào Cai|080 Thành phố Lào Cai>02659 Xã Thống Nhất|085 Huyện Bắc Hà>02875 Xã Na Hối
11|Tỉnh Điện Biên|094 Thành phố Điện Biên Phủ>03142 Phường Thanh Trường|099 Huyện Tuần Giáo>03274 Xã Quài Nưa
12|Tỉnh Lai Châu|105 Thành phố Lai Châu>03389 Phường Đoàn Kết|109 Huyện Phong Thổ>03568 Xã Mù Sang
14|Tỉnh Sơn La|116 Thành phố Sơn La>03664 Xã Chiềng Xôm|123 Thị xã Mộc Châu>04000 Xã Đoàn Kết
15|Tỉnh Yên Bái|132 Thành phố Yên Bái>04273 Phường Nam Cường|137 Huyện Mù Căng Chải>04477 Xã Kim Nọi
17|Tỉnh Hòa Bình|148 Thành phố Hòa Bình>04819 Phường Dân Chủ|155 Huyện Tân Lạc>05167 Xã Thanh Hối
19|Tỉnh Thái Nguyên|164 Thành phố Thái Nguyên>05479 Phường Tân Thành|169 Huyện Đồng Hỷ>05680 Xã Văn Hán
20|Tỉnh Lạng Sơn|178 Thành phố Lạng Sơn>05983 Phường Chi Lăng|184 Huyện Văn Quan>06286 Xã Khánh Khê
22|Tỉnh Quảng Ninh|193 Thành phố Hạ Long>06700 Phường Tuần Châu|200 Huyện Đầm Hà>06910 Xã Dực Yên
24|Tỉnh Bắc Giang|213 Thành phố Bắc Giang>07699 Phường Tân Tiến|219 Huyện Lục Ngạn>07567 Xã Tân Hoa
25|Tỉnh Phú Thọ|227 Thành phố Việt Trì>07924 Xã Thụy Vân|234 Huyện Yên Lập>08314 Xã Hưng Long
26|Tỉnh Vĩnh Phúc|243 Thành phố Vĩnh Yên>08719 Phường Ngô Quyền|248 Huyện Tam Đảo>08920 Xã Bồ Lý
27|Tỉnh Bắc Ninh|256 Thành phố Bắc Ninh>09214 Phường Hòa Long|261 Thành phố Từ Sơn>09383 Phường Trang Hạ
30|Tỉnh Hải Dương|288 Thành phố Hải Dương>10540 Phường Tứ Minh|295 Huyện Cẩm Giàng>10912 Xã Đức Chính
31|Thành phố Hải Phòng|303 Quận Hồng Bàng>11320 Phường Hoàng Văn Thụ|311 Thành phố Thủy Nguyên>11530 Phường Thủy Hà
33|Tỉnh Hưng Yên|323 Thành phố Hưng Yên>11974 Xã Liên Phương|329 Huyện Ân Thi>12172 Xã Quảng Lãng
34|Tỉnh Thái Bình|336 Thành phố Thái Bình>12457 Xã Đông Hòa|341 Huyện Thái Thụy>12898 Xã Thụy Thanh
35|Tỉnh Hà Nam|347 Thành phố Phủ Lý>13318 Phường Châu Sơn|351 Huyện Thanh Liêm>13477 Xã Thanh Tân
36|Tỉnh Nam Định|356 Thành phố Nam Định>13696 Phường Nam Phong|362 Huyện Nam Trực>13999 Xã Nam Hoa
37|Tỉnh Ninh Bình|370 Thành phố Tam Điệp>14371 Xã Yên Sơn|374 Thành phố Hoa Lư>14356 Phường Ninh Sơn
38|Tỉnh Thanh Hóa|380 Thành phố Thanh Hóa>15970 Phường Hoằng Đại|394 Huyện Yên Định>15442 Xã Yên Ninh
40|Tỉnh Nghệ An|412 Thành phố Vinh>16714 Phường Vinh Tân|423 Huyện Tân Kỳ>17299 Xã Nghĩa Phúc
42|Tỉnh Hà Tĩnh|436 Thành phố Hà Tĩnh>18571 Xã Thạch Hải|443 Huyện Can Lộc>18454 Xã Phú Lộc
44|Tỉnh Quảng Bình|450 Thành Phố Đồng Hới>18877 Phường Bắc Nghĩa|455 Huyện Bố Trạch>19156 Xã Hưng Trạch
45|Tỉnh Quảng Trị|461 Thành phố Đông Hà>19342 Phường 2|466 Huyện Gio Linh>19519 Xã Gio Hải
46|Thành phố Huế|474 Quận Thuận Hóa>19807 Phường Thủy Biều|478 Huyện Phú Vang>19936 Xã Vinh Xuân
48|Thành phố Đà Nẵng|490 Quận Liên Chiểu>20197 Phường Hòa Khánh Bắc|493 Quận Sơn Trà>20272 Phường An Hải Bắc
49|Tỉnh Quảng Nam|502 Thành phố Tam Kỳ>20356 Phường An Phú|510 Huyện Nam Giang>20705 Xã Đắc Tôi
51|Tỉnh Quảng Ngãi|522 Thành phố Quảng Ngãi>21187 Xã Tịnh Hòa|530 Huyện Sơn Tây>21338 Xã Sơn Màu
52|Tỉnh Bình Định|540 Thành phố Quy Nhơn>21583 Phường Thị Nại|546 Huyện Vĩnh Thạnh>21799 Xã Vĩnh Hảo
54|Tỉnh Phú Yên|555 Thành phố Tuy Hòa>22040 Phường Phú Thạnh|560 Huyện Sơn Hòa>22186 Xã Sơn Xuân
56|Tỉnh Khánh Hòa|568 Thành phố Nha Trang>22375 Phường Vĩnh Nguyên|572 Thị xã Ninh Hòa>22567 Phường Ninh Thủy
58|Tỉnh Ninh Thuận|582 Thành phố Phan Rang - Tháp Chàm>22765 Phường Đài Sơn|586 Huyện Ninh Hải>22858 Xã Xuân Hải
60|Tỉnh Bình Thuận|593 Thành phố Phan Thiết>22936 Phường Thanh Hải|598 Huyện Hàm Thuận Nam>23128 Xã Hàm Cường
62|Tỉnh Kon Tum|608 Thành phố Kon Tum>23311 Xã Đăk Cấm|614 Huyện Kon Rẫy>23488 Xã Đăk Ruồng
64|Tỉnh Gia Lai|622 Thành phố Pleiku>23581 Phường Trà Bá|630 Huyện Kông Chro>23842 Xã Đăk Song
66|Tỉnh Đắk Lắk|643 Thành phố Buôn Ma Thuột>24151 Phường Ea Tam|650 Huyện Krông Năng>24359 Xã Ea Púk
67|Tỉnh Đắk Nông|660 Thành phố Gia Nghĩa>24617 Phường Nghĩa Trung|664 Huyện Krông Nô>24700 Xã Đắk Drô
68|Tỉnh Lâm Đồng|672 Thành phố Đà Lạt>24793 Phường 4|677 Huyện Đơn Dương>24940 Xã Lạc Lâm
70|Tỉnh Bình Phước|688 Thị xã Phước Long>25220 Phường Long Phước|693 Huyện Bù Đốp>25312 Xã Thiện Hưng
72|Tỉnh Tây Ninh|703 Thành phố Tây Ninh>25471 Xã Thạnh Tân|708 Huyện Châu Thành>25606 Xã Hòa Thạnh
74|Tỉnh Bình Dương|718 Thành phố Thủ Dầu Một>25760 Phường Hòa Phú|722 Huyện Phú Giáo>25870 Xã An Bình
75|Tỉnh Đồng Nai|731 Thành phố Biên Hòa>26041 Phường Trung Dũng|737 Huyện Trảng Bom>26272 Xã Hố Nai 3
77|Tỉnh Bà Rịa - Vũng Tàu|747 Thành phố Vũng Tàu>26526 Phường Nguyễn An Ninh|751 Huyện Xuyên Mộc>26638 Xã Bàu Lâm
79|Thành phố Hồ Chí Minh|760 Quận 1>26749 Phường Phạm Ngũ Lão|773 Quận 4>27286 Phường 3
80|Tỉnh Long An|794 Thành phố Tân An>27700 Phường 6|801 Huyện Đức Huệ>27913 Xã Mỹ Thạnh Đông
82|Tỉnh Tiền Giang|815 Thành phố Mỹ Tho>28279 Phường Tân Long|820 Huyện Cai Lậy>28495 Xã Mỹ Long
83|Tỉnh Bến Tre|829 Thành phố Bến Tre>28783 Xã Sơn Đông|834 Huyện Giồng Trôm>29017 Xã Bình Hòa
84|Tỉnh Trà Vinh|842 Thành phố Trà Vinh>29254 Phường 7|847 Huyện Châu Thành>29395 Xã Nguyệt Hóa
86|Tỉnh Vĩnh Long|855 Thành phố Vĩnh Long>29560 Phường 8|860 Huyện Tam Bình>29743 Xã Hòa Hiệp
87|Tỉnh Đồng Tháp|866 Thành phố Cao Lãnh>29887 Xã Mỹ Trà|872 Huyện Tháp Mười>30055 Xã Mỹ Quý
89|Tỉnh An Giang|883 Thành phố Long Xuyên>30298 Phường Mỹ Quý|889 Huyện Châu Phú>30481 Xã Thạnh Mỹ Tây
91|Tỉnh Kiên Giang|899 Thành phố Rạch Giá>30748 Phường An Hòa|907 Huyện Gò Quao>30967 Xã Thủy Liễu
92|Thành phố Cần Thơ|916 Quận Ninh Kiều>31144 Phường Xuân Khánh|923 Quận Thốt Nốt>31216 Phường Trung Nhứt
93|Tỉnh Hậu Giang|930 Thành phố Vị Thanh>31330 Phường VII|934 Huyện Phụng Hiệp>31420 Xã Hòa Mỹ
94|Tỉnh Sóc Trăng|941 Thành phố Sóc Trăng>31510 Phường 2|946 Huyện Long Phú>31654 Xã Trường Khánh
95|Tỉnh Bạc Liêu|954 Thành phố Bạc Liêu>31828 Phường 8|958 Huyện Vĩnh Lợi>31906 Xã Hưng Thành
96|Tỉnh Cà Mau|964 Thành phố Cà Mau>32023 Xã An Xuyên|969 Huyện Cái Nước>32140 Xã Hưng Mỹ
"""
