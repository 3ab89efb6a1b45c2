"""The document templates of a draft: its own, the shipped ones it works with, new ones. Pure.

A draft that has no text of its own for a code uses the shipped template; adapting it begins with a copy.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.documents import service as documents
from app.kernel.errors import Invalid, Refused

from . import form_definitions as definitions
from . import form_uses
from .form_uses import Use

CODE = re.compile(r"[A-Z]{2}-[0-9]{2}")
FOLDER, ENDING, SAMPLE = "documents/", ".yaml", ".sample.json"

SKELETONS: Mapping[str, tuple[str, tuple[Mapping[str, Any], ...]]] = {
    "official": (
        "公文式文书（红头、文号、落款）",
        (
            {"redhead": "{{ agency.name }}"},
            {"title": "{{ document.title }}"},
            {"number": "{{ document.number }}"},
            {"p": {"text": "{{ party.name }}：", "indent": False}},
            {"p": "请在这里写正文。"},
            {
                "sign": {
                    "agency": "{{ agency.name }}",
                    "date": "{{ document.issued_on|cn_date }}",
                    "seal": True,
                    "qr": True,
                }
            },
        ),
    ),
    "form": (
        "审批表、登记表（表格）",
        (
            {"title": "{{ agency.name }}\n{{ document.title }}"},
            {"number": "{{ document.number }}"},
            {
                "form_table": {
                    "widths": [24, 54, 24, 54],
                    "rows": [
                        [{"label": "案由"}, {"text": "{{ case.cause }}", "span": 3}],
                        [{"label": "当事人"}, {"text": "{{ party.name }}", "span": 3}],
                        {"height": 32, "cells": [{"label": "意见"}, {"text": "", "span": 3}]},
                    ],
                }
            },
        ),
    ),
    "record": (
        "笔录、记录（逐页签名）",
        (
            {"title": "{{ agency.name }}\n{{ document.title }}"},
            {"kv": [{"label": "时间", "text": "{{ document.issued_on|cn_date }}"}]},
            {"p": "请在这里写正文。"},
            {"signatures": {"lines": [{"role": "当事人"}, {"role": "执法人员"}]}},
        ),
    ),
}
"""What a new template of each house style begins with."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A template as the list shows it. `own`: the draft has a text of its own; `shipped`: the platform brings one."""

    code: str
    name: str
    own: bool
    shipped: bool
    nodes: tuple[str, ...]
    grave: int
    doubtful: int


def path_of(code: str) -> str:
    """Where a draft keeps its own template of a code."""
    return f"{FOLDER}{code}{ENDING}"


def sample_path(code: str) -> str:
    """Where a draft keeps its own sample for a template."""
    return f"{FOLDER}{code}{SAMPLE}"


def own_codes(parts: definitions.Parts) -> list[str]:
    """The codes the draft has texts of its own for."""
    return sorted(p[len(FOLDER) : -len(ENDING)] for p in parts if p.startswith(FOLDER) and p.endswith(ENDING))


def text_of(parts: definitions.Parts, code: str) -> str | None:
    """The template a draft works with under a code: its own, else the shipped one; None where there is neither."""
    own = parts.get(path_of(code))
    return own if own is not None else documents.writing.shipped(code)


def papers(
    parts: definitions.Parts, values: Mapping[str, documents.writing.Value], *, everything: bool = False
) -> list[Paper]:
    """The templates a draft works with, in the order of their codes; `everything`: all shipped ones besides."""
    issued: dict[str, list[str]] = {}
    for node in form_uses.nodes(parts):
        for code in node.documents:
            issued.setdefault(code, []).append(node.name)
    codes = {*own_codes(parts), *issued} | (set(documents.all_codes()) if everything else set())
    found = []
    for code in sorted(codes):
        text = text_of(parts, code)
        raw = form_uses.template_of(text)[0] if text is not None else None
        own = path_of(code) in parts
        problems = documents.writing.examine(text, values) if text is not None and own else []
        found.append(
            Paper(
                code,
                str((raw or {}).get("name") or (raw or {}).get("title") or "（没有模板）"),
                own,
                documents.writing.shipped(code) is not None,
                tuple(issued.get(code, ())),
                sum(p.grave for p in problems) + (text is None),
                sum(not p.grave for p in problems),
            )
        )
    return found


def uses(parts: definitions.Parts, code: str) -> list[Use]:
    """Where a kind of document is issued or spoken of: nodes, rules, other documents."""
    found = [
        Use("node", node.path, f"{form_uses.DIAGRAMS[node.path]}“{node.name}”", "办理时制发")
        for node in form_uses.nodes(parts)
        if code in node.documents
    ]
    for entry in form_uses.rules_of(parts).get("documents_before") or ():
        if isinstance(entry, Mapping) and code in (entry.get("codes") or ()):
            found.append(Use("rule", "rules.yaml", "须先制发文书的规则", str(entry.get("message", ""))[:40]))
    for other, (path, raw, _, _own) in sorted(form_uses.templates(parts).items()):
        if other != code and f"'{code}'" in str(raw):
            found.append(
                Use(
                    "document",
                    path,
                    f"文书“{raw.get('name') or raw.get('title')}”（{other}）",
                    "引用它的文号或者日期",
                )
            )
    return found


def new(parts: definitions.Parts, code: str, name: str, source: str) -> dict[str, str | None]:
    """The texts of a new template: from a skeleton (`official`, `form`, `record`) or a copy of a code.

    Raises:
        Invalid: code, name or source cannot be accepted.
    """
    if not CODE.fullmatch(code):
        raise Invalid(errors={"code": ["文书代码请写成两个大写字母、连字符和两位数字，例如 GZ-21。"]})
    if text_of(parts, code) is not None:
        raise Invalid(errors={"code": ["已有这个代码的文书，请换一个，或者在列表中打开它。"]})
    if not 0 < len(name) <= 60:
        raise Invalid(errors={"name": ["请填写文书名称，不超过六十个字。"]})
    if source in SKELETONS:
        raw: dict[str, Any] = {"code": code, "title": name, "house": source, "seal": source == "official"}
        raw |= {"copies": 1, "basis": [], "blocks": [dict(block) for block in SKELETONS[source][1]]}
        return {path_of(code): documents.writing.written(raw)}
    text = text_of(parts, source) if CODE.fullmatch(source) else None
    copied = documents.writing.read_template(text)[0] if text else None
    if copied is None:
        raise Invalid(errors={"source": ["请选择从哪里开始。"]})
    raw = {**copied, "code": code, "title": name}
    raw.pop("name", None)
    return {path_of(code): documents.writing.written(raw)}


def refuse(changes: Mapping[str, str | None]) -> None:
    """Refuse a text that changes a statutory clause of the shipped template of its code.

    Raises:
        Refused: a clause was changed, dropped or moved.
    """
    for path, text in changes.items():
        if text is None or not path.startswith(FOLDER) or not path.endswith(ENDING):
            continue
        raw, _ = documents.writing.read_template(text)
        if raw is None:
            continue
        code = path[len(FOLDER) : -len(ENDING)]
        if wrong := documents.writing.broken_locks({**raw, "code": code}):
            raise Refused(
                f"文书 {code}：{wrong[0]}",
                code="locked_clause",
                field=path,
                article="法定条款由法制机构审核后方可改变",
            )
