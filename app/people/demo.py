"""The demonstration city: real regions and agency names, fictional people.

Loading twice changes nothing; an agency that is there already is left as it is.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kernel import clock

from . import passwords
from .directory import pinyin
from .models import Account, Agency, Certificate, Officer, Position, Posting, Region, Training
from .rules import CertificateKind

DATA = Path(__file__).parent / "data"
STEMS, BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
ROUNDS = ("", "二", "三", "四", "五")
SINCE = date(2020, 1, 1)
"""Postings and certificates began well before the earliest case of the demonstration."""
LAPSED = date(2023, 12, 31)
KINDS = {"e": CertificateKind.ENFORCEMENT, "l": CertificateKind.LEGAL, "h": CertificateKind.HEARING}
LABELS = {"e": "执", "l": "法", "h": "听", "x": "执"}
SHOWN = {
    "hb-intake": "受理登记岗：登记案源，发起办件",
    "hb-officer1": "执法办案岗：主办，调查、告知、送达",
    "hb-officer2": "执法办案岗：协办，确认须两人办理的环节",
    "hb-lead": "执法队队长岗：立案初审、办案机构审核",
    "hb-legal": "法制审核岗：重大执法决定法制审核",
    "hb-head": "主要负责人岗：集体讨论、作出决定",
    "sf-super": "执法监督岗：监督",
    "sf-admin": "系统管理员：账号",
}
"""The accounts named first at start."""


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One account of the demonstration, as it is listed at start."""

    login: str
    name: str
    agency: str
    positions: tuple[str, ...]
    roles: tuple[str, ...]
    certificates: str
    must_change: bool


@cache
def _city() -> Mapping[str, Any]:
    return yaml.safe_load((DATA / "demo_city.yaml").read_text(encoding="utf-8"))


def password() -> str:
    """The one password of all demonstration accounts; it is no secret."""
    return _city()["password"]


def demo_accounts() -> list[DemoAccount]:
    """Every account of the demonstration, in the order of the file."""
    return [account for _, account in _people()]


def fictional_name(number: int) -> str:
    """The n-th fictional person: 甲子（演示）, 乙丑（演示） ... then 甲子二（演示）."""
    round_, place = divmod(number, 60)
    return f"{STEMS[place % 10]}{BRANCHES[place % 12]}{ROUNDS[round_]}（演示）"


def _people() -> Iterator[tuple[str, DemoAccount]]:
    """Agency code and account of everybody."""
    number = 0
    for agency in _city()["agencies"]:
        for group in agency["staff"]:
            for person in _city()["staff"][group]:
                yield (
                    agency["code"],
                    DemoAccount(
                        login=f"{agency['prefix']}-{person['login']}",
                        name=fictional_name(number),
                        agency=agency["name"],
                        positions=tuple(person.get("positions", ())),
                        roles=tuple(person.get("roles", ("officer",))),
                        certificates=person.get("certificates", ""),
                        must_change=person.get("must_change", False),
                    ),
                )
                number += 1


def load_positions(session: Session) -> None:
    """Enter or refresh the positions, which every installation has."""
    rows = yaml.safe_load((DATA / "positions.yaml").read_text(encoding="utf-8"))["positions"]
    new = insert(Position).values(
        [{"key": r["key"], "name": r["name"], "group_name": r["group"], "duty": r["duty"]} for r in rows]
    )
    changed = {name: new.excluded[name] for name in ("name", "group_name", "duty")}
    session.execute(new.on_conflict_do_update(index_elements=[Position.key], set_=changed))


def load_demo(session: Session) -> int:
    """Load the demonstration city; how many agencies were new."""
    load_positions(session)
    regions = [
        {"code": r["code"], "name": r["name"], "level": r["level"], "parent_code": r.get("parent")}
        for r in _city()["regions"]
    ]
    session.execute(insert(Region).values(regions).on_conflict_do_nothing())
    levels = {r["code"]: r["level"] for r in regions}
    there = set(session.scalars(select(Agency.code)))
    new = [a for a in _city()["agencies"] if a["code"] not in there]
    if not new:
        return 0
    agencies = {
        a["code"]: _agency(a, levels[a["region"]], n) for n, a in enumerate(new, start=len(there) + 1)
    }
    session.add_all(agencies.values())
    session.flush()
    people = [(agencies[code], person) for code, person in _people() if code in agencies]
    officers = {
        p.login: Officer(agency_id=a.id, name=p.name, pinyin=pinyin(p.name)) for a, p in people if p.positions
    }
    session.add_all(officers.values())
    session.flush()
    shared, now = passwords.digest(password()), clock.now()
    for agency, person in people:
        officer = officers.get(person.login)
        session.add(
            Account(
                login=person.login,
                agency_id=agency.id,
                officer_id=officer.id if officer else None,
                name=person.name,
                roles=list(person.roles),
                password_hash=shared,
                must_change=person.must_change,
                password_changed_at=now,
                expires=False,
            )
        )
        if officer:
            session.add_all(
                Posting(officer_id=officer.id, position_key=key, valid_from=SINCE) for key in person.positions
            )
            session.add_all(_certificates(agency, officer, person))
    session.flush()
    return len(new)


def load_training(session: Session) -> None:
    """Training of the demonstration's people, this year's as far as its days have come and last year's. Entering twice
    changes nothing."""
    today, now = clock.today(), clock.now()
    logins = [account.login for account in demo_accounts()]
    officers = select(Account.officer_id).where(Account.login.in_(logins), Account.officer_id.is_not(None))
    days = [
        (date(year, *row["day"]), row) for year in (today.year - 1, today.year) for row in _city()["training"]
    ]
    rows = [
        {
            "officer_id": officer_id, "held_on": day, "topic": row["topic"], "organiser": row["organiser"],
            "hours": row["hours"], "examination": row["examination"], "counts_for": day.year, "entered_at": now,
        }
        for officer_id in session.scalars(officers)
        for day, row in days
        if day <= today
    ]  # fmt: skip
    if rows:
        session.execute(insert(Training).values(rows).on_conflict_do_nothing())


def _agency(row: Mapping[str, Any], level: str, number: int) -> Agency:
    return Agency(
        code=row["code"],
        name=row["name"],
        abbreviation=row["abbreviation"],
        region_code=row["region"],
        level=level,
        kind=row["kind"],
        uscc=row["uscc"],
        address=f"枣庄市演示路{number}号（虚构）",
        phone=f"0632-0000{number:03}",
        review_organ=row["review_organ"],
        court=row["court"],
        payment={
            "bank": "演示银行枣庄分行（虚构）",
            "name": "枣庄市财政局非税收入专户（演示）",
            "account": f"0000 0000 0000 {number:04}",
        },
    )


def _certificates(agency: Agency, officer: Officer, person: DemoAccount) -> Iterator[Certificate]:
    # Four years from the day of loading: a demonstration loaded today must not lapse while it is shown.
    last = date(clock.today().year + 3, 12, 31)
    for mark in person.certificates:
        kind = KINDS.get(mark, CertificateKind.ENFORCEMENT)
        yield Certificate(
            officer_id=officer.id,
            kind=kind,
            number=f"演示{LABELS[mark]}-{agency.region_code}-{officer.id:04}",
            valid_from=SINCE,
            valid_to=None if kind is CertificateKind.LEGAL else LAPSED if mark == "x" else last,
        )
