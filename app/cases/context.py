"""The case as documents, clocks and the record may see it: plain values, nothing live."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel import clock
from app.people import service as people

from . import linking, substituting
from .models import Case, Handler, Submission

Reckoned = Callable[[Sequence[tuple[str, Mapping[str, Any]]]], Mapping[str, Any] | None]
"""What follows from everything handed in so far: (form, data)."""
ROLES = {"lead": "主办", "second": "协办"}


def submissions(session: Session, case_id: int) -> Sequence[Submission]:
    """Everything handed in so far, oldest first, void or not."""
    return session.scalars(
        select(Submission).where(Submission.case_id == case_id).order_by(Submission.id)
    ).all()


class Context(Mapping[str, Any]):
    """The values of one act. `told` are at hand; `rest` reads the others when the first of them is asked for:
    most steps issue no document, and only documents look back at everything handed in."""

    def __init__(self, told: Mapping[str, Any], rest: Callable[[], Mapping[str, Any]]) -> None:
        self._told = dict(told)
        self._rest = rest
        self._read = False

    def __getitem__(self, name: str) -> Any:
        if name not in self._told and not self._read:
            self._told |= self._rest()
            self._read = True
        return self._told[name]

    def __iter__(self) -> Iterator[str]:
        self.get("history")
        return iter(self._told)

    def __len__(self) -> int:
        self.get("history")
        return len(self._told)


def build(
    session: Session,
    case: Case,
    *,
    handlers: Sequence[Handler],
    item: Mapping[str, Any],
    attributes: Mapping[str, Any],
    at: datetime,
    actor: Mapping[str, Any] | None,
    documents: Callable[[], Sequence[Mapping[str, Any]]],
    signers: Sequence[Mapping[str, Any]] = (),
    current: tuple[str, str, Mapping[str, Any]] | None = None,
    account: Reckoned = lambda _: None,
    law: Reckoned = lambda _: None,
    standard: Reckoned = lambda _: None,
    weighed: Reckoned | None = None,
) -> Context:
    """The context of one act.

    `current` is what is being handed in now: (task name, form key, data). `documents` are the ones already
    issued; `account` tells what is owed, `law` whether the law has changed since the act, `standard` which discretion
    standard counts, `weighed` the item with its tiers, where that follows from what was handed in. Dates are ISO
    strings of legal days; moments ISO strings in China Standard Time.
    """
    told = {
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
        "attributes": dict(attributes),
        "actor": dict(actor) if actor else None,
        "signers": [dict(s) for s in signers],
        "today": clock.legal_day(at).isoformat(),
        "now": at.astimezone(clock.CHINA).isoformat(timespec="minutes"),
    }

    if weighed:
        del told["item"]

    def rest() -> dict[str, Any]:
        earlier = [one for one in submissions(session, case.id) if one.void_at is None]
        found = _history(session, earlier, handlers, current) | {"documents": [dict(d) for d in documents()]}
        found["source"] = linking.source_of(session, case.id)
        filed = [(one.form, one.data) for one in earlier] + ([current[1:]] if current else [])
        told_later = {"account": account, "applied_law": law, "standard": standard, "item": weighed}
        for name, reckoned in told_later.items():
            if reckoned and (value := reckoned(filed)):
                found[name] = dict(value)
        return found

    return Context(told, rest)


def _history(
    session: Session,
    earlier: Sequence[Submission],
    handlers: Sequence[Handler],
    current: tuple[str, str, Mapping[str, Any]] | None,
) -> dict[str, Any]:
    """Everything handed in so far, and the latest data of each form."""
    officers = people.officers(
        session,
        substituting.everybody(earlier) | {h.officer_id for h in handlers},
    )
    forms: dict[str, Any] = {s.form: s.data for s in earlier}
    if current:
        forms[current[1]] = current[2]
    history = [
        {
            "node": s.node,
            "name": s.name,
            "step": s.step,
            "form": s.form,
            "data": s.data,
            "opinion": s.opinion,
            "at": s.at.astimezone(clock.CHINA).isoformat(timespec="minutes"),
            "on": clock.legal_day(s.at).isoformat(),
            "by": substituting.signed(s, officers)[0],
            "signers": [
                person(officers[o], [officers[a] for a in s.stood_for(o)]) for o in (s.by_id, *s.with_ids)
            ],
        }
        for s in earlier
    ]
    named = [person(officers[h.officer_id]) | {"role": ROLES[h.role]} for h in handlers]
    return {"forms": forms, "history": history, "handlers": named}


def person(card: Any, absent: Sequence[Any] = ()) -> dict[str, Any]:
    """An officer as a document names them: name (and for whom, as a substitute), certificate number, legal
    qualification: always the person's own."""
    certificates = {c.kind: c.number for c in card.certificates}
    found = {
        "id": card.id,
        "name": substituting.told(card.name, [a.id for a in absent], {a.id: a for a in absent}),
        "certificate": certificates.get("enforcement", ""),
        "certificates": certificates,
    }
    return found | {"for": [a.id for a in absent]} if absent else found
