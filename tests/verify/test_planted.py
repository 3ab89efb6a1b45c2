"""Every planted defect is found under its rule, and its counter-example can be lived through."""

from collections import Counter

import pytest

from app.verify.findings import Severity
from app.verify.proof import prove
from tests.verify import replay
from tests.verify.pair import Pair
from tests.verify.planted import PLANTED

MUST_HAVE = {
    *(f"P{n:02}" for n in range(1, 38) if n != 27),
    *("G02", "G03", "G04", "G05", "G07", "G08", "G09", "G10", "G11", "G12", "G14", "G15"),
    *("deadlock", "livelock", "double-token", "dead-node", "dead-branch"),
    *("gateway-gap", "gateway-overlap", "unwritten"),
}

STATES = 3_000
"""The pair has some 150 states; what is damaged so badly that it has more is found among the first of them."""


def damaged(name):
    pair = Pair()
    PLANTED[name][1](pair)
    return pair


def test_the_procedure_itself_is_proven_but_for_what_it_leaves_to_others():
    proof = prove(Pair().subject())
    assert proof.blocking == []
    assert proof.conclusive
    # Withdrawing what was published is not part of a case; the rule only warns.
    assert {finding.rule for finding in proof.findings} == {"P27"}


def test_there_are_defects_of_every_class():
    assert len(PLANTED) >= 60
    assert {rule for rule, _ in PLANTED.values()} >= MUST_HAVE


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_defect_is_found_and_its_way_can_be_gone(name):
    rule, pair = PLANTED[name][0], damaged(name)
    subject = pair.subject()
    found = prove(subject, limit=STATES).findings
    findings = [finding for finding in found if finding.rule == rule]
    assert findings, rule
    assert all(finding.severity is not Severity.UNPROVEN for finding in findings)
    for finding in findings:
        if finding.trace:
            in_game = replay.in_game(subject, finding)
            in_engine = replay.in_engine(subject, pair.internal, finding)
            agree(subject, finding, in_game, in_engine)


def agree(subject, finding, in_game, in_engine):
    """Both runs went the way of the finding, and stand where it says."""
    assert not in_engine.refused or finding.rule == "gateway-gap", in_engine.refused
    way = Counter(step.element for step in finding.trace)
    # What the way ends on may be the place where the case stands and not have been passed.
    way.subtract([finding.trace[-1].element])
    assert not +way - in_game.passed, "the token game went another way"
    tags: Counter[str] = Counter()
    for element, count in in_game.passed.items():
        if tag := subject.step(subject.internal.nodes[element]):
            tags[tag] += count
    assert in_engine.done == in_game.done
    if finding.rule not in ("double-token", "gateway-gap", "gateway-overlap"):
        assert in_engine.steps == tags, "the engine went another way"
        assert in_engine.finished == in_game.finished
    match finding.rule:
        case "deadlock":
            assert not in_game.finished
            assert in_game.waiting == [] == in_engine.waiting
        case "double-token":
            assert in_game.tokens or len(in_engine.waiting) > len(set(in_engine.waiting))
        case "gateway-gap":
            assert not in_game.finished
            assert in_engine.refused
            assert in_game.waiting == []
