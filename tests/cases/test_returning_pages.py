"""退回 and 撤回 on the pages: shown with their consequences, posted once, refused with a reason."""

import pytest
from sqlalchemy import select

from app.cases import acts, demo
from app.cases.models import WorkItem, WorkStatus

from .test_exactly_once import key
from .town import actor


@pytest.fixture(scope="module")
def lead(town):
    return town.caller("hb-lead")


def act(work_id, name):
    return f"/work/{work_id}/acts/{name}"


def newest(town, case_id, node):
    with town.read() as session:
        chosen = select(WorkItem).where(WorkItem.case_id == case_id, WorkItem.node == node)
        found = session.scalars(chosen.order_by(WorkItem.id.desc())).first()
        return found.id, found.status, found.version


def test_the_page_of_a_return_says_what_becomes_void_and_does_it_once(town, lead):
    case_id = town.open("dust-heap", "lead_review")
    work_id, version = town.work(case_id, "lead_review")
    assert "退回到以前办理的环节重新办理" in lead.get(f"/work/{work_id}").text
    page = lead.get(act(work_id, "return")).text
    for told in ("调查终结报告", "由乙丑", "文书作废：《", "已退回作废", "法定期限不因退回重新计算"):
        assert told in page
    report, _, _ = newest(town, case_id, "report")

    missing = {"to": "", "reason": "看", "_key": key(), "_version": str(version)}
    empty = lead.post(act(work_id, "return"), missing, page=act(work_id, "return"))
    assert empty.status_code == 422
    assert "请选择退回到" in empty.text
    given = {"to": str(report), "reason": "缺少照片", "_key": key(), "_version": str(version)}
    first = lead.post(act(work_id, "return"), given, page=act(work_id, "return"))
    assert first.status_code == 303
    again = lead.post(act(work_id, "return"), given, page=first.headers["Location"])
    assert again.status_code in (303, 409)
    _, status, _ = newest(town, case_id, "report")
    assert (status, newest(town, case_id, "lead_review")[1]) == (WorkStatus.OPEN, WorkStatus.CANCELLED)
    case_page = lead.get(f"/cases/{case_id}").text
    assert case_page.count("已退回作废") == 1
    assert "<s>调查终结报告</s>" in case_page


def test_who_was_faster_wins_and_the_other_is_told(town, lead):
    case_id = town.open("dust-heap", "lead_review")
    work_id, version = town.work(case_id, "lead_review")
    report, _, _ = newest(town, case_id, "report")
    given = {"to": str(report), "reason": "缺少照片", "_key": key(), "_version": str(version + 1)}
    late = lead.post(act(work_id, "return"), given, page=act(work_id, "return"))
    assert late.status_code == 409
    assert "缺少照片" in late.text, "nothing typed is lost"


def test_the_one_who_handed_in_finds_the_way_back(town):
    case_id = town.open("dust-heap", "report")
    officer = town.caller("hb-officer1")
    work_id, version = town.work(case_id, "report")
    with town.app.app_context():
        data, used = demo.with_files(town.answers("dust-heap", "penalty_report")), key()
    with town.act() as session:
        acts.hand_in(session, actor(session, "hb-officer1"), work_id, version, used, lambda *_: data)
    waits = officer.get(act(work_id, "withdraw")).text
    assert "协办人员不再需要确认" in waits
    with town.act() as session:
        acts.confirm(session, actor(session, "hb-officer2"), *town.work(case_id, "report"), key())
    landed = officer.get(f"/cases/{case_id}?done={used}").text
    assert act(work_id, "withdraw") in landed
    page = officer.get(act(work_id, "withdraw")).text
    assert "填写的内容作为草稿保留" in page
    given = {"reason": "金额有误", "_key": key(), "_version": str(newest(town, case_id, "report")[2])}
    done = officer.post(act(work_id, "withdraw"), given, page=act(work_id, "withdraw"))
    assert done.status_code == 303
    again, _ = town.work(case_id, "report")
    assert data["proposal"] in officer.get(f"/work/{again}").text, "what was typed stands in the form"
    gone = officer.get(act(work_id, "withdraw")).text
    assert "不能撤回" in gone


def test_a_stranger_finds_neither(town):
    case_id = town.open("dust-heap", "lead_review")
    work_id, _ = town.work(case_id, "lead_review")
    report, _, _ = newest(town, case_id, "report")
    stranger = town.caller("szhb-officer1")
    for work, name in ((work_id, "return"), (report, "withdraw")):
        assert stranger.get(act(work, name)).status_code == 404
    colleague = town.caller("hb-officer3")
    assert colleague.get(act(report, "withdraw")).status_code == 403
