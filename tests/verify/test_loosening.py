"""A rule set compared with the one it follows: everything looser is found, everything tighter is not."""

from copy import deepcopy

import pytest

from app.diagrams.bundle import from_folder
from app.verify.implication import Conditions
from app.verify.loosening import RuleSet, excused, loosened

OFFICERS = {"invest": 2, "legal.review": 1}


@pytest.fixture(scope="module")
def shipped():
    return dict(from_folder("penalty/ordinary").rules)


def entry(rules, section, **known):
    return next(e for e in rules[section] if all(e.get(k) == v for k, v in known.items()))


def paths(old, new, officers=OFFICERS):
    return [one.path for one in loosened(RuleSet(old, OFFICERS), RuleSet(new, officers))]


def changed(rules, change):
    made = deepcopy(rules)
    change(made)
    return made


def put(*path, value):
    def change(rules):
        for key in path[:-1]:
            rules = rules[key]
        rules[path[-1]] = value

    return change


def clock(name, **values):
    return lambda rules: entry(rules, "clocks", id=name).update(values)


def taken(section, *path):
    def change(rules):
        found = rules[section]
        for key in path[:-1]:
            found = found[key]
        del found[path[-1]]

    return change


LOOSER = {
    "threshold": (put("params", "major_fine_person", "value", value=20000), "params.major_fine_person"),
    "threshold gone": (taken("params", "major_fine_person"), "params.major_fine_person"),
    "direction": (put("params", "major_fine_person", "tighten", value="up"), "params.major_fine_person"),
    "kind": (put("kind", value="other"), "kind"),
    "scope": (put("scope", value="supervision"), "scope"),
    "clock longer": (clock("decision", limit="100d"), "clocks.decision.limit"),
    "clock gone": (lambda r: r["clocks"].remove(entry(r, "clocks", id="serve")), "clocks.serve"),
    "party's clock shorter": (clock("pay", limit="10d"), "clocks.pay.limit"),
    "clock starts later": (clock("decision", starts=["notice"]), "clocks.decision.starts"),
    "clock's condition": (clock("decision", starts_when=None), "clocks.decision.starts_when"),
    "extension longer": (
        clock("decision", extension={"limit": "60d", "approver": "head"}), "clocks.decision.extension.limit",
    ),
    "extension more often": (
        lambda r: entry(r, "clocks", id="decision")["extension"].update(times=2), "clocks.decision.extension.times",
    ),
    "extension by another": (
        lambda r: entry(r, "clocks", id="decision")["extension"].update(approver="deputy"),
        "clocks.decision.extension.approver",
    ),
    "extension new": (clock("serve", extension={"limit": "3wd"}), "clocks.serve.extension"),
    "period shorter": (lambda r: entry(r, "periods", after="notice").update(limit="3wd"), "periods.1"),
    "period gone": (lambda r: r["periods"].pop(1), "periods.2"),
    "period ends early": (
        lambda r: entry(r, "periods", after="notice").update(ended_by=["response_final", "filing_ok"]), "periods.1",
    ),
    "letters": (lambda r: r["in_time"].append({"step": "plea.review", "after": "notice", "limit": "5wd"}), "in_time.more"),
    "suspension": (lambda r: r["suspensions"].append({"clock": "decision", "cause": "休假"}), "suspensions.decision.休假"),
    "certificate of a step": (put("certified", "steps", value={}), "certified.steps.legal.review"),
    "certificate": (put("certified", "two_or_more", value="hearing"), "certified.two_or_more"),
    "voids": (taken("voids", "notice"), "voids.notice"),
    "resets": (taken("resets", "invest.end", "legal_passed"), "resets.invest.end"),
    "sticky": (taken("sticky", "plea.received"), "sticky.plea.received"),
    "derived gone": (taken("derived", "collective_required"), "derived.collective_required"),
    "derived narrower": (
        lambda r: r["derived"]["collective_required"]["when"]["all"][1]["any"].pop(0), "derived.collective_required",
    ),
    "own threshold gone": (lambda r: r["thresholds"].pop(0), "thresholds.1"),
    "own thresholds gone": (put("thresholds", value=[]), "thresholds.8"),
    "own threshold of another number": (lambda r: r["thresholds"][1].update(number="confiscated"), "thresholds.2"),
    "own threshold raised": (
        lambda r: (
            r["params"].update(more={"value": 10001, "label": "更多"}), r["thresholds"][4].update(most="more"),
        ), "thresholds.5",
    ),
    "own threshold where nobody is": (
        lambda r: r["thresholds"][6].update(where={"all": [
            {"field": "party_kind", "op": "eq", "value": "person"}, {"field": "complex", "op": "eq", "value": True}]}),
        "thresholds.7",
    ),
    "switch gone": (taken("attributes", "full_review", "setting"), "attributes.full_review.setting"),
    "freeze": (put("freeze_after", value=[]), "freeze_after.1"),
    "gate applies less": (
        lambda r: entry(r, "reviews", step="legal.review").update(
            when={"all": [{"field": "major", "op": "eq", "value": True}, {"field": "fine", "op": "gt", "value": 5}]}
        ), "reviews.1",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", LOOSER)
def test_what_is_looser_is_named(shipped, name):
    change, path = LOOSER[name]
    found = loosened(RuleSet(shipped, OFFICERS), RuleSet(changed(shipped, change), OFFICERS))
    assert path in [one.path for one in found]
    assert all(one.message.endswith("。") for one in found)


@pytest.mark.parametrize(
    "section",
    ["required_before", "reviews", "hearings", "named", "bands", "documents_before", "clock_bars", "separation",
     "no_increase", "abnormal", "in_time"],
)  # fmt: skip
def test_no_entry_of_a_gate_goes_or_changes(shipped, section):
    gone = changed(shipped, lambda r: r[section].pop(0))
    assert f"{section}.1" in paths(shipped, gone)
    first = shipped[section][0]
    weak = {
        key: [] for key in ("before", "needs", "steps", "excludes", "over", "attributes") if first.get(key)
    }
    weak = dict(list(weak.items())[:1]) or {"step": "elsewhere"}
    assert f"{section}.1" in paths(shipped, changed(shipped, lambda r: r[section][0].update(weak)))


TIGHTER = {
    "nothing": lambda r: None,
    "scope written out": put("scope", value="penalty.ordinary.city"),
    "words": lambda r: entry(r, "reviews", step="legal.review").update(message="另一种说法。", article="第五十八条"),
    "threshold": put("params", "major_fine_person", "value", value=5000),
    "own threshold lowered": lambda r: (
        r["params"].update(less={"value": 9999, "label": "更少"}), r["thresholds"][0].update(most="less"),
    ),
    "own threshold everywhere": lambda r: r["thresholds"][0].pop("where"),
    "own threshold more": lambda r: r["thresholds"].append(
        {"attribute": "agency_major", "number": "fine", "most": "major_fine_person", "label": "另一项"}
    ),
    "own thresholds in another order": lambda r: r["thresholds"].reverse(),
    "clock": clock("decision", limit="60d", extension=None, warn="20d", basis="本机关规定"),
    "party's clock": clock("pay", limit="30d"),
    "new clock": lambda r: r["clocks"].append({"id": "more", "limit": "3d", "side": "authority"}),
    "period": lambda r: (entry(r, "periods", after="notice").update(limit="7wd"), r["in_time"][0].update(limit="7wd")),
    "fewer suspensions": lambda r: r["suspensions"].pop(),
    "another gate": lambda r: r["required_before"].insert(0, {"before": ["decide"], "needs": ["collective"]}),
    "gate before more": lambda r: entry(r, "reviews", step="legal.review")["before"].append("decide.penalty"),
    "gate always": lambda r: entry(r, "reviews", step="legal.review").pop("when"),
    "order of entries": lambda r: r["required_before"].reverse(),
    "rounds": lambda r: r.update(rounds=[{"step": "invest", "most": 2}]),
    "derived wider": lambda r: r["derived"]["collective_required"].update(
        when={"any": [r["derived"]["collective_required"]["when"], {"field": "harsh", "op": "eq", "value": True}]}
    ),
    "derived says what follows anyway": lambda r: r["derived"]["collective_required"]["when"]["all"][1]["any"].pop(1),
    "derived otherwise written": lambda r: r["derived"]["collective_required"].update(
        when={"not": {"any": [{"field": "outcome", "op": "eq", "value": "transfer"}, {"all": [
            {"field": "major", "op": "eq", "value": False}, {"field": "complex", "op": "eq", "value": False}]}]}}
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TIGHTER)
def test_what_is_tighter_or_only_worded_otherwise_is_not(shipped, name):
    assert paths(shipped, changed(shipped, TIGHTER[name])) == []


def test_officers_and_rounds(shipped):
    assert paths(shipped, shipped, {"invest": 1, "legal.review": 1}) == ["officers.invest"]
    assert paths(shipped, shipped, {"invest": 3}) == []
    before = shipped | {"rounds": [{"step": "invest", "most": 2}]}
    assert paths(before, shipped | {"rounds": [{"step": "invest", "most": 3}]}) == ["rounds.invest"]
    assert paths(before, shipped) == ["rounds.invest"]
    assert paths(before, shipped | {"rounds": [{"step": "invest", "most": 1}]}) == []


def test_from_what_to_what(shipped):
    new = changed(shipped, put("params", "major_fine_person", "value", value=20000))
    (one,) = loosened(RuleSet(shipped, {}), RuleSet(new, {}))
    assert one.message == "标准“公民较大数额罚款”由10000放宽为20000。"


def test_what_an_agency_may_no_longer_demand_is_told_in_words(shipped):
    more = {"value": 20000, "label": "更多"}
    old = changed(
        shipped, lambda r: (r["params"].update(more=more), r.update(thresholds=r["thresholds"][:1]))
    )

    def told(change):
        return [one.message for one in loosened(RuleSet(old, {}), RuleSet(changed(old, change), {}))]

    assert told(lambda r: r["thresholds"].pop()) == ["本机关不能再设定标准“对公民罚款”。"]
    assert told(lambda r: r["thresholds"][0].update(most="more")) == [
        "本机关标准“对公民罚款”不得达到的数额由10000放宽为20000。"
    ]
    narrower = {"all": [old["thresholds"][0]["where"], {"field": "complex", "op": "eq", "value": True}]}
    assert told(lambda r: r["thresholds"][0].update(where=narrower)) == [
        "本机关标准“对公民罚款”适用的情形减少。"
    ]
    assert told(put("params", "major_fine_person", "value", value=20000)) == [
        "标准“公民较大数额罚款”由10000放宽为20000。"
    ]


def test_what_only_follows_from_another_condition_is_told_there(shipped):
    new = changed(shipped, lambda r: r["derived"]["major"]["when"]["all"][1]["any"].pop())
    assert paths(shipped, new) == ["derived.major"]


def test_a_condition_that_a_gate_demands_may_not_hold_more_often():
    yes = {"field": "a", "op": "eq", "value": True}
    rules = {
        "attributes": {"a": {"type": "boolean"}, "b": {"type": "boolean"}},
        "derived": {"ready": {"when": yes}},
        "required_before": [{"before": ["decide"], "needs": ["ready"]}],
    }
    wider = deepcopy(rules)
    wider["derived"]["ready"]["when"] = {"any": [yes, {"field": "b", "op": "eq", "value": True}]}
    assert paths(rules, wider) == ["derived.ready"]
    assert paths(wider, rules) == []


def test_what_cannot_be_decided_counts_as_looser():
    attributes = {f"n{i}": {"type": "number", "default": 0} for i in range(12)}
    tree = {"all": [{"field": name, "op": "gt", "value": 5} for name in attributes]}
    other = {"all": [{"field": name, "op": "gt", "value": 4} for name in attributes]}
    assert not Conditions({"attributes": attributes}, {"attributes": attributes}).implies(tree, other)
    few = {name: attributes[name] for name in ("n1", "n2")}
    one, two = ({"all": tree["all"][1:3]}, {"all": other["all"][1:3]})
    assert Conditions({"attributes": few}, {"attributes": few}).implies(one, two)
    assert not Conditions({"attributes": few}, {"attributes": few}).implies(two, one)


def test_a_basis_counts_once_and_only_when_it_says_everything():
    basis = {"path": "params.x", "basis": "《某法》第一条", "document": "国务院令第1号"}
    assert excused({"loosened": [basis]}) == {"params.x": basis}
    assert excused({"loosened": [basis]}, {"loosened": [basis]}) == {}
    for name in basis:
        assert excused({"loosened": [basis | {name: " "}]}) == {}
    assert excused({"loosened": ["anything"]}) == {}
