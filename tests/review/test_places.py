"""Places in texts: found again by their words, cut for the page."""

from app.review.legal_text import Mark, Passage, located, segments

TEXT = [
    Passage("p1", "经查明：当事人于五月二日超标排放。"),
    Passage("p2", "上述事实，有监测报告证明。当事人已经改正，当事人没有申辩。"),
]


def test_words_are_found_where_they_were():
    assert located(TEXT, "p2", 13, "当事人") == ("p2", 13)
    assert located(TEXT, "p2", 21, "当事人") == ("p2", 21)


def test_words_that_moved_within_their_passage_are_found_nearest():
    assert located(TEXT, "p2", 19, "当事人") == ("p2", 21)


def test_words_that_moved_to_another_passage_are_found_there():
    assert located(TEXT, "p2", 0, "五月二日") == ("p1", 8)
    assert located(TEXT, "p9", 0, "监测报告") == ("p2", 6)


def test_words_that_are_gone_are_said_to_be_gone():
    assert located(TEXT, "p1", 0, "六月二日") is None
    assert located(TEXT, "p1", 0, "") is None


def test_a_passage_is_cut_where_marks_begin_and_end_and_loses_no_character():
    pieces = segments("一二三四五六", [Mark(1, 4, "new"), Mark(3, 9, "problem", "7", 1)])
    assert [piece.text for piece in pieces] == ["一", "二三", "四", "五六"]
    assert [piece.kinds for piece in pieces] == ["", "mark-new", "mark-new mark-problem", "mark-problem"]
    assert [[m.ref for m in piece.first] for piece in pieces] == [[], [""], ["7"], []]
