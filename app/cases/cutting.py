"""What a case would be had one of its acts never been done.

The act is left out and the later ones are done again, each where it was done: what finds its task is kept, as it was
done in another branch; what does not was built on the act and falls with it. So the case comes to stand where the
diagram could have brought it, with the attributes, steps and demands of law of the acts that are left.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import yaml

from app.deadlines import service as deadlines
from app.engine import service as engine
from app.kernel import clock
from app.kernel.errors import XingquanError
from app.verify.monitor import Monitor
from app.verify.monitor import State as Demands

from . import monitoring, routing, rules, stepping, switches, thresholds, trail, ways
from .articles import article
from .locking import Running
from .trail import Taken

DATA = Path(__file__).parent / "data" / "outward.yaml"


@dataclass(frozen=True, slots=True)
class Outward:
    """Something that happened outside the agency: which steps and actions, what it is, what is offered instead."""

    steps: tuple[str, ...]
    actions: tuple[str, ...]
    fact: str
    instead: str
    source: str


@lru_cache(maxsize=1)
def outward() -> tuple[Outward, ...]:
    """What cannot be made not to have happened (`data/outward.yaml`)."""
    rows = yaml.safe_load(DATA.read_text(encoding="utf-8"))["outward"]
    return tuple(
        Outward(
            tuple(row["steps"]),
            tuple(row.get("actions", ())),
            *(row[k] for k in ("fact", "instead", "source")),
        )
        for row in rows
    )


@dataclass(frozen=True, slots=True)
class Stand:
    """A case between two acts."""

    tokens: Mapping[int, engine.Token]
    attributes: Mapping[str, Any]
    passed: Mapping[str, datetime]
    demands: Demands


@dataclass(slots=True)
class Cut:
    """A case without one act. `void` are the acts that fall, the chosen one first; `changed` those that are kept and
    come to something else; `lost` the legal steps that fall with their moments and the name of the task; `refusal` and
    `article` say why it cannot be had (empty: it can)."""

    target: Taken
    tokens: Mapping[int, engine.Token]
    attributes: Mapping[str, Any]
    passed: Mapping[str, datetime]
    demands: Demands
    number: int
    void: list[Taken]
    changed: list[tuple[Taken, engine.Again]] = field(default_factory=list)
    lost: list[tuple[str, datetime, str]] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    unhurried: set[int] = field(default_factory=set)
    refusal: str = ""
    article: str = ""

    def refuse(self, why: str, article: str = "") -> None:
        """The first reason counts."""
        if not self.refusal:
            self.refusal, self.article = why, article

    @property
    def clocked(self) -> list[tuple[str, str, int]]:
        """What clocks did because of what falls, oldest first."""
        dropped = {taken.row.id: None for taken in self.void}
        gone = {taken.row.id: Counter(taken.steps) - Counter(again.steps) for taken, again in self.changed}
        found = []
        for taken in sorted((*self.void, *(one for one, _ in self.changed)), key=lambda one: one.row.id):
            lost: Mapping[str, int] = gone.get(taken.row.id, {})
            found += [did for did in taken.clocked if taken.row.id in dropped or did[0] in lost]
        return found


class History:
    """The acts of a case since its trail begins, and where it stood between them.

    Raises:
        Refused: what is stored does not come to what the case is: somebody has changed it.
    """

    def __init__(self, running: Running, found: trail.Trail) -> None:
        self.running = running
        self.acts = found.acts
        self.start = found.state
        self.demanded: dict[int, Sequence[str]] = {}
        self.judged: dict[int, thresholds.Moment] = {}
        self.watch: Monitor = monitoring.monitor(running.procedure, running.at)
        self.stands = list(self._stands(found))
        last, case = self.stands[-1], running.case
        same = last.tokens == engine.tokens(case.state) and dict(last.attributes) == dict(case.attributes)
        if not same or dict(last.passed) != running.passed:
            raise trail.broken()

    @classmethod
    def of(cls, running: Running) -> "History | None":
        """The history of a running case; None where nothing was done since it could be kept."""
        found = trail.read(running)
        return cls(running, found) if found else None

    def _stands(self, found: trail.Trail) -> Iterator[Stand]:
        declared = self.running.procedure.rules
        attributes: Mapping[str, Any] = engine.attributes(found.state)
        passed = rules.moments_of(found.passed)
        demands = self.watch.read(found.monitor, list(passed), attributes)
        stand = Stand(engine.tokens(found.state), attributes, passed, demands)
        yield stand
        for taken in self.acts:
            after = self.written(taken, stand.attributes)
            demands = stand.demands
            for _, after_step, _ in self._driven(taken, taken.steps, stand, after):
                demands = after_step
            passed = rules.passed_after(declared, stand.passed, taken.moments)
            stand = Stand(taken.moved.after(stand.tokens), after, passed, demands)
            yield stand

    def written(self, taken: Taken, before: Mapping[str, Any]) -> Mapping[str, Any]:
        """The attributes after an act, as the agency demanded them then."""
        demanded = self.demanded.get(taken.row.id, taken.demanded)
        when = self.judged.get(taken.row.id, taken.judged)
        if taken.work is None or taken.submission is None:
            return routing.demanded(self.running, before, demanded, when)
        form = stepping.form_of(self.running, taken.work)
        written = form.routing(taken.submission.data)
        return routing.advanced(self.running, taken.work.step, before, written, demanded, when)

    def _driven(
        self, taken: Taken, steps: Sequence[str], stand: Stand, after: Mapping[str, Any]
    ) -> Iterator[Any]:
        return monitoring.driven(self.watch, stand.demands, steps, taken.work, stand.attributes, after)

    @cached_property
    def greatest(self) -> int:
        """The greatest id given so far."""
        return engine.counter(self.running.case.state)

    def place_of(self, work_item_id: int) -> int | None:
        """Where in the trail a task was done; None where it was not, or does not count any more."""
        return next((n for n, one in enumerate(self.acts) if one.row.work_item_id == work_item_id), None)

    def cut(self, place: int) -> Cut:
        """The case without the act at a place of the trail."""
        target, stand = self.acts[place], self.stands[place]
        cut = Cut(
            target, stand.tokens, stand.attributes, stand.passed, stand.demands, self.greatest, [target]
        )
        cut.unhurried = set(target.moved.gone) & stand.tokens.keys()
        self._lose(cut, target, Counter(target.steps))
        return self._follow(cut, place)

    def rerouted(self, place: int) -> Cut | None:
        """The case had the act at a place of the trail been done under what the agency demands now; None where it would
        have gone the same way."""
        target, stand = self.acts[place], self.stands[place]
        self.demanded = {target.row.id: switches.of_case(self.running)}
        now = thresholds.Moment(self.running.at, thresholds.newest(self.running))
        self.judged = {target.row.id: now}
        cut = Cut(target, stand.tokens, stand.attributes, stand.passed, stand.demands, self.greatest, [])
        found = self._again(cut, target, place, elsewhere=True)
        if found is None or found.same:
            return None
        self._keep(cut, target, found)
        return self._follow(cut, place)

    def _follow(self, cut: Cut, place: int) -> Cut:
        for n in range(place + 1, len(self.acts)):
            taken = self.acts[n]
            found = self._again(cut, taken, n) if self._finds(cut, taken) else None
            if found is None:
                cut.void.append(taken)
                cut.unhurried |= set(taken.moved.gone) & cut.tokens.keys()
                self._lose(cut, taken, Counter(taken.steps))
            else:
                self._keep(cut, taken, found)
        self._outward(cut)
        return cut

    def _finds(self, cut: Cut, taken: Taken) -> bool:
        return taken.work is None or engine.ident(taken.work.task_id) in cut.tokens

    def _again(self, cut: Cut, taken: Taken, n: int, elsewhere: bool = False) -> engine.Again | None:
        """An act done again; None where it was the firing of a timer that does not fire. `elsewhere`: it may go another
        way than it did."""
        was, then = self.stands[n].attributes, self.stands[n + 1].attributes
        after = self.written(taken, cut.attributes)
        moments = {**cut.passed, **taken.moments}
        due = deadlines.engine_due(self.running.session, moments, self.running.case.region_code)

        def run(before: Mapping[str, Any], written: Mapping[str, Any]) -> engine.Again:
            found = before if taken.work else written  # a timer finds what it writes
            return engine.again(
                self.running.spec, cut.tokens, taken.act, cut.number, found, written, due, cut.unhurried
            )

        name = taken.work.name if taken.work else "期限届满"
        try:
            found = run(was, then)
            if taken.work is None and not found.moved.gone:
                return None
            if (dict(was), dict(then)) != (dict(cut.attributes), dict(after)):
                other = run(cut.attributes, after)
                if not elsewhere and not engine.alike(self.running.spec, found.moved, other.moved):
                    cut.refuse(
                        f"并行的“{name}”已经按这一环节的内容选择了去向，退回后它应当走另一分支，不能退回。"
                    )
                found = other
        except XingquanError:
            cut.refuse(f"并行的“{name}”不能在退回后的情况下重新认定，不能退回。")
            return None
        return found

    def _keep(self, cut: Cut, taken: Taken, found: engine.Again) -> None:
        steps: Sequence[str] = found.steps
        done = found.moved
        if found.same:
            done, steps = taken.moved, taken.steps
        else:
            cut.changed.append((taken, found))
            cut.number = found.counter
            cut.unhurried |= set(taken.moved.gone) & done.after(cut.tokens).keys()
            self._lose(cut, taken, Counter(taken.steps) - Counter(steps))
        before = Stand(cut.tokens, cut.attributes, cut.passed, cut.demands)
        after = self.written(taken, cut.attributes)
        for step, demands, broken in self._driven(taken, steps, before, after):
            cut.demands = demands
            if broken:
                name = monitoring.called(self.running, step)
                cut.refuse(f"退回后“{name}”不符合“{broken[0].name}”：{broken[0].remedy}。", broken[0].cite)
        moments = {step: taken.moments.get(step, taken.row.at) for step in steps}
        cut.passed = rules.passed_after(self.running.procedure.rules, cut.passed, moments)
        cut.tokens, cut.attributes = done.after(cut.tokens), after

    def _lose(self, cut: Cut, taken: Taken, steps: Counter[str]) -> None:
        for step in taken.steps:
            if steps[step] > 0:
                steps[step] -= 1
                named = taken.work.name if taken.work and taken.work.step == step else ""
                name = named or monitoring.called(self.running, step)
                cut.lost.append((step, taken.moments[step], name))
        if not any(taken is one for one, _ in cut.changed):
            cut.actions += taken.actions
        else:
            again = next(found for one, found in cut.changed if one is taken)
            cut.actions += (Counter(taken.actions) - Counter(again.actions)).elements()

    def _outward(self, cut: Cut) -> None:
        declared = self.running.procedure.rules
        for step, at, name in cut.lost:
            day = clock.legal_day(at)
            when = f"{day.month}月{day.day}日"
            for fact in outward():
                if rules.matches(step, fact.steps):
                    told = f"“{name}”（{when}）{fact.fact}，不能作废。{fact.instead}{self._way(cut)}。"
                    cut.refuse(told, fact.source)
            if rules.matches(step, declared.freeze_after):
                told = f"“{name}”（{when}）已经作出，此后不得退回到它以前。决定有误的，应当依法撤销、变更或者补正。"
                cut.refuse(told, article("frozen_step"))
        for action in cut.actions:
            for fact in outward():
                if action in fact.actions:
                    cut.refuse(f"{fact.fact}，不能作废。{fact.instead}。", fact.source)

    def _way(self, cut: Cut) -> str:
        """The way the diagram itself offers back to the chosen task, from where the case stands."""
        node = cut.target.work.node if cut.target.work else ""
        live = engine.live(self.running.spec, self.running.case.state)
        process = ways.drawn(self.running.procedure.whole)
        for task in live:
            way = ways.back(process, task.node, node)
            if way is not None:
                names = [process.nodes[one].name for one in (task.node, *way) if process.nodes[one].name]
                return f"；流程图提供的途径：{'→'.join([*names, process.nodes[node].name])}"
        return ""
