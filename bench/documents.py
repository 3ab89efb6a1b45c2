"""Documents: PDFs a second on two cores, a preview, memory over thousands, numbers under rollbacks, gaps."""

import argparse
import io
import json
import multiprocessing
import os
import random
import resource
import statistics
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import pypdf
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import create_app
from app.diagrams.models import ProcedureVersion
from app.documents import filling, render_pdf, service, template
from app.documents.models import Document, DocumentSeries
from app.kernel.db import db
from app.kernel.events import LiveTask, StepCompleted

from ._site import site

CODE = "GZ-01"
"""A letter of two pages. Another one can be asked for with `--code`."""
MOMENT = datetime(2026, 3, 5, 1, 20, tzinfo=UTC)
NOWHERE = {"TESTING": True, "SQLALCHEMY_DATABASE_URI": "postgresql+psycopg://nobody@localhost/none"}
WRITERS, AGENCY, CASE = 16, 1, 1


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--code", default=CODE, help=f"the document whose PDF is set ({CODE})")
    parser.add_argument("--pdfs", type=int, default=400, help="PDFs to set for the speed (400)")
    parser.add_argument("--many", type=int, default=2_000, help="PDFs over which memory is watched (2000)")
    parser.add_argument("--numbers", type=int, default=3_000, help="numbers to give (3000)")


def figures(
    code: str = CODE, pdfs: int = 400, many: int = 2_000, numbers: int = 3_000
) -> dict[str, float | int]:
    """`pdf_per_s` and `cores`, `pages`; `preview_ms` (median of a whole preview, from context to PDF) and
    `preview_p95_ms`; `rss_growth_bytes` from the hundredth document to the last; `numbers_per_s` that were kept by 16
    writers of which a quarter rolls back, and `gaps` in the series afterwards."""
    found: dict[str, float | int] = {}
    application = create_app(NOWHERE)
    with application.app_context():
        found |= _speed(code, pdfs) | _previews(code)
    found["rss_growth_bytes"] = _apart(_growth, code, many)
    with site() as application:
        found |= _numbers(application, numbers)
    return found


def _sample(code: str) -> dict[str, Any]:
    return json.loads((template.FOLDER / code / "sample.json").read_text(encoding="utf-8"))


def _filled(code: str, serial: int) -> dict[str, Any]:
    """A document as it is stored, each another one."""
    found = template.load(code)
    context = _sample(code)
    about = {
        "code": code,
        "title": "",
        "number": f"演{found.type_char}〔2026〕{serial}号" if found.type_char else "",
        "issued_on": "2026-03-05",
        "ident_code": f"{serial:022d}",
        "copies": found.copies,
    }
    return filling.document_data(found, context, about, MOMENT)


def _speed(code: str, pdfs: int) -> dict[str, float | int]:
    """As many processes as two cores carry, each setting its share; from the first to the last of them."""
    cores = min(2, os.cpu_count() or 1)
    pages = len(pypdf.PdfReader(io.BytesIO(render_pdf.pdf(_filled(code, 1)))).pages)
    ways = multiprocessing.get_context("spawn")
    ready, go = ways.Semaphore(0), ways.Event()
    workers = [ways.Process(target=_set, args=(code, pdfs // cores, ready, go)) for _ in range(cores)]
    for worker in workers:
        worker.start()
    for _ in workers:
        ready.acquire()
    begun = time.perf_counter()
    go.set()
    for worker in workers:
        worker.join()
    seconds = time.perf_counter() - begun
    if any(worker.exitcode for worker in workers):
        raise RuntimeError("a worker failed")
    return {"pdf_per_s": pdfs // cores * cores / seconds, "cores": cores, "pages": pages}


def _set(code: str, count: int, ready: Any, go: Any) -> None:
    with create_app(NOWHERE).app_context():
        documents = [_filled(code, serial) for serial in range(1, count + 1)]
        render_pdf.pdf(documents[0])
        ready.release()
        go.wait()
        for document in documents:
            render_pdf.pdf(document)


def _previews(code: str) -> dict[str, float | int]:
    times = []
    for turn in range(40):
        context = _sample(code)
        context["case"]["title"] = f"{context['case']['title']}{turn}"
        begun = time.perf_counter()
        service.preview(code, context)
        times.append((time.perf_counter() - begun) * 1000)
    kept = sorted(times[5:])
    return {"preview_ms": statistics.median(kept), "preview_p95_ms": kept[int(len(kept) * 0.95)]}


def _apart(act: Any, *arguments: Any) -> int:
    """The answer of `act` in a process of its own."""
    ways = multiprocessing.get_context("spawn")
    answers = ways.Queue()
    process = ways.Process(target=_answer, args=(act, arguments, answers))
    process.start()
    found = answers.get(timeout=1_800)
    process.join()
    return found


def _answer(act: Any, arguments: tuple[Any, ...], answers: Any) -> None:
    answers.put(act(*arguments))


def _growth(code: str, many: int) -> int:
    """Bytes of resident memory from the hundredth PDF to the last."""
    with create_app(NOWHERE).app_context():
        before = 0
        for serial in range(1, many + 1):
            render_pdf.pdf(_filled(code, serial))
            if serial == min(100, many):
                before = _resident()
        return _resident() - before


def _resident() -> int:
    try:
        with open("/proc/self/statm", encoding="ascii") as told:
            return int(told.read().split()[1]) * resource.getpagesize()
    except FileNotFoundError:  # not Linux: the most it ever was
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _event(context: Mapping[str, Any], agency_id: int, version: str) -> StepCompleted:
    declared = (MappingProxyType({"code": CODE}),)
    task = LiveTask("t1", "paper", "制作文书", "user", "investigator", {"step": "inform"}, declared)
    return StepCompleted(
        CASE, agency_id, "370400", MOMENT, None, version, context, work_item_id=None, task=task
    )


def _numbers(application: Flask, wanted: int) -> dict[str, float | int]:
    """Sixteen writers issue documents in transactions of their own; a quarter of them rolls back after the number."""
    context, kept, failures = _sample(CODE), [0] * WRITERS, []
    found = template.load(CODE)
    key, number = db.session.execute(select(ProcedureVersion.key, ProcedureVersion.number).limit(1)).one()
    version = f"{key}@{number}"

    def work(writer: int) -> None:
        dice = random.Random(writer)  # noqa: S311 - dice of a measurement
        try:
            with application.app_context():
                for _ in range(wanted // WRITERS):
                    with Session(db.engine) as session:
                        event = _event(context, AGENCY, version)
                        service.issue(session, event, enqueue=_nothing, publish=_nothing)
                        if dice.random() < 0.25:
                            session.rollback()
                        else:
                            session.commit()
                            kept[writer] += 1
        except Exception as error:  # told to whoever measures, below
            failures.append(error)

    writers = [threading.Thread(target=work, args=(n,)) for n in range(WRITERS)]
    begun = time.perf_counter()
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    seconds = time.perf_counter() - begun
    if failures:
        raise failures[0]
    with Session(db.engine) as session:
        name = found.type_char or found.code
        mine = (Document.agency_id == AGENCY, Document.type_char == name)
        count, highest = session.execute(select(func.count(), func.max(Document.seq)).where(*mine)).one()
        last = session.scalar(
            select(DocumentSeries.last).where(
                DocumentSeries.agency_id == AGENCY, DocumentSeries.type_char == name
            )
        )
    gaps = max(highest or 0, last or 0) - count + abs(count - sum(kept))
    return {"numbers_per_s": sum(kept) / seconds, "gaps": gaps, "writers": WRITERS}


def _nothing(*_: Any, **__: Any) -> None:
    """The jobs and events of a document that is only numbered."""


def table(figures: dict[str, float | int]) -> str:
    """The figures beside what is aimed at."""
    aims = {"pdf_per_s": "≥ 40", "preview_ms": "< 100", "rss_growth_bytes": "flat", "gaps": "0"}
    return "\n".join(
        f"{name:<20} {value:>16,.1f}   {aims.get(name, '')}".rstrip() for name, value in figures.items()
    )
