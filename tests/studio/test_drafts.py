"""Drafts: nothing anybody wrote is lost, nobody overwrites another, and another agency's do not exist."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from callers import Caller
from cases.town import Town
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.cases import service as cases
from app.diagrams import service as diagrams
from app.diagrams.models import Draft, DraftRevision, ProcedureVersion

JSON = {"Accept": "application/json"}


class Studio:
    """An analyst at the studio."""

    def __init__(self, browser: Caller):
        self.browser = browser

    def start(self, source: Any = "", key: str = "", name: str = "") -> int:
        answer = self.browser.post(
            "/studio/drafts", {"source": str(source), "key": key, "name": name}, page="/studio"
        )
        assert answer.status_code == 303, answer.get_data(as_text=True)
        return int(answer.location.rsplit("/", 1)[1])

    def content(self, draft_id: int) -> dict[str, Any]:
        return self.browser.get(f"/studio/drafts/{draft_id}/content", headers=JSON).get_json()

    def save(self, draft_id: int, revision: int, changes: dict[str, Any], **more: Any) -> TestResponse:
        headers = {**JSON, "X-CSRF-Token": self.browser.token("/studio")}
        body = {"revision": revision, "changes": changes, **more}
        return self.browser.bare_post(
            f"/studio/drafts/{draft_id}/save",
            json.dumps(body).encode(),
            headers=headers,
            content_type="application/json",
        )


@pytest.fixture
def studio(town: Town) -> Callable[[str], Studio]:
    return lambda login: Studio(town.caller(login))


@pytest.fixture
def source(town: Town) -> int:
    with town.read() as session:
        chosen = select(ProcedureVersion.id).where(ProcedureVersion.key == "penalty/ordinary")
        return session.scalar(chosen)


def history(town: Town, draft_id: int) -> list[tuple[int, str, list[str]]]:
    """Id, kind and changed paths of a draft's revisions, newest first."""
    with town.read() as session:
        found = diagrams.drafts.revisions(session, session.get(Draft, draft_id))
        return [(row.id, row.kind, row.changed) for row in found]


def test_a_draft_starts_as_the_next_version_of_a_published_procedure(studio, source):
    analyst = studio("sf-analyst")
    found = analyst.content(analyst.start(source))
    shipped = diagrams.from_folder("penalty/ordinary")
    parts = found["parts"]
    assert parts["internal.bpmn"].encode() == shipped.internal
    assert parts["external.bpmn"].encode() == shipped.external
    assert {p for p in parts if p.startswith("forms/")} == {f"forms/{key}.json" for key in shipped.forms}
    assert json.loads(parts["forms/penalty_lead.json"]) == shipped.forms["penalty_lead"]


def test_a_copy_under_another_key_says_so_in_its_rules(studio, source):
    analyst = studio("sf-analyst")
    parts = analyst.content(analyst.start(source, "penalty/ordinary-copy", "水行政处罚"))["parts"]
    assert "key: penalty/ordinary-copy" in parts["rules.yaml"]
    assert "name: 水行政处罚" in parts["rules.yaml"]


def test_an_empty_procedure_can_be_read_by_the_proof(studio):
    analyst = studio("sf-analyst")
    parts = analyst.content(analyst.start("", "licence/blank", '“空白”<&">'))["parts"]
    account = cases.proof_of_draft(
        parts["internal.bpmn"].encode(), parts["external.bpmn"].encode(), {"key": "licence/blank"}, {}
    )
    assert account["proven"] is False


def test_wrong_words_are_said_at_the_field_and_stay_in_the_form(studio, source):
    browser = studio("sf-analyst").browser
    answer = browser.post(
        "/studio/drafts", {"source": source, "key": "错误的 代码", "name": "名称"}, page="/studio"
    )
    assert answer.status_code == 422
    page = answer.get_data(as_text=True)
    assert "流程代码请写成" in page
    assert 'value="错误的 代码"' in page
    assert "名称" in page


def test_saving_twice_on_the_same_revision_is_saved_once(studio, source):
    analyst = studio("sf-analyst")
    draft_id = analyst.start(source)
    first = analyst.save(draft_id, 1, {"forms/new.json": "{}"})
    assert (first.status_code, first.get_json()["revision"]) == (200, 2)
    again = analyst.save(draft_id, 1, {"forms/new.json": "{}"})
    assert (again.status_code, again.get_json()["revision"]) == (200, 2)


def test_two_analysts_changing_different_parts_meet_without_noticing(studio, source):
    one, two = studio("sf-analyst"), studio("sf-analyst2")
    draft_id = one.start(source)
    assert one.save(draft_id, 1, {"forms/a.json": "{}"}).status_code == 200
    answer = two.save(draft_id, 1, {"forms/b.json": "{}"})
    assert answer.status_code == 200
    assert answer.get_json() == {"revision": 3, "parts": {"forms/a.json": "{}"}}
    assert {"forms/a.json", "forms/b.json"} <= set(one.content(draft_id)["parts"])


def test_two_analysts_changing_the_same_part_lose_nothing(studio, source, town):
    one, two = studio("sf-analyst"), studio("sf-analyst2")
    draft_id = one.start(source)
    one.save(draft_id, 1, {"forms/a.json": "one"})
    answer = two.save(draft_id, 1, {"forms/a.json": "two", "forms/b.json": "also two"})
    assert answer.status_code == 409
    body = answer.get_json()
    assert body["conflicts"] == ["forms/a.json"]
    assert body["parts"] == {"forms/a.json": "one"}
    assert one.content(draft_id)["parts"]["forms/a.json"] == "one"
    assert "forms/b.json" not in one.content(draft_id)["parts"]
    with town.read() as session:
        kept = session.get(DraftRevision, body["kept"])
        texts = diagrams.drafts.texts(session, kept.tree, ["forms/a.json", "forms/b.json"])
        assert kept.kind == "conflict"
    assert texts == {"forms/a.json": "two", "forms/b.json": "also two"}
    # having chosen his own, the second saves it on the newer revision
    assert two.save(draft_id, body["revision"], {"forms/a.json": "two"}).status_code == 200


def test_a_removed_part_is_news_to_the_other(studio, source):
    one, two = studio("sf-analyst"), studio("sf-analyst2")
    draft_id = one.start(source)
    one.save(draft_id, 1, {"forms/penalty_lead.json": None})
    answer = two.save(draft_id, 1, {"rules.yaml": "key: x"})
    assert answer.get_json()["parts"] == {"forms/penalty_lead.json": None}


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"../../etc/passwd": "x"}, 422),
        ({"forms/../../x.json": "x"}, 422),
        ({"anything.exe": "x"}, 422),
        ({"forms/a.json": "x" * 1_600_000}, 422),
        ({"forms/a.json": "a\0b"}, 422),
        ({"forms/a.json": "\ud800"}, 422),
        ({"forms/a.json": 7}, 422),
        (["forms/a.json"], 422),
    ],
)
def test_what_no_draft_can_hold_is_refused(studio, source, changes, status):
    analyst = studio("sf-analyst")
    draft_id = analyst.start(source)
    assert analyst.save(draft_id, 1, changes).status_code == status
    assert analyst.content(draft_id)["revision"] == 1


@pytest.mark.parametrize("revision", [0, 2, -1, 2**63, "1", None, True])
def test_a_base_that_never_was_is_refused(studio, source, revision):
    analyst = studio("sf-analyst")
    draft_id = analyst.start(source)
    assert analyst.save(draft_id, revision, {"forms/a.json": "{}"}).status_code == 422


def test_unknown_words_in_a_save_are_refused(studio, source):
    analyst = studio("sf-analyst")
    draft_id = analyst.start(source)
    assert analyst.save(draft_id, 1, {}, status="published").status_code == 422


def test_another_agencys_draft_does_not_exist(studio, source):
    draft_id = studio("sf-analyst").start(source)
    other = studio("szsf-analyst")
    assert other.browser.get(f"/studio/drafts/{draft_id}").status_code == 404
    assert other.browser.get(f"/studio/drafts/{draft_id}/content").status_code == 404
    assert other.save(draft_id, 1, {"forms/a.json": "{}"}).status_code == 404
    assert f"/studio/drafts/{draft_id}" not in other.browser.get("/studio").get_data(as_text=True)


def test_a_discarded_draft_takes_no_changes_until_it_is_taken_up(studio, source):
    analyst = studio("sf-analyst")
    draft_id = analyst.start(source)
    analyst.browser.post(f"/studio/drafts/{draft_id}/discard", {}, page="/studio")
    refused = analyst.save(draft_id, 1, {"forms/a.json": "{}"})
    assert (refused.status_code, refused.get_json()["code"]) == (409, "draft_over")
    analyst.browser.post(f"/studio/drafts/{draft_id}/take-up", {}, page="/studio")
    assert analyst.save(draft_id, 1, {"forms/a.json": "{}"}).status_code == 200


def test_a_revision_can_be_gone_back_to_and_the_way_back_is_kept(studio, source, town):
    analyst = studio("sf-analyst")
    draft_id = analyst.start(source)
    before = analyst.content(draft_id)["parts"]
    analyst.save(draft_id, 1, {"rules.yaml": "key: changed", "forms/penalty_lead.json": None}, note="改规则")
    first = history(town, draft_id)[-1]
    town.do(diagrams.drafts.restore, "sf-analyst", draft_id, first[0])
    assert analyst.content(draft_id)["revision"] == 3
    assert analyst.content(draft_id)["parts"] == before
    assert [kind for _, kind, _ in history(town, draft_id)] == ["restored", "saved", "started"]


def test_saves_of_a_moment_are_one_revision_in_the_history(studio, source, town):
    analyst = studio("sf-analyst")
    draft_id = analyst.start(source)
    for n in range(4):
        analyst.save(draft_id, n + 1, {f"forms/f{n}.json": "{}"})
    assert [(kind, len(changed)) for _, kind, changed in history(town, draft_id)[:-1]] == [("saved", 4)]
