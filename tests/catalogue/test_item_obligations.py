"""What the regulations ask of power items, checked as they put it: complete before they are sent in, examined before they
are exercised, published and registered at once, kept when they change."""

from datetime import UTC, datetime, time, timedelta

import pytest
from callers import Caller, cheap_hashes
from cases.conftest import town
from cases.doors import forge
from cases.town import actor, plan_of
from markupsafe import escape
from sqlalchemy import select, update

from app.cases import acts, demo_content
from app.cases.demo import Drive
from app.cases.models import Case, CaseStatus
from app.catalogue import item_versions, library
from app.catalogue import service as catalogue
from app.catalogue.models import Change, ItemVersion, PowerItem
from app.items import acts as item_acts
from app.items import drawing, steps
from app.kernel import clock
from app.kernel.errors import Conflict, Invalid, NotFound, Refused
from app.people import agencies, demo, passwords, roster, roster_rows
from app.people.models import Account, Agency, Certificate, Officer

from .item_way import DAY, DRAWER, HEAD, NOW, STEPS, Life, key, life, today
from .statute_files import statute

__all__ = ["cheap_hashes", "life", "today", "town"]
MORNING = time(10)
ENTRUSTED = {
    "name": "演示执法大队",
    "kind": "entrusted",
    "deed": "演委〔2026〕1号",
    "from": "2026-01-01",
    "until": "2026-12-31",
}


def page_of(element: str) -> str:
    """The page of the drawing-up on which an element stands."""
    return next(step for step, said in STEPS.items() if element in said)


def without(life: Life, element: str) -> str:
    """What the sending-in says where one element is missing; it is there again afterwards."""
    step = page_of(element)
    life.save(step, {**STEPS[step], **named(life, step), element: None})
    with pytest.raises(Refused) as caught:
        life.send()
    life.save(step, {**STEPS[step], **named(life, step)})
    return caught.value.message


def named(life: Life, step: str) -> dict[str, str]:
    """Code and name of the item, where they stand on the page."""
    return {"code": life.item().code, "name": life.version().name} if step == "basics" else {}


def without_officers(life: Life) -> str:
    """What it says where no certificate of the agency's officers holds; they hold again afterwards."""
    holders = select(Officer.id).where(Officer.agency_id == life.item().agency_id)
    theirs = update(Certificate).where(Certificate.officer_id.in_(holders))
    with life.town.act() as session:
        session.execute(theirs.values(suspended_from=clock.today()))
    with pytest.raises(Refused) as caught:
        life.send()
    with life.town.act() as session:
        session.execute(theirs.values(suspended_from=None))
    return caught.value.message


@pytest.mark.requirement("S0-3", part="缺任一要素不能送审")
def test_without_one_of_the_four_elements_an_item_is_not_sent_in(life):
    for element, words in (
        ("basis", "法律依据"),
        ("procedure", "外部流程和内部流程"),
        ("discretion", "裁量基准"),
    ):
        assert f"还没有填写{words}" in without(life, element), element
    assert "持有效执法证件的人员只有 0 名" in without_officers(life)
    assert life.version().case_id is None
    life.send()


@pytest.mark.requirement("S1-3", part="8项缺一不可发布")
def test_without_one_of_the_eight_things_told_in_advance_nothing_is_published(life):
    told = {
        "subject": "实施主体性质",
        "duty": "职责",
        "authority": "权限",
        "basis": "法律依据",
        "procedure": "流程",
        "supervision": "监督方式",
        "remedy": "救济渠道",
    }
    for element, words in told.items():
        message = without(life, element)
        assert "还没有填写" in message, element
        assert words in message, element
    assert "执法证件" in without_officers(life)
    assert life.version().state == "draft"


@pytest.mark.requirement("S4-15")
def test_without_a_basis_that_is_found_in_the_library_nothing_is_sent_in(town, life):
    assert "还没有填写法律依据" in without(life, "basis")
    with town.act() as session:
        texts = {"33": "演示文本。", "34": "演示文本。"}
        library.load(session, [statute("排污许可管理条例", texts, "2021-01-24", "2021-03-01", whole=True)])
    for citation, words in (
        ("有关规定", "没有写到法律名称和条款"),
        ("《排污许可管理条例》第九十九条", "《排污许可管理条例》没有第九十九条"),
    ):
        life.save("basis", {"basis": [{"citation": citation, "note": ""}]})
        with pytest.raises(Refused, match=words):
            life.send()
    life.save("basis", STEPS["basis"])
    with town.read() as session:
        (found,) = library.resolve(session, "《排污许可管理条例》第三十三条", clock.today())
        assert (found.words, found.problem) == ("演示文本。", "")
    life.send()
    assert life.version().state == "review"


@pytest.mark.requirement("S4-2")
def test_an_entrusted_organisation_comes_with_its_deed_and_its_term(town, life):
    for missing in ("deed", "until"):
        life.save(
            "subject", {**STEPS["subject"], "subject": "entrusted", "organs": [{**ENTRUSTED, missing: ""}]}
        )
        with pytest.raises(Refused, match="应当写明委托书和委托期限"):
            life.send()
    life.save("subject", {**STEPS["subject"], "subject": "entrusted", "organs": []})
    with pytest.raises(Refused, match="请列出该组织"):
        life.send()
    life.save("subject", {**STEPS["subject"], "subject": "entrusted", "organs": [ENTRUSTED]})
    page = town.caller(DRAWER).get(f"/items/versions/{life.version_id}").get_data(as_text=True)
    for words in ("枣庄市生态环境局", "演示执法大队", "演委〔2026〕1号", "2026-12-31"):
        assert words in page
    life.send()


@pytest.mark.requirement("S0-11")
def test_without_a_record_of_the_collective_nothing_is_applied_for(town, life):
    life.send()
    life.initial()
    with town.read() as session:
        host = str(actor(session, HEAD).officer_id)
    record = {
        "held_at": f"{clock.today().isoformat()}T00:01",
        "place": "三楼会议室（演示）",
        "host": host,
        "attendees": "领导班子成员（演示）",
        "discussion": "一致同意。",
        "conclusion": "通过",
    }
    case_id = life.version().case_id
    with pytest.raises((Invalid, NotFound, Refused)):
        life.submit()  # the task that waits is the collective's
    for missing in record:
        with pytest.raises(Invalid) as caught:
            life.hand_in(case_id, HEAD, {**record, missing: ""})
        assert missing in caught.value.errors
    work = forge(town, case_id, node="submit", step="item.submit", form="item_change_submit",
                 position_key="item_admin")  # fmt: skip
    with pytest.raises((Conflict, Refused)):
        town.do(acts.hand_in, DRAWER, work, 1, key(), lambda *_: {"effective_on": DAY, "urgent": "no"})
    assert life.version().audit_case_id is None


@pytest.mark.requirement("S4-14", "S4-50")
def test_no_case_is_opened_on_an_item_that_was_not_examined(town, life):
    browser = town.caller("hb-intake")
    item = life.item().id

    def opened() -> int:
        posted = {"item": str(item), "_key": key(), "_csrf": browser.token("/cases/new")}
        return browser.bare_post("/cases/new", posted).status_code

    assert opened() == 404
    life.send()
    assert opened() == 404
    life.agreed()
    life.submit()
    assert opened() == 404
    life.review()
    with town.read() as session:
        assert session.scalar(select(Case.id).where(Case.item_id == item)) is None
    with clock.at(datetime(2026, 6, 1, 2, tzinfo=UTC)):
        browser = town.caller("hb-intake")
        assert opened() == 303


@pytest.mark.requirement("S4-16")
def test_publishing_and_the_register_are_one_transaction(town, life, monkeypatch):
    life.to_audit()
    life.examine()
    life.check()
    life.sign()
    real = item_versions.touch

    def fails(*_: object) -> None:
        raise RuntimeError("the register cannot be written")

    monkeypatch.setattr(item_versions, "touch", fails)
    life.work()
    before = life.version()
    assert (before.state, before.number, life.in_force(DAY)) == ("audit", None, False)
    monkeypatch.setattr(item_versions, "touch", real)
    with town.act() as session:
        item_acts.answer_job(
            session, {"version": life.version_id, "officer": actor(session, "sf-deputy").officer_id}
        )
    after = life.version()
    assert (after.state, after.number, life.in_force(DAY)) == ("approved", 1, True)


@pytest.mark.requirement("S1-3", part="变更后旧版可追溯")
@pytest.mark.requirement("S4-22", part="事项旧版本可查")
def test_the_version_before_is_read_and_compared_after_a_change(town, life):
    life.to_audit()
    life.review()
    first = life.version_id
    with clock.at(datetime(2026, 6, 2, 2, tzinfo=UTC)):
        life.change()
        life.save("running", {**STEPS["running"], "place": "枣庄市演示路2号（虚构）"})
        life.to_audit("2026-08-03")
        life.review(day="2026-08-03")
    with clock.at(datetime(2026, 8, 4, 2, tzinfo=UTC)):
        with town.act() as session:
            item_versions.apply_due(session, clock.now(), 100)
        browser = town.caller(DRAWER)
        told = browser.get(f"/items/{life.item().id}").get_data(as_text=True)
        assert f"/items/versions/{first}" in told
        assert "演示路2号" in told
        old = browser.get(f"/items/versions/{first}").get_data(as_text=True)
        assert "演示路1号" in old
        assert "演示路2号" not in old
        compared = browser.get(f"/items/versions/{life.version_id}?with={first}").get_data(as_text=True)
        assert "演示路1号" in compared
        assert "演示路2号" in compared


def on_to_the_end(drive: Drive) -> None:
    """Do whatever waits, a working day after the other."""
    while drive.waiting() and (node := drive.next_node("")) is not None:
        drive.moment = datetime.combine(demo_content.next_weekday(drive.moment.date()), MORNING, clock.CHINA)
        drive.do(node)


@pytest.mark.requirement("S0-4")
def test_after_a_transfer_the_old_agency_ends_its_cases_and_new_ones_are_the_receivers(town):
    with town.act() as session:
        drive = Drive(session, plan_of("pharmacy-log"))
        drive.run("investigate")
        case = session.get_one(Case, drive.case_id)
        item = session.get_one(PowerItem, case.item_id)
        to = session.scalars(select(Agency.id).where(Agency.code == "370402-02")).one()
        day = drive.moment.date() + timedelta(days=1)
        said = {name: getattr(item, name) for name in ("name", "kind", "procedure", "basis", "content")}
        with clock.at(drive.moment):
            version = ItemVersion(item_id=item.id, agency_id=item.agency_id, change=Change.TRANSFER, state="audit",
                                  to_agency_id=to, elements={}, created_at=clock.now(), created_by="演示",
                                  updated_at=clock.now(), checks=[], **said)  # fmt: skip
            session.add(version)
            session.flush()
            item_versions.approve(session, version, day, clock.now())
        with clock.at(datetime.combine(day, MORNING, clock.CHINA)):
            item_versions.apply_due(session, clock.now(), 100)
            theirs = session.scalars(
                select(PowerItem).where(PowerItem.agency_id == to, PowerItem.code == item.code)
            ).one()
            with pytest.raises(NotFound):
                acts.open_case(session, actor(session, "sj-intake"), item.id, key())
            new = acts.open_case(session, actor(session, "szsj-intake"), theirs.id, key())
            assert session.get_one(Case, new.case_id).agency_id == to
        on_to_the_end(drive)
        assert (case.status, case.agency_id) == (CaseStatus.CLOSED, item.agency_id)
        assert item.status == "transferred"


WRONG = {
    "basics": [{"name": "", "code": "有空格 的代码", "kind": "none", "level": "none", "field": "长" * 41,
                "classified": "perhaps", "trial": "perhaps", "codes": [{"scheme": "", "value": "x" * 5001}]}],
    "basis": [{"basis": [{"citation": "x" * 5001}]}],
    "subject": [{"subject": "none", "organs": [{"name": "", "kind": "none"}], "duty": "", "authority": ""}],
    "running": [{"procedure": "none", "statutory": "many", "statutory_unit": "none-of-them", "promised": "0.5",
                 "promised_unit": "none", "office": "", "place": "", "hours": "x" * 121, "phone": "电话",
                 "supervision_phone": "电话", "supervision": "", "remedy": ""}],
    "discretion": [{"fee": "perhaps", "discretion": "perhaps", "kinds": ["没有这一种"]},
                   {"fee": "yes", "fees": [{"name": ""}, {"name": "演示", "standard": "x" * 5001}],
                    "discretion": "baseline", "baseline": "none", "kinds": ["罚款"], "fines": [{"min": "many"}]},
                   {"fee": "no", "discretion": "none", "discretion_note": "x" * 501}],
}  # fmt: skip
"""By page: answers none of which can be."""


@pytest.mark.requirement("S0-30")
def test_the_wizard_explains_and_checks_every_field(town, life):
    """Each field has its explanation on the page; what cannot be is told at its field."""
    browser: Caller = town.caller(DRAWER)
    for step, definition in steps.definitions().items():
        page = browser.get(f"/items/versions/{life.version_id}/draw/{step}").get_data(as_text=True)
        fields = {field["key"]: field for field in definition["items"]}
        for field in fields.values():
            assert str(escape(field["help"])) in page, (step, field["key"])
        told: set[str] = set()
        for answers in WRONG[step]:
            errors = life.save(step, answers)
            told |= {name.split(".")[0] for name in errors}
        assert told == set(fields), step


@pytest.mark.requirement("S4-1")
def test_items_of_all_nine_kinds_are_drawn_up(town):
    """许可, 处罚, 确认, 给付, 裁决, 征收, 强制, 其他 are sent in; 非行政许可审批, ended in 2015, is kept."""
    kinds = {"licence": "licence/ordinary", "penalty": "penalty/ordinary", "confirmation": "confirmation/ordinary",
             "payment": "payment/ordinary", "adjudication": "adjudication/ordinary", "levy": "collection/ordinary",
             "compulsion": "compulsion/seizure", "other": "transfer/lead"}  # fmt: skip
    for kind, procedure in kinds.items():
        life = Life(town)
        life.draw(basics={"kind": kind}, running={"procedure": procedure})
        life.send()
        assert (life.version().kind, life.version().state) == (kind, "review")
    history = Life(town)
    history.draw(basics={"kind": "approval"})
    assert (history.version().kind, history.version().state) == ("approval", "draft")
    with pytest.raises(Refused, match="已经取消"):
        history.send()
    listed = town.caller(DRAWER).get("/items", query_string={"q": history.item().code}).get_data(as_text=True)
    assert "非行政许可审批（已取消）" in listed


@pytest.mark.requirement("S4-13", part="新增县级租户后可独立建项")
def test_a_new_county_draws_items_up_on_its_own_and_sees_no_other(town, life):
    new = {"code": "370481-04", "name": "滕州市生态环境局（演示）", "abbreviation": "滕环演", "region": "370481",
           "kind": "生态环境", "uscc": "11370481XXXX00004A"}  # fmt: skip
    with town.act() as session:
        agencies.enter(session, {"agencies": [new]})
        own = session.scalars(select(Agency.id).where(Agency.code == new["code"])).one()
        catalogue.add(session, own, {"code": "GL-01", "name": "权力事项动态调整", "type": "item",
                                     "procedure": "governance/item_change", "basis": [], "content": {}})  # fmt: skip
    head = list(roster_rows.COLUMNS)
    rows = [
        {"机关代码": new["code"], "登录名": f"tz-{n}", "姓名": f"{n}（演示）", "岗位": post, "证件种类": "行政执法证",
         "证号": f"演示滕{n}", "有效期起": "2025-01-01", "有效期止": "2029-12-31"}
        for n, post in (("items", "权力事项管理岗"), ("two", "执法办案岗"))
    ]  # fmt: skip
    with town.app.app_context():
        roster.carry_out(None, [head, *([row.get(name, "") for name in head] for row in rows)], False)
    with town.act() as session:
        known = passwords.digest(demo.password())
        theirs = update(Account).where(Account.agency_id == own)
        session.execute(theirs.values(password_hash=known, must_change=False, password_changed_at=NOW))
    browser = town.caller("tz-items")
    assert life.item().code not in browser.get("/items").get_data(as_text=True)
    assert browser.get(f"/items/versions/{life.version_id}").status_code == 404
    started = browser.post(
        "/items/new", {"code": "TZ-02-001", "name": "滕州的事项（演示）", "kind": "penalty"}
    )
    assert started.status_code == 303
    version = int(started.location.split("/")[3])
    for step, said in STEPS.items():
        first = {"code": "TZ-02-001", "name": "滕州的事项（演示）"} if step == "basics" else {}
        with town.act() as session:
            revision = session.get_one(ItemVersion, version).revision
            _, errors = drawing.save(
                session, actor(session, "tz-items"), version, step, revision, {**first, **said}
            )
            assert errors == {}
    with town.read() as session:
        revision = session.get_one(ItemVersion, version).revision
    said = {"_version": str(revision), "_key": key(), "reason": "新设机关（演示）。", "effective_on": DAY}
    assert browser.post(f"/items/versions/{version}/send", said).status_code == 303
    with town.read() as session:
        made = session.get_one(ItemVersion, version)
        assert (made.agency_id, made.state) == (own, "review")
        assert session.get_one(Case, made.case_id).agency_id == own
    for login in (DRAWER, "szhb-review"):
        other = town.caller(login)
        assert other.get(f"/items/versions/{version}").status_code == 404
        assert "TZ-02-001" not in other.get("/items").get_data(as_text=True)
