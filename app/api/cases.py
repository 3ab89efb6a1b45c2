"""Cases for programs: items that can be opened, the list, one case, its record."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.cases import service as cases
from app.deadlines import service as deadlines
from app.documents import service as documents
from app.kernel.auth import Role, current_actor, roles
from app.kernel.db import db
from app.kernel.transaction import transaction

from . import answers, requests
from .room import room
from .work import due, facts

OFFICER = roles(Role.OFFICER)
ENTRIES = 100

Reader = Callable[[Session, int, int, int], Sequence[Any]]
"""Entries of a case's record after a number, at most so many, in order."""


def _no_record(session: Session, case_id: int, after: int, limit: int) -> Sequence[Any]:
    return ()


_record: Reader = _no_record


def install_record(reader: Reader) -> None:
    """Tell this room how the record is read (done once, by `app.ports`)."""
    global _record
    _record = reader


@room.operation(
    "GET", "/items", access=OFFICER, summary="可以发起办件的事项", tag="案件", answer=answers.PowerItems
)
def items() -> dict[str, Any]:
    """The published items of the own agency."""
    return {"items": cases.openable(db.session(), current_actor())}


@room.operation(
    "POST", "/cases", access=OFFICER, summary="发起办件", tag="案件", body=requests.OpenCase,
    answer=answers.Result, status=201, keyed=True, errors=(404, 409, 413, 415),
)  # fmt: skip
def open_case(body: Mapping[str, Any], key: str) -> cases.ActResult:
    """Open a case on an item of the own agency."""
    with transaction() as session:
        return cases.open_case(session, current_actor(), body["item_id"], key)


@room.operation(
    "GET", "/cases", access=OFFICER, summary="案件列表，新的在前", tag="案件", query=requests.CasesQuery,
    answer=answers.Cases,
)  # fmt: skip
def cases_of(query: Mapping[str, Any]) -> dict[str, Any]:
    """The cases this person may see."""
    session = db.session()
    words = query["q"].split()[:5]
    found = cases.cases(session, current_actor(), words, query["before"])
    lines = cases.lines(session, found.cases)
    return {
        "cases": [{**_line(line.case), "stage": line.stage, "due": due(line.due)} for line in lines],
        "next": found.before,
    }


def _line(case: cases.Case) -> dict[str, Any]:
    return {"id": case.id, "no": case.no, "title": case.title, "status": case.status}


@room.operation(
    "GET", "/cases/<int:case_id>", access=OFFICER, summary="一个案件：环节、文书、计时", tag="案件",
    answer=answers.CaseOf, errors=(404,),
)  # fmt: skip
def case(case_id: int) -> dict[str, Any]:
    """Where a case stands, what happened, what waits."""
    session, actor = db.session(), current_actor()
    found = cases.case(session, actor, case_id)
    view = cases.case_view(session, actor, found)
    return {
        **_line(found),
        "procedure": view.procedure.version,
        "opened_at": found.opened_at,
        "closed_at": found.closed_at,
        "facts": facts(view.facts),
        "handlers": facts(view.handlers),
        "course": view.external,
        "waiting": [_waiting(w) for w in (*view.waiting, *view.events)],
        "steps": [_step(s) for s in view.steps],
        "clocks": [_clock(c) for c in deadlines.of_case(session, found.id)],
        "documents": [
            {**d, "issued_on": date.fromisoformat(d["issued_on"])}
            for d in documents.issued(session, found.id)
        ],
    }


def _waiting(view: Any) -> dict[str, Any]:
    work = view.work
    return {"id": work.id, "name": work.name, "kind": work.kind, "position": view.position,
            "person": view.person, "mine": view.mine, "due": due(view.due)}  # fmt: skip


def _step(step: cases.StepView) -> dict[str, Any]:
    opinion = step.opinion or {}
    return {
        "id": step.id,
        "name": step.name,
        "by": step.by,
        "at": step.at,
        "stance": opinion.get("stance"),
        "opinion": opinion.get("text"),
        "latest": step.latest,
        "answers": [{"label": a.label, "text": a.text} for a in step.answers],
    }


def _clock(clock: deadlines.ClockView) -> dict[str, Any]:
    return {
        **{name: getattr(clock, name) for name in ("id", "name", "kind", "basis", "limit", "state", "started_on",
                                                   "due_on", "provisional", "stopped_on", "excluded_days")},
        "light": clock.light.key,
        "light_word": clock.light.word,
        "words": clock.left if clock.stopped_on else f"{clock.left}，{clock.due_words}",
    }  # fmt: skip


@room.operation(
    "GET", "/cases/<int:case_id>/record", access=OFFICER, summary="案件的留痕", tag="案件",
    query=requests.RecordQuery, answer=answers.Record, errors=(404,),
)  # fmt: skip
def record(case_id: int, query: Mapping[str, Any]) -> dict[str, Any]:
    """What happened to a case, by whom, oldest first."""
    session = db.session()
    found = cases.case(session, current_actor(), case_id)
    entries = _record(session, found.id, int(query["after"]), ENTRIES + 1)
    return {
        "entries": [
            {
                "seq": e.seq,
                "at": e.at,
                "actor": e.actor_name or None,
                "kind": e.kind,
                "name": e.content.get("name"),
                "digests": e.digests,
            }
            for e in entries[:ENTRIES]
        ],
        "next": entries[ENTRIES - 1].seq if len(entries) > ENTRIES else None,
    }
