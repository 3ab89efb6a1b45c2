"""培训名册导入: who took part in which training, from a table, one person a row. Entering twice changes nothing; every row
is entered or none, and each says what it does or what is wrong."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.kernel import clock
from app.kernel.auth import Actor
from app.kernel.errors import Conflict, Invalid
from app.kernel.sheets import day_of

from . import qualifications
from .administration import agencies as administered_agencies
from .models import Account, AccountAct, Agency
from .qualifications import NewTraining
from .roster import UNCHANGED, Outcome, Report
from .training_rules import EXAMINATIONS

COLUMNS: Mapping[str, str] = {
    "登录名": "已经录入的人员的登录名",
    "姓名": "与账号上的姓名相同",
    "培训日期": "如 2026-03-02；几天的填最后一天",
    "培训内容": "最多 120 个字符；同一人同一天同一内容只登记一次",
    "组织单位": "最多 120 个字符",
    "学时": "大于 0、不超过 200，最多一位小数",
    "考试结果": "合格、不合格；没有考试的不填",
    "计入年度": "不填为培训当年；补训可以填上一年",
}
RESULTS = {name: key for key, name in EXAMINATIONS.items() if key} | {"": "", EXAMINATIONS[""]: ""}


def enter(session: Session, actor: Actor | None, rows: Sequence[Sequence[str]]) -> Report:
    """Enter the training of a table (its rows with the head); what each row did. `actor` None: from the command line, for
    every agency.

    Raises:
        Invalid: by row, what is wrong; nothing may be kept then.
        Conflict: somebody else entered the same at the same time.
    """
    if problem := _head(rows):
        raise Invalid("培训名册没有导入，请改正后重新上传。", errors=problem)
    head = [cell.lstrip("\ufeff") for cell in rows[0]]
    report, errors = Report(), {}
    mine = administered_agencies(session, actor) if actor else session.scalars(select(Agency)).all()
    agencies = {agency.id for agency in mine}
    try:
        for number, row in enumerate(rows[1:], start=2):
            if not row:
                continue
            cells = {name: row[place] if place < len(row) else "" for place, name in enumerate(head) if name}
            account, wrong = _person(session, actor, agencies, cells)
            new = read(cells, wrong)
            if wrong or new is None or account is None:
                errors[f"第 {number} 行"] = wrong
                continue
            told = _put(session, actor, account, new)
            report.outcomes.append(Outcome(number, account.login, account.name, told))
    except IntegrityError as error:
        raise Conflict("刚才有人登记了同样的培训，请重新核对后导入。") from error
    if errors:
        raise Invalid("培训名册没有导入，请改正后重新上传。", errors=errors)
    return report


def _head(rows: Sequence[Sequence[str]]) -> dict[str, list[str]]:
    head = [cell.lstrip("\ufeff") for cell in rows[0]] if rows else []
    told = []
    if missing := [name for name in COLUMNS if name not in head]:
        told.append(f"第一行缺少“{'、'.join(missing)}”。")
    if strange := [name for name in head if name and name not in COLUMNS]:
        told.append(f"第一行有不认识的“{'、'.join(strange)}”。")
    if told:
        return {"第 1 行": [*told, "请使用培训名册模板的列名。"]}
    return {} if any(rows[1:]) else {"第 2 行": ["名册里没有培训。"]}


def _person(
    session: Session, actor: Actor | None, agencies: set[int], cells: Mapping[str, str]
) -> tuple[Account | None, list[str]]:
    login = cells["登录名"].lower()
    found = session.scalar(select(Account).where(Account.login == login))
    if found is None or found.agency_id not in agencies:
        return None, [f"登录名“{login}”不存在，或者这个人员不归您管理。"]
    if found.name != cells["姓名"]:
        return None, [f"登录名“{login}”是另一姓名的账号，请核对。"]
    if found.officer_id is None:
        return None, [f"登录名“{login}”不是执法人员的账号，不能登记培训。"]
    if actor is not None and found.id == actor.account_id:
        return None, ["不能登记自己的培训，请由另一名管理员办理。"]
    return found, []


def read(cells: Mapping[str, str], wrong: list[str]) -> NewTraining | None:
    """The training of a row; what is wrong with it is added to `wrong`."""
    held_on = day_of(cells["培训日期"])
    if held_on is None:
        wrong.append("培训日期应为日期，如 2026-03-02。")
    for name in ("培训内容", "组织单位"):
        if not 0 < len(cells[name]) <= 120:
            wrong.append(f"请填写{name}，最多 120 个字符。")
    hours = _hours(cells["学时"])
    if hours is None:
        wrong.append("学时填大于 0、不超过 200 的数，最多一位小数。")
    if cells["考试结果"] not in RESULTS:
        wrong.append("考试结果只能是合格、不合格；没有考试的不填。")
    year = cells["计入年度"].removesuffix("年度").removesuffix("年")
    if year and not (year.isascii() and year.isdecimal() and len(year) == 4):
        wrong.append("计入年度写四位数字，如 2026。")
    if wrong or held_on is None or hours is None:
        return None
    new = NewTraining(
        held_on,
        cells["培训内容"],
        cells["组织单位"],
        hours,
        RESULTS[cells["考试结果"]],
        int(year) if year else None,
    )
    wrong += [told for each in qualifications.training_problem(new).values() for told in each]
    return None if wrong else new


def _hours(text: str) -> Decimal | None:
    if not text or len(text) > 6 or not all(char in "0123456789." for char in text):
        return None
    try:
        hours = Decimal(text)
    except InvalidOperation:
        return None
    whole = hours == hours.quantize(Decimal("0.1"))
    return hours if whole and 0 < hours <= 200 else None


def _put(session: Session, actor: Actor | None, account: Account, new: NewTraining) -> str:
    officer_id, by = account.officer_id or 0, actor.account_id if actor else None
    known = qualifications.same_training(session, officer_id, new)
    if known is None:
        qualifications.add_training(session, by, officer_id, new)
        told = f"登记 {new.year} 年度培训 {new.hours.normalize():f} 学时"
    elif (known.organiser, known.hours, known.examination, known.counts_for) != (
        new.organiser, new.hours, new.examination, new.year,
    ):  # fmt: skip
        known.organiser, known.hours, known.examination = new.organiser, new.hours, new.examination
        known.counts_for = new.year
        session.flush()
        told = "更新这次培训"
    else:
        return UNCHANGED
    detail = {"topic": new.topic, "hours": str(new.hours), "held_on": new.held_on.isoformat()}
    session.add(
        AccountAct(
            at=clock.now(), account_id=account.id, by_account_id=by, act="training_entered", detail=detail
        )
    )
    return told
