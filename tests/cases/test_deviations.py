"""裁量偏离: a sum off its tier is an anomaly that heads and supervisors see; without a reason it never comes about."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from app.cases import deviations
from app.cases.deviations import Filter
from app.cases.models import Deviation
from app.kernel.errors import Forbidden, Refused, XingquanError

from .test_full_legal_review import on_to
from .town import actor, answers, confirm, hand_in

WHY = "当事人二年内曾受同类处罚，从轻档不足以惩戒（演示）。"
OFF = {"fine_amount": "30000.00", "deviation": WHY}


def kept(session):
    session.flush()
    return session.scalars(select(Deviation).order_by(Deviation.id)).all()


def proposed(drive, **changes):
    """A case whose report proposes a sum off the tier 从轻 (10,000 up to, but not, 30,000 yuan)."""
    case = drive("dust-heap", until="report")
    hand_in(case, "report", "hb-officer1", **(OFF | changes))
    confirm(case, "report", "hb-officer2")
    case.filled["penalty_report"] = 1
    return case


@pytest.mark.requirement("S2-35")
@pytest.mark.requirement("S4-52")
@pytest.mark.requirement("S4-37", part="超档次")
def test_from_the_proposal_to_the_decision_of_the_head(drive):
    case = drive("dust-heap", until="report")
    for reason in ("", "   "):
        with pytest.raises(Refused) as caught:
            hand_in(case, "report", "hb-officer1", **(OFF | {"deviation": reason}))
        assert caught.value.code == "discretion"
    assert kept(case.session) == [], "what is not explained never comes about, and is never recorded as done"
    hand_in(case, "report", "hb-officer1", **OFF)
    assert kept(case.session) == [], "the second officer has still to confirm it"
    confirm(case, "report", "hb-officer2")
    case.filled["penalty_report"] = 1
    (row,) = kept(case.session)
    assert (row.kind, row.state, row.tier, row.spans, row.amount, row.reason) == (
        "tier", "proposed", "从轻", "10000元至30000元", Decimal("30000.00"), WHY,
    )  # fmt: skip
    assert (row.approved_by, row.approved_at) == ("", None)
    first = row.proposed_by
    assert all(actor(case.session, login).name in first for login in ("hb-officer1", "hb-officer2"))
    on_to(case, "decide")
    for login in ("hb-officer1", "hb-lead"):
        with pytest.raises(XingquanError):
            hand_in(case, "decide", login)
    decided = answers(case, "penalty_decide", fine_amount="30000.00", content="罚款叁万元（演示）。")
    with pytest.raises(Refused) as caught:
        hand_in(case, "decide", "hb-head", given={**decided, "deviation": ""})
    assert caught.value.code == "discretion"
    hand_in(case, "decide", "hb-head", given={**decided, "deviation": WHY})
    case.session.expire_all()
    (row,) = kept(case.session)
    assert (row.state, row.approved_by, row.proposed_by) == (
        "approved",
        actor(case.session, "hb-head").name,
        first,
    )
    assert row.approved_at == case.moment


def test_a_head_who_decides_within_the_tier_ends_it(drive):
    case = proposed(drive)
    on_to(case, "decide")
    hand_in(case, "decide", "hb-head", given=answers(case, "penalty_decide"))
    case.session.expire_all()
    (row,) = kept(case.session)
    assert (row.state, row.approved_by) == ("ended", "")


def test_below_the_law_and_off_every_tier_are_told_apart(drive):
    proposed(drive, fine_amount="5000.00", tier="减轻")
    case = drive("dust-heap", until="report", id="dust-heap-none", opened="2025-10-16")
    given = {"fine_amount": "20000.00", "tier": "减轻"}
    with pytest.raises(Refused) as caught:
        hand_in(case, "report", "hb-officer1", **given)
    assert "没有“减轻”这一档" in caught.value.message
    hand_in(case, "report", "hb-officer1", **given, deviation=WHY)
    confirm(case, "report", "hb-officer2")
    assert [row.kind for row in kept(case.session)] == ["below", "none"]


def test_who_keeps_to_the_tier_is_not_on_the_list(drive):
    case = drive("dust-heap", until="pre_review")
    assert kept(case.session) == []


def test_heads_see_their_agency_s_supervisors_their_region_s_and_nobody_else_any(drive):
    case = proposed(drive)
    session, number = case.session, kept(case.session)[0].case_no
    for login in ("hb-head", "hb-deputy", "sf-super", "sf-suplead"):
        person = actor(session, login)
        page = deviations.listed(session, person, Filter())
        assert [(row.case_no, agency) for row, agency in page.rows] == [(number, "枣庄市生态环境局")], login
        (count,) = deviations.counted(session, person, Filter())
        assert (count.proposed, count.approved, count.ended, count.all) == (1, 0, 0, 1)
    for login in ("szsf-super", "sj-head"):
        assert not deviations.listed(session, actor(session, login), Filter()).rows, login
    for login in ("hb-officer1", "hb-lead", "hb-legal", "sf-admin", "sf-analyst"):
        with pytest.raises(Forbidden):
            deviations.listed(session, actor(session, login), Filter())
        with pytest.raises(Forbidden):
            deviations.counted(session, actor(session, login), Filter())
    head = actor(session, "hb-head")
    day = kept(session)[0].proposed_at.date()
    for wanted, found in (
        (Filter(state="proposed"), 1), (Filter(state="approved"), 0), (Filter(words="同类处罚 未设置围挡"), 1),
        (Filter(words="%"), 0), (Filter(words=number), 1), (Filter(since=day, until=day), 1),
        (Filter(agency_id=head.agency_id), 1), (Filter(agency_id=999), 0),
    ):  # fmt: skip
        assert len(deviations.listed(session, head, wanted).rows) == found, wanted
    assert not deviations.listed(session, head, Filter(), before=kept(session)[0].id).rows


def test_the_pages(town):
    with town.act() as session:

        def drive(name, until, **changes):
            from app.cases import demo, demo_content

            case = demo.Drive(session, {**demo_content.case_of(name), **changes})
            case.run(until)
            return case

        case = proposed(drive)
        number, case_id = kept(session)[0].case_no, case.case_id
    head, supervisor = town.caller("hb-head"), town.caller("sf-super")
    assert "裁量偏离" in head.get("/inbox").get_data(as_text=True)
    assert "裁量偏离" in supervisor.get("/supervision").get_data(as_text=True)
    for person in (head, supervisor):
        shown = person.get("/supervision/deviations").get_data(as_text=True)
        for told in (number, "枣庄市生态环境局", "10000元至30000元", WHY, "▲ 拟作，待决定"):
            assert told in shown
    nothing = supervisor.get("/supervision/deviations?state=approved&since=x&agency=&q=").get_data(
        as_text=True
    )
    assert "没有符合条件的裁量偏离" in nothing
    for login in ("hb-officer1", "sf-admin", "sf-analyst"):
        assert town.caller(login).get("/supervision/deviations").status_code == 403
    assert "裁量偏离" in head.get(f"/cases/{case_id}").get_data(as_text=True)
