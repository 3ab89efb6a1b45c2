"""`script/xq calendar`: the state of the calendar, the preview of a notice, its import."""

import pytest
from click.testing import CliRunner
from sqlalchemy import delete

from app.cli import xq
from app.deadlines import calendars
from app.deadlines.commands import read
from app.deadlines.models import CalendarDay, CalendarEdition
from app.kernel.errors import Invalid
from app.kernel.transaction import transaction

from .test_notice import SOURCE, notice_2027


@pytest.fixture
def run(app):
    yield lambda *arguments: CliRunner().invoke(xq, ["calendar", *arguments], obj=app.app_context)
    with app.app_context(), transaction() as session:
        session.execute(delete(CalendarDay))
        session.execute(delete(CalendarEdition))
    calendars._loaded = None


@pytest.fixture
def notice(tmp_path):
    file = tmp_path / "2027.csv"
    lines = [f"{day},{kind}" for day, kind in sorted(notice_2027().items())]
    file.write_text("\n".join(["# 演示", "date,kind", *lines]), encoding="utf-8")
    return str(file)


def test_a_dry_run_shows_the_difference_and_changes_nothing(run, notice):
    answer = run("import", notice, "--source", SOURCE, "--dry-run")
    assert answer.exit_code == 0, answer.output
    assert "2027-01-31（周日） 休息 → 上班" in answer.output
    assert "没有导入" in answer.output
    assert "已公布至：2026-12-31" in run("status").output


def test_an_import_is_asked_for_once_more_and_then_recorded(run, notice):
    refused = run("import", notice, "--source", SOURCE)
    assert refused.exit_code == 1
    done = run("import", notice, "--source", SOURCE, "--yes")
    assert "已导入 2027 年安排：改动 8 天" in done.output, done.output
    status = run("status").output
    assert "已公布至：2027-12-31" in status
    assert SOURCE in status
    assert "命令行（" in status


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("day,kind\n2027-01-01,rest", "列名"),
        ("date,kind\n2027-1-1,rest", "不能识别"),
        ("date,kind\n2027-01-01,holiday", "不能识别"),
        ("date,kind\n", "没有日期"),
    ],
)
def test_a_wrong_file_is_refused_in_plain_words(tmp_path, text, told):
    file = tmp_path / "wrong.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Invalid, match=told):
        read(file)


def test_chinese_words_and_a_byte_order_mark_are_read(tmp_path):
    file = tmp_path / "excel.csv"
    file.write_text("date,kind\r\n2027-01-01,休息\r\n", encoding="utf-8-sig")
    assert [(str(day), str(kind)) for day, kind in read(file)] == [("2027-01-01", "rest")]


def test_an_impossible_notice_is_refused(run, tmp_path):
    file = tmp_path / "short.csv"
    file.write_text("date,kind\n2027-01-01,rest\n", encoding="utf-8")
    answer = run("import", str(file), "--source", SOURCE, "--dry-run")
    assert answer.exit_code == 1
    assert answer.output.startswith("Error: ")
