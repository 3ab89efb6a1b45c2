"""What the gates and the watched rules of law already established in a case, each with its article.

Whoever reviews the case need not count days or compare names again: dates, persons, notices and papers are computed
here from the case's own rows, by the same functions that refuse an act. What they do not establish is said as openly.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Any

from app.deadlines import service as deadlines
from app.documents import service as documents
from app.engine import service as engine
from app.kernel import clock, words
from app.people import service as people

from . import context, proofs, stepping
from . import rules as law
from .ahead import MADE, Ahead
from .gates import content
from .gates.base import opponents
from .locking import Running
from .models import Submission, WorkItem
from .monitoring import account

MET, OPEN, NONE = "met", "open", "none"
PERSONS, ORDER, TIME, PAPERS, AMOUNT, RULES = "人员", "程序", "期限", "文书", "数额和幅度", "法律规则"
GROUPS = (ORDER, PERSONS, TIME, PAPERS, AMOUNT, RULES)


@dataclass(frozen=True, slots=True)
class Established:
    """One thing the platform has checked. `state` is `met`, `open` (not met, or not so far) or `none` (the case gives
    no occasion for it)."""

    group: str
    label: str
    state: str
    detail: str
    article: str = ""


def established(running: Running, work: WorkItem, ahead: Ahead) -> list[Established]:
    """What is established for a task that reviews the case; in the order of `GROUPS`."""
    handed = context.submissions(running.session, running.case.id)
    found = [
        *_order(running, work),
        *_persons(running, handed),
        *_separated(running, work),
        *_periods(running, work),
        *_clocks(running),
        *_papers(running, work),
        *_amounts(running, ahead),
        *_rules(running),
    ]
    return sorted(found, key=lambda each: GROUPS.index(each.group))


def _called(running: Running) -> Mapping[str, str]:
    """The name of the first task of each legal step."""
    found: dict[str, str] = {}
    for info in engine.nodes(running.spec).values():
        if step := info.attributes.get("step"):
            found.setdefault(step, info.name or step)
    return found


def _holds(running: Running, when: Any) -> bool:
    rules = running.procedure.rules
    return not when or stepping.evaluate(when, running.case.attributes, rules.params)


def _order(running: Running, work: WorkItem) -> Iterator[Established]:
    """Every gate on the order of steps that stands before this task."""
    names, passed = _called(running), running.passed
    for need in running.procedure.rules.needs:
        if not law.matches(work.step, need.before):
            continue
        label = "、".join(names.get(step, step) for step in need.steps)
        if not _holds(running, need.when):
            yield Established(ORDER, label, NONE, "本案没有这一情形", need.article)
            continue
        lacking = [s for s in need.steps if s not in passed] + [
            name for name in need.attributes if not running.case.attributes.get(name)
        ]
        days = "；".join(
            f"{names.get(step, step)}：{words.china_day(passed[step])}"
            for step in need.steps
            if step in passed
        )
        yield Established(
            ORDER, label, OPEN if lacking else MET, need.message if lacking else days, need.article
        )


def _persons(running: Running, handed: Sequence[Submission]) -> Iterator[Established]:
    """Who signed each step that asks for certified officers, as certified on that very day."""
    rules, session = running.procedure.rules, running.session
    nodes = engine.nodes(running.spec)
    newest = {s.node: s for s in handed if s.step in running.case.passed}
    for submission in newest.values():
        info = nodes.get(submission.node)
        asked = int(info.attributes.get("officers") or 0) if info else 0
        kind = rules.certificates.get(submission.step) or (rules.certificate if asked > 1 else "")
        if not kind:
            continue
        asked = max(asked, 1)
        day = clock.legal_day(submission.at)
        cards = [people.officer(session, o, day) for o in (submission.by_id, *submission.with_ids)]
        able = [card for card in cards if card.certificate(kind)]
        told = "、".join(f"{card.name}（{card.certificate(kind) or '当日没有有效证件'}）" for card in cards)
        yield Established(
            PERSONS,
            submission.name,
            MET if len(able) >= asked else OPEN,
            f"{words.day(day)}，须 {asked} 人持证：{told}",
            law.TWO_OFFICERS if asked > 1 else "",
        )


def _separated(running: Running, work: WorkItem) -> Iterator[Established]:
    """No person on two sides that the law keeps apart."""
    rules = running.procedure.rules
    apart = {
        frozenset((group.name, other.name))
        for group in rules.separation
        for other in opponents(rules, group.name)
    }
    for one, two in combinations(rules.separation, 2):
        if frozenset((one.name, two.name)) not in apart:
            continue
        sides = [
            {who for step, all_ in running.took_part.items() if law.matches(step, g.steps) for who in all_}
            for g in (one, two)
        ]
        mine = next((n for n, g in enumerate((one, two)) if law.matches(work.step, g.steps)), None)
        if mine is not None and work.assignee_id:
            sides[mine].add(work.assignee_id)
        if not all(sides):
            continue
        both = people.officers(running.session, sides[0] & sides[1])
        names = "、".join(card.name for card in both.values())
        yield Established(
            PERSONS,
            f"“{one.name}”与“{two.name}”人员分离",
            OPEN if both else MET,
            f"{names}两边都参加过" if both else "没有同一人",
            one.article,
        )


def _periods(running: Running, work: WorkItem) -> Iterator[Established]:
    """The time a party has after being told: when it ran out, and that the next step kept it."""
    names, passed = _called(running), running.passed
    rules = running.procedure.rules
    limits = {(p.after, p.limit) for p in rules.periods} | {(b.after, b.limit) for b in rules.in_time}
    ends = proofs.ends(running, limits)
    for period in rules.periods:
        kept = [s for s in passed if law.matches(s, period.before) and s != period.after]
        if not kept and not law.matches(work.step, period.before):
            continue
        label = f"{names.get(period.after, period.after)}后满 {deadlines.parse_limit(period.limit).words}"
        end = ends.get((period.after, period.limit))
        if not _holds(running, period.when) or end is None:
            yield Established(TIME, label, NONE, "本案没有这一情形", period.article)
            continue
        since = passed[period.after]
        span = f"自{words.china_day(since)}起算，{words.china_day(end)}零时届满"
        if said := [n for n in period.ended_by if running.case.attributes.get(n)]:
            span += "；" + "、".join(rules.labels.get(n, n) for n in said)
        after = min((passed[s] for s in kept if passed[s] > since), default=running.at)
        yield Established(TIME, label, MET if said or after >= end else OPEN, span, period.article)
    for bound in rules.in_time:
        if bound.step in passed and (end := ends.get((bound.after, bound.limit))):
            detail = f"{words.china_day(passed[bound.step])}收到，期限到{words.china_day(end)}零时"
            state = MET if passed[bound.step] < end else OPEN
            yield Established(
                TIME, f"{names.get(bound.step, bound.step)}在期限之内", state, detail, bound.article
            )


def _clocks(running: Running) -> Iterator[Established]:
    """The limits of the authority itself."""
    for view in deadlines.of_case(running.session, running.case.id):
        if view.kind != "statutory" or view.side != "authority":
            continue
        last = view.stopped_on or clock.legal_day(running.at)
        ended = f"，{words.day(view.stopped_on)}完成" if view.stopped_on else f"，{view.left}"
        out = f"，已扣除 {view.excluded_days} 日" if view.excluded_days else ""
        longer = f"，延长{view.extended}" if view.extended else ""
        yield Established(
            TIME,
            f"{view.name}（{view.limit}）",
            MET if last <= view.due_on else OPEN,
            f"自{words.day(view.started_on)}起，应当不晚于{words.day(view.due_on)}{longer}{out}{ended}",
            view.basis,
        )


def _papers(running: Running, work: WorkItem) -> Iterator[Established]:
    """The papers that the steps so far rest on, issued in their own round."""
    passed, present = running.passed, documents.present(running.session, running.case.id)
    for paper in running.procedure.rules.documents_before:
        if not (law.matches(work.step, paper.before) or any(law.matches(s, paper.before) for s in passed)):
            continue
        names = "、".join(
            f"《{documents.kind(code, running.procedure.templates).name}》" for code in paper.codes
        )
        if not _holds(running, paper.when):
            continue
        since = passed.get(paper.since) if paper.since else None
        lacking = [c for c in paper.codes if not _issued(present.get(c), since)]
        days = "；".join(f"{words.china_day(present[c])}签发" for c in paper.codes if c in present)
        yield Established(
            PAPERS, names, OPEN if lacking else MET, paper.message if lacking else days, paper.article
        )


def _issued(at: datetime | None, since: datetime | None) -> bool:
    return at is not None and (since is None or at >= since)


AMOUNT_GATES: tuple[tuple[str, law.Gate], ...] = (
    ("拟作决定不重于告知", content.NotHeavierThanNoticed()),
    ("在法定幅度和裁量基准之内，或者写明理由", content.WithinBand()),
)


def _amounts(running: Running, ahead: Ahead) -> Iterator[Established]:
    """What the gates on content would say if the case were decided as proposed."""
    if not ahead.node:
        return
    info = engine.nodes(running.spec)[ahead.node]
    asked = {
        "node": ahead.node, "name": info.name, "step": info.attributes["step"], "position_key": info.position,
        "officers": int(info.attributes.get("officers") or 0),
    }  # fmt: skip
    form = stepping.form_named(running.procedure, ahead.form)
    facts = stepping.facts_of(
        running, WorkItem(**asked), (), ahead.attributes, form=form, data=dict(ahead.answers)
    )
    for label, gate in AMOUNT_GATES:
        refusal = gate.check(facts, stepping.evaluate)
        yield Established(
            AMOUNT,
            label,
            OPEN if refusal else MET,
            refusal.message if refusal else "按目前的意见作出决定，这一项没有障碍",
            refusal.article if refusal else gate.article,
        )


def _rules(running: Running) -> Iterator[Established]:
    """The rules of law that were proven of the procedure and are watched in this very case."""
    steps = {info.attributes.get("step", "") for info in engine.nodes(running.spec).values()}
    for rule, met in account(running, sorted(s for s in steps if law.matches(s, MADE))):
        if met is None:
            yield Established(RULES, rule.name, NONE, "本案没有触发，或者在决定以后办理", rule.cite)
        else:
            detail = "所要求的已经办到" if met else rule.remedy.partition("，请先补办")[0]
            yield Established(RULES, rule.name, MET if met else OPEN, detail, rule.cite)
