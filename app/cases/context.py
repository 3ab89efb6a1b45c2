"""The case as documents, clocks and the record may see it: plain values, nothing live."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel import clock
from app.people import service as people

from .models import Case, Handler, Submission

ROLES = {"lead": "主办", "second": "协办"}


def submissions(session: Session, case_id: int) -> Sequence[Submission]:
    """Everything handed in so far, oldest first."""
    return session.scalars(
        select(Submission).where(Submission.case_id == case_id).order_by(Submission.id)
    ).all()


def handlers(session: Session, case_id: int) -> Sequence[Handler]:
    """The case's handlers, the lead one first."""
    return session.scalars(select(Handler).where(Handler.case_id == case_id).order_by(Handler.role)).all()


def build(
    session: Session,
    case: Case,
    *,
    item: Mapping[str, Any],
    attributes: Mapping[str, Any],
    at: datetime,
    actor: Mapping[str, Any] | None,
    signers: Sequence[Mapping[str, Any]] = (),
    current: tuple[str, str, Mapping[str, Any]] | None = None,
    documents: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """The context of one act.

    `current` is what is being handed in now: (task name, form key, data). `documents` are the ones already
    issued. Dates are ISO strings of legal days; moments ISO strings in China Standard Time.
    """
    earlier = submissions(session, case.id)
    officers = people.officers(
        session,
        {o for s in earlier for o in (s.by_id, *s.with_ids)}
        | {h.officer_id for h in handlers(session, case.id)},
    )
    forms: dict[str, Any] = {}
    history: list[dict[str, Any]] = []
    for s in earlier:
        forms[s.form] = s.data
        history.append(
            {
                "node": s.node,
                "name": s.name,
                "step": s.step,
                "form": s.form,
                "data": s.data,
                "opinion": s.opinion,
                "at": s.at.astimezone(clock.CHINA).isoformat(timespec="minutes"),
                "on": clock.legal_day(s.at).isoformat(),
                "by": officers[s.by_id].name,
                "signers": [person(officers[o]) for o in (s.by_id, *s.with_ids)],
            }
        )
    if current:
        forms[current[1]] = current[2]
    return {
        "case": {
            "no": case.no,
            "title": case.title,
            "cause": case.cause,
            "item": item.get("name", ""),
            "opened_on": clock.legal_day(case.opened_at).isoformat(),
        },
        "item": dict(item),
        "agency": people.agency(session, case.agency_id).as_dict(),
        "party": dict(case.party),
        "handlers": [
            person(officers[h.officer_id]) | {"role": ROLES[h.role]} for h in handlers(session, case.id)
        ],
        "forms": forms,
        "history": history,
        "attributes": dict(attributes),
        "documents": [dict(d) for d in documents],
        "actor": dict(actor) if actor else None,
        "signers": [dict(s) for s in signers],
        "today": clock.legal_day(at).isoformat(),
        "now": at.astimezone(clock.CHINA).isoformat(timespec="minutes"),
    }


def person(card: Any) -> dict[str, Any]:
    """An officer as a document names them: name, certificate number, legal qualification."""
    certificates = {c.kind: c.number for c in card.certificates}
    return {
        "id": card.id,
        "name": card.name,
        "certificate": certificates.get("enforcement", ""),
        "certificates": certificates,
    }
