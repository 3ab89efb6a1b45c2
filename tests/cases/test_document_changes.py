"""Documents that were issued wrongly: corrected, superseded, rectified or void by decision of a head, on the record."""

import io
import itertools

import pypdf
import pytest
from sqlalchemy import func, select

from app.archive import checks, words
from app.audit import service as audit
from app.cases import changes, changing, returning
from app.cases import service as cases
from app.cases.changing import Change
from app.cases.models import Case, DocumentChange
from app.documents import service as documents
from app.documents.models import Document, DocumentSeries
from app.documents.service import Pair
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound

from .test_recusal import by_part
from .town import actor, waiting

numbers = itertools.count()


def key():
    return f"change{next(numbers):026d}"


def paper_of(session, case_id, code):
    chosen = select(Document).where(Document.case_id == case_id, Document.code == code)
    return session.scalars(chosen.order_by(Document.id.desc())).first()


def text_of(session, document):
    return "".join(
        "".join(page.extract_text().split())
        for page in pypdf.PdfReader(io.BytesIO(documents.pdf(session, document))).pages
    )


class Office:
    """A case before the report is reviewed, and who changes its papers."""

    def __init__(self, session, case, node):
        self.session, self.case_id = session, case.case_id
        lead, second, third = by_part(session, waiting(session, case.case_id, node))
        self.lead, self.second, self.third = lead, second, third

    def ask(self, document, kind, *pairs, reason="当事人名称打印有误。", by=None):
        asked = Change(kind, reason, [Pair(*pair) for pair in pairs])
        who = actor(self.session, by or self.lead)
        return changes.request(self.session, who, self.case_id, document.id, key(), asked).work_item_id

    def decide(self, number, by="hb-head", approve=True, reason="情况属实。"):
        who = actor(self.session, by)
        return changes.decide(self.session, who, self.case_id, number, key(), approve, reason)

    def change(self, document, kind, *pairs, **said):
        result = self.decide(self.ask(document, kind, *pairs, **said))
        self.session.refresh(document)
        made = self.session.get(DocumentChange, result.work_item_id).result_id
        return self.session.get(Document, made) if made else None

    def findings(self):
        entries = audit.of_case(self.session, self.case_id)
        rows = documents.texts(self.session, self.case_id)
        every = self.session.scalars(select(Document).where(Document.case_id == self.case_id)).all()
        data = {d.id: documents.by_id(self.session, d.id).data for d in every}
        assert rows
        return [told for _, told, _ in checks.issued(every, data, entries)]


@pytest.fixture
def office(stage, desk):
    return Office(desk, stage("stone-mill", until="report"), "report")


@pytest.fixture
def filing(office, desk):
    """The approval form of the filing: inside the agency, and the filing rests on it."""
    return paper_of(desk, office.case_id, "LA-06")


def some_words(document):
    """Words of a document that are no statutory clause."""
    texts = documents.passages(document.data)
    return next(text for text in texts if len(text) > 8 and texts.count(text) == 1)[:6]


def test_a_slip_of_the_pen_is_corrected_under_a_number_of_its_own(office, desk, filing):
    old = some_words(filing)
    made = office.change(filing, "correct", (old, "更正后的文字"))
    assert (made.replaces_id, made.relation, made.code) == (filing.id, "correct", "LA-06")
    assert (filing.status, filing.void_reason) == ("corrected", "当事人名称打印有误。")
    assert (made.year, made.seq) > (filing.year, filing.seq)
    assert (made.step, made.work_item_id) == (filing.step, filing.work_item_id)
    told = text_of(desk, made)
    assert "更正后的文字" in told
    assert f"“{old}”更正为“更正后的文字”".replace(" ", "") in told
    assert "原文书不再使用" in told
    assert "已更正" in text_of(desk, filing)
    (listed_old,) = [d for d in documents.listed(desk, office.case_id) if d.id == filing.id]
    assert (listed_old.word, listed_old.replaced_by[0]) == ("已更正", made.id)
    assert [d["id"] for d in documents.issued(desk, office.case_id)].count(filing.id) == 0


def test_the_register_stays_without_a_gap(office, desk, filing):
    office.change(filing, "correct", (some_words(filing), "更正后的文字"))
    assert not list(documents.numbering_gaps(desk))
    chosen = (DocumentSeries.agency_id == filing.agency_id, DocumentSeries.type_char == filing.type_char)
    last = desk.scalar(select(DocumentSeries.last).where(*chosen, DocumentSeries.year == filing.year))
    rows = select(func.count()).where(
        Document.agency_id == filing.agency_id,
        Document.type_char == filing.type_char,
        Document.year == filing.year,
    )
    assert desk.scalar(rows) == last


def test_request_decision_and_outcome_are_on_the_record(office, desk, filing):
    made = office.change(filing, "correct", (some_words(filing), "更正后的文字"))
    asked, issued, changed = audit.of_case(desk, office.case_id)[-3:]
    assert (asked.kind, issued.kind, changed.kind) == (
        "document.change_requested",
        "document.issued",
        "document.changed",
    )
    assert [d["id"] for d in issued.documents] == [made.id]
    assert (changed.content["paper"], changed.content["becomes"]) == (filing.id, "corrected")
    told = words.about(changed, {}, {})
    assert "批准变更已签发的文书" in told
    assert "理由：情况属实。" in told
    assert office.findings() == []
    filing.status = "issued"
    desk.flush()
    assert any("与记录不符" in told for told in office.findings())


def test_what_the_case_says_now_supersedes_what_it_said(office, desk, filing):
    made = office.change(filing, "supersede", reason="承办人已经变更。")
    assert (filing.status, made.relation) == ("superseded", "supersede")
    assert "已被替代" in text_of(desk, filing)
    assert "替代" in text_of(desk, made)
    assert office.findings() == []


def test_what_a_passed_step_rests_on_is_not_void(office, desk, filing):
    found = {
        c.key: c
        for c in changing.choices(desk, cases.running(desk, waiting(desk, office.case_id, "report")), filing)
    }
    assert not found["correct"].why_not
    assert not found["supersede"].why_not
    assert "没有对外" in found["rectify"].why_not


def test_a_paper_nothing_rests_on_is_void_and_keeps_its_number(office, desk):
    running = cases.running(desk, waiting(desk, office.case_id, "report"))
    free = [
        document
        for document in documents.texts(desk, office.case_id)
        if not {c.key: c for c in changing.choices(desk, running, document)}["void"].why_not
    ]
    assert free
    number = free[0].number
    assert office.change(free[0], "void", reason="不应当制作。") is None
    assert (free[0].status, free[0].void_reason, free[0].number) == ("void", "不应当制作。", number)
    assert "作废" in text_of(desk, free[0])
    assert audit.of_case(desk, office.case_id)[-1].content["becomes"] == "void"
    assert office.findings() == []
    assert not list(documents.numbering_gaps(desk))


def test_gates_take_the_corrected_one_and_not_the_void_one(office, desk, filing):
    before = documents.present(desk, office.case_id)["LA-06"]
    made = office.change(filing, "correct", (some_words(filing), "更正后的文字"))
    assert documents.present(desk, office.case_id)["LA-06"] == made.issued_at > before
    desk.info.clear()
    other = paper_of(desk, office.case_id, "LA-06")
    documents.void(desk, other, "演示", 1)
    assert "LA-06" not in documents.present(desk, office.case_id)


def test_a_head_decides_and_never_about_an_own_request(office, desk, filing):
    number = office.ask(filing, "supersede")
    with pytest.raises(Forbidden, match="分管负责人或者主要负责人"):
        office.decide(number, by=office.second)
    own = office.session
    with pytest.raises(Conflict, match="等待审批"):
        office.ask(filing, "supersede", by=office.second)
    office.decide(number, approve=False, reason="没有必要。")
    own.refresh(filing)
    assert filing.status == "issued"
    with pytest.raises(Conflict, match="不予批准"):
        office.decide(number)
    mine = office.ask(filing, "supersede", by="hb-head")
    with pytest.raises(Forbidden, match="本人提出"):
        office.decide(mine, by="hb-head")


def test_who_does_not_handle_the_case_does_not_ask(office, desk, filing):
    with pytest.raises((Forbidden, NotFound)):
        office.ask(filing, "supersede", by=office.third)


def test_a_wrong_request_says_what_to_mend(office, filing):
    with pytest.raises(Invalid) as caught:
        office.ask(filing, "correct", ("书中没有的文字", "更正"), reason="  ")
    assert caught.value.errors["reason"] == ["请写明理由。"]
    assert "没有“书中没有的文字”" in caught.value.errors["pairs"][0]
    with pytest.raises(Invalid) as caught:
        office.ask(filing, "correct", reason="有误。")
    assert caught.value.errors["pairs"] == ["请写明原文和改正后的文字。"]
    with pytest.raises(Invalid) as caught:
        office.ask(filing, "burn")
    assert caught.value.errors["kind"] == ["请选择如何处理这份文书。"]


def test_a_decision_that_is_out_is_only_rectified(stage, desk):
    office = Office(desk, stage("stone-mill", until="serve"), "serve")
    decision = paper_of(desk, office.case_id, "JD-01")
    for kind in ("correct", "supersede", "void"):
        with pytest.raises(Invalid) as caught:
            office.ask(decision, kind, ("罚款", "罚款"))
        assert "补正文书" in caught.value.errors["kind"][0]
    old = some_words(decision)
    made = office.change(decision, "rectify", (old, "补正后的文字"))
    assert (made.title, made.relation, made.type_char) == ("补正通知书", "rectify", decision.type_char)
    assert (made.year, made.seq) > (decision.year, decision.seq)
    assert decision.status == "issued"
    told = text_of(desk, made)
    for stated in (decision.number, f"原文“{old}”", "补正为“补正后的文字”", "其他内容不变"):
        assert "".join(stated.split()) in told
    assert documents.present(desk, office.case_id)["JD-01"] == decision.issued_at
    (shown,) = [d for d in documents.listed(desk, office.case_id) if d.id == decision.id]
    assert [d[0] for d in shown.rectified_by] == [made.id]
    assert office.findings() == []


def test_statutory_clauses_are_not_corrected(stage, desk):
    office = Office(desk, stage("stone-mill", until="serve"), "serve")
    decision = paper_of(desk, office.case_id, "JD-01")
    locked = [block for block in decision.data["blocks"] if block.get("lock")]
    assert locked
    clause = locked[0]["lines"][0][:12]
    with pytest.raises(Invalid) as caught:
        office.ask(decision, "rectify", (clause, "别的文字"))
    assert "法定条款" in caught.value.errors["pairs"][0]


def test_what_replaces_a_paper_falls_with_its_step(office, desk, filing):
    made = office.change(filing, "correct", (some_words(filing), "更正后的文字"))
    running = cases.running(desk, waiting(desk, office.case_id, "report"))

    class Taken:
        class row:
            work_item_id, at = filing.work_item_id, filing.issued_at

        work = None

    class Cut:
        void, changed, lost = [Taken], [], []

    assert [d.id for d in returning.papers(desk, running, Cut)] == [made.id]


def ended(desk, drive, code, kind, *pairs):
    """What a deputy asks about a paper of an ended case; the request's number."""
    asked = Change(kind, "当事人住所打印有误。", [Pair(*pair) for pair in pairs])
    document = paper_of(desk, drive.case_id, code)
    done = changes.request(desk, actor(desk, "hb-deputy"), drive.case_id, document.id, key(), asked)
    return document, done.work_item_id


def test_after_the_end_a_slip_in_the_party_s_paper_is_still_put_right(stage, desk):
    drive = stage("stone-mill")
    decision = paper_of(desk, drive.case_id, "JD-01")
    decision, number = ended(desk, drive, "JD-01", "rectify", (some_words(decision), "更正后的文字"))
    head = actor(desk, "hb-head")
    assert [one.id for one in changes.waiting(desk, head)] == [number]
    changes.decide(desk, head, drive.case_id, number, key(), True, "情况属实。")
    desk.refresh(decision)
    made = desk.get(Document, desk.get(DocumentChange, number).result_id)
    assert (decision.status, made.relation, made.replaces_id) == ("issued", "rectify", decision.id)
    assert audit.of_case(desk, drive.case_id)[-1].kind == "document.changed"


@pytest.mark.parametrize(
    ("code", "kind"), [("JD-01", "correct"), ("JD-01", "void"), ("LA-06", "rectify"), ("LA-06", "correct")]
)
def test_after_the_end_nothing_else_is_changed(stage, desk, code, kind):
    drive = stage("stone-mill")
    words_of = some_words(paper_of(desk, drive.case_id, code))
    with pytest.raises(Invalid) as caught:
        ended(desk, drive, code, kind, (words_of, "更正后的文字"))
    assert "kind" in caught.value.errors


def test_the_page_of_an_ended_case_offers_what_can_still_be_put_right(stage, desk):
    drive = stage("stone-mill")
    running = cases.running_case(desk, desk.get(Case, drive.case_id), drive.moment)
    offered = {desk.get(Document, one).code for one in changing.rectifiable(desk, running)}
    assert {"JD-01", "GZ-02"} <= offered
    assert offered.isdisjoint({"LA-01", "LA-06", "SH-01", "JA-01"})
