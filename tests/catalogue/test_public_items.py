"""What the public sees of power items: all that was examined and counts, in full, and nothing else at all."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

import pytest
from callers import Caller
from cases.town import Town, actor
from flask import Flask
from lxml import html
from sqlalchemy import event, select

from app.catalogue import item_rules, item_versions, library
from app.catalogue import service as catalogue
from app.catalogue.models import PowerItem
from app.kernel import clock
from app.kernel.db import db
from app.kernel.errors import Refused
from app.people.models import Agency
from app.public import item_list

from .item_way import STEPS, Life
from .statute_files import statute

LIST = "/public/items"
DAY = datetime(2026, 4, 1, 9, 30, tzinfo=clock.CHINA)
ELEVEN = ("权力名称", "实施主体", "法律依据", "收费依据和标准", "外部流程", "裁量基准", "法定时限", "办理机构",
          "办理地点", "联系电话", "监督电话")  # fmt: skip
EIGHT = ("执法主体", "执法人员", "执法职责", "执法权限", "执法依据", "执法程序", "监督方式", "救济渠道")


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(datetime(2026, 3, 2, 9, 30, tzinfo=clock.CHINA)):
        yield


@pytest.fixture
def visitor(town: Town) -> Caller:
    return Caller(town.app)


def examined(life: Life, town: Town, day: str = "2026-04-01") -> None:
    life.to_audit(day)
    life.review("同意", day)
    with clock.at(datetime.fromisoformat(f"{day}T09:30+08:00")), town.act() as session:
        item_versions.apply_due(session, clock.now(), 100)


def made(town: Town, day: str = "2026-04-01", **changes: Mapping[str, Any]) -> Life:
    """An item that went the whole way."""
    life = Life(town)
    life.draw(**changes)
    examined(life, town, day)
    return life


def page_of(life: Life) -> str:
    return f"{LIST}/370400-04/{life.item().code}"


def codes(visitor: Caller, query: str = "") -> set[str]:
    answer = visitor.get(f"/api/v1{LIST}?q={query}")
    return {line["code"] for line in answer.json["items"]}


def seen(visitor: Caller, life: Life) -> bool:
    """Whether anything of an item is to be seen: in the list, on its pages, for programs. All say the same."""
    code = life.item().code
    here = {
        code in codes(visitor, code),
        f">{code}</td>" in visitor.get(f"{LIST}?q={code}").text,
        *(
            visitor.get(path).status_code == 200
            for path in (
                page_of(life),
                f"{page_of(life)}/external.bpmn",
                page_of(life).replace("/public/", "/public/embed/"),
                f"/api/v1{page_of(life)}",
            )
        ),
    }
    assert len(here) == 1, code
    return here.pop()


@pytest.mark.requirement("S4-26")
def test_the_number_of_entries_is_the_number_of_examined_items(town, visitor):
    made(town)
    Life(town).draw()
    with clock.at(DAY):
        with town.read() as session:
            rows = session.scalars(select(PowerItem)).all()
            standing = {
                row.id: item_versions.counting(item_versions.approved(session, row.id), date(2026, 4, 1))
                for row in rows
            }
            examined_items = {
                (row.agency_id, row.code)
                for row in rows
                if (v := standing[row.id])
                and v.change in ("new", "adjust")
                and (v.case_id or v.approval)
                and not item_rules.untold(v.elements)
            }
            agencies = dict(session.execute(select(Agency.code, Agency.id)).tuples().all())
        page = html.fromstring(visitor.get(LIST).get_data(as_text=True))
        entries = {
            (agencies[link.get("href").split("/")[3]], link.get("href").split("/")[4])
            for link in page.iterfind(".//td[@class='main-cell']/a")
        }
        assert entries == examined_items
        assert int(page.xpath("//p/span[@class='number']")[0].text) == len(entries) > 20
        for path in {link.get("href") for link in page.iterfind(".//td[@class='main-cell']/a")}:
            told = html.fromstring(visitor.get(path).get_data(as_text=True))
            assert len(told.xpath("//section[@aria-labelledby='h-fields']//dd[normalize-space()!='—']")) == 11
            assert told.xpath("//*[@data-diagram-url]"), path
            assert told.xpath("//section[@aria-labelledby='h-procedure']//tbody/tr"), path


@pytest.mark.requirement("S4-28")
def test_nothing_is_seen_before_both_levels_have_examined_it_and_its_day_has_come(town, visitor):
    life = Life(town)
    life.draw()
    missing = visitor.get(f"{LIST}/370400-04/never-drawn")
    assert missing.status_code == 404

    def unseen() -> None:
        assert not seen(visitor, life)
        answer = visitor.get(page_of(life))
        assert answer.status_code == 404
        assert plain(answer.text, life.item().code) == plain(missing.text, "never-drawn"), (
            "the two look alike"
        )
        assert life.version().name not in visitor.get(f"{LIST}?q={life.item().code}").text

    steps = [
        life.send, life.initial, life.collective, life.sign_off, life.submit, life.examine, life.check, life.sign,
    ]  # fmt: skip
    unseen()
    for step in steps:
        step()
        unseen()
    life.work()
    assert life.version().state == "approved"
    unseen()
    with clock.at(datetime(2026, 5, 31, 23, 59, tzinfo=clock.CHINA)):
        unseen()
    with clock.at(datetime(2026, 6, 1, 0, 1, tzinfo=clock.CHINA)):
        assert seen(visitor, life), "from its day on, whether or not a worker was awake"


def plain(text: str, code: str) -> str:
    """A page without what differs with every visit."""
    return re.sub(r'content="[^"]{30,}"|xq_visitor=\S+', "", text).replace(code, "…")


@pytest.mark.parametrize("changes", [{"basics": {"trial": "yes"}}, {"basics": {"classified": "yes"}}])
def test_what_is_on_trial_or_classified_is_not_seen(town, visitor, changes):
    life = made(town, **changes)
    with clock.at(DAY):
        assert life.in_force("2026-04-01")
        assert not seen(visitor, life)


def test_what_has_ended_or_gone_to_another_agency_is_seen_there_or_nowhere(town, visitor):
    ended, gone = made(town), made(town)
    with clock.at(DAY):
        assert seen(visitor, ended)
        assert seen(visitor, gone)
        ended.change("abolish")
        examined(ended, town, "2026-06-01")
        with town.read() as session:
            to = actor(session, "sj-review").agency_id
        gone.change("transfer", to)
        examined(gone, town, "2026-06-01")
        assert seen(visitor, ended), "until its day"
    with clock.at(datetime(2026, 6, 1, 9, 30, tzinfo=clock.CHINA)):
        assert not seen(visitor, ended)
        assert visitor.get(f"{page_of(ended)}/versions/1").status_code == 404
        assert not any(visitor.get(page_of(gone)).status_code == 200 for _ in range(2))
        assert visitor.get(f"{LIST}/370400-02/{gone.item().code}").status_code == 200
        assert gone.version().case_no in visitor.get(f"{LIST}/370400-02/{gone.item().code}").text


def test_what_was_taken_over_is_seen_only_with_the_paper_of_its_examination(town, visitor):
    elements = {name: said for step in STEPS.values() for name, said in step.items() if name != "basis"}
    item = {
        "code": "ZZ-02-YS-LR1", "name": "对录入演示行为的处罚（演示）", "type": "penalty", "procedure": "penalty/ordinary",
        "basis": ["《中华人民共和国行政处罚法》第九条"], "content": {"kinds": ["警告"]}, "elements": elements,
    }  # fmt: skip

    def load(**more: Any) -> None:
        with town.act() as session:
            agency_id = session.scalars(select(Agency.id).where(Agency.code == "370400-04")).one()
            catalogue.add(session, agency_id, {**item, **more}, more.get("paper", ""))

    load()
    path = f"{LIST}/370400-04/{item['code']}"
    assert visitor.get(path).status_code == 404
    load(paper="演审〔2015〕1号", name="另一个名称（演示）")
    assert visitor.get(path).status_code == 404, (
        "the paper is about what was taken over, not about something else"
    )
    load(paper="演审〔2015〕1号")
    assert "演审〔2015〕1号" in visitor.get(path).text
    load(paper="演审〔2015〕2号", code="ZZ-02-YS-LR2", elements={**elements, "phone": ""})
    assert visitor.get(f"{LIST}/370400-04/ZZ-02-YS-LR2").status_code == 404, "one of the eleven is missing"


@pytest.mark.requirement("S1-3")
def test_without_one_of_the_eight_nothing_is_published_and_former_versions_can_be_read(town, visitor):
    life = Life(town)
    life.draw()
    for element in ("subject", "duty", "authority", "supervision", "remedy", "procedure", "basis"):
        step = next(name for name, said in STEPS.items() if element in said)
        life.save(step, {key: value for key, value in STEPS[step].items() if key != element})
        with pytest.raises(Refused, match="还没有填写"):
            life.send()
        life.save(step, STEPS[step])
    life.save("basics", {**STEPS["basics"], "code": life.item().code, "name": life.version().name})
    with town.act() as session:
        session.execute(db.text("create table kept as select id, revoked_on from certificate"))
        session.execute(db.text("update certificate set revoked_on = date '2026-01-01'"))
    try:
        with pytest.raises(Refused, match="持有效执法证件的人员只有 0 名"):
            life.send()
    finally:
        with town.act() as session:
            session.execute(
                db.text("update certificate c set revoked_on = k.revoked_on from kept k where k.id = c.id")
            )
            session.execute(db.text("drop table kept"))
    examined(life, town)
    with clock.at(DAY):
        page = html.fromstring(visitor.get(page_of(life)).get_data(as_text=True))
        told = page.xpath("//section[@aria-labelledby='h-advance']/dl")[0]
        assert [dt.text for dt in told.iterfind("dt")] == list(EIGHT)
        assert all(dd.text_content().strip() not in ("", "—") for dd in told.iterfind("dd"))
        life.change()
        life.save("running", {**STEPS["running"], "place": "枣庄市演示路9号（虚构）"})
        examined(life, town, "2026-06-01")
    with clock.at(datetime(2026, 6, 1, 9, 30, tzinfo=clock.CHINA)):
        now, before = visitor.get(page_of(life)).text, visitor.get(f"{page_of(life)}/versions/1").text
        assert "演示路9号" in now
        assert f"{page_of(life)}/versions/1" in now
        assert "演示路9号" not in before
        assert "枣庄市演示路1号（虚构）" in before
        assert "施行到2026年5月31日" in before
        assert visitor.get(f"{page_of(life)}/versions/3").status_code == 404


def test_an_item_says_all_that_is_made_public(town, visitor):
    page = html.fromstring(visitor.get(f"{LIST}/370400-04/ZZ-02-STHJ-003").get_data(as_text=True))

    def section(name: str) -> html.HtmlElement:
        return page.xpath(f"//section[@aria-labelledby='{name}']")[0]

    fields = section("h-fields")
    assert [dt.text for dt in fields.iterfind("dl/dt")] == list(ELEVEN)
    told = dict(zip(ELEVEN, (dd.text_content() for dd in fields.iterfind("dl/dd")), strict=True))
    assert (told["收费依据和标准"], told["法定时限"], told["实施主体"]) == (
        "不收费",
        "90 日",
        "枣庄市生态环境局（法定机关）",
    )
    assert re.fullmatch(r"0000-0000\d+", told["联系电话"])
    tiers = [
        [td.text_content() for td in row.iterfind("td")]
        for row in section("h-discretion").iterfind(".//tbody/tr")
    ]
    assert "20万元以上100万元以下" in section("h-discretion").text_content()
    assert tiers[0] == ["从轻", "及时停止排放并已申请许可", "200,000 元以上 350,000 元以下"]
    steps = [
        [td.text_content() for td in row.iterfind("td")]
        for row in section("h-procedure").iterfind(".//tbody/tr")
    ]
    assert ["2. 初查与立案决定", "15个工作日", "《中华人民共和国行政处罚法》第五十四条第二款"] in steps
    drawn = section("h-procedure").xpath(".//@data-diagram-url")[0]
    answer = visitor.get(drawn)
    assert answer.mimetype == "application/xml"
    assert "初查与立案决定" in answer.get_data(as_text=True)
    assert "行政处罚决定书" in section("h-papers").text_content()
    assert "立案审批表" not in section("h-papers").text_content(), (
        "what stays in the house is not sent to anybody"
    )
    assert section("h-guide").xpath(".//dt[text()='办理时间']")


def test_the_list_is_found_by_words_region_agency_and_kind_page_by_page(town, visitor, monkeypatch):
    assert codes(visitor, "排污 未取得") == {"ZZ-02-STHJ-003"}
    assert codes(visitor, "sthj-00") >= {"ZZ-02-STHJ-003", "ZZ-02-STHJ-007"}
    page = html.fromstring(visitor.get(f"{LIST}?region=370402").get_data(as_text=True))
    agencies = {
        a.text: int(a.getnext().text) for a in page.xpath("//section[@aria-labelledby='h-agencies']//li/a")
    }
    assert set(agencies) == {"市中区综合行政执法局", "税郭镇人民政府", "光明路街道办事处"}
    kinds = {a.text: int(a.getnext().text) for a in page.xpath("//section[@aria-labelledby='h-kinds']//li/a")}
    assert sum(kinds.values()) == sum(agencies.values()) == len(page.xpath("//tr[@data-row]"))
    monkeypatch.setattr(item_list, "PAGE", 7)
    whole, after = [], ""
    while after is not None:
        answer = visitor.get(f"/api/v1{LIST}?after={after}").json
        whole += [(line["agency"], line["code"]) for line in answer["items"]]
        after = answer["next"]
    assert len(whole) == len(set(whole)) == answer["total"]
    second = html.fromstring(visitor.get(f"{LIST}?page=2").get_data(as_text=True))
    assert [tuple(a.get("href").split("/")[3:5]) for a in second.xpath("//tr[@data-row]//a")] == whole[7:14]
    for wrong in ("page=0", "page=99999999", "kind=nothing", "region=%27", "agency=%00", "q=%25%5f"):
        assert visitor.get(f"{LIST}?{wrong}").status_code == 200, wrong
    assert visitor.get(f"/api/v1{LIST}?after=nowhere").status_code == 422


def asked(app: Flask, visitor: Caller, path: str) -> int:
    """How many statements a page sends."""
    sent: list[str] = []

    def count(*given: Any) -> None:
        sent.append(given[2])

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", count)
    try:
        assert visitor.get(path).status_code == 200
    finally:
        event.remove(engine, "before_cursor_execute", count)
    return len(sent)


def test_a_longer_list_asks_no_more(town, visitor):
    visitor.get(LIST)
    before = asked(town.app, visitor, LIST)
    made(town)
    with clock.at(DAY):
        visitor.get(LIST)
        assert asked(town.app, visitor, LIST) == before <= 3


def test_what_other_sites_may_show_has_no_cookie_and_no_form(town, visitor):
    place = "370400-04/ZZ-02-STHJ-003"
    for path in ("/public/embed/items", f"/public/embed/items/{place}", "/public/embed/items/370400-04/none"):
        answer = Caller(town.app).get(path)
        policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
        assert policy["frame-ancestors"] == "'self' https:", path
        assert policy["form-action"] == "'none'"
        assert "X-Frame-Options" not in answer.headers
        assert "Set-Cookie" not in answer.headers
        assert "<form" not in answer.text
        assert 'name="csrf-token"' not in answer.text
    for path in (LIST, f"{LIST}/{place}", "/v/", "/sign-in"):
        answer = visitor.get(path)
        assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
        assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
    found = visitor.get(f"{LIST}/{place}").text
    assert f"/public/embed/items/{place}&#34;" in found or f'/public/embed/items/{place}"' in found


def test_what_is_kept_is_asked_for_again_and_sent_again_only_when_it_changed(town, visitor):
    place = "370400-04/ZZ-02-STHJ-003"
    for path, kept in (
        (f"{LIST}/{place}", "private, no-cache"),
        (f"/public/embed/items/{place}", "public, max-age=60"),
        (f"/api/v1{LIST}/{place}", "public, max-age=60"),
        (f"{LIST}/{place}/external.bpmn", "public, max-age=60"),
    ):
        answer = visitor.get(path)
        assert answer.headers["Cache-Control"] == kept
        again = visitor.get(path, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.get_data()) == (304, b""), path


@pytest.mark.requirement("S1-2")
def test_what_the_hall_shows_the_interface_tells_too(town, visitor):
    listed = visitor.get(f"/api/v1{LIST}")
    assert listed.headers["Access-Control-Allow-Origin"] == "*"
    page = html.fromstring(visitor.get(LIST).get_data(as_text=True))
    shown = {tuple(a.get("href").split("/")[3:5]) for a in page.xpath("//tr[@data-row]//a")}
    assert {(line["agency"], line["code"]) for line in listed.json["items"]} == shown
    line = next(line for line in listed.json["items"] if line["code"] == "ZZ-02-STHJ-003")
    told = visitor.get(f"/api/v1{LIST}/{line['agency']}/{line['code']}").json
    assert {**told, **line} == told
    text = html.fromstring(
        visitor.get(line["page"].partition("8000")[2]).get_data(as_text=True)
    ).text_content()
    for field in (*told["made_public"], *told["told_in_advance"]):
        assert field["value"] in text, field
    assert [step["name"] for step in told["steps"]]


def test_the_law_s_words_stand_where_they_were_taken_in(town, visitor):
    words = "有下列行为之一的，处以罚款（演示条文）：\n（一）未取得排污许可证排放污染物的（演示）；\n（二）其他（演示）。"
    with town.act() as session:
        library.load(session, [statute("排污许可管理条例", {"33": words}, "2021-01-24", "2021-03-01")])
    page = html.fromstring(visitor.get(f"{LIST}/370400-04/ZZ-02-STHJ-003").get_data(as_text=True))
    told = page.xpath("//section[@aria-labelledby='h-basis']")[0].text_content()
    assert "未取得排污许可证排放污染物的（演示）" in told
    assert "其他（演示）" not in told, "only the item that is cited"
