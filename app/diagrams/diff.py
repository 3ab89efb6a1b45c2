"""What differs between two trees of texts (drafts, revisions, published versions), in Chinese sentences. Pure.

    for change in compare(before_parts, after_parts): change.text   # “法制审核”的时限由 5 个工作日改为 3 个工作日。

The order is the same for the same trees: file by file (diagrams, rules, what they call, forms, documents, tables,
runs), in a file in the order of the newer one.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from app.kernel.errors import Invalid

from . import calls
from . import draft_tree as tree
from .diff_drawing import drawings
from .diff_form import forms
from .diff_papers import tables, templates
from .diff_rules import rules
from .diff_words import Change, ChangeKind, Names, anything
from .texts import read_json, read_yaml

__all__ = ["Change", "ChangeKind", "compare", "file_name", "summary"]

Parts = Mapping[str, str]
_DONE: Mapping[ChangeKind, str] = {
    ChangeKind.ADDED: "新增",
    ChangeKind.REMOVED: "删除",
    ChangeKind.RENAMED: "改名",
    ChangeKind.MOVED: "移动",
    ChangeKind.CHANGED: "修改",
    ChangeKind.REROUTED: "改接",
    ChangeKind.LAYOUT: "调整位置",
    ChangeKind.UNREADABLE: "不能比较",
}
_FOLDERS = ("called", "forms", "documents", "tables", "runs")


def compare(before: Parts, after: Parts, *, layout: bool = True) -> tuple[Change, ...]:
    """Every difference between two trees (path → text); without `layout` those of meaning only.

    What cannot be read is told as a change of its own and hinders no other file.
    """
    names = _names(before, after)
    found: list[Change] = []
    for path in sorted({*before, *after}, key=_place):
        called = _called(path, names, after.get(path, before.get(path, "")))
        found += [
            replace(change, file=called)
            for change in _file(path, before.get(path), after.get(path), called, names)
        ]
    return tuple(change for change in found if layout or change.kind is not ChangeKind.LAYOUT)


def summary(changes: Sequence[Change]) -> str:
    """Differences in one line: 内部流程图新增 1 处、修改 2 处；“法制审核”表单修改 1 处."""
    parts = []
    for path in dict.fromkeys(change.path for change in changes):
        own = [change for change in changes if change.path == path]
        counts = Counter(change.kind for change in own)
        told = "、".join(f"{_DONE[kind]} {counts[kind]} 处" for kind in ChangeKind if counts[kind])
        parts.append(f"{own[0].file or file_name(path)}{told}")
    return "；".join(parts)


def file_name(path: str) -> str:
    """What a file of a procedure is called."""
    fixed = {tree.INTERNAL: "内部流程图", tree.EXTERNAL: "外部流程图", tree.RULES: "规则"}
    if path in fixed:
        return fixed[path]
    folder, _, name = path.partition("/")
    kinds = {
        "forms": "表单",
        "documents": "文书",
        "tables": "决策表",
        "runs": "试运行",
        "called": "被调用流程",
    }
    if path.endswith(".sample.json"):
        return f"文书“{name.removesuffix('.sample.json')}”的示例数据"
    return f"{kinds.get(folder, '文件')}“{name.rpartition('.')[0] or name}”"


def _place(path: str) -> tuple[int, str]:
    first = (tree.INTERNAL, tree.EXTERNAL, tree.RULES)
    if path in first:
        return first.index(path), path
    folder = path.partition("/")[0]
    return len(first) + (_FOLDERS.index(folder) if folder in _FOLDERS else len(_FOLDERS)), path


def _file(path: str, before: str | None, after: str | None, called: str, names: Names) -> Iterator[Change]:
    if before == after:
        return
    if before is None or after is None:
        kind = ChangeKind.ADDED if before is None else ChangeKind.REMOVED
        text = f"{'新增' if before is None else '删除'}{called}。"
        yield Change(path, kind, "", text)
        return
    told = False
    for change in _within(path, before, after, names):
        told = True
        yield change
    if not told:
        yield Change(path, ChangeKind.LAYOUT, "", f"{called}只有书写格式改变，内容相同。", "format")


def _called(path: str, names: Names, text: str) -> str:
    folder, _, name = path.partition("/")
    key = name.rpartition(".")[0]
    if folder == "forms":
        return f"表单{names.form(key)}"
    if folder == "called" and (title := calls.title(text)):
        return f"被调用流程“{title}”"
    if folder == "documents" and not path.endswith(".sample.json"):
        return f"文书{names.document(key)}"
    return file_name(path)


def _within(path: str, before: str, after: str, names: Names) -> Iterator[Change]:
    if path.endswith(".bpmn"):
        yield from drawings(path, before, after, names)
        return
    if path.endswith(".dmn"):
        yield from tables(path, before, after)
        return
    try:
        read: Callable[[str, str], Any] = read_json if path.endswith(".json") else read_yaml
        one, two = read(before, path), read(after, path)
        if path == tree.RULES:
            yield from rules(path, one, two, names)
        elif path.startswith("forms/"):
            yield from forms(path, one, two, names)
        elif path.startswith("documents/") and path.endswith(".yaml"):
            yield from templates(path, one, two)
        else:
            yield from anything(path, one, two, file_name(path))
    except Invalid as error:
        yield Change(path, ChangeKind.UNREADABLE, "", f"不能逐项比较：{error.message}")


def _names(before: Parts, after: Parts) -> Names:
    """What the keys in both trees are called; the newer tree's word stands."""
    attributes: dict[str, str] = {}
    titles: dict[str, dict[str, str]] = {"forms": {}, "documents": {}}
    for parts in (before, after):
        rule_set = _lenient(read_yaml, parts.get(tree.RULES, ""), tree.RULES)
        for section in ("attributes", "derived", "params"):
            entries = rule_set.get(section)
            for key, entry in entries.items() if isinstance(entries, Mapping) else ():
                if isinstance(entry, Mapping) and isinstance(entry.get("label"), str):
                    attributes[str(key)] = entry["label"]
        for path, text in parts.items():
            folder, _, name = path.partition("/")
            if folder in titles and not path.endswith(".sample.json"):
                found = _lenient(read_json if folder == "forms" else read_yaml, text, path)
                if isinstance(found.get("title"), str):
                    titles[folder][name.rpartition(".")[0]] = found["title"]
    return Names(attributes, titles["forms"], titles["documents"])


def _lenient(read: Callable[[str, str], Any], text: str, path: str) -> Mapping[str, Any]:
    """An object as far as it can be read."""
    try:
        found = read(text, path)
    except Invalid:
        return {}
    return found if isinstance(found, Mapping) else {}
