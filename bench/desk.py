"""A million open cases at the desk: filtered lists, searches in names and texts, the badge, one act on 500 tasks."""

import argparse
import random
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg

from app.cases import full_text
from app.cases.full_text import DOCUMENT, OPINION
from app.kernel import facts, word_digests
from app.kernel.db import db
from app.kernel.transaction import transaction

from . import data
from ._pages import LOGINS, SOME
from ._site import Browser, hidden, plain_connection, site, web_server

ROUNDS = 12
BADGES = 300
MANY = 500
PAPERS = 20
"""Of every so many cases the documents are in the index of words, of every case the opinions."""
MADE = "bench.desk"
URGED = 20
"""Of every so many open tasks one was urged; copies there are as many."""
_details: list[str] = []

SAMPLES = {
    OPINION: """
select distinct on (c.agency_id, c.item_id, w.node) c.agency_id, c.item_id, w.node as what, s.data, s.opinion_field
from submission s join work_item w on w.id = s.work_item_id join "case" c on c.id = s.case_id
where s.opinion_field <> '' and s.case_id = any(%s)
""",
    DOCUMENT: """
select distinct on (d.agency_id, c.item_id, d.code) d.agency_id, c.item_id, d.code as what, d.data
from document d join "case" c on c.id = d.case_id where d.case_id = any(%s)
""",
}
"""Copies have the words of the case they were copied from: one of each is read, and its digests given to all."""
FILL = {
    OPINION: """
insert into text_digests (kind, source_id, agency_id, case_id, pairs)
select 'opinion', s.id, c.agency_id, s.case_id, %(pairs)s::integer[] from submission s
join work_item w on w.id = s.work_item_id join "case" c on c.id = s.case_id
where s.opinion_field <> '' and c.agency_id = %(agency)s and c.item_id = %(item)s and w.node = %(what)s
""",
    DOCUMENT: f"""
insert into text_digests (kind, source_id, agency_id, case_id, pairs)
select 'document', d.id, d.agency_id, d.case_id, %(pairs)s::integer[] from document d
join "case" c on c.id = d.case_id where d.case_id %% {PAPERS} = 0
and d.agency_id = %(agency)s and c.item_id = %(item)s and d.code = %(what)s
""",  # noqa: S608 - our number
}
OTHERS = f"""
insert into urging (work_item_id, case_id, agency_id, officer_id, by_id, at)
select w.id, w.case_id, w.agency_id, w.assignee_id, c.opened_by, now() from work_item w join "case" c on c.id = w.case_id
where w.kind = 'user' and w.status = 'open' and w.id %% {URGED} = 0;
insert into involvement (case_id, work_item_id, agency_id, officer_id, part, state, by_id, at, place, stance, read_at)
select w.case_id, w.id, w.agency_id, c.opened_by, 'copy', 'open', c.opened_by, now(), 0, '',
    case when w.id %% 3 = 0 then now() end
from work_item w join "case" c on c.id = w.case_id where w.kind = 'user' and w.status = 'open' and w.id %% {URGED} = 1;
""".replace("%%", "%")  # noqa: S608 - our number


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `script/bench desk` takes."""
    parser.add_argument("--cases", type=int, default=1_000_000, help="how many open cases (1,000,000)")
    parser.add_argument("--home", type=Path, help="where the data is kept for the next time")


def figures(cases: int, home: Path | None) -> dict[str, float | int]:
    """All figures of one run. Milliseconds, but for the seconds of one act on 500 tasks."""
    with tempfile.TemporaryDirectory(prefix="xq-bench-") as folder:
        Path(folder).chmod(0o711)
        large = home or Path(folder) / "large"
        print(f"{cases:,} open cases", flush=True)
        data.ensure(large, cases)
        with site(large), plain_connection() as connection:
            _fill(connection)
            with web_server() as address:
                return {"cases": cases, **_measured(connection, address)}


def table(found: dict[str, float | int]) -> str:
    """The figures for a person."""
    return "\n".join([f"{key:<28} {value:>12,}" for key, value in found.items()] + _details)


def _fill(connection: psycopg.Connection) -> None:
    """Digests of words, urgings and copies, where they are not there."""
    if facts.get(db.session(), MADE):
        db.session.remove()
        return
    began = time.perf_counter()
    connection.execute("drop index if exists ix_text_digests_pairs, ix_text_digests_case")
    for kind, question in SAMPLES.items():
        for row in _samples(connection, question):
            text = full_text.text_in(kind, row)
            values = {"agency": row["agency_id"], "item": row["item_id"], "what": row["what"]}
            pairs = word_digests.digests(row["agency_id"], text)
            connection.execute(FILL[kind].encode(), values | {"pairs": pairs})
    connection.execute("set maintenance_work_mem = '1GB'")
    connection.execute("create index ix_text_digests_pairs on text_digests using gin (pairs)")
    connection.execute("create index ix_text_digests_case on text_digests (case_id)")
    for statement in OTHERS.split(";"):
        if statement.strip():
            connection.execute(statement.encode())
    for name in ("text_digests", "urging", "involvement", "work_item"):
        connection.execute(f"vacuum analyze {name}".encode())
    with transaction() as session:
        facts.put(session, MADE, 1)
        for kind in SAMPLES:  # the worker has nothing to read
            facts.put(session, f"texts_read:{kind}", 2**62)
    db.session.remove()
    print(f"  {time.perf_counter() - began:7.1f} s  words, urgings and copies", flush=True)


def _samples(connection: psycopg.Connection, question: str) -> list[dict]:
    some = connection.execute(
        "select array_agg(id) from (select id, row_number() over (partition by agency_id, item_id order by record_seq desc)"
        ' as n from "case" tablesample system (20)) c where n <= 40'
    ).fetchone()
    with connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        return cursor.execute(question.encode(), [some[0] if some else []]).fetchall()


def _measured(connection: psycopg.Connection, address: str) -> dict[str, float]:
    people = {login: Browser(address, login) for login in LOGINS}
    lists: dict[str, list[float]] = {}
    searches: dict[str, list[float]] = {}
    chance = random.Random(7)  # noqa: S311 - the same mix every time
    for turn in range(ROUNDS):
        for login, person in people.items():
            for kind, path in _filters(connection, login, chance):
                spent = _timed(lambda p=path, w=person: w.get(p))
                if turn:
                    lists.setdefault(kind, []).append(spent)
            for kind, path in _searches(connection, login, chance):
                spent = _timed(lambda p=path, w=person: w.get(p))
                if turn:
                    searches.setdefault(kind, []).append(spent)
    badges = []
    for n in range(BADGES):
        person = people[LOGINS[n % len(LOGINS)]]
        badges.append(_timed(lambda w=person: w.get("/inbox/badge")))
    for group in (lists, searches):
        for kind, spent in group.items():
            _details.append(f"  {kind:<34} p50 {_p50(spent):>7} p95 {_p95(spent):>7}  n {len(spent)}")
    _details.append(f"  {'badge':<34} p50 {_p50(badges[20:]):>7} p95 {_p95(badges[20:]):>7}")
    bulk, number = _bulk(people["hb-officer1"])
    _details.append(f"  tasks in the act on many: {number}")
    return {
        "inbox_filtered_p95": _p95([one for spent in lists.values() for one in spent]),
        "search_p95": _p95([one for spent in searches.values() for one in spent]),
        "badge_p95": _p95(badges[20:]),
        "bulk500_s": round(bulk, 2),
    }


def _person(connection: psycopg.Connection, login: str) -> tuple[int, int]:
    row = connection.execute(
        "select o.agency_id, o.id from account a join officer o on o.id = a.officer_id where a.login = %s",
        [login],
    ).fetchone()
    return row or (0, 0)


def _filters(connection: psycopg.Connection, login: str, chance: random.Random) -> Iterator[tuple[str, str]]:
    agency, _ = _person(connection, login)
    items = [row[0] for row in connection.execute("select id from power_item where agency_id = %s", [agency])]
    names = ("立案审查", "案源登记", "初步核查", "立案初审", "办案机构审核")
    box = chance.choice(("mine", "positions", "positions", "done"))
    narrowed = {
        "node": [("node", chance.choice(names))],
        "all but a node": [("not.node", chance.choice(names))],
        "item": [("item", str(chance.choice(items or [1])))],
        "overdue": [("light", "overdue")],
        "near its end, of one item": [("light", "warning"), ("item", str(chance.choice(items or [1])))],
        "field and two officers": [("field", "STHJ"), ("two", "yes")],
        "returned": [("returned", "yes")],
        "urged": [("urged", "yes")],
        "opened between": [("opened_from", "2020-01-01"), ("opened_to", "2020-02-01")],
        "many together": [
            ("not.light", "none"),
            ("kind", "penalty"),
            ("not.urged", "yes"),
            ("returned", "no"),
        ],
    }
    for kind, arguments in narrowed.items():
        yield f"filter: {kind}", f"/inbox?{urlencode([('box', box), *arguments])}"
    yield "filter with its facets", f"/inbox?{urlencode([('box', box), ('not.two', 'yes'), ('panel', '1')])}"
    for other in ("opinions", "urged", "copied", "initiated", "watched"):
        yield f"box: {other}", f"/inbox?box={other}"


def _searches(connection: psycopg.Connection, login: str, chance: random.Random) -> Iterator[tuple[str, str]]:
    agency, _ = _person(connection, login)
    low, high = connection.execute('select min(id), max(id) from "case"').fetchone() or (0, 0)
    found = connection.execute(SOME.encode(), [agency, chance.randint(low, high)]).fetchone()
    title, number, _ = found or ("某厂违法案", "枣环案〔2026〕1号", [])
    box = chance.choice(("mine", "positions", "done"))
    yield "search: name", f"/inbox?box={box}&q={quote(title[:4])}"
    yield "search: number", f"/inbox?box={box}&q={quote(number)}"
    yield "search: what many have", f"/inbox?box={box}&q={quote('堆放')}"
    yield "search: name with a filter", f"/inbox?box={box}&q={quote(title[:4])}&not.two=yes"
    for kind, words in (("frequent words", "事实清楚"), ("a sentence", "建议立案"), ("no such words", "子虚乌有"),
                        ("words of documents", "现场检查")):  # fmt: skip
        yield f"texts: {kind}", f"/inbox?box={box}&where=text&q={quote(words)}"


def _bulk(person: Browser) -> tuple[float, int]:
    """Take 500 tasks of the pool in one act, and put them back."""
    works: list[str] = []
    path = "/inbox?box=positions"
    while len(works) < MANY and path:
        page = person.get(path)
        works += _works(page)
        following = page.partition('rel="next" href="')[2].partition('"')[0]
        path = following.replace("&amp;", "&")
    works = works[:MANY]
    token = hidden(person.get("/inbox?box=positions"), "_csrf")
    spent = _timed(lambda: _act(person, "claim", works, token)) / 1000
    back = [f"{one.partition('.')[0]}.{int(one.partition('.')[2]) + 1}" for one in works]
    again = _timed(lambda: _act(person, "release", back, token, reason="测量以后放回")) / 1000
    _details.append(f"  {'putting as many back':<34} {again:>11.2f} s")
    return spent, len(works)


def _works(page: str) -> list[str]:
    return [part.partition('"')[0] for part in page.split('name="work" value="')[1:]]


def _act(person: Browser, name: str, works: Sequence[str], token: str, **given: str) -> None:
    form = {"_csrf": token, "_key": secrets.token_hex(16), "work": list(works), "back": "", **given}
    status, text = person.post(f"/inbox/bulk/{name}", form)
    if status != 200 or f"完成 {len(works)} 项" not in text:
        raise RuntimeError(f"{name}: {status}\n{text[-3000:]}")


def _timed(act: Callable[[], object]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def _p50(times: Sequence[float]) -> float:
    return round(statistics.median(times), 2)


def _p95(times: Sequence[float]) -> float:
    return (
        round(statistics.quantiles(times, n=20)[-1], 2)
        if len(times) > 1
        else round(max(times, default=0.0), 2)
    )
