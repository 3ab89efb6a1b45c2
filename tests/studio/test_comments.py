"""Remarks on elements: said once, answered, settled and taken up again, and nobody else's business."""

import pytest
from cases.town import Town
from studio_calls import Analyst

SAID = {
    "key": "11111111-aaaa",
    "path": "internal.bpmn",
    "element": "check",
    "name": "线索核查",
    "body": "这里要两名人员",
}


@pytest.fixture
def analyst(town: Town) -> Analyst:
    return Analyst(town)


def threads(analyst: Analyst, draft_id: int) -> list[dict]:
    return analyst.ask(f"drafts/{draft_id}/comments")["threads"]


def test_a_remark_is_read_by_the_colleague_who_answers(town, analyst):
    draft_id = analyst.start()
    assert analyst.send(f"drafts/{draft_id}/comments", SAID).status_code == 200
    other = Analyst(town, "sf-analyst2")
    [thread] = threads(other, draft_id)
    assert (thread["element"], thread["name"], thread["body"]) == ("check", "线索核查", "这里要两名人员")
    assert thread["mine"] is False
    assert thread["by"]
    answer = other.send(
        f"drafts/{draft_id}/comments/{thread['id']}/answer", {"key": "22222222", "body": "已改"}
    )
    assert answer.status_code == 200
    [thread] = threads(analyst, draft_id)
    assert [(a["body"], a["mine"]) for a in thread["answers"]] == [("已改", False)]


def test_a_request_sent_twice_says_it_once(analyst):
    draft_id = analyst.start()
    for _ in range(2):
        assert analyst.send(f"drafts/{draft_id}/comments", SAID).status_code == 200
    [thread] = threads(analyst, draft_id)
    for _ in range(2):
        analyst.send(f"drafts/{draft_id}/comments/{thread['id']}/answer", {"key": "33333333", "body": "好"})
    assert len(threads(analyst, draft_id)[0]["answers"]) == 1


def test_settled_and_taken_up_again_by_an_answer(analyst):
    draft_id = analyst.start()
    analyst.send(f"drafts/{draft_id}/comments", SAID)
    [thread] = threads(analyst, draft_id)
    place = f"drafts/{draft_id}/comments/{thread['id']}"
    for settled in (True, True, False, True):
        analyst.send(f"{place}/settle", {"settled": settled})
        assert bool(threads(analyst, draft_id)[0]["settled"]) is settled
    analyst.send(f"{place}/answer", {"key": "44444444", "body": "还有问题"})
    assert threads(analyst, draft_id)[0]["settled"] is None


def test_what_was_said_of_a_deleted_element_stays_listed(analyst):
    draft_id = analyst.start()
    analyst.send(f"drafts/{draft_id}/comments", SAID)
    analyst.save(draft_id, 1, {"internal.bpmn": None})
    assert threads(analyst, draft_id)[0]["name"] == "线索核查"


def test_a_remark_on_a_file_as_a_whole(analyst):
    draft_id = analyst.start()
    assert (
        analyst.send(
            f"drafts/{draft_id}/comments", {"key": "55555555", "path": "rules.yaml", "body": "全部核对"}
        ).status_code
        == 200
    )
    assert threads(analyst, draft_id)[0]["element"] == ""


@pytest.mark.parametrize(
    "changed",
    [
        {"body": "  "},
        {"body": "长" * 2001},
        {"path": "../etc"},
        {"key": "x"},
        {"element": "e" * 301},
        {"body": "a\0b"},
    ],
)
def test_what_cannot_be_said_is_refused_and_nothing_is_kept(analyst, changed):
    draft_id = analyst.start()
    assert analyst.send(f"drafts/{draft_id}/comments", {**SAID, **changed}).status_code == 422
    assert threads(analyst, draft_id) == []


def test_another_agency_neither_reads_nor_speaks(town, analyst):
    draft_id = analyst.start()
    analyst.send(f"drafts/{draft_id}/comments", SAID)
    [thread] = threads(analyst, draft_id)
    other = Analyst(town, "szsf-analyst")
    assert other.get(f"drafts/{draft_id}/comments").status_code == 404
    assert other.send(f"drafts/{draft_id}/comments", SAID).status_code == 404
    own = other.start()
    for act, body in (("answer", {"key": "66666666", "body": "x"}), ("settle", {"settled": True})):
        assert other.send(f"drafts/{draft_id}/comments/{thread['id']}/{act}", body).status_code == 404
        assert other.send(f"drafts/{own}/comments/{thread['id']}/{act}", body).status_code == 404
    assert threads(analyst, draft_id)[0]["settled"] is None


def test_a_draft_that_is_over_takes_no_remarks(analyst):
    draft_id = analyst.start()
    analyst.post(f"drafts/{draft_id}/discard")
    refused = analyst.send(f"drafts/{draft_id}/comments", SAID)
    assert (refused.status_code, refused.get_json()["code"]) == (409, "draft_over")
