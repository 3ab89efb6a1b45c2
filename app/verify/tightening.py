"""An agency's settings over a rule set: stricter than the law's minimum, never looser.

Settings have closed keys, each with one direction:

    params: {name: number}        thresholds for hearing and review: not higher (`tighten: up`: not lower)
    clocks: {id: {limit: 60d, extension: none}}   time the authority has: not longer, no new extension; time
                                  the party has (`side: party`): not shorter
    periods: {step: 7wd}          time the party has after the step: not shorter; letters count as long
    officers: {step: number}      not fewer than the diagram asks for
    rounds: {step: number}        times a step may be handed in: not more
    suspensions: [...]            causes for which days do not count: only such as the rule set has
    <a section of gates>: [...]   in place of the rule set's: every entry of it must still be there, and in
                                  some nothing may be added
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from ..kernel.errors import Invalid
from .rules import terms

GATES: Mapping[str, str] = {
    "required_before": "前置环节",
    "reviews": "审核",
    "hearings": "听证",
    "named": "指定人员的分离",
    "bands": "处罚幅度",
    "documents_before": "前置文书",
    "clock_bars": "计时限制",
    "in_time": "提出意见的期限",
    "separation": "人员分离",
    "no_increase": "不得加重",
    "abnormal": "异常理由",
    "freeze_after": "决定后冻结",
}
CLOSED = ("in_time", "freeze_after")
"""Sections to which an entry more would take a right from the party, or exempt a step from the freeze."""
KINDS = ("params", "clocks", "periods", "officers", "rounds", "suspensions", *GATES)


def tightened(
    rules: Mapping[str, Any], settings: Mapping[str, Any], officers: Mapping[str, int] | None = None
) -> dict[str, Any]:
    """The rule set as the agency's settings tighten it; the rule set itself is not touched.

    Args:
        rules: a rule set as written (`rules.yaml`).
        settings: see above; nothing: the rule set as it is.
        officers: legal step -> the number of officers the diagram asks for.

    Raises:
        Invalid: a setting loosens the rule set or speaks of nothing in it; `errors` names each.
    """
    result = deepcopy(dict(rules))
    errors: dict[str, list[str]] = {}
    for path, message in _apply(result, settings, officers or {}):
        errors.setdefault(path, []).append(message)
    if errors:
        told = "；".join(text.rstrip("。") for texts in errors.values() for text in texts)
        raise Invalid(f"机关的设置只能比规则更严：{told}。", code="looser", errors=errors)
    return result


Problems = Iterator[tuple[str, str]]


def _apply(result: dict[str, Any], settings: Mapping[str, Any], officers: Mapping[str, int]) -> Problems:
    for kind, given in settings.items():
        if kind not in KINDS:
            yield str(kind), f"没有“{kind}”这种设置，可以设置的有：{'、'.join(KINDS)}。"
        elif kind in GATES:
            yield from _gates(result, kind, given)
        elif kind == "suspensions":
            yield from _suspensions(result, given)
        elif not isinstance(given, Mapping):
            yield kind, f"“{kind}”应当是“名称: 内容”的对象。"
        elif kind == "params":
            yield from _params(result, given)
        elif kind == "clocks":
            yield from _clocks(result, given)
        elif kind == "periods":
            yield from _periods(result, given)
        else:
            yield from _counts(result, kind, given, officers)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _params(result: dict[str, Any], given: Mapping[str, Any]) -> Problems:
    for name, value in given.items():
        path, entry = f"params.{name}", (result.get("params") or {}).get(name)
        if entry is None:
            yield path, f"规则没有“{name}”这个标准。"
            continue
        label, old = entry.get("label", name), entry.get("value")
        if not _number(value) or value < 0:
            yield path, f"“{label}”应当是不小于零的数。"
        elif entry.get("tighten") == "up" and value < old:
            yield path, f"“{label}”不得低于{old}。"
        elif entry.get("tighten") != "up" and value > old:
            yield path, f"“{label}”不得高于{old}，否则应当听证、审核的案件会变少。"
        else:
            entry["value"] = value


def _clocks(result: dict[str, Any], given: Mapping[str, Any]) -> Problems:
    clocks = {str(clock.get("id")): clock for clock in result.get("clocks") or ()}
    for name, change in given.items():
        path, clock = f"clocks.{name}", clocks.get(name)
        if clock is None or not isinstance(change, Mapping) or set(change) - {"limit", "extension", "warn"}:
            yield path, f"规则没有“{name}”这个计时，或者设置的不是 limit、extension、warn。"
            continue
        label = clock.get("name", name)
        if "limit" in change:
            bound = _longer if clock.get("side") == "party" else _shorter
            yield from bound(f"{path}.limit", f"“{label}”", clock, change["limit"])
        if "warn" in change:
            if terms.read(change["warn"]) is None:
                yield f"{path}.warn", f"“{label}”的提醒时间写法不对，应当像 5wd、30d、24h。"
            else:
                clock["warn"] = change["warn"]
        if "extension" in change:
            yield from _extension(f"{path}.extension", label, clock, change["extension"])


def _shorter(path: str, what: str, entry: dict[str, Any], value: Any) -> Problems:
    new, old = terms.read(value), terms.read(entry.get("limit"))
    if new is None or old is None:
        yield path, f"{what}的期限写法不对，应当像 5wd、30d、24h。"
    elif not terms.within(new, old):
        yield path, f"{what}不得长于{old}。"
    else:
        entry["limit"] = str(value)


def _longer(path: str, what: str, entry: dict[str, Any], value: Any) -> Problems:
    new, old = terms.read(value), terms.read(entry.get("limit"))
    if new is None or old is None:
        yield path, f"{what}的期限写法不对，应当像 5wd、30d、24h。"
    elif not terms.within(old, new):
        yield path, f"{what}不得短于{old}。"
    else:
        entry["limit"] = str(value)


def _extension(path: str, label: str, clock: dict[str, Any], value: Any) -> Problems:
    if value in ("none", None, False):
        clock.pop("extension", None)
        return
    declared = clock.get("extension")
    if not isinstance(value, Mapping) or set(value) - {"limit", "times"}:
        yield path, f"“{label}”的延长只能设 limit、times，或者 none（不延长）。"
    elif not isinstance(declared, dict):
        yield path, f"“{label}”不能增加延长。"
    else:
        if "limit" in value:
            yield from _shorter(f"{path}.limit", f"“{label}”的延长", declared, value["limit"])
        if "times" in value:
            times = value["times"]
            if not _number(times) or not 1 <= times <= int(declared.get("times", 1)):
                yield f"{path}.times", f"“{label}”的延长不得多于{declared.get('times', 1)}次。"
            else:
                declared["times"] = times


def _periods(result: dict[str, Any], given: Mapping[str, Any]) -> Problems:
    for step, value in given.items():
        declared = [p for p in result.get("periods") or () if p.get("after") == step]
        if not declared:
            yield f"periods.{step}", f"规则没有在“{step}”之后给当事人的期限。"
        for entry in declared:
            yield from _longer(f"periods.{step}", f"当事人在“{step}”之后的期限", entry, value)
        for entry in result.get("in_time") or ():
            if entry.get("after") == step:
                list(_longer("", "", entry, value))  # a letter counts as long as the party has time


def _counts(
    result: dict[str, Any], kind: str, given: Mapping[str, Any], officers: Mapping[str, int]
) -> Problems:
    for step, value in given.items():
        path = f"{kind}.{step}"
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            yield path, f"“{step}”应当是正整数。"
        elif kind == "officers":
            if step not in officers:
                yield path, f"流程没有“{step}”这个环节。"
            elif value < officers[step]:
                yield path, f"“{step}”的办理人员不得少于{officers[step]}名。"
            else:
                result[kind] = {**(result.get(kind) or {}), step: value}
        else:
            declared = [entry for entry in result.get("rounds") or () if entry.get("step") == step]
            for entry in declared:
                if value > int(entry.get("most", 0)):
                    yield path, f"“{step}”不得多于{entry['most']}次。"
                else:
                    entry["most"] = value
            if not declared:
                yield path, f"规则没有限制“{step}”的次数，请先在规则中声明。"


def _suspensions(result: dict[str, Any], given: Any) -> Problems:
    known = result.get("suspensions") or []
    if not isinstance(given, list):
        yield "suspensions", "“suspensions”应当是列表。"
    elif strange := [entry for entry in given if entry not in known]:
        causes = "、".join(str(e.get("cause", e)) if isinstance(e, Mapping) else str(e) for e in strange)
        yield "suspensions", f"不得增加扣除期间的情形：{causes}。"
    else:
        result["suspensions"] = deepcopy(given)


def _gates(result: dict[str, Any], kind: str, given: Any) -> Problems:
    known = result.get(kind) or []
    known = [known] if isinstance(known, str) else known
    if not isinstance(given, list):
        yield kind, f"“{kind}”应当是列表。"
    elif gone := [entry for entry in known if entry not in given]:
        told = "；".join(_said(entry) for entry in gone)
        yield kind, f"不得去掉或者改动规则的{GATES[kind]}：{told}。"
    elif kind in CLOSED and (more := [entry for entry in given if entry not in known]):
        yield kind, f"不得增加{GATES[kind]}：{'；'.join(_said(entry) for entry in more)}。"
    else:
        result[kind] = deepcopy(given)


def _said(entry: Any) -> str:
    """How an entry of a section is spoken of."""
    if not isinstance(entry, Mapping):
        return str(entry)
    words = next((entry[key] for key in ("message", "name", "attribute") if entry.get(key)), "一项")
    return str(words).rstrip("。")
