"""The outline of a run, as a maintainer writes it, made into a saved run. docs/studio.md, "Writing runs".

It is YAML or JSON: `opened`, `item`, `region`, `source`, `acts` as in a script; the file of a run is an outline, too. With
`case`, a case of the demonstration, what is left out is that case's, its answers too; without, answers are made up. An act:

    {node, at, by, answers, refused}   a task handed in; `answers` come on top, null takes one away
    {until: node}                      the demonstration's acts up to this task (`end`: to the end)
    {at}                               time goes by

`item` may be a code of the demonstration's catalogue, `by` a stand-in as `investigator.2`. Texts that begin with `$` stand
for values as in `data/demo_cases.yaml`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from app.forms import service as forms
from app.kernel import clock
from app.kernel.errors import Invalid
from app.kernel.settings import ROOT

from . import demo, demo_content, stepping
from .models import WorkItem
from .trial import Stage
from .trial_script import Act, Script, read_act, read_script

PACE = timedelta(hours=1)
"""Between two acts whose moments are not given."""
ITEMS = ROOT / "app" / "catalogue" / "data" / "demo_items.yaml"
OF_ITEM = ("name", "kind", "basis", "content")
END = "end"
PERSON = re.compile(r"([a-z_]+)\.([12])")
Improvise = Callable[[Stage], Act | None]


def read(path: Path) -> tuple[Script, Improvise]:
    """The beginning of the run that a file outlines, and what goes on from there.

    Raises:
        Invalid: it is no outline; the message says what is wrong.
    """
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Invalid(f"提纲“{path.name}”读不出来：{error}", code="outline") from None
    done = isinstance(raw, Mapping) and isinstance(raw.get("script"), Mapping)
    raw = raw["script"] if done else raw
    if not isinstance(raw, Mapping) or not isinstance(raw.get("acts"), list):
        raise Invalid(f"提纲“{path.name}”应当是含有 acts 列表的对象。", code="outline")
    plan = _plan(raw.get("case"))
    opened = raw.get("opened") or f"{plan.get('opened', '')}T08:00"
    item = raw.get("item") or plan.get("item")
    values = {
        "opened": _text(opened),
        "item": _item(item) if isinstance(item, str) else item,
        "region": str(raw.get("region") or str(plan.get("agency", "370400"))[:6]),
        "source": raw.get("source") or {},
    }
    return read_script(values), _Writer(plan, list(_steps(raw["acts"], plan)), exact=done).next_act


def _plan(name: Any) -> Mapping[str, Any]:
    if name is None:
        return {}
    try:
        return demo_content.case_of(name)
    except KeyError:
        raise Invalid(f"演示案件中没有“{name}”。", code="outline") from None


def _item(code: str) -> Mapping[str, Any]:
    items = yaml.safe_load(ITEMS.read_text(encoding="utf-8"))["items"]
    found = next((item for item in items if item["code"] == code), None)
    if found is None:
        raise Invalid(f"演示权力事项中没有“{code}”。", code="outline")
    return {name: found[name] for name in OF_ITEM if name in found}


def _steps(acts: list[Any], plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The acts with every `until` written out."""
    path = list(demo_content.path_of(plan))
    for act in acts:
        if not isinstance(act, Mapping):
            raise Invalid("提纲的每一步应当是对象，例如 {node: register}。", code="outline")
        if "until" not in act:
            if path and path[0]["node"] == act.get("node"):
                yield {"at": path.pop(0)["at"], **act}
            else:
                yield act
            continue
        while path and path[0]["node"] != act["until"]:
            step = path.pop(0)
            yield {"node": step["node"], "at": step["at"]}
        if not path and act["until"] != END:
            raise Invalid(f"演示案件不经过“{act['until']}”。", code="outline")


class _Writer:
    """Turns steps into acts, one after the other, as the case stands."""

    def __init__(self, plan: Mapping[str, Any], steps: list[Mapping[str, Any]], *, exact: bool):
        self.plan, self.exact = plan, exact
        self.steps = iter(steps)
        self.filled: dict[str, int] = {}
        self.kept: Mapping[str, Any] | None = None

    def next_act(self, stage: Stage) -> Act | None:
        step = self.kept or next(self.steps, None)
        if step is None:
            return None
        self.kept = None
        at = datetime.fromisoformat(_text(step["at"])) if "at" in step else stage.moment + PACE
        at = at if at.tzinfo else at.replace(tzinfo=clock.CHINA)
        if at < stage.moment:
            told = f"第 {len(stage.acts) + 1} 步的时间 {at:%Y-%m-%d %H:%M} 早于上一步，日期只能向前。"
            raise Invalid(told, code="outline")
        waiting = [work.node for work in stage.waiting]
        if step.get("node") not in (None, *waiting):
            if stage.case.next_due and stage.moment < stage.case.next_due <= at:
                self.kept = step  # a timer opens the task, or what leads to it
                return Act(stage.case.next_due)
            told = f"第 {len(stage.acts) + 1} 步：“{step['node']}”没有待办，待办的是：{'、'.join(waiting) or '无'}。"
            raise Invalid(told, code="outline")
        values = {"at": at.isoformat(), "node": str(step.get("node", "")), "refused": step.get("refused", "")}
        if values["node"]:
            values["by"] = _person(stage, step.get("by", 0))
            with clock.at(at):
                values["answers"] = self._answers(
                    stage, stage.task(values["node"]), step.get("answers", {}), at
                )
        return read_act(values)

    def _answers(
        self, stage: Stage, work: WorkItem, given: Mapping[str, Any], at: datetime
    ) -> dict[str, Any]:
        if self.exact:
            return dict(given)
        officers = _officers(stage)
        earlier = self.filled.get(work.form, 0)
        self.filled[work.form] = earlier + 1
        own = {name: demo_content.resolve(v, self.plan, officers, at) for name, v in given.items()}
        try:
            base = demo_content.answers(self.plan, work.form, earlier, officers, at)
        except (LookupError, TypeError):  # the demonstration does not fill this form in, or not so often
            return {name: v for name, v in _made_up(stage, work, own).items() if v is not None}
        return demo.with_files({name: v for name, v in (base | own).items() if v is not None})


def _made_up(stage: Stage, work: WorkItem, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was given with made-up answers beside it; an answer taken away stays away where the form allows it."""
    running = stage.running()
    form = stepping.form_of(running, work)
    told = form.prefilled(stepping.context_of(running)) | demo.with_files(given)
    me = stage.may_act(work)[0].id
    made = forms.sample(form, stepping.form_context(running, "outline"), told, me)
    return {name: value for name, value in made.items() if given.get(name, value) is not None}


def _officers(stage: Stage) -> demo_content.Officers:
    found: dict[str, list[tuple[int, str]]] = {}
    for person in sorted(stage.cast.values(), key=lambda each: -each.id):
        found.setdefault(person.position, []).append((person.id, person.name))
    return found


def _person(stage: Stage, named: Any) -> int:
    if isinstance(named, int):
        return named
    if not (found := PERSON.fullmatch(str(named))) or found[1] not in (officers := _officers(stage)):
        raise Invalid(f"没有替身“{named}”，应当像 investigator.2。", code="outline")
    return officers[found[1]][int(found[2]) - 1][0]


def _text(moment: Any) -> str:
    return moment.isoformat() if isinstance(moment, datetime) else str(moment)


__all__ = ["read"]
