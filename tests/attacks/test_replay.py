"""Replay: a request, a page, a confirmation or a link once good is sent again, by whomever.

Simultaneous repetition is held by `tests/cases/test_exactly_once.py`; here one after the other, at both doors.
"""

import io

import pytest
from api.programs import new_key
from cases.town import Town, as_post
from sqlalchemy import select

from app.documents import numbering
from app.documents.models import Document


@pytest.fixture
def opened(programs):
    """A case just opened by its officer of intake: the key it was opened with, and the answer."""
    intake, key = programs("hb-intake"), new_key()
    item = intake.get("/items").json["items"][0]["id"]
    return key, intake.act("/cases", {"item_id": item}, key=key).json, item


def answers(town: Town) -> dict:
    return {k: v for k, v in town.answers("dust-heap", "penalty_lead").items() if v not in (None, "", [])}


def test_a_key_used_by_another_account_opens_nothing(programs, opened, stored):
    key, _, item = opened
    other, before = programs("hb-head"), stored()
    answer = other.act("/cases", {"item_id": item}, key=key)
    assert answer.status_code in (403, 409)
    assert "已发起办件" not in answer.get_data(as_text=True)
    assert stored() == before


def test_a_key_of_one_act_is_none_of_another(town: Town, programs, opened, stored):
    key, first, _ = opened
    intake, before = programs("hb-intake"), stored()
    for path, body in (
        ("claim", None),
        ("hand-in", {"version": 1, "answers": answers(town)}),
        ("acts/urge", {"version": 1, "given": {"note": "请办理"}}),
    ):
        answer = intake.act(f"/work-items/{first['work_item_id']}/{path}", body, key=key)
        assert (answer.status_code, answer.json["code"]) == (409, "key_reused"), path
    assert stored() == before


def test_a_key_of_one_task_is_none_of_another(town: Town, programs, opened, stored):
    _, first, item = opened
    intake, key = programs("hb-intake"), new_key()
    body = {"version": 1, "answers": answers(town)}
    done = intake.act(f"/work-items/{first['work_item_id']}/hand-in", body, key=key)
    assert done.status_code == 200
    other = intake.act("/cases", {"item_id": item}).json["work_item_id"]
    before = stored()
    again = intake.act(f"/work-items/{other}/hand-in", body, key=key)
    assert (again.status_code, again.json["code"]) == (409, "key_reused")
    repeated = intake.act(f"/work-items/{first['work_item_id']}/hand-in", body, key=key)
    assert repeated.json == done.json, "the very request gets its very answer"
    assert stored() == before


def test_the_page_and_the_api_share_one_memory(town: Town, people, programs, opened, stored):
    """What was done by one door is not done again by the other with the same key."""
    _, first, _ = opened
    key, browser = new_key(), people("hb-intake")
    work = first["work_item_id"]
    body = {"version": 1, "answers": answers(town)}
    assert programs("hb-intake").act(f"/work-items/{work}/hand-in", body, key=key).status_code == 200
    token, before = browser.token("/account"), stored()
    post = as_post(town.answers("dust-heap", "penalty_lead")) | {"_csrf": token, "_version": "1", "_key": key}
    assert browser.bare_post(f"/work/{work}", post).status_code == 303
    assert stored() == before


def test_an_old_page_moves_nothing(town: Town, people, programs, opened, stored):
    """The page was open before the task moved on: by its old version, and by a guessed new one."""
    _, first, _ = opened
    work, browser = first["work_item_id"], people("hb-intake")
    body = {"version": 1, "answers": answers(town)}
    token = browser.token(f"/work/{work}")
    intake = programs("hb-intake")
    assert intake.act(f"/work-items/{work}/hand-in", body).status_code == 200
    before = stored()
    for version in (1, 2, 3):
        post = as_post(town.answers("dust-heap", "penalty_lead")) | {"_csrf": token, "_key": new_key()}
        page = browser.bare_post(f"/work/{work}", post | {"_version": str(version)})
        assert page.status_code == 409
        answer = intake.act(f"/work-items/{work}/hand-in", body | {"version": version})
        assert (answer.status_code, answer.json["code"]) == (409, "moved_on")
        for act in ("confirm", "send-back"):
            told = {"version": version} | ({"reason": "x"} if act == "send-back" else {})
            assert intake.act(f"/work-items/{work}/{act}", told).status_code == 409
    after = stored()
    assert {name for name in after if after[name] != before[name]} <= {"form_draft"}


def test_a_confirmation_is_good_once_and_for_what_was_seen(town: Town, programs, stored):
    """Sent back and handed in anew, the old confirmation does not sign the new content."""
    work, _ = town.work(town.open("stone-mill", "check"), "check")
    first, second = programs("hb-officer1"), programs("hb-officer2")
    if first.get(f"/work-items/{work}").json["mode"] == "claim":
        first.act(f"/work-items/{work}/claim")
    task = first.get(f"/work-items/{work}").json
    given = {k: v for k, v in town.answers("stone-mill", "penalty_check").items() if v not in (None, "", [])}
    body = {"version": task["version"], "answers": given}
    assert first.act(f"/work-items/{work}/hand-in", body).json["outcome"] == "cosign"
    seen = second.get(f"/work-items/{work}").json["version"]
    assert second.act(f"/work-items/{work}/send-back", {"version": seen, "reason": "重写"}).status_code == 200
    again = first.get(f"/work-items/{work}").json
    assert (
        first.act(f"/work-items/{work}/hand-in", {"version": again["version"], "answers": given}).status_code
        == 200
    )
    before = stored()
    late = second.act(f"/work-items/{work}/confirm", {"version": seen})
    assert (late.status_code, late.json["code"]) == (409, "moved_on")
    assert first.act(f"/work-items/{work}/confirm", {"version": seen + 2}).status_code in (403, 409)
    assert stored() == before
    version, key = second.get(f"/work-items/{work}").json["version"], new_key()
    done = second.act(f"/work-items/{work}/confirm", {"version": version}, key=key)
    assert done.json["outcome"] == "done"
    before = stored()
    assert second.act(f"/work-items/{work}/confirm", {"version": version}, key=key).json == done.json
    assert second.act(f"/work-items/{work}/confirm", {"version": version}).status_code == 409
    assert stored() == before


def test_a_link_of_one_paper_vouches_for_no_other(town: Town, programs, prey):
    """The check of a QR code belongs to its code."""
    with town.read() as session:
        codes = list(session.scalars(select(Document.ident_code).limit(2)))
    secret = town.app.config["SECRET_KEY"]
    mine = numbering.code_mac(codes[0], secret)
    ask = programs("hb-intake").get
    assert ask(f"/verification/{codes[0]}?k={mine}").json["verdict"] != "forged"
    assert ask(f"/verification/{codes[1]}?k={mine}").json["verdict"] == "forged"
    assert ask(f"/verification/{codes[0]}?k={mine.lower()}").json["verdict"] == "forged"
    assert ask(f"/verification/{codes[0]}?k=").json["verdict"] == "forged"


def test_a_draft_s_file_is_no_file_of_the_next_task(town: Town, programs, opened, stored):
    """A stored file's token is good on its own page; the page of another task refuses it."""
    _, first, item = opened
    intake = programs("hb-intake")
    kept = intake.open("POST", f"/work-items/{first['work_item_id']}/files/materials",
                       data={"file": (io.BytesIO(b"%PDF-1.7 r"), "a.pdf")}).json  # fmt: skip
    other, before = intake.act("/cases", {"item_id": item}).json["work_item_id"], None
    before = stored()
    body = {"version": 1, "answers": {**answers(town), "materials": [kept]}}
    answer = intake.act(f"/work-items/{other}/hand-in", body)
    assert (answer.status_code, answer.json["code"]) == (422, "forged_file")
    assert stored() == before
