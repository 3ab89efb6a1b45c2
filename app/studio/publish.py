"""Sending a draft in, and what there is to see of it: for the analyst, and for those who examine it."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cases import service as cases
from app.catalogue import service as catalogue
from app.diagrams import service as diagrams
from app.diagrams.models import Draft, Publication, PublicationStatus
from app.engine import service as engine
from app.inbox import service as inbox
from app.kernel import clock
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, Invalid, NotFound, Refused
from app.people import service as people

from . import publish_acts
from .publish_acts import FORM
from .register import REGISTER

ITEM_PROCEDURE: str = REGISTER["procedure"]
"""Of the power item on which procedures are sent in; which it is stands in the catalogue, not here."""
SHOWN = 12
"""How many changes the task page lists."""
STATUS_WORDS: Mapping[str, tuple[str, str]] = {
    "review": ("审核中", "warn"),
    "returned": ("退回修改", "danger"),
    "ended": ("已结束，未公布", ""),
    "published": ("已公布", "ok"),
}
"""Word and tone of where a publication stands."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the way to publication: who does it, within what time."""

    name: str
    position: str
    people: tuple[str, ...]
    limit: str
    certificate: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a publication stands. `work` are the waiting tasks (name, position), `withdraw` the task by which
    this person may take it back, `steps` what was done, newest first."""

    row: Publication
    word: str
    tone: str
    case: cases.Case
    work: Sequence[tuple[str, str]]
    withdraw: int | None
    steps: Sequence[cases.StepView]
    due: str


def item_of(session: Session, agency_id: int) -> catalogue.Item:
    """The agency's item on which procedures are sent in.

    Raises:
        Refused: it has none.
    """
    for row in catalogue.items_of(session, agency_id):
        if row.procedure == ITEM_PROCEDURE:
            return catalogue.item(session, row.id)
    raise Refused(
        "本机关的权力事项中没有“行政权力运行流程审核发布”，不能送审。"
        "请系统管理员用 script/xq items load 录入适用流程 governance/publication 的事项。",
        code="publication_item",
    )


def stages(session: Session, agency_id: int) -> list[Stage]:
    """The way a draft goes, step by step, with those of the agency who may do each."""
    try:
        procedure = diagrams.current(session, item_of(session, agency_id).procedure)
    except (NotFound, Refused):
        return []
    names = people.position_names(session)
    staff = people.officers_at(session, agency_id)
    found = []
    for node in engine.nodes(cases.spec_of(procedure)).values():
        if node.kind != "user":
            continue
        step = node.attributes.get("step", "")
        certificate = procedure.rules.certificates.get(step, "")
        able = [
            card.name
            for card in staff
            if node.position in card.positions
            and (not certificate or any(c.kind == certificate for c in card.certificates))
        ]
        found.append(
            Stage(
                node.name,
                names.get(node.position, node.position),
                tuple(able),
                node.attributes.get("limit", ""),
                certificate,
            )
        )
    return found


def newest(session: Session, draft: Draft) -> Publication | None:
    """The publication of a draft that was begun last."""
    chosen = select(Publication).where(Publication.draft_id == draft.id)
    return session.scalar(chosen.order_by(Publication.id.desc()).limit(1))


def of_case(session: Session, actor: Actor, case_id: int) -> Publication:
    """What a case is about to publish, for somebody who may see the case.

    Raises:
        NotFound: there is no such case for this person, or nothing was sent in with it.
    """
    cases.case(session, actor, case_id)
    found = session.scalar(select(Publication).where(Publication.case_id == case_id))
    if found is None:
        raise NotFound("这个案件没有送审的流程。")
    return found


def tree_of(session: Session, row: Publication) -> dict[str, str]:
    """The texts that were sent in."""
    return diagrams.drafts.texts(session, row.tree)


def standing(session: Session, actor: Actor, row: Publication) -> Standing:
    """Where a publication stands, for somebody who may see its case.

    Raises:
        NotFound: the case does not exist for this person.
    """
    case = cases.case(session, actor, row.case_id)
    view = cases.case_view(session, actor, case)
    word, tone = STATUS_WORDS[row.status]
    mine = [event.work.id for event in view.events if event.mine]
    due = next((waiting.due.words for waiting in view.waiting if waiting.due), "")
    work = [(waiting.work.name, waiting.position) for waiting in view.waiting]
    return Standing(row, word, tone, case, work, mine[0] if mine else None, view.steps, due)


@dataclass(frozen=True, slots=True)
class Given:
    """What the analyst writes when sending a draft in."""

    basis: str
    reason: str
    effective_on: str

    def checked(self) -> "Given":
        """The same, if it is complete.

        Raises:
            Invalid: names every field that is wrong.
        """
        errors: dict[str, list[str]] = {}
        for name, label, most in (("basis", "流程变动的依据", 4000), ("reason", "变动理由", 4000)):
            text = getattr(self, name)
            if not text.strip():
                errors[name] = [f"请填写{label}。"]
            elif len(text) > most:
                errors[name] = [f"{label}不超过 {most} 字。"]
        try:
            day = date.fromisoformat(self.effective_on)
        except ValueError:
            errors["effective_on"] = ["请填写拟施行日期，例如 2026-12-31。"]
        else:
            if day < clock.today():
                errors["effective_on"] = ["拟施行日期不能早于今天。"]
        if errors:
            raise Invalid(errors=errors)
        return self


def send(
    session: Session, actor: Actor, draft_id: int, revision: int, key: str, given: Given
) -> cases.ActResult:
    """Send a draft in: open its case, or go on with the one that was returned. A repeated request gets the same
    answer.

    Raises:
        NotFound: the draft does not exist for this person.
        Conflict: it was changed since the person looked, or is under review.
        Invalid: basis, reason or day are missing.
        Refused: it is not ready; every reason is named.
    """
    draft = diagrams.drafts.draft(session, actor, draft_id)
    if done := cases.done(session, actor, key):
        return cases.ActResult(**done)
    if draft.status == "review":
        raise Conflict("这份草稿已经送审，请在本页查看进度。", code="draft_review")
    if draft.status != "editing":
        raise Conflict("这份草稿已经结束，不能送审。需要时请以它为基础新建草稿。", code="draft_over")
    if draft.revision != revision:
        raise Conflict(
            "草稿在您打开本页以后又有修改，请刷新后重新查看检查结果，再送审。", code="draft_changed"
        )
    given.checked()
    found = publish_acts.checked(session, draft)
    stated = publish_acts.statement(draft, found)
    data = {
        **stated,
        "matter": f"“{stated['name']}”流程变动审核",
        "basis": given.basis,
        "reason": given.reason,
        "effective_on": given.effective_on,
    }
    work_item_id, version = _task(session, actor, draft, key)
    return cases.hand_in(session, actor, work_item_id, version, key, lambda *_: data)


def _task(session: Session, actor: Actor, draft: Draft, key: str) -> tuple[int, int]:
    """The task in which it is handed in: of the case that was returned, else of a new one."""
    row = newest(session, draft)
    if row is not None and row.status == PublicationStatus.RETURNED:
        waiting = [work for work in cases.open_work(session, row.case_id) if work.form == FORM]
        if not waiting:
            raise Conflict("这份草稿的送审案件有了变化，请刷新后查看。", code="moved_on")
        return waiting[0].id, waiting[0].version
    opened_by = hashlib.sha256(f"open {key}".encode()).hexdigest()[:40]
    item = item_of(session, actor.agency_id)
    result = cases.open_case(session, actor, item.id, opened_by)
    return result.work_item_id, 1


@dataclass(frozen=True, slots=True)
class VersionView:
    """A published version as the studio lists it."""

    id: int
    number: int
    whence: str
    case_id: int | None
    published_at: datetime
    effective_on: date | None
    state: str
    tone: str


@dataclass(frozen=True, slots=True)
class ProcedureView:
    """A published procedure with its versions, newest first."""

    key: str
    name: str
    versions: Sequence[VersionView]


def procedures(session: Session, actor: Actor) -> Iterator[ProcedureView]:
    """Every published procedure. A case is linked where it is the analyst's own agency's."""
    today = clock.today()
    mine = set(session.scalars(select(Publication.case_id).where(Publication.agency_id == actor.agency_id)))
    rows = diagrams.versions(session)
    for key in dict.fromkeys(row.key for row in rows):
        versions = [row for row in rows if row.key == key]
        in_force = next((v.id for v in versions if v.effective_on is None or v.effective_on <= today), None)
        yield ProcedureView(
            key,
            versions[0].name,
            [
                VersionView(
                    v.id,
                    v.number,
                    cases.whence(v.origin, v.note),
                    v.case_id if v.case_id in mine else None,
                    v.published_at,
                    v.effective_on,
                    *_state(v, v.id == in_force, today),
                )
                for v in versions
            ],
        )


def _state(version: diagrams.VersionRow, in_force: bool, today: date) -> tuple[str, str]:
    if in_force:
        return "现行", "ok"
    if version.effective_on is not None and version.effective_on > today:
        return "未施行", "info"
    return "旧版", ""


def case_file(session: Session, case_id: int) -> dict[str, bytes]:
    """What a case's exported file holds of its publication, by path: the whole account of the proof, the results of
    the saved runs, the changes, and the content itself as a ZIP. Nothing for other cases."""
    row = session.scalar(select(Publication).where(Publication.case_id == case_id))
    if row is None:
        return {}
    told = {
        "key": row.key,
        "digest": row.digest,
        "proof": row.account,
        "runs": row.runs,
        "changes": row.changes,
    }
    tree = tree_of(session, row)
    _, content = cases.package_of_tree(tree, row.key, name_of(row, tree), f"case{case_id}")
    return {
        "publication/account.json": json.dumps(told, ensure_ascii=False, sort_keys=True, indent=1).encode()
        + b"\n",
        "publication/content.zip": content,
    }


def overtaken(session: Session, draft: Draft) -> str:
    """What was published since the draft was begun, in words; empty: nothing. What others changed there would be
    undone by it."""
    since = [v for v in diagrams.versions(session, draft.key) if draft.base_id and v.id > draft.base_id]
    return f"建立草稿以后又发布了第 {'、'.join(str(v.number) for v in reversed(since))} 版" if since else ""


def name_of(row: Publication, tree: Mapping[str, str]) -> str:
    """The name of the procedure that was sent in."""
    try:
        return str(diagrams.from_tree(tree, row.key).rules.get("name") or row.key)
    except Invalid:
        return row.key


def annex(session: Session, case_id: int) -> inbox.Annex | None:
    """What lies beside the tasks of a publication: what is to be published, in short, and the whole of it."""
    row = session.scalar(select(Publication).where(Publication.case_id == case_id))
    if row is None:
        return None
    points = [(change["part"], change["text"]) for change in row.changes[:SHOWN]]
    if rest := len(row.changes) - SHOWN:
        points += [("", f"另有 {rest} 处变化")] if rest > 0 else []
    return inbox.Annex(
        "送审内容",
        summary(row),
        points,
        "查看流程图、证明报告、试运行和全部变化",
        url_for("studio.publication", case_id=case_id),
    )


def summary(row: Publication) -> list[tuple[str, str]]:
    """What is to be published, in a few lines, for the task page of those who examine it."""
    runs, day = row.runs, row.effective_on
    failed = sum(not run["passed"] for run in runs)
    told = (
        "没有保存试运行"
        if not runs
        else f"{len(runs)} 个，{'全部通过' if not failed else f'{failed} 个不通过'}"
    )
    account: Mapping[str, Any] = row.account
    findings = len(account.get("findings", ()))
    proof = (
        "已证明" if account.get("proven") else "没有阻断问题" if account.get("publishable") else "有阻断问题"
    )
    return [
        ("流程代码", row.key),
        ("内容摘要", row.digest[:16]),
        ("证明", f"{proof}，{account.get('states', 0)} 个状态，提醒和不能证明的 {findings} 项"),
        ("试运行", told),
        ("施行日期", f"{day.year}年{day.month}月{day.day}日" if day else "未定"),
    ]
