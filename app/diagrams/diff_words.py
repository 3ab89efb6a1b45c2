"""What a comparison is made of, and how values are spoken of in it. Pure."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from app.verify.limits import read as read_limit


class ChangeKind(StrEnum):
    """What became of a thing."""

    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    MOVED = "moved"
    """Of a task: to another position. Of a field or a block: to another place."""
    CHANGED = "changed"
    REROUTED = "rerouted"
    LAYOUT = "layout"
    """Drawn elsewhere; means the same."""
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two trees.

    Attributes:
        path: of the file.
        kind: see `ChangeKind`.
        element: id of the element, key of the field, or name of the entry; empty for the file as a whole.
        what: which property, in the words of the file (`limit`, `visibleWhen`); empty for the whole element.
        before, after: the values, as JSON has them; None where there is none.
        text: a Chinese sentence.
        file: what the file is called, in Chinese.
    """

    path: str
    kind: ChangeKind
    element: str
    text: str
    what: str = ""
    before: Any = None
    after: Any = None
    file: str = ""

    def told(self) -> dict[str, Any]:
        """For programs."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Names:
    """What keys are called in the two trees: attributes, forms and documents."""

    attributes: Mapping[str, str] = field(default_factory=dict)
    forms: Mapping[str, str] = field(default_factory=dict)
    documents: Mapping[str, str] = field(default_factory=dict)

    def attribute(self, key: str) -> str:
        """An attribute in quotation marks."""
        return f"“{self.attributes.get(key, key)}”"

    def form(self, key: str) -> str:
        """A form in quotation marks."""
        return f"“{self.forms.get(key, key)}”"

    def document(self, code: str) -> str:
        """A document in quotation marks."""
        title = self.documents.get(code)
        return f"“{title}（{code}）”" if title else f"“{code}”"


def limit(value: str) -> str:
    """`5wd` as 5 个工作日."""
    found = read_limit(value.strip())
    units = {"wd": "个工作日", "d": "日", "h": "小时"}
    return f"{found[0]} {units[found[1]]}" if found else f"“{value}”"


def turned(subject: str, label: str, before: str | None, after: str | None) -> str:
    """A sentence: a property of something was set, taken away, or turned from one value to another."""
    if before is None:
        return f"{subject}增加{label}：{after}。"
    if after is None:
        return f"{subject}去掉{label}（原为{spaced(before)}）。".replace(" ）", "）")
    return f"{subject}的{label}由{spaced(before)}改为{spaced(after)}。".replace(" 。", "。")


def spaced(text: str) -> str:
    """A text within a Chinese sentence: Latin letters and digits keep a blank on either side."""
    if not text:
        return "空"
    head = " " if text[0].isascii() and text[0].isalnum() else ""
    tail = " " if text[-1].isascii() and text[-1].isalnum() else ""
    return f"{head}{text}{tail}"


OPERATORS = {
    "eq": "为", "ne": "不为", "gt": "大于", "gte": "不小于", "lt": "小于", "lte": "不大于", "in": "属于",
    "not_in": "不属于", "notIn": "不属于", "contains": "包含", "empty": "未填写", "not_empty": "已填写",
    "notEmpty": "已填写",
}  # fmt: skip


Said = Callable[[str], str]
Option = Callable[[str, Any], str]


def condition(tree: Any, name: Said | None = None, option: Option | None = None) -> str:
    """A condition tree in words; `name` says what a field is called, `option` what its value is."""
    named: Said = name or (lambda key: f"“{key}”")
    chosen: Option = option or (lambda _, found: value(found))
    if not isinstance(tree, Mapping):
        return value(tree)
    for key, joint in (("all", "，且"), ("any", "，或者")):
        if isinstance(tree.get(key), list):
            parts = [_inner(each, named, chosen) for each in tree[key]]
            return joint.join(parts) or "总是"
    if "not" in tree:
        return f"不是（{condition(tree['not'], named, chosen)}）"
    if "field" not in tree:
        return value(tree)
    field_, operator = str(tree["field"]), str(tree.get("op", "eq"))
    said = f"{named(field_)}{OPERATORS.get(operator, operator)}"
    if operator in ("empty", "not_empty", "notEmpty"):
        return said
    found = tree.get("value")
    listed = found if isinstance(found, list) else [found]
    return f"{said}{spaced('、'.join(chosen(field_, each) for each in listed))}".rstrip()


def _inner(tree: Any, name: Said, option: Option) -> str:
    """One of several conditions, in brackets where it is itself made of several."""
    text = condition(tree, name, option)
    several = isinstance(tree, Mapping) and any(len(tree.get(key) or ()) > 1 for key in ("all", "any"))
    return f"（{text}）" if several else text


def value(found: Any) -> str:
    """A value as people read it, of any shape."""
    if isinstance(found, bool):
        return "是" if found else "否"
    if found is None:
        return "空"
    if isinstance(found, str):
        return f"“{shortened(found)}”"
    if isinstance(found, int | float):
        return f"{found}"
    if isinstance(found, Mapping):
        if "param" in found and len(found) == 1:
            return f"阈值“{found['param']}”"
        return f"“{shortened(canonical(found))}”"
    if isinstance(found, Sequence) and all(isinstance(each, str | int | float) for each in found):
        return "、".join(value(each) for each in found) or "空"
    return f"“{shortened(canonical(found))}”"


def shortened(text: str, most: int = 60) -> str:
    """A text on one line, cut where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def canonical(found: Any) -> str:
    """The same text for the same value, whatever the order of its keys."""
    return json.dumps(plain(found), ensure_ascii=False, sort_keys=True)


def plain(found: Any) -> Any:
    """A value as JSON has it: what YAML makes besides (days, moments) as text, keys as texts."""
    if isinstance(found, Mapping):
        return {str(key): plain(each) for key, each in found.items()}
    if isinstance(found, list | tuple):
        return [plain(each) for each in found]
    return found if found is None or isinstance(found, str | int | float | bool) else str(found)


def paired(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[int | None, int | None]]:
    """Two sequences held against each other: (place before, place after), None where there is none. What stands
    in place of something else counts as it changed."""
    for tag, i, i2, j, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        both = min(i2 - i, j2 - j) if tag != "insert" and tag != "delete" else 0
        yield from ((i + n, j + n) for n in range(both))
        yield from ((n, None) for n in range(i + both, i2))
        yield from ((None, n) for n in range(j + both, j2))


def moved(before: Iterable[str], after: Iterable[str]) -> bool:
    """Whether what is in both stands in another order."""
    left, right = list(before), list(after)
    common = set(left) & set(right)
    return [each for each in left if each in common] != [each for each in right if each in common]


CONDITIONS = frozenset({"visibleWhen", "requiredWhen", "when", "starts_when", "if", "visible_when"})
"""Properties that hold a condition tree."""


def differing(one: Mapping[str, Any], two: Mapping[str, Any], without: Sequence[str]) -> list[str]:
    """The properties that differ, in one order."""
    found = (
        name
        for name in (one.keys() | two.keys()) - set(without)
        if canonical(one.get(name)) != canonical(two.get(name))
    )
    return sorted(found, key=str)


def anything(path: str, before: Any, after: Any, what: str) -> Iterator[Change]:
    """The differences of two values of no known shape, by their first keys."""
    if not (isinstance(before, Mapping) and isinstance(after, Mapping)):
        yield Change(path, ChangeKind.CHANGED, "", f"{what}的内容已修改。", "", plain(before), plain(after))
        return
    for name in [*after, *(name for name in before if name not in after)]:
        a, b = before.get(name), after.get(name)
        if canonical(a) != canonical(b):
            said = [None if each is None else value(each) for each in (a, b)]
            text = turned(what, f"“{name}”", *said)
            yield Change(path, ChangeKind.CHANGED, str(name), text, str(name), plain(a), plain(b))
