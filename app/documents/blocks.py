"""The kinds of blocks a document is made of: from template YAML to a function that fills one in.

`compile_block` checks a block of a template and returns `fill(scope) -> dict | None`. Filled blocks are plain
JSON (`t` is the kind), the only thing the renderers see. Everything raises `BlockError` with a Chinese
message.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jinja2 import TemplateError

from .faults import in_chinese, of_values
from .wording import Expression, MissingField, Text, wrap

Scope = Mapping[str, Any]
Fill = Callable[[Scope], dict[str, Any] | None]
HOUSES = ("official", "form", "record")
_ALIGN = ("left", "center", "right")
_DOUBLED = re.compile("[，、；：。]+(?=。)|，+(?=，)")
"""Marks that the template set after a text which ended with one already."""
SIGNED = "签名"


class BlockError(Exception):
    """A block that is wrong, or cannot be filled. `path` is the missing path of the context, if it is
    that."""

    def __init__(self, message: str, path: str = ""):
        super().__init__(message)
        self.path = path


def _keys(value: Any, what: str, allowed: str, required: str = "") -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise BlockError(f"{what}应当是键值对")
    if unknown := set(value) - set(allowed.split()) - set(required.split()):
        raise BlockError(f"{what}有不认识的键：{'、'.join(map(str, sorted(unknown, key=str)))}")
    if absent := set(required.split()) - set(value):
        raise BlockError(f"{what}缺少：{'、'.join(sorted(absent))}")
    return value


# Whoever writes a template compiles it with every edit, and all but one of its texts are as they were.
_text = lru_cache(maxsize=4096)(Text)
_expression = lru_cache(maxsize=4096)(Expression)


def compile_text(source: Any) -> Callable[[Scope], str]:
    """A compiled text; numbers and dates of YAML count as their own spelling."""
    if isinstance(source, Mapping | list) or source is None:
        raise BlockError("这里应当是一段文字")
    if "\\n" in str(source):
        raise BlockError(f"文字“{str(source)[:40]}”中的 \\n 不是换行：请给这段文字加上双引号")
    try:
        compiled = _text(str(source))
    except TemplateError as error:
        raise BlockError(f"文字“{str(source)[:40]}”写法有误：{in_chinese(error)}") from error

    def fill(scope: Scope) -> str:
        try:
            return compiled.fill(scope)
        except MissingField as missing:
            raise BlockError(f"缺少内容“{missing.path}”", missing.path) from missing
        except (TemplateError, TypeError, ValueError, KeyError, ArithmeticError) as error:
            raise BlockError(f"文字“{str(source)[:40]}”不能填写：{of_values(error)}") from error

    return fill


def compile_expression(source: Any, what: str) -> Callable[[Scope], Any]:
    if not isinstance(source, str):
        raise BlockError(f"{what}应当是一个表达式")
    try:
        compiled = _expression(source)
    except TemplateError as error:
        raise BlockError(f"{what}“{source}”写法有误：{in_chinese(error)}") from error

    def value(scope: Scope) -> Any:
        try:
            return compiled.value(scope)
        except MissingField as missing:
            raise BlockError(f"{what}“{source}”缺少内容“{missing.path}”", missing.path) from missing
        except (TemplateError, TypeError, ValueError, KeyError, ArithmeticError) as error:
            raise BlockError(f"{what}“{source}”不能计算：{of_values(error)}") from error

    return value


def _condition(value: Mapping[str, Any]) -> Callable[[Scope], bool]:
    """The `if` of a block, row, line or item."""
    if "if" not in value:
        return lambda scope: True
    source = str(value["if"])
    compiled = compile_expression(source, "条件")

    def holds(scope: Scope) -> bool:
        try:
            return bool(compiled(scope))
        except MissingField as missing:
            raise BlockError(f"条件“{source}”缺少内容“{missing.path}”", missing.path) from missing

    return holds


@dataclass(frozen=True, slots=True)
class _Each:
    """A repetition: the scopes of the elements of a list, each with `loop.index`."""

    items: Callable[[Scope], Any]
    name: str

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> "_Each | None":
        if "each" not in value:
            return None
        name = str(value.get("as", "item"))
        if not name.isidentifier() or name.startswith("_"):
            raise BlockError(f"“as: {name}”不是可用的名称")
        return cls(compile_expression(value["each"], "each"), name)

    def scopes(self, scope: Scope) -> Iterator[Scope]:
        items = self.items(scope)
        if isinstance(items, str | Mapping):
            raise BlockError("each 的结果不是列表")
        try:
            items = tuple(items)
        except MissingField as missing:
            raise BlockError(f"缺少内容“{missing.path}”", missing.path) from missing
        for index, item in enumerate(items, 1):
            loop = {"index": index, "first": index == 1, "last": index == len(items), "length": len(items)}
            yield {**scope, self.name: item, "loop": wrap(loop, "loop")}


def _repeated(
    value: Any, what: str, texts: Sequence[str], optional: Mapping[str, str]
) -> Callable[[Scope], list[dict[str, str]]]:
    """A list of mappings of texts, each with `if`, `each` and `as`; a bare mapping counts as a list of
    one."""
    fillers = []
    for item in [value] if isinstance(value, Mapping) else _list(value, what):
        _keys(item, what, "if each as " + " ".join(optional), " ".join(texts))
        parts = {key: compile_text(item.get(key, optional.get(key, ""))) for key in (*texts, *optional)}
        fillers.append((_Each.of(item), _condition(item), parts))

    def fill(scope: Scope) -> list[dict[str, str]]:
        rows = []
        for each, holds, parts in fillers:
            for inner in each.scopes(scope) if each else (scope,):
                if holds(inner):
                    rows.append({key: part(inner) for key, part in parts.items()})
        return rows

    return fill


def _list(value: Any, what: str) -> Sequence[Any]:
    if not isinstance(value, list) or not value:
        raise BlockError(f"{what}应当是一个不空的列表")
    return value


def _widths(value: Any) -> list[float]:
    widths = _list(value, "widths")
    if not all(isinstance(w, int | float) and not isinstance(w, bool) and w > 0 for w in widths):
        raise BlockError("widths 应当是正数")
    return [float(w) for w in widths]


def _count(value: Mapping[str, Any], key: str, default: int) -> int:
    count = value.get(key, default)
    if not isinstance(count, int) or isinstance(count, bool) or count < default:
        raise BlockError(f"{key} 应当是不小于 {default} 的整数")
    return count


def _align(value: Mapping[str, Any], default: str) -> str:
    align = value.get("align", default)
    if align not in _ALIGN:
        raise BlockError("align 只能是 left、center、right")
    return str(align)


def _line(kind: str) -> Callable[[Any], Fill]:
    def compile_line(value: Any) -> Fill:
        text = compile_text(value)
        return lambda scope: {"t": kind, "text": text(scope)}

    return compile_line


def _lines(kind: str) -> Callable[[Any], Fill]:
    def compile_lines(value: Any) -> Fill:
        text = compile_text(value)
        return lambda scope: {"t": kind, "lines": [line.strip() for line in text(scope).split("\n")]}

    return compile_lines


def _paragraph(value: Any) -> Fill:
    options = _keys(value, "p ", "indent align", "text") if isinstance(value, Mapping) else {"text": value}
    text, align = compile_text(options["text"]), _align(options, "left")
    indent = bool(options.get("indent", align == "left"))

    def fill(scope: Scope) -> dict[str, Any] | None:
        lines = [_DOUBLED.sub("", line.strip(" 　")) for line in text(scope).split("\n")]
        lines = [line for line in lines if line]
        return {"t": "p", "lines": lines, "indent": indent, "align": align} if lines else None

    return fill


def _kv(value: Any) -> Fill:
    rows = [
        {"label": row[0], "text": row[1]} if isinstance(row, list) and len(row) == 2 else row
        for row in _list(value, "kv ")
    ]
    fill_rows = _repeated(rows, "kv 的一行", ("label", "text"), {})
    return lambda scope: {"t": "kv", "rows": [[r["label"], r["text"]] for r in fill_rows(scope)]}


def _ol(value: Any) -> Fill:
    options = value if isinstance(value, Mapping) and "items" in value else {"items": value}
    _keys(options, "ol ", "style", "items")
    style = options.get("style", "number")
    if style not in ("number", "cn"):
        raise BlockError("ol 的 style 只能是 number 或 cn")
    items = options["items"]
    if isinstance(items, list):
        items = [item if isinstance(item, Mapping) else {"text": item} for item in items]
    fill_items = _repeated(items, "ol 的一项", ("text",), {})

    def fill(scope: Scope) -> dict[str, Any] | None:
        texts = [item["text"] for item in fill_items(scope)]
        return {"t": "ol", "style": style, "items": texts} if texts else None

    return fill


def _table(value: Any) -> Fill:
    _keys(value, "table ", "caption each as cells rows empty", "head widths")
    head = [compile_text(cell) for cell in _list(value["head"], "head")]
    widths = _widths(value["widths"])
    each = _Each.of(value)
    rows = [value.get("cells")] if each else _list(value.get("rows"), "rows")
    if len(widths) != len(head) or any(len(_list(row, "表格的一行")) != len(head) for row in rows):
        raise BlockError("表头、列宽与每行的格数应当一致")
    cells = [[compile_text(cell) for cell in row] for row in rows]
    caption, empty = compile_text(value.get("caption", "")), compile_text(value.get("empty", "无"))

    def fill(scope: Scope) -> dict[str, Any]:
        scopes = each.scopes(scope) if each else (scope,)
        filled = [[cell(inner) for cell in row] for inner in scopes for row in cells]
        return {
            "t": "table",
            "caption": caption(scope),
            "head": [cell(scope) for cell in head],
            "widths": widths,
            "rows": filled,
            "empty": "" if filled else empty(scope),
        }

    return fill


def _cell(value: Any) -> Callable[[Scope], dict[str, Any]]:
    _keys(value, "表格的一格", "label text span rowspan align sign")
    if ("label" in value) == ("text" in value):
        raise BlockError("表格的一格应当有 label 或者 text，二者择一")
    is_label = "label" in value
    text = compile_text(value["label"] if is_label else value["text"])
    fixed = {
        "label": is_label,
        "span": _count(value, "span", 1),
        "rowspan": _count(value, "rowspan", 1),
        "align": _align(value, "center" if is_label else "left"),
    }
    signs = _repeated(value["sign"], "sign 的一项", (), {"name": "", "date": ""}) if "sign" in value else None
    return lambda scope: {**fixed, "text": text(scope), "sign": signs(scope) if signs else []}


def _form_table(value: Any) -> Fill:
    _keys(value, "form_table ", "", "widths rows")
    widths = _widths(value["widths"])
    rows = []
    for row in _list(value["rows"], "rows"):
        options = {"cells": row} if isinstance(row, list) else _keys(row, "表格的一行", "if height", "cells")
        cells = [_cell(cell) for cell in _list(options["cells"], "cells")]
        rows.append((_condition(options), _count(options, "height", 0), cells))

    def fill(scope: Scope) -> dict[str, Any]:
        filled = [
            {"height": height, "cells": [cell(scope) for cell in cells]}
            for holds, height, cells in rows
            if holds(scope)
        ]
        _check_grid(filled, len(widths))
        return {"t": "form_table", "widths": widths, "rows": filled}

    return fill


def _check_grid(rows: Sequence[Mapping[str, Any]], columns: int) -> None:
    """Every row must fill the columns that cells reaching down from above leave free."""
    reach = [0] * columns
    for number, row in enumerate(rows, 1):
        free = [column for column in range(columns) if not reach[column]]
        reach = [max(rest - 1, 0) for rest in reach]
        for cell in row["cells"]:
            taken, free = free[: cell["span"]], free[cell["span"] :]
            if len(taken) < cell["span"]:
                raise BlockError(f"表格第 {number} 行的格数超过 {columns} 列")
            for column in taken:
                reach[column] = cell["rowspan"] - 1
        if free:
            raise BlockError(f"表格第 {number} 行没有填满 {columns} 列")
    if any(reach):
        raise BlockError("表格末行有 rowspan 超出表格")


def _sign(value: Any) -> Fill:
    _keys(value, "sign ", "seal qr", "agency date")
    agency, date = compile_text(value["agency"]), compile_text(value["date"])
    seal, qr = bool(value.get("seal")), bool(value.get("qr"))
    return lambda scope: {"t": "sign", "agency": agency(scope), "date": date(scope), "seal": seal, "qr": qr}


def _signatures(value: Any) -> Fill:
    _keys(value, "signatures ", "statement blank", "lines")
    lines = [
        {**line, "date": "1" if line.get("date", True) else ""} if isinstance(line, Mapping) else line
        for line in _list(value["lines"], "lines")
    ]
    fill_lines = _repeated(
        lines, "签名的一行", ("role",), {"name": "", "note": "", "date": "", "mark": SIGNED}
    )
    statement, blank = compile_text(value.get("statement", "")), bool(value.get("blank"))
    return lambda scope: {
        "t": "signatures",
        "statement": statement(scope),
        "blank": blank,
        "lines": [_signature(line) for line in fill_lines(scope)],
    }


def _signature(line: dict[str, str]) -> dict[str, Any]:
    """`mark` is what a person does there, said only where it is not to sign: 签名或者盖章."""
    said = {key: text for key, text in line.items() if key != "mark" or text != SIGNED}
    return {**said, "date": bool(line["date"])}


def _qa(value: Any) -> Fill:
    fill_items = _repeated(value, "qa 的一项", ("q", "a"), {})
    return lambda scope: {"t": "qa", "items": fill_items(scope)}


KINDS: Mapping[str, Callable[[Any], Fill]] = {
    "redhead": _line("redhead"),
    "title": _lines("title"),
    "number": _line("number"),
    "h": _line("h"),
    "p": _paragraph,
    "note": _lines("note"),
    "kv": _kv,
    "ol": _ol,
    "table": _table,
    "form_table": _form_table,
    "sign": _sign,
    "signatures": _signatures,
    "qa": _qa,
}


def compile_block(raw: Any) -> tuple[str, Fill]:
    """The kind of a block and the function that fills it (None: its `if` does not hold, or it came out
    empty)."""
    if not isinstance(raw, Mapping):
        raise BlockError("应当是键值对")
    kinds = [key for key in raw if key not in ("if", "lock")]
    if len(kinds) != 1 or kinds[0] not in KINDS:
        raise BlockError(
            f"应当恰有一个种类（{'、'.join(KINDS)}），现有：{'、'.join(map(str, kinds)) or '无'}"
        )
    holds, fill = _condition(raw), KINDS[kinds[0]](raw[kinds[0]])
    return kinds[0], lambda scope: fill(scope) if holds(scope) else None
