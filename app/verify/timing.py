"""Statutory limits against the limits of the positions: does the longest way fit (S4-25)?

One token is followed from the step that starts a clock to a step that stops it; its longest way through the
limits of the tasks is the longest any case can take when every position keeps its own limit. Ways over a flow
with `xq:rounds` are rework: they are counted apart, at their declared number, and a loop without a number has
no bound. A limit in calendar days must hold in the worst calendar there was: fewer working days than the fewest
that any stretch of so many days held.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .chains import Declared, Graph
from .findings import Finding, Severity
from .limits import read, working_days
from .space import Space
from .steps import Program

RULE = "G04"


@dataclass(frozen=True, slots=True)
class Budget:
    """One statutory limit and what the positions make of it. All in working days.

    Attributes:
        id, name: of the clock.
        days: working days the limit is good for in the worst calendar.
        longest: longest way without rework; None: no bound. 0 where no way leads from start to stop.
        rework: what declared rework can add at most; None: some loop has no declared number of rounds.
        chain: (element, days) along the longest way.
        loop: elements of a loop without bound.
        slack: element -> days that are left on the longest way through it.
    """

    id: str
    name: str
    days: int
    longest: int | None
    rework: int | None
    chain: tuple[tuple[str, int], ...] = ()
    loop: tuple[str, ...] = ()
    slack: Mapping[str, int] | None = None


def declared(rules: Mapping[str, Any]) -> Iterator[Declared]:
    """The limits an authority must keep, from the clocks of a rule set and its `budget`."""
    own = rules.get("budget") or ()
    own = [own] if isinstance(own, Mapping) else list(own)
    special = {entry.get("clock"): entry for entry in own if isinstance(entry, Mapping)}
    for clock in rules.get("clocks") or ():
        if not isinstance(clock, Mapping) or not (
            clock.get("id") and clock.get("starts") and clock.get("stops")
        ):
            continue  # the rule set's own checks name what is missing
        if clock.get("side", "authority") != "authority":
            continue
        entry = special.get(clock["id"], {})
        limit = str(clock.get("limit", ""))
        days = entry.get("working_days", working_days(limit))
        if days is None:
            continue
        yield Declared(
            str(clock["id"]),
            str(clock.get("name", clock["id"])),
            int(days),
            _listed(entry.get("from") or clock["starts"]),
            _listed(entry.get("to") or clock["stops"]),
            _listed(entry.get("excluded")),
            str(clock.get("basis", "")),
            limit,
        )


def _listed(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)


def timing(space: Space, limits: Sequence[Budget] | None = None) -> Iterator[Finding]:
    """Limits that the positions cannot keep, and loops without a bound.

    Args:
        space: the states.
        limits: their `budgets`, if they have been measured already.
    """
    if not space.complete:
        yield Finding(RULE, Severity.UNPROVEN, "状态过多，不能证明岗位时限之和不超过法定期限。")
        return
    if limits is None:
        limits = budgets(space)
    by_id = {budget.id: budget for budget in limits}
    for wanted in declared(space.program.subject.rules):
        if wanted.id in by_id:
            yield from _judged(space.program, wanted, by_id[wanted.id])


def budgets(space: Space) -> list[Budget]:
    """Every statutory limit with its longest way and the slack of each position."""
    return [measure(space, wanted) for wanted in declared(space.program.subject.rules)]


def _judged(program: Program, wanted: Declared, budget: Budget) -> Iterator[Finding]:
    def named(element: str) -> str:
        node = program.find(element)
        return (node.name or node.id) if node is not None else element

    cite = f"岗位办理时限之和不得超过法定期限（S4-25）；{wanted.basis}"
    if budget.longest is None:
        yield Finding(
            RULE,
            Severity.BLOCK,
            f"“{wanted.name}”没有上限：“{'、'.join(named(e) for e in budget.loop)}”可以无限次重复。"
            "请在退回的连线上写明最多次数（轮次）。",
            cite,
            budget.loop,
        )
        return
    if budget.longest > wanted.days:
        way = "、".join(f"{named(e)} {d}" for e, d in budget.chain)
        yield Finding(
            RULE,
            Severity.BLOCK,
            f"“{wanted.name}”法定为 {_said(wanted.limit)}，最少只有 {wanted.days} 个工作日，而岗位时限之和最长为 "
            f"{budget.longest} 个工作日（{way}）。请缩短岗位时限。",
            cite,
            tuple(e for e, _ in budget.chain),
        )
    elif budget.rework is None or budget.longest + budget.rework > wanted.days:
        much = "没有上限" if budget.rework is None else f"最长为 {budget.longest + budget.rework} 个工作日"
        yield Finding(
            RULE,
            Severity.WARN,
            f"“{wanted.name}”最少有 {wanted.days} 个工作日，一次办成最长 {budget.longest} 个工作日，"
            f"把允许的退回次数用完则{much}。退回时请注意剩余期限。",
            cite,
            tuple(e for e, _ in budget.chain),
        )


def _said(limit: str) -> str:
    found = read(limit)
    units = {"wd": "个工作日", "d": "日", "h": "小时", "m": "个月", "y": "年"}
    return f"{found[0]} {units[found[1]]}" if found else limit


def measure(space: Space, wanted: Declared) -> Budget:
    """Follow the token."""
    graph = Graph(space, wanted)
    longest, chain, loop = graph.longest()
    if longest is None:
        return Budget(wanted.id, wanted.name, wanted.days, None, None, loop=loop)
    return Budget(
        wanted.id,
        wanted.name,
        wanted.days,
        longest,
        graph.extra(),
        chain,
        (),
        {e: wanted.days - most for e, most in graph.through().items()},
    )
