"""`script/xq procedure run`, `runs`: the saved runs that a procedure on disk ships with."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from app.diagrams import service as diagrams
from app.kernel.errors import Invalid
from app.kernel.settings import ROOT

from . import trial_outline, trial_runs
from .package_commands import procedure
from .trial_script import Run, read_run

Opened = Callable[[], AbstractContextManager[Any]]


@procedure.command("run", help="按提纲试运行 bpmn/流程代码 下的流程，把经过存为随流程发行的用例。")
@click.argument("key", metavar="流程代码")
@click.argument("name", metavar="用例名称")
@click.option("--outline", metavar="提纲", required=True, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--note", metavar="说明", default="", help="这个用例走的是哪条路，不写时沿用原用例的说明")
@click.pass_obj
def run(opened: Opened, key: str, name: str, outline: Path, note: str) -> None:
    with opened():
        bundle = diagrams.from_folder(key)
        path = _path(name)
        earlier = _earlier(bundle, name)
        script, improvise = trial_outline.read(outline)
        told = note or (earlier.note if earlier else "")
        made = trial_runs.record(bundle, name, told, script, improvise)
    _write(key, path, made)
    click.echo(f"用例“{name}”已写入 bpmn/{key}/{path}：{len(made.script.acts)} 步。{NEXT}")


NEXT = "流程内容已变，请运行 script/xq procedure shipped --write。"


@procedure.command("runs", help="重新运行磁盘上的流程的用例；有不一致的以 1 退出。不写流程代码时运行全部。")
@click.argument("key", metavar="流程代码", required=False)
@click.option("--write", is_flag=True, help="按现在的结果重新记录不一致的用例；不能走到底的不动")
@click.pass_obj
def runs(opened: Opened, key: str | None, write: bool) -> None:
    failed = written = 0
    with opened():
        for each in [key] if key else diagrams.on_disk():
            bundle = diagrams.from_folder(each)
            for result in _checked(each, bundle):
                _tell(each, result)
                if result.passed:
                    continue
                if write and _again(each, bundle, result.name):
                    written += 1
                else:
                    failed += 1
    if written:
        click.echo(f"重新记录 {written} 个用例。请核对变化是否符合本意。{NEXT}")
    sys.exit(1 if failed else 0)


def _checked(key: str, bundle: diagrams.Bundle) -> Iterator[trial_runs.RunResult]:
    if not bundle.runs:
        click.echo(f"{key}  没有用例")
    for name, text in sorted(bundle.runs.items()):
        yield from trial_runs.check_all(replace(bundle, runs={name: text}))


def _tell(key: str, result: trial_runs.RunResult) -> None:
    click.echo(f"{key}  {result.name}  {result.acts} 步  {'一致' if result.passed else '不一致'}")
    for problem in result.problems:
        click.echo(f"    {problem}")


def _again(key: str, bundle: diagrams.Bundle, name: str) -> bool:
    """Record a run anew with the script it has; whether it could be done."""
    try:
        known = _earlier(bundle, name)
        if known is None:
            return False
        _write(key, _path(name), trial_runs.record(bundle, name, known.note, known.script))
    except Invalid as error:
        click.echo(
            f"    没有重新记录：{error.message}请改正提纲后用 script/xq procedure run 另行记录。", err=True
        )
        return False
    return True


def _earlier(bundle: diagrams.Bundle, name: str) -> Run | None:
    text = bundle.runs.get(name)
    return read_run(diagrams.read_json(text, f"runs/{name}.json")) if text else None


def _path(name: str) -> str:
    path = f"runs/{name}.json"
    if not diagrams.tree.PATH.fullmatch(path):
        raise Invalid(f"用例名称“{name}”只能用汉字、字母、数字、连字符。", code="run_name")
    return path


def _write(key: str, path: str, made: Run) -> None:
    file = ROOT / "bpmn" / key / path
    file.parent.mkdir(exist_ok=True)
    file.write_text(trial_runs.run_text(made), encoding="utf-8")


__all__ = ["run", "runs"]
