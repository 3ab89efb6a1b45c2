"""Each gate that a rule set declares: an act that keeps it passes, one that breaks it is refused with the article.

`BREAKS` and `KEEPS` are read by `tests/house/test_gates.py`: no gate without both.
"""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from app.cases.gates import GATES, LawFact, first_refusal, marks
from app.cases.money.reckoning import Account, Claim, Payment
from app.cases.stepping import evaluate

from .gate_facts import (
    DAY,
    FILM,
    PHOTO,
    REVIEW,
    RULES,
    ClockFact,
    Handed,
    act,
    ending,
    officer,
    refused,
    reviewed,
)

OFTEN = {"invest": 2}
STATED = {"tiers": [{"name": "一般", "low": 200, "high": 300}, {"name": "从重", "low": 300, "high": 400}],
          "fine": [{"min": 200, "max": 400, "unit": "元"}], "kinds": ["罚款"]}  # fmt: skip

ENDS = {"tiers": [{"name": "一般", "low": 200, "high": 300, "high_included": True},
                  {"name": "从重", "low": 300, "high": 350, "low_included": False},
                  {"name": "从重", "low": 360, "high": 400, "high_included": False}],
        "fine": STATED["fine"]}  # fmt: skip


def decided(fine, *, tier="一般", why="", kinds=("罚款",), item=STATED):
    data = {"why": why, "kinds": list(kinds)}
    return act(attributes={"fine": fine}, item=item, data=data, filed={"report": {"tier": tier}})


OWED = Account((Claim("罚款", Decimal(3600), date(2026, 2, 27), Decimal("0.03"), Decimal(1)),))
PAID = replace(
    OWED, payments=(Payment(date(2026, 3, 2), Decimal(3600)), Payment(date(2026, 3, 2), Decimal(324)))
)
TERMS = {("report.served", "60d"): date(2026, 2, 1), ("report.served", "6m"): date(2026, 2, 4)}


def window(day):
    return act("window", data={"ended": day}, terms=TERMS)


def waiting(last):
    return act("wait", terms={("report.until", ""): last}, at=DAY)


def raid(first, last, rest=(), **attributes):
    return act("raid", data={"from": first, "to": last}, rest_days=frozenset(rest), attributes=attributes)


def stated(amount, day="2026-03-02"):
    return act("urge", data={"extra": amount, "as_of": day}, account=OWED, at=DAY)


LIGHTER, HEAVIER, SAME = (
    LawFact(True, False, "从轻"),
    LawFact(True, True, "从旧"),
    LawFact(False, True, "从旧"),
)


def proposing(law, found, why=""):
    return act("propose", data={"law": law, "law_why": why}, laws={"report.law": found})


BREAKS = {
    "disputed": {"a lawsuit is under way": act("court", disputes=("演示-2026-000001",))},
    "reckoned": {
        "a day too early": window("2026-02-03"),
        "the shorter of two terms": window("2026-02-01"),
        "a day too late": window("2026-02-05"),
        "nothing said": act("window", terms=TERMS),
        "on the last day": waiting(date(2026, 3, 2)),
    },
    "quiet_hours": {
        "before dawn": raid("2026-03-02T05:59", "2026-03-02T07:00"),
        "into the night": raid("2026-03-02T21:00", "2026-03-02T22:01"),
        "at night": raid("2026-03-02T22:00", "2026-03-02T22:00"),
        "over night": raid("2026-03-02T21:00", "2026-03-03T09:00"),
        "on a holiday": raid("2026-10-01T09:00", "2026-10-01T10:00", rest=[date(2026, 10, 1)]),
    },
    "settled": {
        "nothing paid": act("pay", attributes={"waived": True}, account=OWED, at=DAY),
        "the surcharge is left": act(
            "pay", attributes={"waived": True}, at=DAY, account=replace(PAID, payments=PAID.payments[:1])
        ),
    },
    "stated": {
        "too much": stated("324.01"),
        "too little": stated("0"),
        "of another day": stated("324", "2026-03-01"),
    },
    "applied_law": {
        "the new law unexplained": proposing("new", LIGHTER),
        "the old law where the new one is lighter": proposing("old", LIGHTER),
        "nothing chosen": proposing(None, HEAVIER),
        "nothing but blanks": proposing("new", LIGHTER, "  "),
    },
    "evidence_list": {
        "an entry without its file": ending(PHOTO, FILM, ""),
        "a file that is not listed": ending(PHOTO),
        "nothing listed": ending(),
        "a file that changed": ending(PHOTO, FILM, broken=FILM),
    },
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
        "the end of the lighter tier": decided(300, tier="从重", item=ENDS),
        "between two tiers of a name": decided(355, tier="从重", item=ENDS),
        "an end that belongs to no tier": decided(400, tier="从重", item=ENDS),
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
    "disputed": {
        "none is": act("court"),
        "a step that need not wait": act(disputes=("演示-2026-000001",)),
    },
    "reckoned": {
        "the day": window("2026-02-04"),
        "the day after": waiting(date(2026, 3, 1)),
        "another step": act(),
    },
    "quiet_hours": {
        "in the morning": raid("2026-03-02T06:00", "2026-03-02T22:00"),
        "in an emergency": raid("2026-03-02T23:00", "2026-03-03T01:00", rest=[date(2026, 3, 2)], asked=True),
        "not said yet": act("raid"),
    },
    "settled": {
        "all paid": act("pay", attributes={"waived": True}, account=PAID, at=DAY),
        "not told to be": act("pay", account=OWED, at=DAY),
        "no account": act("pay", attributes={"waived": True}, at=DAY),
    },
    "stated": {
        "to the fen": stated("324.00"),
        "of the day": stated("216.00", "2026-03-01"),
        "no account": act("urge"),
    },
    "applied_law": {
        "the new law, with its reason": proposing("new", LIGHTER, "罚款上限降低。"),
        "the old law, which is lighter": proposing("old", HEAVIER),
        "the same law": proposing("old", SAME),
        "no day of the act": act("propose", data={"law": "old"}),
        "another step": act("invest", laws={"report.law": LIGHTER}),
    },
    "evidence_list": {
        "each its own": ending(PHOTO, FILM),
        "one more than was collected": ending(PHOTO, FILM, "c" * 64),
        "another step": act("invest", data={"evidence": [{"name": "证据"}]}),
    },
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
        "an end that belongs to the lighter tier": decided(300, item=ENDS),
        "the second of two tiers of a name": decided(360, tier="从重", item=ENDS),
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


def test_what_does_not_agree_is_named():
    message = first_refusal(ending("", PHOTO, broken=PHOTO), evaluate).message
    assert "清单第 1 项“证据1”没有上传文件" in message
    assert "清单第 2 项的文件“2.jpg”与登记时的校验值" in message
    assert "“证据登记”的文件“录像.mp4”没有列入清单" in message


def test_of_many_discrepancies_the_first_are_named_and_the_rest_is_counted():
    assert first_refusal(ending(*[""] * 9), evaluate).message.count("没有上传文件") == 5
    assert "另有 6 处" in first_refusal(ending(*[""] * 9), evaluate).message


def test_codes_are_unique():
    assert len({gate.code for gate in GATES}) == len(GATES) == 27
    assert RULES.declared()
