"""What a step issues: which documents, when, with what, and what it tells the others."""

import dataclasses
import hashlib

import pytest

from app.documents import render_pdf, service
from app.documents.template import DocumentError
from app.kernel import files
from app.kernel.events import CaseOpened

from .conftest import completed, pdf_text


def test_the_row_says_where_the_document_comes_from(issue, decided, outbox):
    (document,) = issue(completed(decided, "JD-01"))
    assert (document.case_id, document.agency_id, document.region_code) == (12, 4, "370400")
    assert (document.title, document.number) == ("行政处罚决定书", "枣环罚〔2025〕1号")
    assert (document.issued_by, document.work_item_id, document.step) == (7, 99, "decide.penalty")
    assert document.issued_on.isoformat() == "2025-07-16"
    assert document.data_digest == service.digest_of(document.data)
    assert outbox.jobs == [("documents.render", {"document_id": document.id}, f"document:{document.id}")]
    (event,) = outbox.events
    assert (event.document_id, event.number, event.digest) == (
        document.id,
        document.number,
        document.data_digest,
    )
    assert (event.case_id, event.actor_id) == (12, 7)


def test_a_condition_decides(issue, decided, over_fifty_thousand):
    event = completed(decided, "JD-01", **{"if": "fine >= 50000"})
    assert len(issue(event)) == 1
    decided["attributes"]["fine"] = 49999
    assert issue(event) == []


def test_without_an_evaluator_a_condition_is_an_error(issue, decided, monkeypatch):
    monkeypatch.setattr(service, "_evaluate", service._no_evaluator)
    with pytest.raises(RuntimeError, match="install_evaluator"):
        issue(completed(decided, "JD-01", **{"if": "fine >= 50000"}))


def test_documents_may_belong_to_the_opening_of_a_task(issue, decided):
    done = completed(decided, "JD-01", when="open")
    assert issue(done) == []
    appeared = dataclasses.replace(done, task=None, opened=(done.task,))
    assert [d.code for d in issue(appeared)] == ["JD-01"]
    names = ("case_id", "agency_id", "region", "at", "actor_id", "procedure", "context")
    opened = CaseOpened(**{n: getattr(done, n) for n in names}, opened=(done.task,))
    assert [d.number for d in issue(opened)] == ["枣环罚〔2025〕2号"]


def test_a_timer_issues_what_its_event_declares_and_nothing_else(issue, decided):
    assert issue(dataclasses.replace(completed(decided, "JD-01"), task=None)) == []


def test_a_missing_field_is_named_and_takes_no_number(issue, session, decided):
    del decided["forms"]["penalty_decision_doc"]["discretion"]
    with pytest.raises(DocumentError) as refused:
        issue(completed(decided, "LA-06", "JD-01"))
    assert "《行政处罚决定书》（JD-01）" in refused.value.message
    assert "裁量理由（forms.penalty_decision_doc.discretion）" in refused.value.message
    assert refused.value.field == "forms.penalty_decision_doc.discretion"
    assert service.register_of(session, 4, 2025, "LA-06") == []


def test_the_pdf_is_rendered_once_and_kept(issue, session, decided):
    (document,) = issue(completed(decided, "JD-01"))
    service.render_job(session, {"document_id": document.id})
    kept = document.pdf_digest
    assert kept == hashlib.sha256(files.get(kept)).hexdigest()
    service.render_job(session, {"document_id": document.id})
    assert service.pdf(session, document) == files.get(kept)
    assert document.pdf_digest == kept
    session.expire(document)
    assert service.digest_of(document.data) == document.data_digest
    assert render_pdf.pdf(document.data) == files.get(kept), (
        "data read back from the database gives the same page"
    )
    word = service.docx(session, document)
    assert files.get(document.docx_digest) == word == service.docx(session, document)


def test_a_void_document_says_so_on_paper(issue, session, decided):
    (document,) = issue(completed(decided, "JD-01"))
    assert "作废" not in pdf_text(service.pdf(session, document))
    service.void(session, document, "文字有误", actor=7)
    assert "作废" in pdf_text(service.pdf(session, document))


def test_the_documents_of_a_case_come_in_order(issue, session, decided):
    issue(completed(decided, "LA-06"))
    issue(completed(decided, "JD-01"))
    assert [d.code for d in service.of_case(session, 12)] == ["LA-06", "JD-01"]
    assert service.of_case(session, 13) == []


def test_jobs_are_registered_by_name():
    registered = {}
    service.register_jobs(registered.__setitem__)
    assert registered == {"documents.render": service.render_job, "documents.ofd": service.ofd_job}


def test_a_preview_is_a_draft_without_number_seal_or_code(in_app, decided):
    text = pdf_text(service.preview("JD-01", decided))
    assert "草稿" in text
    assert "枣环罚〔2025〕号" in text
    assert "扫码验真" not in text
    assert len(service.preview_pages("JD-01", decided)) == 3


def test_a_preview_shows_what_is_still_to_be_written(in_app, decided):
    del decided["forms"]["penalty_decision_doc"], decided["forms"]["penalty_report"]["facts"]
    text = pdf_text(service.preview("JD-01", decided))
    assert "经查明：【待填：forms.penalty_report.facts】" in text


def test_a_kind_is_described_before_it_is_issued():
    kind = service.kind("LA-06")
    assert (kind.name, kind.numbered, kind.type_char) == ("立案审批表", True, "立")
