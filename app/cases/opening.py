"""Opening a case. Nobody else can see the new row, so nothing but the request itself is locked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.catalogue import service as catalogue
from app.catalogue.models import PowerItem
from app.deadlines import service as deadlines
from app.diagrams import service as diagrams
from app.documents import service as documents
from app.engine import service as engine
from app.kernel import clock, editions, events, reads
from app.kernel.auth import Actor
from app.kernel.errors import Forbidden, NotFound
from app.people import service as people

from . import locking, monitoring, rules, stepping, switches, work_items
from .answers import ActResult, answered, checked_key, remember
from .handling import FROM_PAGES, handles, opener_of
from .models import Case, Done

ONE_AT_A_TIME = "select pg_advisory_xact_lock(hashtextextended(%(key)s, 0))"
NEEDED = f"""
select nextval('case_id_seq') as id, (select to_jsonb(d) from act_done d where d.key = %(key)s) as repeated,
    ({locking.SPARE_IDS.sql}) as {locking.SPARE_IDS.name},
    ({deadlines.SPARE_IDS.sql}) as {deadlines.SPARE_IDS.name}, ({editions.FRAGMENT.sql}) as editions
"""  # noqa: S608 - the fragments are ours


def openable(session: Session, actor: Actor) -> list[PowerItem]:
    """The published items of the actor's agency on which this account may open a case."""
    found = []
    for item in catalogue.items_of(session, actor.agency_id):
        if item.kind in FROM_PAGES:
            continue
        try:
            opener_of(actor, diagrams.current(session, item.procedure).kind)
        except NotFound:
            pass  # not to be started yet, or never published: opening says so
        except Forbidden:
            continue
        found.append(item)
    return found


def open_case(session: Session, actor: Actor, item_id: int, key: str) -> ActResult:
    """Open a case on a published item of the actor's agency. The first task goes to the actor.

    Raises:
        Forbidden: the actor does not hold the position of the first task.
        NotFound: the item is not the agency's, or its procedure was never published.
    """
    if not handles(actor):
        raise Forbidden("您的账号不是执法人员账号，不能办理案件。")
    found = needed(session, checked_key(key))
    if found["repeated"]:
        done = answered(reads.from_json(Done, found["repeated"]), actor, ("opened",))
        if done:
            return done
    item = catalogue.published(session, actor.agency_id, item_id)
    procedure = diagrams.current(session, item.procedure)
    officer_id = opener_of(actor, procedure.kind)

    def asks_mine(advance: engine.Advance) -> None:
        if not any(task.position in actor.positions for task in advance.opened):
            raise Forbidden("发起这类办件的是受理登记等岗位，您目前没有担任。")

    place = Place(actor.agency_id, actor.region)
    running = begin(session, place, item, officer_id, clock.now(), found, check=asks_mine)
    message = f"已发起办件 {running.case.no}。"
    first = running.opened[0]
    result = ActResult("opened", running.case.id, first.id, message, [], work_items.told(running))
    return remember(session, actor, key, result)


@dataclass(frozen=True, slots=True)
class Place:
    """Whose case it will be: the agency's id and its region's code."""

    agency_id: int
    region: str


def needed(session: Session, key: str) -> Mapping[str, Any]:
    """The ids for a new case, and what an act with this key was answered before. One opens at a time under a key."""
    own = {"key": key}
    _, (found,) = reads.fetch(session, (ONE_AT_A_TIME, own), (NEEDED, own))
    editions.remember(session, found["editions"])
    return found


def begin(
    session: Session,
    place: Place,
    item: catalogue.Item,
    officer_id: int,
    now: datetime,
    found: Mapping[str, Any],
    *,
    check: Callable[[engine.Advance], None] | None = None,
    before: Callable[[locking.Running], None] | None = None,
) -> locking.Running:
    """A new case on an item, opened by this officer. With `check`, which may refuse, its first task is the officer's;
    else it goes where the agency's rules and the pool of the position lead it. `before` is called as soon as there is a
    case, before anything waits for anybody. `found` is what `needed` drew.

    Raises:
        NotFound: the item's procedure was never published.
    """
    procedure = diagrams.current(session, item.procedure)
    initial = procedure.rules.initial()
    demanded = switches.demanded(session, procedure.rules, place.agency_id, now)
    attributes = rules.advance_attributes(procedure.rules, "", initial, {}, stepping.evaluate, demanded)
    due = deadlines.engine_due(session, {}, place.region)
    advance = engine.start(locking.spec_of(procedure), attributes, now, due)
    if check:
        check(advance)
    abbreviation = people.agency(session, place.agency_id).abbreviation
    case = Case(
        id=found["id"],
        no=documents.case_number(session, place.agency_id, abbreviation, clock.legal_day(now).year),
        agency_id=place.agency_id,
        region_code=place.region,
        item_id=item.id,
        procedure_id=procedure.id,
        title=item.name,
        cause="",
        party={},
        state=advance.state,
        attributes=attributes,
        passed={},
        held={},
        monitor=monitoring.begin(procedure, advance, now),
        next_due=advance.next_due,
        opened_at=now,
        opened_by=officer_id,
        record_seq=0,
        record_digest=b"",
    )
    case.search = work_items.bigrams(case.no, case.title)
    running = locking.opened(session, case, procedure, item.content, found)
    if before:
        before(running)
    items = work_items.open_all(running, advance.opened, officer_id if check else None)
    first = running.opened[0]
    me = stepping.signer(session, officer_id, running.at)
    event = events.CaseOpened(
        case_id=case.id,
        agency_id=case.agency_id,
        region=case.region_code,
        at=running.at,
        actor_id=officer_id,
        actor_name=me.name,
        actor_position=first.position_key if check else "",
        procedure=procedure.version,
        context=stepping.context_of(running, signers=[me], work=first),
        item_version=item.digest,
        opened=advance.opened,
        work_items=items,
    )
    events.publish(session, event)
    work_items.note_allotted(running)
    return running
