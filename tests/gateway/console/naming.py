"""Names of the mock country's portals, procedures and fields, as the console knows them from the configuration."""

from config.model import Named
from gateway.console.facts import Facts

FACTS = Facts(
    origin="log.test.example/access",
    vkey="log.test.example/access+00000000+AAAA",
    portals={
        "H14": Named("Cổng dịch vụ công tỉnh Cao Bằng", "Public-service portal of Cao Bang province"),
        "H14.5": Named("Sở Tài chính tỉnh Cao Bằng", "Department of finance of Cao Bang province"),
        "H141": Named("Cổng dịch vụ công tỉnh Thử Nghiệm", "Public-service portal of Thu Nghiem province"),
        "G01": Named("Cổng dịch vụ công Bộ Công an", "Public-service portal of the Ministry of Public Security"),
    },
    procedures={
        "1.004222": Named("Đăng ký thường trú", "Registration of permanent residence"),
        "1.010010": Named("Đăng ký thành lập doanh nghiệp tư nhân", "Registration of a private enterprise"),
    },
    fields={
        "person.full_name": Named("Họ và tên", "Full name"),
        "person.birth_date": Named("Ngày sinh", "Date of birth"),
        "person.permanent_address": Named("Nơi thường trú", "Permanent address"),
        "enterprise.name": Named("Tên doanh nghiệp", "Name of the enterprise"),
    },
    roles={
        ("1.004222", "applicant"): Named("Người nộp hồ sơ", "Applicant"),
        ("1.004222", "spouse"): Named("Vợ hoặc chồng", "Spouse"),
        ("1.005169", "applicant"): Named("Người ký văn bản đề nghị", "Signatory"),
    },
    sources=("business", "population", "tax"),
)
