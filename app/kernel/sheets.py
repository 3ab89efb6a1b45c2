"""Tables that people hand in (XLSX, CSV), read as texts with the address of each cell, and tables given out, in which no
text is ever a formula."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from .containers import safe_container
from .errors import Invalid

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 20_000
MOST_COLUMNS = 60
MOST_CELL = 5_000
"""Characters in a cell."""
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""
QUOTE = "'"
ZIPPED = b"PK\x03\x04"
EPOCH = date(1899, 12, 30)
"""Day 0 of serial numbers, as spreadsheets count since a year 1900 that was taken for a leap year."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell, as text; `fault`: why it cannot be taken, in Chinese; `number`: it was kept as a number."""

    ref: str
    text: str = ""
    fault: str = ""
    number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """The heads of the columns, and the rows below with their numbers; rows with nothing in them are left out."""

    heads: tuple[Cell, ...]
    rows: tuple[tuple[int, tuple[Cell, ...]], ...]


def read(content: bytes, name: str) -> Table:
    """The first sheet of a file.

    Raises:
        Invalid: code `file`; it is neither XLSX nor CSV, is harmful, too large or empty.
    """
    if not name.lower().endswith((".csv", ".xlsx")):
        raise _refused("只能导入 .xlsx 或者 .csv 文件。旧格式（.xls）请用办公软件另存为 .xlsx。")
    return _table(_lines(content, zipped=name.lower().endswith(".xlsx")))


def rows_of(content: bytes) -> list[list[str]]:
    """The rows of the first sheet of a file as texts, whichever of the two kinds it is; rows with nothing in them stay as
    empty lists, so that the place in the list is the row's number.

    Raises:
        Invalid: code `file`; it is neither XLSX nor CSV, is harmful or too large, or a cell cannot be taken.
    """
    rows: list[list[str]] = []
    for cells in _lines(content, zipped=content.startswith(ZIPPED)):
        for cell in cells:
            if cell.fault:
                raise _refused(f"单元格 {cell.ref} {cell.fault}")
        texts = [cell.text for cell in cells]
        while texts and not texts[-1]:
            texts.pop()
        rows.append(texts)
    while rows and not rows[-1]:
        rows.pop()
    return rows


def day_of(text: str) -> date | None:
    """A day as people and spreadsheets write it: 2026-01-31, 2026/1/31, 2026.1.31, 2026年1月31日, 20260131 or a serial
    number; None where it is none."""
    found = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: 0?0:00:00)?", text)
    found = found or re.fullmatch(r"(\d{4})(\d{2})(\d{2})", text)
    try:
        if found:
            return date(*(int(part) for part in found.groups()))
    except ValueError:
        return None
    serial = re.fullmatch(r"(\d{5})(?:\.0)?", text)
    return EPOCH + timedelta(days=int(serial[1])) if serial else None


def _lines(content: bytes, *, zipped: bool) -> Iterator[tuple[Cell, ...]]:
    if len(content) > MOST_BYTES:
        raise _refused(f"文件超过 {MOST_BYTES // 1024 // 1024} MB。请分成几个文件。")
    if zipped:
        safe_container(content, "xl/workbook.xml")
    for number, cells in enumerate(_xlsx(content) if zipped else _csv(content), 1):
        if number > MOST_ROWS + 1:
            raise _refused(f"文件超过 {MOST_ROWS} 行。请删去后面的空行，或者分成几个文件。")
        yield cells


def _refused(message: str) -> Invalid:
    return Invalid(message, code="file")


def _table(lines: Iterable[tuple[Cell, ...]]) -> Table:
    heads: tuple[Cell, ...] | None = None
    rows = []
    for number, cells in enumerate(lines, 1):
        if not any(cell.text or cell.fault for cell in cells):
            continue
        if heads is None:
            last = max(at for at, cell in enumerate(cells) if cell.text or cell.fault)
            heads = cells[: last + 1]
        else:
            rows.append((number, cells))
    if heads is None or not rows:
        raise _refused("文件中没有内容：第一行应为列名，以下每行一个事项。")
    return Table(heads, tuple(rows))


def _csv(content: bytes) -> Iterator[tuple[Cell, ...]]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise _refused("文件不是 UTF-8 或者 GB18030 编码的文字。请另存为 UTF-8 编码的 CSV。")
    if "\0" in text:
        raise _refused("文件不是文字。请另存为 CSV 后重新上传。")
    csv.field_size_limit(MOST_CELL * 20)
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline="")), 1):
            if len(row) > MOST_COLUMNS:
                raise _refused(f"第 {number} 行超过 {MOST_COLUMNS} 列。请检查逗号和引号。")
            yield tuple(_text(f"{letter(at)}{number}", unquoted(each)) for at, each in enumerate(row))
    except csv.Error as wrong:
        raise _refused("CSV 的写法不对，请检查引号是否成对。") from wrong


def _xlsx(content: bytes) -> Iterator[tuple[Cell, ...]]:
    import openpyxl

    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS, max_row=MOST_ROWS + 2), 1):
            yield tuple(_cell(f"{letter(at)}{number}", each) for at, each in enumerate(row))
    except Invalid:
        raise
    except Exception as wrong:  # the library raises whatever a broken part makes it stumble over
        raise _refused("文件已损坏，无法读取。请用办公软件打开后另存为 .xlsx 再上传。") from wrong


def _cell(ref: str, cell: Any) -> Cell:
    value, kind = cell.value, cell.data_type
    if value is None:
        return Cell(ref)
    if kind == "f" or (kind != "s" and str(value).startswith("=")):
        return Cell(ref, fault="是公式，不能导入。请改为写明内容的文字。")
    if kind == "e":
        return Cell(ref, fault=f"是错误值 {value}。请改为文字。")
    if isinstance(value, bool):
        return Cell(ref, fault="是真假值。请改为文字。")
    if isinstance(value, datetime | date):
        return Cell(ref, (value.date() if isinstance(value, datetime) else value).isoformat())
    if isinstance(value, int | float):
        whole = isinstance(value, int) or value.is_integer()
        return Cell(ref, str(int(value)) if whole else str(value), number=True)
    return _text(ref, str(value))


def _text(ref: str, value: str) -> Cell:
    text = value.replace("\r\n", "\n").replace("\r", "\n").replace("\u200b", "").strip()
    if len(text) > MOST_CELL:
        return Cell(ref, fault=f"超过 {MOST_CELL} 字。请缩短。")
    if any(ord(char) < 32 and char not in "\n\t" for char in text):
        return Cell(ref, fault="含有不能显示的控制字符。请重新输入。")
    return Cell(ref, text)


def letter(at: int) -> str:
    """The letter of the n-th column, from 0: A, B, … Z, AA."""
    words = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        words = chr(65 + rest) + words
    return words


def harmless(text: str) -> str:
    """A text as CSV may carry it: what a spreadsheet would take for a formula gets a quotation mark before it."""
    return f"{QUOTE}{text}" if text.startswith(FORMULA_STARTS) else text


def unquoted(text: str) -> str:
    """The same back again."""
    return text[1:] if text.startswith(QUOTE) and text[1:].startswith(FORMULA_STARTS) else text


def as_csv(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """A table as CSV for spreadsheets (UTF-8 with its mark)."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(heads)
    writer.writerows([harmless(text) for text in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def as_xlsx(
    title: str,
    heads: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    notes: Sequence[tuple[str, str]] = (),
    marks: Mapping[str, str] | None = None,
    widths: Sequence[int] = (),
) -> bytes:
    """A table as XLSX, every cell a text. `notes`: a second sheet that says how to fill in; `marks`: cells that are wrong
    (`C5`), red with what is wrong as a comment."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    _fill(sheet, title, heads, rows, widths)
    _mark(sheet, marks or {})
    if notes:
        page = book.create_sheet("填写说明")
        page.column_dimensions["A"].width, page.column_dimensions["B"].width = 20, 100
        for number, pair in enumerate([("列", "怎样填写"), *notes], 1):
            for at, text in enumerate(pair, 1):
                _put(page.cell(number, at), text)
    return _saved(book)


def as_book(tables: Iterable[tuple[str, Sequence[str], Iterable[Sequence[str]]]]) -> bytes:
    """Several tables (title, heads, rows) as the sheets of one XLSX, every cell a text."""
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, heads, rows in tables:
        _fill(book.create_sheet(), title, heads, rows, ())
    return _saved(book)


def _fill(
    sheet: Any, title: str, heads: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[int]
) -> None:
    from openpyxl.styles import Alignment, Font, PatternFill

    sheet.title = title[:31]
    for number, row in enumerate([heads, *rows], 1):
        for at, text in enumerate(row, 1):
            _put(sheet.cell(number, at), text)
    for at, cell in enumerate(sheet[1]):
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="DCE8F5")
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        sheet.column_dimensions[cell.column_letter].width = widths[at] if at < len(widths) else 18
    sheet.freeze_panes = "A2"


def _saved(book: Any) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _put(cell: Any, text: str) -> None:
    cell.value = text or None
    if text:
        cell.data_type = "s"  # also where it begins with =
        cell.number_format = "@"
        cell.quotePrefix = text.startswith(FORMULA_STARTS)


def _mark(sheet: Any, marks: Mapping[str, str]) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    red = PatternFill("solid", fgColor="F8D7DA")
    for ref, words in marks.items():
        sheet[ref].fill = red
        sheet[ref].comment = Comment(words, "平台", height=120, width=320)
