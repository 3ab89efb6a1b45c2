"""The record names the remarks a review was handed in with: where each stands, in which text, and what it says."""

import pytest
from cases.town import Town
from sqlalchemy import select, text

from app.archive import verify as archive
from app.audit import service as audit
from app.audit.lines import digest_of
from app.review.models import ReviewRemark

from .rounds import answers, hand_in, remark, take
from .test_remarks import passage_of


@pytest.fixture(scope="module")
def case_id(town: Town) -> int:
    """A case whose review was handed in with two remarks."""
    number = town.open("stone-mill", "legal_review")
    work_id = take(town, number, "hb-legal")
    who = town.caller("hb-legal")
    page = who.get(f"/review/legal/{work_id}").get_data(as_text=True)
    name = passage_of(page, "draft:JD-01", "65.2毫克")
    assert remark(who, work_id, "draft:JD-01", name, "65.2毫克/立方米", kind="problem").status_code == 200
    assert remark(who, work_id, "draft:JD-01", "p1", "决定书", kind="support").status_code == 200
    data = answers(town, "stone-mill", "penalty_legal_review", prefix="hb")
    assert hand_in(town, number, "legal_review", "hb-legal", data).outcome == "done"
    return number


def findings(session, case_id: int) -> list[str]:
    told = archive.one_case(session, case_id, archive.Depth(files=False), archive.Count())
    return [one.message for one in told if one.case_id == case_id]


def test_each_is_named_with_its_place_and_the_digest_of_its_words(town: Town, case_id: int):
    with town.read() as session:
        rows = session.scalars(select(ReviewRemark).where(ReviewRemark.case_id == case_id)).all()
        (entry,) = (one for one in audit.of_case(session, case_id) if "remarks" in one.content)
        assert [one["id"] for one in entry.content["remarks"]] == [row.id for row in rows]
        for told, row in zip(entry.content["remarks"], rows, strict=True):
            assert told["text"] == row.source_digest
            assert (told["source"], told["passage"], told["start"]) == (row.source, row.passage, row.start)
            assert told["data"] == digest_of(row.said)
            assert row.said["text"] not in str(entry.content)
        assert entry.content["node"] == "legal_review"
        assert findings(session, case_id) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            "update review_remark set start = start + 1 where id = (select min(id) from review_remark)",
            "被改动",
        ),
        ("update review_remark set passage = 'p77' where id = (select min(id) from review_remark)", "被改动"),
        (
            "update review_remark r set said = o.said from review_remark o where r.id <> o.id"
            " and r.id = (select min(id) from review_remark)",
            "被改动",
        ),
        ("delete from review_remark where id = (select min(id) from review_remark)", "被删去"),
        (
            "insert into review_remark (case_id, work_item_id, agency_id, officer_id, key, kind, point, source,"
            " source_digest, passage, start, said, at) select case_id, work_item_id, agency_id, officer_id, 'later',"
            " kind, point, source, source_digest, passage, start, said, at from review_remark limit 1",
            "被插入",
        ),
    ],
)
def test_what_was_changed_behind_the_platform_is_found(town: Town, case_id: int, change: str, told: str):
    with town.app.app_context(), town.read() as session, session.begin_nested() as point:
        session.execute(text(change))
        session.expire_all()
        found = findings(session, case_id)
        point.rollback()
    assert len(found) == 1
    assert told in found[0]
    assert "批注" in found[0]
