"""A case as the flow hands it to this room, and the room on an application of its own."""

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.documents import service, template
from app.documents.models import Document, DocumentSeries
from app.kernel import assets, navigation, shell, web, words
from app.kernel.db import db
from app.kernel.events import DocumentIssued, LiveTask, StepCompleted
from app.kernel.transaction import transaction
from app.kernel.web import Room

MOMENT = datetime(2025, 7, 16, 1, 30, tzinfo=UTC)


def sample(code: str) -> dict[str, Any]:
    """The sample context of a template."""
    return json.loads((template.FOLDER / code / "sample.json").read_text())


@pytest.fixture
def decided() -> dict[str, Any]:
    """The sample case at the moment of its decision; each test may spoil its own copy."""
    return copy.deepcopy(sample("JD-01"))


def completed(context: dict[str, Any], *codes: str, agency_id: int = 4, **declared: str) -> StepCompleted:
    """The event of a task that declares these documents."""
    documents = tuple(MappingProxyType({"code": code, **declared}) for code in codes)
    task = LiveTask(
        "t1", "decision_doc", "制作决定书", "user", "investigator", {"step": "decide.penalty"}, documents
    )
    return StepCompleted(
        case_id=12,
        agency_id=agency_id,
        region="370400",
        at=MOMENT,
        actor_id=7,
        procedure="penalty/ordinary",
        context=context,
        work_item_id=99,
        task=task,
    )


class Outbox:
    """What issuing set in motion: jobs and events."""

    def __init__(self) -> None:
        self.jobs: list[tuple[str, dict[str, Any], str]] = []
        self.events: list[DocumentIssued] = []

    def enqueue(self, session: Session, kind: str, payload: dict[str, Any], key: str) -> None:
        self.jobs.append((kind, payload, key))

    def publish(self, session: Session, event: object) -> None:
        assert isinstance(event, DocumentIssued)
        self.events.append(event)


@pytest.fixture
def outbox() -> Outbox:
    return Outbox()


@pytest.fixture
def issue(session: Session, outbox: Outbox) -> Callable[..., list[Document]]:
    """Issue the documents of an event and give them back."""

    def run(event: Any) -> list[Document]:
        before = len(outbox.events)
        service.issue(session, event, enqueue=outbox.enqueue, publish=outbox.publish)
        return [session.get_one(Document, e.document_id) for e in outbox.events[before:]]

    return run


@pytest.fixture
def over_fifty_thousand() -> Iterator[None]:
    """An evaluator of conditions that knows one condition."""

    def evaluate(expression: str, attributes: Any) -> bool:
        assert expression == "fine >= 50000"
        return attributes["fine"] >= 50000

    before = service._evaluate
    service.install_evaluator(evaluate)
    yield
    service.install_evaluator(before)


@dataclass(frozen=True)
class Paper:
    """A committed document, as somebody outside the transaction knows it."""

    id: int
    number: str
    ident_code: str
    link: str


@pytest.fixture
def committed(app: Flask, decided: dict[str, Any]) -> Iterator[Callable[..., Paper]]:
    """Issue a document for good; it is taken away after the test. `case_id` 12 unless said."""
    agency = 802
    issued: list[DocumentIssued] = []

    def run(code: str, case_id: int = 12) -> Paper:
        with app.app_context(), transaction() as session:
            event = replace(completed(decided, code, agency_id=agency), case_id=case_id)
            service.issue(session, event, enqueue=Outbox().enqueue, publish=lambda _, e: issued.append(e))
            row = session.get_one(Document, issued[-1].document_id)
            link = row.data["meta"]["link"].removeprefix(app.config["BASE_URL"])
            return Paper(row.id, row.number or "", row.ident_code, link)

    yield run
    with app.app_context(), transaction() as session:
        session.execute(delete(Document).where(Document.agency_id == agency))
        session.execute(delete(DocumentSeries).where(DocumentSeries.agency_id == agency))


@pytest.fixture
def void(app: Flask) -> Callable[..., None]:
    """Declare a committed document void."""

    def run(paper: Paper, reason: str = "文字有误") -> None:
        with app.app_context(), transaction() as session:
            service.void(session, session.get_one(Document, paper.id), reason, actor=7)

    return run


@pytest.fixture
def room_app(app: Flask) -> Callable[[Room], Flask]:
    """An application of one room and the frame around its pages, on the same database."""

    def make(room: Room) -> Flask:
        alone = Flask(f"only_{room.name}", root_path=app.root_path)
        alone.config.update(app.config)
        db.init_app(alone)
        web.install(alone, [shell.room, room])
        assets.install(alone)
        navigation.install(alone)
        words.install(alone)
        return alone

    return make


@pytest.fixture
def in_app(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def filled(
    code: str, context: dict[str, Any], serial: int = 12, found: template.Template | None = None
) -> dict[str, Any]:
    """A document's data as it is stored, without a database; of the shipped template of the code, or of `found`."""
    from app.documents import filling, numbering

    found = found or template.load(code)
    found.check_required(context)
    about = {
        "code": code,
        "title": "",
        "number": numbering.document_number("枣环", found.type_char, 2025, serial) if found.type_char else "",
        "issued_on": "2025-07-16",
        "ident_code": numbering.identification_code("370400-04", code, 2025, serial),
        "copies": found.copies,
    }
    return filling.document_data(found, context, about, MOMENT)


def squeezed(text: str) -> str:
    """Without white space, for comparing what is printed."""
    return "".join(text.split()).replace("　", "")


@dataclass(frozen=True)
class Pages:
    """The letters of a PDF, page by page, each with the height of its upper edge over the page's foot in points."""

    letters: list[list[tuple[float, str]]]

    def text(self, footer_mm: float = 35) -> str:
        """The words without the pages' footers."""
        footer = footer_mm * 72 / 25.4
        return squeezed("".join(c for page in self.letters for height, c in page if height > footer))


def pdf_pages(content: bytes) -> Pages:
    """Read a PDF back."""
    import io

    import pdfplumber

    with pdfplumber.open(io.BytesIO(content)) as book:
        return Pages([[(page.height - c["top"], c["text"]) for c in page.chars] for page in book.pages])


def pdf_text(content: bytes, footer_mm: float = 35) -> str:
    """The words of a PDF's pages without their footers."""
    return pdf_pages(content).text(footer_mm)


@pytest.fixture(autouse=True)
def no_version(monkeypatch) -> None:
    """The events of this folder name a procedure that was never published: it brings no templates of its own."""
    monkeypatch.setattr(service, "_own_templates", service._release_only)
