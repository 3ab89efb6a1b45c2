"""The two pictures of the ordinary penalty procedure agree with each other, the rules and the eye."""

import ast
import itertools
import re

import pytest
import yaml
from bpmn_drawing import BPMN, BUNDLE, ROOT, XQ, Drawing, holds, names

LIMIT = re.compile(r"[1-9]\d*(wd|d|h)")
RULES = yaml.safe_load((BUNDLE / "rules.yaml").read_text(encoding="utf-8"))
INTERNAL = Drawing.whole()
EXTERNAL = Drawing.load("external.bpmn")
BOTH = pytest.mark.parametrize("drawing", [INTERNAL, EXTERNAL], ids=["internal", "external"])
KNOWN = {*RULES["attributes"], *RULES["derived"]}
STEPS = {INTERNAL.get(n, "step"): n for n in INTERNAL.nodes if INTERNAL.get(n, "step")}


def realised_by(step: str) -> str:
    """The external step an internal tag belongs to: the longest prefix decides."""
    fitting = [
        (len(prefix), external)
        for external, prefixes in RULES["external_steps"].items()
        for prefix in prefixes
        if step == prefix or step.startswith(prefix + ".")
    ]
    return max(fitting)[1] if fitting else ""


def working_days(limit: str) -> int:
    number, unit = re.fullmatch(r"(\d+)(wd|d|h)", limit).groups()
    return -(-int(number) // 24) if unit == "h" else int(number)


def longest(drawing: Drawing) -> int:
    """Working days by position limits from filing to the decision document: the longest way without rework.

    Parallel branches count by the longer one, as do alternatives, so one pass over the graph does for both.
    """
    budget = RULES["budget"][0]
    start = next(n for n in drawing.nodes if drawing.get(n, "step") == budget["from"])
    ends = {n for n in drawing.nodes if drawing.get(n, "step") in budget["to"]}

    def days(node: str) -> int:
        limit = drawing.get(node, "limit")
        return working_days(limit) if limit and drawing.get(node, "step") not in budget["excluded"] else 0

    def walk(node: str, way: tuple[str, ...]) -> int:
        assert node not in way, f"a loop without xq:rounds: {way}"
        if node in ends:
            return days(node)
        rest = [
            walk(f.target, (*way, node))
            for f in drawing.out(node)
            if not f.rework
            and f.name != "继续等待"  # the loop of waiting is bounded by the timer
            and f.target != "legal_changed"  # from there only the rework goes on
        ]
        return max(rest, default=-(10**6)) + (days(node) if node != start else 0)

    return walk(start, ())


def undefaulted(drawing: Drawing) -> list[str]:
    """Exclusive splits whose flows are not exactly one default and otherwise conditions."""
    wrong = []
    for node in drawing.of("exclusiveGateway"):
        flows = drawing.out(node)
        default = drawing.nodes[node].get("default")
        if len(flows) > 1 and (
            [f.id for f in flows if not f.condition] != [default] or default not in {f.id for f in flows}
        ):
            wrong.append(node)
    return wrong


def overlapping(drawing: Drawing) -> list[tuple[str, dict]]:
    """Exclusive splits where two conditions hold for the same values."""
    found = []
    for node in drawing.of("exclusiveGateway"):
        conditions = [ast.parse(f.condition, mode="eval") for f in drawing.out(node) if f.condition]
        read = sorted(set().union(*(names(f.condition) for f in drawing.out(node) if f.condition)))
        domains = [RULES["attributes"].get(n, {}).get("options") or [False, True] for n in read]
        for values in itertools.product(*domains):
            case = dict(zip(read, values, strict=True))
            if sum(bool(holds(c, case)) for c in conditions) > 1:
                found.append((node, case))
    return found


# ---------------------------------------------------------------- what every step must carry


@pytest.mark.parametrize("task", INTERNAL.of("userTask"))
def test_user_task_is_complete(task):
    """G03, G11: position, duty and limit on every task; step, form, basis and button besides."""
    for attribute in ("step", "duty", "limit", "form", "basis", "verb"):
        assert INTERNAL.get(task, attribute), f"{task} lacks xq:{attribute}"
    assert LIMIT.fullmatch(INTERNAL.get(task, "limit"))
    assert re.search(r"《.+》第.+条", INTERNAL.get(task, "basis"))
    assert INTERNAL.nodes[task].get("name")


def test_every_node_lies_in_exactly_one_lane():
    refs = [ref for ref in INTERNAL.root.iter() if str(ref.tag).endswith("flowNodeRef")]
    calls = [scope.get("id") for scope in INTERNAL.root.iter(f"{BPMN}subProcess")]
    assert sorted(r.text for r in refs) == sorted([*INTERNAL.nodes, *calls])


def test_two_officers_where_the_law_wants_two():
    """行政处罚法 42, 55: investigating, preserving, notifying and serving are never one person's work."""
    for tag in ("invest", "evid.preserve", "notice", "plea.review", "decide.transfer", "serve", "urge"):
        tasks = [n for n in INTERNAL.of("userTask") if INTERNAL.get(n, "step") == tag]
        assert tasks
        assert all(int(INTERNAL.get(n, "officers") or 0) >= 2 for n in tasks), tag


def test_deciders_are_heads_and_collectors_are_not_investigators():
    """行政处罚法 57 and 67: P21 and P28."""
    position = {
        lane.get("id"): lane.get(f"{XQ}position")
        for lane in INTERNAL.root.iter()
        if str(lane.tag).endswith("}lane")
    }
    lane = {n: position[INTERNAL.lanes[n]] for n in INTERNAL.of("userTask")}
    assert lane["decide"] == lane["collective"] == "head"
    assert {lane[n] for n in lane if INTERNAL.get(n, "step") in {"pay.collect", "urge.check"}} == {"finance"}
    assert lane["legal_review"] == "legal_review"


def test_forms_are_named_and_exist():
    forms = {INTERNAL.get(n, "form") for n in INTERNAL.nodes if INTERNAL.get(n, "form")}
    assert all(re.fullmatch(r"(penalty|enforce_defer)[a-z_]*", form) for form in forms)
    waiting = [
        n
        for n in INTERNAL.of("intermediateCatchEvent")
        if INTERNAL.nodes[n].find(".//*[@messageRef]") is not None
    ]
    assert waiting
    assert all(INTERNAL.get(n, "form") for n in waiting)
    folder = ROOT / "forms"
    if folder.is_dir():
        assert not sorted(f for f in forms if not (folder / f"{f}.json").is_file())


def test_documents_are_issued_where_the_law_wants_them():
    codes = {
        n: {
            d.get("code"): d.get("if")
            for d in INTERNAL.nodes[n].iter(f"{XQ}document")
            if d.get("when") != "demand"
        }
        for n in INTERNAL.nodes
    }
    assert codes["file_approve"] == {"LA-06": None}
    assert codes["decide"] == {"SH-03": None}
    assert codes["decision_doc"] == {"JD-01": None}
    assert codes["archive"] == {"JA-02": None, "JA-03": None, "JA-04": None}
    notice = codes["notice_approve"]
    assert set(notice) == {"GZ-01", "GZ-02"}
    for applicable in (True, False):
        facts = {"notice_ok": True, "hearing_applicable": applicable}
        issued = [c for c, condition in notice.items() if holds(ast.parse(condition, mode="eval"), facts)]
        assert issued == (["GZ-02"] if applicable else ["GZ-01"])


# ---------------------------------------------------------------- flows


@BOTH
def test_exclusive_gateways_have_one_default_and_conditions_that_exclude_each_other(drawing):
    assert not undefaulted(drawing)
    assert not overlapping(drawing)


@BOTH
def test_conditions_read_declared_attributes_only(drawing):
    read = set().union(*(names(f.condition) for f in drawing.flows if f.condition))
    read |= set().union(
        *(names(d.get("if")) for d in drawing.root.iter(f"{XQ}document") if d.get("if")), set()
    )
    assert read <= KNOWN


@BOTH
def test_branches_are_named_in_chinese(drawing):
    for node in drawing.of("exclusiveGateway", "parallelGateway", "eventBasedGateway"):
        if len(drawing.out(node)) > 1:
            assert re.search("[一-鿿]", drawing.nodes[node].get("name", "")), node
        if drawing.tag(node) == "exclusiveGateway" and len(drawing.out(node)) > 1:
            assert all(re.search("[一-鿿]", f.name) for f in drawing.out(node)), node


@BOTH
def test_everything_is_reached_and_reaches_the_end(drawing):
    for begin, step in ((drawing.of("startEvent"), "out"), (drawing.of("endEvent"), "into")):
        seen, frontier = set(begin), list(begin)
        while frontier:
            for flow in getattr(drawing, step)(frontier.pop()):
                other = flow.target if step == "out" else flow.source
                if other not in seen:
                    seen.add(other)
                    frontier.append(other)
        assert seen == set(drawing.nodes)


@BOTH
def test_tasks_have_one_way_in_and_one_way_out(drawing):
    """Implicit merges and splits hide a double token: they are drawn as gateways."""
    for node in drawing.of("userTask", "serviceTask", "task", "intermediateCatchEvent"):
        assert len(drawing.into(node)) == 1, node
        assert len(drawing.out(node)) == 1, node


@BOTH
def test_every_loop_declares_its_rounds(drawing):
    def loops(node, way):
        if node in way:
            return [way[way.index(node) :]]
        return [
            loop
            for f in drawing.out(node)
            if not f.rework and f.name != "继续等待"
            for loop in loops(f.target, (*way, node))
        ]

    assert not loops(drawing.of("startEvent")[0], ())


# ---------------------------------------------------------------- law


def test_position_limits_fit_in_the_ninety_days():
    """G04: 90 calendar days never held fewer than 56 working days (2019-2026)."""
    assert longest(INTERNAL) == 54
    assert longest(INTERNAL) <= RULES["budget"][0]["working_days"] == 56


def test_limits_within_statutory_limits():
    assert working_days(INTERNAL.get("preserve_decide", "limit")) <= 7
    assert all(
        working_days(INTERNAL.get(n, "limit")) <= 7
        for n in INTERNAL.of("userTask")
        if INTERNAL.get(n, "step") in {"serve", "publish"}
    )
    assert INTERNAL.get("transfer_do", "limit") == "24h"
    before_filing = ("check", "file_review", "file_approve")
    assert sum(working_days(INTERNAL.get(n, "limit")) for n in before_filing) <= 15


@pytest.mark.parametrize(
    ("event", "anchor", "at_least"),
    [("response_timer", "notice", 5), ("urge_timer", "urge", 10), ("remedy_timer", "serve", 184)],
)
def test_waiting_periods_run_from_their_legal_event(event, anchor, at_least):
    """P08, P12, P30: the party's time is not shortened by an early or late task."""
    assert INTERNAL.get(event, "from") == anchor
    assert anchor in STEPS
    duration = next(INTERNAL.nodes[event].iter(f"{BPMN}timeDuration")).text
    assert duration == INTERNAL.get(event, "limit")
    assert working_days(duration) >= at_least


def must_pass(drawing: Drawing, target: str, step: str, **assumed) -> bool:
    """Whether every way to `target` that the assumed values allow completes `step` after the last report."""

    def allowed(flow):
        taken = [f for f in drawing.out(flow.source) if f.condition]
        for f in taken:
            if names(f.condition) <= assumed.keys():
                true = holds(ast.parse(f.condition, mode="eval"), assumed)
                if f.id == flow.id and not true:
                    return False
                if true and f.id != flow.id:
                    return False
        return True

    seen, frontier = set(), [("report", False)]
    while frontier:
        node, passed = state = frontier.pop()
        if state in seen:
            continue
        seen.add(state)
        if node == target and not passed:
            return False
        passed = (passed and node != "report") or drawing.get(node, "step") == step
        frontier += [(f.target, passed) for f in drawing.out(node) if allowed(f)]
    return any(node == target for node, _ in seen)


@pytest.mark.parametrize(
    ("target", "step", "assumed"),
    [
        ("decision_doc", "notice", {}),
        ("decide", "notice", {"outcome": "penalty"}),
        ("decide", "legal.review", {"outcome": "penalty", "review_required": True}),
        ("decide", "legal.review", {"outcome": "no_penalty", "review_required": True}),
        ("decide", "collective", {"outcome": "penalty", "collective_required": True}),
        ("decide", "hear.hold", {"outcome": "penalty", "hearing_requested": True}),
        ("decide", "plea.review", {"outcome": "penalty", "hearing_requested": False, "plea_received": True}),
        ("legal_review", "hear.hold", {"outcome": "penalty", "hearing_requested": True}),
        ("collective", "legal.review", {"outcome": "penalty", "review_required": True}),
        ("serve", "decide.penalty", {}),
        ("court_apply", "urge", {}),
        ("archive", "close", {}),
    ],
)
def test_nothing_is_decided_before_what_must_precede_it(target, step, assumed):
    """P06-P20, P25, P30 after the newest report. A penalty the head chose without notice goes back."""
    if target == "decision_doc":
        for outcome in ("penalty", "no_penalty", "not_established", "transfer"):
            assumed = {"outcome": outcome, "decided_outcome": "penalty"}
            reached = must_pass(INTERNAL, target, "decide", **assumed)
            assert reached == (outcome == "penalty")
        assumed = {"outcome": "penalty", "decided_outcome": "penalty"}
    assert must_pass(INTERNAL, target, step, **assumed)


def test_a_refused_legal_review_never_reaches_the_decision():
    """P18."""
    assert not must_pass(
        INTERNAL, "decide", "legal.review", outcome="penalty", review_required=True, legal_passed=False
    )
    ways = [f.target for f in INTERNAL.out("legal_gw") if not f.condition]
    assert ways == ["rectify"]


def test_investigation_is_never_skipped_for_a_preservation():
    split = {f.target for f in INTERNAL.out("invest_split")}
    assert INTERNAL.tag("invest_split") == "parallelGateway"
    assert split == {"investigate", "preserve_gw"}


# ---------------------------------------------------------------- rules and refinement


def test_every_internal_step_belongs_to_an_external_one_and_back():
    external = {EXTERNAL.get(n, "step") for n in EXTERNAL.of("task")}
    assert len(EXTERNAL.of("task")) == len(external) == 16
    assert external == set(RULES["external_steps"])
    assert external - {"decide"} <= set(STEPS), "an external tag that no internal task carries"
    assert "decide" in STEPS
    realised = {step: realised_by(step) for step in STEPS}
    assert all(realised.values()), realised
    assert set(realised.values()) == external


def test_internal_order_refines_the_external_one():
    """G02: what follows directly inside follows outside too, rework aside (`external_returns`)."""

    def successors(drawing, node):
        """Tagged nodes reached without rework and without passing another tagged task."""
        found, frontier, seen = set(), [node], set()
        while frontier:
            for flow in drawing.out(frontier.pop()):
                if flow.rework or flow.target in seen:
                    continue
                seen.add(flow.target)
                event = drawing.tag(flow.target) == "intermediateCatchEvent"
                if drawing.get(flow.target, "step") and not event:
                    found.add(flow.target)
                else:
                    frontier.append(flow.target)
        return found

    outside = {
        EXTERNAL.get(n, "step"): {EXTERNAL.get(m, "step") for m in successors(EXTERNAL, n)}
        for n in EXTERNAL.of("task")
    }
    for node in INTERNAL.of("userTask"):
        here = realised_by(INTERNAL.get(node, "step"))
        for after in successors(INTERNAL, node):
            there = realised_by(INTERNAL.get(after, "step"))
            assert there == here or there in outside[here], f"{node} → {after}: {here} → {there}"


@pytest.mark.parametrize("task", EXTERNAL.of("task"))
def test_external_step_has_basis_and_limit(task):
    """G05."""
    assert re.search(r"《.+》第.+条", EXTERNAL.get(task, "basis"))
    assert LIMIT.fullmatch(EXTERNAL.get(task, "limit"))
    assert EXTERNAL.get(task, "from") in {"", *STEPS}
