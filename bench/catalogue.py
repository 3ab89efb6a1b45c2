"""20,000 power items and 100,000 articles: searches, the impact of a repealed statute, the import of 5,000 rows."""

import random
import statistics
import time
from collections.abc import Callable, Iterator
from urllib.parse import quote

import psycopg

from app.catalogue import citing, impact, intake
from app.catalogue.citations import numeral
from app.kernel import clock, sheets
from app.kernel.db import db
from app.kernel.transaction import transaction

from ._site import Browser, plain_connection, site, web_server

ITEMS, ARTICLES, LAWS, ROWS = 20_000, 100_000, 250, 5_000
CITED = "示范法第0号条例"
"""Every tenth item cites it."""
SEARCHES, WARM, IMPACTS = 240, 20, 9
LOGINS = ("hb-officer1", "sf-super")
WHO = [
    "生产经营单位",
    "建设单位",
    "排污单位",
    "食品经营者",
    "运输企业",
    "用人单位",
    "物业服务人",
    "医疗机构",
    "旅行社",
    "广告主",
    "养殖场",
    "施工单位",
]
WHAT = [
    "未取得许可从事经营活动",
    "未按照规定设置标志",
    "超过限额排放",
    "拒绝接受监督检查",
    "未建立台账",
    "擅自改变用途",
    "未公示收费标准",
    "使用不合格材料",
    "未采取防护措施",
    "逾期不改正",
    "提供虚假材料",
    "未按期报告",
]
WHERE = [
    "在饮用水水源保护区内",
    "在人口密集区域",
    "在城市道路上",
    "在施工现场",
    "在营业场所内",
    "在河道管理范围内",
    "在网络平台上",
]
THEN = [
    "责令改正，给予警告",
    "处一万元以上十万元以下的罚款",
    "没收违法所得",
    "责令停产停业",
    "吊销许可证件",
    "通报批评",
]
_details: list[str] = []


def figures() -> dict[str, float | int]:
    """All figures of one run: milliseconds, and seconds of the import."""
    chance = random.Random(11)  # noqa: S311 - the same data every time
    with site() as _, plain_connection() as connection:
        began = time.perf_counter()
        _articles(connection, chance)
        _items(connection, chance)
        connection.execute("analyze")
        _details.append(f"  data                         {time.perf_counter() - began:7.1f} s")
        indexed = _timed(_refresh)
        _details.append(f"  index of citations, anew     {indexed:7.0f} ms")
        search = _searches(connection, chance)
        return {
            "items": ITEMS,
            "articles": ARTICLES,
            "search_p95": search,
            "impact_ms": _impact(),
            "import_s": _import(connection, chance),
        }


def table(found: dict[str, float | int]) -> str:
    """The figures for a person."""
    return "\n".join([*(f"{key:<28} {value:>12,}" for key, value in found.items()), *_details])


def _sentence(chance: random.Random) -> str:
    return f"{chance.choice(WHO)}{chance.choice(WHERE)}{chance.choice(WHAT)}"


def _articles(connection: psycopg.Connection, chance: random.Random) -> None:
    laws = [f"示范法第{n}号条例" for n in range(LAWS)]
    with connection.cursor().copy("copy law (key, name) from stdin") as out:
        for law in laws:
            out.write_row((law, law))
    connection.execute(
        "insert into law_version (law_key, adopted_on, effective_on, dated, loaded_at)"
        " select key, '2020-01-01', '2020-03-01', 'stated', now() from law where key like '示范法第%'"
    )
    rows = connection.execute("select law_key, id from law_version where law_key like '示范法第%'").fetchall()
    versions: dict[str, int] = dict(rows)
    with connection.cursor().copy(
        "copy law_article (version_id, article, law_key, body, source, loaded_at) from stdin"
    ) as out:
        for n in range(ARTICLES):
            law = laws[n % LAWS]
            lines = [
                f"{_sentence(chance)}的，{chance.choice(THEN)}；情节严重的，{chance.choice(THEN)}。"
                for _ in "123"
            ]
            out.write_row((versions[law], str(n // LAWS + 1), law, "\n".join(lines), "量测", "2026-01-01"))


def _items(connection: psycopg.Connection, chance: random.Random) -> None:
    agencies = [row[0] for row in connection.execute("select id from agency order by id").fetchall()]
    statement = "copy power_item (agency_id, code, name, kind, procedure, status, basis, content) from stdin"
    with connection.cursor().copy(statement) as out:
        for n in range(ITEMS):
            law = CITED if n % 10 == 0 else f"示范法第{chance.randrange(1, LAWS)}号条例"
            basis = f'["《{law}》第{numeral(chance.randint(1, 400))}条第一款"]'
            name = f"对{_sentence(chance)}的处罚"
            out.write_row(
                (agencies[n % len(agencies)], f"LC-{n:06d}", name, "penalty", "", "published", basis, "{}")
            )


def _refresh() -> None:
    with transaction() as session:
        citing.refresh(session)
    db.session.remove()


def _words(chance: random.Random) -> Iterator[str]:
    """What people type: parts of words, rare and frequent, over the joint of two, codes, what is nowhere."""
    while True:
        sentence = _sentence(chance)
        at = chance.randrange(len(sentence) - 4)
        yield sentence[at : at + chance.randint(2, 4)]
        yield chance.choice(WHAT)[: chance.randint(2, 6)]
        yield f"LC-{chance.randrange(ITEMS):06d}"[: chance.randint(5, 9)]
        yield chance.choice(("罚款", "无此词语", "许可证", "以上十万", "的处罚"))


def _searches(connection: psycopg.Connection, chance: random.Random) -> float:
    """End to end over HTTP: statutes, articles, and items."""
    spent: dict[str, list[float]] = {"/laws": [], "/laws/choice": []}
    words = _words(chance)
    with web_server() as address:
        people = [Browser(address, login) for login in LOGINS]
        for turn in range(SEARCHES):
            word = quote(next(words))
            for path, times in spent.items():
                one = _timed(lambda path=path, word=word, turn=turn: people[turn % 2].get(f"{path}?q={word}"))
                if turn >= WARM:
                    times.append(one)
    for path, times in spent.items():
        _details.append(f"  search {path:<21} p50 {statistics.median(times):7.1f} p95 {_p95(times):7.1f} ms")
    return _p95([one for times in spent.values() for one in times])


def _impact() -> float:
    spent = []
    for _ in range(IMPACTS):
        db.session.remove()
        spent.append(_timed(_touched))
    return round(statistics.median(spent[1:]), 1)


def _touched() -> None:
    found = impact.of(db.session(), CITED, clock.today())
    if len(found.items) != ITEMS // 10:
        raise RuntimeError(f"{len(found.items)} items cite it")


def _import(connection: psycopg.Connection, chance: random.Random) -> float:
    heads = ["事项编码", "事项名称", "权力类型", "法律依据", "处罚种类", "罚款幅度"]
    rows = [
        [f"DR-{n:05d}", f"对{_sentence(chance)}的处罚", "行政处罚", f"《{CITED}》第{numeral(n % 400 + 1)}条", "罚款；警告",
         "个人: 100-500元 | 单位: 1000-50000元"]
        for n in range(ROWS)
    ]  # fmt: skip
    content = sheets.as_xlsx("事项", heads, rows)
    agency = (connection.execute("select min(id) from agency").fetchone() or (0,))[0]

    def take() -> None:
        with transaction() as session:
            _, read = intake.check(session, content, "a.xlsx", intake.known(session, None, agency))
            intake.hints(session, read.rows, clock.today())
            done = intake.put(session, read.rows)
            citing.refresh(session)
        if done.new not in (0, ROWS) or read.faults:
            raise RuntimeError(f"{done} {read.faults[:3]}")

    spent = _timed(take) / 1000
    _details.append(f"  the same file once more      {_timed(take) / 1000:7.1f} s")
    return round(spent, 1)


def _timed(act: Callable[[], object]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def _p95(times: list[float]) -> float:
    return round(statistics.quantiles(times, n=20)[-1], 1)
