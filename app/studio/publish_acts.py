"""What the steps of a publication do to the draft: lock it, give it back, make it a version.

Carried out inside the transaction of the step (`app/flow.py`): whoever refuses here refuses the whole act. The diagram
says when (`xq:action`), this module says how, and that nothing but the approved content ever becomes a version.
"""

import hashlib
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cases import service as cases
from app.diagrams import service as diagrams
from app.diagrams.models import Draft, Publication, PublicationStatus
from app.kernel import clock
from app.kernel.errors import Invalid, Refused
from app.kernel.events import StepCompleted

from . import publish_checks
from .publish_checks import Check
from .register import REGISTER

ARTICLE = "《规范行政权力网上运行的规定》八：流程变动经审核方可发布（S4-8、S4-24、S4-51）"
AGAIN = "请在流程工作室的“送审发布”页面重新送审。"
FORM: str = REGISTER["form"]
STATED = ("procedure", "name", "draft", "revision", "fingerprint", "verdict", "findings", "runs", "changes")
"""What the platform writes into the form; the analyst writes the rest."""


def refused(message: str, code: str) -> Refused:
    return Refused(message, code=code, article=ARTICLE)


def on_step(session: Session, event: StepCompleted) -> None:
    """Carry out the named actions of this room, in the order in which the diagram asks for them.

    Raises:
        Refused: the draft is not what is sent in, or what was approved is not what would be published.
    """
    for action in event.actions:
        if act := _ACTS.get(action):
            act(session, event)


def statement(draft: Draft, found: Check) -> dict[str, Any]:
    """The part of the form that the platform writes.

    Raises:
        Refused: it may not be sent in; every reason is named.
    """
    if found.bundle is None or not found.ready:
        listed = "；".join(found.obstacles)
        raise refused(f"流程还不能送审：{listed}。请改正后再送审。", "publication_unready")
    return {
        "procedure": draft.key,
        "name": str(found.bundle.rules.get("name", draft.name))[:100],
        "draft": draft.id,
        "revision": draft.revision,
        "fingerprint": found.bundle.digest,  # not `digest`: that is what the record calls a file
        **publish_checks.told(found),
    }


def checked(session: Session, draft: Draft) -> Check:
    """The check of a draft as it stands, against the version in force."""
    tree = diagrams.drafts.texts(session, draft.tree)
    base = base_tree(session, cases.standing_id(session, draft.key))
    return publish_checks.check(session, draft.key, tree, base, draft.origin_id)


def base_tree(session: Session, version_id: int | None) -> Mapping[str, str]:
    """The texts of the version with which a draft is compared; empty where there is none."""
    return diagrams.to_tree(diagrams.bundle_of(session, version_id)) if version_id else {}


def _freeze(session: Session, event: StepCompleted) -> None:
    """Lock the draft that was sent in, if the form states just what it is."""
    draft = session.get(
        Draft, int(event.data.get("draft") or 0), with_for_update=True, populate_existing=True
    )
    if draft is None or draft.agency_id != event.agency_id:
        raise refused(f"没有这份流程草稿，或者它属于其他机关。{AGAIN}", "not_sent_in")
    if draft.status != "editing":
        raise refused("这份草稿正在审核或者已经结束，不能再次送审。", "not_sent_in")
    found = checked(session, draft)
    stated = statement(draft, found)
    if any(_plain(event.data.get(name)) != _plain(stated[name]) for name in STATED):
        raise refused(f"填报的内容与草稿现在的内容不一致。{AGAIN}", "publication_changed")
    base_id, kept = cases.standing_id(session, draft.key), publish_checks.kept(found)
    row = _row(session, event)
    if row is not None and row.draft_id != draft.id:
        raise refused("退回修改后应当重新送审同一份草稿。", "not_sent_in")
    new = row is None
    if row is None:
        row = Publication(case_id=event.case_id, case_no=str(event.context["case"]["no"]))
        row.agency_id, row.draft_id = event.agency_id, draft.id
    row.key, row.status, row.base_id = draft.key, PublicationStatus.REVIEW, base_id
    row.revision, row.tree, row.digest = draft.revision, dict(draft.tree), stated["fingerprint"]
    row.account, row.runs, row.changes = kept["account"], kept["runs"], kept["changes"]
    row.effective_on = date.fromisoformat(str(event.data["effective_on"]))
    row.sent_at, row.sent_by = event.at, event.actor_name
    if new:
        session.add(row)
    draft.status = "review"
    session.flush()


def _plain(value: Any) -> Any:
    """A value without what a form leaves out when it is empty."""
    if isinstance(value, Mapping):
        return {
            name: plain for name, inner in value.items() if (plain := _plain(inner)) not in ("", [], None)
        }
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value if value is not None else []


def _thaw(session: Session, event: StepCompleted) -> None:
    """Back to the analyst, to be changed and sent in again in the same case."""
    _give_back(session, event, PublicationStatus.RETURNED)


def _release(session: Session, event: StepCompleted) -> None:
    """The case ends without a version; the draft can be worked on, and sent in anew."""
    _give_back(session, event, PublicationStatus.ENDED)


def _give_back(session: Session, event: StepCompleted, status: PublicationStatus) -> None:
    row = _row(session, event)
    if row is None:  # withdrawn before anything was sent in
        return
    row.status = status
    if status is PublicationStatus.ENDED:
        row.ended_at = event.at
    draft = session.get_one(Draft, row.draft_id, with_for_update=True, populate_existing=True)
    if draft.status == "review":
        draft.status = "editing"
    session.flush()


def _publish(session: Session, event: StepCompleted) -> None:
    """Make exactly what was approved a version. The proof and the saved runs are run again, here."""
    row = _row(session, event)
    if row is None or row.status != PublicationStatus.REVIEW:
        raise refused("没有正在审核的送审内容，不能公布。", "not_sent_in")
    draft = session.get_one(Draft, row.draft_id, with_for_update=True, populate_existing=True)
    tree = _as_sent(session, row)
    approved = str(event.context["forms"].get(FORM, {}).get("fingerprint", ""))
    found = publish_checks.check(session, row.key, tree, {}, draft.origin_id, anew=True)
    if found.bundle is None or not found.bundle.digest == row.digest == approved or draft.status != "review":
        raise refused(
            "将要公布的内容与审核的内容不一致，不能公布。请退回修改，由流程配置岗重新送审。",
            "publication_changed",
        )
    if not found.ready:
        listed = "；".join(found.obstacles)
        raise refused(
            f"公布前重新检查没有通过：{listed}。不能公布，请选择退回修改并写明理由。", "publication_unproven"
        )
    day = date.fromisoformat(str(event.data.get("effective_on") or row.effective_on or clock.today()))
    if day < clock.legal_day(event.at):
        raise Invalid(errors={"effective_on": ["施行日期不能早于今天。"]})
    version = diagrams.publish(
        session,
        found.bundle,
        lambda *_: found.reasons,
        diagrams.approved(event.case_id, row.case_no),
        day,
    )
    row.status, row.version_id, row.effective_on, row.ended_at = (
        PublicationStatus.PUBLISHED,
        version.id,
        day,
        event.at,
    )
    draft.status, draft.updated_at = "published", event.at
    session.flush()


def _as_sent(session: Session, row: Publication) -> dict[str, str]:
    """The texts that were sent in, each checked against its name."""
    try:
        tree = diagrams.drafts.texts(session, row.tree)
    except KeyError:
        tree = {}
    for path, name in row.tree.items():
        if path not in tree or hashlib.sha256(tree[path].encode()).hexdigest() != name:
            raise refused("送审内容已经损坏或者被改动，不能公布。请报告系统管理员。", "publication_changed")
    return tree


def _row(session: Session, event: StepCompleted) -> Publication | None:
    chosen = select(Publication).where(Publication.case_id == event.case_id).with_for_update()
    return session.scalar(chosen.execution_options(populate_existing=True))


_ACTS: Mapping[str, Callable[[Session, StepCompleted], None]] = {
    "diagrams.freeze": _freeze,
    "diagrams.thaw": _thaw,
    "diagrams.release": _release,
    "diagrams.publish": _publish,
}
