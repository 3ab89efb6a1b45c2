"""Every step of every procedure says how it is done, and says nothing that its rule set does not."""

from dataclasses import replace

import pytest

from app.cases.service import matches
from app.diagrams import service as diagrams
from app.guide import examples, steps

from .conftest import as_published


def test_every_step_says_who_what_and_what_follows(procedure: diagrams.Procedure):
    guides = steps.of_procedure(procedure)
    assert len(guides) > 5
    for guide in guides:
        assert guide.name
        assert guide.position, guide.node
        assert guide.ways, guide.node
        assert guide.signs
        if guide.kind == "user":
            assert guide.duty, guide.node
            assert guide.limit, guide.node
            assert guide.basis, guide.node


def test_every_declared_gate_is_told_at_its_steps(procedure: diagrams.Procedure):
    rules = procedure.rules
    declared = [
        *((need.before, need.message) for need in rules.needs),
        *((proof.before, proof.message) for proof in (*rules.reviews, *rules.hearings)),
        *((period.before, period.message) for period in rules.periods),
        *((paper.before, paper.message) for paper in rules.documents_before),
        *(((bound.step,), bound.message) for bound in rules.in_time),
        *(((named.step,), named.message) for named in rules.named),
        *(((limit.step,), limit.message) for limit in rules.no_increase),
        *((band.steps, band.message) for band in rules.bands),
    ]
    assert declared
    for guide in steps.of_procedure(procedure):
        for before, message in declared:
            if guide.step and matches(guide.step, tuple(before)):
                assert message in guide.mistakes, (guide.node, message)


def test_no_key_of_the_rule_set_is_left_in_the_words(procedure: diagrams.Procedure):
    keys = {name for name in procedure.rules.names() if "_" in name}
    for guide in steps.of_procedure(procedure):
        said = " ".join((c.when + c.asks) for c in guide.checks) + " ".join(p.when for p in guide.papers)
        said += " ".join(f.when + f.help for f in guide.fields)
        assert not [key for key in keys if key in said], guide.node


def test_steps_come_in_the_order_of_the_case(penalty: diagrams.Procedure):
    order = [guide.node for guide in steps.of_procedure(penalty)]
    expected = ["register", "check", "file_approve", "investigate", "report", "notice_serve", "legal_review"]
    expected += ["collective", "decide", "decision_doc", "serve", "close_approve", "archive"]
    assert [node for node in order if node in expected] == expected


def test_what_leads_back_is_told_as_a_return(penalty: diagrams.Procedure):
    decide = steps.of_node(penalty, "decide")
    assert [way.name for way in decide.returns] == ["调查终结报告"]
    register = steps.of_node(penalty, "register")
    assert register.returns == ()


def test_the_statutory_limit_stands_beside_the_position_limit(penalty: diagrams.Procedure):
    review = steps.of_node(penalty, "legal_review")
    assert (review.limit, review.statutory, review.statutory_name) == ("5个工作日", "10个工作日", "法制审核")
    approve = steps.of_node(penalty, "file_approve")
    assert [clock.name for clock in approve.starts] == ["办案期限"]
    assert [clock.name for clock in approve.stops] == ["线索核查期限"]


def test_an_analyst_may_add_words_of_their_own(penalty: diagrams.Procedure):
    bundle = diagrams.from_folder("penalty/ordinary")
    written = bundle.internal.replace(
        b'id="decide" ', 'id="decide" xq:guide="先看法制审核意见。&#10;再定数额。" '.encode(), 1
    )
    assert written != bundle.internal
    changed = as_published(replace(bundle, internal=written, digest="other"))
    assert steps.of_node(changed, "decide").guide == "先看法制审核意见。\n再定数额。"
    assert steps.of_node(penalty, "decide").guide == ""


def test_every_step_with_a_form_has_an_example(procedure: diagrams.Procedure):
    for guide in steps.of_procedure(procedure):
        if guide.form:
            found = examples.of_step(procedure, guide)
            assert found.answers, guide.node
            for answer in found.answers:
                assert answer.text, (guide.node, answer.key)


def test_the_example_of_the_decision_is_a_whole_case(penalty: diagrams.Procedure):
    found = examples.of_step(penalty, steps.of_node(penalty, "decision_doc"))
    assert found.title
    assert [code for code, _ in found.papers] == ["JD-01"]
    assert examples.paper(penalty, "JD-01").startswith(b"%PDF")


def test_a_document_that_the_procedure_does_not_issue_has_no_example(penalty: diagrams.Procedure):
    with pytest.raises(Exception, match="没有示例"):
        examples.paper(penalty, "LC-01")
