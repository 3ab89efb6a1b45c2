"""The runs that the shipped procedures bring with them: each is played and comes out as it was recorded."""

import json
import re
import shutil

import pytest
from callers import cheap_hashes, city
from click.testing import CliRunner

from app.cases import run_commands
from app.cases import service as cases
from app.cases.trial_script import read_run
from app.cli import xq
from app.diagrams import service as diagrams
from app.engine import service as engine
from app.kernel.settings import ROOT

__all__ = ["cheap_hashes", "city"]

KEYS = diagrams.on_disk()
FEWEST = 2
ISSUED = re.compile(r"\b(?!9)[1-9]\d{16}[\dX]\b")
"""An identity code of a region that a register hands out: those of the demonstration begin with 9."""


def runs_of(key: str) -> dict[str, cases.Run]:
    read = diagrams.read_json
    return {name: read_run(read(text, name)) for name, text in diagrams.from_folder(key).runs.items()}


@pytest.fixture(scope="module")
def inside(city, app):
    with app.app_context():
        yield


@pytest.mark.parametrize("key", KEYS)
def test_every_run_of_a_shipped_procedure_comes_out_as_recorded(inside, key):
    results = cases.check_all(diagrams.from_folder(key))
    assert {result.name: result.problems for result in results if not result.passed} == {}
    assert len(results) >= FEWEST


@pytest.mark.parametrize("key", KEYS)
def test_every_run_goes_to_the_end_and_says_what_way_it_takes(key):
    nodes = engine.nodes(engine.spec(key, lambda: engine.Source(diagrams.from_folder(key).whole)))
    ways = set()
    for name, run in runs_of(key).items():
        assert run.name == name
        assert len(run.note) >= 10, "what an analyst reads before changing the diagram"
        assert run.expected[-1].waiting == (), "to the archive"
        assert {act.node for act in run.script.acts if act.node} <= set(nodes)
        ways.add(str(run.expected))
    assert len(ways) == len(runs_of(key)), "each another way"


@pytest.mark.parametrize("key", KEYS)
def test_what_the_runs_say_is_written_for_readers_and_names_nobody(key):
    for name, text in diagrams.from_folder(key).runs.items():
        assert "试运行示例" not in text, name
        assert ISSUED.search(text) is None, name


@pytest.fixture
def on_disk(app, monkeypatch, tmp_path):
    """A procedure as it lies on a maintainer's disk, and the command line over it."""
    folder = tmp_path / "bpmn" / KEY
    shutil.copytree(ROOT / "bpmn" / KEY, folder)
    for shared in ("forms", "bpmn/shared"):
        (tmp_path / shared).symlink_to(ROOT / shared)
    monkeypatch.setattr(run_commands, "ROOT", tmp_path)
    real = diagrams.from_folder
    monkeypatch.setattr(run_commands.diagrams, "from_folder", lambda key: real(key, tmp_path))
    return folder, lambda *words: CliRunner().invoke(xq, ["procedure", *words], obj=app.app_context)


KEY = "transfer/lead"


def test_a_maintainer_checks_the_runs_and_records_them_anew_after_a_change(city, on_disk):
    folder, call = on_disk
    answer = call("runs", KEY)
    assert answer.exit_code == 0, answer.output
    assert f"{KEY}  ordinary  4 步  一致" in answer.output
    drawing = (folder / "internal.bpmn").read_text(encoding="utf-8")
    # another name of a legal step: the scripts still go, what comes of them is another thing
    assert drawing.count('xq:step="transfer.send"') == 1
    (folder / "internal.bpmn").write_text(
        drawing.replace('"transfer.send"', '"transfer.sent"'), encoding="utf-8"
    )
    answer = call("runs", KEY)
    assert answer.exit_code == 1
    assert "经过的法定环节不同：缺少 transfer.send，多出 transfer.sent" in answer.output
    answer = call("runs", KEY, "--write")
    assert answer.exit_code == 0, answer.output
    assert "重新记录 1 个用例" in answer.output
    kept = json.loads((folder / "runs" / "ordinary.json").read_text(encoding="utf-8"))
    assert "transfer.sent" in kept["expected"][-1]["passed"]
    # a task that is gone: the script cannot be done, and the file stays as it is
    (folder / "internal.bpmn").write_text(drawing.replace('"propose"', '"suggest"'), encoding="utf-8")
    before = (folder / "runs" / "ordinary.json").read_bytes()
    answer = call("runs", KEY, "--write")
    assert answer.exit_code == 1
    assert "没有重新记录" in answer.output
    assert (folder / "runs" / "ordinary.json").read_bytes() == before


def test_a_run_is_written_from_an_outline_and_an_outline_that_is_wrong_is_told(city, on_disk, tmp_path):
    folder, call = on_disk
    outline = tmp_path / "outline.yaml"
    outline.write_text(
        "case: stall-lead\nacts:\n"
        "  - {node: propose, answers: {outside: 'yes', to: 外地某机关（演示）, target: null}}\n"
        "  - {node: approve, answers: {decision: refuse, note: 不移送。}}\n"
        "  - {node: archive, at: '2026-06-15T15:00'}\n",
        encoding="utf-8",
    )
    answer = call("run", KEY, "kept-here", "--outline", str(outline), "--note", "审批不同意移送。")
    assert answer.exit_code == 0, answer.output
    kept = read_run(json.loads((folder / "runs" / "kept-here.json").read_text(encoding="utf-8")))
    assert (kept.note, [act.node for act in kept.script.acts]) == (
        "审批不同意移送。",
        ["propose", "approve", "archive"],
    )
    # the file of a run is an outline, too, and its note stays
    again = call("run", KEY, "kept-here", "--outline", str(folder / "runs" / "kept-here.json"))
    assert again.exit_code == 0, again.output
    assert read_run(json.loads((folder / "runs" / "kept-here.json").read_text(encoding="utf-8"))) == kept
    for text, told in (
        ("acts: 1", "含有 acts 列表"),
        ("case: nobody\nacts: []", "演示案件中没有“nobody”"),
        ("case: stall-lead\nitem: X\nacts: []", "演示权力事项中没有“X”"),
        ("case: stall-lead\nacts: [{node: nowhere}]", "“nowhere”没有待办，待办的是：propose"),
        ("case: stall-lead\nacts: [{node: propose, by: nobody.1}]", "没有替身“nobody.1”"),
        ("case: stall-lead\nacts: [{node: propose, answers: {cause: null}}]", "cause：请填写此项"),
    ):
        outline.write_text(text, encoding="utf-8")
        answer = call("run", KEY, "wrong", "--outline", str(outline))
        assert answer.exit_code == 1, text
        assert told in answer.output, text
    assert not (folder / "runs" / "wrong.json").exists()
