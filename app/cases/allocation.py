"""Allocation rules (派案规则): to whom a new task of a position goes that nobody of the case keeps.

A head of the agency sets one for a position: by hand, by load, in turn, by field. Whoever the law keeps out of the task is
left out; where nobody is left, it goes to the pool of the position. A rule gives a task to a person and does nothing else
with it. Rules change rarely: they are kept in the process under their edition. Two tasks that open in the same moment may
go to the same person: nobody waits for anybody else's act to be spread evenly.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.catalogue import service as catalogue
from app.diagrams import service as diagrams
from app.engine import service as engine
from app.kernel import clock, editions, reads
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from app.people import service as people

from . import hands, locking, work_items
from .desk_settings import is_head
from .hands_models import RULES
from .locking import Running
from .models import AllocationRule, Way, WorkItem

WAYS: Mapping[Way, tuple[str, str]] = {
    Way.HAND: ("不自动分派", "新任务进入本岗位公共待办，由人员签收或者负责人分派"),
    Way.LOAD: ("按在办件数", "分给在办件数最少的人员；件数相同的，分给最久没有分到新任务的"),
    Way.TURN: ("轮流", "分给最久没有分到新任务的人员"),
    Way.FIELD: (
        "按分工",
        "按事项分给分工的人员；一个事项有几人的，分给其中在办件数最少的；没有分工的进入公共待办",
    ),
}
KINDS = {
    "penalty": "全部行政处罚事项",
    "governance": "流程的审核发布",
    "item": "权力事项的调整和审核",
    "order": "基础数据变更的审核",
}
OTHER = "other"
HEADS_ONLY = "分派规则由本机关分管负责人或者主要负责人设置。"
MOST_LINES = 60
NAMED = 6
"""So many people a reason names with their numbers."""
NEVER = datetime(1, 1, 1, tzinfo=UTC)

STANDING = """
select o.id, (select count(*) from work_item w where w.kind = 'user' and w.status = 'open'
        and w.assignee_id = o.id) as load,
    (select max(a.at) from allocation a where a.agency_id = %(agency)s and a.position_key = %(position)s
        and a.officer_id = o.id) as last
from unnest(%(ids)s::bigint[]) o(id)
where exists (select from account c where c.officer_id = o.id and c.active
    and c.roles && array['officer', 'analyst']::text[])
"""
CURRENT = """
select distinct on (agency_id, position_key) id, agency_id, position_key, way, fields from allocation_rule
order by agency_id, position_key, id desc
"""
ONE_AT_A_TIME = text("select pg_advisory_xact_lock(hashtextextended(:key, 0))")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a division by fields: `of` is `item:` with a code, `kind:` with the kind of a procedure, or `other`."""

    of: str
    officers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """The rule of a position that is in force."""

    id: int
    way: Way
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands when a task is given out: open tasks, and when a rule gave them one last."""

    id: int
    name: str
    load: int
    last: datetime | None


_kept: tuple[str, dict[tuple[int, str], Rule]] = ("", {})
"""Only a cache: every question asks the database for the edition first."""


def rule_of(session: Session, agency_id: int, position: str) -> Rule | None:
    """The rule in force for a position of an agency, if one was ever set."""
    global _kept
    edition = editions.current(session, RULES)
    if _kept[0] != edition:
        (rows,) = reads.fetch(session, (CURRENT, {}))
        _kept = (edition, {(row["agency_id"], row["position_key"]): _rule(row) for row in rows})
    return _kept[1].get((agency_id, position))


def _rule(row: Mapping[str, Any]) -> Rule:
    lines = tuple(Line(one["of"], tuple(one["officers"])) for one in row["fields"].get("lines", ()))
    return Rule(row["id"], Way(row["way"]), lines)


def allot(running: Running, work: WorkItem) -> work_items.Allotted | None:
    """To whom the rule gives a task that is about to open; None: to the pool."""
    rule = rule_of(running.session, running.case.agency_id, work.position_key)
    if rule is None or rule.way is Way.HAND or hands.pair_of(running, work):
        return None  # what the case's own handlers hand in waits for them, or for a head to name others
    holders = people.officers_at(running.session, running.case.agency_id, work.position_key)
    able = [card for card in holders if hands.refusal(running, work, card.id) is None]
    line, told = None, ""
    if rule.way is Way.FIELD:
        line = line_for(rule, running.item.get("code", ""), running.procedure.kind)
        if line is None:
            return None
        told = _field_words(line.of, str(running.item.get("name", "")))
        able = [card for card in able if card.id in line.officers]
    found = standing(running.session, running.case.agency_id, work.position_key, able)
    picked = pick(rule.way, found)
    if picked is None:
        return None
    left_out = [
        c.name for c in holders if c.id not in {s.id for s in found} and (not line or c.id in line.officers)
    ]
    reason = told + words(rule.way, picked, found)
    if left_out:
        reason += f"；不能办理的{'、'.join(left_out[:NAMED])}没有参加分派"
    return work_items.Allotted(picked.id, rule.id, reason)


def standing(
    session: Session, agency_id: int, position: str, officers: Sequence[people.OfficerCard]
) -> list[Standing]:
    """How these officers stand, whoever of them has an account in use, in their order."""
    if not officers:
        return []
    values = {"agency": agency_id, "position": position, "ids": [card.id for card in officers]}
    (rows,) = reads.fetch(session, (STANDING, values))
    known = {row["id"]: row for row in rows}
    return [
        Standing(card.id, card.name, known[card.id]["load"], known[card.id]["last"])
        for card in officers
        if card.id in known
    ]


def pick(way: Way, found: Sequence[Standing]) -> Standing | None:
    """Whose turn it is: of equals the one who waits longest, then the first by name."""
    if not found or way is Way.HAND:
        return None
    if way is Way.TURN:
        return min(found, key=lambda s: s.last or NEVER)
    return min(found, key=lambda s: (s.load, s.last or NEVER))


def words(way: Way, picked: Standing, found: Sequence[Standing]) -> str:
    """Why this one: 按在办件数最少：甲 2 件，乙 5 件."""
    first = [picked, *(s for s in sorted(found, key=lambda s: (s.load, s.last or NEVER)) if s is not picked)]
    if way is Way.TURN:
        first = [picked, *(s for s in sorted(found, key=lambda s: s.last or NEVER) if s is not picked)]
        told = "，".join(f"{s.name}{_last(s.last)}" for s in first[:NAMED])
        return f"轮流：{told}{_more(found)}"
    if len(found) == 1:
        return f"能够办理的只有{picked.name}，在办 {picked.load} 件"
    told = "，".join(f"{s.name} {s.load} 件" for s in first[:NAMED])
    equal = sum(s.load == picked.load for s in found) > 1
    return f"按在办件数最少：{told}{_more(found)}{'；件数相同的，取最久没有分到新任务的' if equal else ''}"


def _more(found: Sequence[Standing]) -> str:
    return f"等 {len(found)} 人" if len(found) > NAMED else ""


def _last(moment: datetime | None) -> str:
    return f"上次 {moment.astimezone(clock.CHINA):%m-%d %H:%M}" if moment else "还没有分到过"


def line_for(rule: Rule, code: str, kind: str) -> Line | None:
    """The line of a division that speaks of an item: its own, else that of its kind, else that of all others."""
    by = {line.of: line for line in rule.lines}
    return by.get(f"item:{code}") or by.get(f"kind:{kind}") or by.get(OTHER)


def _field_words(of: str, item: str) -> str:
    if of.startswith("item:"):
        return f"按分工（{item}）："
    return f"按分工（{KINDS.get(of.removeprefix('kind:'), '其他事项')}）："


def fields_of(session: Session, agency_id: int) -> dict[str, str]:
    """What a line of a division may speak of, with its Chinese name."""
    items = catalogue.items_of(session, agency_id)
    found = {f"item:{item.code}": f"{item.code} {item.name}" for item in items}
    found |= {f"kind:{kind}": KINDS[kind] for kind in sorted({item.kind for item in items}) if kind in KINDS}
    return {**found, OTHER: "其他事项"}


@dataclass(frozen=True, slots=True)
class Preview:
    """Who would get the next task by a rule, and why; of a division one for each line (`of`). Whoever lacks a certificate
    that tasks of the position ask for is left out; the law may keep others out of a certain case: then it is the next
    one."""

    of: str
    name: str
    reason: str


def preview(session: Session, agency_id: int, position: str, rule: Rule) -> list[Preview]:
    """Who would get the next task of a position."""
    needs = certificates_at(session, agency_id, position)
    holders = people.officers_at(session, agency_id, position)
    able = [card for card in holders if needs <= {c.kind for c in card.certificates}]
    found = standing(session, agency_id, position, able)
    if rule.way is not Way.FIELD:
        picked = pick(rule.way, found)
        return [Preview("", picked.name, words(rule.way, picked, found))] if picked else []
    told = fields_of(session, agency_id)
    result = []
    for line in rule.lines:
        mine = [s for s in found if s.id in line.officers]
        picked = pick(Way.FIELD, mine)
        result.append(
            Preview(
                told.get(line.of, line.of),
                picked.name if picked else "",
                words(Way.FIELD, picked, mine) if picked else "分工的人员现在都不能办理，进入公共待办",
            )
        )
    return result


def certificates_at(session: Session, agency_id: int, position: str) -> set[str]:
    """The certificates that tasks of a position ask for, in the procedures in force of the agency's items."""
    found: set[str] = set()
    for key in {item.procedure for item in catalogue.items_of(session, agency_id)}:
        try:
            procedure = diagrams.current(session, key)
        except NotFound:  # never published
            continue
        for node in engine.nodes(locking.spec_of(procedure)).values():
            if node.kind == "user" and node.position == position:
                step, officers = node.attributes.get("step", ""), int(node.attributes.get("officers", 0))
                found.add(hands.certificate_for(procedure, step, officers))
    return found - {""}


def for_heads(actor: Actor) -> None:
    """Refuse everybody but the heads of an agency.

    Raises:
        Forbidden: the person is none.
    """
    if not is_head(actor):
        raise Forbidden(HEADS_ONLY)


def positions_of(session: Session, agency_id: int) -> dict[str, list[people.OfficerCard]]:
    """The positions of an agency that somebody holds, with their holders."""
    everybody = people.officers_at(session, agency_id)
    found = {key: [c for c in everybody if key in c.positions] for key in people.position_names(session)}
    return {key: cards for key, cards in found.items() if cards}


def history(session: Session, agency_id: int, position: str, limit: int = 20) -> Sequence[AllocationRule]:
    """What was set for a position, newest first."""
    chosen = select(AllocationRule).where(
        AllocationRule.agency_id == agency_id, AllocationRule.position_key == position
    )
    return session.scalars(chosen.order_by(AllocationRule.id.desc()).limit(limit)).all()


def set_rule(
    session: Session, actor: Actor, position: str, way: str, lines: Sequence[Line], before: int
) -> Rule:
    """Set the rule of a position. `before` is the rule the page was made for, 0 where there was none. Setting what is
    set already changes nothing.

    Raises:
        Forbidden: only heads do. NotFound: nobody of the agency holds the position.
        Conflict: somebody else set another one meanwhile. Invalid: a line names nobody, or somebody else.
    """
    for_heads(actor)
    assert actor.officer_id is not None  # noqa: S101 - a head is an officer
    holders = positions_of(session, actor.agency_id).get(position)
    if holders is None:
        raise NotFound("本机关没有人担任这个岗位。")
    new = Rule(0, _way(way), tuple(lines) if way == Way.FIELD else ())
    if new.way is Way.FIELD:
        _check_lines(session, actor.agency_id, new.lines, {card.id for card in holders})
    session.execute(ONE_AT_A_TIME, {"key": f"allocation:{actor.agency_id}:{position}"})
    known = history(session, actor.agency_id, position, 1)
    now = _rule({"id": known[0].id, "way": known[0].way, "fields": known[0].fields}) if known else None
    if now and replace(new, id=now.id) == now:
        return now
    if (now.id if now else 0) != before:
        raise Conflict("这个岗位的分派规则刚被改过，请核对现在的规则后重新设置。", code="moved_on")
    fields = {"lines": [{"of": line.of, "officers": list(line.officers)} for line in new.lines]}
    row = AllocationRule(
        agency_id=actor.agency_id,
        position_key=position,
        way=new.way,
        fields=fields if new.lines else {},
        set_by=actor.officer_id,
        set_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return replace(new, id=row.id)


def _way(way: str) -> Way:
    try:
        return Way(way)
    except ValueError:
        raise Invalid(errors={"way": ["请选择一种分派方式。"]}) from None


def _check_lines(session: Session, agency_id: int, lines: Sequence[Line], holders: set[int]) -> None:
    known = fields_of(session, agency_id)
    errors: dict[str, list[str]] = {}
    for number, line in enumerate(lines):
        if line.of not in known:
            errors[f"of.{number}"] = ["请在列出的事项中选择。"]
        elif line.of in {other.of for other in lines[:number]}:
            errors[f"of.{number}"] = [f"“{known[line.of]}”已经在前面一行，请合并。"]
        if not line.officers:
            errors[f"officers.{number}"] = ["请选择办理这一事项的人员。"]
        elif not set(line.officers) <= holders:
            errors[f"officers.{number}"] = ["所选人员有的不再担任这个岗位，请重新选择。"]
    if not lines:
        errors["of.0"] = ["按分工的，请至少写明一行。"]
    if errors:
        raise Invalid(errors=errors)


work_items.ALLOT.append(allot)
