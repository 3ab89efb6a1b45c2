"""退回: the case stands as if the chosen step and what was built on it had not been done."""

import subprocess
import sys
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app.archive import export, soundness
from app.archive import verify as archive
from app.archive.package import verify as verifier
from app.cases import acts, cutting, locking, replay, rules, stepping, timers
from app.cases import service as cases
from app.cases.models import Case, Submission, TokenStep, WorkItem, WorkStatus
from app.deadlines import service as deadlines
from app.documents.models import Document
from app.engine import service as engine
from app.kernel import clock
from app.kernel.errors import Forbidden, NotFound, Refused

from .town import actor, answers, post_to, waiting


def mine(case, node, login):
    """The waiting task of a node, taken by somebody."""
    work = waiting(case.session, case.case_id, node)
    if work.assignee_id is None:
        with clock.at(case.moment):
            acts.claim(case.session, actor(case.session, login), work.id, case.key())
        work = waiting(case.session, case.case_id, node)
    return work


def options(case, node, login):
    """What the act of return offers at a task: node -> option."""
    work = mine(case, node, login)
    with clock.at(case.moment):
        _, _, offer = cases.desk_offer(case.session, actor(case.session, login), work.id, "return")
    if offer.why_not:
        return {}
    field = next(f for f in offer.fields if f.name == "to")
    nodes = {str(w.id): w.node for w in case.session.scalars(select(WorkItem))}
    return {nodes[o.value]: o for o in field.options}


def give_back(case, node, login, to, reason="事实不清，请补充"):
    """Return from a task to the newest done one of another node."""
    work = mine(case, node, login)
    target = options(case, node, login)[to]
    given = {"to": target.value, "reason": reason}
    with clock.at(case.moment):
        return cases.desk_act(
            case.session, actor(case.session, login), work.id, work.version, case.key(), "return", given
        )


def sound(case):
    """Nothing about the database is at odds: neither the doctor nor the verification of the record finds anything."""
    session = case.session
    locking.release(session)
    found = [line for line in soundness.everything(session) if "PDF" not in line]
    told = list(archive.one_case(session, case.case_id, archive.Depth(files=False), archive.Count()))
    assert (found, [f.message for f in told if f.case_id == case.case_id]) == ([], [])


def live(case):
    row = case.session.get(Case, case.case_id, populate_existing=True)
    spec = locking.spec_of(cases.running_case(case.session, row).procedure)
    return sorted(task.node for task in engine.live(spec, row.state))


def test_a_reviewer_returns_to_the_step_before(drive):
    case = drive("dust-heap", until="lead_review")
    report = case.session.scalars(
        select(Submission).where(Submission.case_id == case.case_id, Submission.node == "report")
    ).one()
    shown = options(case, "lead_review", "hb-lead")
    assert next(iter(shown)) == "report"
    assert "《案件调查终结报告》" in shown["report"].hint
    done = give_back(case, "lead_review", "hb-lead", "report")
    assert "已退回到“调查终结报告”" in done.message

    again = waiting(case.session, case.case_id, "report")
    case.session.refresh(report)
    assert live(case) == ["report"]
    assert again.assignee_id == report.by_id
    assert again.pending == report.data
    assert report.void_at is not None
    old = case.session.scalars(
        select(WorkItem).where(WorkItem.case_id == case.case_id, WorkItem.node == "lead_review")
    ).one()
    assert old.status == WorkStatus.CANCELLED
    row = case.session.get(Case, case.case_id, populate_existing=True)
    assert "invest.end" not in row.passed
    assert row.attributes["fine"] == 0
    papers = case.session.scalars(
        select(Document).where(Document.case_id == case.case_id, Document.code == "DC-19")
    )
    assert [paper.status for paper in papers] == ["void"]
    sound(case)

    case.do("report")
    case.do("lead_review")
    assert live(case) == ["pre_review"]
    sound(case)


def test_a_return_out_of_a_parallel_branch_leaves_the_other_alone(drive):
    case = drive("stone-mill", until="investigate")
    assert live(case) == ["investigate"]
    case.do("investigate")
    assert live(case) == ["report"]
    kept = case.session.scalars(
        select(Submission).where(Submission.case_id == case.case_id, Submission.node == "preserve_decide")
    ).one()
    shown = options(case, "report", "hb-officer1")
    assert not shown["investigate"].why_not
    assert "先行登记保存处理" not in shown["investigate"].hint
    give_back(case, "report", "hb-officer1", "investigate")
    case.session.refresh(kept)
    assert (live(case), kept.void_at) == (["investigate"], None)
    assert "evid.preserve.decide" in case.session.get(Case, case.case_id, populate_existing=True).passed
    sound(case)
    case.do("investigate")
    assert live(case) == ["report"]
    sound(case)


def test_the_join_of_branches_is_undone_where_the_last_one_came_after(drive):
    """The preservation was decided last and let the join go: without the investigation its token waits there again."""
    case = drive("stone-mill", until="preserve_do")
    case.do("investigate")
    assert live(case) == ["preserve_do"]
    case.do("preserve_do")
    case.do("preserve_decide")
    assert live(case) == ["report"]
    assert "先行登记保存" in options(case, "report", "hb-officer1")["preserve_decide"].why_not
    give_back(case, "report", "hb-officer1", "investigate")
    assert live(case) == ["investigate"]
    sound(case)
    assert set(options(case, "investigate", "hb-officer1")) >= {"invest_plan"}
    case.do("investigate")
    assert live(case) == ["report"]
    sound(case)


def test_a_task_in_one_branch_ends_the_other_by_going_back_before_both(drive):
    case = drive("stone-mill", until="preserve_approve")
    assert live(case) == ["investigate", "preserve_approve"]
    shown = options(case, "preserve_approve", "hb-deputy")
    assert "终止：调查取证" in shown["invest_plan"].hint
    give_back(case, "preserve_approve", "hb-deputy", "invest_plan")
    assert live(case) == ["invest_plan"]
    sound(case)


def test_what_happened_outside_is_not_taken_back(drive):
    case = drive("no-permit", until="legal_review")
    work = mine(case, "legal_review", "hb-legal")
    shown = options(case, "legal_review", "hb-legal")
    assert "送达" in shown["report"].why_not or "告知" in shown["report"].why_not
    assert all(o.why_not for node, o in shown.items() if node in ("notice_approve", "notice_serve", "report"))
    given = {"to": shown["report"].value, "reason": "理由"}
    with pytest.raises(Exception) as caught:
        cases.desk_act(
            case.session, actor(case.session, "hb-legal"), work.id, work.version, case.key(), "return", given
        )
    assert caught.value.errors["to"]


def test_a_timer_that_fired_is_no_step_to_return_to(drive):
    case = drive("stone-mill", until="collective")
    shown = options(case, "collective", "hb-head")
    assert next(iter(shown)) == "legal_review"
    give_back(case, "collective", "hb-head", "legal_review")
    assert live(case) == ["legal_review"]
    row = case.session.get(Case, case.case_id, populate_existing=True)
    assert row.attributes["legal_passed"] is False
    sound(case)
    case.do("legal_review")
    assert live(case) == ["collective"]


def test_a_return_after_a_return(drive):
    case = drive("dust-heap", until="pre_review")
    give_back(case, "pre_review", "hb-review", "lead_review")
    assert live(case) == ["lead_review"]
    give_back(case, "lead_review", "hb-lead", "report")
    give_back(case, "report", "hb-officer1", "invest_plan")
    assert live(case) == ["invest_plan"]
    sound(case)
    for node in ("invest_plan", "investigate", "report", "lead_review", "pre_review"):
        case.filled.clear()
        case.do(node)
    assert live(case) == ["notice_approve"]
    sound(case)


def test_a_case_from_before_there_was_a_trail_says_so(drive):
    case = drive("dust-heap", until="lead_review")
    case.session.execute(text("delete from token_step"))
    work = mine(case, "lead_review", "hb-lead")
    me = actor(case.session, "hb-lead")
    _, _, offer = cases.desk_offer(case.session, me, work.id, "return")
    assert "没有流转轨迹" in offer.why_not
    case.do("lead_review")
    shown = options(case, "pre_review", "hb-review")
    assert list(shown) == ["lead_review"]
    _, _, offer = cases.desk_offer(
        case.session,
        actor(case.session, "hb-review"),
        waiting(case.session, case.case_id, "pre_review").id,
        "return",
    )
    assert any("没有流转轨迹" in line for line in offer.consequences)
    give_back(case, "pre_review", "hb-review", "lead_review")
    assert live(case) == ["lead_review"]
    sound(case)


def test_a_changed_trail_refuses(drive):
    case = drive("dust-heap", until="lead_review")
    work = mine(case, "lead_review", "hb-lead")
    for change in (
        "update token_step set told = '{}' where id = (select max(id) from token_step)",
        "delete from token_step where id = (select max(id) from token_step)",
    ):
        with case.session.begin_nested() as point:
            case.session.execute(text(change))
            with pytest.raises(Refused) as caught:
                cases.desk_offer(case.session, actor(case.session, "hb-lead"), work.id, "return")
            point.rollback()
        assert caught.value.code == "trail_broken"


def test_only_the_one_with_the_task_returns_it_and_only_in_a_running_case(drive):
    case = drive("dust-heap", until="lead_review")
    work = mine(case, "lead_review", "hb-lead")
    target = options(case, "lead_review", "hb-lead")["report"].value
    given = {"to": target, "reason": "理由"}

    def tried(login):
        person = actor(case.session, login)
        return cases.desk_act(case.session, person, work.id, work.version, case.key(), "return", given)

    for login in ("hb-officer1", "szhb-officer1"):
        with pytest.raises(NotFound):
            tried(login)
    post_to(case.session, "hb-officer3", "team_lead")
    with pytest.raises(Forbidden):
        tried("hb-officer3")


def test_the_file_and_the_replay_of_a_returned_case_hold(drive, tmp_path):
    case = drive("dust-heap", until="pre_review")
    give_back(case, "pre_review", "hb-review", "report")
    case.do("report")
    locking.release(case.session)
    path = tmp_path / "case.zip"
    with path.open("wb") as file:
        export.write(case.session, case.case_id, file)
    ran = subprocess.run(
        [sys.executable, verifier.__file__, str(path)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout
    found = replay.replay(case.session, case.session.get(Case, case.case_id))
    assert found.off == 0
    back = next(frame for frame in found.frames if frame.kind == "work.return")
    assert (back.title, back.live, back.off) == ("退回“业务审核”", ("report",), "")
    assert any("文书作废" in line for line in back.told)
    assert any("事实不清" in line for line in back.told)
    assert found.frames[-1].live == ("lead_review",)
    assert "invest.end" not in back.passed

    case.session.execute(text("update submission set void_at = null"))
    found = list(archive.one_case(case.session, case.case_id, archive.Depth(), archive.Count()))
    told = [f.message for f in found if f.code == "submission"]
    assert len(told) == 2
    assert all("作废与记录不符" in line for line in told)


def test_the_void_do_not_count_for_documents_and_forms(drive):
    case = drive("dust-heap", until="pre_review")
    give_back(case, "pre_review", "hb-review", "report")
    row = case.session.get(Case, case.case_id, populate_existing=True)
    told = stepping.context_of(cases.running_case(case.session, row))
    assert "penalty_report" not in told["forms"]
    assert "report" not in {line["node"] for line in told["history"]}
    steps = cases.steps(case.session, row, cases.running_case(case.session, row).procedure)
    assert {step.node for step in steps if step.void} == {"report", "lead_review"}
    assert not any(step.latest for step in steps if step.void)


def test_a_letter_entered_late_takes_the_place_of_the_timer(drive):
    """The firing that is taken back leaves no trace: the step after the letter goes back across neither."""
    case = drive("idle-filter", until="party_response")
    case.moment += timedelta(days=20)
    timers.fire(case.session, case.case_id, case.moment)
    kept = case.session.scalars(
        select(TokenStep).where(TokenStep.case_id == case.case_id).order_by(TokenStep.id)
    ).all()
    assert kept[-1].work_item_id is None
    late = case.session.scalars(
        select(WorkItem).where(WorkItem.case_id == case.case_id, WorkItem.status == WorkStatus.LATE)
    ).one()
    served = rules.moments_of(case.session.get(Case, case.case_id).passed)["notice"]
    received = (served + timedelta(days=1)).astimezone(clock.CHINA)
    given = answers(case, late.form, received_at=received.strftime("%Y-%m-%dT%H:%M"))
    with clock.at(case.moment):
        acts.hand_in(
            case.session,
            actor(case.session, "hb-officer1"),
            late.id,
            late.version,
            case.key(),
            lambda *_: given,
        )
    rows = case.session.scalars(
        select(TokenStep).where(TokenStep.case_id == case.case_id).order_by(TokenStep.id)
    ).all()
    assert [row.work_item_id for row in rows[-1:]] == [late.id]
    assert len(rows) == len(kept)
    sound(case)
    row = case.session.get(Case, case.case_id, populate_existing=True)
    history = cutting.History.of(cases.running_case(case.session, row))
    assert history.acts[-1].row.told["received"]


def clocks(case):
    return {view.key: view for view in deadlines.of_case(case.session, case.case_id, case.moment) if view.key}


def test_a_return_before_the_filing_voids_its_clock_and_lets_the_one_before_run_on(drive):
    """Extended before, paused by nobody: the extension stays, the first day too."""
    case = drive("dust-heap", until="file_approve")
    head = actor(case.session, "hb-head")
    with clock.at(case.moment):
        deadlines.extend(case.session, clocks(case)["filing"].id, "10wd", "线索涉及外地", head)
    before = clocks(case)["filing"]
    locking.release(case.session)
    case.do("file_approve")
    assert (clocks(case)["filing"].state, clocks(case)["decision"].state) == ("stopped", "running")
    shown = options(case, "invest_plan", "hb-officer1")
    assert "“办案期限”计时作废" in shown["file_approve"].hint
    assert "“线索核查期限”恢复计时" in shown["file_approve"].hint
    give_back(case, "invest_plan", "hb-officer1", "file_approve")
    now = clocks(case)
    assert (now["filing"].state, now["decision"].state) == ("running", "void")
    assert (now["filing"].started_on, now["filing"].due_on) == (before.started_on, before.due_on)
    assert now["filing"].extended == "10个工作日"
    again = waiting(case.session, case.case_id, "file_approve")
    own = deadlines.due_of_work_item(case.session, again.id)
    assert own.started_on == clock.legal_day(case.moment)
    assert again.due_at == own.due_at
    sound(case)
    case.do("file_approve")
    states = sorted(v.state for v in deadlines.of_case(case.session, case.case_id) if v.key == "decision")
    assert states == ["running", "void"]
    sound(case)


def test_a_paused_clock_stays_paused_over_a_return(drive):
    case = drive("dust-heap", until="lead_review")
    deputy = actor(case.session, "hb-deputy")
    with clock.at(case.moment):
        today = clock.today()
        deadlines.suspend(case.session, clocks(case)["decision"].id, "testing", "", "a" * 64, today, deputy)
    locking.release(case.session)
    give_back(case, "lead_review", "hb-lead", "investigate")
    view = clocks(case)["decision"]
    assert (view.state, view.suspensions[0].until_day) == ("paused", None)
    sound(case)
