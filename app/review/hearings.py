"""A hearing: arranged, its persons told in time, held phase by phase, its record signed, the report drafted from it.

What is entered here fills the forms of the tasks (`hearing_fill`), whose gates stay where they are; the moment of the
hearing is counted here from the day the party was served, before anybody comes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from app.cases import service as cases
from app.cases.models import Case, WorkItem
from app.deadlines import service as deadlines
from app.forms import service as forms
from app.kernel import clock
from app.kernel.auth import Actor
from app.kernel.errors import Forbidden, Invalid, NotFound, Refused
from app.people import service as people

from . import hearing_fill, rules
from .hearing_models import Hearing, HearingPerson, HearingState
from .keeping import Kept, keep
from .texts import Errors, moment, text

GONE = "没有这次听证，或者您不是听证的主持、记录人员。"
PARTY = "当事人"
SIDE = frozenset({PARTY, "委托代理人"})
"""Who stands for the party: a hearing goes on as long as one of them is there."""
ROLES = (PARTY, "委托代理人", "第三人", "案件调查人员", "证人", "鉴定人", "翻译人员", "其他参加人")
STATES = {
    "planned": ("等待举行", "info"),
    "session": ("正在听证", "warn"),
    "record": ("核对笔录", "warn"),
    "closed": ("已结束", "ok"),
    "cancelled": ("已取消", ""),
}
STEPS = NOTICE, HOLD, REPORT = rules.hearing_steps()


@dataclass(frozen=True, slots=True)
class Bench:
    """A hearing as one of those who conduct it sees it. `work` is the task of the hearing that waits, if any does."""

    session: Session
    actor: Actor
    hearing: Hearing
    persons: Sequence[HearingPerson]
    work: WorkItem | None
    officer_id: int

    @property
    def leads(self) -> bool:
        """Whether the waiting task is the person's own."""
        return self.work is not None and self.work.assignee_id == self.officer_id

    @property
    def presides(self) -> bool:
        return self.hearing.host_id == self.officer_id or self.leads

    @property
    def writes(self) -> bool:
        return self.presides or self.hearing.recorder_id == self.officer_id

    @property
    def party_there(self) -> bool:
        """Whether somebody is there for the party."""
        return any(p.role in SIDE and p.attendance == "present" for p in self.persons)

    def person(self, given: Mapping[str, Any]) -> HearingPerson:
        """The person a form names."""
        found = next((p for p in self.persons if str(p.id) == given.get("person")), None)
        if found is None:
            raise Invalid(errors={"person": ["请选择参加人。"]})
        return found


def bench(session: Session, actor: Actor, hearing_id: int) -> Bench:
    """A hearing for one of those who conduct it: host, member, recorder, the assignee of its tasks.

    Raises:
        NotFound: there is none for this person.
    """
    found = session.get(Hearing, hearing_id, populate_existing=True)
    if (
        found is None
        or found.agency_id != actor.agency_id
        or not cases.handles(actor)
        or actor.officer_id is None
    ):
        raise NotFound(GONE)
    waiting_tasks = [w for w in cases.open_work(session, found.case_id) if w.step in STEPS]
    work = waiting_tasks[0] if waiting_tasks else None
    here = {
        found.host_id,
        found.member_id,
        found.recorder_id,
        found.by_id,
        work.assignee_id if work else None,
    }
    if actor.officer_id not in here:
        raise NotFound(GONE)
    cases.check_open_to(session, actor, found.case_id)
    return Bench(session, actor, found, persons_of(session, found.id), work, actor.officer_id)


def persons_of(session: Session, hearing_id: int) -> Sequence[HearingPerson]:
    """The persons called to a hearing."""
    chosen = select(HearingPerson).where(HearingPerson.hearing_id == hearing_id).order_by(HearingPerson.id)
    return session.scalars(chosen.execution_options(populate_existing=True)).all()


def of_case(session: Session, case_id: int) -> Hearing | None:
    """The hearing of a case's present round: of the newest task that arranges one."""
    newest = select(func.max(WorkItem.id)).where(WorkItem.case_id == case_id, WorkItem.step == NOTICE)
    chosen = select(Hearing).where(
        Hearing.work_item_id == newest.scalar_subquery(), Hearing.state != HearingState.CANCELLED
    )
    return session.scalars(chosen).first()


def waiting(session: Session, actor: Actor) -> Sequence[tuple[Hearing, Case]]:
    """The hearings this person conducts that are not over, the nearest first."""
    chosen = (
        select(Hearing, Case)
        .join(Case, Case.id == Hearing.case_id)
        .options(*cases.LATER)
        .where(
            Hearing.agency_id == actor.agency_id,
            cases.open_to(actor, Hearing.case_id),
            Hearing.state.in_((HearingState.PLANNED, HearingState.SESSION, HearingState.RECORD)),
            or_(
                Hearing.host_id == actor.officer_id,
                Hearing.member_id == actor.officer_id,
                Hearing.recorder_id == actor.officer_id,
                Hearing.by_id == actor.officer_id,
            ),
        )
        .order_by(Hearing.planned_at, Hearing.id)
        .limit(100)
    )
    return [(hearing, case) for hearing, case in session.execute(chosen)]


def task(session: Session, actor: Actor, work_item_id: int) -> WorkItem:
    """The task in which this person may arrange a hearing.

    Raises:
        NotFound: it does not exist for this person, or is no such task.
        Forbidden: it is not the person's own.
    """
    work = cases.work_item(session, actor, work_item_id)
    if work.step != NOTICE:
        raise NotFound("这项任务不是组织听证。")
    if work.assignee_id != actor.officer_id or work.status != cases.WorkStatus.OPEN:
        raise Forbidden("只有承办这项任务的人员可以安排听证，请先签收任务。")
    return work


def earliest(session: Session, case: Case, told: date) -> date:
    """The first day on which a hearing may be held of which the party was told on a day (第六十四条第二项)."""
    days = rules.data()["hearing"]["notice_working_days"]
    return deadlines.earliest_event_day(told, days, deadlines.calendar(session, case.region_code))


def in_time(session: Session, case: Case, planned_at: datetime, told: date) -> None:
    """Refuse a hearing sooner after the notice than the law allows.

    Raises:
        Refused: fewer than seven working days lie between the two.
    """
    first = earliest(session, case, told)
    if clock.legal_day(planned_at) < first:
        raise Refused(
            f"应当在举行听证的七个工作日前通知当事人。{_day(told)}通知的，听证最早可以在{_day(first)}举行。",
            code="hearing_notice",
            article=rules.data()["hearing"]["notice_article"],
        )


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An officer of the agency: whether able to host, and why the law keeps this one out."""

    id: int
    name: str
    post: str
    hosts: bool
    certified: bool
    why_not: str


def candidates(session: Session, work: WorkItem) -> list[Candidate]:
    """The officers of the agency, with those kept out."""
    running = cases.running(session, work)
    cards = people.officers_at(session, work.agency_id)
    positions = people.position_names(session)
    barred = cases.barred_from(running, work, [card.id for card in cards])
    return [
        Candidate(
            card.id,
            card.name,
            "、".join(positions[key] for key in positions if key in card.positions),
            "hearing" in card.positions,
            any(c.kind == "hearing" for c in card.certificates),
            f"{barred[card.id].message}（{barred[card.id].article}）" if card.id in barred else "",
        )
        for card in cards
    ]


def plan(
    session: Session, actor: Actor, work_item_id: int, key: str, given: Mapping[str, Any]
) -> cases.ActResult:
    """Arrange a hearing, or arrange it anew as long as the notice was not handed in.

    Raises:
        Invalid: something is missing or does not go together; `errors` names each.
        Refused: the day is too early, or the law keeps a person out.
    """
    work = cases.work_item(session, actor, work_item_id)

    def do(running: cases.Running, officer_id: int) -> cases.Told:
        mine = task(session, actor, work_item_id)
        wanted = _wanted(candidates(session, mine), given)
        in_time(session, running.case, wanted["planned_at"], clock.legal_day(running.at))
        hearing = of_case(session, mine.case_id)
        values = {
            name: wanted[name] for name in ("planned_at", "host_id", "member_id", "recorder_id", "plan")
        }
        if hearing is None:
            hearing = Hearing(
                case_id=mine.case_id, work_item_id=mine.id, agency_id=mine.agency_id, by_id=officer_id, at=running.at,
                **values,
            )  # fmt: skip
            session.add(hearing)
        else:
            for name, value in values.items():
                setattr(hearing, name, value)
        session.flush()
        for person in persons_of(session, hearing.id):
            session.delete(person)
        for role, name, unit in wanted["persons"]:
            session.add(HearingPerson(hearing_id=hearing.id, role=role, who={"name": name, "unit": unit}))
        session.flush()
        filled = hearing_fill.notice(session, hearing, persons_of(session, hearing.id))
        forms.save_draft(session, actor.account_id, f"work:{mine.id}", filled)
        detail = {"node": mine.node, "hearing": hearing.id, "data": wanted["plan"]}
        return cases.Told("听证已安排，内容已填入本环节的表单，请核对后发出听证通知。", detail)

    return cases.case_act(session, actor, work.case_id, work.id, key, "work.hearing_plan", do)


def _wanted(found: Sequence[Candidate], given: Mapping[str, Any]) -> dict[str, Any]:
    errors: Errors = {}
    by_id = {str(c.id): c for c in found}
    host = _officer(errors, by_id, given, "host", "听证主持人", hosting=True)
    member = _officer(errors, by_id, given, "member", "听证员", required=False, hosting=True)
    recorder = _officer(errors, by_id, given, "recorder", "记录员")
    if len({c.id for c in (host, member, recorder) if c}) < sum(
        c is not None for c in (host, member, recorder)
    ):
        errors.setdefault("recorder", ["主持人、听证员、记录员应当是不同的人。"])
    openness = str(given.get("openness") or "")
    if openness not in ("公开", "不公开"):
        errors["openness"] = ["请选择举行方式。"]
    plan = {
        "place": text(errors, given, "place", "听证地点", 150),
        "openness": openness,
        "closed_reason": text(
            errors, given, "closed_reason", "不公开的理由", 200, required=openness == "不公开"
        ),
        "bring": text(errors, given, "bring", "应携带的材料", 300),
        "contact_phone": text(errors, given, "contact_phone", "联系电话", 30),
    }
    persons = _persons(errors, given)
    planned_at = moment(errors, given, "planned_at", "听证时间")
    if errors or host is None or recorder is None or planned_at is None:
        raise Invalid(errors=errors)
    return {
        "planned_at": planned_at, "host_id": host.id, "member_id": member.id if member else None,
        "recorder_id": recorder.id, "plan": plan, "persons": persons,
    }  # fmt: skip


def _officer(
    errors: Errors,
    by_id: Mapping[str, Candidate],
    given: Mapping[str, Any],
    name: str,
    label: str,
    required: bool = True,
    hosting: bool = False,
) -> Candidate | None:
    chosen = by_id.get(str(given.get(name) or ""))
    if chosen is None:
        if required or given.get(name):
            errors[name] = [f"请选择{label}。"]
        return None
    if chosen.why_not:
        errors[name] = [f"不能选择{chosen.name}：{chosen.why_not}"]
    elif hosting and not chosen.hosts:
        errors[name] = [f"{label}应当担任听证主持岗。"]
    elif name == "host" and not chosen.certified:
        errors[name] = ["听证主持人没有有效的听证主持人证。"]
    return chosen


def _persons(errors: Errors, given: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Lines `身份 姓名 单位和职务`."""
    found = []
    for line in rules.lines(text(errors, given, "persons", "被通知人", 3000)):
        role, _, rest = line.partition(" ")
        name, _, unit = rest.strip().partition(" ")
        if role not in ROLES or not name:
            errors["persons"] = [
                f"“{line[:40]}”应当写作“身份 姓名 单位和职务”，身份是{'、'.join(ROLES)}之一。"
            ]
        found.append((role, name[:80], unit.strip()[:80]))
    if not errors.get("persons") and not any(role == PARTY for role, *_ in found):
        errors["persons"] = ["被通知人中没有当事人。"]
    return found


RECORD = Kept(
    Hearing,
    "record",
    "笔录",
    {name: most for name, (_, most, *_) in hearing_fill.PHASES.items()},
    (HearingState.SESSION,),
    "听证没有在进行，笔录不能改动。",
)


def keep_record(
    session: Session, actor: Actor, hearing_id: int, version: int, given: Mapping[str, str]
) -> Hearing:
    """Keep the record as it stands. Unchecked but for its length.

    Raises:
        Forbidden: the person does not keep it.
        Conflict: somebody else has written meanwhile, or it is fixed.
    """
    here = bench(session, actor, hearing_id)
    if not here.writes:
        raise Forbidden("只有主持人和记录员可以记录。")
    return keep(session, RECORD, hearing_id, version, given)
