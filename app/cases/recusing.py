"""What a recusal takes (回避): whom it may be about, who decides, who may follow a handler. It changes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy.orm import Session

from app.engine import service as engine
from app.kernel import clock
from app.kernel.auth import Actor
from app.kernel.errors import Refused
from app.people import service as people

from . import acts, rules
from .locking import Running
from .models import Recusal, WorkItem

LONGEST = 1000


@cache
def law() -> Mapping[str, Any]:
    """Grounds, kinds and who decides, with the article."""
    return yaml.safe_load((Path(__file__).parent / "data" / "recusal.yaml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for. `brought_by` and `brought_on` say who of the party brought it, and when."""

    officer_id: int
    kind: str
    ground: str
    facts: str
    brought_by: str = ""
    brought_on: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """What is decided: `minutes` where it takes the collective, `successor_id` where a handler goes."""

    approve: bool
    reason: str
    minutes: str = ""
    successor_id: int | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """An officer to choose, or why that one cannot be."""

    id: int
    name: str
    hint: str = ""
    why_not: str = ""


def concerned(session: Session, running: Running) -> Sequence[Candidate]:
    """Whom a request may be about: the officers of the case's agency, those of the case first."""
    handlers = {h.officer_id: "主办" if h.role == "lead" else "协办" for h in running.handlers}
    took_part = {who for all_ in running.took_part.values() for who in all_}
    found = []
    for card in people.officers_at(session, running.case.agency_id):
        hint = handlers.get(card.id) or ("参加过本案" if card.id in took_part else "")
        why_not = "在本案已被决定回避" if card.id in running.recused else ""
        found.append(Candidate(card.id, card.name, hint, why_not))
    return sorted(found, key=lambda c: (not c.hint, c.hint != "主办", c.hint != "协办"))


def collective(session: Session, officer_id: int) -> bool:
    """Whether it takes the collective to decide about an officer: about the head of the agency."""
    return bool(people.officer(session, officer_id).own & set(law()["decides"]))


def may_not_decide(session: Session, actor: Actor, officer_id: int) -> str:
    """Why this person does not decide about an officer's recusal; empty where they do."""
    if actor.officer_id == officer_id:
        return "这项回避涉及您本人，不能由您决定。"
    if collective(session, officer_id):
        if actor.positions & set(law()["records_collective"]):
            return ""
        return "主要负责人的回避由负责人集体讨论决定，由其他负责人登记。"
    return "" if actor.positions & set(law()["decides"]) else "回避由本机关主要负责人决定。"


def successors(running: Running, officer_id: int) -> Sequence[Candidate]:
    """Who may follow a handler of the case; empty where the officer is none. Each who may not is named with the
    reason: the position, the certificate, or what the person did in this case before."""
    handlers = [h.officer_id for h in running.handlers]
    if officer_id not in handlers:
        return ()
    session, case = running.session, running.case
    tasks = _handlers_tasks(running)
    kind, names = running.procedure.rules.certificate, people.position_names(session)
    found = []
    for card in people.officers_at(session, case.agency_id, on=clock.legal_day(running.at)):
        if card.id in handlers:
            continue
        why_not = ""
        if not any(c.kind == kind for c in card.certificates):
            why_not = card.why_barred(kind) or "没有有效的执法证件"
        for task in tasks:
            if why_not:
                break
            if task.position_key not in card.positions:
                why_not = f"不担任{names.get(task.position_key, task.position_key)}"
                break
            try:
                acts._may_take(running, task, card.id)
            except Refused as refused:
                why_not = refused.message
        found.append(Candidate(card.id, card.name, "", why_not))
    return sorted(found, key=lambda c: bool(c.why_not))


def wrong_request(running: Running, actor: Actor, asked: Request) -> dict[str, list[str]]:
    """What is wrong with a request, by field."""
    session, errors = running.session, {}
    if asked.kind not in law()["kinds"]:
        errors["kind"] = ["请选择由谁提出。"]
    chosen = {c.id: c for c in concerned(session, running)}.get(asked.officer_id)
    if chosen is None:
        errors["officer"] = ["请在列出的人员中选择。"]
    elif asked.kind == "own" and asked.officer_id != actor.officer_id:
        errors["officer"] = ["本人申请回避的，只能选择您本人。"]
    elif asked.kind == "ordered" and (barred := may_not_decide(session, actor, asked.officer_id)):
        errors["kind"] = [f"责令回避由有权决定的负责人作出。{barred}"]
    if asked.ground not in law()["grounds"]:
        errors["ground"] = ["请选择应当回避的情形。"]
    if not asked.facts.strip():
        errors["facts"] = ["请写明事实和理由。"]
    elif len(asked.facts.strip()) > LONGEST:
        errors["facts"] = [f"事实和理由不得超过 {LONGEST} 字。"]
    if asked.kind == "party":
        if not asked.brought_by.strip():
            errors["brought_by"] = ["请写明由谁提出，如当事人本人、其代理人。"]
        if not asked.brought_on:
            errors["brought_on"] = ["请填写当事人提出的日期。"]
        elif asked.brought_on > clock.legal_day(running.at).isoformat():
            errors["brought_on"] = ["当事人提出的日期不能晚于今天。"]
    return errors


def wrong_decision(session: Session, row: Recusal, reason: str, minutes: str) -> dict[str, list[str]]:
    """What is wrong with what is decided about a request, by field."""
    errors: dict[str, list[str]] = {}
    if not reason.strip():
        errors["reason"] = ["请写明决定的理由。"]
    elif len(reason.strip()) > LONGEST:
        errors["reason"] = [f"理由不得超过 {LONGEST} 字。"]
    if collective(session, row.officer_id) and not minutes.strip():
        errors["minutes"] = ["主要负责人的回避由集体讨论决定，请写明会议纪要的编号和日期。"]
    elif len(minutes.strip()) > 200:
        errors["minutes"] = ["会议纪要的编号和日期不得超过 200 字。"]
    return errors


def _handlers_tasks(running: Running) -> list[WorkItem]:
    """One task of every kind that the case's handlers do together: their position, and the group of persons they
    belong to by it."""
    declared = running.procedure.rules
    found: dict[tuple[str, ...], WorkItem] = {}
    for name, node in engine.nodes(running.spec).items():
        officers = int(node.attributes.get("officers", 0))
        step = node.attributes.get("step", "")
        groups = tuple(g.name for g in declared.separation if rules.matches(step, g.steps))
        if officers > 1:
            found.setdefault(
                (node.position, *groups),
                WorkItem(node=name, name=node.name, step=step, position_key=node.position, officers=officers),
            )
    return list(found.values())
