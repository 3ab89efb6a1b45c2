"""Rows of a file with power items: what each column is, and everything that is wrong with each row. Nothing here knows the
database; what only it knows (agencies, procedures) is told."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from app.kernel.errors import Invalid
from app.kernel.identity import is_uscc
from app.kernel.sheets import Cell, Table

from . import citations, ranges

DATA = Path(__file__).parent / "data" / "item_columns.yaml"
MOST_NAME = 300
MOST_CODE = 60
_SEPARATOR = re.compile(r"[;；\n、]")
_BASES = re.compile(r"[;；\n]")
_CODE = re.compile(r"[0-9A-Za-z\u4e00-\u9fff][0-9A-Za-z\u4e00-\u9fff().（）/_-]*")
_FINE = re.compile(
    r"(?:(?P<when>.+?)[:：]\s*)?(?:(?P<sign>[≤≥])?(?P<low>[0-9.]+)(?:\s*[-~～至]\s*(?P<high>[0-9.]+))?)\s*"
    r"(?P<unit>元|万元|倍|%)(?:[（(](?P<base>[^（）()]+)[）)])?"
)


@cache
def facts() -> dict[str, Any]:
    """The data file: columns, types, code schemes."""
    return yaml.safe_load(DATA.read_text(encoding="utf-8"))


def columns() -> list[dict[str, Any]]:
    """The columns in their order."""
    return list(facts()["columns"])


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a cell (`C5`), in Chinese; `about`: the code of the item, where it is known."""

    ref: str
    message: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row that may be taken over: whose it is, and the item's values as the catalogue keeps them."""

    number: int
    agency_id: int
    code: str
    name: str
    kind: str
    procedure: str
    basis: tuple[str, ...]
    content: Mapping[str, Any]
    refs: Mapping[str, str]
    """Where its values stand, by column."""


@dataclass(slots=True)
class Read:
    """What a file holds: rows that may be taken over, what is wrong with the others, and what was passed over."""

    rows: list[Row] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    elsewhere: list[int] = field(default_factory=list)
    """Rows of other kinds of agencies."""
    unused: list[str] = field(default_factory=list)
    """Columns that nobody knows."""


@dataclass(frozen=True, slots=True)
class Known:
    """What only the database knows. `agencies`: id by code and by name, those that may be imported for; `agency`: whose
    the rows are that name none; `kind`: that agency's kind; `procedures`: published keys."""

    agencies: Mapping[str, int]
    agency: int | None
    kind: str
    procedures: frozenset[str]


def read(table: Table, known: Known) -> Read:
    """Every row of a table, with all that is wrong with any of them.

    Raises:
        Invalid: code `file`; a column that is needed is not there, or stands twice.
    """
    places, unused = _places(table.heads, known)
    found = Read(unused=unused)
    seen: dict[tuple[int, str], str] = {}
    for number, cells in table.rows:
        row = {key: cells[at] if at < len(cells) else Cell(f"?{number}") for key, at in places.items()}
        if _is_elsewhere(row, known):
            found.elsewhere.append(number)
            continue
        reader = _Reader(number, row, known)
        made = reader.read()
        if made is not None:
            before = seen.setdefault((made.agency_id, made.code), made.refs["code"])
            if before != made.refs["code"]:
                reader.faults.append(Fault(made.refs["code"], f"事项编码“{made.code}”与 {before} 重复。"))
        found.faults += reader.faults
        if made is None or reader.faults:
            found.refused.append(number)
        else:
            found.rows.append(made)
    return found


def _places(heads: Sequence[Cell], known: Known) -> tuple[dict[str, int], list[str]]:
    names: dict[str, str] = {}
    for column in columns():
        names |= dict.fromkeys([column["title"], *column["aliases"]], column["key"])
    names |= {each: f"={each}" for each in facts()["provenance"]}
    names |= {title: f"={key}" for key, title in facts()["provenance"].items()}
    names[facts()["agency_kind"]] = "agency_kind"
    places: dict[str, int] = {}
    unused: list[str] = []
    for at, cell in enumerate(heads):
        title = cell.text.strip("*＊ ").replace("\n", "")
        key = names.get(title)
        if key is None:
            if title and title not in facts()["passed_over"]:
                unused.append(title)
        elif key in places:
            raise Invalid(f"列“{title}”（{cell.ref}）重复。请只留一列。", code="file")
        else:
            places[key] = at
    titles = {column["key"]: column["title"] for column in columns()}
    needed = [*facts()["needed"], *([] if known.agency else ["agency"])]
    if lacking := [titles[key] for key in needed if key not in places]:
        raise Invalid(f"文件缺少列：{'、'.join(lacking)}。第一行应为列名，请用下载的模板填写。", code="file")
    return places, unused


def _is_elsewhere(row: Mapping[str, Cell], known: Known) -> bool:
    told = (
        row["agency_kind"].text
        if "agency_kind" in row and not ("agency" in row and row["agency"].text)
        else ""
    )
    return bool(told and known.kind and told != known.kind)


class _Reader:
    """Reads one row and gathers what is wrong."""

    def __init__(self, number: int, row: Mapping[str, Cell], known: Known):
        self.number, self.row, self.known = number, row, known
        self.faults: list[Fault] = [
            Fault(cell.ref, f"单元格{cell.fault}") for cell in row.values() if cell.fault
        ]

    def text(self, key: str) -> str:
        """What stands in a column, empty where it has none."""
        return self.row[key].text if key in self.row else ""

    def wrong(self, key: str, message: str) -> None:
        """Something is wrong with a cell; one that is faulty itself is told once."""
        cell = self.row.get(key)
        ref = cell.ref if cell else f"第{self.number}行"
        if not (cell and cell.fault):
            self.faults.append(Fault(ref, message))

    def read(self) -> Row | None:
        """The row's values; None where it has not even a code and an agency."""
        agency, code = self._agency(), self._code()
        name = self.text("name").replace("\n", "")
        if not name:
            self.wrong("name", "没有填写事项名称。")
        elif len(name) > MOST_NAME:
            self.wrong("name", f"事项名称超过 {MOST_NAME} 字。")
        kind, basis, procedure = self._kind(), self._basis(), self._procedure()
        content = self._content(kind)
        if agency is None or not code:
            return None
        refs = {key: cell.ref for key, cell in self.row.items()}
        return Row(self.number, agency, code, name, kind, procedure, basis, content, refs)

    def _agency(self) -> int | None:
        told = self.text("agency")
        if not told:
            if self.known.agency is None:
                self.wrong("agency", "没有填写实施机关代码。")
            return self.known.agency
        found = self.known.agencies.get(told)
        if found is None:
            self.wrong("agency", f"没有代码或者名称为“{told}”的机关，或者不归您导入。")
        elif self.known.agency is not None and found != self.known.agency:
            self.wrong("agency", f"“{told}”不是这次选定的机关。请分机关导入，或者删去这一列。")
        return found

    def _code(self) -> str:
        code = self.text("code")
        if not code:
            self.wrong("code", "没有填写事项编码。")
        elif len(code) > MOST_CODE or not _CODE.fullmatch(code):
            self.wrong(
                "code",
                f"事项编码“{code[:MOST_CODE]}”写法不对：只用数字、字母、汉字和 - _ / . ( )，"
                f"不超过 {MOST_CODE} 个字符。",
            )
        return code

    def _kind(self) -> str:
        told = self.text("type")
        for each in facts()["types"]:
            if told in (each["code"], each["name"], each["kind"], *each.get("aliases", ())):
                return str(each["kind"])
        names = "、".join(each["name"] for each in facts()["types"])
        self.wrong("type", f"权力类型“{told}”不对，应为：{names}。" if told else "没有填写权力类型。")
        return ""

    def _basis(self) -> tuple[str, ...]:
        told = [part.strip() for part in _BASES.split(self.text("basis")) if part.strip()]
        if not told:
            self.wrong("basis", "没有填写法律依据；没有依据的事项不能申报。")
        for each in told:
            if not any(piece.articles for piece in citations.pieces(each)):
                self.wrong("basis", f"法律依据“{each[:60]}”没有写明《法律名称》第几条。")
        return tuple(told)

    def _procedure(self) -> str:
        told = self.text("procedure")
        if told and told not in self.known.procedures:
            self.wrong("procedure", f"没有已发布的流程“{told[:60]}”。还没有流程的请留空。")
        return told

    def _content(self, kind: str) -> dict[str, Any]:
        content: dict[str, Any] = {}
        for key in ("limit", "fee", "office", "place", "phone", "complaints", "note"):
            if told := self.text(key):
                content[key] = told
        for key in facts()["lists"]:
            if told := [part.strip() for part in _SEPARATOR.split(self.text(key)) if part.strip()]:
                content["levels" if key == "level" else key] = told
        for each in content.get("kinds", ()):
            if each not in ranges.kinds():
                self.wrong("kinds", f"处罚种类“{each[:30]}”不对，应为：{'、'.join(ranges.kinds())}。")
        if fine := list(self._fines()):
            content["fine"] = fine
        if codes := self._codes():
            content["codes"] = codes
        said = {key: self.text(f"={key}") for key in facts()["provenance"] if self.text(f"={key}")}
        if said:
            content["provenance"] = said
        return content

    def _codes(self) -> list[dict[str, str]]:
        code = self.text("other_code")
        if not code:
            return []
        if self.row["other_code"].number:
            self.wrong(
                "other_code", "其他编码是数字格式，前面的零可能已经丢失。请把这一列设为文本格式后重新填写。"
            )
        scheme = scheme_of(code)
        if scheme and scheme.get("uscc") and not is_uscc(code[:18]):
            self.wrong("other_code", f"其他编码“{code}”前 18 位不是有效的统一社会信用代码，请核对。")
        return [{"code": code, "scheme": scheme["key"] if scheme else ""}]

    def _fines(self) -> Iterator[dict[str, Any]]:
        for part in (each.strip() for each in re.split(r"[|｜\n]", self.text("fine"))):
            if not part:
                continue
            found = _FINE.fullmatch(part)
            try:
                made = _fine(found) if found else None
            except InvalidOperation:
                made = None
            if made is None:
                self.wrong(
                    "fine",
                    f"罚款幅度“{part[:60]}”写法不对，应为“情形: 下限-上限单位(基数)”，例如 50000-100000元。",
                )
            elif "min" in made and "max" in made and made["min"] > made["max"]:
                self.wrong("fine", f"罚款幅度“{part[:60]}”的下限高于上限。")
            else:
                yield made


def scheme_of(code: str) -> dict[str, Any] | None:
    """The code scheme that a code follows; None: no known one."""
    return next((each for each in facts()["schemes"] if re.fullmatch(each["pattern"], code)), None)


def _fine(found: re.Match[str]) -> dict[str, Any]:
    scale = 10_000 if found["unit"] == "万元" else 1
    low = _number(Decimal(found["low"]) * scale)
    high = _number(Decimal(found["high"]) * scale) if found["high"] else None
    made: dict[str, Any] = {"condition": found["when"].strip()} if found["when"] else {}
    if found["sign"] == "≤":
        made["max"] = low
    elif found["sign"] == "≥":
        made["min"] = low
    else:
        made |= {"min": low, "max": high if high is not None else low}
    made["unit"] = found["unit"].removeprefix("万")
    if found["base"]:
        made["base"] = found["base"].strip()
    return made


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def fine_text(fines: Sequence[Mapping[str, Any]]) -> str:
    """Ranges of a fine as the column has them."""
    return " | ".join(_fine_text(each) for each in fines)


def _fine_text(fine: Mapping[str, Any]) -> str:
    low, high = fine.get("min"), fine.get("max")
    if low in (None, ""):
        amount = f"≤{high}"
    elif high in (None, ""):
        amount = f"≥{low}"
    else:
        amount = f"{low}-{high}"
    when = f"{fine['condition']}: " if fine.get("condition") else ""
    base = f"({fine['base']})" if fine.get("base") else ""
    return f"{when}{amount}{fine.get('unit') or '元'}{base}"
