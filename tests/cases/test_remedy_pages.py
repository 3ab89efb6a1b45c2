"""A review is registered from the page of the decided case: by the legal office, once for a request, told on both pages."""

import re

from sqlalchemy import func, select

from app.cases import demo
from app.cases.models import Case, CaseLink
from app.catalogue.models import PowerItem
from app.documents.models import Document

from .town import plan_of

NAME = "登记行政复议、行政诉讼应对和处罚决定纠正"


def decided(town):
    with town.act() as session:
        drive = demo.Drive(session, plan_of("road-digger"))
        drive.run("urge")
        return drive.case_id


def item_of(town, case_id):
    with town.read() as session:
        chosen = select(PowerItem.id).join(Case, Case.agency_id == PowerItem.agency_id)
        return session.scalars(chosen.where(Case.id == case_id, PowerItem.code == "ZZ-10-FYSS-001")).one()


def links(town, case_id):
    with town.read() as session:
        return session.scalar(select(func.count()).select_from(CaseLink).where(CaseLink.source_id == case_id))


def test_the_legal_office_registers_a_review_on_the_decided_case(town):
    case_id = decided(town)
    legal, page = town.caller("cg-legal"), f"/cases/{case_id}"
    seen = legal.get(page).get_data(as_text=True)
    assert NAME in seen
    key = re.search(r'name="_key" value="(\w+)"', seen)[1]
    sent = {"item": str(item_of(town, case_id)), "_key": key}
    first = legal.post(f"{page}/follow", sent, page=page)
    assert first.status_code == 303
    assert "行政复议" in legal.get(first.location).get_data(as_text=True)
    again = legal.post(f"{page}/follow", sent, page=page)
    assert again.location == first.location
    assert links(town, case_id) == 1
    assert "后续办件" in legal.get(page).get_data(as_text=True)


def test_who_does_not_register_them_is_not_offered_it_and_refused(town):
    case_id = decided(town)
    page = f"/cases/{case_id}"
    head, other = town.caller("cg-head"), town.caller("hb-legal")
    assert NAME not in head.get(page).get_data(as_text=True)
    sent = {"item": str(item_of(town, case_id)), "_key": "a" * 20}
    refused = head.post(f"{page}/follow", sent, page=page)
    assert refused.status_code in (409, 422)
    assert "不能对本案发起" in refused.get_data(as_text=True)
    assert other.get(page).status_code == 404
    assert other.post(f"{page}/follow", sent, page="/account").status_code == 404
    nothing = head.post(f"{page}/follow", {"item": "", "_key": "b" * 20}, page=page)
    assert "请先选择一个事项" in nothing.get_data(as_text=True)
    assert links(town, case_id) == 0


def test_a_review_of_a_spot_penalty_is_registered_by_the_number_of_its_decision(town):
    """The legal office has no task in such a case and does not read it; the form begins with the decision all the same."""
    with town.act() as session:
        drive = demo.Drive(session, plan_of("loud-square", agency="370400-03"))
        drive.run("pay_check")
        case_id = drive.case_id
        paper = session.scalars(
            select(Document).where(Document.case_id == case_id, Document.code == "JD-03")
        ).one()
        number, party = paper.number, session.get_one(Case, case_id).party["name"]
    legal = town.caller("cg-legal")
    assert legal.get(f"/cases/{case_id}").status_code == 404
    assert "按决定文号登记" in legal.get("/cases/new").get_data(as_text=True)
    missing = legal.get("/cases/decided?number=枣城管罚〔1999〕1号")
    assert (missing.status_code, "没有找到可以登记的决定" in missing.get_data(as_text=True)) == (422, True)
    typed = number.replace("〔", " (").replace("〕", "）")
    seen = legal.get(f"/cases/decided?number={typed}").get_data(as_text=True)
    assert number in seen
    assert party in seen
    key = re.search(r'name="_key" value="(\w+)"', seen)[1]
    sent = {"item": str(item_of(town, case_id)), "number": number, "_key": key}
    first = legal.post("/cases/decided", sent)
    assert first.status_code == 303
    assert legal.post("/cases/decided", sent).headers["Location"] == first.headers["Location"]
    assert links(town, case_id) == 1
    form = legal.get(first.headers["Location"]).get_data(as_text=True)
    for value in (number, party, "当场行政处罚决定书"):
        assert value in form
    other = town.caller("hb-legal")
    assert other.get(f"/cases/decided?number={number}").status_code == 422, "another agency's"
    officer = town.caller("cg-officer1")
    assert officer.get(f"/cases/decided?number={number}").status_code == 403
    refused = officer.post("/cases/decided", {**sent, "_key": "0" * 32})
    assert refused.status_code == 404
