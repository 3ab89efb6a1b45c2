"""A running case moved to another published version of its procedure.

Only where nothing is lost: every live position stands alike, every step passed still exists, every gate that
held still does, and the case does not come to stand behind a gate it has not passed. Analysts prepare a version
and publish it; that a case moves onto it is decided by a head of the agency, with a reason, on record.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.diagrams import service as diagrams
from app.diagrams.rules import Rules
from app.engine import service as engine
from app.forms import service as forms
from app.kernel.auth import Actor
from app.kernel.errors import Forbidden, Invalid, Refused

from . import acts, locking, monitoring, queries, rules, stepping, trail
from .answers import ActResult, answered, checked_key, officer_of, remember
from .locking import Running
from .models import Done, Submission, WorkItem, WorkStatus

HEADS = frozenset({"deputy", "head"})
ARTICLE = "行政权力运行规范：流程变更不得减损法定程序（S4-24、S4-51）"
EMPTY: tuple[Any, ...] = (None, "", [], {})


class NotMovable(Refused):
    """案件不能迁移: something would be lost, or a gate stands in the way. `reasons` says each of them."""

    def __init__(self, reasons: Sequence[str]):
        super().__init__("案件不能迁移：" + "；".join(reasons) + "。", code="migration", article=ARTICLE)
        self.reasons = tuple(reasons)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a migration would do: from which version to which, what stands in the way, what would change."""

    version: str
    target: str
    reasons: tuple[str, ...]
    changes: tuple[str, ...]


def plan(session: Session, actor: Actor, case_id: int, procedure_id: int) -> Plan:
    """What moving a case to a version would do; nothing is changed.

    Raises:
        NotFound: the case or the version does not exist for this person.
        Forbidden: the person is no head of the case's agency.
        Refused: the version is not what was published.
    """
    check_head(actor)
    running = locking.running(session, queries.case(session, actor, case_id))
    return plan_of(running, diagrams.procedure(session, procedure_id))


def migrate(
    session: Session,
    actor: Actor,
    case_id: int,
    procedure_id: int,
    reason: str,
    key: str,
    batch: int | None = None,
) -> ActResult:
    """Move a case to another published version of its procedure; `batch` is the one it is moved in, if any.

    Raises:
        NotFound, Forbidden: see `plan`.
        Invalid: no reason is given.
        NotMovable: something would be lost, or a gate stands in the way; nothing changed.
    """
    officer_id = check_head(actor)
    queries.case(session, actor, case_id)
    running = locking.lock(session, case_id)
    if answer := answered(session.get(Done, checked_key(key)), actor, ("migrated",)):
        return answer
    locking.keep_out(running, officer_id)
    if not reason.strip():
        raise Invalid(errors={"reason": ["请填写迁移的理由。"]})
    target = diagrams.procedure(session, procedure_id)
    found = plan_of(running, target)
    if found.reasons:
        raise NotMovable(found.reasons)
    case = running.case
    after = _attributes(target.rules, case.attributes)
    case.monitor = monitoring.carried(running, target, after)
    trail.forget(running)
    case.procedure_id = target.id
    case.attributes = after
    case.state = engine.with_attributes(case.state, case.attributes)
    _rename(session, target, case.id)
    session.flush()
    detail: dict[str, Any] = {"from": found.version, "to": found.target, "reason": reason.strip()[:500]}
    if batch is not None:
        detail["batch"] = batch
    moved = locking.lock(session, case_id)
    acts.note(moved, actor, "case.migrated", {**detail, "changes": list(found.changes)})
    message = f"案件 {case.no} 已迁移到{target.name}第 {target.number} 版。"
    return remember(session, actor, key, ActResult("migrated", case.id, 0, message, [], []))


def check_head(actor: Actor) -> int:
    """The officer behind a head of an agency, who alone decides that a case moves.

    Raises:
        Forbidden: the person is none.
    """
    officer_id = officer_of(actor)
    if not actor.positions & HEADS:
        raise Forbidden("案件迁移由本机关分管负责人或者主要负责人决定。")
    return officer_id


def plan_of(running: Running, target: diagrams.Procedure) -> Plan:
    """What moving this case would do, whoever asks; nothing is changed."""
    reasons = list(_reasons(running, target))
    changes = [] if reasons else list(_changes(running, target))
    return Plan(running.procedure.version, target.version, tuple(dict.fromkeys(reasons)), tuple(changes))


def _reasons(running: Running, target: diagrams.Procedure) -> Iterator[str]:
    session, case, source = running.session, running.case, running.procedure
    if case.closed_at is not None:
        yield "案件已经办结归档"
    if target.key != source.key:
        yield f"“{target.name}”是另一个流程"
        return
    if target.id == source.id:
        yield "案件已经在这一版本上"
        return
    if not diagrams.in_force(target):
        yield f"新版本自 {target.effective_on:%Y-%m-%d} 起施行，还没有生效"
    spec = locking.spec_of(target)
    yield from engine.obstacles(running.spec, spec, case.state)
    waiting = stepping.open_work(session, case.id)
    if any(w.status == WorkStatus.COSIGN for w in waiting):
        yield "有任务正在等待协办人员确认，请先确认或者退回"
    if any(w.status == WorkStatus.SIGNING for w in waiting):
        yield "有任务正在等待会签，请先完成或者撤销会签"
    if case.late is not None:
        yield "刚刚届满的期限内还可能补登当事人意见，请在下一环节办结后迁移"
    known = {info.attributes.get("step") for info in engine.nodes(spec).values()}
    for step in sorted(set(case.passed) - known):
        yield f"已经经过的法定环节“{step}”在新版本中不存在"
    used = session.scalars(
        select(WorkItem.form)
        .join(Submission, Submission.work_item_id == WorkItem.id)
        .where(Submission.case_id == case.id, WorkItem.case_id == case.id)
        .distinct()
    ).all()
    yield from (f"已经使用的表单“{form}”在新版本中不存在" for form in used if form not in target.forms)
    yield from _answers_lost(running, target, [form for form in used if form in target.forms])
    yield from gates_lost(source, target)
    yield from _values_lost(running, target.rules)
    yield from _behind(running, target, spec, waiting)
    attributes = _attributes(target.rules, case.attributes)
    for name in monitoring.newly_broken(running, target, attributes, [work.step for work in waiting]):
        yield f"按新版本，本案不符合“{name}”"


def _answers_lost(running: Running, target: diagrams.Procedure, used: Sequence[str]) -> Iterator[str]:
    """Answers that were given and that the other version's form would not know. By what the forms ask for: only
    where they differ is anything read that was handed in."""
    for name in used:
        lost = _questions(running.procedure, name).items() - _questions(target, name).items()
        if not lost:
            continue
        form = stepping.form_named(running.procedure, name)
        chosen = select(Submission.data).join(WorkItem, WorkItem.id == Submission.work_item_id)
        mine = (Submission.case_id == running.case.id, WorkItem.case_id == running.case.id)
        for data in running.session.scalars(chosen.where(*mine, WorkItem.form == name)):
            for key in sorted(key for key, _ in lost if _given(data, key)):
                yield f"“{form.title}”中已经填写的“{_label(form, key)}”在新版本中不存在或者改变了类型"


def _questions(procedure: diagrams.Procedure, name: str) -> Mapping[str, str]:
    """What a form asks for, with the type of each answer; columns of a table as `table.column`."""
    found = {}
    for item in stepping.form_named(procedure, name).keyed():
        found[item.key] = item.type
        for column in getattr(item, "columns", ()):
            found[f"{item.key}.{column.key}"] = column.type
    return found


def _given(data: Mapping[str, Any], key: str) -> bool:
    item, _, column = key.partition(".")
    value = data.get(item)
    if column:
        return any(row.get(column) not in EMPTY for row in value or ())
    return value not in EMPTY


def _label(form: forms.Form, key: str) -> str:
    item, _, column = key.partition(".")
    found = form.item(item)
    inner = next((each.label for each in getattr(found, "columns", ()) if each.key == column), "")
    return f"{found.label}·{inner}" if inner else found.label


_lost: dict[tuple[str, str], tuple[str, ...]] = {}
"""What `_gates_lost` found, by the digests of both versions. Only a cache: versions never change."""


def gates_lost(old: diagrams.Procedure, new: diagrams.Procedure) -> tuple[str, ...]:
    """The gates of one version that another lacks, in Chinese; the same for every case."""
    key = (old.digest, new.digest)
    if key not in _lost:
        _lost[key] = tuple(_gates_lost(old.rules, new.rules))
    return _lost[key]


def _gates_lost(old: Rules, new: Rules) -> Iterator[str]:
    """Gates that hold now and would not: a new version may add gates, never drop or change one."""
    for section, entry in old.declared():
        if entry not in getattr(new, section):
            yield f"新版本缺少现有的闸门（{section}：{entry.message or entry.article}）"
    for section in ("needs", "no_increase", "separation", "abnormal"):
        for entry in getattr(old, section):
            if entry not in getattr(new, section):
                told = getattr(entry, "message", "") or getattr(entry, "name", "")
                yield f"新版本缺少现有的闸门（{section}：{told}）"
    if not set(old.freeze_after) <= set(new.freeze_after):
        yield "新版本缺少“决定后不得补录”的闸门"
    for step, kind in {**old.certificates, "": old.certificate}.items():
        if {**new.certificates, "": new.certificate}.get(step) != kind:
            yield "新版本改变了所需的证件"
    if old.voids != new.voids or old.resets != new.resets:
        yield "新版本改变了环节作废的规则"


def _values_lost(running: Running, new: Rules) -> Iterator[str]:
    old = running.procedure.rules
    for name, attribute in old.attributes.items():
        other = new.attributes.get(name)
        if other is None or (other.type, other.options) != (attribute.type, attribute.options):
            yield f"新版本缺少属性“{attribute.label}”或者改变了它的类型"
            return
    after = _attributes(new, running.case.attributes)
    for name in old.derived:
        if running.case.attributes.get(name) and not after.get(name):
            yield f"按新版本，本案不再是“{old.labels[name]}”"


def _attributes(new: Rules, attributes: Mapping[str, Any]) -> dict[str, Any]:
    kept = {**new.initial(), **{k: v for k, v in attributes.items() if k in new.attributes}}
    return rules.advance_attributes(new, "", kept, {}, stepping.evaluate)


def _behind(running: Running, target: diagrams.Procedure, spec: engine.Spec, waiting: Any) -> Iterator[str]:
    """What the case would have left behind unpassed: in the drawing, and by the gates."""
    passed = set(running.case.passed)
    moved = Running(running.session, running.case, target, spec, running.item, running.at)
    attributes = _attributes(target.rules, running.case.attributes)
    for work in waiting:
        if work.node not in engine.nodes(spec):
            continue
        mine, theirs = engine.unavoidable(running.spec, work.node), engine.unavoidable(spec, work.node)
        for step in sorted(theirs - mine - passed - {work.step}):
            yield f"在新版本中“{work.name}”之前必须经过“{step}”，本案没有经过"
        facts = stepping.facts_of(moved, work, [], attributes, form=stepping.form_of(moved, work), data={})
        if refusal := rules.first_refusal(facts, stepping.evaluate, rules.STANDING_GATES):
            yield f"在新版本中案件越过了闸门：{refusal.message.removesuffix('。')}"


def _changes(running: Running, target: diagrams.Procedure) -> Iterator[str]:
    after = _attributes(target.rules, running.case.attributes)
    yield f"流程版本：{running.procedure.version} → {target.version}"
    for name, value in after.items():
        if running.case.attributes.get(name) != value:
            yield f"{target.rules.labels.get(name, name)}：{running.case.attributes.get(name)} → {value}"
    nodes = engine.nodes(locking.spec_of(target))
    for work in stepping.open_work(running.session, running.case.id):
        if nodes[work.node].name != work.name:
            yield f"任务名称：{work.name} → {nodes[work.node].name}"


def _rename(session: Session, target: diagrams.Procedure, case_id: int) -> None:
    """The waiting tasks bear the new version's names; pages opened before are told that they are out of date."""
    nodes = engine.nodes(locking.spec_of(target))
    chosen = select(WorkItem).where(WorkItem.case_id == case_id, WorkItem.status == WorkStatus.OPEN)
    for work in session.scalars(chosen):
        work.name = nodes[work.node].name
        work.version += 1
