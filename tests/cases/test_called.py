"""A case on a procedure that calls: into a called process and out of it, back, and onto a newer edition."""

import dataclasses
from datetime import timedelta

from app.audit import service as audit
from app.cases import overview
from app.cases import service as cases
from app.cases.models import Case
from app.cases.publication import gate
from app.deadlines import service as deadlines
from app.diagrams import bundle as bundles
from app.diagrams import service as diagrams
from app.engine.migrate import unavoidable
from app.inbox import lookahead
from app.kernel import clock
from app.people import service as people

from .test_migration import APPROVED, migrate, refused
from .test_returning import give_back, live, options, sound
from .town import confirm, flat, hand_in, waiting

PENALTY = "penalty/ordinary"


def shown(case):
    found = case.session.get_one(Case, case.case_id)
    actor = people.actor_of(case.session, case.officers["head"][0][0])
    return overview.case(case.session, actor, found)


def edition(name: str, *change: str) -> bundles.Bundle:
    """The penalty procedure with another edition of something it calls."""
    real = diagrams.from_folder(PENALTY)
    text = real.called[name].replace(*change)
    assert text != real.called[name]
    new = dataclasses.replace(real, called={**real.called, name: text})
    return dataclasses.replace(new, digest=bundles.named(new))


def test_a_case_goes_into_a_called_process_and_out_of_it(drive):
    case = drive("stone-mill", until="legal_review")
    assert live(case) == ["legal_review"]
    work = waiting(case.session, case.case_id, "legal_review")
    assert (work.name, work.position_key, work.step) == ("法制审核", "legal_review", "legal.review")
    case.do("legal_review")
    assert live(case) == ["collective"], "the next called process, past its reminder"
    case.do("collective")
    assert live(case) == ["decide"]
    sound(case)


def test_the_page_draws_what_is_called_with_the_present_node(drive):
    page = shown(drive("stone-mill", until="collective"))
    assert [(d.name, d.called) for d in page.called] == [
        ("听证", "hearing"),
        ("法制审核", "legality_review"),
        ("集体讨论", "deliberation"),
    ]
    review, deliberation = page.called[1:]
    assert "legal_call" in page.marks("passed")
    assert "collective_call" in page.marks("current")
    assert page.marks_in(review, "passed") == ["legal_review"]
    assert page.marks_in(deliberation, "current") == ["collective"]
    assert page.marks_in(review, "current") == []


def test_a_return_leads_back_into_a_called_process(drive):
    case = drive("stone-mill", until="decide")
    give_back(case, "decide", "hb-head", "collective")
    assert live(case) == ["collective"]
    sound(case)
    case.do("collective")
    assert live(case) == ["decide"]


def test_the_way_back_that_the_drawing_offers_leads_out_of_the_called_process(drive):
    """A notice cannot be undone; the way to a new one begins inside the deliberation and goes on in its caller."""
    case = drive("stone-mill", until="collective")
    why_not = options(case, "collective", "hb-head")["pre_review"].why_not
    assert "流程图提供的途径：负责人集体讨论→调查终结报告→办案机构审核→业务审核" in why_not


def test_a_return_leads_from_one_called_process_into_another(drive):
    case = drive("stone-mill", until="collective")
    give_back(case, "collective", "hb-head", "legal_review")
    assert live(case) == ["legal_review"]
    sound(case)
    case.do("legal_review")
    assert live(case) == ["collective"]


def test_what_follows_is_told_across_the_border():
    real = diagrams.from_folder(PENALTY)
    graph = lookahead._graph(real.whole)
    into = [each.name for each in lookahead._following(graph, "plea_review")]
    assert "法制审核" in into
    out = [each.name for each in lookahead._following(graph, "hearing_report")]
    assert out == ["复核陈述申辩"]
    after = {each.name for each in lookahead._following(graph, "legal_review")}
    assert {"补正与纠正", "负责人集体讨论", "作出决定"} <= after


def test_what_cannot_be_gone_round_is_known_inside_a_called_process(drive):
    case = drive("stone-mill", until="legal_review")
    spec = cases.running_case(case.session, case.session.get_one(Case, case.case_id)).spec
    assert {"file.approve", "invest.end", "case.review"} <= unavoidable(spec, "legal_review")
    assert "hear.notice" in unavoidable(spec, "hearing_hold")
    assert "hear.hold" not in unavoidable(spec, "legal_review")


def test_a_case_inside_a_called_process_moves_to_a_newer_edition_of_it(stage, desk):
    case = stage("stone-mill", until="legal_review")
    new = edition("legality_review", 'name="法制审核" xq:step', 'name="重大决定法制审核" xq:step')
    version = diagrams.publish(desk, new, gate, APPROVED).id
    work = waiting(desk, case.case_id, "legal_review")
    assert work.name == "法制审核", "what was published later changes no running case"
    with clock.at(case.moment):
        migrate(desk, case.case_id, version)
    assert work.name == "重大决定法制审核"
    case.moment += timedelta(days=12)
    hand_in(case, "legal_review", "hb-legal")
    assert waiting(desk, case.case_id, "collective")


def test_a_case_on_the_drawing_it_was_copied_into_goes_on_with_the_called_one(stage, desk):
    """The same procedure with the called ones drawn inside: the same places."""
    case = stage("stone-mill", until="legal_review")
    drawn = dataclasses.replace(
        flat(PENALTY), rules={**flat(PENALTY).rules, "name": "行政处罚普通程序（合图）"}
    )
    version = diagrams.publish(
        desk, dataclasses.replace(drawn, digest=bundles.named(drawn)), gate, APPROVED
    ).id
    with clock.at(case.moment):
        migrate(desk, case.case_id, version)
    assert live(case) == ["legal_review"]


def test_a_newer_edition_that_takes_the_place_away_is_refused(stage, desk):
    case = stage("stone-mill", until="legal_review")
    new = edition("legality_review", '"legal_review"', '"legal_look"')
    text = new.called["legality_review"].replace(">legal_review<", ">legal_look<")
    new = dataclasses.replace(new, called={**new.called, "legality_review": text})
    new = dataclasses.replace(new, digest=bundles.named(new))
    version = diagrams.publish(desk, new, lambda *_: [], APPROVED).id
    assert "法制审核”在新版本中不存在" in refused(desk, case, version)


def test_a_return_leads_out_of_a_called_process_to_a_task_of_the_caller_before_the_call(drive):
    """Without a notice nothing stands in the way; the case goes into the called process once more."""
    case = drive("pharmacy-log", until="report")
    agency = "sj"
    hand_in(case, "report", f"{agency}-officer1", complex="yes")
    confirm(case, "report", f"{agency}-officer2")
    for node, login in (("lead_review", f"{agency}-lead"), ("pre_review", f"{agency}-review")):
        case.moment += timedelta(hours=3)
        hand_in(case, node, login)
    assert live(case) == ["legal_review"]
    case.moment += timedelta(hours=2)
    before = running(case)
    give_back(case, "legal_review", f"{agency}-legal", "pre_review")
    assert live(case) == ["pre_review"]
    assert "业务审核" in running(case)
    assert "法制审核" in before
    assert "法制审核" not in running(case)
    assert "办案期限" in running(case), "the law's time runs on"
    entry = audit.of_case(case.session, case.case_id)[-1]
    assert (entry.kind, entry.content["node"]) == ("work.return", "legal_review")
    sound(case)
    case.moment += timedelta(hours=2)
    hand_in(case, "pre_review", f"{agency}-review")
    assert live(case) == ["legal_review"]
    case.moment += timedelta(hours=2)
    give_back(case, "legal_review", f"{agency}-legal", "report")
    assert live(case) == ["report"]
    assert {"case.review", "invest.end"} & case.session.get_one(Case, case.case_id).passed.keys() == set()
    sound(case)


def running(case) -> list[str]:
    """The names of the clocks that run."""
    found = deadlines.of_case(case.session, case.case_id)
    return [one.name for one in found if one.state == "running"]
