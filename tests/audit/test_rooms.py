"""What the record names is looked at too: submissions, documents, files, numbers, the case itself."""

import re
from pathlib import Path

import pytest
from sqlalchemy import select, text

from app.cases.models import Submission, WorkItem
from app.documents.models import Document
from app.kernel import files

from .conftest import PAPER

AT = re.compile(r"(submission .*where )(decide|lead_review|legal_review)$", re.DOTALL)
"""What is handed in at a task is found by the task's node."""


def at_task(bend):
    return AT.sub(r"\1work_item_id in (select id from work_item where node = '\2')", bend)


def told(found, code):
    return [f.message for f in found if f.code == code]


@pytest.mark.parametrize(
    ("bend", "code", "words"),
    [
        (
            "update work_item set done_by = done_by + 1 where node = 'decide'",
            "submission",
            "办理人",
        ),
        (
            "update work_item set done_at = done_at - interval '3 days' where node = 'decide'",
            "submission",
            "时间",
        ),
        (
            "update submission set opinion_field = '' where lead_review",
            "submission",
            "意见",
        ),
        (
            "update submission set data = '\\x0102' where decide",
            "submission",
            "内容被改动",
        ),
        ("delete from submission where legal_review", "submission", "被删去"),
        (
            "insert into submission (case_id, work_item_id, data, with_ids)"
            " select case_id, 0, data, with_ids"
            " from submission where legal_review",
            "submission",
            "没有记录",
        ),
        ("update document set data = '\\x0102' where code = 'JD-01'", "document", "改动"),
        ("update document set data_digest = md5('') where code = 'JD-01'", "document", "改动"),
        ("update document set number = '枣环罚〔2025〕9号' where code = 'JD-01'", "document", "文号"),
        ("delete from document where code = 'JD-01'", "document", "被删去"),
        ("delete from document where code = 'JD-01'", "series", "被删去"),
        ("update document_series set last = last + 1 where type_char = '罚'", "series", "编号到第2号"),
        ("update \"case\" set no = no || '1'", "case", "编号"),
        ("update \"case\" set status = 'open', closed_at = null", "case", "办结"),
        (
            'update "case" set attributes = attributes || \'{"legal_passed": true, "filing_ok": false}\'',
            "case",
            "filing_ok",
        ),
        ('update "case" set next_due = now()', "seal", "绕过平台"),
        ("update \"case\" set state = state || '\\x00'", "seal", "绕过平台"),
        ("update work_item set pending = '\\x0102' where pending is not null", "pending", "改动"),
    ],
)
def test_what_differs_from_the_record_is_named(forger, findings, whole, bend, code, words):
    forger.execute(text(at_task(bend).replace(":", r"\:")))
    assert any(words in message for message in told(findings(), code))


@pytest.mark.parametrize(
    ("table", "column", "where", "code"),
    [
        (Submission, "data", Submission.node == "check", "submission"),
        (Document, "data", Document.code == "JD-01", "document"),
        (WorkItem, "pending", WorkItem.pending.is_not(None), "pending"),
    ],
)
def test_what_is_sealed_anew_by_somebody_with_the_key_is_named(
    forger, findings, whole, table, column, where, code
):
    row = forger.scalars(select(table).where(where)).first()
    setattr(row, column, {**getattr(row, column), "facts": "另一说"})
    assert "改动" in told(findings(), code)[0]


def test_a_file_that_was_exchanged_or_lost_is_named(town, findings, whole):
    with town.app.app_context():
        root = files._store()[1]
    digest = files.hashlib.sha256(PAPER).hexdigest()
    path = Path(root) / digest[:2] / digest
    path.write_bytes(b"another letter")
    assert "文件被改动" in told(findings(), "file")[0]
    assert told(findings(files=False), "file") == []
    path.unlink()
    assert "不在文件库中" in told(findings(), "file")[0]
    with town.app.app_context():
        files.put(PAPER)
    assert findings() == []


@pytest.mark.requirement("S2-24", part="改动后哈希不符")
def test_a_pdf_that_was_exchanged_is_found_by_setting_it_anew(forger, findings, whole):
    forged = files.put(b"%PDF-1.7 forged")
    document = forger.query(Document).where(Document.pdf_digest.is_not(None)).first()
    document.pdf_digest = forged
    assert findings() == []
    assert "PDF" in told(findings(render=True), "pdf")[0]
