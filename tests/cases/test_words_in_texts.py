"""Opinions and documents found by their words: the right ones, one's own agency's, and nothing readable in the index."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text, update
from werkzeug.datastructures import MultiDict

from app.cases import full_text
from app.cases.models import Case, Submission, TextDigests, WorkItem
from app.documents.models import Document
from app.documents.service import text_of
from app.inbox import filters, queries
from app.inbox.boxes import Box
from app.kernel import clock, facts, jobs, word_digests
from app.kernel.sealed import seal

from .test_nothing_in_clear import spellings
from .town import Town, actor

CASE = "dust-heap"
OPINION = "现场照片与询问笔录相互印证，建议按一般情形从轻处理。"
RARE = "相互印证"


def read_all(session) -> None:
    """Everything that the job and those that follow it read."""
    waiting = "select count(*) from job where kind = 'cases.read_texts'"
    full_text.read_new(session, clock.now())
    while session.scalar(text(waiting)):
        session.execute(text("delete from job where kind = 'cases.read_texts'"))
        full_text.read_new(session, clock.now())


@pytest.fixture
def written(drive):
    """A case with an opinion of known words, waiting for its lead's review."""
    found = drive(CASE, until="lead_review")
    session = found.session
    session.flush()
    last = session.scalars(
        select(Submission)
        .where(Submission.case_id == found.case_id, Submission.opinion_field != "")
        .order_by(Submission.id.desc())
    ).first()
    data = dict(last.data)
    data[last.opinion_field] = {**data[last.opinion_field], "text": OPINION}
    session.execute(
        text("update submission set data = :d where id = :i"),
        {"d": seal(data, "submission.data"), "i": last.id},
    )
    session.expire_all()
    read_all(session)
    return found


def found(session, login: str, *words: str, box: Box = Box.DONE) -> list[int]:
    asked = queries.Asked(text=full_text.askable(words))
    page = queries.page(session, actor(session, login), box, asked=asked)
    return [row.case_id for row in page.rows]


def test_an_opinion_is_found_by_its_words_and_shown_with_what_stands_around(written):
    session = written.session
    who = actor(session, "hb-officer1")
    page = queries.page(session, who, Box.DONE, asked=queries.Asked(text=[RARE]))
    assert {row.case_id for row in page.rows} == {written.case_id}
    (snippet,) = page.found[written.case_id]
    assert (snippet.before, snippet.word) == ("现场照片与询问笔录", RARE)
    assert snippet.after.startswith("，建议按一般情形")


def test_a_document_is_found_by_its_words(written):
    session = written.session
    paper = session.scalars(select(Document).where(Document.case_id == written.case_id)).first()
    line = max(text_of(paper.data).split(word_digests.BREAK), key=len)
    word = word_digests.plain(line).split("\n")[0][2:10]
    assert len(word) > 3
    assert written.case_id in found(session, "hb-officer1", word)


def test_every_word_must_be_there_but_not_in_one_text(written):
    session = written.session
    assert found(session, "hb-officer1", RARE, "询问笔录")
    assert found(session, "hb-officer1", RARE, "没有写过的话") == []


@pytest.mark.parametrize(
    "word", ["印证相互", "询问相互", "照片从轻", "笔录建议按一般", "现场照片与询问笔录不相互印证"]
)
def test_pairs_alone_show_nothing(written, word):
    assert found(written.session, "hb-officer1", word) == []


def test_digests_that_lie_show_nothing(written):
    """Whatever stands in the index, what is shown was read."""
    session = written.session
    lies = word_digests.digests(actor(session, "hb-officer1").agency_id, "凭空出现的字句")
    session.execute(update(TextDigests).where(TextDigests.case_id == written.case_id).values(pairs=lies))
    assert full_text.candidates(session, actor(session, "hb-officer1").agency_id, ["凭空出现"]) == [
        written.case_id
    ]
    assert found(session, "hb-officer1", "凭空出现") == []


def test_nobody_else_finds_it(written):
    session = written.session
    for login in ("szhb-officer1", "szhb-head", "sj-head", "hb-finance"):
        for box in Box:
            assert found(session, login, RARE, box=box) == []


def test_the_same_words_have_other_digests_in_another_agency(written):
    session = written.session
    mine, theirs = actor(session, "hb-officer1").agency_id, actor(session, "szhb-officer1").agency_id
    assert not set(word_digests.digests(mine, OPINION)) & set(word_digests.digests(theirs, OPINION))
    assert full_text.candidates(session, theirs, [RARE]) == []


def test_where_words_are_everywhere_the_list_itself_is_looked_through(written, monkeypatch):
    monkeypatch.setattr(full_text, "candidates", lambda *_: None)
    assert written.case_id in found(written.session, "hb-officer1", RARE)


def test_a_filter_holds_beside_words(written):
    session = written.session
    who = actor(session, "hb-officer1")
    for arguments, hits in (([("field", "STHJ")], True), ([("not.field", "STHJ")], False)):
        chosen = filters.read(MultiDict(arguments))
        page = queries.page(session, who, Box.DONE, asked=queries.Asked(text=[RARE], chosen=chosen))
        assert bool(page.rows) is hits


def test_reading_again_changes_nothing_and_goes_on_from_where_it_was(written):
    session = written.session
    before = session.execute(select(TextDigests.kind, TextDigests.source_id, TextDigests.pairs)).all()
    assert before
    facts.put(session, "texts_read:opinion", 0)
    session.expire_all()
    read_all(session)
    assert session.execute(select(TextDigests.kind, TextDigests.source_id, TextDigests.pairs)).all() == before


def test_what_is_young_is_looked_for_again(written):
    """A number that was drawn early may commit late: the mark does not pass it."""
    session = written.session
    newest = session.scalar(
        select(Submission.id).where(Submission.opinion_field != "").order_by(Submission.id.desc())
    )
    young = session.get(Submission, newest).at
    facts.put(session, "texts_read:opinion", 0)
    session.execute(text("delete from text_digests"))
    full_text.read_new(session, young)
    session.expire_all()
    assert (facts.get(session, "texts_read:opinion") or 0) < newest


def test_telephone_and_identity_numbers_are_in_no_index():
    long = "电话13912345678，证号993725196007172230"
    assert word_digests.pairs_of(word_digests.plain(long)) == word_digests.pairs_of(
        word_digests.plain("电话1234567，证号1234567")
    )
    assert full_text.askable(["13912345678", "993725196007172230", "印", "印证"]) == ["印证"]


def test_the_worker_reads_what_was_there_before(town: Town):
    case_id = town.open(CASE, "lead_review")
    with town.app.app_context():
        jobs.run_periodic(clock.now())
        while jobs.run_due(clock.now()):
            pass
    with town.read() as session:
        told = session.scalars(select(TextDigests.kind).where(TextDigests.case_id == case_id)).all()
        papers = session.scalars(select(Document.id).where(Document.case_id == case_id)).all()
        opinions = session.scalars(
            select(Submission.id).where(Submission.case_id == case_id, Submission.opinion_field != "")
        ).all()
        assert sorted(told) == sorted(["document"] * len(papers) + ["opinion"] * len(opinions))
        assert papers
        assert opinions
        rows = "".join(session.scalars(text("select t::text from text_digests t")))
        title = session.scalars(select(Case.title).where(Case.id == case_id)).one()
        for submission in session.scalars(select(Submission).where(Submission.id.in_(opinions))):
            words = submission.opinion["text"]
            assert words
            assert not any(spelled in rows for spelled in spellings(words[:4]))
        assert not any(spelled in rows for spelled in spellings(title[:2]))


def test_the_page_shows_words_in_texts(town: Town):
    with town.read() as session:
        works = session.scalars(select(WorkItem.case_id).where(WorkItem.node == "lead_review")).all()
        opinion = session.scalars(
            select(Submission).where(Submission.case_id.in_(works), Submission.opinion_field != "")
        ).first()
        word = opinion.opinion["text"][:4]
    who = town.caller("hb-lead")
    answer = who.post("/inbox", {"q": word, "where": "text", "box": "done"}, page="/inbox")
    page = who.get(answer.location).get_data(as_text=True)
    assert f"<mark>{word}</mark>" in page


def test_the_reader_writes_in_the_order_of_cases(drive):
    """What it writes refers to cases that acts may hold: in another order the two would wait for each other."""
    first, second = drive(CASE, until="file_approve"), drive(CASE, until="lead_review")
    while (node := first.next_node("lead_review")) is not None:
        first.moment += timedelta(minutes=10)
        first.do(node)
    session = first.session
    session.flush()
    session.execute(text("delete from text_digests"))
    full_text.read_new(session, clock.now())
    written = list(session.scalars(text("select case_id from text_digests order by cmin::text::bigint")))
    assert {first.case_id, second.case_id} <= set(written)
    assert written == sorted(written)
    given = select(Submission.case_id).where(Submission.case_id.in_((first.case_id, second.case_id)))
    handed_in = list(session.scalars(given.order_by(Submission.id)))
    assert handed_in != sorted(handed_in), "they were handed in in another order"
