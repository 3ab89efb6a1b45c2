"""制作文书 by programs: offered to who has the task, filled in on its own form, issued once, under the same gates."""

import pytest
from cases.town import Town, actor
from sqlalchemy import select, update

from app.cases.models import WorkItem
from app.documents.models import Document
from app.documents.template import sample_of
from app.people.models import Certificate

from .programs import new_key
from .test_desk_acts import program

CODE, FORM = "DC-12", "paper_sampling"
SAID = sample_of(CODE)["forms"][FORM]


@pytest.fixture
def work(town: Town) -> int:
    """An investigation of the first officer's."""
    found, _ = town.work(town.open("stone-mill", "investigate"), "investigate")
    with town.act() as session:
        lead = actor(session, "hb-officer1").officer_id
        session.execute(update(WorkItem).where(WorkItem.id == found).values(assignee_id=lead))
    return found


def issued(town: Town, work: int) -> list[str]:
    with town.read() as session:
        case_id = session.get_one(WorkItem, work).case_id
        chosen = select(Document.number).where(Document.case_id == case_id, Document.code == CODE)
        return list(session.scalars(chosen.order_by(Document.id)))


def answers(form: dict, prefilled: dict) -> dict:
    """What the sample says, as far as the schema of the form knows it."""
    known = form["schema"]["properties"]
    return {
        **prefilled,
        **{name: value for name, value in SAID.items() if name in known and value not in ("", [], None)},
    }


def test_who_has_the_task_is_offered_its_papers_and_nobody_else(town: Town, work: int):
    path = f"/work-items/{work}/papers"
    offered = program(town, "hb-officer1").get(path)
    assert offered.status_code == 200, offered.json
    assert CODE in {one["code"] for one in offered.json["papers"]}
    assert program(town, "hb-officer3").get(path).json["papers"] == []
    assert program(town, "szhb-officer1").get(path).status_code == 404


def test_it_is_made_once_for_a_key_and_the_task_stays(town: Town, work: int):
    mine, path = program(town, "hb-officer1"), f"/work-items/{work}/papers/{CODE}"
    page = mine.get(path)
    assert page.status_code == 200, page.json
    assert (page.json["code"], page.json["form"]["key"]) == (CODE, FORM)
    before, key = mine.get(f"/work-items/{work}").json, new_key()
    given = {"answers": answers(page.json["form"], page.json["answers"])}
    first, again = mine.act(path, given, key=key), mine.act(path, given, key=key)
    assert first.status_code == 201, first.json
    assert first.json == again.json
    assert [one["number"] for one in first.json["documents"]] == issued(town, work)
    after = mine.get(f"/work-items/{work}").json
    assert (after["version"], after["status"], after["answers"]) == (
        before["version"],
        "open",
        before["answers"],
    )
    assert mine.act(path, given).json["documents"] != first.json["documents"]
    assert len(issued(town, work)) == 2


def test_what_is_missing_is_told_at_its_place_and_nothing_is_issued(town: Town, work: int):
    mine, path = program(town, "hb-officer1"), f"/work-items/{work}/papers/{CODE}"
    wrong = mine.act(path, {"answers": {}})
    assert (wrong.status_code, bool(wrong.json["errors"])) == (422, True)
    assert mine.act(f"/work-items/{work}/papers/JD-01", {"answers": {}}).status_code == 404
    assert program(town, "hb-officer1", "read").act(path, {"answers": {}}).status_code == 403
    assert issued(town, work) == []


def test_a_gate_stands_in_the_way_of_a_program_too(town: Town, work: int):
    mine, path = program(town, "hb-officer1"), f"/work-items/{work}/papers/{CODE}"
    page = mine.get(path).json
    given = {"answers": answers(page["form"], page["answers"])}
    with town.act() as session:
        who = actor(session, "hb-officer1").officer_id
        held = update(Certificate).where(Certificate.officer_id == who, Certificate.kind == "enforcement")
        session.execute(held.values(valid_to="2020-12-31"))
    try:
        refused = mine.act(path, given)
    finally:
        with town.act() as session:
            session.execute(held.values(valid_to="2030-12-31"))
    assert (refused.status_code, refused.json["code"]) == (422, "certified_officers")
    assert refused.json["article"]
    assert issued(town, work) == []
