"""The rows of a roster as values, checked without looking anything up but the positions there are. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.kernel.auth import Role
from app.kernel.sheets import day_of

from .administration import NewCertificate
from .rules import CERTIFICATE_NAMES, login_well_formed, roles_conflict

COLUMNS: Mapping[str, str] = {
    "机关代码": "机关的代码，与机关录入时的代码相同",
    "登录名": "小写英文字母开头，3 到 40 个字符；同一人有几份证件的，每份一行，登录名相同",
    "姓名": "最多 60 个字符",
    "账号类型": "执法工作人员、执法监督人员，用顿号分开；不填为执法工作人员",
    "岗位": "岗位名称，用顿号分开；已经在岗的不重复登记",
    "证件种类": "行政执法证、行政执法监督证、法律职业资格证、听证主持人证；没有证件的不填",
    "证号": "证件种类填写时必填",
    "有效期起": "如 2026-01-31",
    "有效期止": "如 2030-01-30；长期有效的不填",
}
ROLES = {"执法工作人员": Role.OFFICER, "执法监督人员": Role.SUPERVISOR}
KINDS = {name: kind for kind, name in CERTIFICATE_NAMES.items()}


@dataclass(frozen=True, slots=True)
class Line:
    """One row: a person, with at most one certificate. `number` is the row's in the file, from 1."""

    number: int
    agency: str
    login: str
    name: str
    roles: frozenset[Role]
    positions: tuple[str, ...]
    certificate: NewCertificate | None


def read(
    rows: Sequence[Sequence[str]], positions: Mapping[str, str]
) -> tuple[list[Line], dict[str, list[str]]]:
    """The lines of a table, and what is wrong, by row. `positions`: name by key."""
    head = [cell.lstrip("﻿") for cell in rows[0]] if rows else []
    missing = [name for name in COLUMNS if name not in head]
    strange = [name for name in head if name and name not in COLUMNS]
    if missing or strange:
        told = [f"第一行缺少“{'、'.join(missing)}”。"] if missing else []
        told += [f"第一行有不认识的“{'、'.join(strange)}”。"] if strange else []
        return [], {"第 1 行": [*told, "请使用名册模板的列名。"]}
    if not any(rows[1:]):
        return [], {"第 2 行": ["名册里没有人员。"]}
    lines: list[Line] = []
    errors: dict[str, list[str]] = {}
    seen: dict[str, Line] = {}
    for number, row in enumerate(rows[1:], start=2):
        if not row:
            continue
        cells = {name: row[place] if place < len(row) else "" for place, name in enumerate(head) if name}
        line, wrong = _line(number, cells, positions)
        first = seen.setdefault(line.login, line)
        if (first.agency, first.name, first.roles) != (line.agency, line.name, line.roles):
            wrong.append(f"登录名“{line.login}”与第 {first.number} 行相同，机关、姓名或者账号类型却不同。")
        if wrong:
            errors[f"第 {number} 行"] = wrong
        else:
            lines.append(line)
    return lines, errors


def _line(number: int, cells: Mapping[str, str], positions: Mapping[str, str]) -> tuple[Line, list[str]]:
    wrong: list[str] = []
    login = cells["登录名"].lower()
    if not login_well_formed(login):
        wrong.append("登录名用小写英文字母开头，3 到 40 个字符，可用数字、点和连字符。")
    if not cells["机关代码"]:
        wrong.append("请填写机关代码。")
    if not 0 < len(cells["姓名"]) <= 60:
        wrong.append("请填写姓名，最多 60 个字符。")
    roles = _roles(cells["账号类型"], wrong)
    keys = {name: key for key, name in positions.items()} | {key: key for key in positions}
    named = [part.strip() for part in cells["岗位"].replace("，", "、").replace(",", "、").split("、")]
    held = tuple(dict.fromkeys(keys[part] for part in named if part in keys))
    if unknown := [part for part in named if part and part not in keys]:
        wrong.append(f"岗位“{'、'.join(unknown)}”不存在。")
    paper = _certificate(cells, wrong)
    return Line(number, cells["机关代码"], login, cells["姓名"], roles, held, paper), wrong


def _roles(text: str, wrong: list[str]) -> frozenset[Role]:
    named = [
        part.strip() for part in (text or "执法工作人员").replace("，", "、").split("、") if part.strip()
    ]
    if unknown := [part for part in named if part not in ROLES]:
        wrong.append(f"账号类型“{'、'.join(unknown)}”不能由名册导入，只能是{'、'.join(ROLES)}。")
    found = frozenset(ROLES[part] for part in named if part in ROLES)
    if conflict := roles_conflict(found):
        wrong.append(conflict)
    return found


def _certificate(cells: Mapping[str, str], wrong: list[str]) -> NewCertificate | None:
    given = [cells[name] for name in ("证件种类", "证号", "有效期起", "有效期止")]
    if not any(given):
        return None
    before = len(wrong)
    kind = KINDS.get(given[0])
    if kind is None:
        wrong.append(f"证件种类只能是{'、'.join(KINDS)}。")
    if not 0 < len(given[1]) <= 60:
        wrong.append("请填写证号，最多 60 个字符。")
    first, last = day_of(given[2]), day_of(given[3]) if given[3] else None
    if first is None:
        wrong.append("有效期起应为日期，如 2026-01-31。")
    if given[3] and last is None:
        wrong.append("有效期止应为日期，如 2030-01-30；长期有效的不填。")
    if first and last and last < first:
        wrong.append("有效期止不能早于有效期起。")
    if kind is None or first is None or len(wrong) > before:
        return None
    return NewCertificate(kind, given[1], first, last)
