"""A case played again: every step along the drawing, wherever the demonstration's cases go; what is off it is marked."""

import dataclasses
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.audit import service as audit
from app.cases import acts, migration, replay, timers, ways
from app.cases.demo_content import content
from app.cases.models import Case, WorkItem
from app.diagrams import service as diagrams
from app.kernel import clock

from .test_migration import RENAMED, publish
from .town import actor, flat, hand_in

PLANS = [plan["id"] for plan in content()["cases"]]
REAL = flat("penalty/ordinary")


def played(session, case_id: int) -> replay.Replay:
    return replay.replay(session, session.get_one(Case, case_id))


def waiting(session, case_id: int) -> set[str]:
    chosen = select(WorkItem.node).where(WorkItem.case_id == case_id, WorkItem.status.in_(("open", "cosign")))
    return set(session.scalars(chosen))


@pytest.mark.parametrize("name", PLANS)
@pytest.mark.requirement("S1-8", part="按时间回放")
@pytest.mark.requirement("S4-51", part="步骤均在已公布版本之内")
def test_every_case_of_the_demonstration_keeps_to_its_diagram(drive, name: str):
    case = drive(name)
    found = played(case.session, case.case_id)
    assert [frame.off for frame in found.frames if frame.off] == []
    assert set(found.frames[-1].live) == waiting(case.session, case.case_id)
    assert [frame.seq for frame in found.frames] == sorted(frame.seq for frame in found.frames)
    with_case = case.session.get_one(Case, case.case_id)
    process = ways.drawn(diagrams.procedure(case.session, with_case.procedure_id).whole)
    for frame in found.frames:
        assert set(frame.way) <= set(process.nodes) | set(process.flows)


def test_a_frame_says_who_when_and_what(drive):
    case = drive("stone-mill", until="legal_review")
    found = played(case.session, case.case_id)
    first, *_, last = found.frames
    assert first.title == "发起办件"
    assert last.live == ("legal_review",)
    assert last.told[0].startswith("下一环节：法制审核")
    assert last.who
    assert last.position
    assert last.title.startswith(("办结“", "登记“", "期限届满"))
    assert len(last.passed) > 3
    assert len(last.current) == 1
    assert any(one in ways.drawn(REAL.internal).flows for one in last.way), "the flows it went along"


def test_a_period_that_ran_out_and_a_letter_entered_late(stage, desk):
    case = stage("idle-filter", until="party_response")
    due = desk.get_one(Case, case.case_id).next_due
    with clock.at(due):
        assert timers.fire_due(desk, due, 1000)
    late = played(desk, case.case_id).frames[-1]
    assert (late.kind, late.off) == ("timer.fired", "")
    assert set(late.live) == waiting(desk, case.case_id)
    case.moment = due + timedelta(hours=1)
    received = due - timedelta(hours=20)
    given = {"received_at": received.astimezone(clock.CHINA).strftime("%Y-%m-%dT%H:%M"), "form": "书面", "in_time": "yes",
             "by": "某建材有限公司", "requests": ["陈述、申辩"], "plea_content": "请求从轻。", "final": "no"}  # fmt: skip
    work = desk.scalars(
        select(WorkItem).where(WorkItem.case_id == case.case_id, WorkItem.status == "late")
    ).one()
    with clock.at(case.moment):
        me = actor(desk, "hb-officer1")
        acts.hand_in(desk, me, work.id, work.version, case.key(), lambda *_: given)
    entered = played(desk, case.case_id)
    assert entered.frames[-1].title.startswith("登记“")
    assert entered.off == 0, "what came in time and is entered late is on the drawing"
    assert set(entered.frames[-1].live) == waiting(desk, case.case_id)


def test_another_version_goes_on_where_the_case_was(stage, desk):
    case = stage("stone-mill", until="legal_review")
    version = publish(desk, RENAMED)
    with clock.at(case.moment):
        migration.migrate(desk, actor(desk, "hb-head"), case.case_id, version, "更名", "replayed00000000")
    case.moment += timedelta(days=12)
    hand_in(case, "legal_review", "hb-legal")
    found = played(desk, case.case_id)
    assert len(found.versions) == 2
    assert found.off == 0
    moved, reviewed = found.frames[-2:]
    assert (moved.kind, moved.version, moved.live) == ("case.migrated", 1, ("legal_review",))
    assert reviewed.title == "办结“重大决定法制审核”"


def test_a_step_off_the_drawing_is_marked(drive, monkeypatch):
    case = drive("stone-mill", until="legal_review")
    entries = audit.of_case(case.session, case.case_id)
    steps = [n for n, entry in enumerate(entries) if entry.kind == "step.completed"]
    skipped = [entry for n, entry in enumerate(entries) if n != steps[3]]
    monkeypatch.setattr(replay, "_record", lambda *_: skipped)
    assert "当时没有等待办理" in next(f.off for f in played(case.session, case.case_id).frames if f.off)
    jumped = list(entries)
    jumped[steps[3]] = dataclasses.replace(
        entries[steps[3]], content={**entries[steps[3]].content, "opened": ["decide"]}
    )
    monkeypatch.setattr(replay, "_record", lambda *_: jumped)
    assert "图上没有从这里到“作出决定”的路径" in next(
        f.off for f in played(case.session, case.case_id).frames if f.off
    )
