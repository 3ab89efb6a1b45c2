"""When a case comes back: what changed, what was answered, and findings that are given anew."""

import re

import pytest
from cases.town import Town
from sqlalchemy import select

from app.cases.models import Submission, WorkItem
from app.review import legal_statistics
from app.review.models import ReviewedDraft

from .rounds import answers, confirm, hand_in, remark, take

from cases.town import actor  # isort: skip

NAME = "road-digger"


@pytest.fixture(scope="module")
def returned(town: Town) -> int:
    """A case that was reviewed, found wanting, mended, and waits for its second review; the id of the task."""
    case_id = town.open(NAME, "legal_review")
    work_id = take(town, case_id, "cg-legal")
    who = town.caller("cg-legal")
    with town.read() as session:
        report = session.scalar(
            select(Submission.id).join(WorkItem, WorkItem.id == Submission.work_item_id).where(
                Submission.case_id == case_id, WorkItem.form == "penalty_report")
        )  # fmt: skip
    said = "裁量理由没有说明与裁量基准面积分档的对应关系"
    assert (
        remark(
            who, work_id, f"step:{report}", "discretion.0", "属一般阶次", point="law", text=said
        ).status_code
        == 200
    )
    hand_in(town, case_id, "legal_review", "cg-legal", answers(town, NAME, "penalty_legal_review"))
    hand_in(town, case_id, "rectify", "cg-officer1", answers(town, NAME, "penalty_rectify"))
    confirm(town, case_id, "rectify", "cg-officer2")
    return town.work(case_id, "legal_review")[0]  # it comes back to the one who had it


@pytest.fixture(scope="module")
def bench(town: Town, returned: int) -> str:
    answer = town.caller("cg-legal").get(f"/review/legal/{returned}")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def panel(page: str, name: str) -> str:
    found = page[page.index(f'id="panel-{name}"') :]
    return found[: found.index("</section>")]


def test_it_says_that_it_is_the_second_review_and_what_the_first_one_said(bench: str):
    assert "第 2 次审核" in bench
    assert "请补充裁量分档的说明" in panel(bench, "again")


def test_each_remark_stands_with_what_was_answered(bench: str):
    said = panel(bench, "again")
    at = said.index("裁量理由没有说明与裁量基准面积分档的对应关系")
    assert "22平方米对应20至50平方米一档" in said[at : at + 900]
    assert "已补附送达回证复印件" in said


def test_the_words_of_the_last_remark_are_still_marked(bench: str):
    assert re.search(r'<mark class="mark-earlier" title="上次批注：[^"]+">属一般阶次</mark>', bench)


def test_the_draft_is_compared_with_the_one_reviewed_before(bench: str):
    assert "决定书草案与上次审核时相同" in panel(bench, "again")


def test_what_changed_in_the_draft_since_is_marked(town: Town, returned: int):
    with town.act() as session:
        kept = session.scalars(select(ReviewedDraft)).one()
        assert list(kept.drafts) == ["JD-01"]
        before = [words.replace("约22平方米", "约18平方米") for words in kept.drafts["JD-01"]]
        assert before != kept.drafts["JD-01"]
        same, kept.drafts = kept.drafts, {"JD-01": before}
    page = town.caller("cg-legal").get(f"/review/legal/{returned}").get_data(as_text=True)
    assert re.search(r'<mark class="mark-changed">[^<]*22</mark>', page)
    assert "18" in panel(page, "again")
    with town.act() as session:
        session.scalars(select(ReviewedDraft)).one().drafts = same


def test_findings_are_shown_and_must_be_given_anew(bench: str):
    assert 'data-carry="law" data-value="存在问题"' in bench
    form = bench[bench.index('data-points="') :]
    assert not re.search(
        r'name="(subject|facts|law|procedure|power|document|crime|conclusion)"[^>]*\bchecked', form
    )
    assert "补附责令改正通知书送达证明后再送审" not in form[: form.index("</form>")]
    assert "案件卷宗" not in form
    assert "听证笔录和听证报告" in form  # what the file holds is carried along


def test_the_reviewer_sees_the_own_figures(town: Town, returned: int):
    with town.read() as session:
        figures = legal_statistics.of(session, actor(session, "cg-legal"))
    assert (figures.count, figures.passed, figures.returned) == (1, 0, 1)
    assert figures.conclusions == [("补充调查（补正）", 1)]
    assert {label[:2] for label, _ in figures.points} == {"三、", "六、"}
    index = town.caller("cg-legal").get("/review/legal").get_data(as_text=True)
    assert "补充调查（补正）" in index
    with town.read() as session:
        assert legal_statistics.of(session, actor(session, "hb-legal")).count == 0
