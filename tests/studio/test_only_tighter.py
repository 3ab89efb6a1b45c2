"""A new version or a copy that is looser is refused where it is published, and told to the analyst while drawing; a
change of the law is named, and those who examine the publication see it first."""

from collections.abc import Iterator

import pytest
from callers import Caller, hashing_cheaply
from cases.town import Town, actor, own_town
from flask import Flask
from journeys.publication import ANALYST, REVIEW, Way
from studio_calls import Analyst

from app.cases import former
from app.diagrams import service as diagrams
from app.diagrams.bundle import from_folder
from app.diagrams.rules import parse
from app.kernel.errors import Refused
from app.studio import service as studio

OLD = "major_fine_person: {value: 10000"
NEW = "major_fine_person: {value: 20000"
BASIS = """
loosened:
  - path: params.major_fine_person
    basis: 《某某条例》第五条
    document: 国务院令第000号，自2099年1月1日起施行
"""


@pytest.fixture(scope="module")
def town(app: Flask, database_url: str) -> Iterator[Town]:
    """A town in which nobody else publishes: what is in force is what the release ships."""
    with hashing_cheaply(), own_town(database_url) as found:
        yield found


@pytest.fixture
def way(town: Town) -> Way:
    made = Way(town)
    made.draft()
    return made


def loosen(way: Way, more: str = "") -> None:
    rules = way.texts()["rules.yaml"]
    assert OLD in rules
    way.save({"rules.yaml": rules.replace(OLD, NEW) + more})


def publish_page(town: Town, way: Way) -> str:
    browser: Caller = town.caller(ANALYST)
    return browser.get(f"/studio/drafts/{way.draft_id}/publish").get_data(as_text=True)


def test_looser_than_the_version_in_force_is_not_published(town, way):
    loosen(way)
    shown = publish_page(town, way)
    assert "还不能送审" in shown
    assert "由10000放宽为20000" in shown
    assert "loosened" in shown
    with pytest.raises(Refused) as caught:
        way.send()
    assert "由10000放宽为20000" in caught.value.message


@pytest.mark.requirement("S4-60")
def test_an_agency_that_lengthens_the_law_s_time_limit_is_refused(town, way):
    rules = way.texts()["rules.yaml"]
    ninety = "name: 办案期限\n    limit: 90d"
    assert ninety in rules
    way.save({"rules.yaml": rules.replace(ninety, ninety.replace("90d", "120d"))})
    shown = publish_page(town, way)
    assert "还不能送审" in shown
    assert "办案期限" in shown
    with pytest.raises(Refused, match="办案期限"):
        way.send()


def test_with_the_changed_law_named_it_goes_to_those_who_examine_it(town, way):
    loosen(way, BASIS)
    assert "可以送审" in publish_page(town, way)
    way.send()
    row = way.row()
    assert row.changes[0]["part"] == "放宽"
    assert "《某某条例》第五条" in row.changes[0]["text"]
    found = [f for f in row.account["findings"] if f["rule"] == "tighten"]
    assert [f["severity"] for f in found] == ["warn"]
    work_id, _ = way.waiting("initial")
    page = town.caller(REVIEW).get(f"/work/{work_id}").get_data(as_text=True)
    assert "放宽" in page
    assert "国务院令第000号" in page


@pytest.mark.parametrize("left", ["basis", "document"])
def test_half_a_basis_is_none(town, way, left):
    lines = [line for line in BASIS.splitlines() if f" {left}:" not in line]
    loosen(way, "\n".join(lines))
    assert "由10000放宽为20000" in publish_page(town, way)


def test_a_basis_of_another_place_does_not_help(town, way):
    loosen(way, BASIS.replace("params.major_fine_person", "params.major_fine_organisation"))
    assert "由10000放宽为20000" in publish_page(town, way)


def test_a_copy_under_another_key_follows_its_origin(town):
    way = Way(town)
    with town.act() as session:
        source = diagrams.current(session, "penalty/ordinary")
        made = studio.start(session, actor(session, ANALYST), source.id, "penalty/variant", "变体")
        way.draft_id = made.id
    with town.read() as session:
        names = [f.name for f in former.formers_of(session, "penalty/variant", source.id)]
    assert names == [f"{source.name}第 {source.number} 版"]
    loosen(way, "\nscope: penalty.ordinary\n")
    assert "由10000放宽为20000" in publish_page(town, way)


def test_the_proof_panel_tells_it_while_drawing(town):
    analyst = Analyst(town)
    draft = analyst.start()
    rules = analyst.content(draft)["rules.yaml"]
    account = analyst.send(
        f"drafts/{draft}/proof", {"changes": {"rules.yaml": rules.replace(OLD, NEW)}}
    ).get_json()
    found = [f for f in account["findings"] if f["rule"] == "tighten"]
    assert [(f["severity"], f["path"], f["title"]) for f in found] == [
        ("block", "rules.yaml", "规则只能收紧")
    ]
    assert not account["publishable"]
    account = analyst.send(
        f"drafts/{draft}/proof", {"changes": {"rules.yaml": rules.replace(OLD, NEW) + BASIS}}
    ).get_json()
    found = [f for f in account["findings"] if f["rule"] == "tighten"]
    assert [f["severity"] for f in found] == ["warn"]
    assert account["publishable"]
    account = analyst.send(
        f"drafts/{draft}/proof",
        {"changes": {"rules.yaml": rules.replace(OLD, "major_fine_person: {value: 5000")}},
    ).get_json()
    assert not [f for f in account["findings"] if f["rule"] == "tighten"]


def test_fewer_officers_in_the_diagram_are_looser_too(town, way):
    drawn = way.texts()["internal.bpmn"]
    assert 'xq:step="invest.plan"' in drawn
    node = drawn[drawn.index('id="invest_plan"') :]
    node = node[: node.index(">")]
    way.save({"internal.bpmn": drawn.replace(node, node.replace('xq:officers="2"', 'xq:officers="1"'))})
    assert "的办理人员由2名减为1名" in publish_page(town, way)


def test_what_a_release_ships_undoes_nothing_that_was_approved(town):
    bundle = from_folder("penalty/ordinary")
    with town.read() as session:
        assert former.approved_before(session, "penalty/ordinary") == []
        from app.cases.publication import gate_of_release

        assert gate_of_release(session)(bundle, parse(bundle.rules, bundle.tables)) == []
