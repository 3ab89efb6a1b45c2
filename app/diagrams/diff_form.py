"""What differs between two forms, field by field. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from .diff_words import (
    CONDITIONS,
    Change,
    ChangeKind,
    Names,
    Option,
    Said,
    canonical,
    condition,
    differing,
    limit,
    moved,
    plain,
    shortened,
    turned,
    value,
)

FORM_WORDS: Mapping[str, str] = {
    "label": "名称", "type": "类型", "required": "必填", "options": "选项", "visibleWhen": "显示条件",
    "requiredWhen": "必填条件", "help": "填写提示", "width": "宽度", "maxLength": "最多字数",
    "minLength": "最少字数", "min": "最小值", "max": "最大值", "unit": "单位", "decimals": "小数位数", "pattern": "格式",
    "patternMessage": "格式不符时的提示",
    "prefill": "预填内容", "earliest": "最早日期", "latest": "最晚日期", "position": "岗位", "certificate": "证件",
    "minRows": "最少行数", "maxRows": "最多行数", "rights": "填写权限", "writes": "写入案件的属性", "title": "标题",
    "version": "版本号", "key": "代码",
}  # fmt: skip
FIELD_TYPES: Mapping[str, str] = {
    "text": "单行文字", "textarea": "多行文字", "number": "数字", "money": "金额", "date": "日期", "datetime": "日期时间",
    "yesno": "是否", "radio": "单选", "select": "下拉选择", "checkboxes": "多选", "list": "明细表", "file": "附件",
    "evidence": "证据清单", "party": "当事人", "officer": "执法人员", "officers": "执法人员", "opinion": "处理意见",
    "signature": "签名", "section": "小标题", "note": "说明",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Words:
    """What fields and their values are called in a form."""

    named: Said
    option: Option

    def condition(self, tree: Any) -> str:
        return condition(tree, self.named, self.option)


def forms(path: str, before: Any, after: Any, names: Names) -> Iterator[Change]:
    """The differences of two forms, field by field in the order of the newer one."""
    one, two = (found if isinstance(found, Mapping) else {} for found in (before, after))
    old, new = _items(one.get("items")), _items(two.get("items"))
    labels = {**_labels(old), **_labels(new)}

    def named(key: str) -> str:
        return f"“{labels.get(key.split('.')[0], key)}”"

    options = {**_choices(old), **_choices(new)}

    def option(key: str, found: Any) -> str:
        return options.get((key, canonical(found)), value(found))

    words = _Words(named, option)
    for name in sorted((one.keys() | two.keys()) - {"items", "writes"}, key=str):
        if canonical(one.get(name)) != canonical(two.get(name)):
            yield _property(path, "", "表单", name, one.get(name), two.get(name), words)
    for key, item in new.items():
        if key not in old:
            text = f"新增{_called(item)}（{_type(item)}{'，必填' if item.get('required') else ''}）。"
            yield Change(path, ChangeKind.ADDED, key, text, after=plain(item))
        else:
            for name in differing(old[key], item, ("items", "columns", "key")):
                yield _property(path, key, _called(item), name, old[key].get(name), item.get(name), words)
    for key, item in old.items():
        if key not in new:
            yield Change(path, ChangeKind.REMOVED, key, f"删除{_called(item)}。", before=plain(item))
    if moved(old, new):
        yield Change(path, ChangeKind.MOVED, "", "字段的先后次序改变。", "items", list(old), list(new))
    yield from _writes(path, one.get("writes"), two.get("writes"), names, words)


def _items(items: Any, above: str = "") -> dict[str, Mapping[str, Any]]:
    """Fields by their keys, those in lists as `list.column`; headings and notes by what they say."""
    found: dict[str, Mapping[str, Any]] = {}
    for item in items if isinstance(items, list) else ():
        if not isinstance(item, Mapping):
            continue
        own = str(item.get("key") or f"{item.get('type', '')}:{shortened(str(item.get('label', '')), 30)}")
        key = f"{above}.{own}" if above else own
        while key in found:  # headings and notes that say the same
            key += "+"
        found[key] = item
        for inner in ("items", "columns"):
            for name, one in _items(item.get(inner), key if item.get("key") else above).items():
                found.setdefault(name, one)
    return found


def _choices(items: Mapping[str, Mapping[str, Any]]) -> dict[tuple[str, str], str]:
    """What the options of every field are called: (field, value) → label in quotation marks."""
    found = {}
    for key, item in items.items():
        for option in item.get("options") or () if isinstance(item.get("options"), list) else ():
            if isinstance(option, Mapping):
                found[key, canonical(option.get("value"))] = f"“{option.get('label', option.get('value'))}”"
        if item.get("type") == "yesno":
            found |= {(key, '"yes"'): "“是”", (key, '"no"'): "“否”"}
    return found


def _labels(items: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    return {key: str(item.get("label") or key) for key, item in items.items()}


def _called(item: Mapping[str, Any]) -> str:
    kind = {"section": "小标题", "note": "说明"}.get(str(item.get("type")), "字段")
    return f"{kind}“{shortened(str(item.get('label') or item.get('key') or ''), 30)}”"


def _type(item: Mapping[str, Any]) -> str:
    kind = str(item.get("type", ""))
    return FIELD_TYPES.get(kind, kind)


def _property(path: str, key: str, subject: str, name: str, a: Any, b: Any, words: _Words) -> Change:
    """A property of something was set, taken away or turned."""
    label = FORM_WORDS.get(name, f"“{name}”")
    before, after = plain(a), plain(b)
    if name == "required":
        text = f"{subject}改为{'' if b else '不'}必填。"
    elif isinstance(a, bool | None) and isinstance(b, bool | None):
        text = turned(subject, label, value(bool(a)), value(bool(b)))
    elif name == "options" and isinstance(a, list) and isinstance(b, list):
        text = _options(subject, a, b)
    else:
        said = [None if each is None else _said(name, each, words) for each in (a, b)]
        text = turned(subject, label, *said)
    kind = ChangeKind.RENAMED if name == "label" else ChangeKind.CHANGED
    return Change(path, kind, key, text, name, before, after)


def _said(name: str, found: Any, words: _Words) -> str:
    if name in CONDITIONS:
        return f"（{words.condition(found)}）"
    if name == "type":
        return FIELD_TYPES.get(str(found), str(found))
    return limit(found) if name == "limit" and isinstance(found, str) else value(found)


def _options(subject: str, before: list[Any], after: list[Any]) -> str:
    def each(options: list[Any]) -> dict[str, str]:
        found = {}
        for option in options:
            if isinstance(option, Mapping):
                found[canonical(option.get("value"))] = str(option.get("label", option.get("value")))
            else:
                found[canonical(option)] = str(option)
        return found

    old, new = each(before), each(after)
    parts = []
    if come := [f"“{shortened(new[k], 30)}”" for k in new if k not in old]:
        parts.append(f"增加选项{'、'.join(come)}")
    if gone := [f"“{shortened(old[k], 30)}”" for k in old if k not in new]:
        parts.append(f"去掉选项{'、'.join(gone)}")
    parts += [
        f"选项“{shortened(old[k], 30)}”改为“{shortened(new[k], 30)}”"
        for k in new
        if k in old and old[k] != new[k]
    ]
    return f"{subject}{'，'.join(parts) or '的选项次序改变'}。"


def _writes(path: str, before: Any, after: Any, names: Names, words: _Words) -> Iterator[Change]:
    one, two = (found if isinstance(found, Mapping) else {} for found in (before, after))
    for name in sorted(one.keys() | two.keys(), key=str):
        if canonical(one.get(name)) == canonical(two.get(name)):
            continue
        said = [None if each is None else _source(each, words) for each in (one.get(name), two.get(name))]
        text = turned("表单", f"写入的属性{names.attribute(name)}", *said)
        yield Change(
            path,
            ChangeKind.CHANGED,
            f"writes.{name}",
            text,
            "writes",
            plain(one.get(name)),
            plain(two.get(name)),
        )


def _source(found: Any, words: _Words) -> str:
    if isinstance(found, Mapping) and "field" in found:
        more = {key: each for key, each in found.items() if key != "field"}
        field_ = words.named(str(found["field"]))
        if set(more) <= {"op", "value"} and "op" in more:
            return f"（{words.condition(found)}）"
        return f"取自{field_}" + (f"（{value(plain(more))}）" if more else "")
    if isinstance(found, Mapping) and set(found) == {"value"}:
        return f"固定为{value(found['value'])}"
    if isinstance(found, Mapping) and ({"all", "any", "not", "when"} & set(found)):
        return f"（{words.condition(found.get('when', found))}）"
    return value(found)
