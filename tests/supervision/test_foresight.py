"""事项预警: every light turns on its day, once, tells who is to act, and goes out when it is dealt with."""

import itertools
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from cases.town import Town, actor
from catalogue.item_way import STEPS, Life
from sqlalchemy import select

from app.catalogue import changes, impact, item_versions
from app.catalogue.changes import NewChange, TaskState
from app.catalogue.models import ItemVersion, LawTask
from app.catalogue.validity import ChangeKind
from app.items import listing
from app.kernel import clock
from app.people.models import StaffNotice
from app.supervision import foresight
from app.supervision.models import GovernanceLight

_numbers = itertools.count(1)
CHANGED = date(2026, 8, 15)
LAST = date(2026, 7, 27)
"""The fifteenth working day before."""


def at(day: date) -> datetime:
    """Half past nine in the morning in China."""
    return datetime(day.year, day.month, day.day, 9, 30, tzinfo=clock.CHINA)


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(at(date(2026, 3, 2))):
        yield


@pytest.fixture
def law() -> str:
    """A law that no other test changes: an item that comes into force gets the work of every change still to come."""
    return f"演示第{next(_numbers)}条例"


@pytest.fixture
def life(town: Town, law: str) -> Life:
    """An item in force since 1 April 2026, on a law of its own."""
    made = Life(town)
    made.draw(basis={"basis": [{"citation": f"《{law}》第三条", "note": ""}]})
    made.to_audit("2026-04-01")
    made.review("同意", "2026-04-01")
    with clock.at(at(date(2026, 4, 1))), town.act() as session:
        item_versions.apply_due(session, clock.now(), 100)
    return made


def lights(town: Town, item_id: int, day: date, *, turns: bool = True) -> list[tuple[str, str]]:
    """The lights that are on for an item after the sweeps of a day; the second one turns nothing."""
    with clock.at(at(day)):
        for again in (False, True):
            with town.act() as session:
                before = _turned(session, item_id)
                foresight.look(session, clock.now())
                if again:
                    assert _turned(session, item_id) == before, "a light turns once"
        with town.read() as session:
            chosen = select(GovernanceLight.kind, GovernanceLight.colour).where(
                GovernanceLight.item_id == item_id, GovernanceLight.ended_at.is_(None)
            )
            return sorted(session.execute(chosen).tuples().all())


def _turned(session, item_id: int) -> list[tuple[str, str, datetime]]:
    chosen = select(GovernanceLight.kind, GovernanceLight.colour, GovernanceLight.turned_at)
    return sorted(session.execute(chosen.where(GovernanceLight.item_id == item_id)).tuples().all())


def told(town: Town, login: str, word: str) -> list[str]:
    with town.read() as session:
        mine = select(StaffNotice.told).where(StaffNotice.to_id == actor(session, login).officer_id)
        return [line for line in session.scalars(mine.order_by(StaffNotice.id)) if word in line]


def repeal(town: Town, law: str, kind: ChangeKind = ChangeKind.REPEALED, on: date = CHANGED) -> int:
    with town.act() as session:
        new = NewChange(law, kind, on, "演示新法", "演示文件", "演示")
        return changes.record(session, new)[0].id


@pytest.mark.requirement("S4-20")
@pytest.mark.requirement("S4-48")
def test_a_change_of_law_that_nobody_follows(town, life, law):
    item = life.item()
    change_id = repeal(town, law)
    name = item.name
    assert lights(town, item.id, LAST - timedelta(days=1)) == []
    assert lights(town, item.id, LAST) == [("apply", "yellow")]
    assert len([line for line in told(town, "hb-review", name) if "调整申报黄灯" in line]) == 1
    assert len([line for line in told(town, "hb-head", name) if "调整申报黄灯" in line]) == 1
    with town.read() as session:
        shown = foresight.lines(session, actor(session, "hb-review"), change_id=change_id)
        assert [(line.item, line.light.colour) for line in shown if line.light.item_id == item.id] == [
            (name, "yellow")
        ]
        assert foresight.lines(session, actor(session, "szhb-head"), change_id=change_id) == []
        assert foresight.lines(session, actor(session, "sf-super"), change_id=change_id)
    assert lights(town, item.id, date(2026, 7, 31)) == [("apply", "yellow")]
    assert lights(town, item.id, date(2026, 8, 3)) == [("apply", "red")], (
        "ten working days reach past the day"
    )
    assert lights(town, item.id, date(2026, 9, 13)) == [("apply", "red")]
    assert lights(town, item.id, date(2026, 9, 14)) == [("adjust", "red"), ("apply", "red")]
    for words, number in (("调整申报黄灯", 1), ("调整申报红灯", 1), ("依据变更未调整红灯", 1)):
        assert len([line for line in told(town, "hb-review", name) if words in line]) == number
    with town.act() as session:
        task = session.scalars(
            select(LawTask).where(LawTask.item_id == item.id, LawTask.change_id == change_id)
        ).one()
        task.state, task.note, task.closed_at = TaskState.ADJUSTED, "已调整（演示）", clock.now()
        task_id = task.id
    assert lights(town, item.id, date(2026, 9, 15)) == [("adjust", "red"), ("apply", "red")], (
        "saying so is not doing so"
    )
    with town.act() as session:
        session.get_one(LawTask, task_id).state = TaskState.UNAFFECTED
    assert lights(town, item.id, date(2026, 9, 16)) == []


@pytest.mark.requirement("S4-20")
def test_applied_for_in_time_and_published_it_stays_dark(town, life, law):
    item = life.item()
    change_id = repeal(town, law, ChangeKind.AMENDED, date(2026, 8, 16))
    with clock.at(at(date(2026, 7, 20))):
        life.change()
        life.save("running", {**STEPS["running"], "promised": "45"})
        life.to_audit("2026-08-16")
    assert lights(town, item.id, date(2026, 7, 28)) == []
    assert ("answer", "red") not in lights(town, item.id, date(2026, 8, 3)), "the tenth working day"
    with clock.at(at(date(2026, 8, 3))):
        life.review("同意", "2026-08-16")
    assert life.version().state == "approved"
    assert lights(town, item.id, date(2026, 9, 20)) == []
    with town.act() as session:
        for task in session.scalars(select(LawTask).where(LawTask.change_id == change_id)):
            task.state, task.closed_at, task.note = TaskState.UNAFFECTED, clock.now(), "演示"


@pytest.mark.requirement("S4-48")
def test_published_anew_on_what_was_repealed_is_not_adjusted(town, life, law):
    item = life.item()
    change_id = repeal(town, law, on=date(2026, 5, 6))
    with clock.at(at(date(2026, 4, 8))):
        life.change()
        life.save("running", {**STEPS["running"], "promised": "45"})
        life.to_audit("2026-05-07")
        life.review("同意", "2026-05-07")
    assert life.version().state == "approved"
    assert ("adjust", "red") not in lights(town, item.id, date(2026, 6, 4))
    assert ("adjust", "red") in lights(town, item.id, date(2026, 6, 5))
    with town.act() as session:
        for task in session.scalars(select(LawTask).where(LawTask.change_id == change_id)):
            task.state, task.closed_at, task.note = TaskState.UNAFFECTED, clock.now(), "演示"


@pytest.mark.requirement("S4-21")
def test_the_legal_office_has_ten_working_days_from_the_receipt(town):
    life = Life(town)
    life.draw()
    life.to_audit()  # on Monday, 2 March
    item = life.item()
    assert lights(town, item.id, date(2026, 3, 16)) == []
    assert lights(town, item.id, date(2026, 3, 17)) == [("answer", "red")]
    with town.read() as session:
        (light,) = session.scalars(
            select(GovernanceLight).where(
                GovernanceLight.item_id == item.id, GovernanceLight.kind == "answer"
            )
        )
        office = actor(session, "sf-deputy")
        assert (light.agency_id, light.due_on) == (office.agency_id, date(2026, 3, 16))
        assert light.id in {line.light.id for line in foresight.lines(session, office)}
        assert light.id in {line.light.id for line in foresight.lines(session, actor(session, "sf-super"))}
        assert light.id not in {line.light.id for line in foresight.lines(session, actor(session, "hb-head"))}
    assert len(told(town, "sf-legal", item.name)) == 1
    with clock.at(at(date(2026, 3, 18))):
        life.review()
    assert lights(town, item.id, date(2026, 3, 18)) == []


@pytest.mark.requirement("S4-30")
def test_an_item_is_to_be_looked_at_again_after_a_year(town, life):
    item = life.item()
    with town.read() as session:
        looked = session.get_one(ItemVersion, life.version_id).checked_on
    due = looked.replace(year=looked.year + 1)
    assert lights(town, item.id, due - timedelta(days=1)) == []
    assert lights(town, item.id, due) == [("review", "yellow")]
    assert len([line for line in told(town, "hb-review", item.name) if "年度复核" in line]) == 1, (
        "who keeps it"
    )
    with clock.at(at(due + timedelta(days=3))):
        town.do(listing.check, "hb-review", item.id, "没有变化（演示）")
    assert lights(town, item.id, due + timedelta(days=3)) == []
    assert lights(town, item.id, due + timedelta(days=3 + 364)) == []
    again = (due + timedelta(days=3)).replace(year=due.year + 1)
    assert lights(town, item.id, again) == [("review", "yellow")]
    assert len([line for line in told(town, "hb-review", item.name) if "年度复核" in line]) == 2


@pytest.mark.requirement("S4-17")
def test_a_changed_article_lists_items_procedures_and_documents_and_lights_the_work(town):
    """行政处罚法第五十六条 is cited by procedures and templates that are shipped, and by an item drawn up here."""
    life = Life(town)
    cited = [{"citation": "《中华人民共和国行政处罚法》第五十六条", "note": ""}]
    life.draw(basis={"basis": cited})
    life.to_audit("2026-04-01")
    life.review("同意", "2026-04-01")
    item = life.item()
    with clock.at(at(date(2026, 4, 1))), town.act() as session:
        item_versions.apply_due(session, clock.now(), 100)
        law = "中华人民共和国行政处罚法"
        new = NewChange(law, ChangeKind.AMENDED, date(2026, 8, 17), "演示", "演示文件", "演示", ("56",))
        change_id = changes.record(session, new)[0].id
        found = impact.of(session, law, date(2026, 8, 17), ["56"])
        assert str(item.id) in {each.ref for each in found.items}
        assert found.procedures
        assert found.templates
    page = town.caller("hb-review").get("/laws/impact?law=行政处罚法&no=56").text
    for words in (item.name, "流程", "文书模板"):
        assert words in page
    assert lights(town, item.id, date(2026, 8, 4)) == [("apply", "red")]
    shown = town.caller("hb-review").get(f"/supervision/items?change={change_id}").text
    assert item.name in shown
    assert "仍未申报" in shown
    with town.act() as session:
        for task in session.scalars(select(LawTask).where(LawTask.change_id == change_id)):
            task.state, task.closed_at, task.note = TaskState.UNAFFECTED, clock.now(), "演示"


def test_the_page_shows_lights_to_those_who_see_the_agency(town):
    life = Life(town)
    life.draw()
    life.to_audit()
    name = life.item().name
    lights(town, life.item().id, date(2026, 3, 17))
    page = "/supervision/items"
    assert name in town.caller("sf-legal").get(f"{page}?kind=answer&colour=red").text
    shown = town.caller("sf-super").get(page).text
    assert name in shown
    assert "超期" in shown
    assert name not in town.caller("hb-review").get(page).text
    assert name not in town.caller("szhb-head").get(page).text
    assert town.caller("sf-analyst").get(page).status_code == 403


def test_what_is_known_of_repeals_lights_the_items_that_rest_on_them(town):
    with town.act() as session:
        changes.load_known(session)
    day = date(2026, 9, 14)
    with clock.at(at(day)):
        for _ in range(2):
            with town.act() as session:
                foresight.look(session, clock.now())
        with town.read() as session:
            found = foresight.lines(session, actor(session, "sf-super"), kind="adjust")
            assert {line.code for line in found} >= {"ZZ-02-STHJ-007", "ZZ-02-STHJ-008"}
            assert {line.light.due_on for line in found if line.code == "ZZ-02-STHJ-007"} == {day}
