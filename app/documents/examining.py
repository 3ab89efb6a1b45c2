"""A template while somebody writes it: everything that is wrong with it, each thing at its place, and how it would print
so far.

`template.parse` stops at the first mistake, as it must for a template that is used; here the rest of the document is
shown all the same, with a mark where a block cannot be set.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import yaml

from ..kernel import clock, plain_yaml
from ..kernel.errors import Invalid
from . import filling, placeholders
from .blocks import BlockError, compile_block, compile_expression, compile_text
from .template import DocumentError, Template, joined, parse
from .wording import lenient

MAX_BYTES = 256 * 1024
MAX_BLOCKS = 200
PATIENCE = 5.0
"""Seconds that filling in a trial may take; a document in use takes a few milliseconds."""
_WRONG = "【这一块有误，改正后显示】"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong at a place of a template (`blocks[3]`, `let.report`, empty: the whole).

    `grave`: the template cannot be used so. What is not grave may be meant: a value that the sample has not.
    """

    place: str
    message: str
    grave: bool = True


@dataclass(frozen=True, slots=True)
class Trial:
    """A template tried on a sample: its problems, and the document as far as it can be set (None: not at all)."""

    problems: tuple[Problem, ...]
    data: Mapping[str, Any] | None
    template: Template | None


def read(text: str) -> tuple[dict[str, Any] | None, list[Problem]]:
    """The content of a template text; None, and why, where it is no template at all."""
    if len(text.encode()) > MAX_BYTES:
        return None, [Problem("", f"文书模板不得超过 {MAX_BYTES // 1024} KB。")]
    try:
        raw = plain_yaml.load(text)
    except Invalid as error:
        return None, [Problem("", error.message)]
    if not isinstance(raw, dict) or not isinstance(raw.get("blocks"), list):
        return None, [Problem("", "文书模板应当有 code、title 和 blocks。")]
    if len(raw["blocks"]) > MAX_BLOCKS:
        return None, [Problem("", f"文书最多 {MAX_BLOCKS} 块。")]
    return raw, []


def examine(raw: Mapping[str, Any], known: Mapping[str, placeholders.Value] | None = None) -> list[Problem]:
    """Everything wrong with a template; with `known`, also the placeholders that lead to nothing."""
    found = list(_head(raw))
    for position, block in enumerate(raw["blocks"]):
        try:
            compile_block(block)
        except BlockError as error:
            found.append(Problem(f"blocks[{position}]", f"{error}。"))
    if not found:
        try:  # the reader of templates in use has the last word
            parse(written(raw), str(raw.get("code", "")))
        except DocumentError as error:
            found.append(Problem("", error.message))
        except (TypeError, ValueError):
            found.append(Problem("", "份数、依据等栏目的写法有误。"))
    if known is not None:
        told = {(p.place, p.message) for p in found}
        for use in placeholders.uses(raw):
            wrong = [placeholders.unknown(path, known) for path in sorted(use.paths)]
            if wrong and all(wrong) and (use.place, f"{wrong[0]}。") not in told:
                told.add((use.place, f"{wrong[0]}。"))
                found.append(Problem(use.place, f"{wrong[0]}。"))
    return found


def _head(raw: Mapping[str, Any]) -> Iterator[Problem]:
    for name, what in (("title", "标题"), ("code", "文书代码")):
        if not str(raw.get(name) or "").strip():
            yield Problem(name, f"请填写{what}。")
    try:
        compile_text(raw.get("title", ""))
    except BlockError as error:
        yield Problem("title", f"{error}。")
    if "{" in str(raw.get("title")) and not raw.get("name"):
        yield Problem("name", "标题随案件变化，应当另写文书种类的名称。")
    let = raw.get("let") or {}
    for name, expression in let.items() if isinstance(let, Mapping) else ():
        try:
            compile_expression(expression, "")
        except BlockError as error:
            yield Problem(f"let.{name}", f"{error}。")


def written(raw: Mapping[str, Any]) -> bytes:
    """A template as YAML."""
    return yaml.dump(
        dict(raw), Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=10_000
    ).encode()


def trial(
    text: str, context: Mapping[str, Any], known: Mapping[str, placeholders.Value] | None = None
) -> Trial:
    """Try a template on a sample of a case (the contract's context, without `document`)."""
    raw, found = read(text)
    if raw is None:
        return Trial(tuple(found), None, None)
    found = examine(raw, known)
    day = _day_of(context)
    if day is None:
        told = "示例数据缺少执法机关的名称或者今天的日期，请在“示例数据”中恢复。"
        return Trial((*found, Problem("", told)), None, None)
    broken = {p.place for p in found if p.grave}
    try:
        template = parse(written(_mended(raw, broken)), str(raw.get("code", "")))
    except (DocumentError, TypeError, ValueError):
        return Trial(tuple(found), None, None)

    def filler(
        template: Template, context: Mapping[str, Any], about: Mapping[str, Any]
    ) -> tuple[str, list[dict[str, Any]]]:
        title = template.title_of({**context, "document": about})
        scope = template.scope({**context, "document": {**about, "title": title}})
        filled = []
        until = time.monotonic() + PATIENCE
        for index in range(len(template.blocks)):
            place = f"blocks[{index}]"
            if time.monotonic() > until:
                found.append(Problem(place, "文书过于复杂，从这一块起没有填写。"))
                break
            try:
                block = template.fill_block(index, scope)
            except DocumentError as error:
                if place not in broken:
                    told = error.message.partition("）不能制作：")[2] or error.message
                    found.append(Problem(place, told, error.code != "document_field_missing"))
                block = {"t": "p", "lines": [_WRONG], "indent": False, "align": "left"}
            if block is not None:
                filled.append(block)
        return title, filling.ruled(joined(filled))

    moment = datetime(day.year, day.month, day.day, tzinfo=clock.CHINA)
    about = filling.draft_facts(template, context, day)
    try:
        with lenient(template.required):
            data = filling.document_data(template, context, about, moment, filler)
    except DocumentError as error:
        return Trial((*found, Problem("", error.message)), None, template)
    return Trial(tuple(found), data, template)


def _day_of(context: Mapping[str, Any]) -> date | None:
    """The day of a sample; None where it is none, or names no agency: no page can be set of it."""
    agency = context.get("agency")
    if not isinstance(agency, Mapping) or not isinstance(agency.get("name"), str):
        return None
    try:
        return date.fromisoformat(str(context.get("today")))
    except ValueError:
        return None


def _mended(raw: Mapping[str, Any], broken: set[str]) -> dict[str, Any]:
    """The template with a mark instead of each block that cannot be read, and without short names that cannot."""
    mark = {"p": {"text": _WRONG, "indent": False}}
    mended = dict(raw)
    blocks = raw["blocks"]
    mended["blocks"] = [
        mark if f"blocks[{n}]" in broken and not _reads(b) else b for n, b in enumerate(blocks)
    ]
    let = raw.get("let")
    if isinstance(let, Mapping):
        mended["let"] = {name: e for name, e in let.items() if f"let.{name}" not in broken}
    if "title" in broken:
        mended["title"] = str(raw.get("name") or "未命名文书").replace("{", "")
    return mended


def _reads(block: Any) -> bool:
    try:
        compile_block(block)
    except BlockError:
        return False
    return True
