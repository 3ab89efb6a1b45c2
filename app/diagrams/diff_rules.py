"""What differs between two rule sets, section by section. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from app.verify.rules.steps import name as step_name

from .diff_words import (
    CONDITIONS,
    Change,
    ChangeKind,
    Names,
    canonical,
    condition,
    differing,
    limit,
    moved,
    paired,
    plain,
    shortened,
    spaced,
    turned,
    value,
)

SECTIONS: Mapping[str, str] = {
    "key": "流程代码", "name": "流程名称", "kind": "流程种类", "scope": "适用规则", "attributes": "流转属性",
    "params": "阈值",
    "derived": "推导属性", "resets": "办理时清零的属性", "voids": "使前面环节失效", "sticky": "不可撤回的属性",
    "clocks": "法定计时", "suspensions": "扣除期间", "budget": "期限测算", "surcharge": "加处罚款",
    "separation": "不相容岗位分离", "certified": "执法证件", "required_before": "前置环节闸门", "reviews": "法制审核闸门",
    "hearings": "听证闸门", "periods": "期限届满闸门", "in_time": "逾期不受理闸门", "named": "指定人员分离",
    "bands": "幅度闸门", "documents_before": "文书闸门", "clock_bars": "计时闸门", "rounds": "次数闸门",
    "evidence_lists": "证据清单闸门", "applied_law": "新旧法选用闸门",
    "reckoned": "期限计算闸门", "quiet": "夜间和休息日闸门", "claims": "应缴款项",
    "receipts": "缴款记录", "instalments": "延期分期安排", "stops": "不计加处罚款的期间", "waivers": "减免加处罚款",
    "settled": "缴清闸门", "stated": "数额与账户一致闸门", "follows": "针对其他案件的决定", "pending": "复议诉讼结束闸门",
    "scene": "现场办理", "thresholds": "本机关标准", "act_papers": "案件处理制发的文书",
    "no_increase": "不得加重闸门", "freeze_after": "冻结环节", "freeze_article": "冻结的依据", "abnormal": "异常情形说明",
    "external_steps": "内外环节对应", "external_returns": "允许退回的外部环节",
    "facts": "案件要素", "moments": "环节的法定时间",
}  # fmt: skip
RULE_WORDS: Mapping[str, str] = {
    "type": "类型", "default": "默认值", "label": "名称", "options": "选项", "value": "值", "unit": "单位",
    "source": "出处", "unsure": "待核对标记", "basis": "依据", "when": "条件", "limit": "期限", "name": "名称",
    "side": "约束对象", "starts": "起算环节", "starts_when": "起算条件", "stops": "停止环节", "stops_when": "停止条件",
    "extension": "延长规定", "lengthened": "批准延长的环节", "warn": "预警期限", "dates": "时间字段",
    "cause": "事由", "from": "起", "to": "止", "working_days": "工作日数",
    "excluded": "不计入的环节", "steps": "环节", "excludes": "排除的组", "article": "依据", "before": "限制的环节",
    "needs": "须先完成", "message": "提示", "step": "环节", "passed": "通过的属性", "certificate": "证件",
    "over": "审核覆盖的环节", "after": "起算环节", "ended_by": "提前结束的属性", "answer": "人员字段", "group": "所属组",
    "codes": "文书", "since": "本轮起点", "clock": "计时", "paused": "暂停时", "expired": "届满时", "than": "比较的环节",
    "attributes": "属性", "attribute": "属性", "reason": "理由字段", "amount": "数额属性", "rate": "比率", "cap": "上限",
    "term": "期限", "start": "起算的栏", "first": "起的栏", "last": "止的栏", "night_from": "夜间起",
    "night_until": "夜间止", "unless": "除外的属性", "due": "届满之日的栏", "base": "计算基数",
    "day": "日期的栏", "part": "款项的栏", "receipt": "票据号的栏", "surcharge": "加处罚款的栏",
    "of": "所在案件", "changed": "后续办件改变的金额", "kinds": "案件类型",
    "reached": "已经办到的环节", "tells": "显示的栏", "by": "登记的岗位",
    "id": "代码", "acted": "行为日期的栏", "choice": "适用规定的栏", "files": "证据文件的栏", "at": "收集证据的环节",
}  # fmt: skip
_IDENTITY = ("id", "name", "clock", "attribute", "step", "after", "before", "steps", "cause")
"""What an entry of a list is known by, as far as the entries of the list differ in it."""


def rules(path: str, before: Any, after: Any, names: Names) -> Iterator[Change]:
    """The differences of two rule sets, section by section."""
    one, two = (found if isinstance(found, Mapping) else {} for found in (before, after))
    order = [*SECTIONS, *sorted((one.keys() | two.keys()) - SECTIONS.keys(), key=str)]
    for section in order:
        a, b = one.get(section), two.get(section)
        if canonical(a) == canonical(b):
            continue
        title = f"“{SECTIONS.get(section, section)}”"
        if isinstance(a or {}, Mapping) and isinstance(b or {}, Mapping):
            yield from _entries(path, section, title, dict(a or {}), dict(b or {}), names)
        elif isinstance(a or [], list) and isinstance(b or [], list) and _records([*(a or []), *(b or [])]):
            known = _identity([*(a or [])], [*(b or [])])
            yield from _list(path, section, title, known, a or [], b or [], names)
        else:
            said = [None if each is None else _section_value(section, each, names) for each in (a, b)]
            text = f"规则{turned(title, '内容', *said)}".replace("的内容由", "由")
            yield Change(path, ChangeKind.CHANGED, section, text, section, plain(a), plain(b))


def _section_value(section: str, found: Any, names: Names) -> str:
    if section in ("freeze_after", "external_returns") and isinstance(found, list):
        return "、".join(_tag_or_attribute(str(each), names) for each in found) or "空"
    return value(found)


def _records(found: Sequence[Any]) -> bool:
    return bool(found) and all(isinstance(each, Mapping) for each in found)


def _entries(
    path: str, section: str, title: str, a: dict[str, Any], b: dict[str, Any], names: Names
) -> Iterator[Change]:
    """A section that is a mapping: its entries by name."""
    for key in [*b, *(key for key in a if key not in b)]:
        one, two = a.get(key), b.get(key)
        if canonical(one) == canonical(two) and key in a and key in b:
            continue
        called = (
            names.attribute(str(key))
            if section in ("attributes", "derived")
            else f"“{_key(section, key, one, two)}”"
        )
        subject = f"规则{title}中{called}"
        element = f"{section}.{key}"
        if key not in a:
            yield Change(path, ChangeKind.ADDED, element, _new(title, called, two), section, None, plain(two))
        elif key not in b:
            yield Change(
                path, ChangeKind.REMOVED, element, f"规则{title}删除{called}。", section, plain(one), None
            )
        elif isinstance(one, Mapping) and isinstance(two, Mapping):
            yield from _fields(path, element, subject, one, two, names)
        else:
            said = [spaced(_rule_value(str(key), each, names)) for each in (one, two)]
            text = f"{subject}由{said[0]}改为{said[1]}。"
            yield Change(
                path, ChangeKind.CHANGED, element, text.replace(" 。", "。"), section, plain(one), plain(two)
            )


def _new(title: str, called: str, found: Any) -> str:
    said = "" if isinstance(found, Mapping) else f"：{value(found)}"
    return f"规则{title}新增{called}{said}。"


def _key(section: str, key: str, one: Any, two: Any) -> str:
    for found in (two, one):
        if isinstance(found, Mapping) and found.get("label"):
            return str(found["label"])
    return RULE_WORDS.get(key, key) if section in ("budget", "surcharge", "certified") else str(key)


def _fields(
    path: str, element: str, subject: str, one: Mapping[str, Any], two: Mapping[str, Any], names: Names
) -> Iterator[Change]:
    for name in differing(one, two, ()):
        a, b = one.get(name), two.get(name)
        label = RULE_WORDS.get(name, f"“{name}”")
        said = [None if each is None else _rule_value(name, each, names) for each in (a, b)]
        kind = ChangeKind.RENAMED if name == "label" else ChangeKind.CHANGED
        yield Change(path, kind, element, turned(subject, label, *said), name, plain(a), plain(b))


def _rule_value(name: str, found: Any, names: Names) -> str:
    if name in CONDITIONS:
        return f"（{condition(found, names.attribute)}）"
    if isinstance(found, str) and name in ("limit", "warn"):
        return limit(found)
    if name in _NAMED and isinstance(found, list | str):
        listed = found if isinstance(found, list) else [found]
        return "、".join(_tag_or_attribute(str(each), names) for each in listed) or "空"
    return value(found)


_NAMED = frozenset(
    {
        "attributes", "attribute", "passed", "ended_by", "needs", "before", "steps", "step", "starts", "stops", "from",
        "to", "excluded", "over", "after", "since", "than",
    }
)  # fmt: skip
"""Properties that name steps or attributes."""


def _tag_or_attribute(key: str, names: Names) -> str:
    if key in names.attributes:
        return names.attribute(key)
    called = step_name(key)
    return f"“{called}”（{key}）" if called != key else f"“{key}”"


def _identity(one: Sequence[Mapping[str, Any]], two: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The fields that tell the entries of both lists apart; none where nothing does."""
    chosen: list[str] = []
    for name in _IDENTITY:
        if any(name in each for each in (*one, *two)):
            chosen.append(name)
            if all(len({_known(e, chosen) for e in found}) == len(found) for found in (one, two)):
                return tuple(chosen)
    return ()


def _known(entry: Mapping[str, Any], by: Sequence[str]) -> str:
    return canonical([entry.get(name) for name in by])


def _list(
    path: str, section: str, title: str, by: tuple[str, ...], a: list[Any], b: list[Any], names: Names
) -> Iterator[Change]:
    """A section that is a list of entries, each known by some of its fields, else by its place."""
    if by:
        old = {_known(each, by): each for each in a}
        new = {_known(each, by): each for each in b}
        pairs = [(old.get(key), each) for key, each in new.items()]
        pairs += [(each, None) for key, each in old.items() if key not in new]
    else:
        places = paired([canonical(e) for e in a], [canonical(e) for e in b])
        pairs = [(None if i is None else a[i], None if j is None else b[j]) for i, j in places]
    for one, two in pairs:
        if canonical(one) == canonical(two):
            continue
        entry = two if two is not None else one or {}
        called = f"“{_entry_name(entry)}”"
        element = f"{section}.{_entry_name(entry)}"
        if one is None:
            yield Change(
                path, ChangeKind.ADDED, element, f"规则{title}新增{called}。", section, None, plain(two)
            )
        elif two is None:
            yield Change(
                path, ChangeKind.REMOVED, element, f"规则{title}删除{called}。", section, plain(one), None
            )
        else:
            yield from _fields(path, element, f"规则{title}中{called}", one, two, names)
    if by and moved([_known(each, by) for each in a], [_known(each, by) for each in b]):
        yield Change(path, ChangeKind.MOVED, section, f"规则{title}的先后次序改变。", section)


def _entry_name(entry: Mapping[str, Any]) -> str:
    """What an entry of a list is called: its name, else what it forbids or says."""
    for name in ("name", "label", "cause", "message", "attribute", "id"):
        if isinstance(entry.get(name), str):
            return shortened(str(entry[name]), 40)
    for name in ("before", "step", "steps", "after"):
        if entry.get(name):
            found = entry[name]
            return "、".join(map(str, found)) if isinstance(found, list) else str(found)
    return shortened(canonical(entry), 40)
