"""Two thousand random sequences of acts by random persons on the ordinary penalty.

Whatever they try: no decision without what the law asks for before it, no task lost, no case that cannot be finished
any more, and clocks and record that agree with the acts.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from sqlalchemy import select

from app.archive import soundness
from app.archive import verify as archive
from app.cases import locking
from app.cases import service as cases
from app.cases.cutting import History
from app.cases.models import Submission, WorkStatus
from app.engine import service as engine

from .random_acts import Walker, marking

SEQUENCES = 250
"""Of each of eight starts: two thousand in all, some four minutes of a core."""
STARTS = (
    ("dust-heap", "register"),
    ("dust-heap", "file_approve"),
    ("stone-mill", "preserve_approve"),
    ("stone-mill", "lead_review"),
    ("stone-mill", "notice_approve"),
    ("idle-filter", "party_response"),
    ("road-digger", "hearing_notice"),
    ("stone-mill", "collective"),
)
INVESTIGATING = {"check", "invest.plan", "invest", "evid.preserve", "evid.preserve.decide", "invest.end", "notice",
                 "plea.received", "plea.review", "legal.respond"}  # fmt: skip
REVIEWING, DECIDING = {"legal.review"}, {"collective", "decide"}
HEARING = {"hear.notice", "hear.hold", "hear.report"}
doctored: Counter[str] = Counter()


def agreed(one: Submission) -> bool:
    opinion = one.data.get("opinion")
    return isinstance(opinion, Mapping) and opinion["stance"] == "agree"


def lawful(handed: Iterable[Submission]) -> None:
    """What the law asks for before a decision, read from what was handed in and from nothing else."""
    everything = list(handed)
    signed: dict[str, set[int]] = {}
    for one in everything:
        signed.setdefault(one.step, set()).update((one.by_id, *one.with_ids))
    groups = [
        {o for step in steps for o in signed.get(step, ())}
        for steps in (INVESTIGATING, REVIEWING, DECIDING, HEARING)
    ]
    for n, group in enumerate(groups):
        for other in groups[n + 1 :]:
            assert not group & other, "who investigated reviewed, decided or presided"
    standing = [one for one in everything if one.void_at is None]
    for place, one in enumerate(standing):
        if one.step == "decide":
            _before_deciding(standing[:place])
        if one.step in ("decide.penalty", "decide.nopenalty", "decide.transfer"):
            assert any(earlier.step == "decide" for earlier in standing[:place])


def _newest(rows: list[Submission], node: str) -> Submission | None:
    return next((one for one in reversed(rows) if one.node == node), None)


def _before_deciding(rows: list[Submission]) -> None:
    report = _newest(rows, "report")
    assert report, "nothing is decided before the investigation has ended"
    since = [one for one in rows if one.id > report.id]
    for node in ("lead_review", "pre_review"):
        reviewed = _newest(since, node)
        assert reviewed, node
        assert agreed(reviewed)
    told: Mapping[str, Any] = report.data
    if told["outcome"] == "transfer":
        return
    asked = [one for one in since if one.node == "party_response"]
    hearing = any("要求听证" in one.data["requests"] for one in asked)
    if told["outcome"] == "penalty":
        assert _newest(since, "notice_approve"), "the notice was approved"
        assert _newest(since, "notice_serve"), "the party was told"
    if hearing:
        assert _newest(since, "hearing_report"), "the hearing that was asked for was held"
    if any("陈述、申辩" in one.data["requests"] for one in asked):
        assert _newest(since, "plea_review"), "the defence was looked at"
    person = next(one for one in rows if one.node == "register").data["party"]["kind"] == "person"
    money = max(float(told.get("fine_amount") or 0), float(told.get("confiscated_amount") or 0))
    large = told["outcome"] == "penalty" and money >= (10_000 if person else 100_000)
    held = any(one.node == "hearing_hold" and one.data["held"] == "yes" for one in rows)
    heavy = {"责令停产停业", "吊销许可证件", "降低资质等级", "责令关闭", "限制从业"} & set(
        told.get("kinds") or ()
    )
    if large or heavy or hearing or held or "yes" in (told["complex"], told["public_interest"]):
        review = _newest(since, "legal_review")
        assert review, "a major decision was reviewed"
        assert review.data["conclusion"] == "同意"
        later = [one for one in since if one.id > review.id]
        assert not {one.step for one in later} & {
            "invest.end",
            "notice",
            "plea.received",
            "hear.hold",
            "plea.review",
        }
        assert _newest(later, "collective"), "and talked over by the heads"


def check(walker: Walker) -> None:
    """Everything that must hold wherever a sequence ends."""
    session, case = walker.session, walker.case
    spec = locking.spec_of(cases.running_case(session, case).procedure)
    live = {task.id for task in engine.live(spec, case.state)} if case.status == "open" else set()
    waiting = {work.task_id for work in walker.items(WorkStatus.OPEN, WorkStatus.COSIGN)}
    assert live == waiting, "no task is lost and none is left over"
    if case.status == "open":
        found, able = marking(session, case)
        assert found in able, "the case can still be finished"
    chosen = select(Submission).where(Submission.case_id == case.id).order_by(Submission.id)
    lawful(session.scalars(chosen.execution_options(populate_existing=True)))
    doctored["sequences"] += 1
    if doctored["sequences"] % 5 == 0:
        assert [line for line in soundness.everything(session) if "PDF" not in line] == []
        history = History.of(cases.running_case(session, walker.case)) if case.status == "open" else None
        doctored["acts"] += len(history.acts) if history else 0
    if doctored["sequences"] % 20 == 0:
        depth = archive.Depth(files=False)
        told = archive.one_case(session, case.id, depth, archive.Count())
        assert [line.message for line in told if line.case_id == case.id] == []


@pytest.mark.parametrize(("name", "until"), STARTS, ids=[f"{until}" for _, until in STARTS])
def test_no_sequence_of_acts_gets_around_the_law_or_loses_a_task(drive, name, until):
    walker = Walker(drive(name, until=until), seed=STARTS.index((name, until)))
    walker.walk(SEQUENCES, check)
    assert walker.done["done"] > SEQUENCES / 20
    assert any(outcome.startswith("work.") for outcome in walker.done), (
        "something is done at the desk as well"
    )
    assert sum(walker.refused.values()) > 10, "and try what they may not"
