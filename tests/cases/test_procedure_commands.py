"""`script/xq procedure`: what may be published, why not, and what is."""

import pytest
import yaml
from click.testing import CliRunner

from app.cases import commands
from app.cli import xq
from app.diagrams import service as diagrams
from app.kernel.settings import ROOT

KEY = "penalty/ordinary"


@pytest.fixture
def run(app):
    return lambda *arguments: CliRunner().invoke(xq, ["procedure", *arguments], obj=app.app_context)


@pytest.fixture
def broken(monkeypatch, tmp_path):
    """The ordinary penalty with a form's attribute undeclared and a clock misspelt, as if it lay on disk."""
    bundle = tmp_path / "bpmn" / "penalty" / "ordinary"
    bundle.mkdir(parents=True)
    for name in ("external.bpmn", "internal.bpmn"):
        (bundle / name).write_bytes((ROOT / "bpmn" / KEY / name).read_bytes())
    rules = yaml.safe_load((ROOT / "bpmn" / KEY / "rules.yaml").read_text(encoding="utf-8"))
    del rules["attributes"]["publish_ok"]
    rules["clocks"][0]["limit"] = "15 days"
    (bundle / "rules.yaml").write_text(yaml.safe_dump(rules, allow_unicode=True), encoding="utf-8")
    (tmp_path / "forms").symlink_to(ROOT / "forms")
    (tmp_path / "bpmn" / "shared").symlink_to(ROOT / "bpmn" / "shared")
    real = diagrams.from_folder
    monkeypatch.setattr(commands.diagrams, "from_folder", lambda key: real(key, tmp_path))


def test_the_shipped_procedure_may_be_published(run):
    answer = run("check", KEY)
    assert answer.exit_code == 0, answer.output
    assert "可以发布" in answer.output


def test_the_reasons_are_listed_and_nothing_is_published(run, broken):
    for command in ("check", "publish"):
        answer = run(command, KEY)
        assert answer.exit_code == 1
        assert "publish_ok" in answer.output
        assert "时限“15 days”写法不对" in answer.output
        assert "共 3 处" in answer.output


def test_a_folder_that_is_not_there_is_named(run):
    answer = run("check", "penalty/none")
    assert answer.exit_code == 1
    assert "缺少文件：bpmn/penalty/none/external.bpmn" in answer.output


def test_publishing_the_same_content_again_is_no_new_version(run, published):
    assert "没有变化" in run("publish", KEY).output
    listed = run("list").output
    assert f"{KEY}  行政处罚普通程序\n" in listed
    assert "第 1 版" in listed
    assert "第 2 版" not in listed
