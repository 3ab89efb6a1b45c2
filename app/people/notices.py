"""提醒: what officers and the heads of their agency are told about certificates and postings, each of them once."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kernel import clock, jobs, words
from app.kernel.auth import Actor
from app.kernel.errors import NotFound
from app.kernel.navigation import HEADS

from . import directory
from .models import Certificate, Officer, StaffNotice
from .rules import CERTIFICATE_NAMES, CertificateKind, warned_at

EVERY = 6 * 3600
"""Seconds between two looks at the certificates that end."""
SHOWN = 100


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of `data/staff.yaml`."""

    warn_days: tuple[int, ...]


@cache
def figures() -> Figures:
    """The figures as shipped."""
    path = Path(__file__).parent / "data" / "staff.yaml"
    raw: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Figures(tuple(raw["certificates"]["warn_days"]))


def heads_of(session: Session, agency_id: int) -> list[int]:
    """The heads of an agency, by postings of their own."""
    return [card.id for card in directory.officers_at(session, agency_id) if card.own & HEADS]


def tell(session: Session, to: Collection[int], about: int, key: str, told: str) -> None:
    """Tell each of these officers something about one, once for each key."""
    rows = [
        {"to_id": i, "about_id": about, "key": key, "told": told, "at": clock.now()} for i in sorted(set(to))
    ]
    if rows:
        session.execute(insert(StaffNotice).values(rows).on_conflict_do_nothing())


def unread(session: Session, actor: Actor) -> int:
    """How many notices this person has not read."""
    if actor.officer_id is None:
        return 0
    mine = select(func.count()).where(StaffNotice.to_id == actor.officer_id, StaffNotice.read_at.is_(None))
    return session.scalar(mine) or 0


def listed(session: Session, actor: Actor) -> Sequence[StaffNotice]:
    """The newest notices of this person."""
    chosen = select(StaffNotice).where(StaffNotice.to_id == (actor.officer_id or 0))
    return session.scalars(chosen.order_by(StaffNotice.id.desc()).limit(SHOWN)).all()


def mark_read(session: Session, actor: Actor, last: int) -> None:
    """This person has read all notices up to one.

    Raises:
        NotFound: that one is none of theirs.
    """
    newest = session.get(StaffNotice, last)
    if newest is None or newest.to_id != actor.officer_id:
        raise NotFound("没有这条提醒。")
    mine = (
        StaffNotice.to_id == (actor.officer_id or 0),
        StaffNotice.id <= last,
        StaffNotice.read_at.is_(None),
    )
    session.execute(update(StaffNotice).where(*mine).values(read_at=clock.now()))


def look_at_certificates(session: Session, now: datetime) -> None:
    """Tell the holder and the heads of every certificate that ends soon or has ended; periodic work."""
    today, warn = clock.legal_day(now), figures().warn_days
    ending = (
        select(Certificate, Officer)
        .join(Officer, Officer.id == Certificate.officer_id)
        .where(
            Officer.active,
            Certificate.valid_to.between(
                today - timedelta(days=max(warn)), today + timedelta(days=max(warn))
            ),
            or_(Certificate.revoked_on.is_(None), Certificate.revoked_on > today),
        )
        .order_by(Officer.agency_id, Certificate.id)
    )
    heads: dict[int, list[int]] = {}
    for paper, person in session.execute(ending).tuples().all():
        last = paper.valid_to or today  # never without one: asked for above
        step = warned_at(last, today, warn)
        if step is None or _renewed(session, paper, last):
            continue
        if person.agency_id not in heads:
            heads[person.agency_id] = heads_of(session, person.agency_id)
        key = f"certificate:{paper.id}:{last:%Y%m%d}:{step}"
        tell(session, [person.id, *heads[person.agency_id]], person.id, key, _told(paper, person, today))


def _renewed(session: Session, paper: Certificate, last: date) -> bool:
    """Whether the officer has another certificate of the kind that goes on after the last day."""
    later = select(Certificate.id).where(
        Certificate.officer_id == paper.officer_id,
        Certificate.kind == paper.kind,
        Certificate.id != paper.id,
        Certificate.valid_from <= last + timedelta(days=1),
        or_(Certificate.valid_to.is_(None), Certificate.valid_to > last),
        Certificate.revoked_on.is_(None),
    )
    return session.scalar(later.limit(1)) is not None


def _told(paper: Certificate, person: Officer, today: date) -> str:
    kind = CERTIFICATE_NAMES[CertificateKind(paper.kind)]
    last = paper.valid_to or today
    left = (last - today).days
    named = f"{person.name}的{kind}（{paper.number}）"
    if left < 0:
        return f"{named}已于{words.day(last)}到期，不能再签收和办理要求持证的任务。请换证后由系统管理员登记。"
    told = "今天" if left == 0 else f"还有 {left} 天，{words.day(last)}"
    return f"{named}{told}到期。请及时换证，到期以后不能签收和办理要求持证的任务。"


def register_jobs() -> None:
    """Let the workers know the work of this file."""
    jobs.periodic("people.certificates", EVERY, look_at_certificates)
