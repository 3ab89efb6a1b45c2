"""The notation of examples, and conditions as functions of finitely many cases."""

import pytest

from app.kernel.errors import Invalid
from app.verify import sketch
from app.verify.guards import flow_condition, tree_condition

TEXT = """
begin > 登记(src.register) > 立案(file.approve): limit=2wd position=deputy writes=filing_ok > x1
x1 > 调查(invest): officers=2 [fine > 30 and filing_ok == True] > end
x1 > end2 [default]
@resets {invest: {filing_ok: false}}
-- external
begin > 立案(file.approve) > end
"""


def test_a_sketch_becomes_the_files_of_a_procedure():
    subject = sketch.read(TEXT, "penalty.ordinary").subject()
    assert subject.scope == "penalty.ordinary"
    assert list(subject.internal.nodes) == ["begin", "登记", "立案", "x1", "调查", "end", "end2"]
    filing = subject.internal.nodes["立案"]
    assert (filing.position, filing.attributes["limit"]) == ("deputy", "2wd")
    assert subject.writes(filing) == {"filing_ok": None}
    assert subject.writes(subject.internal.nodes["调查"]) == {"filing_ok": (False,)}
    assert subject.attributes["fine"].kind == "number"
    assert subject.internal.nodes["x1"].default == "f5"
    assert subject.external is not None
    assert "立案" in subject.external.nodes


def test_a_line_that_is_no_chain_is_refused():
    with pytest.raises(ValueError, match="line 1"):
        sketch.read("begin > (file) > end")


def test_a_condition_tells_where_its_answer_can_change():
    guard = flow_condition("fine >= 100000 or kind in ('停产停业', '吊销') and not small")
    assert guard.names == {"fine", "kind", "small"}
    assert guard.constants["fine"] == {100000}
    assert guard.constants["kind"] == {"停产停业", "吊销"}
    assert guard.finite
    assert guard.holds({"fine": 100000, "kind": "警告", "small": True})
    assert not guard.holds({"fine": 99999, "kind": "吊销", "small": True})
    assert flow_condition("-1 < fine <= 5").holds({"fine": 5})


def test_a_condition_between_attributes_is_not_finite():
    assert not flow_condition("fine > paid").finite
    assert not flow_condition("fine * 2 > 100").finite


@pytest.mark.parametrize(
    "text", ["", "f()", "a.b == 1", "a[0]", "__import__('os')", "a ** 9", "x if y else z", "(" * 99]
)
def test_what_is_no_condition_is_refused(text):
    with pytest.raises(Invalid):
        flow_condition(text)


def test_condition_trees_and_their_parameters():
    tree = {
        "any": [
            {"field": "fine", "op": "gte", "value": {"param": "most"}},
            {"not": {"field": "ok", "op": "eq", "value": True}},
        ]
    }
    guard = tree_condition(tree, {"most": 10})
    assert guard.constants == {"fine": {10}, "ok": {True}}
    assert guard.holds({"fine": 10, "ok": True})
    assert not guard.holds({"fine": 9, "ok": True})
    with pytest.raises(Invalid):
        tree_condition(tree, {})
