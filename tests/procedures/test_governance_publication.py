"""The procedure by which procedures come into force keeps the law it is bound by, and is the only way to publish."""

import dataclasses
from collections.abc import Mapping

import pytest

from app.cases import proving
from app.cases.publication import gate
from app.diagrams import bundle as bundles
from app.diagrams import service as diagrams
from app.diagrams.rules import parse
from app.engine import service as engine

KEY = "governance/publication"


@pytest.fixture(scope="module")
def real() -> bundles.Bundle:
    return diagrams.from_folder(KEY)


@pytest.fixture(scope="module")
def nodes(real) -> Mapping[str, engine.NodeInfo]:
    return engine.nodes(engine.spec(real.digest, lambda: engine.Source(internal=real.internal)))


def changed(real: bundles.Bundle, *changes: tuple[str, str], rules: Mapping | None = None) -> bundles.Bundle:
    drawn = real.internal.decode()
    for old, new in changes:
        assert old in drawn, old
        drawn = drawn.replace(old, new)
    new = dataclasses.replace(real, internal=drawn.encode(), rules=rules or real.rules, written={})
    return dataclasses.replace(new, digest=bundles.named(new))


def reasons(bundle: bundles.Bundle) -> str:
    return "；".join(gate(bundle, parse(bundle.rules)))


def test_it_is_proven_without_any_finding(real):
    proof = proving.proof_of(real)
    assert proof.proven
    assert proof.findings == ()


@pytest.mark.requirement("S4-21", part="审核期限10个工作日")
def test_the_legal_office_has_ten_working_days(real, nodes):
    audit = nodes["audit"]
    assert (audit.position, audit.attributes["limit"]) == ("legal_review", "10wd")
    (clock,) = parse(real.rules).clocks
    assert (clock["limit"], clock["starts"]) == ("10wd", ["item.submit"])
    assert set(clock["stops"]) == {"item.audit", "item.withdraw"}


def test_the_analyst_draws_and_others_examine(nodes):
    lanes = {name: node.position for name, node in nodes.items() if node.kind == "user"}
    assert lanes == {
        "draft": "analyst",
        "initial": "case_review",
        "collective": "head",
        "submit": "analyst",
        "audit": "legal_review",
        "archive": "archive",
    }
    assert {n.position for n in nodes.values() if n.kind == "message"} == {"analyst"}


def flow(source: str, target: str, other: str) -> tuple[str, str]:
    """A flow that leads elsewhere."""
    return (f'sourceRef="{source}" targetRef="{target}"', f'sourceRef="{source}" targetRef="{other}"')


SHORTCUTS = {
    "without the legal review": flow("collective_gw", "submit", "publish"),
    "without the departments": flow("freeze", "initial", "collective"),
    "without the collective": flow("initial_gw", "collective", "submit"),
    "whatever the legal review says": (">audit_passed == True<", ">audit_rejected == False<"),
    "without updating the register": ('xq:step="db.update"', 'xq:step="db.noted"'),
    "in other words": ('xq:step="item.publish"', 'xq:step="item.done"'),
}


@pytest.mark.parametrize("name", SHORTCUTS)
def test_no_version_of_it_goes_around_the_review(real, name):
    assert reasons(changed(real, SHORTCUTS[name]))


def test_the_proof_stands_or_falls_with_the_review(real):
    assert "［I01］" in reasons(changed(real, (">audit_passed == True<", ">audit_rejected == False<")))


@pytest.mark.parametrize(
    "changes", [{"kind": "penalty"}, {"scope": "complaint"}, {"scope": "item.change.small"}]
)
def test_nothing_of_another_kind_publishes(real, changes):
    assert "只能用于流程的审核发布" in reasons(changed(real, rules={**real.rules, **changes}))


def test_the_publishing_step_bears_its_name(real):
    assert "法定环节应当是 item.publish" in reasons(
        changed(real, ('xq:step="item.publish"', 'xq:step="item.done"'))
    )
