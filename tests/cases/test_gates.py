"""Each gate of law: an act that keeps it passes, an act that breaks it is refused with the article."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.cases.gates import Sitting
from app.cases.rules import ActFacts, Signer, advance_attributes, first_refusal, matches, passed_after
from app.diagrams.rules import parse
from app.kernel.errors import Invalid

DAY = datetime(2026, 3, 2, 1, tzinfo=UTC)

RULES = parse(
    {
        "key": "test",
        "name": "测试程序",
        "kind": "penalty",
        "attributes": {
            "fine": {"type": "number", "default": 0},
            "legal_passed": {"type": "boolean", "default": False},
            "outcome": {"type": "choice", "options": ["penalty", "none"], "default": "penalty"},
            "filing_ok": {"type": "boolean", "default": True},
        },
        "params": {"major_fine": {"value": 100000, "source": "测试"}},
        "derived": {"major": {"when": {"field": "fine", "op": "gte", "value": {"param": "major_fine"}}}},
        "separation": [
            {"name": "调查", "steps": ["check", "invest.*", "invest"]},
            {"name": "法制审核", "steps": ["legal.review"]},
            {"name": "决定", "steps": ["decide"]},
        ],
        "required_before": [
            {
                "before": ["decide"],
                "needs": ["legal.review", "legal_passed"],
                "when": {"field": "major", "op": "eq", "value": True},
                "article": "第五十八条",
                "message": "重大案件未经法制审核通过，不得作出决定。",
            }
        ],
        "resets": {"invest.end": {"legal_passed": False}},
        "sticky": {"plea.received": ["filing_ok"]},
        "no_increase": [
            {
                "step": "decide",
                "than": "notice",
                "attributes": ["fine"],
                "article": "第四十五条",
                "message": "不得加重",
            }
        ],
        "voids": {"invest.end": ["legal.*"]},
        "freeze_after": ["decide"],
        "abnormal": [{"attribute": "filing_ok", "value": False, "message": "不予立案须说明理由。"}],
    }
)


def evaluate(tree, data, params):
    """Just enough of the condition tree for these tests."""
    value = tree["value"]
    value = params[value["param"]] if isinstance(value, dict) else value
    return data[tree["field"]] >= value if tree["op"] == "gte" else data[tree["field"]] == value


def officer(number: int, *positions: str, certificates=("enforcement",)) -> Signer:
    return Signer(number, f"演示{number}", frozenset(positions), frozenset(certificates))


def act(**changes) -> ActFacts:
    attributes = {**RULES.initial(), "major": False}
    facts = ActFacts(
        rules=RULES,
        node="decide",
        name="作出决定",
        step="decide",
        position="head",
        officers=0,
        certificate="enforcement",
        signers=(officer(9, "head"),),
        before=attributes,
        after=attributes,
        passed={},
        took_part={},
        case_open=True,
    )
    return replace(facts, **changes)


def refused(facts: ActFacts) -> str | None:
    found = first_refusal(facts, evaluate)
    return found.gate if found else None


def test_an_ordinary_act_passes():
    assert refused(act()) is None


def test_a_finished_case_takes_no_further_act():
    assert refused(act(case_open=False)) == "case_closed"


def test_only_a_holder_of_the_position_handles_the_task():
    assert refused(act(signers=(officer(9, "deputy"),))) == "position"


@pytest.mark.parametrize(
    ("signers", "gate"),
    [
        ((officer(1, "head"), officer(2, "head")), None),
        ((officer(1, "head"),), "certified_officers"),
        ((officer(1, "head"), officer(1, "head")), "certified_officers"),
        ((officer(1, "head"), officer(2, "head", certificates=())), "certified_officers"),
    ],
    ids=["two", "one", "the same twice", "second without certificate"],
)
def test_two_different_certified_officers(signers, gate):
    assert refused(act(officers=2, signers=signers)) == gate


def test_an_investigator_does_not_review():
    review = {"step": "legal.review", "took_part": {"invest.end": {9}}}
    assert refused(act(**review)) == "separation"
    assert refused(act(**review, signers=(officer(8, "head"),))) is None


def test_a_reviewer_does_not_decide():
    assert refused(act(took_part={"legal.review": {9}})) == "separation"


def test_a_major_decision_needs_a_review_that_passed():
    major = {**RULES.initial(), "fine": 100000, "major": True}
    told = {"notice": {"fine": 100000}}
    assert refused(act(after=major)) == "step_before"
    assert refused(act(after={**major, "legal_passed": True})) == "step_before"
    assert refused(act(after=major, passed={"legal.review": DAY})) == "step_before"
    assert (
        refused(act(after={**major, "legal_passed": True}, passed={"legal.review": DAY}, held=told)) is None
    )


def test_nothing_is_added_before_the_decision_once_it_is_made():
    passed = {"invest": DAY, "decide": DAY + timedelta(days=3)}
    assert refused(act(step="invest", passed=passed)) == "frozen"
    assert refused(act(step="serve", passed=passed)) is None


def test_a_branch_off_the_ordinary_course_states_its_reason():
    after = {**RULES.initial(), "major": False, "filing_ok": False}
    written = {"after": after, "writes": frozenset({"filing_ok"})}
    assert refused(act(**written)) == "reason"
    assert refused(act(**written, reason="违法事实不成立")) is None
    assert refused(act(after=after)) is None, "a later step does not have to repeat the reason"


def test_attributes_are_reset_then_written_then_derived():
    before = {**RULES.initial(), "legal_passed": True, "major": False}
    after = advance_attributes(RULES, "invest.end", before, {"fine": 100000}, evaluate)
    assert after == {**before, "legal_passed": False, "fine": 100000, "major": True}


def test_a_decision_is_not_heavier_than_the_notice():
    told = {"notice": {"fine": 5000}}
    assert refused(act(held=told, after={**RULES.initial(), "major": False, "fine": 5000})) is None
    assert refused(act(held=told, after={**RULES.initial(), "major": False, "fine": 5001})) == "no_increase"
    assert refused(act(after={**RULES.initial(), "major": False, "fine": 1})) == "no_increase"


def test_what_is_sticky_is_not_unsaid_by_a_second_letter():
    before = {**RULES.initial(), "major": False}
    assert advance_attributes(RULES, "plea.received", before, {"filing_ok": False}, evaluate)["filing_ok"]
    assert not advance_attributes(RULES, "other", before, {"filing_ok": False}, evaluate)["filing_ok"]


def test_a_form_cannot_write_what_the_rules_do_not_declare():
    with pytest.raises(KeyError):
        advance_attributes(RULES, "decide", RULES.initial(), {"major": False}, evaluate)


def test_a_new_report_voids_the_old_review():
    passed = passed_after(RULES, {"legal.review": DAY, "notice": DAY}, {"invest.end": DAY})
    assert set(passed) == {"notice", "invest.end"}


def test_step_patterns():
    assert matches("decide.penalty", ("decide.*",))
    assert not matches("decide", ("decide.*",))
    assert not matches("decider.x", ("decide.*",))


MAJOR = {**RULES.initial(), "fine": 100000, "major": True, "legal_passed": True}


def sitting(closed=True, **carried) -> Sitting:
    """A meeting that says one thing of the form's answers."""
    return Sitting("集体讨论", closed, carried, {"result": ("结论内容", "同意")}, "第五十七条第二款")


BREAKS = {
    "case_closed": act(case_open=False),
    "recused": act(recused={9}),
    "position": act(signers=(officer(9, "deputy"),)),
    "certified_officers": act(officers=2),
    "separation": act(took_part={"legal.review": {9}}),
    "step_before": act(after=MAJOR),
    "moment_order": act(after=MAJOR, passed={"legal.review": DAY}, moment=DAY - timedelta(days=1)),
    "no_increase": act(after={**RULES.initial(), "major": False, "fine": 1}),
    "frozen": act(step="invest", passed={"invest": DAY, "decide": DAY + timedelta(days=3)}),
    "reason": act(
        after={**RULES.initial(), "major": False, "filing_ok": False}, writes=frozenset({"filing_ok"})
    ),
    "sitting": act(writes=frozenset({"filing_ok"}), sitting=sitting(filing_ok=False)),
}
KEEPS = {
    "case_closed": act(case_open=True),
    "recused": act(recused={8}, appointed={9}),
    "position": act(signers=(officer(9, "head", "deputy"),)),
    "certified_officers": act(officers=2, signers=(officer(1, "head"), officer(2, "head"))),
    "separation": act(took_part={"legal.review": {8}}),
    "step_before": act(after=MAJOR, passed={"legal.review": DAY}, held={"notice": {"fine": 100000}}),
    "moment_order": act(
        after=MAJOR, passed={"legal.review": DAY}, moment=DAY, held={"notice": {"fine": 100000}}
    ),
    "no_increase": act(after={**RULES.initial(), "major": False, "fine": 1}, held={"notice": {"fine": 1}}),
    "frozen": act(step="invest", passed={"invest": DAY}),
    "reason": act(
        after={**RULES.initial(), "major": False, "filing_ok": False},
        writes=frozenset({"filing_ok"}),
        reason="因",
    ),
    "sitting": act(writes=frozenset({"filing_ok"}), sitting=sitting(filing_ok=True), data={"result": "同意"}),
}


@pytest.mark.parametrize("gate", BREAKS)
def test_broken_and_kept(gate):
    assert refused(BREAKS[gate]) == gate
    assert refused(KEEPS[gate]) is None


def test_a_sitting_must_be_over_and_say_what_the_form_says():
    wrote = frozenset({"filing_ok"})
    assert refused(act(writes=wrote, sitting=sitting(closed=False, filing_ok=True))) == "sitting"
    assert (
        refused(act(writes=wrote, sitting=sitting(filing_ok=True), data={"result": "另有意见"})) == "sitting"
    )
    assert refused(act(writes=wrote, sitting=None, data={"result": "另有意见"})) is None


def test_derived_attributes_follow_those_they_read_whatever_the_order():
    """jsonb keeps no order of keys: a stored rule set names `big` before `heavy`, which it reads."""
    heavy = {"when": {"field": "fine", "op": "gt", "value": 1}}
    big = {"when": {"field": "heavy", "op": "eq", "value": True}}
    raw = {
        "key": "t",
        "name": "t",
        "kind": "penalty",
        "attributes": {"fine": {"type": "number", "default": 0}},
    }
    rules = parse({**raw, "derived": {"big": big, "heavy": heavy}})
    assert list(rules.derived) == ["heavy", "big"]
    with pytest.raises(Invalid):
        parse(
            {**raw, "derived": {"big": big, "heavy": {"when": {"field": "big", "op": "eq", "value": True}}}}
        )
