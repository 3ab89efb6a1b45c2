"""Baselines are taken in once, version by version; an item that names one has the tiers of the version in force."""

import json
from datetime import date, datetime
from pathlib import Path

import pytest
from callers import cheap_hashes, city
from click.testing import CliRunner
from sqlalchemy import select

from app.catalogue import baseline_commands, baselines
from app.catalogue import service as catalogue
from app.catalogue.models import DiscretionBaseline
from app.items import steps
from app.kernel import clock
from app.kernel.errors import Invalid
from app.people.models import Agency

from .made import baseline

__all__ = ["cheap_hashes", "city"]
KEY = baseline()["id"]


@pytest.fixture
def agency(session, city) -> int:
    return session.scalars(select(Agency.id).where(Agency.code == "370400-04")).one()


@pytest.fixture
def file(tmp_path: Path):
    """Write baselines to a file of this kind."""

    def write(*entries, name: str = "基准.json") -> Path:
        path = tmp_path / name
        path.write_text(json.dumps({"baselines": list(entries)}, ensure_ascii=False), encoding="utf-8")
        return path

    return write


def take_in(
    session, agency: int, path: Path, *, official: bool = False, approval: str = "演审〔2026〕1号"
) -> int:
    found = baselines.read(path, official=official)
    return baselines.load(session, agency, found, official=official, approval=approval)


@pytest.mark.requirement("S0-7", part="新旧版本并存")
def test_what_is_there_already_stays_and_a_change_is_a_new_version(session, agency, file):
    assert take_in(session, agency, file(baseline(), baseline(id="DB-演示-002"))) == 2
    assert take_in(session, agency, file(baseline(), baseline(id="DB-演示-002"))) == 0
    later = baseline(effective_from="2026-06-01", tier4={"low": 7000.0, "high": 10000.0})
    assert take_in(session, agency, file(later)) == 1
    rows = [(row.key, row.number) for row in baselines.of_agency(session, agency)]
    assert rows == [(KEY, 1), (KEY, 2), ("DB-演示-002", 1)]


def test_the_version_in_force_on_a_day_is_the_last_that_came_into_force(session, agency, file):
    take_in(session, agency, file(baseline()))
    take_in(session, agency, file(baseline(effective_from="2026-06-01", violation="改写后的")))
    days = {
        "2025-12-31": None,
        "2026-01-01": "未按规定堆放物料",
        "2026-05-31": "未按规定堆放物料",
        "2026-06-01": "改写后的",
    }
    for day, violation in days.items():
        found = baselines.in_force(session, agency, KEY, date.fromisoformat(day))
        assert (found and found.violation) == violation, day
    assert baselines.in_force(session, agency, "DB-没有", date(2026, 6, 1)) is None


def test_a_defect_of_ones_own_stops_everything_and_one_taken_over_does_not(session, agency, file):
    path = file(baseline(), baseline(id="DB-演示-002", tier3={"low": 5000}))
    with pytest.raises(Invalid, match="第 2 条（DB-演示-002）"):
        take_in(session, agency, path)
    assert baselines.of_agency(session, agency) == []
    assert take_in(session, agency, path, official=True) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [("{", "JSON"), ("[]", "没有裁量基准"), ('{"baselines": {}}', "没有裁量基准"), ("\xff", "没有裁量基准")],
)
def test_a_file_that_is_none_is_refused(tmp_path, text, said):
    path = tmp_path / "x.json"
    path.write_text('"' + text + '"' if text == "\xff" else text, encoding="utf-8")
    with pytest.raises(Invalid, match=said):
        baselines.read(path, official=False)


def test_a_key_that_comes_twice_and_an_entry_that_is_none_are_told(file):
    first, second, third = baselines.read(file(baseline(), baseline(), "没有内容"), official=False)
    assert first.usable
    assert not second.usable
    assert "重复" in second.errors[0]
    assert not third.usable
    assert third.errors


@pytest.fixture
def item(session, agency) -> int:
    values = {"code": "演示-基准", "name": "演示事项", "type": "penalty", "procedure": "penalty/ordinary"}
    row = catalogue.add(session, agency, values | {"content": {"baseline": KEY, "tiers": [{"name": "旧"}]}})
    session.flush()
    return row.id


def test_an_item_has_the_tiers_of_its_baseline(session, agency, file, item):
    assert catalogue.item(session, item).content["tiers"] == [], (
        "nothing is in force, and nothing else counts"
    )
    take_in(session, agency, file(baseline()))
    tiers = catalogue.item(session, item).content["tiers"]
    assert [(t["name"], t["low"], t["high"], t["high_included"]) for t in tiers] == [
        ("从轻", "1000", "3000", False), ("一般", "3000", "7000", False), ("从重", "7000", "10000", True)
    ]  # fmt: skip


@pytest.mark.requirement("S0-9", part="文件载入的未审核基准")
def test_what_nobody_has_examined_is_not_cited(session, agency, file, item):
    take_in(session, agency, file(baseline()), approval="")
    found = catalogue.item(session, item).content
    assert (found["tiers"], found["baseline_version"]) == ([], None)
    assert catalogue.baselines_of(session, agency, cited=True) == []
    assert KEY not in steps.baselines(session, agency), "no item can be made to name it"
    take_in(session, agency, file(baseline()), approval="演审〔2026〕1号")
    found = catalogue.item(session, item).content
    assert len(found["tiers"]) == 3
    assert found["baseline_version"] == {
        "key": KEY, "number": 1, "origin": "local", "version": "演示规〔2026〕1号", "approval": "演审〔2026〕1号",
        "effective_from": "2026-01-01",
    }  # fmt: skip
    take_in(
        session, agency, file(baseline(violation="改写后的", tier4={"low": 7000, "high": 10000})), approval=""
    )
    assert catalogue.item(session, item).content["baseline_version"]["number"] == 1, (
        "the draft changes nothing"
    )
    take_in(
        session, agency, file(baseline(id="DB-演示-上级", tier3={"low": 5000})), official=True, approval=""
    )
    assert "DB-演示-上级" in steps.baselines(session, agency), "a superior authority has issued it"


def test_a_version_counts_from_its_day(session, agency, file, item):
    take_in(session, agency, file(baseline()))
    take_in(
        session,
        agency,
        file(baseline(effective_from="2026-06-01", tier2={"high": 2000}, tier3={"low": 2000})),
    )
    for day, high in (("2026-05-31", "3000"), ("2026-06-01", "2000")):
        with clock.at(datetime.fromisoformat(f"{day}T10:00:00+08:00")):
            assert catalogue.item(session, item).content["tiers"][0]["high"] == high


def test_a_baseline_in_multiples_sets_no_sums(session, agency, file, item):
    law = {"kind": "multiple", "min": 1000, "max": 10000, "unit": "倍", "base": "货值金额"}
    take_in(session, agency, file(baseline(statutory=law)))
    assert catalogue.item(session, item).content["tiers"] == []


def test_the_command_checks_loads_and_lists(session, agency, file):
    from contextlib import contextmanager

    @contextmanager
    def opened():
        yield

    def run(*arguments: str):
        return CliRunner().invoke(baseline_commands.baselines, [*map(str, arguments)], obj=opened)

    bad = file(baseline(tier3={"low": 5000}), name="坏.json")
    answer = run("check", bad)
    assert answer.exit_code == 1
    assert "阻止：3000 至 5000 元之间没有档次" in answer.output
    assert "可以载入 0 条，不能载入 1 条" in answer.output
    assert run("check", bad, "--official").exit_code == 0
    good = file(baseline(id="DB-命令-001"))
    assert (
        "新增或者更新 1 条"
        in run("load", good, "--agency", "370400-04", "--approved", "演审〔2026〕1号").output
    )
    assert "新增或者更新 0 条" in run("load", good, "--agency", "370400-04").output
    assert "DB-命令-001  第1版  本地起草（审核：演审〔2026〕1号）  2026-01-01" in run("list").output
    assert isinstance(
        run("load", good, "--agency", "370400-04", "--official", "--approved", "1").exception, Invalid
    )
    session.rollback()
    rows = session.scalars(select(DiscretionBaseline).where(DiscretionBaseline.key == "DB-命令-001"))
    for row in rows:
        session.delete(row)
    session.commit()
