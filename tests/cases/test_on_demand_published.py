"""What a diagram may declare to be made on demand: checked before a procedure is published, and proven."""

from dataclasses import replace

import pytest

from app.cases import proving, publication
from app.diagrams import rules as rule_sets
from app.diagrams import service as diagrams
from app.diagrams.bundle import named

PAPER = b'<xq:document code="DC-12" when="demand" form="paper_sampling" />'


@pytest.fixture(scope="module")
def bundle() -> diagrams.Bundle:
    return diagrams.from_folder("penalty/ordinary")


def reasons(bundle: diagrams.Bundle) -> str:
    return "\n".join(publication.runnable(bundle, rule_sets.parse(bundle.rules, bundle.tables)))


def drawn(bundle: diagrams.Bundle, instead: bytes) -> diagrams.Bundle:
    assert PAPER in bundle.internal
    return changed(bundle, bundle.internal.replace(PAPER, instead, 1))


def changed(bundle: diagrams.Bundle, internal: bytes) -> diagrams.Bundle:
    """Another version with another name: the engine knows diagrams by it."""
    other = replace(bundle, internal=internal)
    return replace(other, digest=named(other))


def test_what_ships_may_be_published(bundle):
    assert reasons(bundle) == ""
    assert "paper_sampling" in bundle.forms


@pytest.mark.parametrize(
    ("instead", "why"),
    [
        (PAPER.replace(b"DC-12", b"ZZ-99"), "没有模板"),
        (PAPER.replace(b' form="paper_sampling"', b""), "缺少代码或者表单"),
        (PAPER.replace(b'code="DC-12" ', b""), "缺少代码或者表单"),
        (PAPER.replace(b"paper_sampling", b"paper_unknown"), "“paper_unknown”不存在"),
        (PAPER.replace(b"paper_sampling", b"penalty_report"), "不得写入流程属性"),
        (PAPER.replace(b"paper_sampling", b"penalty_serve"), "不得收取文件"),
        (PAPER + PAPER, "不止一次"),
        (PAPER.replace(b" />", b' if="nobody == 1" />'), "未声明的属性 nobody"),
        (PAPER.replace(b"demand", b"sometimes"), "出具时机不是"),
    ],
)
def test_a_wrong_declaration_is_refused(bundle, instead, why):
    assert why in reasons(drawn(bundle, instead))


def test_it_stands_on_user_tasks_only(bundle):
    paper_of_an_event = b'<xq:document code="GZ-03"'
    assert bundle.internal.count(paper_of_an_event) == 1
    told = changed(bundle, bundle.internal.replace(paper_of_an_event, PAPER + paper_of_an_event))
    assert "只能写在用户任务上" in reasons(told)


def test_it_is_no_paper_that_a_gate_asks_for(bundle):
    gates = {
        code
        for paper in rule_sets.parse(bundle.rules, bundle.tables).documents_before
        for code in paper.codes
    }
    for code in sorted(gates):
        assert "前置文书" in reasons(drawn(bundle, PAPER.replace(b"DC-12", code.encode())))
    assert gates


@pytest.mark.parametrize("code", ["LA-06", "GZ-02", "SH-01", "SH-02", "JD-02", "JA-01", "ZX-07"])
def test_what_a_decision_or_an_approval_issues_is_not_made_on_demand(bundle, code):
    proof = proving.proof_of(drawn(bundle, PAPER.replace(b"DC-12", code.encode())))
    told = [f.message for f in proof.blocking if f.rule == "G14"]
    assert len(told) == 1
    assert told[0].startswith(f"“调查取证”按需制作的文书“{code}”是决定或者审批环节的文书，只能由该环节制发。")


def test_it_does_not_stand_for_what_a_step_must_issue(bundle):
    """A decision whose paper an officer might or might not make would not be proven."""
    issued = b'<xq:document code="JD-02" when="complete" />'
    told = changed(bundle, bundle.internal.replace(issued, PAPER))
    assert any(
        f.rule == "G14" and "没有登记要制作的文书" in f.message for f in proving.proof_of(told).blocking
    )


@pytest.mark.parametrize(
    ("declared", "why"),
    [
        ({"recusal.approved": "ZZ-99"}, "“ZZ-99”没有模板"),
        ({"work.claimed": "LA-09"}, "没有“work.claimed”这项处理"),
        ({"recusal.rejected": "GZ-01"}, "前置文书"),
    ],
)
def test_papers_of_acts_are_checked_too(bundle, declared, why):
    other = replace(bundle, rules={**bundle.rules, "act_papers": declared})
    assert why in reasons(replace(other, digest=named(other)))
