"""The pictures of the ordinary penalty procedure are complete and pleasant to read."""

import itertools

import pytest
from bpmn_drawing import Drawing

INTERNAL = Drawing.load("internal.bpmn")
EXTERNAL = Drawing.load("external.bpmn")
BOTH = pytest.mark.parametrize("drawing", [INTERNAL, EXTERNAL], ids=["internal", "external"])


@BOTH
def test_everything_is_drawn(drawing):
    assert set(drawing.nodes) <= set(drawing.boxes)
    assert {f.id for f in drawing.flows} == set(drawing.lines)
    assert all(len(points) > 1 for points in drawing.lines.values())


@BOTH
def test_shapes_and_labels_do_not_overlap(drawing):
    for one, other in itertools.combinations(drawing.nodes, 2):
        assert not drawing.boxes[one].overlaps(drawing.boxes[other]), (one, other)
    for one, other in itertools.combinations(drawing.labels, 2):
        assert not drawing.labels[one].overlaps(drawing.labels[other]), (one, other)
    for label, box in drawing.labels.items():
        for node in drawing.nodes:
            if drawing.tag(node) in {"userTask", "serviceTask", "task"}:
                assert not box.overlaps(drawing.boxes[node]), (label, node)


@BOTH
def test_lines_are_orthogonal_dock_and_pass_beside_shapes(drawing):
    for flow in drawing.flows:
        for piece in drawing.segments(flow.id):
            assert 0 in (piece.width, piece.height), flow.id
            for node in set(drawing.nodes) - {flow.source, flow.target}:
                assert not piece.overlaps(drawing.boxes[node]), (flow.id, node)
        for end, (x, y) in (
            (flow.source, drawing.lines[flow.id][0]),
            (flow.target, drawing.lines[flow.id][-1]),
        ):
            box = drawing.boxes[end]
            on_side = x in (box.x, box.x + box.width) or y in (box.y, box.y + box.height)
            assert on_side, (flow.id, end)


def test_lanes_hold_their_nodes_and_fill_the_pool():
    for node, lane in INTERNAL.lanes.items():
        assert INTERNAL.boxes[lane].holds(INTERNAL.boxes[node]), (node, lane)
    lanes = sorted((INTERNAL.boxes[lane] for lane in set(INTERNAL.lanes.values())), key=lambda b: b.y)
    pool = INTERNAL.boxes["pool_penalty_ordinary_internal"]
    assert lanes[0].y == pool.y
    assert sum(lane.height for lane in lanes) == pool.height
    assert len({(lane.x, lane.width) for lane in lanes}) == 1
    for above, below in itertools.pairwise(lanes):
        assert above.y + above.height == below.y
