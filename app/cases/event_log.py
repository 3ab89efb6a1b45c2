"""The event log of a version as XES (IEEE 1849-2016), for process-mining tools: what happened in which order, and at
which position. No person, party, number or content: a case is the number of its trace."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import Any, BinaryIO

from lxml import etree
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.diagrams import service as diagrams
from app.kernel import clock
from app.kernel.errors import Refused
from app.people.models import Agency

from .models import Case, Submission, WorkItem, WorkStatus
from .sight import FEW, Filter

PART = 500
"""Cases read at once."""
XES = "http://www.xes-standard.org/"
EXTENSIONS = (
    ("Concept", "concept", "http://www.xes-standard.org/concept.xesext"),
    ("Time", "time", "http://www.xes-standard.org/time.xesext"),
    ("Lifecycle", "lifecycle", "http://www.xes-standard.org/lifecycle.xesext"),
    ("Organizational", "org", "http://www.xes-standard.org/org.xesext"),
)
KEYS = (("concept:name", "string", ""), ("time:timestamp", "date", "1970-01-01T00:00:00.000+00:00"),
        ("lifecycle:transition", "string", "complete"))  # fmt: skip


def count(session: Session, asked: Filter) -> int:
    """How many cases the log would hold."""
    return session.scalar(select(func.count()).select_from(_cases(asked).subquery())) or 0


def write(session: Session, asked: Filter, file: BinaryIO) -> int:
    """Write the log of the cases opened in the period; how many traces it holds.

    Raises:
        Refused: there are too few cases: exact moments would tell of single ones.
    """
    if (found := count(session, asked)) < FEW:
        raise Refused(
            f"这一范围只有 {found} 件案件，不足 {FEW} 件，导出会暴露个案。请扩大机关或者期间的范围。",
            code="few_cases",
        )
    procedure = diagrams.procedure(session, asked.version_id)
    agencies = dict(session.execute(select(Agency.id, Agency.code)).tuples().all())
    written = 0
    with etree.xmlfile(file, encoding="utf-8") as xml:
        xml.write_declaration()
        about = {"xes.version": "1849.2016", "xes.features": ""}
        with xml.element(f"{{{XES}}}log", about, nsmap={None: XES}):
            for line in _head(procedure):
                xml.write(line)
            for case_id, agency_id in _numbered(session, asked):
                written += 1
                trace = _element("trace")
                trace.append(_value("string", "concept:name", str(written)))
                trace.append(_value("string", "org:group", agencies[agency_id]))
                for event in sorted(_events(session, case_id), key=lambda one: (one[0], one[1])):
                    trace.append(_event(*event))
                xml.write(trace)
    return written


def _cases(asked: Filter) -> Any:
    since = datetime.combine(asked.since, time(), clock.CHINA)
    until = datetime.combine(asked.until + timedelta(days=1), time(), clock.CHINA)
    return select(Case.id, Case.agency_id).where(
        Case.procedure_id == asked.version_id,
        Case.agency_id.in_(asked.agencies),
        Case.opened_at >= since,
        Case.opened_at < until,
    )


def _numbered(session: Session, asked: Filter) -> Iterator[tuple[int, int]]:
    after = 0
    while rows := session.execute(_cases(asked).where(Case.id > after).order_by(Case.id).limit(PART)).all():
        yield from ((row.id, row.agency_id) for row in rows)
        after = rows[-1].id


def _events(session: Session, case_id: int) -> Iterator[tuple[datetime, int, str, Any]]:
    columns = (
        WorkItem.node, WorkItem.name, WorkItem.step, WorkItem.position_key, WorkItem.kind, WorkItem.status,
        WorkItem.opened_at, WorkItem.claimed_at, WorkItem.done_at, Submission.void_at,
    )  # fmt: skip
    chosen = select(*columns).outerjoin(Submission, Submission.work_item_id == WorkItem.id)
    for row in session.execute(chosen.where(WorkItem.case_id == case_id)):
        yield row.opened_at, 0, "schedule", row
        if row.claimed_at is not None:
            yield row.claimed_at, 1, "assign", row
        if row.done_at is not None:
            yield row.done_at, 2, "complete" if row.status == WorkStatus.DONE else "withdraw", row


def _event(at: datetime, _: int, transition: str, row: Any) -> etree._Element:
    event = _element("event")
    event.append(_value("string", "concept:name", row.name))
    event.append(
        _value("date", "time:timestamp", at.astimezone(clock.CHINA).isoformat(timespec="milliseconds"))
    )
    event.append(_value("string", "lifecycle:transition", transition))
    event.append(_value("string", "org:role", row.position_key))
    event.append(_value("string", "xq:node", row.node))
    if row.step:
        event.append(_value("string", "xq:step", row.step))
    if transition == "complete" and row.void_at is not None:
        event.append(_value("boolean", "xq:void", "true"))
    return event


def _head(procedure: diagrams.Procedure) -> Iterator[etree._Element]:
    for name, prefix, uri in EXTENSIONS:
        yield _element("extension", name=name, prefix=prefix, uri=uri)
    for scope, keys in (("trace", KEYS[:1]), ("event", KEYS)):
        every = _element("global", scope=scope)
        every.extend(_value(kind, key, value) for key, kind, value in keys)
        yield every
    yield _element("classifier", name="环节", keys="concept:name")
    yield _element("classifier", name="环节和状态", keys="concept:name lifecycle:transition")
    yield _value("string", "concept:name", f"{procedure.name}第 {procedure.number} 版")
    yield _value("string", "xq:version", procedure.version)


def _element(tag: str, **attributes: str) -> etree._Element:
    return etree.Element(f"{{{XES}}}{tag}", attributes, nsmap={None: XES})


def _value(kind: str, key: str, value: str) -> etree._Element:
    return _element(kind, key=key, value=value)
