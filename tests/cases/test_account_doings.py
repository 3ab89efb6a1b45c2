"""账号审计导出: what an officer did to cases, from the record."""

import csv
import io

import pytest

from app.cases import service as cases
from app.cases.models import Case
from app.kernel import clock


@pytest.mark.requirement("S2-62")
def test_what_an_account_did_to_cases_is_exported_from_the_record(town):
    case_id = town.open("dust-heap", "check")
    work_id, _ = town.work(case_id, "check")
    town.do(cases.claim, "hb-officer1", work_id, "claimforaudit001")
    with town.read() as session:
        number = session.get(Case, case_id).no
    today = clock.today().isoformat()

    def done(login):
        given = {
            "parts": "cases", "since": today, "until": today, "login": "hb-officer1", "format": "csv",
            "purpose": "演示检查2号",
        }  # fmt: skip
        answer = town.caller(login).post("/accounts/audit", given, page="/account")
        assert answer.status_code == 200
        read = list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
        assert {row["登录名"] for row in read} == {"hb-officer1"}
        return [(row["案号"], row["操作"]) for row in read][-1]

    assert done("sf-super") == (number, "签收")
    assert done("sf-admin") == ("", "签收"), "an administrator sees no case"
