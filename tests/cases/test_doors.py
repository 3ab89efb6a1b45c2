"""Doors to a decision without its review, through what people and programs can do (see `doors`)."""

# ruff: noqa: F811 - fixtures are imported

import json

import pytest
from sqlalchemy import select

from app.cases import acts, demo_content, locking, stepping
from app.cases.models import Case, Submission, WorkItem

from .doors import (  # noqa: F401 - fixtures among them
    NAME,
    answers,
    at_later,
    case_id,
    decide,
    forge,
    forged,
    key,
    no_decision,
    own,
    refused,
    review,
    undecided,
    unforge,
)
from .town import Town, actor, as_post, post_to
from .untouched import edited, sql, unchanged


def test_no_task_of_the_decision_waits_anywhere(town, case_id):
    with town.read() as session:
        assert {w.node for w in stepping.open_work(session, case_id)} == {"legal_review"}


def test_the_page_of_a_forged_task(town, case_id, forged):
    head = town.caller("hb-head")
    head.get(f"/work/{forged}")
    token = head.token("/account")
    post = as_post(answers(town, "penalty_decide")) | {"_csrf": token, "_version": "1", "_key": key()}
    with unchanged(town, case_id):
        for path in (f"/work/{forged}", f"/work/{forged}/claim", f"/work/{forged}/confirm"):
            status = head.bare_post(path, {**post, "_key": key()}).status_code
            assert status in (400, 404, 409, 422), (path, status)


def test_a_draft_becomes_no_decision(town, case_id, forged):
    head = town.caller("hb-head")
    post = as_post(answers(town, "penalty_decide")) | {"_csrf": head.token("/account")}
    head.bare_post(f"/work/{forged}/draft", post, headers={"HX-Request": "true"})
    with unchanged(town, case_id):
        refused(lambda: decide(town, forged, 1))


def test_a_call_of_the_service_names_the_review(town, case_id, forged):
    with unchanged(town, case_id):
        found = refused(lambda: decide(town, forged, 1), "legal_review")
    assert "法制审核" in found.message
    assert "第五十八条" in found.article


@pytest.mark.parametrize("outcome", ["penalty", "no_penalty", "not_established"])
@pytest.mark.requirement("S1-14", part="未审核直接作决定被拒")
def test_no_kind_of_decision(town, case_id, forged, outcome):
    with unchanged(town, case_id):
        refused(lambda: decide(town, forged, 1, outcome=outcome))


def test_a_repeated_request_with_the_same_and_with_new_keys(town, case_id, forged):
    same = key()
    with unchanged(town, case_id):
        for used in (same, same, key()):
            refused(lambda used=used: decide(town, forged, 1, used=used), "legal_review")


def test_the_key_of_an_act_that_was_done(town, own):
    """The answer to the opening of a case does not pass for a decision."""
    used = key()
    with town.read() as session:
        item = session.get_one(Case, own).item_id
    town.do(acts.open_case, "hb-intake", item, used)
    work = forge(town, own)
    with unchanged(town, own):
        refused(lambda: decide(town, work, 1, used=used))
    undecided(town, own)


@pytest.mark.parametrize("version", [-1, 0, 2, 99])
def test_stale_versions(town, case_id, forged, version):
    with unchanged(town, case_id):
        refused(lambda: decide(town, forged, version), "moved_on")


# return and review


def rectify(town: Town, case_id: int) -> None:
    given = demo_content.content()["journeys"]["hearing"]["answers"]["penalty_rectify"]
    data = given[0] if isinstance(given, list) else given
    at_later(town, acts.hand_in, "hb-officer1", *town.work(case_id, "rectify"), key(), lambda *_: data)
    at_later(town, acts.confirm, "hb-officer2", *town.work(case_id, "rectify"), key())


AGAINST = {"conclusion": "纠正", "law": "存在问题", "law_note": "裁量幅度与基准不符。", "opinion": "请纠正。"}


def test_loops_of_disagreement_lead_back_to_the_review(town, own):
    for _ in range(2):
        review(town, town.work(own, "legal_review"), **AGAINST)
        work = forge(town, own)
        with unchanged(town, own):
            refused(lambda work=work: decide(town, work, 1), "legal_review")
        unforge(town, work)
        rectify(town, own)
        with town.read() as session:
            assert {w.node for w in stepping.open_work(session, own)} == {"legal_review"}
    undecided(town, own)


def test_approval_in_words_with_a_defect_found_is_none(town, own):
    """The conclusion says 同意, one point says 存在问题."""
    review(town, town.work(own, "legal_review"), law="存在问题", law_note="幅度不当。", opinion="原则同意。")
    with town.read() as session:
        assert {w.node for w in stepping.open_work(session, own)} == {"rectify"}
    work = forge(town, own)
    with unchanged(town, own):
        refused(lambda: decide(town, work, 1), "legal_review")
    undecided(town, own)


@pytest.mark.parametrize(
    "login", ["hb-officer1", "hb-officer2", "hb-lapsed", "hb-head", "cg-legal", "hb-intake"]
)
def test_an_approval_by_somebody_who_may_not(town, case_id, login):
    work = town.work(case_id, "legal_review")
    with unchanged(town, case_id):
        refused(lambda: review(town, work, login))


def test_an_investigator_who_is_also_made_reviewer(town, own):
    with town.act() as session:
        post_to(session, "hb-officer2", "legal_review")
    try:
        with unchanged(town, own):
            refused(lambda: review(town, town.work(own, "legal_review"), "hb-officer2"))
    finally:
        sql(town, "delete from posting where id = (select max(id) from posting)")


# jumps: another node's task, another branch's message, another case's row


@pytest.mark.parametrize("node", ["decide", "decision_doc", "collective", "serve", "archive"])
def test_the_review_s_own_row_renamed_to_another_task(town, case_id, node):
    """The engine's id is right, the row says something else."""
    work_id, version = town.work(case_id, "legal_review")
    with town.read() as session:
        found = stepping.engine.nodes(locking.running(session, session.get_one(Case, case_id)).spec)[node]
    row = {"node": node, "step": found.attributes["step"], "form": found.attributes["form"],
           "position_key": found.position, "officers": int(found.attributes.get("officers", 0))}  # fmt: skip
    login = {"head": "hb-head", "investigator": "hb-officer1", "archive": "hb-archive"}[found.position]
    change = ", ".join(f"{k} = '{v}'" for k, v in row.items())
    data = answers(town, row["form"])
    with edited(town, "work_item", work_id, f"{change}, assignee_id = null"), unchanged(town, case_id):
        refused(lambda: at_later(town, acts.hand_in, login, work_id, version, key(), lambda *_: data))


def test_the_review_s_own_row_with_a_harmless_form(town, case_id):
    """Else the token would pass the review while somebody registers a lead."""
    work_id, version = town.work(case_id, "legal_review")
    change = "step = 'src.register', form = 'penalty_lead', position_key = 'intake', officers = 0, assignee_id = null"
    data = answers(town, "penalty_lead")
    with edited(town, "work_item", work_id, change), unchanged(town, case_id):
        refused(
            lambda: at_later(town, acts.hand_in, "hb-intake", work_id, version, key(), lambda *_: data),
            "task_forged",
        )


def test_a_done_task_opened_again(town, case_id):
    with town.read() as session:
        done = session.scalars(
            select(WorkItem.id).where(WorkItem.case_id == case_id, WorkItem.node == "notice_serve")
        ).one()
    data = answers(town, "penalty_notice_serve")
    with edited(town, "work_item", done, "status = 'open'"), unchanged(town, case_id):
        version = 3
        for n in range(1, 6):
            version = n
            refused(
                lambda v=version: at_later(town, acts.hand_in, "hb-officer1", done, v, key(), lambda *_: data)
            )


def test_the_message_of_a_branch_that_is_over(town, case_id):
    with town.read() as session:
        message = session.scalars(
            select(WorkItem.id).where(WorkItem.case_id == case_id, WorkItem.node == "party_response").limit(1)
        ).one()
    data = answers(town, "penalty_party_response")
    for status in ("open", "late", "done"):
        with (
            edited(town, "work_item", message, f"status = '{status}', version = 1"),
            unchanged(town, case_id),
        ):
            refused(lambda: at_later(town, acts.hand_in, "hb-officer1", message, 1, key(), lambda *_: data))


def test_the_decision_of_another_case_lent_to_this_one(town, case_id):
    """A second case, properly reviewed, stands before its decision: its task and its review do not serve here."""
    other = town.open(NAME, "decide")
    work_id, version = town.work(other, "decide")
    with edited(town, "work_item", work_id, f"case_id = {case_id}"), unchanged(town, case_id):
        refused(lambda: decide(town, work_id, version), "legal_review")
    with town.read() as session:
        lent = session.scalars(
            select(Submission.id).where(Submission.case_id == other, Submission.step == "legal.review")
        ).one()
    forged = forge(town, case_id)
    with edited(town, "submission", lent, f"case_id = {case_id}"), unchanged(town, case_id):
        refused(lambda: decide(town, forged, 1), "legal_review")
    unforge(town, forged)


def test_confirming_what_nobody_handed_in(town, case_id):
    data = json.dumps(answers(town, "penalty_decide"))
    with town.read() as session:
        head, deputy = (actor(session, login).officer_id for login in ("hb-head", "hb-deputy"))
    forged = forge(
        town, case_id, status="cosign", assignee_id=deputy, cosigner_id=head, pending=json.loads(data)
    )
    with unchanged(town, case_id):
        refused(lambda: at_later(town, acts.confirm, "hb-head", forged, 1, key()))
        refused(lambda: at_later(town, acts.send_back, "hb-head", forged, 1, key(), "理由"))
    unforge(town, forged)


def test_claiming_a_forged_task(town, case_id, forged):
    with unchanged(town, case_id):
        refused(lambda: at_later(town, acts.claim, "hb-head", forged, key()), "task_forged")
