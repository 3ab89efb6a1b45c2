"""保管期限: by the kind of power and the circumstance, with its source; only ever longer; listed when over."""

from datetime import date

import pytest
import yaml
from sqlalchemy import func, select

from app.archive.binding import bind
from app.archive.binding import keeping as bindings
from app.archive.models import CaseBinding, CaseRetention
from app.archive.retention import keeping, kept, listing, rules
from app.archive.retention.rules import Facts
from app.audit import service as audit
from app.cases.models import Case
from app.kernel import clock
from app.kernel.errors import Forbidden, Invalid, NotFound, Refused
from app.kernel.settings import ROOT

from .test_binding import Read, squeezed
from .town import actor

KINDS = {
    yaml.safe_load(path.read_text(encoding="utf-8"))["kind"] for path in ROOT.glob("bpmn/*/*/rules.yaml")
}
DECIDED = ("file.approve", "decide.penalty")


def term_of(kind, passed=DECIDED, attributes=None, basis=""):
    return rules.ruling(Facts(kind, passed, attributes or {}, basis)).term


def test_every_kind_and_circumstance_has_a_term_with_its_source():
    assert len(KINDS) > 8
    for rule in rules.data()["rules"]:
        assert rule["term"] in rules.terms()
        assert rule["source"].startswith("《")
        assert rule["circumstance"]
        assert set(rule.get("kinds", ())) <= KINDS
    assert not {"kinds", "reached", "missing", "attributes", "basis"} & rules.data()["rules"][-1].keys()
    told = {kind: term_of(kind) for kind in KINDS}
    assert (told["penalty"], told["inspection"], told["transfer"]) == ("三十年", "十年", "十年")
    assert term_of("penalty", attributes={"major": True}) == "永久"
    assert term_of("penalty", passed=("file.approve",)) == "十年"
    assert term_of("confirmation", basis="《工伤保险条例》第十七条") == "五十年"
    assert term_of("adjudication", passed=("adj.decide.award",)) == "永久"
    assert term_of("adjudication", passed=("adj.accept",)) == "三十年"


def test_a_term_is_only_ever_longer_and_runs_from_the_next_year():
    assert rules.longer("三十年", "十年") == "三十年"
    assert rules.longer("十年", "永久") == "永久"
    assert rules.longer("十年", "") == "十年"
    assert rules.longer_than("三十年") == ["五十年", "永久"]
    assert rules.longer_than("永久") == []
    assert rules.ends_on("十年", date(2026, 6, 15)) == date(2036, 12, 31)
    assert rules.ends_on("永久", date(2026, 6, 15)) is None


@pytest.fixture
def closed(stage, desk):
    """A lead that was handed over: its archivist asked for ten years, as the rule says."""
    return desk.get_one(Case, stage("stall-lead").case_id)


def test_a_closed_case_is_entered_once_and_its_cover_says_until_when(closed, desk):
    (asked,) = desk.scalars(select(CaseBinding).where(CaseBinding.case_id == closed.id))
    bindings.job(desk, {"binding_id": asked.id})
    row = kept.of_case(desk, closed.id)
    assert (row.term, row.asked, row.ends_on) == ("十年", "十年", date(2036, 12, 31))
    assert row.ground.startswith("日常检查、线索移送和接收：《机关文件材料归档范围")
    assert row.ground.endswith("以本机关的保管期限表为准")
    cover = Read(bind.of_case(desk, closed).content).pages[0]
    assert squeezed("十年（至2036年12月31日）") in cover
    keeping.sweep(desk, clock.now())
    assert desk.scalar(select(func.count()).select_from(CaseRetention)) == 1


def test_what_the_archivist_asked_too_short_is_kept_as_long_as_the_rule_says(closed, desk, monkeypatch):
    monkeypatch.setattr(keeping.plan, "archived_of", lambda session, case_id: {"保管期限": "十年"})
    monkeypatch.setattr(
        keeping, "ruling_of", lambda session, case: rules.Ruling("三十年", "情形", "《依据》")
    )
    keeping.sweep(desk, clock.now())
    row = kept.of_case(desk, closed.id)
    assert (row.term, row.asked, row.ends_on) == ("三十年", "十年", date(2056, 12, 31))


def test_a_head_keeps_it_longer_on_the_record_and_never_shorter(closed, desk):
    head = actor(desk, "cg-head")
    with pytest.raises(NotFound):
        keeping.lengthen(desk, head, closed.id, "三十年", "仍需查考")
    keeping.sweep(desk, clock.now())
    with pytest.raises(Forbidden):
        keeping.lengthen(desk, actor(desk, "cg-officer1"), closed.id, "三十年", "仍需查考")
    with pytest.raises(NotFound):
        keeping.lengthen(desk, actor(desk, "hb-head"), closed.id, "三十年", "仍需查考")
    with pytest.raises(Invalid):
        keeping.lengthen(desk, head, closed.id, "三十年", "")
    keeping.lengthen(desk, head, closed.id, "三十年", "仍需查考")
    row = kept.of_case(desk, closed.id)
    assert (row.term, row.ends_on, row.reason) == ("三十年", date(2056, 12, 31), "仍需查考")
    entry = audit.of_case(desk, closed.id)[-1]
    assert (entry.kind, entry.content["from"], entry.content["to"]) == ("case.kept_longer", "十年", "三十年")
    with pytest.raises(Refused) as caught:
        keeping.lengthen(desk, head, closed.id, "十年", "不再需要")
    assert "只能延长" in caught.value.message


def test_what_is_over_is_listed_for_an_appraisal_and_nothing_goes(closed, desk):
    keeping.sweep(desk, clock.now())
    head, other = actor(desk, "cg-head"), actor(desk, "hb-head")
    last, after = date(2036, 12, 31), date(2037, 1, 1)
    over = listing.Asked(state=listing.OVER)
    assert listing.lines(desk, head, over, last) == []
    assert listing.counts(desk, head, last) == {"over": 0, "soon": 1}
    (line,) = listing.lines(desk, head, over, after)
    assert (line.no, line.word, line.party) == (closed.no, "■ 保管期满", "某副食店")
    assert listing.lines(desk, other, over, after) == []
    assert listing.lines(desk, head, listing.Asked(words="副食店", term="十年", year=2026), last)
    assert listing.lines(desk, head, listing.Asked(words="副食店", year=2025), last) == []
    rows = "".join(listing.as_csv(desk, head, over, after)).splitlines()
    assert rows[1].startswith(
        f"{closed.no},某副食店擅自占用城市道路经营案,某副食店,2026-06-15,十年,2036-12-31,保管期满"
    )
    assert desk.get_one(Case, closed.id).no == closed.no


def test_the_pages(town):
    case_id = town.open("stall-lead", None)
    with town.act() as session:
        keeping.sweep(session, clock.now())
    head = town.caller("cg-head")
    page = head.get("/register/files").get_data(as_text=True)
    for words in (
        "案卷登记簿",
        "某副食店擅自占用城市道路经营案",
        "十年",
        "2036年12月31日",
        "保管期满（0 卷）",
    ):
        assert words in page
    assert "没有这样的案卷" in head.get("/register/files?state=over").get_data(as_text=True)
    assert "没有保管期满的案卷" in head.get("/register/files/appraisal").get_data(as_text=True)
    bad = head.get("/register/files?year=x&term=y&state=z&before=2026-13-40_1&q=%25_")
    assert bad.status_code == 200
    assert "某副食店" not in town.caller("hb-head").get("/register/files").get_data(as_text=True)
    table = head.get("/register/files.csv")
    assert "办件编号" in table.get_data(as_text=True)

    of_case = f"/cases/{case_id}/binding"
    refused = head.post(f"/cases/{case_id}/retention", {"term": "十年", "reason": "不再需要"}, page=of_case)
    assert "只能延长" in refused.get_data(as_text=True)
    done = head.post(f"/cases/{case_id}/retention", {"term": "永久", "reason": "典型案件"}, page=of_case)
    assert done.status_code == 303
    page = head.get(of_case).get_data(as_text=True)
    for words in ("永久", "归档时填写十年", "典型案件"):
        assert words in page
    assert "案卷" in head.get(f"/cases/{case_id}").get_data(as_text=True)
