"""The tests of the diagram can fail: planted faults are found."""

import copy

import pytest
from bpmn_drawing import XQ, Drawing
from test_penalty_ordinary_diagram import INTERNAL, longest, must_pass, overlapping, undefaulted


@pytest.fixture
def broken():
    return Drawing(copy.deepcopy(INTERNAL.root))


def test_a_longer_limit_breaks_the_budget(broken):
    broken.nodes["investigate"].set(f"{XQ}limit", "26wd")
    assert longest(broken) == 57


def test_a_missing_default_and_an_overlap_are_found(broken):
    del broken.nodes["legal_gw"].attrib["default"]
    assert undefaulted(broken) == ["legal_gw"]
    condition = next(f for f in broken.root.iter() if f.text and "hearing_requested == False" in f.text)
    condition.text = "plea_received == True"
    found = {node for node, _ in overlapping(Drawing(broken.root))}
    assert found == {"opinion_gw"}


def test_a_way_around_legal_review_is_found(broken):
    flow = next(f for f in broken.root.iter() if f.get("id") == "f_rectify_gw_legal_merge")
    flow.set("targetRef", "collective_merge")
    flow_around = next(f for f in broken.root.iter() if f.get("id") == "f_major_gw_legal_merge")
    flow_around.set("targetRef", "collective_merge")
    assert not must_pass(
        Drawing(broken.root), "decide", "legal.review", outcome="penalty", review_required=True
    )
