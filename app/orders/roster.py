"""Orders about the roster of officers (人员名录): positions and certificates come, are renewed and given back on the day of
the order. Administrators may draw them up; the agency sends them in."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel import clock, words
from app.kernel.auth import Actor
from app.kernel.navigation import HEADS
from app.people import service as people

from . import drafting, finding
from .models import ChangeOrder, Kind, State
from .room import settings

rostering = people.rostering
Entry = rostering.Entry
OPEN = """
select o.id as order_id, e.entry from change_order o, jsonb_array_elements(o.content -> 'entries') as e(entry)
where o.kind = 'roster' and o.state in ('draft', 'sent', 'confirmed')
    and ((e.entry ->> 'officer_id')::bigint = any(:officers) or e.entry ->> 'number' = :number)
order by o.id
"""


def entries_of(order: ChangeOrder) -> list[Entry]:
    """What an order says."""
    return [rostering.from_json(raw) for raw in order.content.get("entries") or ()]


def content_of(entries: Sequence[Entry], by: int | None = None) -> dict[str, object]:
    """As an order keeps it; `by`: the administrator's account that draws it up."""
    kept: dict[str, object] = {"entries": [entry.as_json() for entry in entries]}
    return kept | ({"by": by} if by else {})


class RosterKind:
    """A change of the roster, carried out on its day."""

    at_once = False

    def matter(self, session: Session, order: ChangeOrder) -> str:
        entries = entries_of(order)
        names = list(dict.fromkeys(entry.name for entry in entries))
        people_ = len({entry.officer_id for entry in entries})
        who = f"{'、'.join(names[:3])}等 {people_} 人" if people_ > 3 else "、".join(names)
        counts = [
            f"{what} {n} 项"
            for act, what in (("posting", "任职"), ("certificate", "证件"), ("restore", "解除暂扣"))
            if (n := sum(entry.act == act for entry in entries))
        ]
        return f"{who}：{'，'.join(counts)}" if entries else "（还没有内容）"

    def rows(self, session: Session, order: ChangeOrder) -> Sequence[Mapping[str, str]]:
        entries = entries_of(order)
        cards = people.officers(session, {entry.officer_id for entry in entries})
        rows = []
        for entry in entries:
            card = cards.get(entry.officer_id)
            before = _now(card, entry) if card else ""
            rows.append({"part": entry.name, "before": before, "after": rostering.said(session, entry)})
        return rows

    def impact(self, session: Session, order: ChangeOrder) -> str:
        entries = entries_of(order)
        affected = len({entry.officer_id for entry in entries})
        return f"涉及本机关人员 {affected} 人；确认并到生效日以前，不能据此签收和办理案件。"

    def problems(self, session: Session, order: ChangeOrder) -> Sequence[str]:
        entries = entries_of(order)
        if not entries:
            return ["变更单还没有内容，请写明人员和变更。"]
        return rostering.problems(session, order.agency_id, entries)

    def wrong_day(self, order: ChangeOrder, day: date) -> str:
        asked = finding.day(order)
        if day < clock.today():
            return "生效日期不能早于今天。"
        return f"不得早于变更单提出的日期（{words.day(asked)}）。" if day < asked else ""

    def subjects(self, order: ChangeOrder) -> Collection[int]:
        return {entry.officer_id for entry in entries_of(order)}

    def carry_out(self, session: Session, order: ChangeOrder, on: date) -> None:
        told = f"{finding.number(order)}（{order.case_no}）"
        rostering.carry_out(session, entries_of(order), on, told)


def _now(card: people.OfficerCard, entry: Entry) -> str:
    """What somebody holds of the kind that an entry is about."""
    if entry.position:
        return "、".join(p.name for p in card.postings) or "没有岗位"
    held = [c for c in card.certificates if c.kind == entry.kind]
    return "、".join(f"{c.name}（{c.number}）" for c in held) or "没有有效的这种证件"


class Orders:
    """How the room of people draws orders up and knows them (port of `people.rostering`)."""

    def draft(self, session: Session, actor: Actor, agency_id: int, entries: Sequence[Entry]) -> str:
        """Put entries into the draft that this administrator draws up for the agency, a new one where there is none, and
        let those know who send it in; its number."""
        order = self._begun(session, actor, agency_id)
        if order is None:
            content = content_of(entries, actor.account_id)
            order = drafting.begin(session, Kind.ROSTER, agency_id, f"{actor.name}（系统管理员）", content)
            self._tell(session, order)
        else:
            order.content = content_of([*entries_of(order), *entries], actor.account_id)
            order.revision += 1
            order.updated_at = clock.now()
            session.flush()
        return finding.number(order)

    def _begun(self, session: Session, actor: Actor, agency_id: int) -> ChangeOrder | None:
        found = session.scalars(
            finding.drafts(Kind.ROSTER, agency_id).with_for_update().execution_options(populate_existing=True)
        ).all()
        return next((each for each in found if each.content.get("by") == actor.account_id), None)

    def _tell(self, session: Session, order: ChangeOrder) -> None:
        keepers = {settings()["proposed_by"]}
        at_work = people.officers_at(session, order.agency_id)
        to = [c.id for c in at_work if c.own & keepers] or [c.id for c in at_work if c.own & HEADS]
        told = f"系统管理员拟定了人员名录{finding.number(order)}，请核对、写明来源和生效日期后报送司法行政机关确认。"
        for officer in to:
            people.tell(session, [officer], officer, f"order:{order.id}:drawn", told)

    def pending(
        self, session: Session, officer_ids: Collection[int], number: str = ""
    ) -> Sequence[rostering.Pending]:
        """What open orders say of these officers, or of a certificate with this number."""
        rows = session.execute(text(OPEN), {"officers": list(officer_ids), "number": number or None}).all()
        orders = {
            row.id: row for row in session.scalars(finding.by_ids({row.order_id for row in rows})).all()
        }
        return [
            rostering.Pending(
                finding.number(orders[row.order_id]),
                finding.STATES[State(orders[row.order_id].state)][0],
                rostering.from_json(row.entry),
            )
            for row in rows
        ]


KIND = RosterKind()
