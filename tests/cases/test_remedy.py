"""What follows a decision: a review, a lawsuit, a correction. Answered in time, told on the decided case's page, and the
account, the demand and the court wait for it."""

from datetime import date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select

from app.audit import service as audit
from app.cases import following_up, locking, proofs, referring, stepping
from app.cases.models import Case, CaseLink, WorkItem, WorkStatus
from app.cases.money import accounts
from app.cases.money.reckoning import stand
from app.catalogue.models import PowerItem
from app.deadlines import service as deadlines
from app.documents.models import Document
from app.kernel import clock
from app.kernel.errors import Forbidden, Refused

from .town import actor, confirm, hand_in, waiting

AGREE = {"stance": "agree", "text": "同意。"}
ITEM = "ZZ-10-FYSS-001"
POINTS = ("subject", "facts", "law", "procedure", "power", "document", "crime")
LEGAL = {"grounds": ["列入本机关重大执法决定法制审核目录"], "materials": [{"name": "全案材料", "pages": 40}],
         **dict.fromkeys(POINTS, "符合"), "conclusion": "同意", "opinion": "同意。"}  # fmt: skip
SERVED = {"method": "直接送达", "served_place": "演示小区5号", "receiver": "李某", "relation": "受送达人本人"}
DISPUTE = {
    "organ": "枣庄市人民政府", "case_ref": "枣政复〔2025〕1号", "filed_on": "2025-09-10",
    "received_on": "2025-09-17", "program": "normal", "claims": "请求撤销处罚决定。",
}  # fmt: skip
RESULT = {
    "result": "upheld", "paper": "行政复议决定书", "paper_no": "枣政复决字〔2025〕1号", "received_on": "2025-11-05",
    "ended_on": "2025-11-04", "content": "维持原决定。",
}  # fmt: skip
PROPOSED = {
    "action": "change", "ground": "处罚明显不当", "facts": "漏计从轻情节。", "content": "罚款变更为六千元。",
    "basis": "《中华人民共和国行政处罚法》第七十五条第二款", "fine_amount": "6000.00", "confiscated_amount": "0.00",
}  # fmt: skip
DECIDED = {
    "decision": "approve", "action": "change", "reason": "裁量时漏计从轻情节。", "content": "罚款变更为六千元。",
    "fine_amount": "6000.00", "confiscated_amount": "0.00", "opinion": AGREE,
}  # fmt: skip


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=clock.CHINA)


def item_of(desk, drive, code):
    agency = desk.get_one(Case, drive.case_id).agency_id
    return desk.scalars(select(PowerItem).where(PowerItem.code == code, PowerItem.agency_id == agency)).one()


class Followed:
    """A decided case, and the case that follows it, driven by the people of the town."""

    def __init__(self, stage, desk, until="urge"):
        self.desk = desk
        self.decided = stage("road-digger", until=until)
        self.drive = stage("road-digger", until=until)
        self.now("2025-09-18T10:00")
        item = item_of(desk, self.decided, ITEM)
        with clock.at(self.drive.moment):
            opened = following_up.open_following(
                desk, actor(desk, "cg-legal"), self.decided.case_id, item.id, self.drive.key()
            )
        self.drive.case_id = opened.case_id
        self.drive.serial = 1000

    def now(self, text):
        self.drive.moment = self.decided.moment = at(text)

    def running(self, drive):
        return locking.running(self.desk, self.desk.get_one(Case, drive.case_id))

    def did(self, node, login, given, second=""):
        hand_in(self.drive, node, login, given=given)
        if second:
            confirm(self.drive, node, second)

    def begun(self, node):
        running = self.running(self.drive)
        form = stepping.form_of(running, waiting(self.desk, self.drive.case_id, node))
        return form.prefilled(stepping.context_of(running))

    def register(self, kind="行政复议", **more):
        """Register what it is about; the facts of the decision are those that the decided case hands over."""
        known = {key: value for key, value in self.begun("register").items() if value not in (None, "")}
        said = DISPUTE if kind != "自行纠正" else {"error": "裁量时漏计从轻情节。"}
        given = (
            known
            | {"confiscated_amount": "0.00", "published": "yes", "major": "yes", "kind": kind}
            | said
            | more
        )
        given = {k: v for k, v in given.items() if k != "program" or kind == "行政复议"}
        self.did("register", "cg-legal", given)

    def answered(self):
        self.did(
            "stay", "cg-deputy", {"decision": "continue", "reason": "没有应当停止的情形。", "opinion": AGREE}
        )
        evidence = [{"name": "现场笔录", "proves": "挖掘的事实", "pages": 2}]
        self.did("reply", "cg-legal", {"facts": "事实清楚。", "basis": "依据正确。", "answer": "理由不成立。",
                                       "proofs": evidence})  # fmt: skip
        self.did("reply_approve", "cg-head", {"opinion": AGREE})
        self.did("submit", "cg-legal", {"submitted_on": "2025-09-18", "way": "直接提交"})

    def second(self):
        return next(o for o, name in self.drive.officers["investigator"][1:2])

    def owed(self, day):
        running = self.running(self.decided)
        return stand(accounts.of(running, accounts.filed(running)), date.fromisoformat(day))

    def disputes(self):
        return proofs.gather(self.running(self.decided), "court.apply", "penalty_court_apply", {})["disputes"]

    @property
    def nodes(self):
        chosen = select(WorkItem.node).where(
            WorkItem.case_id == self.drive.case_id,
            WorkItem.kind == "user",
            WorkItem.status == WorkStatus.OPEN,
        )
        return set(self.desk.scalars(chosen))

    @property
    def papers(self):
        return set(self.desk.scalars(select(Document.code).where(Document.case_id == self.drive.case_id)))


@pytest.fixture
def followed(stage, desk):
    return Followed(stage, desk)


def test_it_begins_with_the_decision_and_both_cases_name_each_other(followed, desk):
    begun = followed.begun("register")
    assert begun["party"]["name"] == "李某"
    assert (begun["fine_amount"], begun["cause"]) == ("10000", "擅自挖掘城市道路")
    assert "城管罚" in begun["decision_no"]
    legal = actor(desk, "cg-legal")
    (there,) = referring.links(desk, legal, followed.decided.case_id)
    (back,) = referring.links(desk, legal, followed.drive.case_id)
    assert (there.label, back.label) == ("后续办件", "所针对的案件")
    kinds = [[e.kind for e in audit.of_case(desk, d.case_id)] for d in (followed.decided, followed.drive)]
    assert following_up.FOLLOWED in kinds[0]
    assert kinds[1] == ["case.opened", following_up.FOLLOWS]


@pytest.mark.parametrize(
    ("kind", "program", "name", "due"),
    [
        ("行政复议", "normal", "复议答复期限", "2025-09-30"),
        ("行政复议", "simple", "复议答复期限（简易程序）", "2025-09-24"),
        ("行政诉讼", "normal", "答辩和举证期限", "2025-10-02"),
    ],
)
def test_the_answer_has_its_term_in_the_unit_of_its_law(followed, desk, kind, program, name, due):
    followed.register(kind, program=program)
    (running,) = [c for c in deadlines.of_case(desk, followed.drive.case_id) if c.kind == "statutory"]
    assert running.name == name
    assert running.due_on.isoformat() == due


def test_the_surcharge_stands_still_from_filing_to_the_end_and_the_court_waits(followed, desk):
    followed.register()
    assert followed.owed("2025-10-30").surcharge == 0
    no = desk.get_one(Case, followed.drive.case_id).no
    assert followed.disputes() == (no,)
    followed.answered()
    followed.now("2025-11-06T10:00")
    followed.did("result", "cg-legal", RESULT)
    assert followed.disputes() == ()
    assert followed.nodes == {"archive"}
    assert followed.owed("2025-11-04").surcharge == 0
    assert followed.owed("2025-11-06").surcharge == Decimal("600.00"), "two days since the end"
    found = proofs.gather(followed.running(followed.decided), "court.apply", "penalty_court_apply", {})
    assert found["terms"]["remedy_result.received_on", "15d"] == date(2025, 11, 20), (
        "the time to sue after a review"
    )
    (there,) = referring.links(desk, actor(desk, "cg-legal"), followed.decided.case_id)
    assert there.told == ["行政复议", "维持或者驳回请求"]


def test_what_was_revoked_is_no_longer_owed_and_is_withdrawn_within_three_days(followed, desk):
    followed.register()
    followed.answered()
    followed.now("2025-11-06T10:00")
    nothing = {"fine_amount": "0.00", "confiscated_amount": "0.00"}
    followed.did("result", "cg-legal", RESULT | {"result": "revoked"} | nothing)
    assert followed.owed("2025-11-06").balance == 0
    assert followed.nodes == {"withdraw"}
    clocks = {c.name: c for c in deadlines.of_case(desk, followed.drive.case_id) if c.kind == "statutory"}
    assert clocks["撤回公示期限"].due_on.isoformat() == "2025-11-10"
    gone = {
        "withdrawn_on": "2025-11-06",
        "channels": ["本机关网站"],
        "reason": "被复议机关撤销。",
        "where": "原页面",
    }
    followed.did("withdraw", "cg-archive", gone)
    assert followed.nodes == {"archive"}


def test_the_agency_corrects_itself_by_legal_review_and_a_paper_that_is_served(followed):
    followed.register("自行纠正")
    assert followed.nodes == {"propose"}
    followed.did("propose", "cg-officer1", PROPOSED | {"second": followed.second()}, "cg-officer2")
    assert followed.nodes == {"legal"}
    followed.did("legal", "cg-legal", LEGAL)
    with pytest.raises(Refused) as caught:
        followed.did("decide", "cg-head", DECIDED | {"fine_amount": "12000.00"})
    assert caught.value.code == "no_increase"
    followed.did("decide", "cg-head", DECIDED)
    assert {"SH-01", "JD-07"} <= followed.papers
    assert followed.owed("2025-09-18").principal == Decimal(6000)
    gone = {
        "withdrawn_on": "2025-09-18",
        "channels": ["本机关网站"],
        "reason": "决定变更。",
        "where": "原页面",
    }
    followed.did("withdraw", "cg-archive", gone)
    followed.now("2025-09-19T10:00")
    followed.did("serve", "cg-officer1", SERVED | {"served_at": "2025-09-19T09:00"}, "cg-officer2")
    assert followed.nodes == {"archive"}
    assert "SD-01" in followed.papers


def test_ordered_to_decide_anew_it_opens_a_new_case(followed, desk):
    followed.register("行政诉讼", published="no")
    followed.answered()
    followed.now("2025-11-06T10:00")
    nothing = {"fine_amount": "0.00", "confiscated_amount": "0.00"}
    followed.did("result", "cg-legal", RESULT | {"result": "anew"} | nothing)
    item = item_of(desk, followed.decided, "ZZ-02-ZHZF-001")
    target = f"{item.code}　{item.name}"
    anew = {"target": target, "source": "其他", "cause": "擅自挖掘城市道路", "happened_on": "2025-06-23",
            "place": "演示北大道", "summary": "法院责令重新作出。", "suggestion": "重新调查。"}  # fmt: skip
    followed.did("refer", "cg-legal", anew)
    link = desk.scalars(select(CaseLink).where(CaseLink.source_id == followed.drive.case_id)).one()
    assert link.kind == "referred"
    assert waiting(desk, link.target_id, "register").position_key == "intake"
    assert followed.nodes == {"archive"}


def test_only_a_served_decision_of_ones_own_agency_is_followed_and_by_the_legal_office(stage, desk):
    early = stage("road-digger", until="serve")
    case = desk.get_one(Case, early.case_id)
    assert following_up.offers(desk, actor(desk, "cg-legal"), case) == []
    item = item_of(desk, early, ITEM)
    with pytest.raises(Refused) as caught:
        following_up.open_following(desk, actor(desk, "cg-legal"), case.id, item.id, early.key())
    assert caught.value.code == "following"
    served = desk.get_one(Case, stage("road-digger", until="urge").case_id)
    assert [i.code for i in following_up.offers(desk, actor(desk, "cg-legal"), served)] == [ITEM]
    assert following_up.offers(desk, actor(desk, "cg-officer1"), served) == []
    assert following_up.offers(desk, actor(desk, "hb-legal"), served) == ()
    with pytest.raises((Refused, Forbidden)):
        following_up.open_following(desk, actor(desk, "cg-officer1"), served.id, item.id, early.key())


def test_the_demonstration_answers_a_review_of_a_decision_that_was_paid(stage, desk):
    drive = stage("mill-review")
    case = desk.get_one(Case, drive.case_id)
    assert case.closed_at is not None
    (back,) = referring.links(desk, actor(desk, "hb-legal"), case.id)
    assert (back.label, back.came_from) == ("所针对的案件", True)
