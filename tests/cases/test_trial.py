"""试运行: the real engine with gates, clocks and documents, and nothing of it remains."""

import datetime as dt
from datetime import timedelta
from typing import Any

import pytest

from app.cases import service as cases
from app.cases import trial
from app.cases.trial_script import Act, Script
from app.diagrams import service as diagrams
from app.forms import service as forms
from app.kernel import clock
from cases.town import Town

OPENED = dt.datetime(2026, 3, 2, 9, tzinfo=clock.CHINA)
ITEM = {
    "name": "对擅自堆放物料的处罚",
    "kind": "penalty",
    "basis": ["《城市市容和环境卫生管理条例》第三十六条"],
    "content": {"kinds": ["罚款"], "fine": [{"min": 100, "max": 50000, "unit": "元"}]},
}


@pytest.fixture(scope="module")
def bundle() -> diagrams.Bundle:
    return diagrams.from_folder("penalty/ordinary")


def look(stage: trial.Stage) -> dict[str, Any]:
    return {
        "waiting": [w.node for w in stage.waiting],
        "stopped": stage.stopped,
        "happened": [(h.name, h.outcome) for h in stage.happened],
        "moment": stage.moment,
    }


def sampled(town: Town, bundle: diagrams.Bundle, script: Script, node: str, **changes: Any) -> Act:
    """The next act of a script: a task with sample answers, on the next day."""

    def see(stage: trial.Stage) -> Act:
        work = stage.task(node)
        me = stage.may_act(work)[0]
        running = stage.running()
        form = cases.form_of(running, work)
        answers = forms.sample(form, cases.form_context(running, "try"), changes, me.id)
        return Act(stage.moment + timedelta(days=1), node, me.id, answers)

    return trial.play(bundle, "370400", script, see)


def test_a_case_goes_along_the_draft_and_leaves_nothing(town: Town, bundle):
    before = town.rows()
    with town.app.app_context():
        script = Script(OPENED, ITEM)
        first = trial.play(bundle, "370400", script, look)
        assert first["waiting"] == ["register"]
        script = Script(OPENED, ITEM, (sampled(town, bundle, script, "register"),))
        found = trial.play(bundle, "370400", script, look)
    assert found["stopped"] is None
    assert found["waiting"] == ["check"]
    assert found["happened"][0][1].documents == ("LA-01",)
    assert found["happened"][0][1].passed == ("src.register",)
    after = town.rows()
    assert {name: rows for name, rows in after.items() if rows != before[name]} == {}
