"""Random acts of random persons on one case, over and over from where the last ones led.

A walk is a tree: after each sequence of acts it goes back a random way, by savepoints, and goes on otherwise. So two
thousand different sequences cost a few thousand acts.
"""

import random
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cases import acts, clock_acts, demo, demo_content, locking, timers
from app.cases import service as cases
from app.cases.demo import Drive
from app.cases.desk_acts import ACTS
from app.cases.desk_acts.base import Field, Kind
from app.cases.models import Case, WorkItem, WorkStatus
from app.deadlines import service as deadlines
from app.engine import service as engine
from app.kernel import clock
from app.kernel.auth import Actor
from app.kernel.errors import XingquanError
from app.people import service as people
from app.verify import reader
from app.verify.game import join_enabled
from app.verify.net import Net

LENGTHS = (10, 30)
DATED = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2})?")
AHEAD = {"hearing_at": timedelta(days=20)}
COLUMNS = (
    WorkItem.id, WorkItem.version, WorkItem.status, WorkItem.form, WorkItem.position_key, WorkItem.task_id,
    WorkItem.assignee_id, WorkItem.cosigner_id, WorkItem.done_by,
)  # fmt: skip
TIERS = ("从轻", "一般")
CAUSES = ("testing", "announcement", "stay")


class Walker:
    """Acts on the case of a drive. `done` counts what was carried out, by the outcome of each act."""

    def __init__(self, drive: Drive, seed: int) -> None:
        self.drive, self.session, self.case_id = drive, drive.session, drive.case_id
        self.random = random.Random(seed)
        self.moment = drive.moment
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.people: dict[int, Actor] = {
            card.id: people.actor_of(self.session, card.id)
            for card in people.officers_at(self.session, drive.agency_id)
        }

    # ---- sequences

    def walk(self, sequences: int, check: Callable[["Walker"], None]) -> None:
        """So many sequences, each looked at when it ends; the case is left as it was found."""
        path: list[tuple[Any, Any]] = []
        for _ in range(sequences):
            length = self.random.randint(*LENGTHS)
            path += [self._mark()] if not path else []
            for _ in range(3 * LENGTHS[1]):
                if len(path) >= length:
                    break
                point = self._mark()
                if self._act():
                    path.append(point)
                    if self.case.status != "open":
                        break
                else:
                    self._back(point)
            locking.release(self.session)
            check(self)
            back = min(len(path), 1 + int(self.random.expovariate(0.8)))
            self._back(path[-back])
            del path[-back:]
        if path:
            self._back(path[0])

    def _mark(self) -> tuple[Any, Any]:
        locking.release(self.session)
        return self.session.begin_nested(), self.moment

    def _back(self, point: tuple[Any, Any]) -> None:
        savepoint, self.moment = point
        savepoint.rollback()
        locking.release(self.session)

    @property
    def case(self) -> Case:
        """The case as it stands."""
        return self.session.get_one(Case, self.case_id, populate_existing=True)

    def items(self, *statuses: WorkStatus) -> Sequence[Any]:
        """What there is to know of tasks of the case."""
        chosen = select(*COLUMNS).where(WorkItem.case_id == self.case_id, WorkItem.status.in_(statuses))
        return self.session.execute(chosen.order_by(WorkItem.id)).all()

    # ---- one act

    def _act(self) -> bool:
        """Try one act of somebody; whether it was carried out."""
        kinds = (self.hand_in, self.second, self.at_the_desk, self.claim, self.wait, self.clocks)
        (kind,) = self.random.choices(kinds, (50, 24, 20, 4, 4, 4))
        try:
            with clock.at(self.moment):
                outcome = kind()
        except XingquanError as error:
            self.refused[f"{kind.__name__}.{error.code}"] += 1
            return False
        if outcome:
            self.done[outcome] += 1
            self.moment += timedelta(minutes=self.random.randint(1, 600))
        return bool(outcome)

    def hand_in(self) -> str:
        """Somebody hands in a waiting task, mostly one of its position, with answers of one kind or another."""
        waiting = self.items(WorkStatus.OPEN, WorkStatus.LATE)
        if not waiting:
            return ""
        work = self.random.choice(waiting)
        person = self._person(work)
        given = self.answers(work.form)
        return acts.hand_in(
            self.session, person, work.id, work.version, self.drive.key(), lambda *_: given
        ).outcome

    def second(self) -> str:
        """The second officer confirms or sends back; now and then somebody else tries to."""
        waiting = self.items(WorkStatus.COSIGN)
        if not waiting:
            return ""
        work = self.random.choice(waiting)
        asked = self.people.get(work.cosigner_id or 0)
        person = asked if asked and self.random.random() < 0.9 else self._anybody()
        if self.random.random() < 0.12:
            return acts.send_back(
                self.session, person, work.id, work.version, self.drive.key(), "请核对"
            ).outcome
        return acts.confirm(self.session, person, work.id, work.version, self.drive.key()).outcome

    def claim(self) -> str:
        """Somebody takes a task."""
        waiting = self.items(WorkStatus.OPEN)
        if not waiting:
            return ""
        work = self.random.choice(waiting)
        return acts.claim(self.session, self._person(work), work.id, self.drive.key()).outcome

    def at_the_desk(self) -> str:
        """Any registered act on any task of the case, with answers that its offer allows."""
        items = self.items(*WorkStatus)[-4:]
        work = self.random.choice(items)
        fitting = [act.name for act in ACTS if work.status in act.statuses]
        if not fitting:
            return ""
        near = [o for o in (work.assignee_id, work.cosigner_id, work.done_by) if o in self.people]
        person = (
            self.people[self.random.choice(near)] if near and self.random.random() < 0.85 else self._anybody()
        )
        name = self.random.choice(fitting)
        _, _, offer = cases.desk_offer(self.session, person, work.id, name)
        if offer.why_not:
            return ""
        given = {field.name: self._answer(field) for field in offer.fields}
        done = cases.desk_act(self.session, person, work.id, work.version, self.drive.key(), name, given)
        return done.outcome

    def wait(self) -> str:
        """Time goes on, and timers that are due fire."""
        self.moment += timedelta(days=self.random.randint(1, 9))
        due = self.case.next_due
        if due is None or due > self.moment:
            return "time"
        with clock.at(self.moment):
            timers.fire(self.session, self.case_id, self.moment)
        return "timer"

    def clocks(self) -> str:
        """A head lets a clock rest or go on, or lengthens it."""
        running = [
            c
            for c in deadlines.of_case(self.session, self.case_id)
            if c.kind == "statutory" and not c.stopped
        ]
        if not running:
            return ""
        one = self.random.choice(running)
        head = self.people[self.drive.officers["head"][0][0]]
        today = clock.today().isoformat()
        name = "resume" if one.state == "paused" else self.random.choice(("suspend", "extend"))
        given: Mapping[str, Any] = {
            "suspend": {
                "cause": self.random.choice(CAUSES), "basis": "", "proof": [{"digest": "a" * 64}], "from_day": today,
            },
            "resume": {"until_day": today},
            "extend": {"number": 5, "reason": "案情复杂"},
        }[name]  # fmt: skip
        return clock_acts.ACTS[name](
            self.session, head, self.case_id, one.id, self.drive.key(), given
        ).outcome

    def _person(self, work: Any) -> Actor:
        if self.random.random() < 0.08:
            return self._anybody()
        if work.assignee_id in self.people:
            return self.people[work.assignee_id]
        return self.people[self.random.choice(self.drive.officers[work.position_key])[0]]

    def _anybody(self) -> Actor:
        return self.random.choice(list(self.people.values()))

    def _answer(self, field: Field) -> Any:
        """A valid answer to what an act asks for."""
        if field.kind in (Kind.CHOICE, Kind.CHOICES):
            free = [option.value for option in field.options if not option.why_not]
            if not free:
                return "" if field.kind is Kind.CHOICE else []
            if field.kind is Kind.CHOICE:
                return self.random.choice(free)
            return self.random.sample(free, self.random.randint(1, min(len(free), field.most, 3)))
        if field.kind is Kind.DAY:
            return (clock.today() + timedelta(days=self.random.randint(0, 9))).isoformat()
        if field.kind is Kind.NUMBER:
            return str(self.random.randint(1, min(field.most, 9)))
        return "演示：随机办理"

    # ---- answers

    def answers(self, form: str) -> dict[str, Any]:
        """The answers of one of the demonstration's cases, as of now, with other decisions now and then."""
        sources = list(_sources(form))
        given = self.random.choice(sources)
        filled: dict[str, Any] = demo_content.resolve(
            given, self.drive.plan, self.drive.officers, self.moment
        )
        told = demo.with_files({key: self._dated(key, value) for key, value in filled.items()})
        if "opinion" in told and isinstance(told["opinion"], Mapping) and self.random.random() < 0.1:
            told["opinion"] = {"stance": "disagree", "text": "事实不清，请补充。"}
        if form == "penalty_legal_review" and self.random.random() < 0.2:
            told |= {
                "facts": "存在问题",
                "facts_note": "请补充。",
                "conclusion": "补充调查（补正）",
                "opinion": "请补充。",
            }
        if form == "penalty_report":
            told["complex"] = self.random.choice(("yes", "no", "no"))
            told["tier"] = told.get("tier") or self.random.choice(TIERS)
        return told

    def _dated(self, key: str, value: Any) -> Any:
        if isinstance(value, list):
            return [self._dated(key, one) for one in value]
        if isinstance(value, Mapping):
            return {name: self._dated(name, one) for name, one in value.items()}
        if not isinstance(value, str) or not DATED.fullmatch(value):
            return value
        moment = (self.moment + AHEAD.get(key, timedelta())).astimezone(clock.CHINA)
        return moment.strftime("%Y-%m-%dT%H:%M" if "T" in value else "%Y-%m-%d")


@lru_cache(maxsize=64)
def _sources(form: str) -> tuple[Any, ...]:
    content = demo_content.content()
    found = [content["defaults"][form]] if form in content["defaults"] else []
    for journey in content["journeys"].values():
        given = journey["answers"].get(form)
        found += given if isinstance(given, list) else [given] if given else []
    return tuple(found)


# ---- the net


@lru_cache(maxsize=4)
def finishing(diagram: bytes) -> tuple[Net, Any, frozenset[int]]:
    """The net of a diagram, its process, and every reachable marking from which it can be brought to its end."""
    process = reader.read(diagram)[0]
    net = Net(process)
    before: dict[int, set[int]] = {net.initial: set()}
    waiting = [net.initial]
    while waiting:
        marking = waiting.pop()
        for move in net.transitions:
            if move.join:
                consumed = join_enabled(net.joins[move.join], marking)
            else:
                able = marking & move.pre == move.pre and not marking & move.inhibit
                consumed = move.pre if able else 0
            if consumed:
                after = marking & ~(consumed | move.clear) | move.post
                if after not in before:
                    before[after] = set()
                    waiting.append(after)
                before[after].add(marking)
    able, waiting = {0}, [0]
    while waiting:
        for marking in before.get(waiting.pop(), ()):
            if marking not in able:
                able.add(marking)
                waiting.append(marking)
    return net, process, frozenset(able)


def marking(session: Session, case: Case) -> tuple[int, frozenset[int]]:
    """A live case as a marking of its net, and the markings that can be brought to the end."""
    procedure = cases.running_case(session, case).procedure
    net, process, able = finishing(procedure.whole)
    places = {name: 1 << n for n, name in enumerate(net.places)}
    found = 0
    for token in engine.tokens(case.state).values():
        flows = [flow.id for flow in process.nodes[token.node].incoming if flow.source == token.extra]
        names = [f"active:{token.node}", f"wait:{token.node}"]
        name = f"flow:{flows[0]}" if flows else next(name for name in names if name in places)
        assert not found & places[name], "no place holds two tokens"
        found |= places[name]
    return found, able
