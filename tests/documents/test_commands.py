"""`script/xq documents register`: the register as it stands, void numbers kept, gaps found."""

from contextlib import nullcontext

import pytest
from click.testing import CliRunner
from sqlalchemy import delete

from app.cli import xq
from app.documents import service
from app.documents.models import Document
from app.people import demo
from app.people import service as people

from .conftest import completed

AGENCY = "370400-04"


@pytest.fixture
def agency(session):
    demo.load_demo(session)
    return people.agency_id_of(session, AGENCY)


@pytest.fixture
def run(session):
    def call(*arguments):
        return CliRunner().invoke(xq, ["documents", "register", *arguments], obj=nullcontext)

    return call


@pytest.fixture
def three(agency, issue, decided):
    return [issue(completed(decided, "JD-01", agency_id=agency))[0] for _ in range(3)]


def test_a_void_number_stays_in_the_register(session, run, three):
    service.void(session, three[1], "当事人名称打印错误", actor=7)
    answer = run(AGENCY, "2025", "JD-01")
    assert answer.exit_code == 0, answer.output
    lines = answer.output.splitlines()
    assert [line.split()[0] for line in lines[:3]] == ["1", "2", "3"]
    assert "〔2025〕2号" in lines[1]
    assert "[作废：当事人名称打印错误]" in lines[1]
    assert "共 3 份，其中作废 1 份。" in lines
    assert lines[-1] == "序列“罚”自 1 至 3 连续，没有缺号。"


def test_a_missing_number_is_named(session, run, three):
    session.execute(delete(Document).where(Document.id == three[1].id))
    answer = run(AGENCY, "2025", "JD-01")
    assert answer.exit_code == 1
    assert "序列“罚”缺号：2" in answer.output


def test_unknown_kinds_and_agencies_are_named(run, agency):
    assert "没有代码为“XX-01”的文书" in run(AGENCY, "2025", "XX-01").output
    assert "没有代码为“0”的机关" in run("0", "2025", "JD-01").output
