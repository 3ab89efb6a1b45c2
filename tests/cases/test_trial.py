"""试运行: the real engine with gates, clocks and documents, and nothing of it remains."""

import dataclasses
import datetime as dt
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from lxml import etree

from app.cases import service as cases
from app.cases import trial
from app.cases.trial_script import Act, Outcome, Script, differences, read_run, read_script, run_values
from app.diagrams import service as diagrams
from app.forms import service as forms
from app.kernel import clock
from app.kernel.errors import Invalid
from cases.town import Town

OPENED = dt.datetime(2026, 3, 2, 9, tzinfo=clock.CHINA)
REGION = "370400"
ITEM = {
    "name": "对擅自堆放物料的处罚",
    "kind": "penalty",
    "basis": ["《城市市容和环境卫生管理条例》第三十六条"],
    "content": {"kinds": ["警告", "罚款"], "fine": [{"min": 100, "max": 50000, "unit": "元"}]},
}


@pytest.fixture(scope="module")
def bundle() -> diagrams.Bundle:
    return diagrams.from_folder("penalty/ordinary")


@pytest.fixture
def inside(town: Town) -> Iterator[None]:
    with town.app.app_context():
        yield


def made_up(stage: trial.Stage, **changes: Any) -> Act | None:
    """The next task with sample answers, or the next timer."""
    work = next((w for w in stage.waiting if w.kind == "user"), None)
    if work is None:
        return Act(stage.case.next_due) if stage.case.next_due else None
    me = stage.may_act(work)[0]
    context = cases.form_context(stage.running(), "try")
    answers = forms.sample(cases.form_of(stage.running(), work), context, changes, me.id)
    return Act(stage.moment + dt.timedelta(hours=1), work.node, me.id, answers)


def until(node: str) -> Any:
    """Made-up acts until a task waits."""
    return lambda stage: None if any(w.node == node for w in stage.waiting) else made_up(stage)


def acts_of(stage: trial.Stage) -> Script:
    assert stage.stopped is None, stage.stopped
    return Script(OPENED, ITEM, REGION, tuple(stage.acts))


@pytest.mark.requirement("S3-16", part="流程试办不留数据")
def test_a_case_goes_along_the_draft_to_its_end_and_leaves_nothing(town: Town, inside, bundle):
    before = town.rows()

    def look(stage: trial.Stage) -> list[str]:
        assert stage.stopped is None, stage.stopped
        assert stage.case.closed_at is not None
        return [code for act in stage.happened for code in act.outcome.documents]

    issued = trial.play(bundle, Script(OPENED, ITEM, REGION), look, made_up)
    assert issued[0] == "LA-01"
    assert {"GZ-01", "SH-01", "JD-01", "JA-01"} & set(issued) == {"GZ-01", "SH-01", "JD-01", "JA-01"}
    after = town.rows()
    assert [name for name, rows in after.items() if rows != before[name]] == []


def test_a_gate_of_law_refuses_in_a_try_as_in_life(inside, bundle):
    script = trial.play(bundle, Script(OPENED, ITEM, REGION), acts_of, until("legal_review"))

    def wrong_person(stage: trial.Stage) -> Act:
        act = made_up(stage)
        investigator = next(a.by for a in script.acts if a.node == "investigate")
        return dataclasses.replace(act, by=investigator)

    def look(stage: trial.Stage) -> Any:
        return stage.stopped, [w.node for w in stage.waiting]

    longer = dataclasses.replace(script, acts=(*script.acts, trial.play(bundle, script, wrong_person)))
    stopped, waiting = trial.play(bundle, longer, look)
    assert stopped is not None
    assert waiting == ["legal_review"]
    # expected, it is part of the run, and what follows goes on
    expected = dataclasses.replace(longer.acts[-1], refused=stopped.code)
    again = dataclasses.replace(script, acts=(*script.acts, expected))
    assert trial.play(bundle, again, look) == (None, ["legal_review"])
    # where it is not refused, the run says so
    right = dataclasses.replace(trial.play(bundle, script, made_up), refused=stopped.code)
    last = dataclasses.replace(script, acts=(*script.acts, right))
    assert trial.play(bundle, last, look)[0].code == "not_refused"


def test_time_moves_clocks_and_timers(inside, bundle):
    script = trial.play(bundle, Script(OPENED, ITEM, REGION), acts_of, until("party_response"))

    def look(stage: trial.Stage) -> Any:
        return [w.node for w in stage.waiting], stage.case.next_due

    waiting, due = trial.play(bundle, script, look)
    assert due is not None
    early = dataclasses.replace(script, acts=(*script.acts, Act(due - dt.timedelta(minutes=1))))
    assert trial.play(bundle, early, look)[0] == waiting
    late = dataclasses.replace(script, acts=(*script.acts, Act(due + dt.timedelta(minutes=1))))
    assert trial.play(bundle, late, look)[0] != waiting


def test_wrong_answers_are_told_and_nothing_is_done(inside, bundle):
    script = Script(OPENED, ITEM, REGION, (Act(OPENED, "register", 0, {}),))
    stopped, done = trial.play(bundle, script, lambda stage: (stage.stopped, len(stage.happened)))
    assert isinstance(stopped, Invalid)
    assert stopped.errors
    assert done == 0


def test_a_draft_that_cannot_run_says_why(inside, bundle):
    root = etree.fromstring(bundle.internal)
    task = next(root.iter("{http://www.omg.org/spec/BPMN/20100524/MODEL}userTask"))
    del task.attrib["{urn:xingquan:bpmn:1}form"]
    broken = dataclasses.replace(bundle, internal=etree.tostring(root))
    with pytest.raises(Invalid, match="没有指定表单") as found:
        trial.play(broken, Script(OPENED, ITEM, REGION), acts_of)
    assert found.value.code == "not_runnable"


def test_two_tries_at_once_do_not_meet(town: Town, bundle):
    found: list[Any] = []

    def one() -> None:
        with town.app.app_context():
            found.append(trial.play(bundle, Script(OPENED, ITEM, REGION), acts_of, until("check")))

    threads = [threading.Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [len(script.acts) for script in found] == [1, 1, 1]


def test_a_saved_run_passes_on_what_it_was_made_with_and_tells_what_changed(inside, bundle):
    script = trial.play(bundle, Script(OPENED, ITEM, REGION), acts_of, until("invest_plan"))
    run = cases.record(bundle, "立案", "走到立案", script)
    kept = read_run(run_values(run))
    assert kept == run
    assert cases.check(bundle, kept).passed
    name, step = 'name="立案初审" xq:step="{}"', ("file.review", "case.review")
    old, new = (name.format(each).encode() for each in step)
    xml = bundle.internal.replace(old, new)
    changed = dataclasses.replace(bundle, internal=xml)
    assert changed.internal != bundle.internal
    result = cases.check(changed, kept)
    assert not result.passed
    assert "法定环节" in result.problems[0]


def test_an_unreadable_run_is_a_failed_one(inside, bundle):
    for text in (
        "{}",
        '{"expected": [], "script": {"opened": "2026-01-01", "item": {"name": "x"}, "region": "370400"}}',
        "[1]",
    ):
        (result,) = cases.check_all(dataclasses.replace(bundle, runs={"坏": text}))
        assert not result.passed


@pytest.mark.parametrize(
    "raw",
    [
        None,
        {},
        {"opened": "morgen", "item": {"name": "x"}, "region": "370400"},
        {"opened": "1900-01-01", "item": {"name": "x"}, "region": "370400"},
        {"opened": "2026-01-02", "item": {"name": "x"}, "region": "370400", "acts": [{"at": "2026-01-01"}]},
        {
            "opened": "2026-01-02",
            "item": {"name": "x"},
            "region": "370400",
            "acts": [{"at": "2026-01-03", "node": "../x"}],
        },
        {
            "opened": "2026-01-02",
            "item": {"name": "x"},
            "region": "370400",
            "acts": [{"at": "2026-01-03", "by": 7}],
        },
        {
            "opened": "2026-01-02",
            "item": {"name": "x"},
            "region": "370400",
            "acts": [{"at": "2026-01-03"}] * 201,
        },
    ],
)
def test_what_is_no_script_is_refused(raw):
    with pytest.raises(Invalid):
        read_script(raw)


def test_differences_are_told_in_words():
    expected = Outcome(("a",), ("s",), ("D",), {"fine": 2}, "")
    found = Outcome(("b",), ("s", "t"), (), {"fine": True}, "gate")
    told = "；".join(differences(expected, found, {"a": "甲任务", "b": "乙任务"}, {"fine": "罚款"}))
    for words in ("应当办成，却被拒绝", "甲任务", "乙任务", "多出 t", "罚款=2", "罚款=是"):
        assert words in told
    assert differences(found, found, {}, {}) == []
