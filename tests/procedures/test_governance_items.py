"""The procedures by which power items come about keep the law they are bound by, and are the only way to change one."""

import dataclasses
from collections.abc import Mapping

import pytest

from app.cases import proving
from app.cases.publication import gate
from app.diagrams import bundle as bundles
from app.diagrams import service as diagrams
from app.diagrams.rules import parse
from app.engine import service as engine

CHANGE, REVIEW = "governance/item_change", "governance/item_review"


@pytest.fixture(scope="module")
def real() -> bundles.Bundle:
    return diagrams.from_folder(CHANGE)


def nodes(key: str) -> Mapping[str, engine.NodeInfo]:
    bundle = diagrams.from_folder(key)
    return engine.nodes(engine.spec(bundle.digest, lambda: engine.Source(internal=bundle.internal)))


def changed(real: bundles.Bundle, *changes: tuple[str, str], rules: Mapping | None = None) -> bundles.Bundle:
    drawn = real.internal.decode()
    for old, new in changes:
        assert old in drawn, old
        drawn = drawn.replace(old, new)
    new = dataclasses.replace(real, internal=drawn.encode(), rules=rules or real.rules, written={})
    return dataclasses.replace(new, digest=bundles.named(new))


def reasons(bundle: bundles.Bundle) -> str:
    return "；".join(gate(bundle, parse(bundle.rules)))


@pytest.mark.parametrize("key", [CHANGE, REVIEW])
def test_it_is_proven_without_any_finding(key):
    proof = proving.proof_of(diagrams.from_folder(key))
    assert proof.proven
    assert proof.findings == ()


def test_the_law_s_numbers(real):
    rules = parse(real.rules)
    assert rules.params["lead_days"] == 15
    (clock,) = rules.clocks
    assert (clock["limit"], clock["starts"]) == ("10wd", ["item.submit"])
    limits = [
        node.attributes["limit"]
        for node in nodes(REVIEW).values()
        if "review" in node.attributes.get("step", "")
    ]
    assert sum(int(limit.removesuffix("wd")) for limit in limits) == 10


def test_who_draws_up_examines_nothing():
    lanes = {name: node.position for name, node in nodes(CHANGE).items() if node.kind in ("user", "message")}
    assert lanes["draft"] == lanes["submit"] == "item_admin"
    assert "item_admin" not in {lanes["initial"], lanes["collective"], lanes["audit"]}


def flow(source: str, target: str, other: str) -> tuple[str, str]:
    """A flow that leads elsewhere."""
    return (f'sourceRef="{source}" targetRef="{target}"', f'sourceRef="{source}" targetRef="{other}"')


SHORTCUTS = {
    "without the legal office": flow("collective_gw", "sign", "publish"),
    "without the signature": flow("collective_gw", "sign", "submit"),
    "without the department": flow("freeze", "initial", "collective"),
    "without the collective": flow("initial_gw", "collective", "submit"),
    "whatever the legal office says": (">audit_passed == True<", ">audit_rejected == False<"),
    "without updating the register": ('xq:step="db.update"', 'xq:step="db.noted"'),
    "in other words": ('xq:step="item.publish"', 'xq:step="item.done"'),
}


@pytest.mark.parametrize("name", SHORTCUTS)
def test_no_version_of_it_goes_around_the_examination(real, name):
    assert reasons(changed(real, SHORTCUTS[name]))


@pytest.mark.parametrize("changes", [{"kind": "penalty"}, {"kind": "governance"}, {"scope": "complaint"}])
def test_nothing_of_another_kind_changes_items(real, changes):
    assert "只能用于权力事项的调整和审核" in reasons(changed(real, rules={**real.rules, **changes}))
