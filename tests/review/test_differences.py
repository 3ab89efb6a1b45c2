"""Differences between texts, in places and in words."""

from app.review.legal_diff import cited, compare, pieces, sums
from app.review.legal_text import Passage


def text(*lines: str) -> list[Passage]:
    return [Passage(f"p{n}", line) for n, line in enumerate(lines, 1)]


def test_a_changed_amount_is_marked_in_both_texts():
    old = text("决定给予罚款人民币贰拾万元整，自收到之日起十五日内缴纳。")
    new = text("决定给予罚款人民币叁拾万元整，自收到之日起十五日内缴纳。")
    found = compare(old, new)
    (mark,) = found.new["p1"]
    assert new[0].text[mark.start : mark.end] == "叁"
    (gone,) = found.old["p1"]
    assert old[0].text[gone.start : gone.end] == "贰"
    assert len(found.changes) == 1


def test_a_moved_paragraph_is_no_difference_and_a_new_one_is_all_new():
    old = text("第一段写当事人的基本情况。", "第二段写违法事实和证据。")
    new = text(
        "第二段写违法事实和证据。", "第一段写当事人的基本情况。", "第三段是新增加的裁量理由，写得很长。"
    )
    found = compare(old, new)
    assert list(found.new) == ["p3"]
    assert found.old == {}
    assert [change.before for change in found.changes] == [""]


def test_words_of_form_and_words_said_elsewhere_are_no_difference():
    old = text(
        "2025年5月2日，当事人排放颗粒物超过限值二倍以上。", "依据《条例》第三条的规定，应当予以行政处罚。"
    )
    new = text(
        "经查明：2025年5月2日，当事人排放颗粒物超过限值二倍以上。依据《条例》第三条的规定，决定给予处罚。"
    )
    found = compare(old, new, only_alike=True)
    assert found.changes
    assert found.without("应当予以行政处罚。", "经查明：\n决定给予处罚。").changes == []


def test_what_is_neither_of_form_nor_said_elsewhere_stays():
    old = text("2025年5月2日，当事人排放颗粒物超过限值二倍以上。")
    new = text("经查明：2025年5月2日，当事人排放颗粒物超过限值三倍以上。")
    found = compare(old, new, only_alike=True).without("", "经查明：")
    assert [change.now for change in found.changes if "三" in change.now]
    assert found.new["p1"]


def test_small_islands_of_equal_letters_are_part_of_the_change():
    assert pieces("甲乙丙丁戊己庚辛", "甲子丙丑戊己庚辛") == [(1, 4, 1, 4)]


def test_articles_and_sums_are_found():
    said = text(
        "违反《排污许可管理条例》第十七条第二款，依据《排污许可管理条例》第三十四条第（一）项，罚款￥250,000.00元。"
    )
    assert list(cited(said)) == [
        "《排污许可管理条例》第十七条第二款",
        "《排污许可管理条例》第三十四条第（一）项",
    ]
    assert list(sums(said)) == ["250000.00"]
