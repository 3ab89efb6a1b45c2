"""Where the rooms' open ends meet. A lower room that needs something of a higher one leaves a port open
(`install_...`); this is the one place that fills them, once, when the application is made."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from . import flow
from .api import cases as api_cases
from .archive import verify as archive
from .archive import words as record_words
from .archive.binding import keeping as binding
from .archive.retention import keeping as retention
from .cases import completeness as case_completeness
from .cases import replay as case_replay
from .cases import service as cases
from .cases import touched as case_touched
from .catalogue import service as catalogue
from .deadlines import calendars
from .deadlines import service as deadlines
from .diagrams import service as diagrams
from .documents import cited as document_citations
from .documents import completeness as document_completeness
from .documents import service as documents
from .documents import views as document_views
from .engine import service as engine
from .inbox import service as inbox
from .items import service as items
from .kernel import clock, jobs
from .kernel.auth import Actor
from .kernel.backup import checks
from .kernel.backup import service as backup
from .kernel.db import db
from .notification import service as notification
from .operations import service as operations
from .orders import service as orders
from .people import service as people
from .review import service as review
from .studio import publish, publish_checks
from .supervision import service as supervision


def _clocks(procedure: str) -> Sequence[Mapping[str, Any]]:
    """The statutory clocks of the version a case runs on (`key@number`), each with the causes that stop it."""
    version = diagrams.by_name(db.session(), procedure)
    if version.digest not in _clocks_by_digest:
        _clocks_by_digest[version.digest] = [
            {
                **clock,
                "suspensions": [
                    {k: cause[k] for k in ("cause", "basis", "from", "to") if k in cause}
                    for cause in version.rules.suspensions
                    if cause["clock"] == clock["id"]
                ],
            }
            for clock in version.rules.clocks
        ]
    return _clocks_by_digest[version.digest]


_clocks_by_digest: dict[str, Sequence[Mapping[str, Any]]] = {}
"""By the digest of the published version, which never changes."""


def _own_templates(session: Session, procedure: str) -> Mapping[str, str]:
    """The document templates that a published version (`key@number`) brings with it."""
    return diagrams.by_name(session, procedure).templates


def _run_saved(session: Session, bundle: diagrams.Bundle) -> list[publish_checks.RunResult]:
    """Every saved run of a bundle done again, on a connection of its own."""
    return [
        publish_checks.RunResult(run.name, run.passed, "；".join(run.problems))
        for run in cases.check_all(bundle)
    ]


def _compared(old: Mapping[str, str], new: Mapping[str, str]) -> list[publish_checks.Change]:
    """What differs between two trees, in words."""
    return [
        publish_checks.Change(change.path, change.file or publish_checks.part_name(change.path), change.text)
        for change in diagrams.compare(old, new)
    ]


def _may_see(session: Session, actor: Actor, case_id: int) -> None:
    cases.case(session, actor, case_id)


def _record(session: Session) -> Iterator[str]:
    """The chains and all that they name, files too. The file of anchors is not part of a backup."""
    for found in archive.everything(session, archive.Depth(), archive.Count()):
        if found.code != "anchor_file":
            yield f"{found.where}：{found.message}"


def _backups() -> tuple[str, datetime | None] | None:
    found = backup.health_soon(clock.now())
    return (found.state, found.last) if found else None


def _working_day_before(session: Session, day: date, n: int) -> date:
    return calendars.calendar(session).nth_before(day, n)


def _doings(
    session: Session, officer_ids: Sequence[int], since: datetime, until: datetime, limit: int
) -> list[tuple[datetime, int, str, str]]:
    """What officers did to cases, from the record: when, who, number of the case, what."""
    rows = flow.done_by(session, officer_ids, since, until, limit)
    numbers = cases.numbers_of(session, {case_id for _, _, case_id, _ in rows})
    return [
        (at, who, numbers.get(case_id, ""), record_words.KINDS.get(kind, kind))
        for at, who, case_id, kind in rows
    ]


def _catalogue() -> None:
    """What the catalogue asks of the rooms above it."""
    catalogue.install_calendar(_working_day_before)
    catalogue.install_cases(case_touched.open_cases, case_touched.alive)
    catalogue.install_own_sources()
    catalogue.register_jobs()
    catalogue.install_source(document_citations.source())


def connect(app: Flask) -> None:
    """Fill every port. Doing it twice changes nothing."""
    app.jinja_env.filters["limit"] = lambda text: deadlines.parse_limit(text).words
    documents.install_evaluator(engine.evaluate)
    documents.install_own_templates(_own_templates)
    documents.register_jobs()
    document_views.install_case_guard(_may_see)
    deadlines.install_procedure_clocks(_clocks)
    _catalogue()
    deadlines.install_condition(cases.holds)
    deadlines.install_case_lock(cases.lock_all)
    # one case a transaction: two cases at once would hold their number series in no order
    cases.register_jobs()
    people.install_take_away(cases.lapses.take_away)
    people.install_refusals(cases.ABOUT_PERSONS)
    people.install_doings(_doings)
    people.rostering.install(orders.ROSTER)
    people.register_jobs()
    people.register_training_jobs()
    catalogue.register_jobs()
    items.register_jobs()
    orders.register_jobs()
    binding.register_jobs()
    retention.register_jobs()
    notification.register_jobs()
    supervision.register_jobs()
    jobs.register_sweep("cases.timers", cases.fire_due, 'select min(next_due) from "case"', batch=1)
    checks.register("文号", document_completeness.numbering_gaps)
    checks.register("案号", case_completeness.numbering_gaps)
    checks.register("案件流程状态", case_completeness.unreadable_states)
    checks.register("案件记录", _record, keyed=True)
    checks.register_fact("state_formats", case_completeness.state_formats)
    checks.refer("文书", document_completeness.FILES)
    checks.refer("电子案卷", "select digest from case_binding where digest is not null")
    checks.refer("事项导入文件", "select digest from item_import")
    checks.refer("证据登记", "select digest from evidence")
    checks.refer("时限扣除证明", "select proof_digest from suspension")
    api_cases.install_record(flow.record_of)
    publish_checks.install_saved_runs(_run_saved)
    publish_checks.install_comparison(_compared)
    review.install_sittings()
    inbox.install_bench(review.sitting_bench_of)
    inbox.install_bench(review.bench_of)
    review.install_reminders(supervision.MAJOR_REMINDER, supervision.reminded_at)
    inbox.install_annex(cases.GOVERNANCE, publish.annex)
    inbox.install_annex(items.KIND, items.annex)
    inbox.install_annex(orders.KIND, orders.annex)
    case_replay.install_record(flow.record_of)
    inbox.install_record(flow.entries_of)
    operations.install_backup(_backups)
    from .deadlines import jobs as _  # noqa: F401 - importing registers the sweep of lights
    from .kernel import resealing as __  # noqa: F401 - importing registers its jobs
