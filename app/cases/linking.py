"""What ties cases together, read only: the items a lead may go to, and what the case it came from says."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.catalogue import service as catalogue
from app.diagrams import service as diagrams
from app.documents import service as documents
from app.kernel import clock
from app.people import service as people

from .gates import matches
from .link_models import LinkKind
from .models import Case, CaseLink, Submission
from .rules import moments_of

AFTER_CODE = "　"
"""Between an item's code, which has no blank, and its name in an answer."""


ELSEWHERE, ABOVE = "elsewhere:", "above:"
"""Before a kind of power in a form: items of other agencies, or of those that stand above everybody concerned."""
TRIED = "source of the case that is tried"
"""Where the session of a try keeps what its script says was handed over."""
APART = "／"
"""Between an agency's code and its item's, where the item is another agency's."""


def choices(session: Session, case: Case, kind: str) -> Sequence[str]:
    """The published items of a kind of power that a form offers: code and name. Of other agencies one each, by the name
    of the agency."""
    for mark, above in ((ELSEWHERE, False), (ABOVE, True)):
        if kind.startswith(mark):
            return _elsewhere(session, case, kind.removeprefix(mark), above=above)
    items = catalogue.items_of(session, case.agency_id)
    return [f"{item.code}{AFTER_CODE}{item.name}" for item in items if item.kind == kind]


def _elsewhere(session: Session, case: Case, kind: str, *, above: bool) -> Sequence[str]:
    """Agencies with an item of this kind; `above`: of a region that holds those of the case and of where it came from."""
    barred, regions = {case.agency_id}, [case.region_code]
    if above and (came := _came_from(session, case.id)):
        barred.add(came.agency_id)
        regions.append(came.region_code)
    held = [set(people.regions_above(session, code)) for code in regions]
    common = set.intersection(*held) if above else None
    found = []
    for item in catalogue.of_kind(session, kind):
        agency = people.agency(session, item.agency_id)
        if item.agency_id in barred or (common is not None and agency.region not in common):
            continue
        found.append(f"{agency.code}{APART}{item.code}{AFTER_CODE}{agency.name}")
    return sorted(found)


def _came_from(session: Session, case_id: int) -> Case | None:
    return session.scalar(
        select(Case).join(CaseLink, CaseLink.source_id == Case.id).where(CaseLink.target_id == case_id)
    )


def code_in(answer: Any) -> str:
    """The code of the item that an answer names; empty: none."""
    return str(answer or "").partition(AFTER_CODE)[0]


def source_of(session: Session, case_id: int) -> Mapping[str, Any] | None:
    """What the case that this one came out of hands over, as plain values; None where it came out of none.

    `case_no`, `title`, `item`, `party`, `at` (China Standard Time, minutes) and every answer of the form at which it was
    handed over (its `cause`, or that of the case where none was said); of a decided case `forms` and `papers`, the newest
    answers of each form and the newest paper of each code (`papers.JD_01.number`), and `decision`: the paper that
    decided, whatever its kind, when it was served, and the sums.
    """
    chosen = select(CaseLink, Case).join(Case, Case.id == CaseLink.source_id)
    row = session.execute(chosen.where(CaseLink.target_id == case_id)).first()
    if row is None:
        return session.info.get(TRIED)
    link, case = row
    about = {
        "case_no": case.no,
        "title": case.title,
        "item": catalogue.item(session, case.item_id).name,
        "party": dict(case.party),
        "at": link.at.astimezone(clock.CHINA).replace(tzinfo=None).isoformat(timespec="minutes"),
    }
    return {"cause": case.cause, **_said(session, link, case), **about}


def _said(session: Session, link: CaseLink, case: Case) -> Mapping[str, Any]:
    """What was said when a case was handed over; where it follows a decision, all that counts of the decided case."""
    chosen = select(Submission).order_by(Submission.id)
    if link.kind != LinkKind.FOLLOWS:
        handed = session.scalars(chosen.where(Submission.work_item_id == link.work_item_id)).all()
        return handed[-1].data if handed else {}
    counts = chosen.where(Submission.case_id == link.source_id, Submission.void_at.is_(None))
    papers = documents.issued(session, link.source_id)
    return {
        "forms": {s.form: s.data for s in session.scalars(counts)},
        "papers": {paper["code"].replace("-", "_"): paper for paper in papers},
        "decision": _decision(session, link, case),
    }


def _decision(session: Session, link: CaseLink, case: Case) -> Mapping[str, Any]:
    """What decided a case: the newest numbered paper of a step after which its rules let nothing be added, or of one below
    it (of `decide` where they name none), the moment of service by the steps that let others follow, and the sums."""
    declared = diagrams.procedure(session, case.procedure_id).rules
    deciding = [each for step in declared.freeze_after or ("decide",) for each in (step, f"{step}.*")]
    papers = documents.of_case(session, case.id)
    decided = [p for p in papers if p.number and p.status == "issued" and matches(p.step, deciding)]
    found: dict[str, Any] = {}
    if decided:
        paper = decided[-1]
        found = {"title": paper.title, "number": paper.number, "issued_on": paper.issued_on.isoformat()}
    follower = session.get_one(Case, link.target_id)
    follows = diagrams.procedure(session, follower.procedure_id).rules.follows
    reached = {step for each in follows for step in each.reached}
    moments = [at for step, at in moments_of(case.passed).items() if step in reached]
    if moments:
        at = max(moments).astimezone(clock.CHINA).replace(tzinfo=None)
        found["served_at"] = at.isoformat(timespec="minutes")
    for name, key in (("fine", "fine_amount"), ("confiscated", "confiscated_amount")):
        if case.attributes.get(name):
            found[key] = str(case.attributes[name])
    return found
