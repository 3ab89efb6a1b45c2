"""What a power item still lacks, and what of it contradicts the law, as functions of values. PURE.

The elements are the answers of the drawing-up page; which of them the rules ask for stands in `data/item_elements.yaml`
with the obligation that names each.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from pathlib import Path
from typing import Any

from app.kernel import plain_yaml
from app.kernel.errors import Invalid

from . import citations, discretion, ranges

DATA = Path(__file__).parent / "data" / "item_elements.yaml"
NO_LIMIT = "none"
FINES = "fines"
ENTRUSTED, AUTHORISED = "entrusted", "authorised"
OTHER_SCHEME = "其他"
TOLD_BY_FILES = {"office": "office", "place": "place", "phone": "phone", "supervision_phone": "complaints"}
"""Elements that files of items have too, by what those call them."""
IN_DETAIL = {
    ("fee", "yes"): "fees",
    ("discretion", "baseline"): "baseline",
    ("discretion", "own"): "own_baseline",
    ("discretion", "none"): "discretion_note",
}
"""Answers that say nothing to the public without another element."""
LAWFUL, BY_LAW, BY_DEED = "organ", "authorised", "entrusted"


@dataclass(frozen=True, slots=True)
class Lack:
    """Something that has to be mended. `step` and `key` say where, `blocks` whether it may not be sent in so."""

    step: str
    key: str
    label: str
    message: str
    source: str
    blocks: bool = True


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What lies outside the item: procedures in force by key, the agency's baselines, how many officers hold a valid
    certificate, which statutes' texts were taken in and which articles of them (`law` as `citations.same_law`)."""

    today: date
    procedures: frozenset[str] = frozenset()
    baselines: frozenset[str] = frozenset()
    officers: int = 0
    articles: Mapping[str, frozenset[str]] = field(default_factory=dict)


@lru_cache(maxsize=1)
def asked() -> Mapping[str, Any]:
    """The data file."""
    found: Mapping[str, Any] = plain_yaml.load(DATA.read_text(encoding="utf-8"))
    return found


def lacks(elements: Mapping[str, Any], around: Surroundings) -> list[Lack]:
    """Everything that is missing or wrong, in the order of the pages."""
    found = [
        *_historic(elements),
        *_missing(elements),
        *_basis(elements, around),
        *_subject(elements, around),
    ]
    found += [*_running(elements, around), *_discretion(elements, around)]
    order = list(dict.fromkeys(entry["step"] for entry in asked()["required"]))
    return sorted(found, key=lambda lack: order.index(lack.step))


def untold(elements: Mapping[str, Any]) -> list[str]:
    """Which of the fields that are made public (公示十一项, S4-27) say nothing, by their keys."""
    empty = [key for key in asked()["made_public"] if _empty(elements.get(key))]
    more = {
        key: detail for (key, answer), detail in IN_DETAIL.items() if str(elements.get(key) or "") == answer
    }
    return empty + [key for key, detail in more.items() if _empty(elements.get(detail))]


def publishable(elements: Mapping[str, Any]) -> bool:
    """Whether the public may be shown it as far as its content goes: it says all eleven, and is not classified."""
    return elements.get("classified") != "yes" and not untold(elements)


def label_of(key: str) -> str:
    """What an element is called where it is asked for by a rule; else its key."""
    return next((str(entry["label"]) for entry in asked()["required"] if entry["key"] == key), key)


def _empty(value: Any) -> bool:
    return value is None or value == "" or value == [] or value == {}


def _missing(elements: Mapping[str, Any]) -> Iterator[Lack]:
    for entry in asked()["required"]:
        if entry.get("kinds") and elements.get("kind") not in entry["kinds"]:
            continue
        if _empty(elements.get(entry["key"])):
            label = entry["label"]
            yield Lack(entry["step"], entry["key"], label, f"还没有填写{label}。", entry["source"])


def _historic(elements: Mapping[str, Any]) -> Iterator[Lack]:
    known = asked()["historic"]
    if elements.get("kind") in known["kinds"]:
        message = f"{known['label']}已经取消（{known['source']}），只能留存历史事项，不能送审和公布。"
        yield Lack("basics", "kind", label_of("kind"), message, str(known["source"]))


def _lack(step: str, key: str, article: str, message: str, blocks: bool = True) -> Lack:
    return Lack(step, key, label_of(key), message, str(asked()["articles"][article]), blocks)


def _basis(elements: Mapping[str, Any], around: Surroundings) -> Iterator[Lack]:
    for number, row in enumerate(elements.get("basis") or (), 1):
        said = str(row.get("citation") or "")
        cited = [piece for piece in citations.pieces(said) if piece.articles]
        if not cited:
            yield _lack(
                "basis",
                "basis",
                "basis",
                f"第 {number} 项依据“{said}”没有写到法律名称和条款，"
                "请写成《中华人民共和国行政处罚法》第五十四条这样。",
            )
        for piece in cited:
            yield from _located(number, piece, around)


def _located(number: int, piece: citations.Piece, around: Surroundings) -> Iterator[Lack]:
    held = around.articles.get(citations.same_law(piece.law))
    if held is None:
        yield _lack(
            "basis",
            "basis",
            "basis",
            f"法规库还没有载入《{piece.law}》的条文，不能核对第 {number} 项依据，请自行核对。",
            False,
        )
        return
    for article in piece.articles:
        if article not in held:
            name = citations.article_name(article)
            yield _lack(
                "basis", "basis", "basis", f"法规库中的《{piece.law}》没有{name}，请核对第 {number} 项依据。"
            )


def _subject(elements: Mapping[str, Any], around: Surroundings) -> Iterator[Lack]:
    organs: Sequence[Mapping[str, Any]] = elements.get("organs") or ()
    wanted = {BY_LAW: AUTHORISED, BY_DEED: ENTRUSTED}.get(str(elements.get("subject") or ""))
    if wanted and not any(row.get("kind") == wanted for row in organs):
        word = "授权" if wanted == AUTHORISED else "受委托"
        yield _lack("subject", "subject", "deed", f"实施主体是{word}组织的，请列出该组织、文件和期限。")
    for row in organs:
        name = str(row.get("name") or "")
        if row.get("kind") != ENTRUSTED:
            continue
        if elements.get("kind") in asked()["never_entrusted"]:
            yield _lack(
                "subject", "subject", "compulsion", f"行政强制措施权不得委托，请删去受委托组织“{name}”。"
            )
        if not row.get("deed") or not row.get("until"):
            yield _lack("subject", "subject", "deed", f"受委托组织“{name}”应当写明委托书和委托期限。")
        elif str(row["until"]) < around.today.isoformat():
            yield _lack(
                "subject", "subject", "deed", f"“{name}”的委托已于 {row['until']} 到期，请续签或者删去。"
            )
    needed = asked()["officers"]
    if elements.get("kind") in needed["kinds"] and around.officers < int(needed["at_least"]):
        yield _lack(
            "subject",
            "subject",
            "officers",
            f"本机关持有效执法证件的人员只有 {around.officers} 名，不足 {needed['at_least']} 名，不能行使这项权力。",
        )


def _running(elements: Mapping[str, Any], around: Surroundings) -> Iterator[Lack]:
    procedure = str(elements.get("procedure") or "")
    if procedure and procedure not in around.procedures:
        yield _lack(
            "running", "procedure", "procedure", f"流程“{procedure}”没有已经施行的版本，请先发布流程图。"
        )
    unit = elements.get("statutory_unit")
    law, promised = _number(elements.get("statutory")), _number(elements.get("promised"))
    if unit and unit != NO_LIMIT and law is None:
        yield _lack("running", "statutory_unit", "promised", "请填写法定时限的数目。")
    if promised is None or not unit or unit == NO_LIMIT:
        return
    if elements.get("promised_unit") != unit:
        yield _lack("running", "statutory_unit", "promised", "承诺时限与法定时限应当使用同一单位。")
    elif law is not None and promised > law:
        yield _lack("running", "statutory_unit", "promised", "承诺时限不得长于法定时限。")


def _discretion(elements: Mapping[str, Any], around: Surroundings) -> Iterator[Lack]:
    fees: Sequence[Mapping[str, Any]] = elements.get("fees") or ()
    if elements.get("fee") == "yes" and not fees:
        yield _lack("discretion", "fee", "fee", "收费的，请逐项写明收费项目、依据和标准。")
    chosen = elements.get("discretion")
    key = str(elements.get("baseline") or "")
    if chosen == "baseline" and not key:
        yield _lack("discretion", "discretion", "discretion", "请选择本机关已经录入的裁量基准。")
    elif chosen == "baseline" and key not in around.baselines:
        yield _lack("discretion", "discretion", "discretion", f"本机关没有裁量基准“{key}”，请先录入。")
    elif chosen == "none" and not elements.get("discretion_note"):
        yield _lack("discretion", "discretion", "discretion", "没有裁量空间的，请说明理由。")
    elif chosen == "own":
        yield from _own_baseline(elements)
    for number, row in enumerate(elements.get("fines") or (), 1):
        low, high = _number(row.get("min")), _number(row.get("max"))
        if low is not None and high is not None and low > high:
            yield _lack("discretion", "kinds", "discretion", f"第 {number} 项罚款幅度的下限高于上限。")


def _own_baseline(elements: Mapping[str, Any]) -> Iterator[Lack]:
    """The item's own baseline is examined with it: whatever blocks is told here, too."""
    written = elements.get("own_baseline")
    if not written:
        yield _lack(
            "discretion", "discretion", "discretion", "还没有拟订裁量档次，请到“裁量档次”一页拟订并保存。"
        )
        return
    try:
        baseline = discretion.read(written)
    except Invalid as error:
        for wrong in error.errors.values():
            yield _lack("discretion", "discretion", "discretion", f"自拟的裁量基准：{wrong[0]}")
        return
    for problem in discretion.check(baseline, official=False):
        if problem.severity is not discretion.Severity.NOTE:
            blocks = problem.severity is discretion.Severity.BLOCK
            yield _lack(
                "discretion", "discretion", "discretion", f"自拟的裁量基准：{problem.message}", blocks
            )
    law = baseline.statutory
    ranges = [
        (_number(row.get("min")) or 0, _number(row.get("max")), row.get("unit"))
        for row in elements.get("fines") or ()
    ]
    if law.kind in ("range", "multiple") and law.most is not None and ranges:
        mine = (float(law.least or 0), float(law.most), law.unit)
        if mine not in ranges:
            told = "自拟的裁量基准所写的法定幅度与本事项的罚款幅度都不相同，请核对后改为一致。"
            yield _lack("discretion", "discretion", "discretion", told)


def _number(value: Any) -> float | None:
    try:
        return float(value) if value not in (None, "") else None
    except (TypeError, ValueError):
        return None


def content_of(elements: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """What documents and gates use of the elements. Of what was there `before` all is kept that no element says, its
    tiers too where the item keeps its own."""
    said = {"kinds", "fine", "baseline", "field"}
    if elements.get("discretion") != "tiers":
        said.add("tiers")
    content = {name: value for name, value in before.items() if name not in said}
    if elements.get("kinds"):
        content["kinds"] = list(elements["kinds"])
    if elements.get("fines"):
        content["fine"] = [_fine(row) for row in elements["fines"]]
    if elements.get("discretion") == "baseline" and elements.get("baseline"):
        content["baseline"] = elements["baseline"]
    if elements.get("discretion") == "own" and elements.get("own_baseline"):
        content["baseline"] = elements["own_baseline"]["id"]
    if elements.get("field"):
        content["field"] = elements["field"]
    return content


def _fine(row: Mapping[str, Any]) -> dict[str, Any]:
    """A range as gates read it: whole numbers where they are whole."""
    found: dict[str, Any] = {}
    for name in ("min", "max"):
        if (value := _number(row.get(name))) is not None:
            found[name] = int(value) if value == int(value) else value
    found |= {name: row[name] for name in ("condition", "unit", "base", "basis", "until") if row.get(name)}
    return found


def elements_of(said: Mapping[str, Any]) -> dict[str, Any]:
    """The elements of an item of which only the row is known: `name`, `code`, `kind`, `procedure`, `basis`, `content`."""
    content: Mapping[str, Any] = said["content"]
    found = {name: said[name] for name in ("name", "code", "kind", "procedure") if said.get(name)}
    found["basis"] = [{"citation": text} for text in said["basis"]]
    if content.get("kinds"):
        found["kinds"] = list(content["kinds"])
    if content.get("fine"):
        found["fines"] = [
            {k: str(v) if k in ("min", "max") else v for k, v in row.items()} for row in content["fine"]
        ]
    if content.get("baseline"):
        found |= {"discretion": "baseline", "baseline": content["baseline"]}
    elif content.get("tiers"):
        found["discretion"] = "tiers"
    if content.get("field"):
        found["field"] = content["field"]
    found |= {key: content[name] for key, name in TOLD_BY_FILES.items() if content.get(name)}
    if content.get("codes"):
        found["codes"] = [
            {"scheme": each.get("scheme") or OTHER_SCHEME, "value": each["code"]} for each in content["codes"]
        ]
    return found


@dataclass(frozen=True, slots=True)
class Wording:
    """How elements are told: their labels in order, the words of their choices, and of lists the labels of columns."""

    labels: Mapping[str, str]
    words: Mapping[str, Mapping[str, str]]
    columns: Mapping[str, Mapping[str, str]]
    units: Mapping[str, str]
    """Number → the element that holds its unit: they are told together."""

    def told(self, elements: Mapping[str, Any], key: str) -> str:
        """An element in words; empty where nothing was entered."""
        value, words = elements.get(key), self.words.get(key, {})
        if key in self.units:
            unit = elements.get(self.units[key])
            named = self.words.get(self.units[key], {}).get(str(unit), "")
            return (
                (named if unit == NO_LIMIT else f"{value} {named}")
                if unit and (value or unit == NO_LIMIT)
                else ""
            )
        if _empty(value):
            return ""
        if isinstance(value, list | tuple):
            return "；".join(self._row(each, key) for each in value)
        return words.get(str(value), str(value))

    def _row(self, row: Any, key: str) -> str:
        words = self.words.get(key, {})
        if not isinstance(row, Mapping):
            return words.get(str(row), str(row))
        said = {name: row[name] for name in self.columns.get(key, {}) if not _empty(row.get(name))}
        if len(said) == 1:
            return str(next(iter(said.values())))
        if key == FINES and (range_ := _range_told(row)):
            return range_
        named = self.columns[key]
        return "，".join(
            f"{named[name]}：{words.get(str(value), str(value))}" for name, value in said.items()
        )


def _range_told(row: Mapping[str, Any]) -> str:
    """A range of a fine as a law says it: 报告书：20万元以上100万元以下; empty where the row sets no range."""
    low, high = _decimal(row.get("min")), _decimal(row.get("max"))
    if high is None:
        return ""
    told = ranges.Fine(
        low or None, high, str(row.get("unit") or ranges.YUAN), str(row.get("base") or "")
    ).told
    when, basis = row.get("condition"), row.get("basis")
    return (f"{when}：" if when else "") + told + (f"（{basis}）" if basis else "")


def _decimal(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


@dataclass(frozen=True, slots=True)
class Difference:
    """An element that two versions say differently, in words; empty: nothing."""

    key: str
    label: str
    before: str
    after: str


def differences(before: Mapping[str, Any], after: Mapping[str, Any], wording: Wording) -> list[Difference]:
    """Where two versions differ, in the order of the pages."""
    found = []
    for key, label in wording.labels.items():
        old, new = wording.told(before, key), wording.told(after, key)
        if key not in wording.units.values() and old != new:
            found.append(Difference(key, label, old, new))
    return found
