"""Opening a case on what another case decided: who registers reviews, lawsuits and corrections does it from the page of
the decided case or, where that is not for this person to read, by the number of the decision as the notice of the review
states it. Both name each other in their records; whoever was recused keeps out of both."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue import service as catalogue
from app.catalogue.models import PowerItem
from app.diagrams import service as diagrams
from app.documents.models import Document, Status
from app.engine import service as engine
from app.kernel import clock, reads, writes
from app.kernel.auth import Actor
from app.kernel.errors import Forbidden, NotFound, Refused

from . import kept_out, locking, noting, opening, queries, referring, stepping, work_items
from .answers import ActResult, answered, checked_key, remember
from .articles import article
from .handling import handles, opener_of
from .link_models import CaseLink, LinkKind
from .locking import Running
from .models import Case, Done

FOLLOWED, FOLLOWS = "case.followed", "case.follows"


def offers(session: Session, actor: Actor, case: Case) -> Sequence[PowerItem]:
    """The items on which this person may open a case that follows what this one decided."""
    if case.agency_id != actor.agency_id or not handles(actor):
        return ()
    items = catalogue.items_of(session, actor.agency_id)
    fitting = {key for key in {item.procedure for item in items} if _fits(session, actor, case, key)}
    return [item for item in items if item.procedure in fitting]


@dataclass(frozen=True, slots=True)
class Decided:
    """A decided case as somebody may know it who has no task in it: its paper and its party, nothing else."""

    title: str
    number: str
    issued_on: date
    party: str
    items: Sequence[PowerItem]


NO_DECISION = (
    "没有找到可以登记的决定。请核对文号（例如：枣城管罚〔2026〕1号）：应当是本机关制发、没有作废的决定书的文号，"
    "并且决定已经送达。"
)


BRACKETS = str.maketrans("[]【】（）()﹝﹞", "〔〕" * 5)
"""How people type the brackets around the year."""


def registers(session: Session, actor: Actor) -> bool:
    """Whether this person registers cases that follow a decision, of some item of the own agency."""
    if not handles(actor):
        return False
    for key in {item.procedure for item in catalogue.items_of(session, actor.agency_id)}:
        try:
            follows = diagrams.current(session, key).rules.follows
        except NotFound:
            continue
        if any(actor.positions & set(each.by) for each in follows):
            return True
    return False


def decided(session: Session, actor: Actor, number: str) -> Decided:
    """The decision of the own agency with this number, for who registers what follows it.

    Raises:
        NotFound: there is none, it is not served yet, or this person registers nothing.
        Forbidden: this person was recused from the case.
    """
    paper, case = _by_number(session, actor, number)
    items = offers(session, actor, case)
    if not items:
        raise NotFound(NO_DECISION)
    kept_out.check(session, actor, case.id)
    return Decided(paper.title, str(paper.number), paper.issued_on, str(case.party.get("name", "")), items)


def _by_number(session: Session, actor: Actor, number: str) -> tuple[Document, Case]:
    chosen = select(Document, Case).join(Case, Case.id == Document.case_id)
    mine = (Document.agency_id == actor.agency_id, Document.status == Status.ISSUED)
    written = "".join(number.split()).translate(BRACKETS)
    row = session.execute(chosen.where(*mine, Document.number == written)).first()
    if row is None:
        raise NotFound(NO_DECISION)
    return row[0], row[1]


def open_by_number(session: Session, actor: Actor, number: str, item_id: int, key: str) -> ActResult:
    """Open a case on the decision with this number; see `open_following`.

    Raises:
        NotFound, Forbidden, Refused: see `decided` and `open_following`.
    """
    decided(session, actor, number)
    return _open(session, actor, _by_number(session, actor, number)[1].id, item_id, key)


def open_following(session: Session, actor: Actor, source_id: int, item_id: int, key: str) -> ActResult:
    """Open a case that follows what another one decided. Its first task is the actor's.

    Raises:
        NotFound: the actor does not see the decided case, or the item is not the agency's.
        Forbidden: the actor was recused from the decided case, or does not hold the position of the first task.
        Refused: no case of this item follows a case like that.
    """
    queries.case(session, actor, source_id)
    return _open(session, actor, source_id, item_id, key)


def _open(session: Session, actor: Actor, source_id: int, item_id: int, key: str) -> ActResult:
    found = opening.needed(session, checked_key(key))
    if found["repeated"]:
        done = answered(reads.from_json(Done, found["repeated"]), actor, ("opened",))
        if done:
            return done
    source = locking.lock(session, source_id)
    item = catalogue.published(session, actor.agency_id, item_id)
    officer_id = opener_of(actor, diagrams.current(session, item.procedure).kind)
    locking.keep_out(source, officer_id)
    if not _fits(session, actor, source.case, item.procedure):
        raise Refused(
            f"不能对本案发起“{item.name}”：本案还没有作出并送达决定，或者您不担任登记这类办件的岗位。",
            code="following",
            article=article("following"),
        )
    place = opening.Place(actor.agency_id, actor.region)
    link = CaseLink(kind=LinkKind.FOLLOWS, source_id=source_id, agency_id=actor.agency_id, item_id=item.id)
    link.at, link.by_id = source.at, officer_id

    def entered(running: Running) -> None:
        link.target_id = running.case.id
        writes.insert(session, link)
        running.recused = referring.keep_out(session, running, source_id)

    def mine(advance: engine.Advance) -> None:
        if not any(task.position in actor.positions for task in advance.opened):
            raise Forbidden("登记这类办件的岗位，您目前没有担任。")

    begun = opening.begin(session, place, item, officer_id, clock.now(), found, check=mine, before=entered)
    name = stepping.signer(session, officer_id, begun.at).name
    by = {"officer_id": officer_id, "name": name}
    noting.note(begun, FOLLOWS, {"no": source.case.no, "name": source.case.title}, **by)
    noting.note(source, FOLLOWED, {"no": begun.case.no, "name": item.name}, **by)
    message = f"已发起办件 {begun.case.no}，与 {source.case.no} 互相注明。"
    result = ActResult("opened", begun.case.id, begun.opened[0].id, message, [], work_items.told(begun))
    return remember(session, actor, key, result)


def _fits(session: Session, actor: Actor, case: Case, key: str) -> bool:
    """Whether cases of this procedure follow a case like this one, and this person registers them."""
    try:
        procedure = diagrams.current(session, key)
        opener_of(actor, procedure.kind)
    except (NotFound, Forbidden):
        return False
    decided = diagrams.procedure(session, case.procedure_id)
    return any(
        decided.kind in each.kinds
        and actor.positions & set(each.by)
        and case.passed.keys() & set(each.reached)
        for each in procedure.rules.follows
    )
