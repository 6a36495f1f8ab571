"""What each error code means, in English and Vietnamese. Status, title and advice stand in `gateway.api.problems`.

Rule of this file: one sentence or two for a person who has never seen the code. Nothing here depends on a call.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.errors import Code


@dataclass(frozen=True, slots=True)
class Entry:
    """`meaning` in English; `title_vi` and `text_vi` say the same in Vietnamese, for the people of a portal."""

    meaning: str
    title_vi: str
    text_vi: str


_TOKEN: Mapping[Code, Entry] = {
    Code.AUTHORIZATION_MISSING: Entry(
        "The request carried no Authorization header, more than one, or one that is not a Bearer token.",
        "Thiếu mã thông báo đã ký",
        "Yêu cầu không có đúng một tiêu đề Authorization kiểu Bearer.",
    ),
    Code.TOKEN_MALFORMED: Entry(
        "What came as a token cannot be read as a compact JWS with strict JSON, or its header holds a parameter "
        "that is "
        "not allowed.",
        "Mã thông báo sai định dạng",
        "Mã thông báo không phải JWS dạng rút gọn, hoặc phần đầu có tham số không được phép.",
    ),
    Code.TOKEN_TYPE_WRONG: Entry(
        "The token says that it was made for something else than a call of this gateway.",
        "Sai loại mã thông báo",
        "Tham số typ của mã thông báo không phải loại dành cho yêu cầu gửi tới cổng.",
    ),
    Code.ALGORITHM_NOT_ALLOWED: Entry(
        "The algorithm is none of those the gateway accepts, or not the one your key was registered for.",
        "Thuật toán không được chấp nhận",
        "Thuật toán ký không nằm trong danh sách, hoặc không phải thuật toán đã đăng ký cho khóa này.",
    ),
    Code.KEY_UNKNOWN: Entry(
        "No portal has registered a key under this kid. It may be mistyped, or the registration has not reached "
        "this gateway.",
        "Khóa chưa đăng ký",
        "Không có khóa nào được đăng ký với kid này.",
    ),
    Code.KEY_NOT_YOURS: Entry(
        "The signature is good, but the key belongs to another agency than the one named in iss.",
        "Khóa thuộc cơ quan khác",
        "Khóa ký được đăng ký cho một cơ quan khác với cơ quan ghi trong iss.",
    ),
    Code.KEY_NOT_YET_VALID: Entry(
        "The key is registered, and its time has not begun.",
        "Khóa chưa có hiệu lực",
        "Khóa đã đăng ký nhưng chưa đến ngày bắt đầu hiệu lực.",
    ),
    Code.KEY_EXPIRED: Entry(
        "The time for which the key was registered is over.",
        "Khóa đã hết hạn",
        "Thời hạn đăng ký của khóa đã qua.",
    ),
    Code.KEY_REVOKED: Entry(
        "The key was withdrawn, for instance because it was lost. Whatever it signs is refused.",
        "Khóa đã bị thu hồi",
        "Khóa đã bị thu hồi nên mọi chữ ký bằng khóa này đều bị từ chối.",
    ),
    Code.SIGNATURE_INVALID: Entry(
        "The signature was made with another key or over other bytes. The most frequent cause is an ES256 "
        "signature left in "
        "DER form.",
        "Chữ ký không hợp lệ",
        "Chữ ký không khớp với nội dung và khóa đã đăng ký; với ES256, hãy kiểm tra chữ ký có đúng 64 byte thô không.",
    ),
    Code.CLAIM_MISSING: Entry(
        "The signature is good, but the token does not say everything a call must say.",
        "Thiếu thông tin trong mã thông báo",
        "Mã thông báo thiếu một hoặc nhiều trường bắt buộc.",
    ),
    Code.CLAIM_INVALID: Entry(
        "A claim has the wrong type or form: a time that is not a number, a jti that is too short, a purpose "
        "that is no object.",
        "Thông tin trong mã thông báo sai dạng",
        "Một trường của mã thông báo sai kiểu hoặc sai định dạng.",
    ),
    Code.AUDIENCE_WRONG: Entry(
        "The token was made for another gateway, for instance for the test system instead of this one.",
        "Mã thông báo dành cho nơi khác",
        "Trường aud không phải định danh của cổng này.",
    ),
    Code.TOKEN_EXPIRED: Entry(
        "The token is older than it allows itself to be. It was kept too long, or your clock is slow.",
        "Mã thông báo đã hết hạn",
        "Mã thông báo đã quá thời điểm exp; hãy ký lại cho từng yêu cầu và đồng bộ đồng hồ.",
    ),
    Code.TOKEN_NOT_YET_VALID: Entry(
        "The token was made at a time that has not come yet: your clock is fast.",
        "Mã thông báo chưa có hiệu lực",
        "Thời điểm trong mã thông báo ở tương lai; hãy đồng bộ đồng hồ của máy chủ.",
    ),
    Code.TOKEN_LIFETIME_TOO_LONG: Entry(
        "A token is for one call and lives for two minutes at most; this one allows itself more.",
        "Thời hạn mã thông báo quá dài",
        "Khoảng từ iat đến exp vượt quá 120 giây.",
    ),
    Code.METHOD_MISMATCH: Entry(
        "The request was sent with another HTTP method than the one that was signed.",
        "Sai phương thức HTTP",
        "Phương thức gửi đi khác với phương thức đã ký trong htm.",
    ),
    Code.TARGET_MISMATCH: Entry(
        "The request was sent to another address than the one that was signed. Behind a proxy, sign the public "
        "address.",
        "Sai địa chỉ gọi",
        "Địa chỉ được gọi khác với địa chỉ đã ký trong htu.",
    ),
    Code.DIGEST_MISSING: Entry(
        "There is a body, and the header Content-Digest or the claim digest is not there: the signature would "
        "not cover it.",
        "Thiếu giá trị băm của nội dung",
        "Yêu cầu có nội dung nhưng thiếu tiêu đề Content-Digest hoặc trường digest.",
    ),
    Code.DIGEST_MISMATCH: Entry(
        "The bytes that arrived are not those that were signed, or header and claim differ. Often a library "
        "formats the JSON "
        "anew after the digest was computed.",
        "Giá trị băm không khớp",
        "Nội dung nhận được khác với nội dung đã ký, hoặc tiêu đề và trường digest không giống nhau.",
    ),
    Code.REQUEST_REPLAYED: Entry(
        "A token with this jti has been used before. Nothing was fetched this time.",
        "Mã thông báo đã được dùng",
        "Giá trị jti này đã được sử dụng; mỗi yêu cầu cần một jti mới.",
    ),
    Code.PORTAL_SUSPENDED: Entry(
        "The operator has suspended your portal. Its keys are known, its calls are refused.",
        "Cổng dịch vụ bị tạm ngừng",
        "Quyền truy cập của cổng dịch vụ đang bị tạm ngừng; hãy liên hệ đơn vị vận hành.",
    ),
}

_REQUEST: Mapping[Code, Entry] = {
    Code.BODY_MALFORMED: Entry(
        "The body is not strict JSON: a syntax error, a member named twice, NaN, or input nested too deep or too long.",
        "Nội dung không phải JSON hợp lệ",
        "Nội dung sai cú pháp JSON, có thành phần trùng tên, hoặc quá sâu, quá dài.",
    ),
    Code.FIELD_UNKNOWN: Entry(
        "The body names a member, a field or a role that does not exist here. Nothing is ignored silently.",
        "Trường không tồn tại",
        "Nội dung có thành phần, trường hoặc vai trò không tồn tại trong lệnh gọi này.",
    ),
    Code.VALUE_INVALID: Entry(
        "A value is missing, of the wrong type, or cannot be right: a day that does not exist, a wrong check digit.",
        "Giá trị không hợp lệ",
        "Có giá trị bị thiếu, sai kiểu hoặc không thể đúng, ví dụ ngày không tồn tại.",
    ),
    Code.QUERY_NOT_ALLOWED: Entry(
        "The address carried a question mark. Addresses are logged on their way; personal numbers must never be "
        "in them.",
        "Không được dùng chuỗi truy vấn",
        "Địa chỉ có chuỗi truy vấn; mọi tham số phải nằm trong nội dung yêu cầu.",
    ),
    Code.PROCEDURE_UNKNOWN: Entry(
        "This gateway has no procedure with the code in the token's purpose or in the address.",
        "Không có thủ tục này",
        "Mã thủ tục hành chính không có trên cổng này.",
    ),
    Code.PROCEDURE_NOT_GRANTED: Entry(
        "The procedure exists, and your portal is not registered for it.",
        "Chưa được cấp quyền dùng thủ tục",
        "Cổng dịch vụ của bạn chưa được đăng ký dùng thủ tục này.",
    ),
    Code.FIELD_NOT_GRANTED: Entry(
        "You asked for a field for which the procedure has no legal basis. Nothing was fetched.",
        "Trường không được cấp quyền",
        "Thủ tục không có căn cứ pháp lý để khai thác trường này.",
    ),
    Code.BASIS_NOT_ACCEPTED: Entry(
        "Your portal may not ask on the basis named in the token's purpose.",
        "Căn cứ pháp lý không được chấp nhận",
        "Cổng dịch vụ không được phép hỏi dữ liệu theo căn cứ đã nêu.",
    ),
    Code.OPERATION_NOT_GRANTED: Entry(
        "Your portal is registered, but not for this call.",
        "Chưa được cấp quyền gọi",
        "Cổng dịch vụ của bạn chưa được đăng ký cho lệnh gọi này.",
    ),
    Code.NOT_FOUND: Entry(
        "There is nothing at this address. A person or enterprise that does not exist is an answer with found: "
        "false instead.",
        "Không có địa chỉ này",
        "Địa chỉ được gọi không tồn tại trên cổng.",
    ),
    Code.METHOD_NOT_ALLOWED: Entry(
        "The address exists and answers another method. The header Allow names it.",
        "Phương thức không được phép",
        "Địa chỉ này chỉ nhận phương thức ghi trong tiêu đề Allow.",
    ),
    Code.BODY_TOO_LARGE: Entry(
        "The body is larger than the gateway, or your portal's registration, allows.",
        "Nội dung quá lớn",
        "Nội dung yêu cầu vượt quá kích thước cho phép.",
    ),
    Code.CONTENT_TYPE_WRONG: Entry(
        "The body is not announced as JSON in UTF-8 (for many dossiers: as lines of JSON), or it is compressed.",
        "Sai kiểu nội dung",
        "Nội dung phải là application/json (nhiều hồ sơ: application/x-ndjson), mã hóa UTF-8 và không nén.",
    ),
    Code.RATE_LIMITED: Entry(
        "Your portal sends more calls at once, or in a short time, than it is registered for.",
        "Gọi quá nhanh",
        "Cổng dịch vụ gửi quá nhiều yêu cầu trong thời gian ngắn.",
    ),
    Code.QUOTA_EXHAUSTED: Entry(
        "Your portal has made as many calls as it may make in one day.",
        "Đã hết hạn mức trong ngày",
        "Cổng dịch vụ đã dùng hết số lượt gọi của ngày.",
    ),
}

_BEHIND: Mapping[Code, Entry] = {
    Code.SOURCE_REFUSED: Entry(
        "A national database refused the gateway itself: its credentials, its address or its contract. Your "
        "call was right.",
        "Nguồn dữ liệu từ chối cổng",
        "Cơ sở dữ liệu quốc gia từ chối chính cổng kết nối; đây không phải lỗi của bên gọi.",
    ),
    Code.SOURCE_GARBLED: Entry(
        "A national database answered something that is not a valid answer to the question, or an answer about "
        "someone else.",
        "Nguồn dữ liệu trả lời sai",
        "Câu trả lời của cơ sở dữ liệu quốc gia không hợp lệ nên không được sử dụng.",
    ),
    Code.SOURCE_UNAVAILABLE: Entry(
        "A national database cannot be reached or says that it is out of order.",
        "Nguồn dữ liệu không phản hồi",
        "Không kết nối được với cơ sở dữ liệu quốc gia; hãy thử lại sau.",
    ),
    Code.SOURCE_TIMED_OUT: Entry(
        "A national database did not answer in the time a call may take.",
        "Nguồn dữ liệu phản hồi quá chậm",
        "Cơ sở dữ liệu quốc gia không trả lời trong thời gian cho phép.",
    ),
    Code.OVERLOADED: Entry(
        "All places for calls under way are taken. The call was not begun.",
        "Cổng đang quá tải",
        "Cổng đang xử lý quá nhiều yêu cầu; yêu cầu này chưa được thực hiện.",
    ),
    Code.LOG_UNAVAILABLE: Entry(
        "The gateway could not record the call. Without a record it fetches nothing and answers nothing.",
        "Không ghi được nhật ký truy cập",
        "Cổng không ghi được nhật ký nên không khai thác và không trả dữ liệu.",
    ),
    Code.DRAINING: Entry(
        "This process of the gateway is being stopped and takes no new calls.",
        "Cổng đang dừng để bảo trì",
        "Tiến trình này đang dừng; hãy gửi lại, tiến trình khác sẽ trả lời.",
    ),
    Code.INTERNAL: Entry(
        "Something in the gateway is broken. Operators find what happened by the instance of the answer.",
        "Lỗi của cổng",
        "Cổng gặp lỗi nội bộ; hãy báo giá trị instance cho đơn vị vận hành.",
    ),
}

ENTRIES: Mapping[Code, Entry] = {**_TOKEN, **_REQUEST, **_BEHIND}
