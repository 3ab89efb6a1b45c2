"""Each gate that a rule set declares: an act that keeps it passes, one that breaks it is refused with the article.

`BREAKS` and `KEEPS` are read by `tests/house/test_gates.py`: no gate without both.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from app.cases.gates import GATES, first_refusal, marks
from app.cases.stepping import evaluate

from .gate_facts import DAY, REVIEW, RULES, ClockFact, Handed, act, officer, refused, reviewed

OFTEN = {"invest": 2}
STATED = {"tiers": [{"name": "一般", "low": 200, "high": 300}, {"name": "从重", "low": 300, "high": 400}],
          "fine": [{"min": 200, "max": 400, "unit": "元"}], "kinds": ["罚款"]}  # fmt: skip


def decided(fine, *, tier="一般", why="", kinds=("罚款",), item=STATED):
    data = {"why": why, "kinds": list(kinds)}
    return act(attributes={"fine": fine}, item=item, data=data, filed={"report": {"tier": tier}})


BREAKS = {
    "legal_review": {
        "none": act(attributes={"major": True, "passed_ok": True}, passed={"notice": DAY, "review": DAY}),
        "voided": reviewed(passed={"notice": DAY}),
        "against": reviewed(handed={"review": replace(REVIEW, wrote={"passed_ok": False})}),
        "only the form approves": reviewed(attributes={"major": True, "passed_ok": False}),
        "stale": reviewed(handed={"review": REVIEW, "invest": Handed(8, (), {})}),
        "no certificate": reviewed(handed={"review": replace(REVIEW, signers=(officer(5),))}),
        "by an investigator": reviewed(handed={"review": replace(REVIEW, signers=(officer(1, "legal"),))}),
    },
    "hearing": {
        "not held": act(attributes={"asked": True}),
        "voided": act(attributes={"asked": True}, handed={"hear": Handed(4, (), {})}),
    },
    "period": {
        "not told": act(ends={}),
        "running": act(at=DAY + timedelta(days=6, hours=23)),
    },
    "out_of_time": {"after": act("letter", moment=DAY + timedelta(days=7))},
    "named_person": {
        "investigated": act("hear.notice", data={"host": {"id": 1, "name": "演示1"}}),
        "one of several": act("hear.notice", data={"host": ["8", "2"]}),
    },
    "discretion": {
        "above the law": decided(401, tier="从重", why="情节恶劣"),
        "below the law": decided(199, why="情节轻微"),
        "mitigated without reason": decided(199, tier="减轻"),
        "another tier": decided(350),
        "upper end of a tier": decided(300),
        "between two ranges": decided(300, item={"fine": [{"min": 0, "max": 100}, {"min": 500, "max": 900}]}),
        "a kind the law does not know": decided(250, kinds=("罚款", "吊销许可证件")),
        "above the params": decided(501, item={}),
    },
    "document": {
        "none": act("serve"),
        "of an earlier round": act(
            "serve", passed={"decide": DAY}, documents={"JD-01": DAY - timedelta(days=1)}
        ),
    },
    "clock": {
        "paused": act(clocks={"ninety": ClockFact("办案期限", True, False)}),
        "run out": act("appeal", clocks={"window": ClockFact("申请期限", False, True)}),
    },
    "rounds": {"third": act("invest", rounds=OFTEN, took_part={})},
}
KEEPS = {
    "legal_review": {"in force": reviewed(), "not major": act()},
    "hearing": {
        "held": act(attributes={"asked": True}, passed={"notice": DAY, "hear": DAY}, handed={"hear": REVIEW}),
        "not asked for": act(),
    },
    "period": {"over": act(at=DAY + timedelta(days=7)), "waived": act(attributes={"waived": True}, at=DAY)},
    "out_of_time": {
        "the last minute": act("letter", moment=DAY + timedelta(days=7) - timedelta(minutes=1)),
        "entered later": act("letter", moment=DAY + timedelta(days=5), at=DAY + timedelta(days=9)),
    },
    "named_person": {"another": act("hear.notice", data={"host": "8"}), "nobody": act("hear.notice")},
    "discretion": {
        "in the tier": decided(299.99),
        "the last tier's end": decided(400, tier="从重"),
        "another tier with reason": decided(350, why="有从轻情节，但数额特别巨大"),
        "mitigated with reason": decided(150, tier="减轻", why="受他人胁迫"),
        "no fine": decided(0),
        "what the law always provides": decided(250, kinds=("罚款", "没收")),
        "no tier for it": decided(250, tier="", item={"fine": STATED["fine"]}),
        "a multiple of the unknown": decided(9e6, item={"fine": [{"min": 15, "max": 30, "unit": "倍"}]}),
        "nothing stated, within the params": decided(500, item={}),
    },
    "document": {"issued": act("serve", passed={"decide": DAY}, documents={"JD-01": DAY})},
    "clock": {
        "running": act(clocks={"ninety": ClockFact("办案期限", False, False)}),
        "run out, no bar": act(clocks={"ninety": ClockFact("办案期限", False, True)}),
    },
    "rounds": {"second": act("invest", rounds={"invest": 1}, took_part={})},
}


def cases(table):
    return [pytest.param(gate, facts, id=f"{gate}: {name}") for gate, all_ in table.items()
            for name, facts in all_.items()]  # fmt: skip


@pytest.mark.parametrize(("gate", "facts"), cases(BREAKS))
def test_an_act_that_breaks_the_gate_is_refused(gate, facts):
    assert refused(facts) == gate


@pytest.mark.parametrize(("gate", "facts"), cases(KEEPS))
def test_an_act_that_keeps_the_gate_passes(gate, facts):
    assert refused(facts) is None


def test_a_limit_that_is_no_bar_is_marked():
    late = act(clocks={"ninety": ClockFact("办案期限", False, True)})
    assert marks(late) == ("“办案期限”已经超期，仍办理“环节”。",)
    assert marks(act(clocks={"ninety": ClockFact("办案期限", False, False)})) == ()


def test_a_named_host_of_an_earlier_step_does_not_investigate():
    facts = act("invest", took_part={"hear.notice": {9}})
    assert refused(facts) == "separation"


def test_messages_say_what_to_do():
    for table in BREAKS.values():
        for facts in table.values():
            message = first_refusal(facts, evaluate).message
            assert any(word in message for word in ("请", "不得", "应当", "先")), message
            assert message.endswith(("。", "）"))


def test_codes_are_unique():
    assert len({gate.code for gate in GATES}) == len(GATES) == 18
    assert RULES.declared()
