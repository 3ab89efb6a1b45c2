"""The workbench as its reviewer gets it."""

from cases.town import Town

from app.cases import service


def test_the_workbench_shows_file_draft_and_what_is_established(town: Town):
    case_id = town.open("stone-mill", "legal_review")
    work_id, _ = town.work(case_id, "legal_review")
    reviewer = town.caller("hb-legal")
    page = reviewer.get(f"/review/legal/{work_id}")
    assert "签收办理" in page.get_data(as_text=True)
    town.do(service.claim, "hb-legal", work_id, "claim000000000001")
    page = reviewer.get(f"/review/legal/{work_id}")
    text = page.get_data(as_text=True)
    assert page.status_code == 200
    for told in ("调查终结报告", "行政处罚决定书", "250,000 元", "《行政处罚听证告知书》", "没有同一人"):
        assert told in text, told


def test_nobody_else_gets_in(town: Town):
    case_id = town.open("stone-mill", "legal_review")
    work_id, _ = town.work(case_id, "legal_review")
    for login in ("hb-officer1", "szzf-legal", "sj-legal"):
        who = town.caller(login)
        token = who.token("/account")
        assert who.get(f"/review/legal/{work_id}").status_code == 404, login
        assert who.get(f"/review/legal/{work_id}/draft").status_code == 404, login
        for path in (f"/review/legal/{work_id}", f"/review/legal/{work_id}/remarks"):
            sent = who.bare_post(path, {"_csrf": token, "_key": "a" * 32, "_version": "1"})
            assert sent.status_code == 404, (login, path)


def test_another_kind_of_task_has_no_workbench(town: Town):
    case_id = town.open("stone-mill", "invest_plan")
    work_id, _ = town.work(case_id, "invest_plan")
    assert town.caller("hb-officer1").get(f"/review/legal/{work_id}").status_code == 404
