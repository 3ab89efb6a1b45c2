"""The pages officers look at, asked for by one client over HTTP in a mix of people, lists and searches."""

import random
import re
import time
from urllib.parse import quote

import psycopg

from ._site import Browser

LOGINS = (
    "hb-officer1",
    "hb-officer2",
    "hb-lead",
    "hb-intake",
    "hb-head",
    "cg-officer1",
    "tzz-officer1",
    "tzz-lead",
)
"""People with endless inboxes, with middling ones, with nearly none; one who sees all cases of the agency."""
ROUNDS = 12
SOME = 'select title, no, party_keys from "case" where agency_id = %s and id >= %s order by id limit 1'
TASKS = """
(select 'work', id from work_item where assignee_id = %(officer)s and status = 'open' limit 20) union all
(select 'case', case_id from work_item where assignee_id = %(officer)s and status = 'open' limit 20)
"""


def pages(connection: psycopg.Connection, address: str) -> dict[str, list[float]]:
    """Milliseconds by kind of page. The first round warms the server up and is left out."""
    chance = random.Random(7)  # noqa: S311 - the same mix every time
    spent: dict[str, list[float]] = {}
    people = {login: Browser(address, login) for login in LOGINS}
    plans = {login: _paths(connection, login, chance) for login in LOGINS}
    for turn in range(ROUNDS):
        for login, person in people.items():
            for kind, path in plans[login](turn):
                began = time.perf_counter()
                page = person.get(path)
                if turn:
                    spent.setdefault(kind, []).append((time.perf_counter() - began) * 1000)
                if following := re.search(r'href="(/inbox\?[^"]*after=[^"]*)"', page):
                    began = time.perf_counter()
                    person.get(following[1].replace("&amp;", "&"))
                    if turn:
                        spent.setdefault(f"{kind}, next", []).append((time.perf_counter() - began) * 1000)
    return spent


def _paths(connection: psycopg.Connection, login: str, chance: random.Random):
    row = connection.execute(
        "select o.agency_id, o.id from account a join officer o on o.id = a.officer_id where a.login = %s",
        [login],
    ).fetchone()
    agency, officer = row or (0, 0)
    low, high = connection.execute('select min(id), max(id) from "case"').fetchone() or (0, 0)
    own = connection.execute(TASKS.encode(), {"officer": officer}).fetchall()

    def of(turn: int) -> list[tuple[str, str]]:
        found = connection.execute(SOME.encode(), [agency, chance.randint(low, high)]).fetchone()
        title, no, keys = found or ("某厂违法案", "枣环案〔2026〕1号", [])
        party, number = quote(title[:4]), quote(no)
        paths = [
            ("inbox mine", "/inbox?box=mine"),
            ("inbox positions", "/inbox?box=positions"),
            ("inbox done", "/inbox?box=done"),
            ("inbox search name", f"/inbox?box=mine&q={party}"),
            ("inbox search number", f"/inbox?box=positions&q={number}"),
            ("inbox search, many hits", f"/inbox?box=mine&q={quote('堆放')}"),
            ("cases", "/cases"),
            ("cases search", f"/cases?q={party}"),
        ]
        if keys:
            paths.append(("inbox search person", f"/inbox?box=done&person={bytes(keys[0]).hex()}"))
        for kind in ("work", "case"):
            some = [number for name, number in own if name == kind]
            if some:
                paths.append(
                    (f"{kind} page", f"/{'cases' if kind == 'case' else kind}/{chance.choice(some)}")
                )
        return paths

    return of
