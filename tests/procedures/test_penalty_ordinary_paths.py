"""The ordinary penalty procedure, run on the engine from the lead to the archive, under its own rules.

`Run` applies rules.yaml around the engine the way a case does: resets, writes, derived attributes, gates.
"""

from datetime import UTC, datetime, timedelta

import pytest
import yaml
from bpmn_drawing import BUNDLE

from app.diagrams.bundle import from_folder

RULES = yaml.safe_load((BUNDLE / "rules.yaml").read_text(encoding="utf-8"))
OPERATORS = {
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "gt": lambda a, b: a > b,
    "gte": lambda a, b: a >= b,
    "in": lambda a, b: a in b,
    "notIn": lambda a, b: a not in b,
}


def true(tree: dict, values: dict) -> bool:
    if "all" in tree:
        return all(true(t, values) for t in tree["all"])
    if "any" in tree:
        return any(true(t, values) for t in tree["any"])
    value = tree["value"]
    if isinstance(value, dict):
        value = RULES["params"][value["param"]]["value"]
    return OPERATORS[tree["op"]](values[tree["field"]], value)


def derived(values: dict) -> dict:
    for name, rule in RULES["derived"].items():
        values[name] = true(rule["when"], values)
    return values


def fresh(**values) -> dict:
    return derived({n: a["default"] for n, a in RULES["attributes"].items()} | values)


def refused(step: str, done: list[str], values: dict) -> list[str]:
    """Articles of the gates that stand in the way of an act."""
    return [
        gate["article"]
        for gate in RULES["required_before"]
        if step in gate["before"]
        and ("when" not in gate or true(gate["when"], values))
        and any(not values[n] if n in values else n not in done for n in gate["needs"])
    ]


class Run:
    """One case. `do` completes the live task of a node, or registers a waiting message."""

    def __init__(self, engine):
        self.engine = engine
        source = engine.Source(from_folder("penalty/ordinary").whole, {})
        self.spec = engine.spec("penalty/ordinary", lambda: source)
        self.now = datetime(2025, 5, 6, 1, tzinfo=UTC)
        self.values, self.done, self.passed, self.actions = fresh(), [], {}, []
        self.advance = engine.start(self.spec, dict(self.values), self.now, self.due)

    def due(self, limit: str, anchor: str, entered: datetime) -> datetime:
        number = int("".join(c for c in limit if c.isdigit()))
        unit = timedelta(hours=1) if limit.endswith("h") else timedelta(days=1)
        return self.passed.get(anchor, entered) + number * unit

    def do(self, node: str, **writes) -> "Run":
        self.now += timedelta(hours=4)
        task = {t.node: t for t in self.advance.live}[node]
        step = task.attributes["step"]
        for name in RULES["sticky"].get(step, []):
            writes[name] = writes.get(name, False) or self.values[name]
        self.values |= RULES["resets"].get(step, {}) | writes
        derived(self.values)
        assert not refused(step, self.done, self.values), (node, refused(step, self.done, self.values))
        self.done = [s for s in self.done if s not in RULES["voids"].get(step, [])] + [step]
        self.passed[step] = self.now
        act = self.engine.register if task.kind == "message" else self.engine.complete
        self.advance = act(self.spec, self.advance.state, task.id, dict(self.values), self.now, self.due)
        self.actions += self.advance.actions
        return self

    def wait(self, days: int) -> "Run":
        self.now += timedelta(days=days)
        self.advance = self.engine.refresh(self.spec, self.advance.state, self.now, self.due)
        return self

    def at(self, *nodes: str) -> "Run":
        assert sorted(t.node for t in self.advance.live) == sorted(nodes)
        return self

    # the usual stretches of a case

    def filed(self) -> "Run":
        return self.do("register").do("check").do("file_review").do("file_approve", filing_ok=True)

    def investigated(self) -> "Run":
        return self.at("invest_plan").do("invest_plan").do("investigate").at("report")

    def reviewed(self, **proposal) -> "Run":
        return self.do("report", **proposal).do("lead_review", report_ok=True).do("pre_review", pre_ok=True)

    def told(self) -> "Run":
        return self.do("notice_approve", notice_ok=True).do("notice_serve").at("party_response")

    def closed(self) -> None:
        self.at("close_propose").do("close_propose").do("close_approve", close_ok=True).do("archive")
        assert self.advance.finished


@pytest.fixture
def case() -> Run:
    return Run(pytest.importorskip("app.engine.service"))


def test_the_engine_accepts_the_diagram():
    engine = pytest.importorskip("app.engine.service")
    source = engine.Source(from_folder("penalty/ordinary").whole, {})
    names = [*RULES["attributes"], *RULES["derived"]]
    assert not engine.check(source, names, ["supervision.major_reminder", "cases.refer"])


def handed_over(case: Run) -> Run:
    case.filed().investigated().reviewed(outcome="transfer").at("decide")
    return case.do("decide", decided_outcome="transfer").do("transfer_do").at("handed_reply")


def test_what_the_police_file_waits_and_is_closed_when_it_was_punished(case):
    handed_over(case).do("handed_reply", handed="filed").do("goods_hand").at("handed_reply").wait(400)
    case.do("handed_reply", handed="ended").closed()


def test_what_the_police_send_back_is_investigated_and_decided_anew(case):
    handed_over(case).do("handed_reply", handed="filed").do("goods_hand").wait(540)
    case.do("handed_reply", handed="returned").at("resume").do("resume", invest_more=True).investigated()
    assert "decide.transfer" not in case.done
    case.reviewed(outcome="penalty", fine=3000).told().wait(6).do("decide", decided_outcome="penalty")
    case.do("decision_doc").do("serve").do("publish").do("collect", paid=True).closed()


def test_a_refusal_to_file_is_objected_to_or_taken(case):
    handed_over(case).do("handed_reply", handed="refused").do("police_object", handed="disputed")
    case.at("handed_reply").do("handed_reply", handed="refused").do("police_object", handed="returned")
    case.at("resume").do("resume", invest_more=False).at("report")
    case.reviewed(outcome="no_penalty").do("decide", decided_outcome="no_penalty").at("nopenalty_doc")


def test_a_case_of_another_agency_waits_for_its_answer_and_may_come_back(case):
    case.filed().investigated().reviewed(outcome="elsewhere").at("refer_do")
    case.do("refer_do", decided_outcome="elsewhere").at("handed_reply")
    assert case.actions == ["cases.refer"]
    assert refused("transfer.reply", case.done, case.values | {"handed": "filed"})
    assert refused("close.propose", case.done, case.values)
    case.do("handed_reply", handed="returned").do("resume", invest_more=False)
    case.reviewed(outcome="elsewhere").do("refer_do", decided_outcome="elsewhere")
    case.do("handed_reply", handed="ended").closed()


def test_small_fine_paid_in_time(case):
    case.filed().investigated().reviewed(outcome="penalty", fine=3000).told().wait(6)
    case.at("decide").do("decide", decided_outcome="penalty").do("decision_doc").do("serve")
    case.at("publish", "collect").do("collect", paid=True).do("publish", publish_ok=True).closed()
    assert not case.actions


def test_refusal_to_file_is_told_and_archived(case):
    case.do("register").do("check").do("file_review").do("file_approve")
    case.at("reject_inform").do("reject_inform").do("archive")
    assert case.advance.finished


def test_preservation_runs_beside_the_investigation(case):
    case.filed().do("invest_plan", preserve=True).at("investigate", "preserve_approve").do("investigate")
    case.do("preserve_approve", preserve_ok=True).do("preserve_do").do("preserve_decide").at("report")


def test_supplementary_investigation_asks_anew_for_preservation(case):
    case.filed().do("invest_plan", preserve=True).do("preserve_approve", preserve_ok=False)
    case.do("investigate").do("report").do("lead_review", report_ok=False)
    case.investigated()
    assert not case.values["preserve"]


def test_hearing_then_changed_proposal_is_told_again(case):
    case.filed().investigated().reviewed(fine=250000, party_kind="organisation").told()
    case.do("party_response", plea_received=True).at("party_response")
    case.do("party_response", hearing_requested=True, response_final=True)
    assert case.values["plea_received"]
    case.do("hearing_notice").do("hearing_hold", hearing_held=True).do("hearing_report")
    case.do("plea_review", proposal_changed=True).reviewed(fine=90000).told().wait(6).at("legal_review")


def test_legal_review_collective_and_court(case):
    case.filed().investigated().reviewed(fine=250000, party_kind="organisation").told().wait(6)
    case.do("legal_review", legal_passed=False).do("rectify").do("legal_review", legal_passed=False)
    case.do("rectify", proposal_changed=True).reviewed(fine=200000).told().wait(6)
    case.do("legal_review", legal_passed=True).do("collective", collective_done=False)
    case.reviewed(fine=150000).told().wait(6).do("legal_review", legal_passed=True)
    assert set(case.actions) == {"supervision.major_reminder"}
    case.do("collective", collective_done=True).do("decide").do("decision_doc").do("serve")
    case.do("publish").do("collect", paid=False).do("urge").at().wait(11).do("urge_check")
    case.at().wait(100).at().wait(100).do("court_apply").closed()


def test_a_head_who_wants_more_than_was_proposed_sends_it_back(case):
    case.filed().investigated().reviewed(outcome="no_penalty")
    case.do("decide", decided_outcome="penalty").at("report")
    case.reviewed(outcome="transfer", complex=True).do("decide", decided_outcome="no_penalty").at("report")
    case.reviewed(outcome="transfer").do("decide", decided_outcome="transfer").do("transfer_do")
    case.do("handed_reply", handed="ended").closed()


def test_facts_not_established(case):
    case.filed().investigated().do("report", outcome="not_established").do("lead_review", report_ok=True)
    case.do("pre_review", pre_ok=False).reviewed(outcome="not_established")
    case.do("decide", decided_outcome="not_established").do("nopenalty_doc").do("serve_other")
    case.do("close_propose").do("close_approve", close_ok=False).closed()


BEFORE = ["src.register", "check", "file.review", "file.approve", "invest", "invest.end", "case.review"]
OK = {"filing_ok": True, "report_ok": True, "pre_ok": True}


@pytest.mark.parametrize(
    ("values", "missing", "article"),
    [
        ({}, ["notice"], "第四十四条"),
        ({"plea_received": True}, ["plea.review"], "第四十五条"),
        ({"hearing_requested": True}, ["hear.hold"], "第六十三条"),
        ({"complex": True}, ["legal.review"], "第五十八条"),
        ({"complex": True, "legal_passed": False}, [], "第五十八条"),
        ({"fine": 10000}, ["legal.review"], "第五十八条"),
        ({"complex": True}, ["collective"], "第五十七条第二款"),
        ({"report_ok": False}, [], "第五十七条第一款"),
    ],
)
def test_gates_refuse_a_premature_decision(values, missing, article):
    done = [*BEFORE, "notice", "plea.review", "hear.hold", "hear.report", "legal.review", "collective"]
    lawful = OK | {"legal_passed": True, "collective_done": True}
    assert not refused("decide", done, fresh(**lawful, **{k: v for k, v in values.items() if v is not False}))
    left = [step for step in done if step not in missing]
    assert any(article in a for a in refused("decide", left, fresh(**(lawful | values))))
