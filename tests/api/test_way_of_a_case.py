"""A case through the API alone: what the pages can do, a program can, behind the same gates."""

import io

import pytest
from cases.town import Town

from .programs import Program, new_key, program


@pytest.fixture(scope="module")
def intake(town: Town) -> Program:
    return program(town, "hb-intake")


@pytest.fixture(scope="module")
def opened(town: Town, intake: Program) -> dict:
    item = intake.get("/items").json["items"][0]["id"]
    answer = intake.act("/cases", {"item_id": item})
    assert answer.status_code == 201, answer.json
    return answer.json


def test_who_am_i(intake):
    me = intake.get("/me").json
    assert me["agency"]["name"] == "枣庄市生态环境局"
    assert [p["name"] for p in me["positions"]] == ["受理登记岗"]
    assert me["credential"] | {"expires_at": ""} == {
        "kind": "token", "name": "测试程序", "scope": "act", "expires_at": "", "csrf_token": None}  # fmt: skip


def test_a_case_is_opened_read_filled_in_and_handed_in(town, intake, opened):
    task = intake.get(f"/work-items/{opened['work_item_id']}")
    assert task.json["mode"] == "edit"
    assert task.headers["ETag"] == f'"{task.json["version"]}"'
    schema = task.json["form"]["schema"]
    assert schema["additionalProperties"] is False
    assert schema["properties"]["party"]["properties"]["name"]["maxLength"] == 120

    stored = intake.open(
        "POST", f"/work-items/{opened['work_item_id']}/files/materials",
        data={"file": (io.BytesIO(b"%PDF-1.7 x"), "现场照片.pdf")},
    )  # fmt: skip
    assert stored.status_code == 201, stored.json
    given = {k: v for k, v in town.answers("dust-heap", "penalty_lead").items() if v not in (None, "", [])}
    given["materials"] = [stored.json]
    answer = intake.act(
        f"/work-items/{opened['work_item_id']}/hand-in",
        {"answers": given},
        headers={"If-Match": task.headers["ETag"]},
    )
    assert answer.status_code == 200, answer.json
    assert answer.json["outcome"] == "done"
    assert answer.json["next"]

    case = intake.get(f"/cases/{opened['case_id']}").json
    assert case["title"].endswith("案")
    assert case["steps"][0]["by"] == [intake.get("/me").json["name"]]
    assert [c["kind"] for c in case["clocks"]]
    record = intake.get(f"/cases/{opened['case_id']}/record").json
    assert [e["seq"] for e in record["entries"]] == list(range(1, len(record["entries"]) + 1))
    assert record["entries"][0]["kind"] == "case.opened"

    [document] = case["documents"][:1] or [None]
    about = intake.get(f"/documents/{document['id']}").json
    assert about["case_id"] == opened["case_id"]
    assert intake.get(f"/documents/{document['id']}/pdf").data.startswith(b"%PDF")
    said = Program(town.app, None).get(f"/verification/{about['ident_code']}").json
    assert said["verdict"] in ("genuine", "unknown")


def test_lists_go_on_page_by_page(town, intake, opened):
    assert opened["case_id"] in [c["id"] for c in intake.get("/cases").json["cases"]]
    assert intake.get("/cases?q=不存在的词").json == {"cases": [], "next": None}
    for box in ("mine", "positions", "done"):
        found = intake.get(f"/inbox?box={box}").json
        assert found["box"] == box
        assert found["next"] is None


def test_the_inbox_cursor_is_taken_back(town, intake):
    item = intake.get("/items").json["items"][0]["id"]
    seen: set[int] = set()
    for _ in range(31):
        seen.add(intake.act("/cases", {"item_id": item}).json["work_item_id"])
    first = intake.get("/inbox").json
    assert len(first["tasks"]) == 30
    second = intake.get("/inbox", query_string={"after": first["next"]}).json
    assert seen <= {t["id"] for page in (first, second) for t in page["tasks"]}
    cases = intake.get("/cases").json
    assert intake.get(f"/cases?before={cases['next']}").json["cases"]


def test_two_officers_hand_in_send_back_and_confirm(town):
    case_id = town.open("stone-mill", "check")
    work, _ = town.work(case_id, "check")
    first, second = program(town, "hb-officer1"), program(town, "hb-officer2")
    task = first.get(f"/work-items/{work}").json
    if task["mode"] == "claim":
        assert first.act(f"/work-items/{work}/claim").json["outcome"] == "claimed"
        task = first.get(f"/work-items/{work}").json
    given = {
        k: v for k, v in town.answers("stone-mill", task["form"]["key"]).items() if v not in (None, "", [])
    }
    body = {"version": task["version"], "answers": given}
    handed = first.act(f"/work-items/{work}/hand-in", body)
    assert (handed.status_code, handed.json.get("outcome")) == (200, "cosign"), handed.json
    task = second.get(f"/work-items/{work}").json
    assert task["mode"] == "confirm"
    assert task["answers"]
    back = second.act(f"/work-items/{work}/send-back", {"version": task["version"], "reason": "请补充照片"})
    assert back.json["outcome"] == "returned"
    again = first.get(f"/work-items/{work}").json
    assert again["mode"] == "edit"
    body = {"version": again["version"], "answers": again["answers"]}
    assert first.act(f"/work-items/{work}/hand-in", body).json["outcome"] == "cosign", (
        "answers go in as they came out"
    )
    version = second.get(f"/work-items/{work}").json["version"]
    done = second.act(f"/work-items/{work}/confirm", {"version": version})
    assert (done.status_code, done.json["outcome"]) == (200, "done")
    stale = second.act(f"/work-items/{work}/confirm", {"version": version})
    assert (stale.status_code, stale.json["code"]) == (409, "moved_on")


def test_an_error_is_a_problem_document(intake):
    answer = intake.get("/cases/987654321")
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"
    assert answer.json["code"] == "not_found"
    assert answer.json["type"] == "urn:xingquan:problem:not_found"
    assert answer.json["request"] == answer.headers["X-Request-Id"]
    assert "没有这个案件" in answer.json["detail"]


def test_a_gate_of_law_is_told_with_its_article(town):
    case_id = town.open("stone-mill", "check")
    work, version = town.work(case_id, "check")
    lapsed = program(town, "hb-lapsed")
    answer = lapsed.act(f"/work-items/{work}/claim")
    if answer.status_code == 200:
        given = {k: v for k, v in town.answers("stone-mill", "penalty_check").items() if v}
        answer = lapsed.act(f"/work-items/{work}/hand-in", {"version": version + 1, "answers": given})
    assert answer.status_code in (409, 422), answer.json
    assert answer.json["code"] in ("handlers", "certified_officers", "assigned")


def test_errors_of_a_form_stand_at_their_items(intake):
    item = intake.get("/items").json["items"][0]["id"]
    work = intake.act("/cases", {"item_id": item}).json["work_item_id"]
    answer = intake.act(
        f"/work-items/{work}/hand-in", {"version": 1, "answers": {"cause": ["一"], "party": 3}}
    )
    assert answer.status_code == 422
    assert set(answer.json["errors"]) == {"cause", "party"}
    answer = intake.act(f"/work-items/{work}/hand-in", {"version": 1, "answers": {"cause": "长" * 100}})
    assert "cause" in answer.json["errors"]
    assert "party.name" in answer.json["errors"]


def test_an_act_repeated_gets_the_first_answer(intake):
    item, key = intake.get("/items").json["items"][0]["id"], new_key()
    answers = [intake.act("/cases", {"item_id": item}, key=key).json for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]
