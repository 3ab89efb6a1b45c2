"""Stand-ins for trying out a procedure: an agency with two people at every position, who exist in one transaction
that is rolled back.

Their ids are negative and the same every time, so that what one try wrote down another one can read. Two tries at
once wait for each other here.
"""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.kernel import clock
from app.kernel.auth import Actor, Role
from app.kernel.errors import Conflict

from .directory import pinyin
from .models import Position, Region
from .rules import CertificateKind

AGENCY, OTHER_AGENCY = -1, -2
"""Whose cases are tried, and to whom they may be handed over."""
EACH = 2
"""People at a position."""
SINCE, UNTIL = date(2000, 1, 1), date(2199, 12, 31)
NAMES = "甲乙"
NO_REGION = (
    "还没有录入行政区划，不能试运行流程。请先运行 script/xq prepare 载入演示数据，"
    "或者用 script/xq people agencies 录入区划和机关。"
)
LABELS = {CertificateKind.ENFORCEMENT: "执", CertificateKind.LEGAL: "法", CertificateKind.HEARING: "听"}


@dataclass(frozen=True, slots=True)
class StandIn:
    """Somebody who acts in a try; holds one position and every kind of certificate."""

    id: int
    name: str
    position: str
    actor: Actor


ROWS = """
insert into {table} ({columns}) overriding system value
select {columns} from jsonb_populate_recordset(null::{table}, cast(:rows as jsonb))
"""


def stand_ins(session: Session, region: str, roles: Mapping[str, Role]) -> Sequence[StandIn]:
    """Put the agency and its people there, in this transaction. `roles` names positions whose people have another
    role than that of an officer.

    The caller rolls the transaction back.

    Raises:
        Conflict: there is no region yet.
    """
    found = session.execute(
        select(Region.code, Region.level).order_by(Region.code != region, Region.code).limit(1)
    ).first()
    if found is None:
        raise Conflict(NO_REGION, code="region")
    region, level = found
    name = "试运行机关（虚构）"
    agency = {
        "id": AGENCY,
        "code": f"{region}-00",
        "name": name,
        "abbreviation": "试行",
        "region_code": region,
        "level": level,
        "kind": "试运行",
        "uscc": "XXXXXXXXXXXXXXXXXX",
        "address": "试运行地址（虚构）",
        "phone": "00000000",
        "review_organ": "试运行复议机关（虚构）",
        "court": "试运行法院（虚构）",
        "payment": {"bank": "试运行银行（虚构）", "name": "试运行账户", "account": "0000"},
    }
    other = {
        "id": OTHER_AGENCY,
        "code": "TRY-2",
        "name": "试运行另一机关（虚构）",
        "uscc": "XXXXXXXXXXXXXXXXX2",
    }
    _insert(session, "agency", [agency, agency | other])
    found = []
    for key, word in session.execute(select(Position.key, Position.name).order_by(Position.key)):
        for place in range(EACH):
            number = number_of(key, place)
            actor = Actor(
                account_id=number,
                officer_id=number,
                name=f"试运行·{word.removesuffix('岗')}{NAMES[place]}",
                agency_id=AGENCY,
                agency_name=name,
                region=region,
                roles=frozenset({roles.get(key, Role.OFFICER)}),
                positions=frozenset({key}),
            )
            found.append(StandIn(number, actor.name, key, actor))
    _people(session, found)
    return found


def number_of(position: str, place: int) -> int:
    """The id of a stand-in: the same for a position in every release, whatever other positions there are."""
    return -(zlib.crc32(position.encode()) * 10 + place + 1)


def _people(session: Session, found: Sequence[StandIn]) -> None:
    now = clock.now().isoformat()
    _insert(
        session,
        "officer",
        [
            {"id": o.id, "agency_id": AGENCY, "name": o.name, "pinyin": pinyin(o.name), "active": True}
            for o in found
        ],
    )
    _insert(
        session,
        "posting",
        [
            {"id": o.id, "officer_id": o.id, "position_key": o.position, "valid_from": SINCE.isoformat()}
            for o in found
        ],
    )
    _insert(
        session,
        "certificate",
        [
            {
                "id": o.id * len(LABELS) - place,
                "officer_id": o.id,
                "kind": kind.value,
                "number": f"试运行{label}{-o.id:04}",
                "valid_from": SINCE.isoformat(),
                "valid_to": UNTIL.isoformat(),
            }
            for o in found
            for place, (kind, label) in enumerate(LABELS.items())
        ],
    )
    _insert(
        session,
        "account",
        [
            {
                "id": o.id,
                "login": f"try.{-o.id}",
                "agency_id": AGENCY,
                "officer_id": o.id,
                "name": o.name,
                "roles": sorted(role.value for role in o.actor.roles),
                "active": False,
                "password_hash": "!",
                "must_change": False,
                "password_changed_at": now,
                "expires": True,
                "failed_count": 0,
                "created_at": now,
            }
            for o in found
        ],
    )


def _insert(session: Session, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Rows with ids of our choosing."""
    statement = ROWS.format(table=table, columns=", ".join(rows[0]))
    session.execute(text(statement), {"rows": json.dumps(rows)})
