"""What the case page and the task page say about a case, before anybody reads the forms."""

from app.cases import overview, stepping
from app.cases.models import Case
from app.inbox import presentation
from app.people import service as people


def view(drive):
    session = drive.session
    case = session.get_one(Case, drive.case_id)
    actor = people.actor_of(session, drive.officers["head"][0][0])
    return overview.case(session, actor, case)


def test_key_facts_come_in_words(drive):
    facts = dict(view(drive("stone-mill", until="decide")).facts)
    assert facts["当事人"] == "某建材有限公司"
    assert facts["案由"] == "超过许可排放浓度排放颗粒物"
    assert facts["处理意见"] == "给予行政处罚"
    assert facts["罚款金额"] == "250,000 元（大写：贰拾伍万元整）"
    assert "重大执法决定" in facts["法定要求"]


def test_nothing_is_proposed_before_the_report(drive):
    facts = dict(view(drive("stone-mill", until="investigate")).facts)
    assert "处理意见" not in facts, "a default is no proposal"
    assert "罚款金额" not in facts


def test_steps_know_their_statutory_step_and_which_is_the_latest(drive):
    page = view(drive("stone-mill", until="decide"))
    external = {step.node for step in page.external}
    by_node = {step.node: step for step in page.steps}
    assert by_node["lead_review"].external == by_node["report"].external != ""
    assert {step.external for step in page.steps if step.external} <= external
    assert all(step.latest for step in page.steps)


def test_tables_are_read_as_tables(drive):
    page = view(drive("stone-mill", until="decide"))
    report = next(step for step in page.steps if step.node == "report")
    evidence = next(answer for answer in report.answers if answer.kind == "evidence")
    assert evidence.head[:2] == ["证据种类", "证据名称"]
    assert all(len(row) == len(evidence.head) for row in evidence.rows)


def test_a_task_shows_running_periods_and_earlier_opinions(drive):
    driven = drive("stone-mill", until="decide")
    work = next(w for w in stepping.open_work(driven.session, driven.case_id) if w.node == "decide")
    actor = people.actor_of(driven.session, driven.officers["head"][0][0])
    page = presentation.task(driven.session, actor, work.id, None, None)
    assert [clock.name for clock in page.clocks] == ["办案期限"]
    assert page.opinions[0].at >= page.opinions[-1].at
    assert {"法制审核", "集体讨论"} & {step.name for step in page.steps}
