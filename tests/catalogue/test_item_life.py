"""An item counts only by the case that examined exactly what it says, from its day on."""

from datetime import UTC, datetime

import pytest
from callers import cheap_hashes
from cases.conftest import town
from cases.town import Town, actor
from sqlalchemy import select

from app.cases import acts, overview, replay
from app.cases.models import Case, CaseStatus
from app.catalogue import item_versions, outflow
from app.catalogue.models import ItemVersion, PowerItem
from app.items import drawing
from app.kernel import clock
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused

from .item_way import ARCHIVE, DAY, DRAWER, HEAD, LAWYER, NOW, STEPS, Life, key, life, today

__all__ = ["cheap_hashes", "life", "today", "town"]


def apply_on(town: Town, moment: datetime) -> None:
    with clock.at(moment), town.act() as session:
        item_versions.apply_due(session, moment, 100)


def test_the_whole_way(town, life):
    answer = life.send()
    assert life.version().state == "review"
    life.agreed()
    answer = life.submit()
    assert {d["title"] for d in answer.documents} == {"权力事项动态调整申报表"}
    assert life.version().state == "audit"
    assert life.version().audit_case_id
    life.review()
    version = life.version()
    assert (version.state, version.number, str(version.effective_on)) == ("approved", 1, DAY)
    assert life.item().status == "draft"
    assert not life.in_force("2026-05-31")
    assert life.in_force(DAY)
    apply_on(town, datetime(2026, 5, 31, 16, 1, tzinfo=UTC))  # a minute past midnight in China
    assert life.item().status == "published"


def test_no_case_before_its_day_and_one_on_it(town, life):
    life.to_audit()
    life.review()
    item = life.item()
    with pytest.raises(NotFound):
        town.do(acts.open_case, "hb-intake", item.id, key())
    with clock.at(datetime(2026, 6, 1, 1, tzinfo=UTC)):
        assert town.do(acts.open_case, "hb-intake", item.id, key()).case_id


def test_what_lacks_something_is_not_sent_in(town):
    life = Life(town)
    life.draw(running={"promised": "120", "phone": ""}, basis={"basis": [{"citation": "有关规定"}]})
    with pytest.raises(Refused) as caught:
        life.send()
    for words in ("还没有填写联系电话", "承诺时限不得长于法定时限", "没有写到法律名称和条款"):
        assert words in caught.value.message
    assert life.version().case_id is None


def test_what_is_entered_wrongly_is_kept_and_told(life):
    errors = life.save("running", {**STEPS["running"], "phone": "电话", "place": "新地点（演示）"})
    assert list(errors) == ["phone"]
    assert (life.version().elements["phone"], life.version().elements["place"]) == ("电话", "新地点（演示）")


def test_the_legal_office_sends_it_back_and_it_is_applied_for_again(town, life):
    life.to_audit()
    first = life.version()
    life.review("退回修改")
    returned = life.version()
    assert (returned.state, returned.case_id) == ("returned", first.case_id)
    life.save("running", {**STEPS["running"], "promised": "45"})
    life.to_audit()
    assert life.version().case_id == first.case_id
    assert life.version().audit_case_id != first.audit_case_id
    life.review()
    assert life.version().state == "approved"


def test_a_refusal_ends_it(town, life):
    life.to_audit()
    life.review("不同意")
    assert life.version().state == "ended"
    assert not life.in_force()
    with town.read() as session:
        waiting = session.get_one(Case, life.version().case_id)
        assert waiting.status == CaseStatus.OPEN
        assert "archive" in life.waiting(waiting.id).node


def test_what_came_to_nothing_is_drawn_up_again_from_where_it_was(town, life):
    life.to_audit()
    item = life.item()
    with town.act() as session, pytest.raises(Invalid, match="需要修改"):
        drawing.begin_new(session, actor(session, DRAWER), item.code, item.name, "penalty")
    life.review("不同意")
    with town.act() as session:
        again = drawing.begin_new(session, actor(session, DRAWER), item.code, item.name, "penalty")
        assert (again.item_id, again.state) == (item.id, "draft")
        assert again.elements["office"] == STEPS["running"]["office"]
        life.version_id = again.id
    life.to_audit()
    life.review()
    assert life.version().number == 1


def test_the_draft_is_locked_while_it_is_examined(life):
    life.send()
    with pytest.raises(Conflict, match="不能修改"):
        life.save("basis", STEPS["basis"])


def test_what_was_changed_behind_the_platform_does_not_count(town, life):
    life.to_audit()
    life.examine()
    life.check()
    life.sign()
    with town.act() as session:
        session.get_one(ItemVersion, life.version_id).content = {"kinds": ["罚款"]}
    life.work()
    assert life.version().state == "audit"


def test_fifteen_working_days_lie_between_the_application_and_the_day(life):
    life.send("2026-03-20")
    life.agreed()
    with pytest.raises(Invalid) as caught:
        life.submit("2026-03-20")  # 2 March is a Monday: the fifteenth working day after it is the 23rd
    assert "2026年3月23日" in caught.value.errors["effective_on"][0]
    life.submit("2026-03-23")
    assert not life.version().urgent


def test_an_urgent_change_says_why_and_is_marked(life):
    life.send("2026-03-10")
    life.agreed()
    with pytest.raises(Invalid):
        life.submit("2026-03-10", urgent="yes")
    life.submit("2026-03-10", urgent="yes", urgent_reason="新法公布即施行（演示）。")
    assert life.version().urgent


def test_the_agency_cannot_answer_itself(town, life):
    """Whoever registers a reply by hand can only register what the legal office has signed."""
    life.to_audit()
    forged = {
        "review_no": "演示",
        "reviewer": "枣庄市司法局",
        "conclusion": "同意",
        "opinion": "",
        "effective_on": DAY,
    }
    with pytest.raises(Refused, match="还没有签发意见"):
        life.hand_in(life.version().case_id, "hb-deputy", forged)
    life.examine("退回修改")
    life.check()
    life.sign("退回修改")
    with pytest.raises(Refused, match="不一致"):
        life.hand_in(life.version().case_id, "hb-deputy", forged)
    life.work()
    assert life.version().state == "returned"


def test_the_legal_office_has_its_own_case_and_sees_nothing_else(town, life):
    life.to_audit()
    version = life.version()
    with town.read() as session:
        review = session.get_one(Case, version.audit_case_id)
        assert review.agency_id == actor(session, "sf-legal").agency_id
        assert review.agency_id != version.agency_id
    with pytest.raises(NotFound):
        life.hand_in(version.audit_case_id, "hb-legal", {})
    with pytest.raises(NotFound):
        life.hand_in(version.case_id, "sf-deputy", {})


def test_a_district_agency_goes_to_the_legal_office_of_its_district(town):
    from app.items import offices

    with town.read() as session:
        district = offices.reviewing(session, actor(session, "szhb-legal").agency_id)
        street = offices.reviewing(session, actor(session, "sgz-legal").agency_id)
        theirs = actor(session, "szsf-legal").agency_id
        above = offices.reviewing(session, theirs)
        assert {district.agency_id, street.agency_id} == {theirs}
        assert above.agency_id == actor(session, "sf-legal").agency_id
        with pytest.raises(Refused, match="没有可以审核"):
            offices.reviewing(session, above.agency_id)


def test_only_the_item_post_draws_up(town, life):
    for login in ("hb-officer1", "hb-head"):
        with pytest.raises(Forbidden):
            life.save("basis", STEPS["basis"], login)
    for login in ("sj-review", "sf-legal"):
        with pytest.raises(NotFound):
            life.save("basis", STEPS["basis"], login)


def test_two_people_do_not_overwrite_each_other(town, life):
    with pytest.raises(Conflict, match="另一人"):
        town.do(drawing.save, DRAWER, life.version_id, "basis", 1, STEPS["basis"])


def test_a_case_goes_on_under_the_version_it_was_opened_on(town, life):
    life.to_audit()
    life.review()
    with clock.at(datetime(2026, 6, 2, 2, tzinfo=UTC)):
        apply_on(town, clock.now())
        item = life.item()
        case_id = town.do(acts.open_case, "hb-intake", item.id, key()).case_id
        life.change()
        life.save("discretion", {**STEPS["discretion"], "kinds": ["警告", "通报批评"]})
        life.to_audit("2026-08-03")
        life.review(day="2026-08-03")
    with clock.at(datetime(2026, 8, 4, 2, tzinfo=UTC)):
        apply_on(town, clock.now())
        later = town.do(acts.open_case, "hb-intake", item.id, key()).case_id
        with town.read() as session:
            from app.cases import locking

            kinds = [
                locking.running(session, session.get_one(Case, c)).item["kinds"] for c in (case_id, later)
            ]
    assert kinds == [["警告"], ["警告", "通报批评"]]


def test_a_transfer_and_an_end_go_the_same_way(town, life):
    life.to_audit()
    life.review()
    with clock.at(datetime(2026, 6, 2, 2, tzinfo=UTC)):
        apply_on(town, clock.now())
        with town.read() as session:
            to = actor(session, "sj-review").agency_id
        life.change("transfer", to)
        life.to_audit("2026-08-03")
        life.review(day="2026-08-03")
        item = life.item()
    with clock.at(datetime(2026, 8, 4, 2, tzinfo=UTC)):
        apply_on(town, clock.now())
        with pytest.raises(NotFound):
            town.do(acts.open_case, "hb-intake", item.id, key())
        with town.read() as session:
            theirs = session.scalars(
                select(PowerItem.id).where(PowerItem.code == item.code, PowerItem.agency_id == to)
            ).one()
        assert town.do(acts.open_case, "sj-intake", theirs, key()).case_id


def test_the_legal_office_is_told_what_it_examines(town, life):
    """The application says so in the legal office's own form, which nobody there can change."""
    life.to_audit()
    life.examine()
    with town.read() as session:
        from app.cases.models import Submission

        chosen = select(Submission).where(Submission.case_id == life.version().audit_case_id)
        data = session.scalars(chosen).one().data
    assert data["power_name"] == life.version().name
    assert data["fingerprint"] == life.version().digest
    assert data["basis"] == "《排污许可管理条例》第三十三条第（一）项"


def test_what_the_platform_is_kept_by_is_not_changed_here(town):
    with town.read() as session:
        mine = actor(session, DRAWER).agency_id
        item = session.scalars(
            select(PowerItem.id).where(PowerItem.agency_id == mine, PowerItem.kind == "item")
        ).one()
    with pytest.raises(Conflict, match="内部管理"):
        town.do(drawing.begin_change, DRAWER, item, "abolish")


def test_sending_in_twice_with_one_key_is_one_case(life):
    again = key()
    first = life.send(key=again)
    assert life.send(key=again).case_id == first.case_id


def test_what_changes_nothing_is_not_sent_in(town, life):
    life.to_audit()
    life.review()
    with clock.at(datetime(2026, 6, 2, 2, tzinfo=UTC)):
        life.change()
        with pytest.raises(Refused, match="没有变化"):
            life.send("2026-08-03")


def test_the_way_back_that_stays_open_is_no_step_under_way(town, life):
    """The withdrawal waits beside each task and belongs to 归档: the case page and the replay show what is really done."""
    life.send()
    case_id = life.version().case_id

    def stands() -> dict[str, str]:
        with town.read() as session:
            who = actor(session, HEAD)
            view = overview.case(session, who, session.get_one(Case, case_id))
            last = replay.replay(session, session.get_one(Case, case_id)).frames[-1]
            assert {s.node for s in view.external if s.state == "current"} == set(last.current)
            return {s.name: s.state for s in view.external}

    assert stands()["归档"] == "coming"
    assert stands()["部门初审"] == "current"
    life.initial()
    life.collective()
    assert (stands()["归档"], stands()["集体研究"]) == ("coming", "current"), "the signature is still to come"
    life.sign_off()
    life.submit()
    life.review()
    assert (stands()["归档"], stands()["公布并更新职权数据库"]) == ("current", "passed")
    papers = {"papers": ["填报内容和申报表"], "pages": "3", "cases": "没有在办案件（演示）。"}
    life.hand_in(case_id, ARCHIVE, papers)
    assert set(stands().values()) == {"passed"}


@pytest.mark.requirement("S0-10")
def test_who_answers_for_it_signs_before_it_is_reported(town, life):
    life.send()
    life.initial()
    life.collective()
    with pytest.raises(NotFound):
        life.sign_off(LAWYER)
    with pytest.raises(Invalid):
        life.sign_off(answers=[])
    with town.act() as session:  # what was complete when it was sent in is not complete any more
        version = session.get_one(ItemVersion, life.version_id)
        whole, version.elements = version.elements, {**version.elements, "phone": ""}
    with pytest.raises(Refused, match="还没有填写联系电话"):
        life.sign_off()
    with town.act() as session:
        session.get_one(ItemVersion, life.version_id).elements = whole
    assert life.version().signed is None
    life.sign_off()
    signed = life.version().signed
    with town.read() as session:
        head = actor(session, HEAD)
    assert (signed["officer"], signed["name"], signed["position"]) == (
        head.officer_id,
        head.name,
        "主要负责人岗",
    )
    assert datetime.fromisoformat(signed["at"]) == NOW
    assert signed["digest"] == life.version().digest
    assert signed["result"].startswith("没有缺项，")
    assert [hint["label"] for hint in signed["hints"]] == ["法律依据"], "no statute's text was taken in"
    answer = life.submit()
    assert answer.documents
    page = town.caller(LAWYER).get(f"/items/versions/{life.version_id}").get_data(as_text=True)
    for words in (
        "报送签核",
        head.name,
        "2026年3月2日 10:00",
        signed["result"],
        signed["hints"][0]["message"],
    ):
        assert words in page
    with town.read() as session:
        sheet = outflow.elements(session, [life.version().agency_id], clock.today())
    row = next(dict(zip(sheet.heads, row, strict=True)) for row in sheet.rows if life.item().code in row)
    assert row["签核人"] == f"{head.name}（主要负责人岗）"
    assert (row["签核时间"], row["校验结果"]) == ("2026年3月2日 10:00", signed["result"])


def test_what_is_not_signed_goes_back_and_is_signed_anew(town, life):
    life.send()
    life.initial()
    life.collective()
    with pytest.raises(Invalid):
        life.sign_off(conclusion="退回修改", validated=[], answers=[])
    life.sign_off(conclusion="退回修改", validated=[], answers=[], reason="承诺时限请再核对（演示）。")
    assert life.version().state == "returned"
    life.to_audit()
    assert life.version().signed["digest"] == life.version().digest
