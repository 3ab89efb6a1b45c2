"""The demo cases in words: `data/demo_cases.yaml` read, and its `$` texts turned into values. Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

_DATA = Path(__file__).parent / "data" / "demo_cases.yaml"
_OFFICER = re.compile(r"\$([a-z_]+)\.([1-9])(\.name)?")
_ISO_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_CHINESE_DATE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")
_DAY = re.compile(r"\$day([+-]\d+)?(T\d\d:\d\d)?")

Officers = Mapping[str, Sequence[tuple[Any, str]]]
"""Officers of one agency by position key: (id, name), in the order of their certificate numbers."""


@lru_cache(maxsize=1)
def content() -> Mapping[str, Any]:
    """The file: `journeys`, `cases` and `defaults` (its head explains them). Not to be changed by callers."""
    return yaml.load(_DATA.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def case_of(name: str) -> Mapping[str, Any]:
    """The case with this id.

    Raises:
        KeyError: there is none.
    """
    for case in content()["cases"]:
        if case["id"] == name:
            return case
    raise KeyError(name)


def recent(case: Mapping[str, Any], today: date) -> Mapping[str, Any]:
    """A case under way, moved with every date it tells so that its last task was done on the last weekday
    before `today`; journeys and closed cases stay where they are."""
    if "steps" not in case:
        return case
    opened = previous_weekday(today)
    for _ in range(case["steps"]):
        opened = previous_weekday(opened)
    delta = opened - date.fromisoformat(case["opened"])
    return {key: _moved(value, delta) for key, value in case.items()}


def previous_weekday(day: date) -> date:
    """The last Monday to Friday before a day."""
    return day - timedelta(days=max(1, (day.weekday() + 6) % 7 - 3))


def next_weekday(day: date) -> date:
    """The first Monday to Friday after a day."""
    return day + timedelta(days=max(1, 7 - day.weekday()) if day.weekday() >= 4 else 1)


def _moved(value: Any, delta: timedelta) -> Any:
    if isinstance(value, Mapping):
        return {key: _moved(inner, delta) for key, inner in value.items()}
    if isinstance(value, list):
        return [_moved(inner, delta) for inner in value]
    if not isinstance(value, str):
        return value

    def iso(found: re.Match[str]) -> str:
        return (date.fromisoformat(found[0]) + delta).isoformat()

    def chinese(found: re.Match[str]) -> str:
        day = date(int(found[1]), int(found[2]), int(found[3])) + delta
        return f"{day.year}年{day.month}月{day.day}日"

    return _CHINESE_DATE.sub(chinese, _ISO_DATE.sub(iso, value))


def path_of(case: Mapping[str, Any]) -> Sequence[Mapping[str, str]]:
    """The acts {node, form, at} of a case that is a journey, in order; empty for others."""
    return content()["journeys"][case["journey"]]["path"] if "journey" in case else ()


def answers(
    case: Mapping[str, Any], form: str, earlier: int, officers: Officers, at: datetime
) -> dict[str, Any]:
    """The answers to a form of a case that has filled it in `earlier` times before, on the day of `at`.

    Raises:
        LookupError: there are none, or the agency lacks an officer they name.
    """
    given = content()["journeys"][case["journey"]]["answers"][form] if "journey" in case else None
    if isinstance(given, list):
        given = given[earlier]
    return resolve(given or content()["defaults"][form], case, officers, at)


def material(row: Mapping[str, Any]) -> tuple[str, bytes]:
    """The file that stands for a piece of evidence of a demo case: its name and content, always the same."""
    name = re.sub(r"[^\w〔〕]+", "_", str(row["name"]))[:60]
    told = [
        f"证据名称：{row['name']}",
        f"证据种类：{row.get('kind', '')}",
        f"证明内容：{row.get('proves', '')}",
    ]
    lines = ["演示材料", *told, "本文件由演示系统生成，不是真实证据。"]
    return f"{name}.txt", ("\n".join(lines) + "\n").encode()


def resolve(value: Any, case: Mapping[str, Any], officers: Officers, at: datetime) -> Any:
    """A copy of `value` with every `$` text replaced; entries that come out as None are left out.

    Raises:
        LookupError: the agency has no such officer.
    """
    if isinstance(value, Mapping):
        filled = {key: resolve(inner, case, officers, at) for key, inner in value.items()}
        return {key: inner for key, inner in filled.items() if inner is not None}
    if isinstance(value, list):
        return [resolve(inner, case, officers, at) for inner in value]
    if not isinstance(value, str) or not value.startswith("$"):
        return value
    if officer := _OFFICER.fullmatch(value):
        position, number, named = officer.groups()
        identity, name = officers[position][int(number) - 1]
        return name if named else str(identity)
    if day := _DAY.fullmatch(value):
        return (at.date() + timedelta(days=int(day[1] or 0))).isoformat() + (day[2] or "")
    return resolve(case.get(value[1:]), case, officers, at)
