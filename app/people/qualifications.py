"""证件和培训: certificates are withheld and revoked, training is entered. All by the administrator of the region, kept in
`account_act`, and effective at once (`at_once`). What adds to the roster is proposed instead (`rostering`)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kernel import clock, words
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, Invalid, NotFound

from . import at_once
from .administration import change, officer_of, record
from .directory import officer
from .models import Certificate, Training
from .rules import CERTIFICATE_NAMES, CertificateKind

LONGEST = 200
"""Characters of a reason."""


@dataclass(frozen=True, slots=True)
class NewTraining:
    """Training to enter; `hours` in 学时. `counts_for`: the year, None: that of its day."""

    held_on: date
    topic: str
    organiser: str
    hours: Decimal
    examination: str = ""
    counts_for: int | None = None

    @property
    def year(self) -> int:
        """The year it counts for."""
        return self.counts_for or self.held_on.year


def revoke_certificate(session: Session, actor: Actor, account_id: int, certificate_id: int) -> None:
    """Revoke a certificate from today on.

    Raises:
        NotFound: the officer does not hold it.
    """
    found = _held(session, actor, account_id, certificate_id)
    found.revoked_on = clock.today()
    _keep(session, actor, account_id, "certificate_revoked", found)
    at_once.ended(session, found.officer_id, f"的{_named(found)}已注销")


def suspend_certificate(
    session: Session, actor: Actor, account_id: int, certificate_id: int, until: date | None, reason: str
) -> None:
    """Withhold a certificate (暂扣) from today on, until a day (included) or until further notice (None).

    Raises:
        NotFound: the officer does not hold it. Conflict: it is withheld already.
        Invalid: no reason, or a day that is past.
    """
    found = _held(session, actor, account_id, certificate_id)
    today = clock.today()
    if found.suspended_from and (found.suspended_to is None or found.suspended_to >= today):
        raise Conflict("这份证件已经暂扣。要改变期限的，请先解除暂扣。")
    errors: dict[str, list[str]] = {}
    if not reason.strip():
        errors["reason"] = ["请写明暂扣的理由和决定文号。"]
    elif len(reason.strip()) > LONGEST:
        errors["reason"] = [f"理由不得超过 {LONGEST} 字，现在有 {len(reason.strip())} 字。"]
    if until is not None and until < today:
        errors["until"] = ["暂扣的最后一天不能早于今天。"]
    if errors:
        raise Invalid(errors=errors)
    found.suspended_from, found.suspended_to = today, until
    detail = {"until": until.isoformat() if until else "", "reason": reason.strip()}
    _keep(session, actor, account_id, "certificate_suspended", found, **detail)
    end = f"至{words.day(until)}" if until else ""
    at_once.ended(session, found.officer_id, f"的{_named(found)}自今日起暂扣{end}")


def enter_training(session: Session, actor: Actor, account_id: int, new: NewTraining) -> None:
    """Enter training that an officer took part in.

    Raises:
        Conflict: the same is entered already. Invalid: a day to come, or a year it cannot count for.
    """
    person_id = officer_of(change(session, actor, account_id))
    if problem := training_problem(new):
        raise Invalid(errors=problem)
    if same_training(session, person_id, new) is not None:
        raise Conflict("这次培训已经登记。")
    add_training(session, actor.account_id, person_id, new)
    record(session, actor, account_id, "training_entered", _training_words(new))


def training_problem(new: NewTraining) -> dict[str, list[str]]:
    """What is wrong with training to be entered, by field."""
    if new.held_on > clock.today():
        return {"held_on": ["只登记已经参加的培训。"]}
    if new.year not in (new.held_on.year, new.held_on.year - 1):
        return {"counts_for": ["培训计入举办的年度；补训可以计入上一年度。"]}
    return {}


def same_training(session: Session, officer_id: int, new: NewTraining) -> Training | None:
    """The same training as it is entered already."""
    same = (Training.officer_id == officer_id, Training.held_on == new.held_on, Training.topic == new.topic)
    return session.scalar(select(Training).where(*same))


def add_training(session: Session, account_id: int | None, officer_id: int, new: NewTraining) -> None:
    """The row of training, entered by an account (None: from the command line)."""
    session.add(
        Training(
            officer_id=officer_id,
            held_on=new.held_on,
            topic=new.topic,
            organiser=new.organiser,
            hours=new.hours,
            examination=new.examination,
            counts_for=new.year,
            entered_by=account_id,
            entered_at=clock.now(),
        )
    )
    session.flush()


def _training_words(new: NewTraining | Training) -> dict[str, str]:
    return {"topic": new.topic, "hours": str(new.hours), "held_on": new.held_on.isoformat()}


def remove_training(session: Session, actor: Actor, account_id: int, training_id: int, reason: str) -> None:
    """Take back training that was entered wrongly; what was entered stays in the account's history.

    Raises:
        NotFound: the officer has no such training. Invalid: no reason.
    """
    person_id = officer_of(change(session, actor, account_id))
    found = session.get(Training, training_id)
    if found is None or found.officer_id != person_id:
        raise NotFound("没有找到这次培训。")
    if not 2 <= len(reason.strip()) <= LONGEST:
        raise Invalid(errors={"training_reason": [f"请写明撤销登记的理由（2 至 {LONGEST} 字）。"]})
    before = officer(session, person_id).barred
    session.delete(found)
    record(
        session, actor, account_id, "training_removed", _training_words(found) | {"reason": reason.strip()}
    )
    session.flush()
    now = officer(session, person_id).barred
    if now and not before:
        at_once.ended(session, person_id, f"的{'；'.join(sorted({why for _, why in now}))}，不得办案")


def training_of(session: Session, officer_id: int) -> list[Training]:
    """The training of an officer, the newest first."""
    chosen = select(Training).where(Training.officer_id == officer_id)
    return list(session.scalars(chosen.order_by(Training.held_on.desc(), Training.id.desc())))


def hours_of(session: Session, officer_ids: list[int], year: int) -> dict[int, Decimal]:
    """学时 of training that counts for a year by officer; who has none is left out."""
    chosen = select(Training.officer_id, func.sum(Training.hours)).where(
        Training.officer_id.in_(officer_ids), Training.counts_for == year
    )
    return dict(session.execute(chosen.group_by(Training.officer_id)).tuples().all())


def _held(session: Session, actor: Actor, account_id: int, certificate_id: int) -> Certificate:
    person_id = officer_of(change(session, actor, account_id))
    found = session.get(Certificate, certificate_id)
    if found is None or found.officer_id != person_id or found.revoked_on is not None:
        raise NotFound("没有找到这份有效的证件。")
    return found


def _named(found: Certificate) -> str:
    return f"{CERTIFICATE_NAMES[CertificateKind(found.kind)]}（{found.number}）"


def _keep(session: Session, actor: Actor, account_id: int, act: str, found: Certificate, **more: str) -> None:
    record(session, actor, account_id, act, {"kind": found.kind, "number": found.number, **more})
