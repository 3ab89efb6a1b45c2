"""The internal diagram against the published one."""

from app.verify import sketch
from app.verify.findings import Severity
from app.verify.refinement import refinement

STEPS = "@external_steps {file: [file], invest: [invest], decide: [decide, review]}\n"


def found(text: str):
    return list(refinement(sketch.read(STEPS + text).subject()))


EXTERNAL = """
-- external
begin > 立案(file) > 调查(invest) > 决定(decide) > end
"""


def test_several_internal_tasks_may_make_up_one_external_step():
    assert (
        found("begin > a(file.check) > b(file) > c(invest) > d(review) > e(decide) > 印章 > end2" + EXTERNAL)
        == []
    )


def test_a_step_out_of_order_is_told_with_its_way():
    finding = found("begin > 立(file) > 定(decide) > 查(invest) > end" + EXTERNAL)[0]
    assert (finding.rule, finding.severity, finding.elements) == ("G02", Severity.BLOCK, ("定",))
    assert [step.element for step in finding.trace][-1] == "定"
    assert "此时可以进行：调查" in finding.message


def test_an_end_before_the_published_one():
    findings = found(
        "begin > 立(file) > 查(invest) > x1 > 定(decide) [big == True] > end\nx1 > end2 [default]" + EXTERNAL
    )
    assert any("还没有走完" in finding.message for finding in findings)


def test_a_published_step_that_nobody_does():
    findings = found("begin > 立(file) > 查(invest) > end" + EXTERNAL)
    assert {finding.diagram for finding in findings} == {"internal", "external"}
    assert any("没有任何内部环节办理" in finding.message for finding in findings)


BRANCHES = """
-- external
begin > 立案(file) > x1
x1 > 调查(invest) [fine >= 100] > x2
x1 > x2 [default]
x2 > 决定(decide) > end
"""


def test_a_threshold_that_differs_between_the_diagrams():
    text = """
        begin > 立(file): writes=fine > x1 > 查(invest) [fine >= {}] > x2
        x1 > x2 [default]
        x2 > 定(decide) > end
    """
    assert found(text.format(100) + BRANCHES) == []
    higher = found(text.format(200) + BRANCHES)
    assert higher[0].values == {"fine": 199}
    assert "fine为 199" in higher[0].message
    lower = found(text.format(50) + BRANCHES)
    assert lower[0].elements == ("查",)
    assert lower[0].values == {"fine": 99}


def test_rework_returns_only_to_the_steps_named_and_before_the_decision_is_final():
    text = """
        @external_returns [invest]
        @freeze_after [decide]
        begin > 立(file) > x0 > 查(invest) > 审(review): writes=ok > x1 > x0 [default]
        x1 > 定(decide) [ok == True] > end
    """
    assert found(text + EXTERNAL) == []
    assert found(text.replace("[invest]", "[]") + EXTERNAL) != []
    after = """
        @external_returns [invest]
        @freeze_after [decide]
        begin > 立(file) > x0 > 查(invest) > 定(decide) > 送(serve): writes=ok > x1 > x0 [default]
        x1 > end [ok == True]
    """
    served = "-- external\nbegin > 立案(file) > 调查(invest) > 决定(decide) > 送达(serve) > end"
    assert found(after + served)[0].elements == ("查",)


def test_parallel_published_steps_come_in_either_order():
    external = "-- external\nbegin > 立案(file) > p1 > 调查(invest) > p2 > end\np1 > 决定(decide) > p2"
    assert found("begin > 立(file) > 定(decide) > 查(invest) > end" + "\n" + external) == []
    assert found("begin > 立(file) > 查(invest) > 定(decide) > end" + "\n" + external) == []
