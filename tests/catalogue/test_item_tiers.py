"""An item's own tiers: drawn up with a version of the item, checked at the row, approved with it, cited only then."""

import re
from datetime import UTC, date, datetime

import pytest
from callers import Caller
from cases.town import Town, actor
from sqlalchemy import select

from app.catalogue import baselines
from app.catalogue import service as catalogue
from app.catalogue.models import DiscretionBaseline
from app.items import drawing, tiers
from app.kernel import clock
from app.kernel.errors import Conflict, Forbidden, NotFound, Refused

from .item_way import DAY, DRAWER, Life, today
from .made import baseline

__all__ = ["today"]
FINES = {
    "kinds": ["罚款"],
    "fines": [{"min": "1000", "max": "10000", "unit": "元", "basis": "演示条例第一条"}],
}
HEAD = {
    "violation": "未按规定堆放物料", "law_refs": "《演示条例》第一条", "kind": "range", "min": "1000", "max": "10000",
    "base": "", "premise": "", "adapted_from": "", "factor0": "", "factor1": "", "factor2": "堆放面积", "factor3": "",
}  # fmt: skip


def tier(name, condition, low, high, **more) -> dict[str, str]:
    return (
        dict.fromkeys(tiers.ROW, "") | {"name": name, "condition": condition, "low": low, "high": high} | more
    )


LIGHT = tier("从轻", "面积（平方米） ＜ 10", "1000", "3000", high_out="yes")
PLAIN = tier("一般", "10 ≤ 面积（平方米） ＜ 100", "3,000", "7000", high_out="yes")
HEAVY = tier("从重", "面积（平方米） ≥ 100", "7000", "10000", others="责令停产停业")
ROWS = (LIGHT, PLAIN, HEAVY)


def as_typed(*rows, **head) -> tiers.Typed:
    return tiers.Typed(HEAD | head, rows or ROWS)


def post(version_id: int, given: tiers.Typed, revision: int, act="save", **more) -> dict:
    rows = {name: [row[name] for row in given.rows] for name in tiers.ROW}
    return {**given.head, **rows, "act": act, "_version": str(revision), **more}


@pytest.fixture
def life(town: Town) -> Life:
    made = Life(town)
    made.draw(discretion={"discretion": "own", **FINES})
    return made


@pytest.fixture
def drawer(town: Town) -> Caller:
    return town.caller(DRAWER)


def save(life: Life, given: tiers.Typed, login: str = DRAWER) -> tiers.Checked:
    return life.town.do(tiers.save, login, life.version_id, life.version().revision, given)


def content_of(life: Life, day: str = DAY) -> dict:
    with life.town.read() as session:
        return dict(catalogue.item(session, life.item().id, date.fromisoformat(day)).content)


def rows_of(life: Life) -> list[DiscretionBaseline]:
    with life.town.read() as session:
        found = session.scalars(
            select(DiscretionBaseline).where(DiscretionBaseline.key == life.item().code).order_by("number")
        ).all()
        session.expunge_all()
        return list(found)


@pytest.mark.requirement("S0-8", part="自拟裁量档次")
@pytest.mark.requirement("S4-18")
@pytest.mark.parametrize(
    ("given", "row", "told"),
    [
        (as_typed(LIGHT, tier("一般", PLAIN["condition"], "5000", "5000"), HEAVY), 1, "没有浮动区间"),
        (as_typed(LIGHT, PLAIN | {"low": "4000"}, HEAVY), 1, "3000 至 4000 元之间没有档次"),
        (as_typed(LIGHT | {"high": "4000"}, PLAIN, HEAVY), 0, "金额重叠"),
        (as_typed(LIGHT, PLAIN, HEAVY | {"high": "20000"}), 2, "超出法定上限"),
        (as_typed(LIGHT | {"name": "一般"}, PLAIN | {"name": "从轻"}, HEAVY), 0, "高于更重的"),
        (as_typed(LIGHT, PLAIN, HEAVY | {"condition": "面积（平方米） ≥ 200"}), None, "不属于任何一档"),
        (as_typed(LIGHT, PLAIN | {"condition": "5 ≤ 面积（平方米） ＜ 100"}, HEAVY), 0, "可以同时成立"),
        (as_typed(LIGHT, PLAIN | {"condition": "面积不大"}, HEAVY), 1, "不能识别"),
        (as_typed(LIGHT, PLAIN | {"condition": ""}, HEAVY), 1, "请填写这一档的条件"),
        (as_typed(LIGHT, PLAIN | {"low": "三千"}, HEAVY), 1, "不是金额或者倍数"),
        (as_typed(LIGHT, PLAIN | {"name": ""}, HEAVY), 1, "名称应当是"),
        (as_typed(factor2=""), None, "裁量因素"),
        (as_typed(law_refs=""), None, "依据条款"),
    ],
)
def test_what_is_wrong_stops_the_saving_and_is_told_at_its_row(life, given, row, told):
    done = save(life, given)
    assert done.blocked
    found = [one for one in done.findings if one.severity == "block" and told in one.message]
    assert row in [one.row for one in found], [(one.row, one.message) for one in done.findings]
    assert "own_baseline" not in life.version().elements
    with pytest.raises(Refused, match="还没有拟订裁量档次"):
        life.send()


@pytest.mark.requirement("S0-8")
def test_a_sum_that_the_law_fixes_is_one_with_its_article(life):
    fixed = tier("一般", PLAIN["condition"], "3000", "3000", fixed="《演示条例》第二条")
    heavy = HEAVY | {"low": "3000", "low_out": "yes"}
    light = LIGHT | {"high": "3000"}
    unsaid = save(life, as_typed(light, fixed | {"fixed": ""}, heavy))
    assert [one.row for one in unsaid.findings if "没有浮动区间" in one.message] == [1]
    assert "own_baseline" not in life.version().elements
    assert not save(life, as_typed(light, fixed, heavy)).blocked
    kept = life.version().elements["own_baseline"]["tiers"][1]
    assert (kept["low"], kept["high"], kept["fixed_by_law"]) == (3000, 3000, "《演示条例》第二条")


@pytest.mark.requirement("S0-9")
@pytest.mark.requirement("S4-19")
@pytest.mark.requirement("S2-31", part="裁量标准")
def test_nothing_cites_it_before_the_legal_office_has_approved_it(life, town):
    assert not save(life, as_typed()).blocked
    assert rows_of(life) == []
    life.to_audit()
    assert content_of(life).get("tiers") in (None, []), "it lies with the legal office: nobody cites it"
    assert rows_of(life) == []
    with town.read() as session:
        assert life.item().code not in drawing.steps.baselines(session, life.version().agency_id)
    life.review()
    (row,) = rows_of(life)
    version = life.version()
    assert (row.number, row.origin, row.approval, row.version, row.effective_from.isoformat()) == (
        1, "local", version.case_no, version.case_no, DAY,
    )  # fmt: skip
    assert row.item_version_id == version.id
    with clock.at(datetime(2026, 6, 1, 3, tzinfo=UTC)):
        found = content_of(life)
    assert [(t["name"], t["low"], t["high"]) for t in found["tiers"]] == [
        ("从轻", "1000", "3000"), ("一般", "3000", "7000"), ("从重", "7000", "10000"),
    ]  # fmt: skip
    assert found["baseline_version"]["approval"] == version.case_no
    assert content_of(life)["tiers"] == [], "before its day it is not in force"
    adjusted_from_the_day_on(life)


def adjusted_from_the_day_on(life: Life) -> None:
    """A change of the tiers is a new version of item and baseline; the old one stays until the new one's day."""
    with clock.at(datetime(2026, 6, 2, 2, tzinfo=UTC)):
        life.work()
        life.change("adjust")
        with life.town.read() as session:
            person, version = actor(session, DRAWER), life.version()
            standing, _ = tiers.standing(session, person, version)
            assert standing.rows[1]["condition"] == "10 ≤ 面积（平方米） ＜ 100"
            assert tiers.before(session, version) is not None
        rows = (LIGHT | {"high": "2000"}, PLAIN | {"low": "2000"}, HEAVY)
        assert not save(life, as_typed(*rows)).blocked
        with life.town.read() as session:
            changes = drawing.changes(session, life.version())
        assert [each.label for each in changes] == ["裁量档次：“从轻”档", "裁量档次：“一般”档"]
        assert "1000 至 3000 元" in changes[0].before
        assert "1000 至 2000 元" in changes[0].after
        life.to_audit("2026-09-01")
        life.review(day="2026-09-01")
    assert [(row.number, row.effective_from.isoformat()) for row in rows_of(life)] == [
        (1, DAY),
        (2, "2026-09-01"),
    ]
    for day, high in (
        (datetime(2026, 8, 31, 3, tzinfo=UTC), "3000"),
        (datetime(2026, 9, 1, 3, tzinfo=UTC), "2000"),
    ):
        with clock.at(day):
            assert content_of(life, day.date().isoformat())["tiers"][0]["high"] == high


def test_what_is_refused_never_counts(life):
    save(life, as_typed())
    life.to_audit()
    life.review("不同意")
    assert rows_of(life) == []


def test_what_is_examined_cannot_be_exchanged(life, town):
    save(life, as_typed())
    life.to_audit()
    with pytest.raises(Conflict):
        save(life, as_typed(LIGHT | {"high": "2000"}, PLAIN | {"low": "2000"}, HEAVY))
    with town.act() as session:
        version = catalogue.versions.locked(session, life.version_id)
        written = {**version.elements["own_baseline"], "violation": "改写后的"}
        version.elements = {**version.elements, "own_baseline": written}
    life.review()
    assert life.version().state == "audit", (
        "the answer is not taken up: what would count is not what was examined"
    )
    assert rows_of(life) == []


def test_the_law_s_range_must_be_the_item_s(life):
    rows = (LIGHT, PLAIN, HEAVY | {"high": "20000"})
    assert not save(life, as_typed(*rows, max="20000")).blocked
    with pytest.raises(Refused, match="法定幅度与本事项的罚款幅度都不相同"):
        life.send()


def test_an_unreviewed_baseline_of_a_file_may_be_adapted_and_is_then_examined(life, town):
    with town.act() as session:
        agency = life.version().agency_id
        entry = baselines.Entry(
            1, "DB-底稿", baseline(id="DB-底稿"), catalogue.discretion.read(baseline(id="DB-底稿")), (), ()
        )
        baselines.load(session, agency, [entry], official=False)
        person = actor(session, DRAWER)
        row = next(one for one in tiers.models(session, person) if one.key == "DB-底稿")
        given = tiers.adapted(session, person, row.id)
        assert given.head["adapted_from"] == "DB-底稿 第1版"
        assert [one["condition"] for one in given.rows][:2] == [
            "违法行为轻微 且 已经及时改正",
            "面积（平方米） ＜ 10",
        ]
        with pytest.raises(NotFound):
            tiers.adapted(session, person, 999999)
    assert not save(life, given).blocked
    assert life.version().elements["own_baseline"]["adapted_from"] == "DB-底稿 第1版"


def test_only_who_draws_items_up_and_only_in_the_own_agency(life, town):
    for login, wrong in (("hb-officer1", Forbidden), ("hb-head", Forbidden), ("sj-review", NotFound)):
        with pytest.raises(wrong):
            save(life, as_typed(), login)
    life.save(
        "discretion",
        {"fee": "no", "discretion": "none", "discretion_note": "固定（演示）。", "kinds": ["警告"]},
    )
    with pytest.raises(Conflict, match="没有选择自拟"):
        save(life, as_typed())


def text(answer) -> str:
    return answer.get_data(as_text=True)


@pytest.mark.requirement("S0-9", part="自拟裁量档次")
def test_the_page_keeps_everything_and_checks_at_once(life, drawer, town):
    address = f"/items/versions/{life.version_id}/tiers"
    first = text(drawer.get(address))
    assert 'value="1000"' in first, "the law's range is taken from the page before"
    assert first.count("data-tier ") + first.count("data-tier>") == 3
    revision = int(re.search(r'name="_version" value="(\d+)"', first)[1])
    gap = as_typed(LIGHT, PLAIN | {"low": "4000", "told": "<b>面积中等</b>"}, HEAVY)

    def after(act: str) -> str:
        answer = drawer.post(address, post(life.version_id, gap, revision, act), page=address)
        assert answer.status_code == 303
        return text(drawer.get(answer.location))

    added = after("add")
    assert "第 4 档" in added
    assert "&lt;b&gt;面积中等&lt;/b&gt;" in added
    moved = after("down:0")
    assert moved.index('id="condition-0" name="condition" value="10 ≤') < moved.index(
        'value="面积（平方米） ＜ 10"'
    )
    assert 'id="tier-1" tabindex="-1" data-tier data-focus' in moved
    assert "面积中等" not in after("remove:1")
    assert "检查完毕，下面标出“须改正”" in after("check")
    for act in ("up:9", "explode", "remove:x"):
        assert (
            drawer.post(address, post(life.version_id, gap, revision, act), page=address).status_code == 422
        )

    found = drawer.post(f"{address}/check", post(life.version_id, gap, revision), page=address).get_json()
    assert found["blocked"]
    assert {"row": 1, "severity": "block", "message": "3000 至 4000 元之间没有档次。"} in found["findings"]
    assert "面积中等" in text(drawer.get(address)), "what was typed is kept"

    refused = drawer.post(address, post(life.version_id, gap, revision), page=address)
    assert refused.status_code == 422
    assert "还不能保存" in text(refused)
    assert 'href="#tier-1"' in text(refused)
    assert "■ 须改正" in text(refused)

    good = post(life.version_id, as_typed(), revision)
    assert drawer.post(address, {**good, "force": "1"}, page=address).status_code == 422
    assert drawer.bare_post(address, good).status_code in (400, 403)
    assert town.caller("hb-officer1").post(address, good, page="/inbox").status_code == 403
    assert town.caller("sj-review").post(address, good, page="/inbox").status_code == 404
    saved = drawer.post(address, good, page=address)
    assert saved.status_code == 303
    assert saved.location.endswith("/send")
    stale = drawer.post(address, good, page=address)
    assert stale.status_code == 409
    assert "没有丢失" in text(stale)

    shown = text(drawer.get(f"/items/versions/{life.version_id}"))
    assert "裁量档次" in shown
    assert "1000 至 3000 元（不含上限）" in shown
    choose = {"fee": "no", "discretion": "baseline", "baseline": life.item().code, "kinds": "警告"}
    current = re.search(
        r'name="_version" value="(\d+)"',
        text(drawer.get(f"/items/versions/{life.version_id}/draw/discretion")),
    )
    named = drawer.post(
        f"/items/versions/{life.version_id}/draw/discretion",
        {**choose, "_version": current[1]},
        page=f"/items/versions/{life.version_id}/draw/discretion",
    )
    assert named.status_code == 422, "no item can be made to cite what was not examined"
