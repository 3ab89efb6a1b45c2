"""Random people do random things with a major case: no decision is ever on file without its review in force.

What a review in force is, is judged here from the submissions alone, by an oracle that shares nothing with the
gates.
"""

from contextlib import suppress
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.cases import acts, demo_content, stepping, timers
from app.cases.models import Case, Submission, WorkItem, WorkStatus
from app.kernel import clock
from app.kernel.errors import XingquanError
from app.people import service as people

from .town import actor, answers

POINTS = ("subject", "facts", "law", "procedure", "power", "document", "crime")
HARSH = {"降低资质等级", "吊销许可证件", "责令停产停业", "责令关闭", "限制从业"}
PEOPLE = ("hb-officer1", "hb-officer2", "hb-officer3", "hb-lead", "hb-review", "hb-deputy", "hb-legal", "hb-head",
          "hb-hearing", "hb-archive", "hb-finance", "hb-intake")  # fmt: skip
AGREE, AGAINST = {"stance": "agree", "text": "同意。"}, {"stance": "disagree", "text": "证据不足。"}
VARIANTS = {
    "penalty_legal_review": [
        {},
        {"conclusion": "纠正", "law": "存在问题", "law_note": "不当。"},
        {"law": "存在问题", "law_note": "不当。"},
    ],
    "penalty_rectify": [{"changed": "no"}, {"changed": "yes", "change_note": "改变意见。"}],
    "penalty_report": [
        {},
        {"fine_amount": "200000.00"},
        {"outcome": "no_penalty", "nopenalty_ground": "超过追责时效"},
        {"outcome": "transfer", "crime": "污染环境罪"},
        {"complex": "yes", "public_interest": "yes"},
    ],
    "penalty_decide": [
        {},
        {"fine_amount": "200000.00"},
        {"outcome": "no_penalty"},
        {"outcome": "transfer"},
        {"outcome": "not_established"},
    ],
    "penalty_lead_review": [{"opinion": AGREE}, {"opinion": AGAINST}],
    "penalty_pre_review": [{"opinion": AGREE}, {"opinion": AGAINST}],
    "penalty_notice_approve": [{"opinion": AGREE}, {"opinion": AGAINST}],
    "penalty_collective": [{}, {"conclusion": "变更拟处理意见"}],
}
DOES = st.sampled_from(["hand in"] * 6 + ["confirm"] * 3 + ["send back", "claim", "timers", "forge", "wait"])
ACTS = st.lists(
    st.tuples(DOES, st.integers(0, 3), st.integers(0, 4), st.sampled_from(("right",) * 8 + PEOPLE)),
    min_size=6,
    max_size=14,
)


def review_in_force(session, case_id: int, before: int) -> bool:
    """Whether the newest review handed in before a submission approves, is current, and is by an outsider."""
    rows = session.scalars(
        select(Submission)
        .where(Submission.case_id == case_id, Submission.id < before)
        .order_by(Submission.id)
    ).all()
    reviews = [s for s in rows if s.form == "penalty_legal_review"]
    reports = [s for s in rows if s.form == "penalty_report"]
    if not reviews or reviews[-1].id < reports[-1].id:
        return False
    last = reviews[-1]
    investigators = {
        o for s in rows if s.node in ("check", "investigate", "report") for o in (s.by_id, *s.with_ids)
    }
    approves = last.data["conclusion"] == "同意" and all(last.data[p] == "符合" for p in POINTS)
    return approves and last.by_id not in investigators


def is_major(session, case_id: int, before: int) -> bool:
    """Whether the law calls it major, from the newest report and letters (the party is an organisation)."""
    rows = session.scalars(
        select(Submission)
        .where(Submission.case_id == case_id, Submission.id < before)
        .order_by(Submission.id)
    ).all()
    report = next(s.data for s in reversed(rows) if s.form == "penalty_report")
    if report["outcome"] == "transfer":
        return False
    heavy = report["outcome"] == "penalty" and (
        float(report["fine_amount"] or 0) >= 100000 or HARSH & set(report["kinds"])
    )
    return bool(heavy or report["complex"] == "yes" or report["public_interest"] == "yes")


def check(session, case_id: int) -> None:
    for decision in session.scalars(
        select(Submission).where(Submission.case_id == case_id, Submission.step.startswith("decide"))
    ):
        if is_major(session, case_id, decision.id):
            assert review_in_force(session, case_id, decision.id), decision.id


class Walk:
    """A case in random hands, at moments that go on."""

    def __init__(self, case):
        self.case, self.session = case, case.session
        self.moment = case.moment

    def data(self, form: str, variant: int) -> dict:
        given = answers(self.case, form) if form != "penalty_rectify" else _rectify()
        choices = VARIANTS.get(form, [{}])
        return given | choices[variant % len(choices)]

    def do(self, does: str, which: int, variant: int, who: str) -> None:
        session = self.session
        self.moment += timedelta(hours=20)
        if does == "wait":
            self.moment += timedelta(days=9)
            return
        with clock.at(self.moment), session.begin_nested():
            if does == "timers":
                timers.fire_due(session, self.moment, 1000)
                return
            waiting = list(stepping.open_work(session, self.case.case_id))
            if not waiting:
                return
            work = waiting[which % len(waiting)]
            if does == "forge":
                work = self.forged(work)
            self.act(does, work, variant, who)

    def act(self, does: str, work: WorkItem, variant: int, who: str) -> None:
        session, used = self.session, self.case.key()
        if does == "confirm" or (does == "hand in" and work.status == WorkStatus.COSIGN):
            me = self.person(work.cosigner_id, work, who)
            acts.confirm(session, me, work.id, work.version, used)
        elif does == "send back":
            acts.send_back(
                session, self.person(work.cosigner_id, work, who), work.id, work.version, used, "请补充"
            )
        elif does == "claim":
            acts.claim(session, self.person(None, work, who), work.id, used)
        else:
            data = self.data(work.form, variant)
            acts.hand_in(
                session,
                self.person(work.assignee_id, work, who),
                work.id,
                work.version,
                used,
                lambda *_: data,
            )

    def person(self, officer_id: int | None, work: WorkItem, who: str):
        if who != "right":
            return actor(self.session, who)
        chosen = officer_id or self.case.officers[work.position_key][0][0]
        return people.actor_of(self.session, chosen)

    def forged(self, real: WorkItem) -> WorkItem:
        row = {c.name: getattr(real, c.name) for c in WorkItem.__table__.columns if c.name != "id"}
        row |= {"task_id": "999", "node": "decide", "step": "decide", "form": "penalty_decide", "officers": 0,
                "position_key": "head", "assignee_id": None, "status": "open"}  # fmt: skip
        work = WorkItem(**row)
        self.session.add(work)
        self.session.flush()
        return work


def _rectify() -> dict:
    given = demo_content.content()["journeys"]["hearing"]["answers"]["penalty_rectify"]
    return dict(given[0] if isinstance(given, list) else given)


seen = {"decided": 0, "acts": 0}


@settings(
    max_examples=14, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
@given(ACTS)
def walk(stage, acts_done):
    case = stage("stone-mill", until="legal_review")
    going = Walk(case)
    outer = case.session.begin_nested()
    try:
        for one in acts_done:
            with suppress(XingquanError):
                going.do(*one)
                seen["acts"] += 1
            check(case.session, case.case_id)
        case.session.expire_all()
        found = case.session.get_one(Case, case.case_id)
        seen["decided"] += any(step.startswith("decide") for step in found.passed)
    finally:
        outer.rollback()


def test_no_decision_without_its_review_whatever_is_done(stage):
    walk(stage)
    assert seen["acts"] > 20, "the acts are not all refused"
    assert seen["decided"], "and some walks do reach a decision"


def test_the_walk_reaches_decisions_and_the_oracle_sees_them(stage):
    """So that the silence of the invariant means something."""
    case = stage("stone-mill", until="legal_review")
    going = Walk(case)
    with case.session.begin_nested() as outer:
        for does in [("hand in", 0, 0, "right")] * 3:
            going.do(*does)
            check(case.session, case.case_id)
        assert "decide" in case.session.get_one(Case, case.case_id).passed
        review = case.session.scalars(
            select(Submission).where(
                Submission.case_id == case.case_id, Submission.form == "penalty_legal_review"
            )
        ).one()
        review.data = {**review.data, "law": "存在问题"}
        case.session.flush()
        decision = case.session.scalars(
            select(Submission.id).where(Submission.case_id == case.case_id, Submission.step == "decide")
        ).one()
        assert is_major(case.session, case.case_id, decision)
        assert not review_in_force(case.session, case.case_id, decision)
        outer.rollback()
