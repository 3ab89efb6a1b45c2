"""The pages of moving and sight over HTTP: who may post what, wrong input, and a post sent twice."""

import gzip

import pytest
from callers import Caller
from cases.moving_town import finish, open_cases, publish, run
from cases.test_migration import RENAMED
from cases.town import Town
from lxml import etree
from sqlalchemy import func, select

from app.cases.models import Case, MoveBatch

KEY = "k" * 32


@pytest.fixture(scope="module")
def ready(town: Town) -> tuple[str, int]:
    """Five cases on a version, a newer one beside it: what the form calls the cases, and the newer version."""
    cases = open_cases(town, *["legal_review"] * 5)
    with town.read() as session:
        case = session.get_one(Case, cases[0])
        named = f"{case.agency_id}-{case.procedure_id}"
    return named, publish(town, RENAMED)


def propose(who: Caller, ready: tuple[str, int], **changes):
    data = {"cases": ready[0], "target": ready[1], "reason": "更正名称", "_key": KEY} | changes
    return who.post("/studio/moving", data, page=f"/studio/moving?cases={ready[0]}")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"cases": ""}, "请先在上表中选择"),
        ({"cases": "9-9-9"}, "请先在上表中选择"),
        ({"target": ""}, "请选择迁移到哪个版本"),
        ({"reason": ""}, "请填写提出迁移的理由"),
        ({"reason": "长" * 501}, "最多 500 个字"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_is_kept(town: Town, ready, changes, told):
    answer = propose(
        town.caller("sf-analyst"), ready, **{"reason": "已经写好的理由", "_key": "w" * 32} | changes
    )
    assert answer.status_code == 422
    text = answer.get_data(as_text=True)
    assert told in text
    if changes.get("cases") is None and "reason" not in changes:
        assert "已经写好的理由" in text


def test_proposed_once_decided_by_the_head_alone(town: Town, ready: tuple[str, int]):
    analyst, head, officer = (town.caller(login) for login in ("sf-analyst", "hb-head", "hb-officer1"))
    first, again = propose(analyst, ready), propose(analyst, ready)
    assert first.status_code == again.status_code == 303
    assert first.location == again.location
    with town.read() as session:
        assert session.scalar(select(func.count()).select_from(MoveBatch)) == 1
    page = first.location.partition("?")[0]
    run(town)
    assert officer.get(page).status_code == 403
    assert analyst.post(f"{page}/release", {"reason": "同意"}, page=page).status_code == 403
    stranger = town.caller("sj-head")
    assert stranger.get(page).status_code == 404
    refused = head.post(f"{page}/release", {"reason": "  "}, page=page)
    assert refused.status_code == 422
    assert "请填写决定迁移的理由" in refused.get_data(as_text=True)
    unknown = head.post(f"{page}/release", {"reason": "同意", "skip_checks": "1"}, page=page)
    assert unknown.status_code == 422
    assert head.post(f"{page}/release", {"reason": "同意"}, page=page).status_code == 303
    finish(town)
    shown = head.get(page).get_data(as_text=True)
    assert "已完成" in shown
    assert "已迁移 5 件" in shown
    assert head.post(f"{page}/pause", page=page).status_code == 409
    back = head.post(f"{page}/revert", {"reason": "移回", "_key": "r" * 32}, page=page)
    assert back.status_code == 303
    numbers = analyst.get(back.location).get_data(as_text=True)
    assert "移回" in numbers
    assert "某建材有限公司" not in numbers, "an analyst sees no case"


def test_sight_answers_wrong_questions(town: Town, ready):
    analyst = town.caller("sf-analyst")
    for query, status in (
        ("version=999999", 404), ("since=2026-02-31", 422), ("agency=abc", 422), ("agency=999999", 422),
        ("since=2026-01-02&until=2026-01-01", 422), ("since=1990-01-01", 422),
    ):  # fmt: skip
        assert analyst.get(f"/studio/sight?{query}").status_code == status, query
    assert town.caller("hb-officer1").get("/studio/sight").status_code == 403
    assert town.caller("sf-super").get("/studio/sight").status_code == 200


def test_the_event_log_is_handed_out_packed(town: Town, ready):
    with town.read() as session:
        versions = dict(
            session.execute(select(Case.procedure_id, func.count()).group_by(Case.procedure_id))
            .tuples()
            .all()
        )
    most = max(versions, key=versions.get)
    answer = town.caller("sf-analyst").get(f"/studio/sight/log?version={most}&since=2023-01-01")
    assert answer.status_code == 200
    log = etree.fromstring(gzip.decompress(answer.data))
    assert len([one for one in log if one.tag.endswith("}trace")]) == versions[most]
    few = town.caller("sj-head").get(f"/studio/sight/log?version={most}&since=2023-01-01")
    assert few.status_code == 422
    assert "不足 5 件" in few.get_data(as_text=True)
