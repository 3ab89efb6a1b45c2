"""The fields of a form explained: what is asked, how it is answered, when it must be. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.diagrams import service as diagrams
from app.forms import service as forms
from app.kernel import words

KINDS = {
    "text": "一行文字", "textarea": "多行文字", "number": "数字", "money": "金额（元）", "date": "日期",
    "datetime": "日期和时间", "yesno": "选择是或者否", "radio": "单选", "select": "从列表选择", "checkboxes": "可多选",
    "person": "选择本机关人员", "party": "当事人信息", "file": "上传文件", "evidence": "证据清单", "list": "明细表",
    "opinion": "意见和理由", "law": "法律名称和条款",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class FieldGuide:
    """One field: how it is answered (`kind`), whether it must be, when it is asked, what to mind."""

    section: str
    label: str
    kind: str
    required: str
    when: str
    help: str


def of_form(form: forms.Form) -> tuple[FieldGuide, ...]:
    """The fields of a form in its order, as one step sees them."""
    return tuple(_fields(form))


def _fields(form: forms.Form) -> Iterator[FieldGuide]:
    section = ""
    for item in form.items:
        if item.type == "section":
            section = item.label
        if not item.key or form.may(item.key) != "write":
            continue
        must = "必填" if item.required else "视情形" if item.required_when else "选填"
        yield FieldGuide(
            section, item.label, _kind(item), must, _when(form, item.visible_when), _mind(form, item)
        )


def _kind(item: Any) -> str:
    said = KINDS.get(item.type, item.type)
    options = getattr(item, "options", ())
    if options:
        return f"{said}：{'、'.join(option.label for option in options)}"
    columns = getattr(item, "columns", ())
    return f"{said}：{'、'.join(column.label for column in columns)}" if columns else said


def _when(form: forms.Form, tree: Any) -> str:
    if not tree:
        return ""

    def name(key: str) -> str:
        try:
            return f"“{form.owner(key).label}”"
        except KeyError:
            return f"“{key}”"

    def option(key: str, value: Any) -> str:
        try:
            known: Mapping[str, str] = form.owner(key).values_of(key) or {}
        except KeyError:
            known = {}
        said = known.get(str(value), "是" if value is True else "否" if value is False else str(value))
        return said if said in ("是", "否") or isinstance(value, int | float) else f"“{said}”"

    return diagrams.condition_words(tree, name, option)


def _mind(form: forms.Form, item: Any) -> str:
    parts = [item.help.rstrip("。")] if item.help else []
    if item.required_when:
        parts.append(f"{_when(form, item.required_when)}时必填")
    if getattr(item, "pattern_message", ""):
        parts.append(item.pattern_message.rstrip("。"))
    if item.type in ("text", "textarea") and item.max_length not in (200, 2000):
        parts.append(f"不超过 {item.max_length} 字")
    if item.type == "money" and item.minimum > 0:
        parts.append(f"不少于 {words.amount(item.minimum)} 元")
    if getattr(item, "extensions", ()):
        parts.append(f"文件格式：{'、'.join(item.extensions)}")
    return "；".join(parts) + "。" if parts else ""
