"""The discretion standard of the day of the act beside that of the day of the decision (从旧兼从轻), in one case."""

import datetime as dt
import json
from decimal import Decimal

import pytest
from sqlalchemy import select

from app.archive import contents, words
from app.audit import service as audit
from app.cases import discretion as advising
from app.cases import locking, stepping
from app.cases import service as cases
from app.cases.models import Case, CaseStandard, Deviation
from app.catalogue import baselines, discretion, item_versions
from app.catalogue.models import ItemVersion
from app.documents import service as documents
from app.kernel.errors import Refused

from .test_applied_law import go_on
from .town import actor, confirm, hand_in, waiting

KEY = "DB-扬尘（演示）"
SINCE, CHANGED = "2024-01-01", "2025-10-15"
"""The act is of 9 October 2025, the report of the days after 15 October."""
BOUNDS, LIGHTER, HEAVIER = (
    (10000, 30000, 70000, 100000),
    (10000, 25000, 60000, 90000),
    (20000, 40000, 80000, 100000),
)
AREAS = ("area_m2 < 10", "10 <= area_m2 < 100", "area_m2 >= 100")
WHY = "新的裁量基准各档幅度较低，适用新的裁量基准（演示）。"


def version(since, bounds, areas=AREAS):
    tiers = [
        {"name": name, "conditions": area, "low": low, "high": high, "high_incl": name == "从重"}
        for name, area, low, high in zip(("从轻", "一般", "从重"), areas, bounds, bounds[1:], strict=False)
    ]
    written = {
        "id": KEY,
        "violation": "未按规定堆放物料",
        "law_refs": ["《中华人民共和国大气污染防治法》第一百一十七条"],
        "statutory": {"kind": "range", "min": 10000, "max": 100000, "unit": "元"},
        "factors": ["事实性质情节社会影响:裸露面积"],
        "tiers": tiers,
        "version": f"枣环演示〔{since[:4]}〕{int(since[5:7])}号",
        "effective_from": since,
    }
    return baselines.Entry(1, KEY, written, discretion.read(written), (), ())


@pytest.fixture
def bound(act, drive):
    """A case whose item follows a baseline of these versions."""

    def begin(*versions, until="report", **plan):
        case = drive("dust-heap", "register", **plan)
        found = act.get_one(Case, case.case_id)
        for row in act.scalars(select(ItemVersion).where(ItemVersion.item_id == found.item_id)):
            row.content = {**row.content, "baseline": KEY}
        item_versions.touch(act, found.item_id)
        baselines.load(act, found.agency_id, list(versions), official=False, approval="枣司演审〔2025〕1号")
        case.run(until)
        return case

    return begin


def running_of(case):
    return locking.running(case.session, case.session.get_one(Case, case.case_id), case.moment)


def report(case, **changes):
    return hand_in(case, "report", "hb-officer1", **changes)


def proposed(case, **changes):
    report(case, **changes)
    confirm(case, "report", "hb-officer2")
    case.filled["penalty_report"] = 1


def refused(case, code, act):
    with pytest.raises(Refused) as caught:
        act()
    assert caught.value.code == code
    return caught.value.message


def kept(case):
    case.session.flush()
    case.session.expire_all()
    return case.session.scalars(select(CaseStandard)).one()


def begun(case):
    running = running_of(case)
    form = stepping.form_of(running, waiting(case.session, case.case_id, "report"))
    return form.prefilled(stepping.context_of(running))


@pytest.fixture
def without_choice(bound):
    """The same on a procedure that declares no `applied_law`."""
    case = bound(version(SINCE, BOUNDS))
    rules = running_of(case).procedure.rules
    declared = rules.applied_law
    object.__setattr__(rules, "applied_law", ())
    yield case
    object.__setattr__(rules, "applied_law", declared)


def load(case, *entries):
    agency = case.session.get_one(Case, case.case_id).agency_id
    baselines.load(case.session, agency, list(entries), official=False, approval="枣司演审〔2025〕2号")


@pytest.mark.requirement("S0-7", part="案件绑定行为时和决定时的版本并从旧兼从轻比对")
def test_a_lighter_standard_of_the_day_of_the_decision(bound):
    """Both versions stand side by side, the choice is explained, sums follow the chosen one, and the case says which."""
    case = bound(version(SINCE, BOUNDS), version(CHANGED, LIGHTER), fine="24000.00")
    given = begun(case)
    assert (given["applied_law"], given["baseline"][:14]) == ("new", f"{KEY} 第 2 版"[:14])
    assert "“从轻”档上限降低：10,000–30,000 元（不含上限） → 10,000–25,000 元" in given["applied_law_reason"]
    assert "适用新的规定和裁量基准。" in given["applied_law_reason"]
    (shown,) = cases.applied_laws(running_of(case), "invest.end", {"penalty_report": given})
    assert [(row.name, row.old.span, row.new.span) for row in shown.compared.standards.rows][2] == (
        "从重", "70,000–100,000 元", "60,000–90,000 元",
    )  # fmt: skip

    told = refused(case, "applied_law", lambda: report(case, applied_law="old"))
    assert "适用新的规定（从轻）" in told
    chosen = {"applied_law": "new", "applied_law_reason": WHY}
    told = refused(case, "discretion", lambda: report(case, **chosen, fine_amount="27000.00"))
    assert "27000元不在裁量基准“从轻”的幅度（10000元至25000元）之内" in told
    proposed(case, **chosen)
    row = kept(case)
    assert (row.decided, row.told["choice"], row.told["applied"]["number"]) == (False, "new", 2)
    assert ([row.told["old"][-24:], row.told["new"][-25:]]) == [
        "（枣环演示〔2024〕1号，自2024年1月1日起施行）"[-24:], "（枣环演示〔2025〕10号，自2025年10月15日起施行）"[-25:]
    ]  # fmt: skip

    go_on(case, "serve")
    row = kept(case)
    assert row.decided
    papers = {p.code: documents.text_of(p.data) for p in documents.of_case(case.session, case.case_id)}
    for code in ("GZ-01", "JD-01"):
        assert f"裁量参照“未按规定堆放物料”的裁量基准（{KEY} 第 2 版（枣环演示〔2025〕10号" in papers[code]
    entries = audit.of_case(case.session, case.case_id)
    said = [words.about(entry, {}, {}) for entry in entries if "standards" in entry.content]
    assert len(said) == 2
    assert all(f"罚款的裁量基准：{KEY} 第 2 版" in line and line.count("决定时的版本") for line in said)
    file = json.loads(contents.of_case(case.session, case.case_id)["case.json"])
    assert [(s["decided"], s["applied"]["digest"]) for s in file["standards"]] == [
        (True, row.told["applied"]["digest"])
    ]
    view = cases.case_view(
        case.session, actor(case.session, "hb-head"), case.session.get_one(Case, case.case_id)
    )
    (line,) = view.standards
    assert (line.whose, line.state) == ("决定时的版本", "已决定")
    assert "第 1 版" in line.beside


def test_a_heavier_standard_leaves_the_old_one(bound):
    case = bound(version(SINCE, BOUNDS), version(CHANGED, HEAVIER))
    assert begun(case)["applied_law"] == "old"
    refused(case, "applied_law", lambda: report(case, applied_law="new", fine_amount="27000.00"))
    proposed(case)
    assert kept(case).told["applied"]["number"] == 1


def test_where_the_conditions_are_others_people_weigh_it(bound):
    other = ("area_m2 < 20", "20 <= area_m2 < 100", "area_m2 >= 100")
    case = bound(version(SINCE, BOUNDS), version(CHANGED, LIGHTER, other))
    given = begun(case)
    assert (given.get("applied_law"), given.get("baseline")) == (None, None)
    told = refused(case, "applied_law", lambda: report(case, applied_law="old"))
    assert "不能自动判断" in told
    proposed(case, applied_law="old", applied_law_reason="面积六百平方米，两版都属从重（演示）。")


def test_without_a_standard_on_the_day_of_the_act_the_other_one_is_used_and_told(bound):
    case = bound(version(CHANGED, BOUNDS))
    running = running_of(case)
    filed = {"penalty_report": begun(case)}
    (shown,) = cases.applied_laws(running, "invest.end", filed)
    assert not shown.compared.differs
    (cited,) = advising.cited(running, "invest.end", filed, {})
    assert cited.lacking.startswith("行为时（2025年10月9日）没有施行的裁量基准，参照决定时的")
    told = refused(case, "discretion", lambda: report(case, fine_amount="35000.00"))
    assert "10000元至30000元" in told
    proposed(case)
    assert kept(case).told["lacking"] == cited.lacking
    assert "决定时的版本" in cases.standards.recorded({"band": "罚款", **kept(case).told})


def test_a_standard_that_changes_after_the_proposal_is_told_and_weighed_again(bound):
    """Proposed by one version, decided after another one came into force: nothing changes silently."""
    case = bound(version(SINCE, BOUNDS))
    proposed(case)
    go_on(case, "decide")
    running = running_of(case)
    work = waiting(case.session, case.case_id, "decide")
    filed = {s.form: s.data for s in cases.submissions(case.session, case.case_id)}
    rows = cases.standards.of_case(case.session, case.case_id)
    assert cases.standards.since_proposed(running, work.step, filed, rows, running.case.attributes) == []
    load(case, version(case.moment.date().isoformat(), LIGHTER))
    running = running_of(case)
    (told,) = cases.standards.since_proposed(running, work.step, filed, rows, running.case.attributes)
    assert "提出罚款以后裁量基准有变化" in told
    assert cases.standards.news(running, rows)[0].startswith("立案以后裁量基准有新的版本施行")
    assert "重新提出" in refused(case, "applied_law", lambda: case.do("decide"))


def test_without_a_choice_of_law_the_standard_of_the_day_of_the_decision_counts(without_choice):
    """Another version than at the proposal makes of a sum that kept to its tier a deviation."""
    case = without_choice
    proposed(case)
    assert (kept(case).told["choice"], kept(case).told["applied"]["number"]) == ("", 1)
    go_on(case, "decide")
    load(case, version(case.moment.date().isoformat(), LIGHTER))
    running = running_of(case)
    filed = {s.form: s.data for s in cases.submissions(case.session, case.case_id)}
    rows = cases.standards.of_case(case.session, case.case_id)
    told = cases.standards.since_proposed(running, "decide", filed, rows, running.case.attributes)
    assert len(told) == 2
    assert "27000元不在“从轻”的幅度（10000元至25000元）之内" in told[1]
    assert "应当写明偏离的理由" in refused(case, "discretion", lambda: case.do("decide"))
    hand_in(case, "decide", "hb-head", deviation="裸露面积接近上限（演示）。")
    row = kept(case)
    assert (row.decided, row.told["applied"]["number"]) == (True, 2)
    off = case.session.scalars(select(Deviation)).one()
    assert (off.state, off.amount, off.standard) == ("approved", Decimal("27000.00"), row.told["name"])
    case.moment += dt.timedelta(days=400)
    load(case, version("2026-10-01", HEAVIER))
    counted = cases.standards.counted(running_of(case), filed)
    assert counted.applied.told["number"] == 2, "what was decided stays decided by the version of its day"
