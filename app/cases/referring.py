"""A case that hands a lead over opens another one: the named action `cases.refer`.

The form of the step says on which item (its choice of a power item, of the agency itself or of another one). The new case
is opened in the transaction of the step by whoever handed in, and its first task goes to the pool of its position: handing
over gives nobody a position. What the form says is what the new case's forms may begin with (`source` of a case's context).
Whoever was recused keeps out of both where it is the same agency: the relation to the party is the same. One case goes to
one item once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue import service as catalogue
from app.diagrams import service as diagrams
from app.forms import service as forms
from app.kernel import writes
from app.kernel.auth import Actor
from app.kernel.errors import NotFound, Refused
from app.kernel.events import CaseNoted, StepCompleted, publish
from app.people import service as people

from . import following, linking, noting, opening, queries
from .articles import article
from .handling import GOVERNANCE
from .link_models import LinkKind
from .locking import Running
from .models import Case, CaseLink, Recusal, RecusalState

REFER = "cases.refer"
HANDED_OVER, CAME_FROM = "case.referred", "case.came_from"
CARRIED = (
    "agency_id", "officer_id", "kind", "ground", "state", "said",
    "requested_by", "requested_at", "decided_by", "decided_at",
)  # fmt: skip
"""What of a recusal is the same in the new case: not who took over the old one."""


def on_step(session: Session, event: StepCompleted) -> None:
    """Open the case that a step hands a lead over to (flow subscriber, after the record of the step).

    Raises:
        Refused: the step chose no item, or one on which no case can be opened, or the lead was handed over before.
    """
    if REFER not in event.actions:
        return
    place, item = _chosen(session, event)
    if event.actor_id is None or event.work_item_id is None:
        raise _refused("移交线索应当由承办人员办理，不能由平台自动办理。")
    if known := _before(session, event.case_id, item.id):
        raise _refused(
            f"本案的线索已经移交到“{item.name}”（{known}），不能重复移交。请选择其他事项，或者到该办件中补充材料。"
        )
    link = CaseLink(
        kind=LinkKind.REFERRED, source_id=event.case_id, agency_id=event.agency_id, item_id=item.id
    )
    link.work_item_id, link.at, link.by_id = event.work_item_id, event.at, event.actor_id

    def entered(running: Running) -> None:
        link.target_id = running.case.id
        writes.insert(session, link)
        if place.agency_id == event.agency_id:
            running.recused = keep_out(session, running, event.case_id)

    found = opening.needed(session, f"refer:{event.case_id}:{item.id}")
    begun = opening.begin(session, place, item, event.actor_id, event.at, found, before=entered)
    told = {"no": event.context["case"]["no"], "name": event.context["case"]["item"]}
    noting.note(begun, CAME_FROM, told, officer_id=event.actor_id, name=event.actor_name)
    _note_source(session, event, {"no": begun.case.no, "name": item.name})


def _chosen(session: Session, event: StepCompleted) -> tuple[opening.Place, catalogue.Item]:
    """The item that the form of the step chose, and whose it is: a published one with a procedure in force."""
    version = session.scalars(select(Case.procedure_id).where(Case.id == event.case_id)).one()
    procedure = diagrams.procedure(session, version)
    used = forms.published(procedure.digest, procedure.forms, event.form) if event.form else None
    fields = [item.key for item in used.keyed() if getattr(item, "items", "")] if used else []
    chosen = linking.code_in(event.data.get(fields[0])) if fields else ""
    if not chosen:
        raise _refused("没有选定要移交到的权力事项，请在表单中选择后再移交。")
    agency, _, code = chosen.rpartition(linking.APART)
    try:
        place = opening.Place(event.agency_id, event.region)
        if agency:
            other = people.agency(session, people.agency_id_of(session, agency))
            place = opening.Place(other.id, other.region)
        found = next(i for i in catalogue.items_of(session, place.agency_id) if i.code == code)
        item = catalogue.published(session, place.agency_id, found.id)
        kind = diagrams.current(session, item.procedure).kind
    except (StopIteration, NotFound):
        raise _refused(
            f"事项“{chosen}”目前不能发起办件：没有公布，或者它的流程还没有施行。请选择其他事项。"
        ) from None
    if kind == GOVERNANCE:
        raise _refused("流程的审核发布由流程配置人员送审，不能由其他办件移交。")
    return place, item


def _before(session: Session, source_id: int, item_id: int) -> str:
    """The number of the case to which this lead was handed over before; empty: none."""
    chosen = select(Case.no).join(CaseLink, CaseLink.target_id == Case.id)
    chosen = chosen.where(
        CaseLink.source_id == source_id, CaseLink.item_id == item_id, CaseLink.kind == LinkKind.REFERRED
    )
    return session.scalar(chosen) or ""


def keep_out(session: Session, running: Running, source_id: int) -> frozenset[int]:
    """Who was recused from the source, now from this case too; their ids."""
    standing = select(Recusal).where(Recusal.case_id == source_id, Recusal.state == RecusalState.APPROVED)
    rows = session.scalars(standing).all()
    for row in rows:
        same = {name: getattr(row, name) for name in CARRIED}
        writes.insert(session, Recusal(case_id=running.case.id, **same))
    return frozenset(row.officer_id for row in rows)


def _note_source(session: Session, event: StepCompleted, detail: Mapping[str, Any]) -> None:
    who = {"actor_id": event.actor_id, "actor_name": event.actor_name, "actor_position": event.actor_position}
    about = {"case_id": event.case_id, "agency_id": event.agency_id, "region": event.region, "at": event.at}
    publish(
        session,
        CaseNoted(**about, **who, procedure=event.procedure, context={}, kind=HANDED_OVER, detail=detail),
    )


def _refused(message: str) -> Refused:
    return Refused(message, code="referral", article=article("referring"))


@dataclass(frozen=True, slots=True)
class LinkView:
    """Another case that belongs to this one. `case_id` is None where the reader may not see it."""

    case_id: int | None
    no: str
    item: str
    at: Any
    came_from: bool
    applied: bool = False
    """Whether it went to another agency, to be examined there."""
    follows: bool = False
    """It follows what the other one decided (or the other way round)."""
    told: Sequence[str] = ()
    """What it says of itself where it follows this case, and this reader may see it."""

    @property
    def label(self) -> str:
        """What the other case is to this one, in Chinese."""
        if self.follows:
            return "所针对的案件" if self.came_from else "后续办件"
        if self.applied:
            return "申报自" if self.came_from else "申报至"
        return "线索来自" if self.came_from else "线索移交"


def links(session: Session, actor: Actor, case_id: int) -> Sequence[LinkView]:
    """The case this one came out of and those that came out of it, in the order of their opening."""
    rows = session.scalars(
        select(CaseLink)
        .where((CaseLink.source_id == case_id) | (CaseLink.target_id == case_id))
        .order_by(CaseLink.id)
    ).all()
    others = {row.source_id if row.target_id == case_id else row.target_id for row in rows}
    known = {
        number: (no, item)
        for number, no, item in session.execute(
            select(Case.id, Case.no, Case.item_id).where(Case.id.in_(others))
        )
    }
    seen = set(session.scalars(select(Case.id).where(Case.id.in_(others), queries.visible(actor))))
    found = []
    for row in rows:
        came_from = row.target_id == case_id
        other = row.source_id if came_from else row.target_id
        no, item = known[other]
        name = catalogue.item(session, item).name
        follows = row.kind == LinkKind.FOLLOWS
        shown = follows and not came_from and other in seen
        said = following.told(session, other) if shown else ()
        applied = row.kind == LinkKind.APPLIED
        found.append(
            LinkView(other if other in seen else None, no, name, row.at, came_from, applied, follows, said)
        )
    return found
