"""Registering files of evidence, and setting them aside. Acts on the case: under its lock, once, in its record."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.diagrams.rules import EvidenceList, Rules
from app.forms import service as forms
from app.kernel import clock
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused

from .. import acts, context, overview, rules, stepping
from ..answers import ActResult, remember
from ..articles import article
from ..evidence_models import Evidence, EvidenceState
from ..handling import handler_of
from ..locking import Running
from ..models import Case, WorkItem, WorkStatus

ORIGINS = {"original": "原件（原物）", "copy": "复制件"}
MOST = {"title": 200, "proves": 1000, "source": 200, "by": 200, "place": 200, "reason": 500}
NEEDED = {"title": "证据名称", "kind": "证据种类", "proves": "证明的事实", "copy": "原件或者复制件"}
MARKS = {
    "after_entry": "发生时间晚于录入时间",
    "before_task": "发生时间早于本环节开始",
    "late_entry": "补录：录入时间晚于发生时间较久",
}
_DATA = Path(__file__).parents[1] / "data" / "evidence.yaml"


@dataclass(frozen=True, slots=True)
class Piece:
    """A file to be registered with what is told of it."""

    file: Mapping[str, Any]
    told: Mapping[str, str]
    collected_at: datetime | None


@lru_cache(maxsize=1)
def limits() -> Mapping[str, Any]:
    """From when on a time is marked: `data/evidence.yaml`."""
    return yaml.safe_load(_DATA.read_text(encoding="utf-8"))


def declared(ruleset: Rules, step: str) -> EvidenceList | None:
    """The evidence list for which material is collected at a step; None: at this step none is."""
    return next((entry for entry in ruleset.evidence_lists if rules.matches(step, entry.at)), None)


def may_add(running: Running, work: WorkItem, actor: Actor) -> bool:
    """Whether this person may register evidence from this task: it waits, material is collected at it, and the person
    has it in hand, confirms it, or handles the case."""
    if declared(running.procedure.rules, work.step) is None:
        return False
    handlers = {h.officer_id for h in running.handlers}
    mine = {work.assignee_id, work.cosigner_id} | (
        handlers if work.position_key in actor.positions else set()
    )
    return work.status in (WorkStatus.OPEN, WorkStatus.COSIGN) and actor.officer_id in mine


def marks_of(at: datetime | None, entered: datetime, opened: datetime) -> list[str]:
    """What of a time of happening must be seen. The time of entry is the platform's own; that of happening is only
    said, and never moves anything."""
    if at is None:
        return []
    found = []
    if at > entered + timedelta(minutes=limits()["ahead_minutes"]):
        found.append("after_entry")
    if at < opened:
        found.append("before_task")
    if entered - at > timedelta(hours=limits()["late_hours"]):
        found.append("late_entry")
    return found


def told_of(given: Mapping[str, str], *, full: bool = True) -> dict[str, str]:
    """What is told of a piece, checked. Not `full`: from the scene, where the rest is said afterwards.

    Raises:
        Invalid: something is missing, too long or not to be chosen; `errors` names each.
    """
    told = {name: str(given.get(name) or "").strip() for name in (*MOST, "kind", "copy") if name != "reason"}
    errors = {name: [f"{label}不能为空。"] for name, label in NEEDED.items() if full and not told[name]}
    for name, most in MOST.items():
        if len(told.get(name, "")) > most:
            errors[name] = [f"不得超过 {most} 字。"]
    if told["kind"] and told["kind"] not in forms.EVIDENCE_KINDS:
        errors["kind"] = ["请在列出的证据种类中选择。"]
    if told["copy"] and told["copy"] not in ORIGINS:
        errors["copy"] = ["请选择是原件还是复制件。"]
    if errors:
        raise Invalid(errors=errors)
    return {name: value for name, value in told.items() if value}


def moment_of(text: str) -> datetime | None:
    """A moment as a page posts it, in Chinese time.

    Raises:
        Invalid: it is none.
    """
    if not text.strip():
        return None
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(errors={"collected_at": ["时间格式不对，请重新选择。"]}) from None
    return found if found.tzinfo else found.replace(tzinfo=clock.CHINA)


def register(session: Session, actor: Actor, work_item_id: int, key: str, piece: Piece) -> ActResult:
    """Register a file as evidence of the case of a task.

    Raises:
        NotFound: the task does not exist for this person.
        Forbidden: it is not this person's to add evidence here, or the task has moved on.
        Refused: the law keeps this person or this moment out.
        Conflict: code `registered`: the file is in the register already.
    """
    running, work, repeated = acts.begin(session, actor, work_item_id, key, "evidence")
    if repeated:
        return repeated
    add(running, work, actor, piece)
    message = f"已登记“{piece.told.get('title') or piece.file['name']}”。"
    return remember(session, actor, key, ActResult("evidence", running.case.id, work.id, message, [], []))


def add(running: Running, work: WorkItem, actor: Actor, piece: Piece) -> Evidence:
    """The same inside an act whose case is locked."""
    _allowed(running, work, actor)
    digest = piece.file["digest"]
    if _of(running.session, running.case.id, digest) is not None:
        raise Conflict("这个文件已经登记过，不重复登记。", code="registered")
    row = Evidence(
        case_id=running.case.id,
        agency_id=running.case.agency_id,
        work_item_id=work.id,
        digest=digest,
        size=piece.file["size"],
        type=piece.file["type"],
        said={"name": piece.file["name"], **piece.told},
        state=EvidenceState.IN,
        collected_at=piece.collected_at,
        entered_at=running.at,
        entered_by=handler_of(actor, running.procedure.kind),
        marks=marks_of(piece.collected_at, running.at, work.opened_at),
    )
    running.session.add(row)
    running.session.flush()
    detail = {"evidence": row.id, "node": work.node, "title": row.said.get("title", ""), "marks": row.marks}
    if piece.collected_at:
        detail["collected_at"] = piece.collected_at.isoformat()
    acts.note(running, actor, "evidence.registered", detail, [digest], position=work.position_key)
    return row


def settle(
    session: Session, actor: Actor, work_item_id: int, key: str, digest: str, reason: str, *, out: bool
) -> ActResult:
    """Set a file of the case aside as no evidence, with the reason; or take it back (`out` false).

    Raises:
        NotFound: the case has no such file.
        Invalid: the reason is missing.
        Forbidden, Refused: as `register`.
    """
    running, work, repeated = acts.begin(session, actor, work_item_id, key, "evidence")
    if repeated:
        return repeated
    _allowed(running, work, actor)
    reason = reason.strip()
    if not reason or len(reason) > MOST["reason"]:
        raise Invalid(errors={"reason": [f"请写明理由，不超过 {MOST['reason']} 字。"]})
    row = _of(session, running.case.id, digest) or _taken_over(running, work, actor, digest)
    wanted = EvidenceState.OUT if out else EvidenceState.IN
    row.state, row.said = wanted, {**row.said, "out": reason} if out else _without(row.said, "out")
    row.decided_by, row.decided_at = handler_of(actor, running.procedure.kind), running.at
    session.flush()
    kind = "evidence.set_aside" if out else "evidence.taken_back"
    acts.note(running, actor, kind, {"evidence": row.id, "node": work.node, "reason": reason}, [digest],
              position=work.position_key)  # fmt: skip
    name = row.said.get("title") or row.said["name"]
    message = f"“{name}”不再作为证据，文件保留在案卷中。" if out else f"“{name}”重新作为证据。"
    return remember(session, actor, key, ActResult("evidence", running.case.id, work.id, message, [], []))


def amend(
    session: Session, actor: Actor, work_item_id: int, key: str, digest: str, told: Mapping[str, str]
) -> ActResult:
    """Say more of a registered file, or say it better; what was said before stands in the record.

    Raises:
        NotFound: it is not in the register.
        Forbidden, Refused: as `register`.
    """
    running, work, repeated = acts.begin(session, actor, work_item_id, key, "evidence")
    if repeated:
        return repeated
    _allowed(running, work, actor)
    row = _of(session, running.case.id, digest)
    if row is None:
        raise NotFound("证据登记中没有这个文件。")
    before = dict(row.said)
    row.said = {**row.said, **told}
    session.flush()
    changed = {
        name: [before.get(name, ""), value] for name, value in told.items() if before.get(name) != value
    }
    acts.note(running, actor, "evidence.amended", {"evidence": row.id, "node": work.node, "changed": changed},
              [digest], position=work.position_key)  # fmt: skip
    message = f"已保存“{row.said.get('title') or row.said['name']}”的登记内容。"
    return remember(session, actor, key, ActResult("evidence", running.case.id, work.id, message, [], []))


def to_prove(session: Session, case: Case) -> list[str]:
    """The facts that the evidence of a case has to prove, as planned (`fact` of a list in what was handed in) and as told
    of other pieces: offered, not imposed."""
    found: dict[str, None] = {}
    for submission in context.submissions(session, case.id):
        for value in submission.data.values():
            for row in value if isinstance(value, list) else ():
                if isinstance(row, Mapping):
                    for name in ("fact", "proves"):
                        if isinstance(row.get(name), str):
                            found.setdefault(row[name])
    for row in session.scalars(select(Evidence).where(Evidence.case_id == case.id)):
        if row.said.get("proves"):
            found.setdefault(row.said["proves"])
    return list(found)


def _allowed(running: Running, work: WorkItem, actor: Actor) -> None:
    officer_id = handler_of(actor, running.procedure.kind)
    if not may_add(running, work, actor):
        raise Forbidden("现在不能从这项任务登记证据：它不收集证据、已经办结，或者不由您办理。")
    declared_rules = running.procedure.rules
    if any(rules.matches(step, declared_rules.freeze_after) for step in running.passed):
        raise Refused(
            "案件已经作出决定，不能再补录证据。",
            code="frozen",
            article=declared_rules.freeze_article or article("frozen_evidence"),
        )
    me = stepping.signer(running.session, officer_id, running.at)
    stepping.guard(stepping.facts_of(running, work, [me], running.case.attributes), rules.PERSON_GATES)


def _of(session: Session, case_id: int, digest: str) -> Evidence | None:
    return session.scalar(select(Evidence).where(Evidence.case_id == case_id, Evidence.digest == digest))


def _taken_over(running: Running, work: WorkItem, actor: Actor, digest: str) -> Evidence:
    """A file that came with a form, put into the register to say something of it."""
    found = overview.files_of(running.session, running.case.id).get(digest)
    if found is None or not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise NotFound("案卷中没有这个文件。")
    row = Evidence(
        case_id=running.case.id,
        agency_id=running.case.agency_id,
        work_item_id=work.id,
        digest=digest,
        size=found["size"],
        type=found["type"],
        said={"name": found["name"]},
        state=EvidenceState.IN,
        entered_at=running.at,
        entered_by=handler_of(actor, running.procedure.kind),
        marks=[],
    )
    running.session.add(row)
    return row


def _without(said: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in said.items() if key != name}
