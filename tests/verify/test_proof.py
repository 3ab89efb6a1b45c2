"""The proof on small procedures whose verdict anybody can check by hand."""

import gc

import pytest

from app.diagrams.bundle import from_folder
from app.verify import sketch, subject
from app.verify.demands import After, Before, Never, NeverAfter
from app.verify.findings import Finding, Severity
from app.verify.proof import Proof, prove
from app.verify.rules import Rule
from tests.verify.pair import Pair


def law(*demands, message: str = "可以到达“{target}”。") -> list[Rule]:
    """A rule of these demands."""
    members = {
        "id": "T1",
        "name": "测试规则",
        "scope": "all",
        "cite": "测试",
        "message": message,
        "demands": demands,
    }
    return [type("T1", (Rule,), members)()]


def proof(text: str, *demands) -> Proof:
    return prove(sketch.read(text).subject(), rules=law(*demands) if demands else ())


def found(text: str, *demands) -> dict[str, Finding]:
    return {finding.rule: finding for finding in proof(text, *demands).findings}


def names(finding: Finding) -> list[str]:
    return [step.name for step in finding.trace if step.name[0] not in "xpob"]


def test_a_plain_chain_is_proven():
    result = proof("begin > 甲 > 乙 > end")
    assert result.findings == ()
    assert result.conclusive


def test_a_join_that_waits_for_a_branch_not_taken_is_a_deadlock():
    findings = found("""
        begin > 甲: writes=big > x1 > 乙 [big == True] > p1 > end
        x1 > 丙 [default] > p1
    """)
    assert findings["deadlock"].elements[0] == "p1"
    assert names(findings["deadlock"]) == ["甲", "丙"] or names(findings["deadlock"]) == ["甲", "乙"]


def test_branches_merged_by_an_exclusive_gateway_run_what_follows_twice():
    findings = found("""
        begin > p1 > 甲 > x1 > 丙 > end
        p1 > 乙 > x1
    """)
    assert findings["double-token"].severity is Severity.BLOCK


def test_a_loop_that_is_never_left_is_a_livelock():
    assert "livelock" in found("""
        begin > x1 > 甲 > x2: > 乙 [default] > x1
        x2 > end [1 == 2]
    """)


def test_a_gateway_without_a_branch_for_a_value():
    finding = found("""
        begin > 甲: writes=fine > x1 > 乙 [fine >= 100] > end
        x1 > 丙 [fine < 50] > end2
        @attributes {fine: {type: number, default: 0, label: 罚款金额}}
    """)["gateway-gap"]
    assert finding.values == {"fine": 99}
    assert "罚款金额为 99 时" in finding.message


def test_a_gateway_two_branches_of_which_can_hold():
    finding = found("""
        begin > 甲: writes=fine > x1 > 乙 [fine >= 100] > end
        x1 > 丙 [fine <= 100] > end2
        @attributes {fine: {type: number, default: 0, label: 罚款金额}}
    """)["gateway-overlap"]
    assert finding.values == {"fine": 100}


def test_an_attribute_read_before_anybody_gave_it():
    finding = found("""
        begin > 甲 > x1 > 乙 [big == True] > end
        x1 > end2 [default]
    """)["unwritten"]
    assert finding.elements == ("x1",)


def test_a_contradictory_branch_is_never_taken():
    findings = found("""
        begin > 甲: writes=big > x1 > 乙 [big == True] > x2 > 丙 [big == False] > end
        x2 > end2 [default]
        x1 > end3 [default]
    """)
    assert findings["dead-branch"].elements[0] == "x2"
    assert findings["dead-node"].elements[0] == "丙"


REVIEW = """
    begin > 报告(invest.end): writes=fine > x1 > 审核(legal.review): writes=passed [fine >= 100000] > x2
    x1 > x3 [default]
    x2 > x3 [passed == True]
    x2 > 报告 [default]
    x3 > 决定(decide) > end
    @attributes {fine: {type: number, default: 0, label: 罚款金额}}
"""
MAJOR = "@derived {major: {when: {field: fine, op: gte, value: LIMIT}}}\n"
REVIEWED = Before(("decide",), ("legal.review",), ("passed",), ("major",), ("invest.end",))


def test_a_major_decision_passes_the_review():
    assert found(REVIEW + MAJOR.replace("LIMIT", "100000"), REVIEWED) == {}


def test_a_threshold_that_drifted_lets_a_case_slip_through():
    finding = found(REVIEW + MAJOR.replace("LIMIT", "50000"), REVIEWED)["T1"]
    assert finding.values == {"fine": 99999}
    assert names(finding) == ["报告", "决定"]
    assert "可以到达“决定”" in finding.message
    assert "罚款金额为 99,999" in finding.message


def test_an_approval_does_not_outlive_a_new_report():
    again = "x3 > 讨论: writes=changed > x4 > 决定(decide) [default] > end\n"
    again += "x4 > 重拟(invest.end): writes=fine [changed == True] > 决定"
    text = REVIEW.replace("x3 > 决定(decide) > end", again)
    finding = found(text + MAJOR.replace("LIMIT", "100000"), REVIEWED)["T1"]
    assert names(finding)[-2:] == ["重拟", "决定"]


def test_what_is_owed_is_done_before_the_end():
    owed = After(("decide",), ("serve",), ("penalty",))
    text = "begin > 决定(decide): writes=penalty > x1 > 送达(serve) [{}] > end\nx1 > end2 [default]"
    assert found(text.format("penalty == True"), owed) == {}
    finding = found(text.format("penalty == False"), owed)["T1"]
    assert "决定" in finding.message
    assert finding.values == {"penalty": True}


def test_what_is_forbidden_under_a_condition_and_after_a_step():
    crime = Never(("fine",), ("crime",))
    text = "begin > 查: writes=crime > x1 > 罚(fine) [crime == {}] > end\n x1 > 移送 [default] > end2"
    assert found(text.format("False"), crime) == {}
    assert found(text.format("True"), crime)["T1"].values == {"crime": True}
    frozen = NeverAfter(("decide",), ("evidence",))
    assert found("begin > 取证(evidence) > 决定(decide) > end", frozen) == {}
    assert "T1" in found("begin > 决定(decide) > 取证(evidence) > end", frozen)


def test_parallel_steps_come_in_either_order():
    finding = found(
        "begin > p1 > 审核(legal.review) > p2 > end\n p1 > 决定(decide) > p2",
        Before(("decide",), ("legal.review",)),
    )["T1"]
    assert names(finding) == ["决定"]


def test_a_demand_on_an_attribute_nobody_declares_is_not_called_proven():
    result = proof(
        "begin > 审核(legal.review) > 决定(decide) > end",
        Before(("decide",), ("legal.review",), when=("unheard_of",)),
    )
    assert [finding.severity for finding in result.findings] == [Severity.UNPROVEN]
    assert not result.conclusive


def test_too_many_states_are_not_called_proven():
    branches = "\n".join(f"p1 > t{i} > 甲{i}: writes=a{i} > p2" for i in range(9))
    result = prove(sketch.read(f"begin > p1\n p2 > end\n{branches}").subject(), rules=(), limit=10)
    assert not result.conclusive
    assert result.findings[0].rule == "states"


def test_the_demo_procedure_has_nothing_that_blocks_it():
    bundle = from_folder("penalty/ordinary")
    given, problems = subject.build(bundle.whole, bundle.external, bundle.rules, bundle.forms)
    assert problems == []
    assert prove(given).blocking == []


@pytest.mark.parametrize("condition", ["fine > paid", "fine * 2 > 100"])
def test_a_calculated_condition_is_taken_both_ways(condition):
    result = proof(f"""
        begin > 甲: writes=fine > 甲2: writes=paid > x1 > 乙 [{condition}] > end
        x1 > end2 [default]
        @attributes {{fine: {{type: number, default: 0}}, paid: {{type: number, default: 0}}}}
    """)
    assert result.blocking == []
    assert not result.conclusive


def test_the_external_diagram_is_no_trap_either():
    inner = "begin > 甲(file) > 乙(invest) > end\n-- external\n"
    assert proof(inner + "begin > 立案(file) > 调查(invest) > end").findings == ()
    waiting = "begin > 立案(file) > x1 > 调查(invest) [big == True] > p1 > end\nx1 > p1 [default]"
    findings = proof(inner + waiting).findings
    assert {(f.rule, f.diagram) for f in findings} >= {("deadlock", "external")}


def test_a_proof_leaves_nothing_that_only_a_search_for_rings_would_free():
    """The search is off while a proof runs, and on again afterwards."""
    prove(Pair().subject())  # what is read once a process is read
    gc.collect()
    prove(Pair().subject())
    assert gc.isenabled()
    assert gc.collect() < 100
