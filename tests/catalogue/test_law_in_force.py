"""Every citation resolves against the version in force on a day, down to the item; what does not is told."""

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from app.catalogue import changes, citations, library, provisions, validity
from app.catalogue.models import Law, PowerItem
from app.catalogue.validity import Change, ChangeKind, Standing, Version

from .statute_files import shared, statute

OLD = Version(1, date(2010, 1, 1), date(2010, 5, 1))
NEW = Version(2, date(2020, 1, 1), date(2020, 5, 1))
REPEAL = Change(1, ChangeKind.REPEALED, date(2026, 8, 15), "新法典", "《新法典》第一条")
AMENDED = Change(2, ChangeKind.AMENDED, date(2025, 12, 1), "修改决定", "2025年修正")


@pytest.mark.parametrize(
    ("day", "standing", "version"),
    [
        ("2010-04-30", Standing.NOT_YET, OLD),
        ("2010-05-01", Standing.IN_FORCE, OLD),
        ("2020-04-30", Standing.IN_FORCE, OLD),
        ("2020-05-01", Standing.IN_FORCE, NEW),
        ("2025-11-30", Standing.IN_FORCE, NEW),
        ("2025-12-01", Standing.OUTDATED, NEW),
        ("2026-08-14", Standing.OUTDATED, NEW),
        ("2026-08-15", Standing.REPEALED, NEW),
    ],
)
def test_a_version_holds_from_its_day_to_the_next(day, standing, version):
    held = validity.on_day([NEW, OLD], [AMENDED, REPEAL], date.fromisoformat(day))
    assert (held.standing, held.version) == (standing, version)


def test_the_new_text_answers_the_amendment_it_came_with():
    text = Version(3, date(2025, 9, 12), AMENDED.on)
    assert validity.on_day([NEW, text], [AMENDED], AMENDED.on).standing is Standing.IN_FORCE
    assert validity.on_day([NEW, text], [AMENDED], AMENDED.on - timedelta(1)).version == NEW


def test_of_a_statute_nobody_took_in_the_repeal_is_known_all_the_same():
    assert validity.on_day([], [REPEAL], REPEAL.on).standing is Standing.REPEALED
    assert validity.on_day([], [REPEAL], REPEAL.on - timedelta(1)).standing is Standing.UNKNOWN


def test_an_amended_text_is_in_force_from_its_adoption_unless_it_says_later():
    assert validity.effective(date(2018, 10, 26), date(2016, 1, 1)) == date(2018, 10, 26)
    assert validity.effective(date(2026, 3, 12), date(2026, 8, 15)) == date(2026, 8, 15)
    assert validity.effective(None, None) is None
    assert validity.ends([OLD, NEW], [REPEAL], OLD) == (NEW.effective_on, "后一版本施行")
    assert validity.ends([OLD, NEW], [REPEAL], NEW) == (REPEAL.on, "《新法典》")


BODY = "首款。\n有下列情形之一的，处罚：\n（一）甲；\n1.子一；\n2.子二；\n（二）乙。\n末款。"


@pytest.mark.parametrize(
    ("cited", "words"),
    [
        ("第五条", BODY),
        ("第五条第一款", "首款。"),
        ("第五条第二款第（二）项", "有下列情形之一的，处罚：\n（二）乙。"),
        ("第五条第二项", "有下列情形之一的，处罚：\n（二）乙。"),
        ("第五条第二款第一项第二目", "有下列情形之一的，处罚：\n（一）甲；\n2.子二；"),
        ("第五条第三款", "末款。"),
        ("第五条第四款", None),
        ("第五条第二款第三项", None),
    ],
)
def test_paragraphs_items_and_sub_items_are_found(cited, words):
    piece = next(p for p in citations.pieces(f"《甲法》{cited}") if p.articles)
    place = provisions.places(piece)[0]
    assert provisions.part(BODY, place) == words
    assert citations.articles_in(place.name) == ("5",)


def test_all_published_citations_find_their_words():
    """278 citations of real lists against the whole articles: paragraph and item are where they are said to be."""
    rows = json.loads(shared("data/legal_basis.json").read_text(encoding="utf-8"))["articles"]
    wrong = []
    for row in rows:
        place = provisions.places(next(p for p in citations.pieces(row["citation"]) if p.articles))[0]
        found = provisions.part(row["full_article"], place) or ""
        if "".join(found.split()) != "".join(row["text"].split()):
            wrong.append(row["citation"])
    assert (len(rows), wrong) == (278, [])


@pytest.fixture
def laws(session):
    """A law of two versions, the later not yet in force in the middle of 2020."""
    library.load(session, [
        statute("中华人民共和国示范法", {"1": "旧文。", "2": BODY}, "2010-01-01", "2010-05-01"),
        statute("中华人民共和国示范法", {"1": "新文。\n二款。", "3": "增加。"}, "2020-01-01", "2020-09-01"),
    ])  # fmt: skip
    return session


@pytest.mark.parametrize(
    ("words", "day", "told"),
    [
        ("《示范法》第一条", "2020-06-01", [("旧文。", "")]),
        ("《中华人民共和国示范法》第一条第一款", "2020-09-01", [("新文。", "")]),
        ("《示范法》第一条第二款", "2020-06-01", [("", "第一条没有这一款项，请核对。")]),
        ("《示范法》第三条", "2020-06-01", [("", "载入的文本中没有第三条，请核对条号或者补充载入。")]),
        ("《示范法》第一条", "2009-06-01", [("旧文。", "尚未施行，自2010年5月1日起施行。")]),
        ("《无此法》第一条", "2020-06-01", [("", "没有载入这部法律的条文，无法核对。")]),
    ],
)
def test_a_citation_is_read_as_of_a_day(laws, words, day, told):
    found = library.resolve(laws, words, date.fromisoformat(day))
    assert [(each.words, each.problem) for each in found] == told


def test_words_are_found_in_the_middle_of_articles(laws):
    found = library.search(laws, "下列情形")
    assert [(row.name, row.article) for row in found] == [("中华人民共和国示范法", "2")]
    assert library.search(laws, "列情形之") == found
    assert library.search(laws, "情列") == []
    assert library.search(laws, "%") == []
    assert library.search(laws, "百分%") == []


@pytest.fixture
def act(town):
    """One act of the town, rolled back."""
    with town.app.app_context():
        from app.kernel.db import db

        session = db.session()
        yield session
        session.rollback()
        db.session.remove()


def test_the_register_knows_when_statutes_hold_without_their_texts(act):
    """On 15 August 2026 the code takes effect and ten laws are repealed; what a text says is not claimed to be known."""
    assert library.register(act) == len(library.registered())
    assert library.register(act) == 0, "once"
    changes.load_known(act)
    code, day = "中华人民共和国生态环境法典", date(2026, 8, 15)
    repealed = [row["law"] for row in changes.facts()["changes"] if row["by"] == code]
    known = library.histories(act, [code, *repealed])
    assert len(repealed) == 10
    for law in repealed:
        history = known[citations.same_law(law)]
        assert history.on(day - timedelta(1)).standing is Standing.IN_FORCE, law
        assert history.on(day).standing is Standing.REPEALED, law
    assert known[citations.same_law(code)].on(day - timedelta(1)).standing is Standing.NOT_YET
    assert known[citations.same_law(code)].on(day).standing is Standing.IN_FORCE
    [held] = library.resolve(act, f"《{code}》第一千一百三十条第（三）项", day)
    assert (held.words, held.problem) == ("", "条文没有载入，请核对原文。")
    assert library.held(act, [f"《{code}》第九千条"]) == {}, "no article is said to be missing"


def test_what_the_shipped_items_cite_is_in_the_register(act):
    library.register(act)
    items = act.scalars(select(PowerItem).where(PowerItem.kind.not_in(("item", "governance", "order")))).all()
    laws = {law for item in items for words in item.basis for law in citations.laws(str(words))}
    assert [law for law, history in library.histories(act, laws).items() if not history.versions] == []


def test_a_text_that_is_taken_in_takes_the_place_of_its_entry(act):
    library.register(act)
    whole = "中华人民共和国行政强制法"
    library.load(act, [statute(whole, {"1": "第一条的文字。"}, "2011-06-30", "2012-01-01")])
    [version] = library.histories(act, [whole])["行政强制法"].versions
    assert version.loaded
    undated = replace(statute("工伤认定办法", {"1": "没有日期的文字。"}, "2010-12-31"), adopted_on=None)
    library.load(act, [undated])
    assert [v.loaded for v in library.histories(act, ["工伤认定办法"])["工伤认定办法"].versions] == [True]
    known = len(library.registered())
    assert len(act.scalars(select(Law.key)).all()) == known
    assert library.register(act) == 0
