"""A case handed over to another agency: approved, in two days, there at once; taken, or disputed at the common superior."""

import pytest
from sqlalchemy import select

from app.audit import service as audit
from app.cases import linking, locking, referring, stepping
from app.cases.demo import Drive
from app.cases.models import Case, CaseLink, CaseStatus, WorkItem
from app.deadlines import service as deadlines
from app.documents.models import Document
from app.kernel import clock
from app.kernel.errors import Invalid, Refused
from app.people.models import Agency

from .town import actor, hand_in, plan_of, waiting

OPINION = {"stance": "agree", "text": "同意。"}
PENALTY = "ZZ-02-ZHZF-004　对擅自在街道两侧和公共场地堆放物料、搭建建筑物构筑物的处罚"


def followed(desk, case_id):
    """The case that this one opened."""
    return desk.get_one(
        Case, desk.scalars(select(CaseLink.target_id).where(CaseLink.source_id == case_id)).one()
    )


def agency_of(desk, case):
    return desk.get_one(Agency, case.agency_id).name


def prefilled(desk, case, node):
    running = locking.running(desk, case)
    work = waiting(desk, case.id, node)
    return stepping.form_of(running, work).prefilled(stepping.context_of(running))


class At:
    """Another agency's case, at the moment of the sender's."""

    def __init__(self, drive, case):
        self.session, self.case_id, self.moment = drive.session, case.id, drive.moment
        self.key = drive.key

    def do(self, node, login, **given):
        begun = prefilled(self.session, self.session.get_one(Case, self.case_id), node)
        said = {name: value for name, value in begun.items() if name != "designated"} | given
        return hand_in(self, node, login, given=said)


@pytest.fixture
def sent(stage):
    """A lead of the city's that was sent to the district; its case waits for the archive."""
    return stage("stall-lead", until="archive")


@pytest.fixture
def received(sent, desk):
    return followed(desk, sent.case_id)


def test_it_is_there_at_once_with_what_was_sent(sent, received, desk):
    assert agency_of(desk, received) == "市中区综合行政执法局"
    work = waiting(desk, received.id, "sign")
    assert (work.position_key, work.assignee_id) == ("intake", None)
    begun = prefilled(desk, received, "sign")
    assert begun["from_agency"] == "枣庄市城市管理局"
    assert begun["party"]["name"] == "某副食店"
    assert begun["cause"] == "擅自占用城市道路经营"
    assert linking.source_of(desk, received.id)["designated"] == "no"
    assert [row["name"] for row in begun["materials"]] == ["现场检查照片4张"]
    assert (
        received.opened_at == desk.scalars(select(CaseLink.at).where(CaseLink.target_id == received.id)).one()
    )


@pytest.mark.requirement("S0-15")
def test_handed_down_to_the_district_it_lies_in_its_inbox_and_both_records_go_on(town):
    with town.act() as session:
        sent = Drive(session, plan_of("stall-lead"))
        sent.run("archive")
        received = followed(session, sent.case_id)
        case_id, no = received.id, received.no
        assert agency_of(session, received) == "市中区综合行政执法局"
        there = session.scalars(select(WorkItem.id).where(WorkItem.case_id == case_id)).one()
    district = town.caller("szzf-intake")
    assert f"/work/{there}" in district.get("/inbox?box=positions").get_data(as_text=True)
    assert f"/work/{there}" not in town.caller("szhb-intake").get("/inbox?box=positions").get_data(
        as_text=True
    )
    with town.act() as session:
        sent.session = session
        At(sent, session.get_one(Case, case_id)).do(
            "sign", "szzf-intake", complete="一致", decision="accept", target=PENALTY
        )
    with town.read() as session:
        lead = followed(session, case_id)
        chain = [audit.of_case(session, number) for number in (sent.case_id, case_id, lead.id)]
        assert [entries[0].kind for entries in chain] == ["case.opened"] * 3
        assert referring.HANDED_OVER in [e.kind for e in chain[0]]
        assert referring.CAME_FROM in [e.kind for e in chain[1]]
        assert referring.CAME_FROM in [e.kind for e in chain[2]]
        begun = prefilled(session, lead, "register")
        assert (begun["party"]["name"], begun["cause"]) == ("某副食店", "擅自占用城市道路经营")
    assert no in district.get(f"/cases/{case_id}").get_data(as_text=True)


def test_both_sides_name_each_other_and_see_no_more_than_their_own(sent, received, desk):
    (there,) = referring.links(desk, actor(desk, "cg-head"), sent.case_id)
    (back,) = referring.links(desk, actor(desk, "szzf-head"), received.id)
    assert (there.no, there.case_id, there.came_from) == (received.no, None, False)
    assert (back.no, back.case_id, back.came_from) == (desk.get_one(Case, sent.case_id).no, None, True)
    assert referring.HANDED_OVER in [e.kind for e in audit.of_case(desk, sent.case_id)]
    assert [e.kind for e in audit.of_case(desk, received.id)] == ["case.opened", referring.CAME_FROM]


def test_the_letter_names_the_agency_and_two_working_days_run(sent, stage, desk):
    letter = desk.scalars(
        select(Document).where(Document.case_id == sent.case_id, Document.code == "LA-04")
    ).one()
    texts = str(letter.data["blocks"])
    assert "市中区综合行政执法局：" in texts
    assert "ZZ-10" not in texts
    before = stage("stall-lead", until="serve")
    (limit,) = [c for c in deadlines.of_case(desk, before.case_id) if c.name == "移送期限"]
    assert limit.limit == "2个工作日"
    assert limit.due_at.astimezone(clock.CHINA).date().isoformat() in ("2026-06-10", "2026-06-11")


def test_nothing_is_sent_without_an_approval(stage, desk):
    drive = stage("stall-lead", until="approve")
    hand_in(drive, "approve", "cg-deputy", decision="refuse", note="属于本机关管辖。",
            opinion={"stance": "disagree", "text": "不同意。"})  # fmt: skip
    assert waiting(desk, drive.case_id, "archive")
    assert desk.scalar(select(CaseLink.id).where(CaseLink.source_id == drive.case_id)) is None
    assert desk.scalars(select(Document.code).where(Document.case_id == drive.case_id)).all() == []


def test_outside_the_platform_only_the_letter_goes(stage, desk):
    drive = stage("stall-lead", until="propose")
    hand_in(drive, "propose", "cg-officer1", outside="yes", to="外地某执法局（演示）", target=None)
    drive.moment = drive.moment.replace(hour=15)
    hand_in(drive, "approve", "cg-deputy")
    hand_in(drive, "serve", "cg-officer1", receiver="演示·辰")
    assert waiting(desk, drive.case_id, "archive")
    assert desk.scalar(select(CaseLink.id).where(CaseLink.source_id == drive.case_id)) is None
    (letter,) = desk.scalars(select(Document).where(Document.case_id == drive.case_id))
    assert "外地某执法局（演示）：" in str(letter.data["blocks"])


def test_one_does_not_send_to_oneself_nor_to_an_agency_that_does_not_exist(stage):
    drive = stage("stall-lead", until="propose")
    for target in ("370400-03／ZZ-10-AJYS-002　枣庄市城市管理局", "999999-03／ZZ-10-AJYS-002　某局"):
        with pytest.raises(Invalid) as caught:
            hand_in(drive, "propose", "cg-officer1", target=target)
        assert "target" in caught.value.errors


def test_taken_it_becomes_a_lead_of_the_receiver(sent, received, desk):
    there = At(sent, received)
    there.do("sign", "szzf-intake", complete="一致", decision="accept", target=PENALTY)
    lead = followed(desk, received.id)
    assert (agency_of(desk, lead), waiting(desk, lead.id, "register").position_key) == (
        "市中区综合行政执法局",
        "intake",
    )
    begun = prefilled(desk, lead, "register")
    assert (begun["party"]["name"], begun["cause"]) == ("某副食店", "擅自占用城市道路经营")
    assert begun["source"] == "其他机关移送"
    assert waiting(desk, received.id, "archive")


def disputed(sent, received, desk):
    there = At(sent, received)
    there.do("sign", "szzf-intake", complete="一致", decision="dispute", dispute="违法行为发生地在薛城区。")
    superior = "370400-01／ZZ-10-AJYS-001　枣庄市司法局"
    there.do("dispute", "szzf-deputy", decision="report", target=superior, designates="yes", note="同意报请。",
             opinion=OPINION)  # fmt: skip
    return followed(desk, received.id)


def test_disputed_it_goes_to_the_common_superior_who_designates(sent, received, desk):
    above = disputed(sent, received, desk)
    assert agency_of(desk, above) == "枣庄市司法局"
    begun = prefilled(desk, above, "propose")
    assert (begun["designating"], begun["reason"]) == ("yes", "违法行为发生地在薛城区。")
    there = At(sent, above)
    basis = [{"law": "中华人民共和国行政处罚法", "article": "第二十五条第二款"}]
    there.do("propose", "sf-officer1", origin="下级机关报请指定管辖", found_on="2026-06-09", outside="no", basis=basis,
             target="370402-03／ZZ-10-AJYS-002　市中区综合行政执法局", materials=[{"name": "案卷材料"}], not_crime="yes",
             contact="演示·巳", contact_phone="0632-0000000")  # fmt: skip
    there.do("approve", "sf-deputy", decision="approve", note="同意。", opinion=OPINION)
    codes = desk.scalars(select(Document.code).where(Document.case_id == above.id)).all()
    assert codes == ["LA-02"]
    begun = prefilled(desk, desk.get_one(Case, above.id), "serve")
    read = {"cause", "summary", "from_agency", "designated", "outside", "target"}
    said = {name: value for name, value in begun.items() if name not in read}
    hand_in(there, "serve", "sf-officer1", given={**said, "sent_at": "2026-06-09T09:25", "way": "机要交换"})
    again = followed(desk, above.id)
    assert linking.source_of(desk, again.id)["designated"] == "yes"
    last = At(sent, again)
    last.do("sign", "szzf-intake", complete="一致", target=PENALTY)
    assert followed(desk, again.id).status == CaseStatus.OPEN


def test_only_who_stands_above_both_may_be_asked(sent, received, desk):
    there = At(sent, received)
    there.do("sign", "szzf-intake", complete="一致", decision="dispute", dispute="违法行为发生地在薛城区。")
    for target in ("370400-03／ZZ-10-AJYS-001　枣庄市城市管理局", "370402-01／ZZ-10-AJYS-001　市中区司法局"):
        with pytest.raises(Invalid) as caught:
            there.do("dispute", "szzf-deputy", decision="report", target=target, designates="yes", note="同意报请。",
                     opinion=OPINION)  # fmt: skip
        assert "target" in caught.value.errors


def test_what_was_sent_is_not_taken_back(sent, desk):
    from .test_withdrawing import withdraw

    with pytest.raises(Refused):
        withdraw(sent, "serve", "cg-officer1")
    assert desk.scalar(
        select(WorkItem.id).where(WorkItem.case_id == sent.case_id, WorkItem.node == "archive")
    )
