"""The monitor alone, where every other gate is gone: rule sets without gates, diagrams drawn past the law, edited
rows under a seal that fits. What it refuses leaves the case as it was, byte for byte."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import datetime, timedelta

import pytest

from app.cases import demo_content, migration, monitoring, seals, timers
from app.cases.demo import Drive
from app.cases.models import Case
from app.diagrams import bundle as bundles
from app.diagrams import service as diagrams
from app.kernel import clock
from app.kernel.errors import Refused

from .doors import DECIDE, at_later, decide, key, numbers, review
from .test_doors import AGAINST
from .town import Town, flat, plan_of
from .untouched import edited, everything, sql, unchanged

REAL = flat("penalty/ordinary")
GATES = ("reviews", "hearings", "periods", "in_time", "documents_before", "required_before", "no_increase",
         "freeze_after", "clock_bars", "rounds")  # fmt: skip
STRAIGHT = {
    "review": ("f_major_gw_legal_merge", "collective_merge"),
    "collective": ("f_collective_gw_remind", "decide_merge"),
    "notice": ("f_outcome_gw_notice_approve", "major_merge"),
    "hearing": ("f_opinion_gw_hearing_notice", "plea_merge"),
    "failed review": ("f_legal_gw_rectify", "legal_done"),
    "failed review decided": ("f_legal_result_gw_report_merge", "decide_merge"),
}
"""Flows led elsewhere: past the review, past the notice ..."""


def weak(*leading: str, tags: tuple[tuple[str, str], ...] = (), **rules) -> bundles.Bundle:
    """The procedure without gates in its rule set, its flows led past the law, its steps named otherwise."""
    text = REAL.internal.decode()
    for name in leading:
        flow, target = STRAIGHT[name]
        start = text.index(f'id="{flow}"')
        old = text[start : text.index("targetRef", start)]
        rest = text[start + len(old) :].split('"', 2)
        text = text[:start] + old + f'targetRef="{target}"' + rest[2]
    for old, new in tags:
        assert f'xq:step="{old}"' in text
        text = text.replace(f'xq:step="{old}"', f'xq:step="{new}"')
    ruled = deepcopy(dict(REAL.rules)) | {gate: [] for gate in GATES} | rules
    new = dataclasses.replace(REAL, internal=text.encode(), rules=ruled)
    return sealed(new)


def sealed(new: bundles.Bundle) -> bundles.Bundle:
    """The bundle under a name of its own, so that it is a new version, with the digest of its content."""
    new = dataclasses.replace(new, rules={**new.rules, "name": f"行政处罚普通程序（{next(numbers)}）"})
    digest = bundles.named(new)
    return dataclasses.replace(new, digest=digest)


def published(town: Town, new: bundles.Bundle) -> int:
    """The version came into the house past the gate of publication."""
    with town.act() as session:
        return diagrams.publish(session, new, lambda *_: [], diagrams.approved(1, "枣司案〔2026〕1号")).id


class Way(Drive):
    """A case of the demonstration that goes where its version leads, one committed act after the other."""

    def __init__(self, town: Town, new: bundles.Bundle, name: str) -> None:
        self.town = town
        self.version = published(town, new)
        with town.act() as session:
            super().__init__(session, plan_of(name))
            self.open()
            assert session.get_one(Case, self.case_id).procedure_id == self.version

    def to(self, node: str) -> int:
        """Go on until a task waits, on the planned days where there are some; the case."""
        for step in demo_content.path_of(self.plan) or ():
            if step["node"] == node:
                self.moment = moment_of(step)
                break
            if step["node"] in self.nodes():
                self.moment = moment_of(step)
                self.do(step["node"])
        else:
            while (waiting := self.nodes()) and node not in waiting:
                self.moment += timedelta(days=1)
                self.do(waiting[0])
        assert node in self.nodes()
        return self.case_id

    def nodes(self) -> list[str]:
        """The waiting tasks; events come last."""
        with self.town.read() as self.session:
            return [work.node for work in self.waiting()]

    def do(self, node: str) -> None:
        with self.town.act() as self.session:
            super().do(node)


def moment_of(step) -> datetime:
    return datetime.fromisoformat(step["at"]).replace(tzinfo=clock.CHINA)


@pytest.fixture(autouse=True)
def no_trace(town: Town) -> Iterator[None]:
    """Later cases of the town run on a later version; the cache forgets nothing it should not."""
    yield
    diagrams._cache.clear()


@contextmanager
def resealed(town: Town, case_id: int, change: str) -> Iterator[None]:
    """The row edited by somebody who has the key of the seals as well."""
    with edited(town, "case", case_id, change):
        with town.read() as session:
            case = session.get_one(Case, case_id)
            seal = seals.made(seals.row_of(case), diagrams.digest_of(session, case.procedure_id))
        sql(town, 'update "case" set seal = :seal where id = :id', seal=seal, id=case_id)
        yield


def kept(town: Town, case_id: int) -> str | None:
    with town.read() as session:
        return session.get_one(Case, case_id).monitor


def refused(town: Town, case_id: int, attempt, name: str) -> Refused:
    """The attempt is refused by the rule of this name, and by nothing else."""
    with unchanged(town, case_id), pytest.raises(Refused) as caught:
        attempt()
    assert caught.value.code == "monitor", caught.value.message
    assert f"“{name}”" in caught.value.message
    assert "没有执行" in caught.value.message
    assert caught.value.article
    return caught.value


PAST = {
    "review": ("stone-mill", "decide", "应审案件法制审核先于决定", "“法制审核”"),
    "collective": ("stone-mill", "decide", "重大复杂案件集体讨论先于决定，且在法制审核之后", "“集体讨论”"),
    "notice": ("market-aisle", "decide", "告知到决定留足陈述申辩期", "告知期满"),
    "hearing": ("road-digger", "legal_review", "听证在法制审核之前", "“举行听证”"),
}  # fmt: skip


@pytest.mark.parametrize("missing", PAST)
def test_a_version_that_leads_past_the_law(town, missing):
    demo, node, rule, remedy = PAST[missing]
    leading = ("review", "collective") if missing == "review" else (missing,)
    way = Way(town, weak(*leading), demo)
    found = refused(town, way.to(node), lambda: way.do(node), rule)
    assert remedy in found.message
    assert "先完成" in found.message


@pytest.fixture(scope="module")
def before_review(town) -> int:
    """A major case on a version without gates, its drawing as it should be, before the review."""
    return Way(town, weak(), "stone-mill").to("legal_review")


LEAP = (
    r"""state = convert_to(regexp_replace(convert_from(state, 'UTF8'), """
    r"""'\["legal_call",\d+,\d+,\[\["legal_review",(\d+,\d+,\d+)\]\]\]', '["decide",\1]'), 'UTF8')"""
)
SAID = 'passed = passed || \'{"legal.review": "2025-07-07T08:20:00+00:00"}\''
EDITS = {
    "the token moved": LEAP,
    "and the step said to be passed": f"{LEAP}, {SAID}",
    "and the review said to have passed":
        f"{LEAP}, {SAID}, attributes = attributes || '{{\"legal_passed\": true, \"collective_done\": true}}'",
    "and the monitor forgotten": f"{LEAP}, monitor = null",
}  # fmt: skip


@pytest.mark.parametrize("name", EDITS)
def test_an_edited_row_under_a_seal_that_fits(town, before_review, name):
    """The monitor rests on what was done, not on what `passed` or the attributes say was done."""
    case = before_review
    change = ", ".join(f"{k} = '{v}'" for k, v in DECIDE.items())
    work = town.work(case, "legal_review")
    with (
        resealed(town, case, EDITS[name]),
        edited(town, "work_item", work[0], f"{change}, assignee_id = null"),
    ):
        refused(town, case, lambda: decide(town, *work), "应审案件法制审核先于决定")


def test_a_failed_review_after_a_migration(town):
    """Both versions have no gates, so nothing is lost between them; the second leads on whatever the review says."""
    case = Way(town, weak(), "stone-mill").to("legal_review")
    before = kept(town, case)
    target = published(town, weak("failed review", "failed review decided"))
    at_later(town, migration.migrate, "hb-head", case, target, "修订流程", key())
    assert kept(town, case) == before, "the demands carry over"
    review(town, town.work(case, "legal_review"), **AGAINST)
    refused(town, case, lambda: decide(town, *town.work(case, "decide")), "应审案件法制审核先于决定")


def test_a_migration_onto_what_the_case_would_break_at_once(town):
    """Under a scope of no rules the case went past the review; the version it is moved to knows the law."""
    case = Way(town, weak("review", "collective", scope="other"), "stone-mill").to("decide")
    target = published(town, weak("review", "collective"))
    with unchanged(town, case), pytest.raises(Refused) as caught:
        at_later(town, migration.migrate, "hb-head", case, target, "修订流程", key())
    assert caught.value.code == "migration"
    assert "应审案件法制审核先于决定" in caught.value.message


def test_a_timer_that_breaks_the_law_is_put_off(town):
    """Its end stands for a decision: the case stays, the others go on, and it is asked again later."""
    way = Way(town, weak(tags=(("notice.period", "decide.penalty"),)), "idle-filter")
    case = way.to("party_response")
    with town.read() as session:
        due = session.get_one(Case, case).next_due
    before = everything(town, case)
    with town.act() as session:
        assert timers.fire_due(session, due, 100) == 1
    with town.act() as session:
        assert timers.fire_due(session, due, 100) == 0, "it is not asked again at once"
    after = everything(town, case)
    assert {k: v for k, v in after.items() if k != "case"} == {k: v for k, v in before.items() if k != "case"}
    with town.read() as session:
        assert session.get_one(Case, case).next_due == due + timers.PATIENCE
        assert "decide.penalty" not in session.get_one(Case, case).passed


def test_a_case_does_not_end_with_something_owed(town):
    way = Way(town, weak(tags=(("archive", "file.away"),)), "shop-front")
    found = refused(town, way.to("archive"), lambda: way.do("archive"), "归档在终点之前")
    assert found.message.startswith("办结案件不符合")


def test_what_a_case_keeps_grows_with_what_it_has_done(town):
    way = Way(town, weak(), "market-aisle")
    assert {"-P01.1", "-P17.1", "G07.1"} <= set((kept(town, way.case_id) or "").split())
    case = way.to("investigate")
    assert {"P01.1", "P02.1", "-P17.1", "-G07.1"} <= set((kept(town, case) or "").split())


@pytest.mark.parametrize("demo", ["stone-mill", "shop-front", "no-permit", "market-aisle", "spiked-pills"])
def test_a_case_from_before_the_monitor_goes_on_wherever_it_stands(town, monkeypatch, demo):
    """Taken up anew before every act, from the steps passed alone, nothing lawful is refused."""
    published(town, sealed(REAL))
    acts = []

    def forgetful(running, *given, follow=monitoring.follow):
        running.case.monitor = None
        acts.append(running.case.id)
        return follow(running, *given)

    monkeypatch.setattr(monitoring, "follow", forgetful)
    with town.act() as session:
        Drive(session, plan_of(demo)).run()
    assert len(acts) > 5
