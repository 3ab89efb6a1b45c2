"""A meeting of collective deliberation: planned, held, voted on, its minutes signed and closed.

Every act is done once, with the case locked, and is written into the case's record. What was decided follows from the
votes of those present by the rule of order (`rules`); nobody enters a result. See the gate `SittingAgrees` for what the
task may then say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.cases import service as cases
from app.cases.models import Case, WorkItem
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from app.people import service as people

from . import rules
from .keeping import Kept, keep
from .meeting_models import Meeting, MeetingMember, MeetingState
from .texts import moment, text

GONE = "没有这次会议，或者您不是会议的参加人员。"
MOVED_ON = "会议已经有了新的进展，您填写的内容没有提交。请刷新页面查看最新情况。"
MINUTES = {"report": 3000, "discussion": 4000, "result": 2000}
"""The parts of the minutes and their most characters: those of the form they fill."""


@dataclass(frozen=True, slots=True)
class Seat:
    """A meeting as one of its persons sees it."""

    session: Session
    actor: Actor
    meeting: Meeting
    members: Sequence[MeetingMember]
    work: WorkItem
    officer_id: int

    @property
    def mine(self) -> MeetingMember | None:
        """The person's own seat."""
        return next((m for m in self.members if m.officer_id == self.officer_id), None)

    @property
    def leads(self) -> bool:
        """Whether the person is the one the task is assigned to."""
        return self.work.assignee_id == self.officer_id

    @property
    def chairs(self) -> bool:
        return self.leads or self.meeting.chair_id == self.officer_id

    @property
    def writes(self) -> bool:
        """Whether the person keeps the minutes."""
        return self.chairs or self.meeting.recorder_id == self.officer_id

    @property
    def entitled(self) -> list[MeetingMember]:
        """The members who need not stay away."""
        return [m for m in self.members if not m.recused]

    @property
    def present(self) -> list[MeetingMember]:
        return [m for m in self.entitled if m.attendance == "present"]


def seat(session: Session, actor: Actor, meeting_id: int) -> Seat:
    """A meeting for one of its persons: the assignee of the task, chair, recorder, member.

    Raises:
        NotFound: there is none for this person.
    """
    found = session.get(Meeting, meeting_id, populate_existing=True)
    if (
        found is None
        or found.agency_id != actor.agency_id
        or not cases.handles(actor)
        or actor.officer_id is None
    ):
        raise NotFound(GONE)
    members = members_of(session, found.id)
    work = session.scalars(select(WorkItem).where(WorkItem.id == found.work_item_id)).one()
    here = {found.chair_id, found.recorder_id, work.assignee_id, *(m.officer_id for m in members)}
    if actor.officer_id not in here:
        raise NotFound(GONE)
    cases.check_open_to(session, actor, found.case_id)
    return Seat(session, actor, found, members, work, actor.officer_id)


def of_work(session: Session, work_item_id: int) -> Meeting | None:
    """The meeting that counts for a task."""
    chosen = select(Meeting).where(
        Meeting.work_item_id == work_item_id, Meeting.state != MeetingState.CANCELLED
    )
    return session.scalars(chosen).first()


def waiting(session: Session, actor: Actor) -> Sequence[tuple[Meeting, Case]]:
    """The meetings this person takes part in that are not over, the nearest first."""
    mine = select(MeetingMember.meeting_id).where(MeetingMember.officer_id == actor.officer_id)
    chosen = (
        select(Meeting, Case)
        .join(Case, Case.id == Meeting.case_id)
        .options(*cases.LATER)
        .where(
            Meeting.agency_id == actor.agency_id,
            cases.open_to(actor, Meeting.case_id),
            Meeting.state.in_((MeetingState.PLANNED, MeetingState.SESSION, MeetingState.MINUTES)),
            or_(
                Meeting.id.in_(mine),
                Meeting.chair_id == actor.officer_id,
                Meeting.recorder_id == actor.officer_id,
                Meeting.by_id == actor.officer_id,
            ),
        )
        .order_by(Meeting.planned_at, Meeting.id)
        .limit(100)
    )
    return [(meeting, case) for meeting, case in session.execute(chosen)]


def task(session: Session, actor: Actor, work_item_id: int) -> WorkItem:
    """The task for which this person may hold a meeting.

    Raises:
        NotFound: it does not exist for this person, or is no task of deliberation.
        Forbidden: it is not the person's own.
    """
    work = cases.work_item(session, actor, work_item_id)
    if not cases.matches(work.step, rules.order().steps):
        raise NotFound("这项任务不需要集体讨论。")
    if work.assignee_id != actor.officer_id or work.status != cases.WorkStatus.OPEN:
        raise Forbidden("只有承办这项任务的人员可以召集会议，请先签收任务。")
    return work


@dataclass(frozen=True, slots=True)
class Candidate:
    """An officer who may be asked to a meeting; `why_not` says why the law keeps this one out."""

    id: int
    name: str
    post: str
    head: bool
    why_not: str


def candidates(session: Session, work: WorkItem) -> list[Candidate]:
    """The officers of the agency: its heads as members, all of them as recorders."""
    running = cases.running(session, work)
    cards = people.officers_at(session, work.agency_id)
    positions = people.position_names(session)
    wanted = set(rules.order().member_positions)
    barred = cases.barred_from(running, work, [card.id for card in cards if wanted & card.positions])
    return [
        Candidate(
            card.id,
            card.name,
            "、".join(positions[key] for key in positions if key in card.positions),
            bool(wanted & card.positions),
            f"{barred[card.id].message}（{barred[card.id].article}）" if card.id in barred else "",
        )
        for card in cards
    ]


def plan(
    session: Session, actor: Actor, work_item_id: int, key: str, given: Mapping[str, Any]
) -> cases.ActResult:
    """Call a meeting.

    Raises:
        Invalid: something is missing or does not go together; `errors` names each.
        Conflict: there is one already.
    """
    work = cases.work_item(session, actor, work_item_id)

    def do(running: cases.Running, officer_id: int) -> cases.Told:
        mine = task(session, actor, work_item_id)
        if of_work(session, work_item_id):
            raise Conflict("这项任务已经召集了会议。", code="meeting")
        wanted = _wanted(candidates(session, mine), given)
        meeting = Meeting(
            case_id=mine.case_id, work_item_id=mine.id, agency_id=mine.agency_id, planned_at=wanted["planned_at"],
            chair_id=wanted["chair"], recorder_id=wanted["recorder"], plan=wanted["plan"],
            minutes={"report": wanted["report"]} if wanted["report"] else {}, by_id=officer_id, at=running.at,
        )  # fmt: skip
        session.add(meeting)
        session.flush()
        for member in wanted["members"]:
            session.add(MeetingMember(meeting_id=meeting.id, officer_id=member))
        detail = {"node": mine.node, "meeting": meeting.id, "with": wanted["members"], "data": wanted["plan"]}
        return cases.Told("会议已召集。", detail)

    return cases.case_act(session, actor, work.case_id, work.id, key, "work.meeting_plan", do)


def _wanted(found: Sequence[Candidate], given: Mapping[str, Any]) -> dict[str, Any]:
    errors: dict[str, list[str]] = {}
    by_id = {str(c.id): c for c in found}
    order = rules.order()
    members = [by_id[one] for one in given.get("members", ()) if one in by_id and by_id[one].head]
    if len(members) < order.least_members or len(members) != len(set(given.get("members", ()))):
        errors["members"] = [f"请选择参加讨论的负责人，不少于 {order.least_members} 名。"]
    elif kept_out := next((m for m in members if m.why_not), None):
        errors["members"] = [f"不能选择{kept_out.name}：{kept_out.why_not}"]
    chair = by_id.get(given.get("chair", ""))
    if chair is None or chair not in members:
        errors["chair"] = ["请在参加讨论的负责人中选择主持人。"]
    recorder = by_id.get(given.get("recorder", ""))
    if recorder is None:
        errors["recorder"] = ["请选择记录人。"]
    place = text(errors, given, "place", "地点", 100)
    agenda = rules.lines(text(errors, given, "agenda", "议题", 2000))
    observers = rules.lines(text(errors, given, "observers", "列席人员", 1000, required=False))
    report = text(errors, given, "report", "案情汇报", MINUTES["report"], required=False)
    planned_at = moment(errors, given, "planned_at", "时间")
    if errors or chair is None or recorder is None:
        raise Invalid(errors=errors)
    return {
        "members": [m.id for m in members],
        "chair": chair.id,
        "recorder": recorder.id,
        "planned_at": planned_at,
        "report": report,
        "plan": {"place": place, "agenda": agenda, "observers": observers},
    }


KEPT = Kept(
    Meeting,
    "minutes",
    "记录",
    MINUTES,
    (MeetingState.PLANNED, MeetingState.SESSION),
    "会议记录已经送签，不能再改。",
)


def keep_minutes(
    session: Session, actor: Actor, meeting_id: int, version: int, given: Mapping[str, str]
) -> Meeting:
    """Keep the minutes as they stand. Unchecked but for their length.

    Raises:
        Forbidden: the person does not keep them.
        Conflict: somebody else has written meanwhile, or they are fixed.
    """
    here = seat(session, actor, meeting_id)
    if not here.writes:
        raise Forbidden("只有主持人和记录人可以记录。")
    return keep(session, KEPT, meeting_id, version, given)


def members_of(session: Session, meeting_id: int) -> Sequence[MeetingMember]:
    chosen = select(MeetingMember).where(MeetingMember.meeting_id == meeting_id).order_by(MeetingMember.id)
    return session.scalars(chosen.execution_options(populate_existing=True)).all()
