"""Tables that people bring: both formats say the same, and nothing that is brought does harm. What harms as a container is
in `tests/attacks/test_item_files.py`."""

import io
from datetime import date

import openpyxl
import pytest

from app.kernel import sheets
from app.kernel.errors import Invalid


def xlsx(rows):
    """An XLSX whose first sheet has these rows."""
    book, made = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(made)
    return made.getvalue()


def refused(content):
    with pytest.raises(Invalid) as caught:
        sheets.rows_of(content)
    assert caught.value.code == "file"
    return caught.value.message


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_csv_in_the_encodings_of_office_programs(encoding):
    content = '姓名,证号\r\n 甲子（演示） ,"演示,1"\r\n,\r\n乙丑,2\r\n'.encode(encoding)
    assert sheets.rows_of(content) == [["姓名", "证号"], ["甲子（演示）", "演示,1"], [], ["乙丑", "2"]]


def test_an_xlsx_says_the_same_with_its_gaps_days_and_numbers():
    rows = [["姓名", None, "证号"], [], [], ["甲子", "", date(2026, 1, 31)], ["乙丑", None, 46053], []]
    assert sheets.rows_of(xlsx(rows)) == [
        ["姓名", "", "证号"],
        [],
        [],
        ["甲子", "", "2026-01-31"],
        ["乙丑", "", "46053"],
    ]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-01-31", date(2026, 1, 31)), ("2026/1/31", date(2026, 1, 31)), ("2026.1.31", date(2026, 1, 31)),
        ("2026年1月31日", date(2026, 1, 31)), ("20260131", date(2026, 1, 31)), ("46053", date(2026, 1, 31)),
        ("2026-01-31 00:00:00", date(2026, 1, 31)), ("2026-02-30", None), ("明天", None), ("", None), ("31", None),
    ],
)  # fmt: skip
def test_days_as_people_and_spreadsheets_write_them(text, day):
    assert sheets.day_of(text) == day


def test_what_is_none_is_refused_in_words():
    assert "编码" in refused(b"\xff\xfe\x00\x01" * 9)
    assert "不是文字" in refused(b"a,b\x00c")
    assert "已损坏" in refused(b"PK\x03\x04 nothing")
    whole = xlsx([["姓名"]])
    assert "已损坏" in refused(whole[: len(whole) // 2])
    assert "单元格 A2 是公式" in refused(xlsx([["姓名"], ["=1+1"]]))


def test_endless_tables_are_refused():
    assert "MB" in refused(b"a" * (sheets.MOST_BYTES + 1))
    assert "行" in refused(b"a\n" * (sheets.MOST_ROWS + 2))
    assert "列" in refused(b"," * (sheets.MOST_COLUMNS + 1))
