"""What the steps of an item's cases do to its version. Carried out inside the transaction of the step (`app/flow.py`):
whoever refuses here refuses the whole act. The diagrams say when (`xq:action`), this module says how, and that nothing
but what the legal office has examined ever counts.

The agency's case is locked before the version's row, the legal office's case too; neither locks the other's case. What
the legal office signs is written on the version and taken to the agency's case by a job.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.cases import service as cases
from app.catalogue import service as catalogue
from app.catalogue.models import ItemVersion, VersionState
from app.diagrams import service as diagrams
from app.kernel import clock, jobs
from app.kernel.errors import Invalid, Refused
from app.kernel.events import StepCompleted
from app.people import service as people

from . import drawing, lead, offices, sending, signing

ARTICLE = "《规范行政权力网上运行的规定》九（二）、九（五）：审核后公布并调整职权数据库（S4-16、S4-22）"
AGAIN = "请在权力事项页面重新送审。"
STATED = ("power_name", "code", "change", "version", "revision", "fingerprint", "basis", "changes")
ANSWER = "items.answer"
SAID = ("conclusion", "opinion", "effective_on")
"""What of the signed opinion is the answer."""


def refused(message: str, code: str) -> Refused:
    return Refused(message, code=code, article=ARTICLE)


def on_step(session: Session, event: StepCompleted) -> None:
    """Carry out the named actions of this room, in the order in which the diagram asks for them.

    Raises:
        Refused: what is sent in is not the draft, or what would count is not what was examined.
        Invalid: a day is too early.
    """
    for action in event.actions:
        if act := _ACTS.get(action):
            act(session, event)


def after_record(session: Session, event: StepCompleted) -> None:
    """Open the legal office's case, an act of its own, once the step is on record."""
    if "items.apply" in event.actions:
        _apply(session, event)


def _freeze(session: Session, event: StepCompleted) -> None:
    """Lock the version that was sent in, if the form states just what it is."""
    version = catalogue.versions.locked(session, int(event.data.get("version") or 0))
    if version.agency_id != event.agency_id or version.state not in drawing.EDITABLE:
        raise refused(f"这个事项版本不是本机关的，或者正在审核、已经结束。{AGAIN}", "item_draft")
    if version.case_id not in (None, event.case_id):
        raise refused("退回修改后应当在原来的案件中重新送审。", "item_draft")
    if version.case_id is None and catalogue.versions.of_case(session, event.case_id) is not None:
        raise refused("退回修改后应当重新送审同一个事项版本。", "item_draft")
    stated = sending.statement(session, version)
    if any(_plain(event.data.get(name)) != _plain(stated[name]) for name in STATED):
        raise refused(f"填报的内容与事项草稿现在的内容不一致。{AGAIN}", "item_changed")
    version.state, version.digest = VersionState.REVIEW, stated["fingerprint"]
    version.case_id, version.case_no = event.case_id, str(event.context["case"]["no"])
    version.reason = str(event.data.get("reason") or "")
    version.effective_on = date.fromisoformat(str(event.data["effective_on"]))
    version.answer = version.signed = None
    session.flush()


def _plain(value: Any) -> Any:
    """A value without what a form leaves out when it is empty."""
    if isinstance(value, Mapping):
        return {k: plain for k, inner in value.items() if (plain := _plain(inner)) not in ("", [], None)}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value if value is not None else []


def _sign(session: Session, event: StepCompleted) -> None:
    """Who answers for what is reported has signed it (S0-10)."""
    signing.sign(session, _mine(session, event, VersionState.REVIEW), event)


def _apply_checked(session: Session, event: StepCompleted) -> None:
    """Applied for in time: the working days that the rule set asks for lie before the day, or it says why not."""
    version = _mine(session, event, VersionState.REVIEW)
    day = date.fromisoformat(str(event.data["effective_on"]))
    today = clock.legal_day(event.at)
    working = lead.days(diagrams.by_name(session, event.procedure).rules)
    first = lead.first_day(session, event.region, today, working)
    urgent = event.data.get("urgent") == "yes"
    if day <= today or (day < first and not urgent):
        raise Invalid(
            errors={
                "effective_on": [
                    f"自今天申报，最早可以自 {first.year}年{first.month}月{first.day}日起生效"
                    f"（生效前 {working} 个工作日申报）。请改为这一天以后；"
                    "依据公布即施行、来不及的，请选择紧急调整并写明原因。"
                ]
            }
        )
    version.urgent = urgent and day < first
    version.effective_on, version.state = day, VersionState.AUDIT
    session.flush()


def _apply(session: Session, event: StepCompleted) -> None:
    version = _mine(session, event, VersionState.AUDIT)
    office = offices.reviewing(session, event.agency_id)
    matter = str(event.data.get("matter") or version.name)
    version.audit_case_id = cases.send_on(session, event, office.agency_id, office.item, matter).case_id
    session.flush()


def _reply(session: Session, event: StepCompleted) -> None:
    """The legal office has signed: its opinion waits for the agency's case to take it up."""
    version = catalogue.versions.of_case(session, event.case_id, lock=True)
    if version is None or version.audit_case_id != event.case_id or version.state != VersionState.AUDIT:
        raise refused("没有与本案对应的申报，或者申报机关的案件有了变化，不能回复。", "item_reply")
    stated = event.context["forms"]
    if not any(
        form.get("fingerprint") == version.digest for form in stated.values() if isinstance(form, Mapping)
    ):
        raise refused("审查的内容与申报机关送审的内容不一致，不能回复。", "item_changed")
    answer = {name: event.data.get(name) for name in SAID}
    if answer["effective_on"]:
        _day_of_reply(version, date.fromisoformat(str(answer["effective_on"])), event)
    agency = people.agency(session, event.agency_id)
    version.answer = {**answer, "review_no": event.context["case"]["no"], "reviewer": agency.name}
    payload = {"version": version.id, "officer": event.actor_id}
    jobs.enqueue(session, ANSWER, payload, key=f"{ANSWER}:{event.case_id}")
    session.flush()


def _day_of_reply(version: ItemVersion, day: date, event: StepCompleted) -> None:
    if day <= clock.legal_day(event.at):
        raise Invalid(errors={"effective_on": ["生效日期应当晚于今天。"]})
    asked = version.effective_on
    if asked and asked > clock.legal_day(event.at) and day < asked:
        raise Invalid(
            errors={
                "effective_on": [f"不得早于申报的拟生效日期（{asked.year}年{asked.month}月{asked.day}日）。"]
            }
        )


def answer_job(session: Session, payload: Mapping[str, Any]) -> None:
    """Take the signed opinion to the agency's case. Where it was registered by hand meanwhile, nothing is left to do."""
    version = session.get_one(ItemVersion, int(payload["version"]))
    if version.answer is None or version.case_id is None:
        return
    answers = {name: value for name, value in version.answer.items() if value}
    cases.arrive(session, version.case_id, int(payload["officer"]), answers)


def _answered(session: Session, event: StepCompleted, conclusion: str = "") -> ItemVersion:
    """The version of this case, its answer taken up: what was entered must be what the legal office signed."""
    version = _mine(session, event, VersionState.AUDIT)
    if version.answer is None:
        raise refused("合法性审核机关还没有签发意见，不能登记审核回复。", "item_answer")
    if any(_plain(event.data.get(name)) != _plain(value) for name, value in version.answer.items()):
        raise refused("登记的审核回复与合法性审核机关签发的意见不一致，请按签发的意见登记。", "item_answer")
    return version


def _thaw(session: Session, event: StepCompleted) -> None:
    """Back to the agency, to be changed and sent in again in the same case."""
    _give_back(session, event, VersionState.RETURNED)


def _release(session: Session, event: StepCompleted) -> None:
    """Nothing comes of it: refused, or withdrawn."""
    _give_back(session, event, VersionState.ENDED)


def _give_back(session: Session, event: StepCompleted, state: VersionState) -> None:
    version = catalogue.versions.of_case(session, event.case_id, lock=True)
    if version is None:  # withdrawn before anything was sent in
        return
    if version.state == VersionState.AUDIT:
        version = _answered(session, event)
        version.answer = None
    version.state, version.updated_at = state, event.at
    version.revision += 1
    session.flush()


def _publish(session: Session, event: StepCompleted) -> None:
    """Make exactly what was examined count from its day on. Publishing and the register are one act."""
    version = _answered(session, event)
    if not catalogue.versions.digest_of(version) == version.digest or version.case_id != event.case_id:
        raise refused("将要公布的内容与审核的内容不一致，不能公布。请报告系统管理员。", "item_changed")
    day = date.fromisoformat(str((version.answer or {})["effective_on"]))
    catalogue.versions.approve(session, version, max(day, catalogue.versions.earliest(event.at)), event.at)
    version.answer = None
    catalogue.publish_baseline(session, version)
    session.flush()


def _mine(session: Session, event: StepCompleted, state: VersionState) -> ItemVersion:
    version = catalogue.versions.of_case(session, event.case_id, lock=True)
    if version is None or version.case_id != event.case_id or version.state != state:
        raise refused("没有与本案对应的送审内容，或者它已经有了变化，不能办理。", "item_draft")
    return version


_ACTS: Mapping[str, Callable[[Session, StepCompleted], None]] = {
    "items.freeze": _freeze,
    "items.thaw": _thaw,
    "items.release": _release,
    "items.sign": _sign,
    "items.apply": _apply_checked,
    "items.publish": _publish,
    "items.reply": _reply,
}


def register_jobs() -> None:
    """Let the worker take answers to the agencies' cases."""
    jobs.register(ANSWER, answer_job)
