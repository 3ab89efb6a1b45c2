"""Planted defects: what an analyst gets wrong, and the rule that must say so.

Each entry damages the demonstration procedure in one place. Most damage breaks several rules at once; the one
named here is the one the entry is about.
"""

from collections.abc import Callable

from tests.verify.pair import Pair

Edit = Callable[[Pair], object]


ORDER: dict[str, tuple[str, Edit]] = {
    "source not registered": ("P01", lambda p: p.skip("register")),
    "source registered under another tag": ("P01", lambda p: p.attribute("register", "step", "note")),
    "investigated on the first opinion": (
        "P02",
        lambda p: p.when("f_filing_gw_invest_merge", "filing_review_ok == True"),
    ),
    "investigated before filing": ("P02", lambda p: p.to("f_check_file_review", "invest_merge")),
    "no report before the notice": ("P06", lambda p: p.to("f_invest_join_report_merge", "lead_review")),
    "investigated again without a report": (
        "P06",
        lambda p: p.to("f_notice_gw_report_merge", "invest_merge").to("f_report_merge_report", "outcome_gw"),
    ),
    "no notice": ("P07", lambda p: p.to("f_outcome_gw_notice_approve", "major_merge")),
    "notice only for big fines": (
        "P07",
        lambda p: p.when("f_outcome_gw_notice_approve", 'outcome == "penalty" and fine >= 10000'),
    ),
    "changed proposal without a new notice": ("P07", lambda p: p.skip("notice_serve")),
    "plea of complex cases not reviewed": (
        "P09",
        lambda p: p.when(
            "f_opinion_gw_plea_merge",
            "hearing_requested == False and plea_received == True and complex == True",
        ),
    ),
    "plea review taken away": ("P09", lambda p: p.skip("plea_review")),
    "changed after the plea and decided": ("P10", lambda p: p.to("f_changed_gw_report_merge", "major_merge")),
    "decision not compared with the notice": ("P10", lambda p: p.change("no_increase", lambda _: [])),
}

HEARING: dict[str, tuple[str, Edit]] = {
    "first letter ends the period": (
        "P08",
        lambda p: p.to("f_response_final_gw_response_merge", "response_end"),
    ),
    "no waiting at all": ("P08", lambda p: p.to("f_notice_serve_response_merge", "opinion_gw")),
    "no period in the rule set": ("P08", lambda p: p.drop("periods", after="notice")),
    "hearing cases not noticed": (
        "P11",
        lambda p: p.when(
            "f_outcome_gw_notice_approve", 'outcome == "penalty" and hearing_applicable == False'
        ),
    ),
    "no paper about the hearing": ("P11", lambda p: p.paperless("notice_approve")),
    "three days to ask for a hearing": ("P12", lambda p: p.length("response_timer", "3wd")),
    "five calendar days to ask for a hearing": ("P12", lambda p: p.length("response_timer", "5d")),
    "no way to ask for a hearing": (
        "P12",
        lambda p: p.attribute("party_response", "step", "party.note"),
    ),
    "shorter period in the rule set": (
        "P12",
        lambda p: p.change("periods", lambda all_: [{**e, "limit": "3wd"} for e in all_]),
    ),
    "hearing asked for and not held": ("P13", lambda p: p.to("f_opinion_gw_hearing_notice", "plea_merge")),
    "hearing only where the agency must": (
        "P13",
        lambda p: p.when("f_opinion_gw_hearing_notice", "hearing_requested == True and harsh == True"),
    ),
    "hearing not announced": ("P14", lambda p: p.skip("hearing_notice")),
    "announced five days before": (
        "P14",
        lambda p: p.change(
            "periods", lambda all_: [e if e["after"] == "notice" else {**e, "limit": "5wd"} for e in all_]
        ),
    ),
    "investigators preside": ("P15", lambda p: p.lane("hearing_hold", "investigator")),
    "presiders not kept apart": ("P15", lambda p: p.drop("separation", name="听证主持")),
    "no report on the hearing": ("P16", lambda p: p.skip("hearing_report")),
    "no record of the hearing": ("P16", lambda p: p.paperless("hearing_hold")),
    "legal review before the hearing": ("P19", lambda p: p.to("f_opinion_gw_hearing_notice", "legal_call")),
}

DECISION: dict[str, tuple[str, Edit]] = {
    "review by amount instead of major": (
        "P17",
        lambda p: p.when("f_major_gw_legal_merge", "fine >= 100000"),
    ),
    "review of complex cases only": ("P17", lambda p: p.when("f_major_gw_legal_merge", "complex == True")),
    "way around the review": ("P17", lambda p: p.to("f_major_merge_major_gw", "collective_merge")),
    "review taken away": ("P17", lambda p: p.skip("legal_review")),
    "failed review goes on": ("P18", lambda p: p.to("f_legal_result_gw_report_merge", "collective_merge")),
    "rectified without a second review": (
        "P18",
        lambda p: p.to("f_rectify_gw_legal_merge", "legal_changed").to(
            "f_legal_result_gw_report_merge", "collective_merge"
        ),
    ),
    "review not guarded": ("P18", lambda p: p.change("reviews", lambda _: [])),
    "collective only where complex": ("P20", lambda p: p.when("f_collective_gw_remind", "complex == True")),
    "collective refusal decided": ("P20", lambda p: p.to("f_collective_ok_gw_report_merge", "decide_merge")),
    "collective by the team": ("P20", lambda p: p.lane("collective", "team_lead")),
    "decided by the team": ("P21", lambda p: p.lane("decide", "team_lead")),
    "paper without a decision": ("P21", lambda p: p.to("f_collective_ok_gw_decide_merge", "decided_gw")),
    "no outcome for facts not established": (
        "P22",
        lambda p: p.rules["attributes"]["decided_outcome"].update(
            options=["penalty", "no_penalty", "transfer"]
        ),
    ),
    "no branch to the judicial organs": (
        "P22",
        lambda p: p.to("f_decided_gw_transfer_do", "nopenalty_doc"),
    ),
    "supervisor not told": ("P37", lambda p: p.skip("remind")),
    "supervisor told for big fines": (
        "P37",
        lambda p: p.gate("told_gw", "f_deliberation_begin_remind").flow(
            "f_new", "told_gw", "collective", "harsh == True"
        ),
    ),
    "service task without the action": ("P37", lambda p: p.attribute("remind", "action", None)),
    "handed over, not carried out": ("P31", lambda p: p.to("f_decided_gw_transfer_do", "nopenalty_doc")),
    "three days to hand over": ("P31", lambda p: p.attribute("transfer_do", "limit", "72h")),
    "fined instead of handed over": (
        "P32",
        lambda p: p.when(
            "f_consistent_gw_report_merge", 'decided_outcome == "penalty" and outcome == "no_penalty"'
        ),
    ),
    "discretion not bound": ("P36", lambda p: p.change("bands", lambda _: [])),
    "deviation not explained": (
        "P36",
        lambda p: p.unasked("penalty_decide", "deviation").unasked("penalty_report", "deviation"),
    ),
}

PEOPLE: dict[str, tuple[str, Edit]] = {
    "one investigator": ("P03", lambda p: p.attribute("investigate", "officers", "1")),
    "served by one": ("P03", lambda p: p.attribute("serve", "officers", None)),
    "no certificate": ("P03", lambda p: p.change("certified", lambda old: {**old, "two_or_more": "none"})),
    "card not shown": ("P04", lambda p: p.unasked("penalty_investigate", "id_shown")),
    "card shown if at hand": ("P04", lambda p: p.optional("penalty_preserve_do", "id_shown")),
    "investigators collect": ("P28", lambda p: p.lane("collect", "investigator")),
    "collectors not kept apart": ("P28", lambda p: p.drop("separation", name="收缴")),
    "second fine not asked for": ("P33", lambda p: p.unasked("penalty_check", "not_fined")),
    "jurisdiction optional": ("P33", lambda p: p.optional("penalty_check", "own_jurisdiction")),
    "no education": ("P34", lambda p: p.unasked("penalty_nopenalty_doc", "education")),
    "no correction": (
        "P35",
        lambda p: (
            p.unasked("penalty_decide", "correction")
            .unasked("penalty_report", "correction")
            .unasked("penalty_investigate", "correction")
        ),
    ),
}

TIME: dict[str, tuple[str, Edit]] = {
    "preserved though refused": ("P05", lambda p: p.when("f_preserve_ok_gw_preserve_do", "preserve == True")),
    "preserved and forgotten": ("P05", lambda p: p.skip("preserve_decide")),
    "ten days to settle evidence": ("P05", lambda p: p.clock("preserve", limit="10wd")),
    "four months to decide": ("P23", lambda p: p.clock("decision", limit="120d")),
    "no clock for the decision": ("P23", lambda p: p.drop("clocks", id="decision")),
    "extended by the team": (
        "P23",
        lambda p: p.clock(
            "decision", extension={"limit": "30d", "times": 1, "approver": "team_lead", "basis": "x"}
        ),
    ),
    "days left out without a basis": (
        "P23",
        lambda p: p.change("suspensions", lambda all_: [{**e, "basis": ""} for e in all_]),
    ),
    "refusal to punish not served": ("P24", lambda p: p.skip("serve_other")),
    "fifteen days to serve": ("P24", lambda p: p.attribute("serve", "limit", "15wd")),
    "no clock for serving": ("P24", lambda p: p.drop("clocks", id="serve")),
    "collected before serving": (
        "P25",
        lambda p: (
            p.to("f_decision_doc_serve", "collect")
            .to("f_collect_paid_gw", "serve")
            .to("f_perform_split_collect_merge", "paid_gw")
        ),
    ),
    "not published": ("P26", lambda p: p.skip("publish")),
    "published unmasked": ("P26", lambda p: p.unasked("penalty_publish", "masked")),
    "twenty days to publish": ("P26", lambda p: p.attribute("publish", "limit", "20wd")),
    "five per cent a day": (
        "P29",
        lambda p: p.change("params", lambda old: {**old, "surcharge_rate": {"value": 0.05}}),
    ),
    "surcharge above the fine": (
        "P29",
        lambda p: p.change("params", lambda old: {**old, "surcharge_cap": {"value": 2}}),
    ),
    "surcharge during a lawsuit": (
        "P29",
        lambda p: p.change("stops", lambda old: []),
    ),
    "five days after urging": ("P30", lambda p: p.length("urge_timer", "5wd")),
    "court before the time for a lawsuit is over": ("P30", lambda p: p.skip("remedy_timer")),
    "court after two months": ("P30", lambda p: p.length("remedy_timer", "60d")),
    "court without urging": ("P30", lambda p: p.to("f_paid_gw_urge", "remedy_timer")),
    "court too late": ("P30", lambda p: p.attribute("court_apply", "limit", "180d")),
    "investigation longer than the law": ("G04", lambda p: p.attribute("investigate", "limit", "40wd")),
    "six rounds of rework": ("G04", lambda p: p.attribute("pre_review", "limit", "12wd")),
}

GENERAL: dict[str, tuple[str, Edit]] = {
    "no duty": ("G03", lambda p: p.attribute("serve", "duty", None)),
    "no limit": ("G03", lambda p: p.attribute("plea_review", "limit", None)),
    "no lane": ("G03", lambda p: p.find("lane_finance").attrib.pop(f"{{{'urn:xingquan:bpmn:1'}}}position")),
    "closed without the archive": ("G07", lambda p: p.to("f_close_gw_archive_merge", "finish")),
    "investigated after the decision": ("G08", lambda p: p.to("f_close_gw_close_again", "invest_merge")),
    "refused without reasons": (
        "G09",
        lambda p: p.unasked("penalty_reject_inform", "content", "no_need_reason").change(
            "abnormal", lambda all_: [e for e in all_ if e["attribute"] != "filing_ok"]
        ),
    ),
    "approved without an opinion": ("G10", lambda p: p.unasked("penalty_close_approve", "opinion")),
    "clock without a warning": ("G11", lambda p: p.clock("pay", warn=None)),
    "limit in words": ("G11", lambda p: p.attribute("publish", "limit", "七日")),
    "reviewers investigate": ("G12", lambda p: p.lane("legal_review", "investigator")),
    "paper without a template": ("G14", lambda p: p.templates.pop("SH-01")),
    "decision silent about remedies": ("G15", lambda p: p.silent("JD-01", "六十日")),
}

FORM: dict[str, tuple[str, Edit]] = {
    "alternatives joined as if parallel": (
        "deadlock",
        lambda p: p.kind("close_merge", "parallelGateway"),
    ),
    "preserving joined as if parallel": ("deadlock", lambda p: p.kind("preserve_merge", "parallelGateway")),
    "parallel split made exclusive": (
        "deadlock",
        lambda p: (
            p.kind("perform_split", "exclusiveGateway")
            .default("perform_split", "f_perform_split_publish")
            .when("f_perform_split_collect_merge", "harsh == False")
        ),
    ),
    "closing never agreed": ("livelock", lambda p: p.to("f_close_gw_archive_merge", "close_again")),
    "report sent back for ever": ("livelock", lambda p: p.to("f_pre_gw_outcome_gw", "report_merge")),
    "parallel branches merged": ("double-token", lambda p: p.kind("invest_join", "exclusiveGateway")),
    "performing merged": ("double-token", lambda p: p.kind("perform_join", "exclusiveGateway")),
    "condition that nothing meets": (
        "dead-node",
        lambda p: p.when("f_preserve_ok_gw_preserve_do", "preserve_ok == True and preserve_ok == False"),
    ),
    "task nobody leads to": ("dead-node", lambda p: p.to("f_collective_gw_remind", "decide_merge")),
    "threshold below what is already excluded": (
        "dead-branch",
        lambda p: p.flow("f_dead", "paid_gw", "pay_merge", "paid == True and fine < 0"),
    ),
    "no default for a condition": (
        "gateway-gap",
        lambda p: p.when("f_paid_gw_urge", "fine > 0").default("paid_gw", None),
    ),
    "default taken away": (
        "gateway-gap",
        lambda p: p.default("opinion_gw", None).when(
            "f_opinion_gw_major_merge",
            "hearing_requested == False and plea_received == False and complex == False",
        ),
    ),
    "two branches at once": (
        "gateway-overlap",
        lambda p: p.when("f_opinion_gw_plea_merge", "plea_received == True"),
    ),
    "threshold on both sides": (
        "gateway-overlap",
        lambda p: p.when("f_major_gw_collective_merge", "fine <= 100000").default("major_gw", None),
    ),
    "read and never written": ("unwritten", lambda p: p.unwritten("penalty_file_approve", "filing_ok")),
    "review that nobody can pass": (
        "dead-branch",
        lambda p: p.unwritten("penalty_legal_review", "legal_passed"),
    ),
    "read before it is written": (
        "unwritten",
        lambda p: p.when("f_filing_gw_invest_merge", "filing_ok == True and report_ok == False"),
    ),
}

BOTH: dict[str, tuple[str, Edit]] = {
    "published step that nobody does": ("G02", lambda p: p.skip("archive")),
    "serving before deciding": ("G02", lambda p: p.to("f_decide_merge_decide", "serve")),
    "order of publishing and serving": ("G02", lambda p: p.to("f_decision_doc_serve", "publish")),
    "rework to where the public picture cannot return": (
        "G02",
        lambda p: p.to("f_report_gw_invest_merge", "check"),
    ),
    "external step without a basis": (
        "G05",
        lambda p: next(
            p.attribute(e.get("id"), "basis", None, p.outer)
            for e in p.outer.iter()
            if e.get("{urn:xingquan:bpmn:1}step") == "serve"
        ),
    ),
}

PLANTED: dict[str, tuple[str, Edit]] = {
    **ORDER, **HEARING, **DECISION, **PEOPLE, **TIME, **GENERAL, **FORM, **BOTH,
}  # fmt: skip
