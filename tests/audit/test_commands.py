"""`script/xq audit` and `script/xq case`, as an operator calls them."""

import json
from contextlib import contextmanager

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from app.cases.models import Case
from app.cli import xq


@pytest.fixture
def call(town, whole):
    """Run `script/xq ...` on the town."""

    @contextmanager
    def opened():
        with town.app.app_context():
            yield town.app

    def run(*words: str) -> Result:
        return CliRunner().invoke(xq, words, obj=opened)

    return run


@pytest.fixture
def no(town, whole) -> str:
    with town.read() as session:
        return session.get(Case, whole["done"]).no


@pytest.fixture
def bent(town, whole):
    """One entry changed for good; put back after the test."""
    change = "update record_entry set kind = :kind where case_id = :id and seq = 5"

    def put(kind: str) -> None:
        with town.act() as session:
            session.execute(text("set local session_replication_role = replica"))
            session.execute(text(change), {"kind": kind, "id": whole["done"]})

    with town.read() as session:
        query = text("select kind from record_entry where case_id = :id and seq = 5")
        before = session.scalar(query, {"id": whole["done"]})
    put("work.claimed")
    yield
    put(before)


def test_verify_says_that_all_holds(call):
    answer = call("audit", "verify")
    assert answer.exit_code == 0, answer.output
    assert "全部相符" in answer.output


def test_verify_names_what_is_wrong_and_fails(call, bent, no):
    answer = call("audit", "verify")
    assert answer.exit_code == 1
    assert f"✗ {no}：第5条（work.claimed）与摘要不符" in answer.output
    assert "发现" in answer.output.splitlines()[-1]


def test_verify_looks_at_one_case_and_speaks_json(call, bent, no):
    answer = call("audit", "verify", "--case", no, "--json")
    assert answer.exit_code == 1
    told = json.loads(answer.output)
    assert told["cases"] == 1
    assert ("changed", 5, no) in [(f["code"], f["seq"], f["where"]) for f in told["findings"]]


def test_an_unknown_case_is_named(call):
    answer = call("audit", "verify", "--case", "没有〔2026〕1号")
    assert answer.exit_code == 1
    assert "没有编号为“没有〔2026〕1号”的办件" in answer.output


def test_anchor_writes_the_database_and_the_file(call, anchor_lines, two_anchors):
    answer = call("audit", "anchor")
    assert answer.exit_code == 0, answer.output
    assert "第3号锚定" in answer.output
    assert len(anchor_lines.read_text().splitlines()) == 3
    assert call("audit", "verify").exit_code == 0
    assert "没有多于数据库的锚定" in call("audit", "restored", "--reason", "演练").output


def test_export_writes_a_file_the_platform_knows_again(call, tmp_path, town, whole):
    with town.read() as session:
        no = session.get(Case, whole["later"]).no
    target = tmp_path / "case.zip"
    answer = call("case", "export", no, "-o", str(target))
    assert answer.exit_code == 0, answer.output
    assert call("case", "check", str(target)).output.strip() == "由本平台导出，未被改动。"
    target.write_bytes(target.read_bytes()[:-40])
    assert "不是完整的案卷压缩包" in call("case", "check", str(target)).output
