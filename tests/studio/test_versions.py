"""The history of a draft: told in words, compared, gone back to, and what a conflict kept taken over."""

import re

import pytest
from cases.town import Town
from studio_calls import Analyst

LIMIT = ('xq:limit="23wd"', 'xq:limit="20wd"')


@pytest.fixture
def analyst(town: Town) -> Analyst:
    return Analyst(town)


@pytest.fixture
def edited(analyst: Analyst) -> tuple[int, dict[str, str]]:
    """A draft whose second revision shortens a limit, with its first content."""
    draft_id = analyst.start()
    parts = analyst.content(draft_id)
    shorter = parts["internal.bpmn"].replace(*LIMIT)
    assert analyst.save(draft_id, 1, {"internal.bpmn": shorter}, "缩短调查时限").status_code == 200
    return draft_id, parts


def ids(analyst: Analyst, draft_id: int) -> list[int]:
    """Revisions, newest first."""
    page = analyst.get(f"drafts/{draft_id}/versions").get_data(as_text=True)
    return [int(found) for found in re.findall(r'id="revision-(\d+)"', page)]


def test_the_history_says_what_was_changed(analyst, edited):
    draft_id, _ = edited
    newest, first = ids(analyst, draft_id)
    page = analyst.get(f"drafts/{draft_id}/versions").get_data(as_text=True)
    assert "缩短调查时限" in page
    assert "现在的内容" in page
    told = analyst.get(f"drafts/{draft_id}/versions/{newest}/changes").get_data(as_text=True)
    assert "“调查取证”的时限由 23 个工作日改为 20 个工作日。" in told
    assert "“" not in analyst.get(f"drafts/{draft_id}/versions/{first}/changes").get_data(as_text=True)


def test_two_revisions_are_compared(analyst, edited):
    draft_id, _ = edited
    newest, first = ids(analyst, draft_id)
    for before, after in ((f"r{first}", f"r{newest}"), (f"r{first}", "now")):
        page = analyst.get(f"drafts/{draft_id}/versions/compare?before={before}&after={after}")
        assert "由 23 个工作日改为 20 个工作日" in page.get_data(as_text=True)
    back = analyst.get(f"drafts/{draft_id}/versions/compare?before=now&after=r{first}").get_data(as_text=True)
    assert "由 20 个工作日改为 23 个工作日" in back


def test_the_draft_is_compared_with_the_version_in_force(analyst, edited):
    draft_id, _ = edited
    choices = analyst.ask(f"drafts/{draft_id}/compare")["choices"]
    versions = [c["ref"] for c in choices if c["group"] == "已发布的版本"]
    pages = [
        analyst.get(f"drafts/{draft_id}/versions/compare?before={ref}&after=now").get_data(as_text=True)
        for ref in versions
    ]
    assert any("内部流程图修改 1 处" in page for page in pages), "one of them is what the draft began with"


def test_the_workbench_compares_with_what_is_not_saved_yet(analyst, edited):
    draft_id, parts = edited
    first = ids(analyst, draft_id)[-1]
    renamed = parts["internal.bpmn"].replace('name="立案审批"', 'name="立案批准"')
    found = analyst.send(
        f"drafts/{draft_id}/compare", {"with": f"r{first}", "changes": {"internal.bpmn": renamed}}
    ).get_json()
    assert [c["text"] for c in found["changes"]] == ["任务“立案审批”改名为“立案批准”。"]
    assert found["drawings"]["internal.bpmn"] == parts["internal.bpmn"]


@pytest.mark.parametrize("ref", ["", "r", "r0", "rx", "v999999999", "x1", "r" + "9" * 30, "r１", "now1"])
def test_what_is_no_version_is_not_found(analyst, ref):
    draft_id = analyst.start()
    assert analyst.get(f"drafts/{draft_id}/versions/compare?before={ref}&after=now").status_code in (404, 422)
    assert analyst.send(f"drafts/{draft_id}/compare", {"with": ref[:24], "changes": {}}).status_code == 404


def test_a_revision_is_gone_back_to(analyst, edited):
    draft_id, parts = edited
    first = ids(analyst, draft_id)[-1]
    assert analyst.post(f"drafts/{draft_id}/versions/{first}/restore").status_code == 303
    assert analyst.content(draft_id) == parts
    assert len(ids(analyst, draft_id)) == 3
    page = analyst.get(f"drafts/{draft_id}/versions").get_data(as_text=True)
    assert "恢复到第 1 次保存" in page


def test_a_named_revision_is_not_put_together_with_later_saves(analyst, edited):
    draft_id, _ = edited
    analyst.save(draft_id, 2, {"forms/a.json": "{}"})
    newest = ids(analyst, draft_id)[0]
    assert analyst.post(f"drafts/{draft_id}/versions/{newest}/name", {"note": "讨论稿"}).status_code == 303
    analyst.save(draft_id, 3, {"forms/b.json": "{}"})
    assert newest in ids(analyst, draft_id)
    assert "讨论稿" in analyst.get(f"drafts/{draft_id}/versions").get_data(as_text=True)
    refused = analyst.post(f"drafts/{draft_id}/versions/{newest}/name", {"note": "长" * 201})
    assert refused.status_code == 422
    assert "不得超过二百个字" in refused.get_data(as_text=True)


@pytest.fixture
def conflict(town: Town, analyst: Analyst) -> tuple[int, int]:
    """A draft with a conflict: its id and the revision that keeps what the second analyst wrote."""
    draft_id = analyst.start()
    analyst.save(draft_id, 1, {"forms/a.json": '{"title": "一"}'})
    other = Analyst(town, "sf-analyst2")
    answer = other.save(
        draft_id, 1, {"forms/a.json": '{"title": "二"}', "forms/b.json": '{"title": "也是二"}'}
    )
    assert answer.status_code == 409
    return draft_id, answer.get_json()["kept"]


def test_single_files_of_what_a_conflict_kept_are_taken_over(analyst, conflict):
    draft_id, kept = conflict
    page = analyst.get(f"drafts/{draft_id}/versions").get_data(as_text=True)
    assert "冲突时留存的内容" in page
    assert (
        analyst.post(f"drafts/{draft_id}/versions/{kept}/take", {"path": "forms/b.json"}).status_code == 303
    )
    parts = analyst.content(draft_id)
    assert (parts["forms/a.json"], parts["forms/b.json"]) == ('{"title": "一"}', '{"title": "也是二"}')
    assert analyst.post(f"drafts/{draft_id}/versions/{kept}/take", {}).status_code == 422
    assert (
        analyst.post(f"drafts/{draft_id}/versions/{kept}/take", {"path": "forms/none.json"}).status_code
        == 404
    )


def test_the_same_conflict_said_again_is_kept_once(town, conflict):
    draft_id, kept = conflict
    other = Analyst(town, "sf-analyst2")
    answer = other.save(
        draft_id, 1, {"forms/a.json": '{"title": "二"}', "forms/b.json": '{"title": "也是二"}'}
    )
    assert (answer.status_code, answer.get_json()["kept"]) == (409, kept)


def test_what_a_conflict_kept_is_told_without_what_the_other_changed(analyst, conflict):
    draft_id, kept = conflict
    told = analyst.get(f"drafts/{draft_id}/versions/{kept}/changes").get_data(as_text=True)
    assert "由“一”改为“二”" in told
    assert "新增表单“也是二”" in told


def test_another_agency_sees_and_does_nothing(town, analyst, edited):
    draft_id, parts = edited
    first = ids(analyst, draft_id)[-1]
    other = Analyst(town, "szsf-analyst")
    own = other.start()
    for path in ("versions", f"versions/{first}/changes", "versions/compare", "compare"):
        assert other.get(f"drafts/{draft_id}/{path}").status_code == 404
    assert other.get(f"drafts/{own}/versions/{first}/changes").status_code == 404
    assert other.get(f"drafts/{own}/versions/compare?before=r{first}&after=now").status_code == 404
    for act, data in (("restore", {}), ("name", {"note": "x"}), ("take", {"path": "rules.yaml"})):
        assert other.post(f"drafts/{draft_id}/versions/{first}/{act}", data).status_code == 404
        assert other.post(f"drafts/{own}/versions/{first}/{act}", data).status_code == 404
    assert analyst.content(draft_id) != parts


def test_a_draft_that_is_over_is_looked_at_but_not_changed(analyst, edited):
    draft_id, _ = edited
    first = ids(analyst, draft_id)[-1]
    analyst.post(f"drafts/{draft_id}/discard")
    page = analyst.get(f"drafts/{draft_id}/versions")
    assert page.status_code == 200
    assert "恢复到这一次" not in page.get_data(as_text=True)
    assert analyst.post(f"drafts/{draft_id}/versions/{first}/restore").status_code == 409
