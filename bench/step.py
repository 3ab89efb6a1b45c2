"""One step of a case: the SQL floor, the service, over HTTP; its statements, its bytes, and rework loops.

The step is the case unit's review (办案机构审核) in the middle of the ordinary penalty procedure: one officer,
one form, no document. All cases stand there as copies of one that was driven there, so that no act is measured
twice on the same case. Floor and service take turns, so that both see the same machine.
"""

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count

import psycopg
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.cases import acts, demo, demo_content, stepping
from app.cases.models import Case, WorkItem
from app.kernel.auth import Actor
from app.kernel.db import db
from app.kernel.transaction import transaction
from app.people import service as people

from ._copies import case_tables, multiply
from ._counting import Traffic, traffic
from ._floor import Floor, writes_of
from ._site import Browser, hidden, plain_connection, site, web_server

CASE, NODE, LOGIN = "dust-heap", "lead_review", "hb-lead"
WARM, ROUNDS, LOOPS, REWORKED = 8, 60, 40, 25
AGREE = {"stance": "agree", "text": "事实清楚、证据充分，同意处理建议。"}
BACK = {"stance": "disagree", "text": "现场笔录与照片的时间不一致，请补充核实后重新提出。"}
CHECKED = ["当事人认定", "事实和证据", "定性和依据", "裁量", "程序和期限", "文书和案卷"]
RATIOS = (
    ("service_p50", "floor_p50"),
    ("http_submit_p50", "floor_p50"),
    ("rework_last_p50", "rework_first_p50"),
)
_sizes: dict[str, float] = {}
"""What the table shows besides the figures."""
_keys = count(1)


def figures() -> dict[str, float | int]:
    """All figures of one run, in milliseconds and bytes."""
    with site(), plain_connection() as connection:
        with transaction() as session:
            first = demo.Drive(session, demo_content.case_of(CASE))
            first.run(NODE)
            actor = people.actor_of(session, first.officers["team_lead"][0][0])
        found: dict[str, float | int] = {}
        copies = iter(multiply(connection, first.case_id, 3 * (WARM + ROUNDS) + REWORKED + 2))
        with traffic(db.engine) as seen:
            _counted(seen, actor, next(copies))  # the process reads the item and keeps it
            seen.statements.clear()
            seen.commits = 0
            floor = Floor(connection, writes_of(connection, lambda: _counted(seen, actor, next(copies))))
            found |= {"statements": len(seen.statements), "commits": seen.commits}
        _sizes["rows written"] = len(floor.writes)
        found |= _floor_and_service(connection, floor, actor, copies)
        found |= _http(copies)
        found |= _start(first)
        found["open_case_bytes"] = _bytes(connection, first.case_id)
        found |= _rework(connection, first, actor, copies)
        found["finished_case_bytes"] = _finished(connection)
    return {key: found[key] for key in KEYS}


KEYS = (
    *("floor_p50", "service_p50", "service_p95", "http_submit_p50", "http_form_p50", "start_p50"),
    *("statements", "commits", "open_case_bytes", "finished_case_bytes"),
    *("rework_first_p50", "rework_last_p50"),
)


def table(found: dict[str, float | int]) -> str:
    """The figures for a person, with what they mean to one another."""
    lines = [f"{key:<28} {value:>12,}" for key, value in found.items()]
    lines += [f"  {name:<26} {value:>12,}" for name, value in _sizes.items()]
    lines += [f"{a} / {b:<18} {found[a] / found[b]:>8.2f}" for a, b in RATIOS]
    return "\n".join(lines)


def _key() -> str:
    return f"bench{next(_keys):027d}"


def _work(session: Session, case_id: int) -> WorkItem:
    return next(w for w in stepping.open_work(session, case_id) if w.node == NODE)


def _hand_in(actor: Actor, case_id: int, opinion: dict[str, str]) -> float:
    """The service step as a request meets it: a fresh session, one act. Milliseconds."""
    work = _work(db.session(), case_id)
    work_id, version = work.id, work.version
    db.session.remove()
    given = {"checked": CHECKED, "opinion": opinion}
    return _timed(lambda: _act(actor, work_id, version, given))


def _act(actor: Actor, work_id: int, version: int, given: dict[str, object]) -> None:
    with transaction() as session:
        acts.hand_in(session, actor, work_id, version, _key(), lambda *_: given)
    db.session.remove()


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def _counted(seen: Traffic, actor: Actor, case_id: int) -> int:
    work = _work(db.session(), case_id)
    work_id, version = work.id, work.version
    db.session.remove()
    with transaction() as session:
        number = session.scalar(text("select pg_current_xact_id()::text::bigint"))
        seen.on = True
        acts.hand_in(
            session, actor, work_id, version, _key(), lambda *_: {"checked": CHECKED, "opinion": AGREE}
        )
    db.session.remove()
    seen.on = False
    return number


def _p50(times: Sequence[float]) -> float:
    return round(statistics.median(times), 2)


def _p95(times: Sequence[float]) -> float:
    return round(statistics.quantiles(times, n=20)[-1], 2)


def _floor_and_service(
    connection: psycopg.Connection, floor: Floor, actor: Actor, copies: Iterator[int]
) -> dict[str, float | int]:
    low, full = [], []
    for _ in range(WARM + ROUNDS):
        case_id = next(copies)
        plan = floor.plan(case_id, _work(db.session(), case_id).id)
        db.session.remove()
        low.append(_timed(lambda plan=plan: floor.write(plan)))
        full.append(_hand_in(actor, next(copies), AGREE))
    gc.collect()
    return {"floor_p50": _p50(low[WARM:]), "service_p50": _p50(full[WARM:]), "service_p95": _p95(full[WARM:])}


def _http(copies: Iterator[int]) -> dict[str, float | int]:
    forms, submits = [], []
    with web_server() as address:
        person = Browser(address, LOGIN)
        for _ in range(WARM + ROUNDS):
            path = f"/work/{_work(db.session(), next(copies)).id}"
            db.session.remove()
            pages: list[str] = []
            forms.append(_timed(lambda path=path, pages=pages: pages.append(person.get(path))))
            answer = {name: hidden(pages[0], name) for name in ("_csrf", "_key", "_version")}
            answer |= {"checked": CHECKED, "opinion.stance": "agree", "opinion.text": AGREE["text"]}
            status: list[int] = []
            submits.append(_timed(lambda path=path, a=answer, s=status: s.append(person.post(path, a)[0])))
            if status != [303]:
                raise RuntimeError(f"{path} was not accepted: {status}")
    return {"http_submit_p50": _p50(submits[WARM:]), "http_form_p50": _p50(forms[WARM:])}


def _start(first: demo.Drive) -> dict[str, float | int]:
    actor = people.actor_of(db.session(), first.officers["intake"][0][0])
    item = db.session().scalars(select(Case.item_id).where(Case.id == first.case_id)).one()
    db.session.remove()

    def start() -> None:
        with transaction() as session:
            acts.open_case(session, actor, item, _key())
        db.session.remove()

    return {"start_p50": _p50([_timed(start) for _ in range(WARM + 60)][WARM:])}


def _rework(
    connection: psycopg.Connection, first: demo.Drive, actor: Actor, copies: Iterator[int]
) -> dict[str, float | int]:
    """The same step, which sends the case back, in its first round and after many, in turns."""
    _sizes["state bytes, first round"] = _state(connection, first.case_id)
    for _ in range(LOOPS):
        _hand_in(actor, first.case_id, BACK)
        with transaction() as session:
            first.session = session
            while any(w.node != NODE for w in first.waiting()):
                first.do(first.waiting()[0].node)
    _sizes[f"state bytes, after {LOOPS} rounds"] = _state(connection, first.case_id)
    early, late = [], []
    for case_id in multiply(connection, first.case_id, REWORKED):
        early.append(_hand_in(actor, next(copies), BACK))
        late.append(_hand_in(actor, case_id, BACK))
    return {"rework_first_p50": _p50(early[5:]), "rework_last_p50": _p50(late[5:])}


def _state(connection: psycopg.Connection, case_id: int) -> int:
    row = connection.execute('select octet_length(state) from "case" where id = %s', [case_id]).fetchone()
    return int(row[0]) if row else 0


def _finished(connection: psycopg.Connection) -> int:
    """Bytes of a case carried from lead to archive by the demonstration's main journey."""
    with transaction() as session:
        drive = demo.Drive(session, demo_content.case_of("stone-mill"))
        drive.run()
    _sizes["documents of that case"] = stored(connection, drive.case_id, ["document"])
    _sizes["state bytes, finished"] = _state(connection, drive.case_id)
    tables = {name: stored(connection, drive.case_id, [name]) for name in _own_tables()}
    for name, size in sorted(tables.items(), key=lambda one: -one[1]):
        if size:
            _sizes[f"finished case, {name}"] = size
    return sum(tables.values())


def _own_tables() -> list[str]:
    """The tables a case's own rows are in: all but that of its documents."""
    return [t.name for t in case_tables() if t.name != "document"]


def _bytes(connection: psycopg.Connection, case_id: int) -> int:
    """Bytes of a case's own rows as they are stored, without those of its documents."""
    return stored(connection, case_id, _own_tables())


def stored(connection: psycopg.Connection, case_id: int, names: Sequence[str]) -> int:
    """Bytes of a case's rows in these tables: the columns as they are stored (compressed where they are), and 28
    for each row (header and pointer). Indexes, null bitmaps and alignment are left out."""
    total = 0
    for name in names:
        key = "id" if name == "case" else "case_id"
        columns = [c.name for c in next(t for t in case_tables() if t.name == name).columns]
        size = " + ".join(f'coalesce(pg_column_size("{c}"), 0)' for c in columns)
        query = f'select coalesce(sum(28 + {size}), 0) from "{name}" where {key} = %s'  # noqa: S608 - our names
        row = connection.execute(query.encode(), [case_id]).fetchone()
        total += int(row[0]) if row else 0
    return total
