"""Locking a case, and reading all that an act on it needs: one round trip, two statements.

The first locks the case row, and says at the same time whether the task exists for this person. The second,
sent with it and carried out once the lock is there, reads the task and what every room will want to know.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy.orm import Session

from app.catalogue import service as catalogue
from app.deadlines import service as deadlines
from app.diagrams import service as diagrams
from app.engine import service as engine
from app.kernel import chain, clock, editions, logs, reads, writes
from app.kernel.auth import Actor
from app.kernel.errors import NotFound, Refused
from app.kernel.sealed import unseal
from app.kernel.seldom import AS_ARRAY

from . import rules, seals, trail
from .gates.persons import Recused
from .models import Case, Done, Handler, SignRound, WorkItem

NO_WORK = "没有这项任务，或者它不属于您的岗位。"
OF_PERSON = """
w.id = %(work)s and w.agency_id = %(agency)s and (w.position_key = any(%(positions)s)
    or w.assignee_id = %(officer)s or w.cosigner_id = %(officer)s or w.done_by = %(officer)s
    or exists (select from involvement i where i.work_item_id = w.id and i.officer_id = %(officer)s
        and i.state <> 'removed' and i.part <> 'watch'))
"""
"""Whether a task exists for a person: see `queries.work_item`."""
ROUNDS = """
(select jsonb_agg(to_jsonb(r) - 'said' order by r.id) from sign_round r
    where r.work_item_id = w.id and r.state <> 'cancelled')
"""
"""The rounds of signing of a task `w`, without what was said in them."""
LOCK_OF_WORK = f"""
select c.* from "case" c join work_item w on w.case_id = c.id where {OF_PERSON} for update of c
"""  # noqa: S608 - ours
LOCK_OF_SEEN = """
select c.* from "case" c join work_item w on w.case_id = c.id
where w.id = %(work)s and w.agency_id = %(agency)s for update of c
"""
LOCK = 'select * from "case" where id = %(case)s for update'
LOCK_ALL = f"""
select {", ".join((*seals.COLUMNS, "seal"))} from "case" where id = any(%(cases)s) order by id for update
"""  # noqa: S608 - names of columns
"""Only what the seal covers and an entry in the record needs: whoever wants more of a case locks it alone."""

SIGNED = f"""
select coalesce(jsonb_object_agg(t.step, jsonb_build_array(t.times, t.who)), '{{}}') from
    (select p.step, count(distinct p.id) as times, jsonb_agg(distinct p.who) as who from
    (select task.step, s.id, o as who from submission s
    join work_item task on task.id = s.work_item_id and task.case_id = {{case}},
    unnest(array_append({AS_ARRAY.format("s.with_ids")}, task.done_by)) o where s.case_id = {{case}}
    union all select task.step, null, i.officer_id from involvement i
    join work_item task on task.id = i.work_item_id and task.case_id = {{case}}
    where i.case_id = {{case}} and (i.part = 'delegate' and i.state = 'done'
    or i.part = 'signer' and i.answered_at is not null)) p group by p.step) t
"""  # noqa: S608 - ours
"""Who signed each step of a case, and how often."""
FRAGMENTS = (
    reads.Fragment(
        "handlers",
        "select coalesce(jsonb_agg(to_jsonb(h) order by h.role), '[]') from case_handler h"
        " where h.case_id = {case}",
    ),
    reads.Fragment(
        "signed",
        SIGNED,
    ),
    reads.Fragment(
        "keepers",
        "select coalesce(jsonb_object_agg(k.position_key, k.done_by), '{}') from"
        " (select distinct on (position_key) position_key, done_by from work_item where case_id = {case}"
        " and status = 'done' order by position_key, done_at desc, id desc) k",
    ),
    reads.Fragment(
        "recused",
        "select coalesce(jsonb_agg(officer_id), '[]') from recusal where case_id = {case} and state = 'approved'",
    ),
    editions.FRAGMENT,
)
SPARE_IDS = reads.Fragment(
    "spare_ids", "select array_agg(nextval('work_item_id_seq')) from generate_series(1, 2)"
)
"""Ids for new tasks, drawn with the lock: nearly every act opens no more than two."""
OF_ACT = (
    *FRAGMENTS,
    SPARE_IDS,
    trail.BEGUN,
    deadlines.OPEN_CLOCKS,
    deadlines.SPARE_IDS,
)
OF_PAGE = f"""
select p.data as previous_data, p.opinion_field as previous_field, {reads.joined(FRAGMENTS, "c.id")}
from "case" c left join lateral (select data, opinion_field from submission
    where case_id = c.id and opinion_field <> '' and void_at is null order by id desc limit 1) p on true
where c.id = %(case)s
"""  # noqa: S608
OF_CASE = f'select {reads.joined(OF_ACT, "c.id")} from "case" c where c.id = %(case)s'  # noqa: S608
OF_WORK = f"""
select w.*, (select to_jsonb(d) from act_done d where d.key = %(key)s) as repeated,
    p.data as previous_data, p.opinion_field as previous_field,
    exists (select from form_draft where account_id = %(account)s and scope = 'work:' || w.id) as draft,
    exists (select from involvement i where i.work_item_id = w.id and i.state = 'open'
        and i.part in ('delegate', 'signer')) as awaited,
    {ROUNDS} as sign_rounds,
    {reads.joined(OF_ACT, "w.case_id")}
from work_item w left join lateral (select data, opinion_field from submission
    where case_id = w.case_id and opinion_field <> '' and void_at is null order by id desc limit 1) p on true
where w.id = %(work)s
"""  # noqa: S608 - the fragments are ours


@dataclass(slots=True)
class Running:
    """A case with all that an act on it, or a page about it, needs.

    `work` is the task in hand of a locked one; `took_part` who signed each legal step so far or prepared it as a
    delegate, and `rounds` how often it was done; `keepers` who did the last task of each position; `previous` the
    opinion given last; `repeated` the answer this request got before; `draft` whether the person has a draft of the task;
    `awaited` whether delegates or further signers of it have still to answer; `sign_rounds` its rounds of signing
    that were not cancelled (None: not read); `recused` who must keep out.
    """

    session: Session
    case: Case
    procedure: diagrams.Procedure
    spec: engine.Spec
    item: Mapping[str, Any]
    at: datetime
    work: WorkItem | None = None
    handlers: list[Handler] = field(default_factory=list)
    took_part: dict[str, set[int]] = field(default_factory=dict)
    rounds: dict[str, int] = field(default_factory=dict)
    keepers: dict[str, int] = field(default_factory=dict)
    recused: frozenset[int] = frozenset()
    previous: Mapping[str, Any] | None = None
    repeated: Done | None = None
    draft: bool = False
    awaited: bool = False
    trailed: bool = False
    """Whether the trail of the case has begun."""
    sign_rounds: Sequence[SignRound] | None = None
    spare_ids: list[int] = field(default_factory=list)
    opened: list[WorkItem] = field(default_factory=list)
    """The tasks this act opened."""
    allotted: list[Any] = field(default_factory=list)
    """Those among them that a rule gave to somebody, with it (`work_items.Allotted`)."""

    @property
    def passed(self) -> dict[str, datetime]:
        """The legal steps passed and not voided, with their moments."""
        return rules.moments_of(self.case.passed)

    def due(self, own: Mapping[str, datetime] | None = None) -> Any:
        """How the engine's timers learn when they are due. `own` is the step of this very act with its
        moment."""
        return deadlines.engine_due(self.session, {**self.passed, **(own or {})}, self.case.region_code)

    def new_id(self) -> int:
        """The id of a task about to be opened."""
        if not self.spare_ids:
            rows = reads.fetch(self.session, ("select nextval('work_item_id_seq') as id", {}))
            self.spare_ids.append(rows[0][0]["id"])
        return self.spare_ids.pop(0)


def lock_work(
    session: Session, actor: Actor, work_item_id: int, key: str, seen: bool = False
) -> tuple[Running, WorkItem]:
    """Lock the case of a task that exists for this person, and read both. `key` is the act's own; `seen`: the caller
    knows that the case exists for this person.

    Raises:
        NotFound: there is no such task for this person.
    """
    who = {"agency": actor.agency_id, "positions": sorted(actor.positions), "officer": actor.officer_id}
    locked, found = reads.fetch(
        session,
        (LOCK_OF_SEEN if seen else LOCK_OF_WORK, who | {"work": work_item_id}),
        (OF_WORK, {"work": work_item_id, "key": key, "account": actor.account_id}),
    )
    if not locked:
        raise NotFound(NO_WORK)
    running = _held(session, locked[0], found[0])
    work = running.work = reads.entity(WorkItem, found[0])
    writes.hold(session, work)
    running.previous = _opinion(found[0]["previous_data"], found[0]["previous_field"])
    running.repeated = reads.from_json(Done, found[0]["repeated"]) if found[0]["repeated"] else None
    running.draft = found[0]["draft"]
    running.awaited = found[0]["awaited"]
    running.sign_rounds = rounds_in(found[0])
    return running, work


def rounds_in(row: Mapping[str, Any]) -> Sequence[SignRound]:
    """The rounds of signing that were read with a task (`ROUNDS`), without what was said in them."""
    return [reads.from_json(SignRound, found) for found in row["sign_rounds"] or ()]


def lock(session: Session, case_id: int, at: datetime | None = None) -> Running:
    """Lock a case and read what an act on it needs."""
    locked, found = reads.fetch(session, (LOCK, {"case": case_id}), (OF_CASE, {"case": case_id}))
    return _held(session, locked[0], found[0], at)


def opened(
    session: Session,
    case: Case,
    procedure: diagrams.Procedure,
    item: Mapping[str, Any],
    found: Mapping[str, Any],
) -> Running:
    """A case that this act opens; `found` are the ids drawn for it. Nobody else can see it yet."""
    writes.insert(session, case, partial(_seal, session))
    logs.note(case=case.id)
    _lend_head(session, case)
    reads.remember(session, case.id, found | {deadlines.OPEN_CLOCKS.name: []})
    running = Running(session, case, procedure, spec_of(procedure), item, case.opened_at)
    running.spare_ids = list(found[SPARE_IDS.name])
    return running


def lock_all(session: Session, case_ids: Sequence[int], wait: bool) -> Sequence[int]:
    """Lock several cases in id order; without `wait` those in use are left out. The ids that are locked.

    Time goes on for a case whose seal is broken too, but what is recorded of it does not mend the seal.
    """
    query = LOCK_ALL if wait else f"{LOCK_ALL} skip locked"
    (rows,) = reads.fetch(session, (query, {"cases": list(case_ids)}))
    for row in rows:
        if writes.held(session, Case, row["id"]) is None:
            digest = diagrams.digest_of(session, row["procedure_id"])
            _lend(session, reads.entity(Case, row), seals.holds(row, digest, row["seal"]))
    return [row["id"] for row in rows]


def running(session: Session, case: Case, at: datetime | None = None) -> Running:
    """A case with all that its pages need, as of now (or `at`), not locked."""
    ((row,),) = reads.fetch(session, (OF_PAGE, {"case": case.id}))
    return shown(session, case, row, at)


def shown(session: Session, case: Case, row: Mapping[str, Any], at: datetime | None = None) -> Running:
    """The same from the row of `OF_PAGE`."""
    procedure = diagrams.procedure(session, case.procedure_id)
    item = catalogue.item(session, case.item_id, clock.legal_day(case.opened_at)).content
    found = Running(session, case, procedure, spec_of(procedure), item, at or clock.now())
    _learn(found, row)
    found.previous = _opinion(row["previous_data"], row["previous_field"])
    return found


def spec_of(procedure: diagrams.Procedure) -> engine.Spec:
    """The engine's parsed form of a published version, from its cache."""
    return engine.spec(procedure.digest, lambda: engine.Source(internal=procedure.whole))


def keep_out(running: Running, officer_id: int) -> None:
    """Refuse any act on a case to somebody who must keep out of it.

    Raises:
        Refused: the person was recused.
    """
    if officer_id in running.recused:
        raise Refused(
            "您在本案已被决定回避，不能再作任何处理。请由其他人员办理。",
            code=Recused.code,
            article=Recused.article,
        )


def release(session: Session) -> None:
    """The act on a case is over: send what it wrote, and forget what it read."""
    writes.release(session)
    chain.release(session)
    editions.forget(session)
    reads.forget(session)


def _held(
    session: Session, locked: Mapping[str, Any], found: Mapping[str, Any], at: datetime | None = None
) -> Running:
    logs.note(case=locked["id"])
    case = reads.entity(Case, locked)
    editions.remember(session, found["editions"])
    procedure = diagrams.procedure(session, case.procedure_id)
    seals.verify(case, procedure.digest)
    _lend(session, case)
    reads.remember(session, case.id, found)
    item = catalogue.item(session, case.item_id, clock.legal_day(case.opened_at)).content
    running = Running(session, case, procedure, spec_of(procedure), item, at or clock.now())
    running.spare_ids = list(found["spare_ids"])
    running.trailed = found[trail.BEGUN.name]
    _learn(running, found)
    return running


def _opinion(data: bytes | None, field: str | None) -> Mapping[str, Any] | None:
    """The opinion in what was handed in, as the database gives it."""
    return unseal(data, "submission.data").get(field) if data else None


def _learn(running: Running, found: Mapping[str, Any]) -> None:
    running.handlers = [reads.from_json(Handler, row) for row in found["handlers"]]
    running.took_part = {step: set(who) for step, (_, who) in found["signed"].items()}
    running.rounds = {step: times for step, (times, _) in found["signed"].items() if times}
    running.keepers = dict(found["keepers"])
    running.recused = frozenset(found["recused"])


def _lend(session: Session, case: Case, sound: bool = True) -> None:
    """Let the act write the case, sealed, and append to its record. A seal that is not sound stays broken."""
    writes.hold(session, case, partial(_seal, session) if sound else None)
    _lend_head(session, case)


def _seal(session: Session, case: Case) -> None:
    seals.write(case, diagrams.digest_of(session, case.procedure_id))


def _lend_head(session: Session, case: Case) -> None:
    def save(head: chain.Head) -> None:
        case.record_seq, case.record_digest = head.seq, head.digest

    chain.hold(session, chain.Head(case.id, case.record_seq, case.record_digest, save))
