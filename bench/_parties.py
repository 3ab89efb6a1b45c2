"""Parties for copied cases: names, identity numbers that pass their checks (issued by nobody), sealed values."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.audit.lines import digest_of
from app.cases.models import Case, Submission
from app.cases.work_items import bigrams
from app.kernel import searchable
from app.kernel.identity import resident_check_character, uscc_check_character
from app.kernel.sealed import seal

POOL = sql.Identifier("bench_party")
TABLE = """
create unlogged table if not exists bench_party (
    pool bigint, place bigint, name text, party bytea, keys bytea[], grams text[], data bytea[], digests bytea[]
)
"""
FAMILY = (
    "王李张刘陈杨黄赵周吴徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚"
)
GIVEN = "伟芳娜敏静强磊军洋勇艳杰涛明超霞平刚桂英华建国文玉兰志海波宁红林峰鑫鹏飞宇浩凯欣怡佳慧颖雪莉"
PLACES = "市中薛城峄城台儿庄山亭滕州鲁南运河微山湖抱犊崮青檀榴园"
TRADES = (
    "建材",
    "环保科技",
    "食品",
    "商贸",
    "机械",
    "化工",
    "物流",
    "建筑工程",
    "餐饮",
    "医药",
    "矿业",
    "纺织",
    "农机",
    "家具",
)


@dataclass(frozen=True, slots=True)
class Pool:
    """The parties of one template's copies, in a table. `ending` follows the name in the title; `submissions`
    are those that hold the party: the template's id and the digest of the template's data."""

    size: int
    ending: str
    submissions: tuple[tuple[int, str], ...]

    def __len__(self) -> int:
        return self.size


def parties(chance: random.Random, template: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Parties like the template's, each another one."""
    while True:
        if template.get("kind") == "person":
            # a region no register hands out
            first = (
                f"99{chance.randrange(10**4):04d}{chance.randrange(1950, 2005)}{chance.randrange(1, 13):02d}"
            )
            first += f"{chance.randrange(1, 29):02d}{chance.randrange(1000):03d}"
            code = first + resident_check_character(first)
            name = chance.choice(FAMILY) + "".join(chance.sample(GIVEN, chance.randrange(1, 3)))
        else:
            first = f"91370400XXX{chance.randrange(10**6):06d}"
            code = first + uscc_check_character(first)
            name = (
                chance.choice("某演")
                + "".join(chance.sample(PLACES, 2))
                + "".join(chance.sample(GIVEN, 2))
                + chance.choice(TRADES)
                + chance.choice(("有限公司", "经营部", "厂", "合作社"))
            )
        yield {**template, "name": name, "id_code": code, "phone": f"0632-{chance.randrange(10**7):07d}"}


def fill(connection: psycopg.Connection, session: Session, case_id: int, size: int, seed: int) -> Pool | None:
    """Make so many parties for the copies of a case and store them; None where the case has none yet."""
    case = session.get_one(Case, case_id)
    if not case.party:
        return None
    bearing = [
        submission
        for submission in session.scalars(select(Submission).where(Submission.case_id == case_id))
        if submission.data.get("party") == case.party
    ]
    ending = case.title.removeprefix(case.party["name"])
    others = set(case.party_keys) - searchable.digests_in(case.party)
    rows = []
    made = parties(random.Random(seed), case.party)  # noqa: S311 - names for measurements are no secret
    for place, party in zip(range(size), made, strict=False):
        data = [{**submission.data, "party": party} for submission in bearing]
        rows.append((
            case_id,
            place,
            party["name"],
            seal(party, "case.party"),
            sorted(others | searchable.digests_in(party)),
            bigrams(party["name"] + ending),
            [seal(one, "submission.data") for one in data],
            [bytes.fromhex(digest_of(one)) for one in data],
        ))  # fmt: skip
    with connection.transaction():
        connection.execute(TABLE)
        columns = "(pool, place, name, party, keys, grams, data, digests)"
        with connection.cursor().copy(f"copy bench_party {columns} from stdin") as copy:
            for row in rows:
                copy.write_row(row)
    return Pool(size, ending, tuple((s.id, digest_of(s.data)) for s in bearing))
