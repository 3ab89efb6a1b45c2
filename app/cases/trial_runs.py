"""Saved runs: tries that are done again with every later version, at the latest when it is published."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from app.diagrams import service as diagrams
from app.engine import service as engine
from app.kernel.errors import Invalid, XingquanError

from . import trial
from .trial_script import Act, Run, Script, differences, read_run, run_values


@dataclass(frozen=True, slots=True)
class RunResult:
    """How a saved run came out: `problems` in Chinese, none where it came out as expected."""

    name: str
    note: str
    acts: int
    problems: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return not self.problems


def record(
    bundle: diagrams.Bundle,
    name: str,
    note: str,
    script: Script,
    improvise: Callable[[trial.Stage], Act | None] | None = None,
) -> Run:
    """Do a script, and what is improvised after it, and keep what comes of it as what is expected from now on.

    Raises:
        Invalid: it cannot be done to its end.
    """

    def look(stage: trial.Stage) -> Run:
        if stage.stopped is not None:
            raise Invalid(f"试运行没有走到底，不能保存：{_reason(stage.stopped)}", code="trial")
        expected = (stage.opened, *(act.outcome for act in stage.happened))
        return Run(name, replace(script, acts=tuple(stage.acts)), expected, note)

    return trial.play(bundle, script, look, improvise)


def run_text(run: Run) -> str:
    """A saved run as the text of its file."""
    return json.dumps(run_values(run), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def check(bundle: diagrams.Bundle, run: Run) -> RunResult:
    """Do a saved run again and hold it against what is expected. It never raises for what the draft does."""

    def look(stage: trial.Stage) -> list[str]:
        return list(_problems(stage, run))

    try:
        problems = trial.play(bundle, run.script, look)
    except XingquanError as error:
        problems = [error.message]
    return RunResult(run.name, run.note, len(run.script.acts), tuple(problems))


def check_all(bundle: diagrams.Bundle) -> Sequence[RunResult]:
    """Every saved run of a bundle, by name."""
    results = []
    for name, text in sorted(bundle.runs.items()):
        try:
            run = read_run(diagrams.read_json(text, f"runs/{name}.json"))
        except Invalid as error:
            results.append(RunResult(name, "", 0, (error.message,)))
        else:
            results.append(check(bundle, Run(name, run.script, run.expected, run.note)))
    return results


def _reason(error: XingquanError) -> str:
    wrong = error.errors if isinstance(error, Invalid) else {}
    listed = "；".join(f"{field}：{''.join(told)}" for field, told in wrong.items())
    return f"{error.message}（{listed}）" if listed else error.message


def _problems(stage: trial.Stage, run: Run) -> list[str]:
    nodes = engine.nodes(trial.spec_of(stage))
    names = {key: node.name for key, node in nodes.items()}
    labels: Mapping[str, str] = stage.procedure.rules.labels
    found = [f"发起办件以后：{text}" for text in differences(run.expected[0], stage.opened, names, labels)]
    for number, (act, expected) in enumerate(zip(stage.happened, run.expected[1:], strict=False), 1):
        where = f"第 {number} 步“{act.name or '时间推移'}”"
        found += [f"{where}：{text}" for text in differences(expected, act.outcome, names, labels)]
    if stage.stopped is not None:
        act = run.script.acts[len(stage.happened)]
        where = f"第 {len(stage.happened) + 1} 步“{names.get(act.node, act.node) or '时间推移'}”"
        found.append(f"{where}不能再现：{stage.stopped.message}")
    return found
