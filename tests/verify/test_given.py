"""What an agency has switched on is one more input of the proof: either value, from the first step on."""

import pytest

from app.verify import sketch
from app.verify.demands import Before, Never
from app.verify.proof import prove
from tests.verify.test_proof import found, law, proof

SWITCH = "@attributes {wide: {type: boolean, default: false, label: 全量, setting: some}}"
PLAIN = SWITCH.replace(", setting: some", "")


def test_a_way_that_only_the_switch_opens_is_looked_at():
    text = """
        begin > 甲 > x1 > 乙(collect) [wide == True] > x2 > end
        x1 > x2 [default]
    """
    never = Never(("collect",))
    assert [step.name for step in found(f"{SWITCH}\n{text}", never)["T1"].trace if step.name == "乙"]
    assert "T1" not in found(f"{PLAIN}\n{text}", never)


@pytest.mark.parametrize(("condition", "kept"), [("wide == True", True), ("wide == False", False)])
def test_a_demand_is_proven_for_both_values(condition, kept):
    text = f"""
        {SWITCH}
        begin > 甲 > x1 > 审(legal.review) [{condition}] > x2 > 定(decide) > end
        x1 > x2 [default]
    """
    demand = Before(("decide",), ("legal.review",), when=("wide == True",))
    result = prove(sketch.read(text).subject(), rules=law(demand))
    assert (not result.blocking) == kept
    assert proof(text).conclusive
