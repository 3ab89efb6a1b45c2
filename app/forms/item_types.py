"""One function per JSON item type: what its attributes are and what they may hold."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from . import patterns
from .definition import (
    PARTY_FIELDS,
    STANCES,
    Choice,
    Choices,
    Day,
    Evidence,
    Files,
    Item,
    Law,
    Money,
    Note,
    Number,
    Opinion,
    Option,
    Party,
    Person,
    Rows,
    Section,
    Text,
    YesNo,
)
from .filetypes import EXTENSIONS
from .source import KEY, Source

MAX_OPTIONS = 200
MAX_COLUMNS = 12
COLUMN_TYPES = ("text", "textarea", "number", "money", "date", "datetime", "yesno", "select", "person")
WIDTHS = (3, 4, 6, 8, 9, 12)

Common = Mapping[str, Any]


def read(source: Source) -> Item | None:
    """The item an object describes; None (and a problem noted) when its type is unknown."""
    kind = source.take("type")
    builder = BUILDERS.get(kind) if isinstance(kind, str) else None
    if builder is None:
        source.problem("type", f"未知的项目类型“{str(kind)[:40]}”。可用：{'、'.join(BUILDERS)}。")
        return None
    common: dict[str, Any] = {
        "type": kind,
        "label": source.text("label", 500 if kind == "note" else 100, obligatory=True),
        "visible_when": source.take("visibleWhen"),
    }
    if kind not in ("section", "note"):
        common["key"] = source.match(
            "key", KEY, "字段标识只能用小写字母、数字和下划线，以字母开头，不超过 40 位。"
        )
        common["required"] = source.flag("required")
        common["required_when"] = source.take("requiredWhen")
        common["default"] = source.take("default")
        common["width"] = source.one_of("width", WIDTHS, 12)
    common["help"] = source.text("help", 500)
    item = builder(source, common)
    source.refuse_the_rest()
    return item


def _section(source: Source, common: Common) -> Item:
    return Section(**common)


def _note(source: Source, common: Common) -> Item:
    return Note(**common)


def _text(source: Source, common: Common) -> Item:
    long = common["type"] == "textarea"
    pattern = source.text("pattern", patterns.MAX_PATTERN)
    if pattern and (wrong := patterns.problem(pattern)):
        source.problem("pattern", wrong)
        pattern = ""
    most = source.whole("maxLength", 1, 20_000 if long else 500, 5_000 if long else 200)
    least = source.whole("minLength", 0, 200, 0)
    if least > most:
        source.problem("minLength", "minLength 不得大于 maxLength。")
    return Text(
        **common,
        max_length=most,
        min_length=least,
        pattern=pattern,
        pattern_message=source.text("patternMessage", 200),
    )


def _number(source: Source, common: Common) -> Item:
    low, high = source.decimal("min", Decimal(0)), source.decimal("max", Decimal(10) ** 12)
    if low > high:
        source.problem("min", "min 不得大于 max。")
    return Number(
        **common,
        minimum=low,
        maximum=high,
        decimals=source.whole("decimals", 0, 6, 4),
        unit=source.text("unit", 20),
    )


def _money(source: Source, common: Common) -> Item:
    low, high = source.decimal("min", Decimal(0)), source.decimal("max", Decimal(10) ** 13 - 1)
    if low > high:
        source.problem("min", "min 不得大于 max。")
    return Money(**common, minimum=low, maximum=high)


def _day(source: Source, common: Common) -> Item:
    bounds = {}
    for name in ("min", "max"):
        bounds[name] = source.text(name, 10)
        if bounds[name] not in ("", "today"):
            try:
                date.fromisoformat(bounds[name])
            except ValueError:
                source.problem(name, "请写 today 或如 2026-01-31 的日期。")
                bounds[name] = ""
    return Day(**common, earliest=bounds["min"], latest=bounds["max"])


def _yesno(source: Source, common: Common) -> Item:
    return YesNo(**common)


def _options(source: Source) -> tuple[Option, ...]:
    raws = source.take("options")
    if not isinstance(raws, list) or not 0 < len(raws) <= MAX_OPTIONS:
        source.problem("options", f"应列出 1 到 {MAX_OPTIONS} 个选项。")
        return ()
    options = []
    for index, raw in enumerate(raws):
        if isinstance(raw, str):
            raw = {"value": raw, "label": raw}
        option = source.child(f"options[{index}]", raw)
        options.append(
            Option(option.text("value", 100, obligatory=True), option.text("label", 200, obligatory=True))
        )
        option.refuse_the_rest()
    if len({option.value for option in options}) < len(options):
        source.problem("options", "选项的值重复。")
    return tuple(options)


def _choice(source: Source, common: Common) -> Item:
    items = source.text("items", 40) if common["type"] == "select" else ""
    return Choice(**common, options=() if items else _options(source), items=items)


def _choices(source: Source, common: Common) -> Item:
    return Choices(**common, options=_options(source))


def _person(source: Source, common: Common) -> Item:
    return Person(
        **common,
        position=source.text("position", 60),
        certificate=source.text("certificate", 60),
        multiple=source.flag("multiple"),
    )


def _party(source: Source, common: Common) -> Item:
    requires = source.some_of("requires", tuple(PARTY_FIELDS), ("kind", "name"))
    return Party(**common, requires=frozenset(requires) | {"kind", "name"})


def _files(source: Source, common: Common) -> Item:
    return Files(
        **common,
        extensions=source.some_of("types", EXTENSIONS, EXTENSIONS),
        most=source.whole("maxFiles", 1, 50, 20),
    )


def _evidence(source: Source, common: Common) -> Item:
    return Evidence(
        **common,
        extensions=source.some_of("types", EXTENSIONS, EXTENSIONS),
        max_rows=source.whole("maxRows", 1, 200, 100),
    )


def _rows(source: Source, common: Common) -> Item:
    raws = source.take("columns")
    columns: list[Item] = []
    if not isinstance(raws, list) or not 0 < len(raws) <= MAX_COLUMNS:
        source.problem("columns", f"明细表应有 1 到 {MAX_COLUMNS} 列。")
        raws = []
    for index, raw in enumerate(raws):
        place = f"columns[{index}]"
        if isinstance(raw, dict) and raw.get("type") not in COLUMN_TYPES:
            source.problem(place, f"列的类型只能是：{'、'.join(COLUMN_TYPES)}。")
            continue
        if isinstance(raw, dict) and {"visibleWhen", "requiredWhen", "default"} & set(raw):
            source.problem(place, "明细表的列不能有显示条件、必填条件和默认值。")
        column = read(source.child(place, raw))
        if column:
            columns.append(column)
    if len({column.key for column in columns}) < len(columns):
        source.problem("columns", "列的标识重复。")
    most = source.whole("maxRows", 1, 200, 50)
    return Rows(**common, columns=tuple(columns), max_rows=most, min_rows=source.whole("minRows", 0, most, 0))


def _opinion(source: Source, common: Common) -> Item:
    raws = source.take("options", list(STANCES))
    options = []
    for raw in raws if isinstance(raws, list) else []:
        value, label = (raw.get("value"), raw.get("label")) if isinstance(raw, dict) else (raw, None)
        if value not in STANCES or not isinstance(label, (str, type(None))) or len(label or "") > 40:
            source.problem("options", "意见只能是 agree、disagree、amend，可以另写 label。")
            break
        options.append(Option(value, label or STANCES[value]))
    if not options or len({option.value for option in options}) < len(options):
        source.problem("options", "应列出不重复的意见。")
    return Opinion(**common, options=tuple(options))


def _law(source: Source, common: Common) -> Item:
    return Law(**common, suggestions=source.texts("laws", 100, 100))


BUILDERS: Mapping[str, Callable[[Source, Common], Item]] = {
    "section": _section,
    "note": _note,
    "text": _text,
    "textarea": _text,
    "number": _number,
    "money": _money,
    "date": _day,
    "datetime": _day,
    "yesno": _yesno,
    "radio": _choice,
    "select": _choice,
    "checkboxes": _choices,
    "person": _person,
    "party": _party,
    "file": _files,
    "evidence": _evidence,
    "list": _rows,
    "opinion": _opinion,
    "law": _law,
}
