"""A million open cases: inbox, idle sweep, drain of due clocks, and the step among few and among many cases."""

import argparse
import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path

import psycopg
from sqlalchemy import text

from app.cases import acts
from app.inbox import presentation
from app.kernel import clock, jobs
from app.kernel.auth import Actor
from app.kernel.db import db
from app.kernel.transaction import transaction
from app.people import service as people

from . import _due, data
from ._pages import pages
from ._site import plain_connection, site, web_server

STEPS, WARM = 120, 10
DUE, TIMERS = 10_000, 2_000
FEW = 1_000
NODE = "lead_review"
ANSWERS = {
    "checked": ["当事人认定", "事实和证据", "定性和依据", "裁量", "程序和期限", "文书和案卷"],
    "opinion": {"stance": "agree", "text": "事实清楚、证据充分，同意处理建议。"},
}
WAITING = text(
    "select id, version, agency_id from work_item where node = :node and status = 'open' and kind = 'user'"
    " order by random() limit :count"
)
_details: list[str] = []


def arguments(parser: argparse.ArgumentParser) -> None:
    """What `script/bench scale` takes."""
    parser.add_argument("--cases", type=int, default=1_000_000, help="how many open cases (1,000,000)")
    parser.add_argument("--home", type=Path, help="where the data is kept for the next time")


def figures(cases: int, home: Path | None) -> dict[str, float | int]:
    """All figures of one run. Times in milliseconds."""
    with tempfile.TemporaryDirectory(prefix="xq-bench-") as folder:
        Path(folder).chmod(0o711)
        small, large = Path(folder) / "small", home or Path(folder) / "large"
        print(f"{FEW:,} open cases", flush=True)
        data.ensure(small, FEW, 1)
        print(f"{cases:,} open cases", flush=True)
        data.ensure(large, cases)
        few = _steps(small, STEPS // 2)  # once before and once after, so that both see the same machine
        found, many = _large(large)
        few += _steps(small, STEPS // 2)
    return {
        "cases": cases,
        **found,
        "step_p50_small": _p50(few),
        "step_p50_large": _p50(many),
    }


def table(found: dict[str, float | int]) -> str:
    """The figures for a person."""
    lines = [f"{key:<28} {value:>12,}" for key, value in found.items()]
    ratio = found["step_p50_large"] / found["step_p50_small"]
    return "\n".join([*lines, f"{'large / small':<28} {ratio:>12.2f}", *_details])


def _large(home: Path) -> tuple[dict[str, float | int], list[float]]:
    with site(home), plain_connection() as connection:
        inbox = _inbox(connection)
        idle = _idle()
        many = _step_times(STEPS)
        unseen = _step_times(STEPS, opened=False)
        _details.append(f"  step on a case from the disk p50 {_p50(unseen):>7} p95 {_p95(unseen):>7}")
        lights, timed = _drained(connection)
    _details.append(f"{'  timers of procedures, per s':<28} {timed.per_second:>12,}")
    return {"inbox_p95": inbox, "sweep_idle_ms": idle, "drain_per_s": lights.per_second}, many


def _inbox(connection: psycopg.Connection) -> float:
    with web_server() as address:
        times = pages(connection, address)
    for kind, spent in times.items():
        _details.append(f"  page {kind:<21} p50 {_p50(spent):>7} p95 {_p95(spent):>7}  n {len(spent)}")
    boxes = [(kind, spent) for kind, spent in times.items() if kind.startswith("inbox")]
    searched = [one for kind, spent in boxes if "search" in kind for one in spent]
    _details.append(f"  searches in the inbox        p50 {_p50(searched):>7} p95 {_p95(searched):>7}")
    return _p95([one for kind, spent in boxes if "search" not in kind for one in spent])


def _idle() -> float:
    """A whole round of the worker with nothing due: sweeps of lights and timers, jobs, outside work."""
    jobs.tick(clock.now())  # opens the slots of periodic work
    for _ in range(100):
        if not jobs.tick(clock.now()):
            break
    now = clock.now()
    if len(jobs.idle(now)) != 3:
        raise RuntimeError("something is due")
    spent = [timed(lambda: jobs.tick(now)) for _ in range(200)][20:]
    _details.append(f"  idle round of the worker     p50 {_p50(spent):>7} p95 {_p95(spent):>7}")
    return round(statistics.median(spent), 3)


def _drained(connection: psycopg.Connection) -> tuple[_due.Drained, _due.Drained]:
    with _due.workers() as workers:
        began = clock.now()
        ids = _due.lights(connection, DUE)
        lights = _due.drain(workers)
        _due.fired_once(connection, "clock.light", ids, lights.handled, began)
        cases = _due.timers(connection, TIMERS)
        timed = _due.drain(workers)
        _due.fired_once(connection, "timer.fired", cases, timed.handled, began)
    return lights, timed


def _steps(home: Path, count: int) -> list[float]:
    with site(home):
        return _step_times(count)


def _step_times(count: int, *, opened: bool = True) -> list[float]:
    """Times of the step on so many random cases. `opened`: the officer has looked at the task, as officers do, so
    that what the step reads has come from the disk; else the first of all to touch the case is the step itself."""
    with db.engine.connect() as connection:
        waiting = connection.execute(WAITING, {"node": NODE, "count": count + WARM}).all()
    leads: dict[int, Actor] = {}
    spent = []
    for row in waiting:
        if row.agency_id not in leads:
            card = people.officers_at(db.session(), row.agency_id, "team_lead")[0]
            leads[row.agency_id] = people.actor_of(db.session(), card.id)
        db.session.remove()
        if opened:
            presentation.task(db.session(), leads[row.agency_id], row.id, None, None)
            db.session.remove()
        key = f"scale{uuid.uuid4().hex}"
        spent.append(timed(lambda row=row, key=key: _hand_in(leads[row.agency_id], row.id, row.version, key)))
    return spent[WARM:]


def _hand_in(actor: Actor, work_id: int, version: int, key: str) -> None:
    with transaction() as session:
        acts.hand_in(session, actor, work_id, version, key, lambda *_: ANSWERS)
    db.session.remove()


def timed(act: Callable[[], object]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


def _p50(times: Sequence[float]) -> float:
    return round(statistics.median(times), 2)


def _p95(times: Sequence[float]) -> float:
    """The only one where there is one: a list so short that it has no second page is asked for once."""
    if len(times) < 2:
        return round(max(times, default=0.0), 2)
    return round(statistics.quantiles(times, n=20)[-1], 2)
