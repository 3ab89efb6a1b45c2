"""Old law or lighter law (从旧兼从轻): which of two provisions a penalty follows. Pure.

《行政处罚法》第三十七条: the law of the time of the act counts, unless it was amended or repealed by the time of the
decision and the new one punishes less or not at all. What is lighter is told only where it is beyond doubt: no kind of
penalty more, no end of any range higher. Where one end rises and another falls, a person weighs it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import yaml

from .ranges import Fine, Penalty

BASIS: str = yaml.safe_load((Path(__file__).parent / "data" / "articles.yaml").read_text(encoding="utf-8"))[
    "lenity"
]["article"]


class Choice(StrEnum):
    """Which provision counts."""

    OLD = "old"
    NEW = "new"
    WEIGH = "weigh"


WORDS = {
    Choice.OLD: "适用行为时的规定（从旧）",
    Choice.NEW: "适用新的规定（从轻）",
    Choice.WEIGH: "不能自动判断，由承办人比较并写明理由",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """The choice, and its reasons in words a report can use."""

    choice: Choice
    reasons: tuple[str, ...]

    @property
    def told(self) -> str:
        """The choice in words."""
        return WORDS[self.choice]


def compare(old: Penalty | None, new: Penalty | None) -> Verdict:
    """Choose between the law at the time of the act and the one at the time of the decision. None: that law does not
    regard the act as a violation."""
    if old is None:
        return Verdict(Choice.OLD, ("行为发生时的规定不认为是违法的，不予处罚。",))
    if new is None:
        return Verdict(Choice.NEW, ("新的规定不认为是违法的，适用新的规定，不予处罚。",))
    if not (old.kinds or old.fines) or not (new.kinds or new.fines):
        return Verdict(Choice.WEIGH, ("条文中没有读到处罚种类和幅度，无法比较。",))
    if old != new and (old.unread or new.unread):
        return Verdict(Choice.WEIGH, ("条文中有不能识别幅度的罚款，不能逐一比较。",))
    return weigh([*_kinds(old, new), *_ranges(old.fines, new.fines)], "处罚种类和幅度没有变化。")


Sign = tuple[int, str]
"""-1: the new law is lighter in this; 1: heavier; 0: cannot be told; and why."""


def weigh(signs: Sequence[Sign], unchanged: str) -> Verdict:
    """The choice that follows from all signs; `unchanged` is the reason where there are none."""
    reasons = tuple(reason for _, reason in signs)
    ways = {way for way, _ in signs}
    if 0 in ways or {-1, 1} <= ways:
        return Verdict(Choice.WEIGH, reasons)
    if ways == {-1}:
        return Verdict(Choice.NEW, reasons)
    return Verdict(Choice.OLD, reasons or (unchanged,))


def together(law: Verdict, standard: Verdict) -> Verdict:
    """The choice where both the law and the discretion standard differ: they are applied as one."""
    reasons = (*law.reasons, *standard.reasons)
    return Verdict(law.choice if law.choice is standard.choice else Choice.WEIGH, reasons)


def _kinds(old: Penalty, new: Penalty) -> list[Sign]:
    found: list[Sign] = []
    if gone := sorted(old.kinds - new.kinds):
        found.append((-1, f"新的规定不再有：{'、'.join(gone)}。"))
    if added := sorted(new.kinds - old.kinds):
        found.append((1, f"新的规定增加了：{'、'.join(added)}。"))
    return found


def _ranges(old: Sequence[Fine], new: Sequence[Fine]) -> list[Sign]:
    if set(old) == set(new) or not old or not new:
        return []  # without any fine on one side the kinds have told it
    pairs = _paired(old, new)
    if pairs is None:
        return [(0, "罚款的情形、单位或者计算基数不同，不能逐一对应。")]
    return [sign for before, after in pairs for sign in _ends(before, after)]


def _paired(old: Sequence[Fine], new: Sequence[Fine]) -> list[tuple[Fine, Fine]] | None:
    if len(old) != len(new):
        return None
    if len(old) == 1:
        pairs = [(old[0], new[0])]
    else:
        by_case = {(each.when, each.unit, each.base): each for each in new}
        if len(by_case) != len(new):
            return None
        pairs = [(each, by_case.get((each.when, each.unit, each.base))) for each in old]  # type: ignore[misc]
    if any(
        after is None or (before.unit, before.base) != (after.unit, after.base) for before, after in pairs
    ):
        return None
    return pairs


def _ends(old: Fine, new: Fine) -> list[Sign]:
    found: list[Sign] = []
    case = f"（{old.when}）" if old.when else ""
    for name, before, after in (
        ("下限", old.low or 0, new.low or 0),
        ("上限", old.high, new.high),
    ):
        if before != after:
            way = -1 if after < before else 1
            found.append((way, f"罚款{name}{'降低' if way < 0 else '提高'}{case}：{old.told} → {new.told}。"))
    return found
