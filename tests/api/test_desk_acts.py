"""The acts beside handing in, by programs: offered as on their pages, done once, under the same checks."""

import pytest
from cases.town import Town, actor

from app.cases.models import WorkItem, WorkStatus

from .programs import Program, new_key
from .programs import program as made

_programs: dict[tuple[str, str, str], Program] = {}


def program(town: Town, login: str, scope: str = "act") -> Program:
    """Somebody's program: one token each, as nobody may have many."""
    key = (town.app.config["SQLALCHEMY_DATABASE_URI"], login, scope)
    if key not in _programs:
        _programs[key] = made(town, login, scope)
    return _programs[key]


@pytest.fixture
def check(town: Town) -> int:
    """A check that its officer has taken."""
    work, _ = town.work(town.open("stone-mill", "check"), "check")
    assert program(town, "hb-officer1").act(f"/work-items/{work}/claim").status_code == 200
    return work


def row(town: Town, work: int) -> WorkItem:
    with town.read() as session:
        found = session.get_one(WorkItem, work, populate_existing=True)
        session.expunge(found)
        return found


def names(answer) -> list[str]:
    assert answer.status_code == 200, answer.json
    return [one["name"] for one in answer.json["acts"]]


def test_everybody_is_offered_what_is_theirs(town: Town, check: int):
    path = f"/work-items/{check}/acts"
    mine = names(program(town, "hb-officer1").get(path))
    assert {"transfer", "delegate", "sign_add", "copy"} <= set(mine)
    head = names(program(town, "hb-head").get(path))
    assert "assign" in head
    assert "transfer" not in head
    colleague = names(program(town, "hb-officer3").get(path))
    assert not set(colleague) & {"transfer", "delegate", "assign", "withdraw"}
    for login in ("szzf-officer1", "szhb-head"):
        assert program(town, login).get(path).status_code == 404


def test_an_offer_names_what_it_asks_for_and_causes(town: Town, check: int):
    mine = program(town, "hb-officer1")
    answer = mine.get(f"/work-items/{check}/acts/transfer")
    offer = answer.json
    assert (offer["name"], offer["label"], offer["why_not"]) == ("transfer", "转办", "")
    assert answer.headers["ETag"] == f'"{offer["version"]}"'
    assert offer["consequences"]
    fields = {field["name"]: field for field in offer["fields"]}
    assert fields["to"]["kind"] == "choice"
    assert fields["reason"]["required"]
    with town.read() as session:
        third = str(actor(session, "hb-officer3").officer_id)
    assert next(o for o in fields["to"]["options"] if o["value"] == third)["why_not"] == ""
    assert mine.get(f"/work-items/{check}/acts/nothing").status_code == 404
    assert mine.get(f"/work-items/{check}/acts/withdraw").status_code == 409
    assert program(town, "hb-officer3").get(f"/work-items/{check}/acts/transfer").status_code == 403


def test_it_is_done_once_and_a_stale_version_does_nothing(town: Town, check: int):
    mine, path = program(town, "hb-officer1"), f"/work-items/{check}/acts/transfer"
    with town.read() as session:
        third = actor(session, "hb-officer3").officer_id
    offer = mine.get(path).json
    given = {"version": offer["version"], "given": {"to": third, "reason": "外出学习"}}
    stale = mine.act(path, {**given, "version": offer["version"] + 1})
    assert (stale.status_code, stale.json["code"]) == (409, "moved_on")
    key = new_key()
    done = mine.act(path, given, key=key)
    assert (done.status_code, done.json["outcome"]) == (200, "work.transfer")
    assert mine.act(path, given, key=key).json == done.json
    assert mine.act(f"/work-items/{check}/acts/copy", given, key=key).json["code"] == "key_reused"
    assert row(town, check).assignee_id == third
    assert mine.act(path, given).status_code in (403, 404, 409)


def test_the_version_may_come_as_if_match(town: Town, check: int):
    head, path = program(town, "hb-head"), f"/work-items/{check}/acts/urge"
    version = head.get(path).json["version"]
    done = head.act(path, {"given": {"note": "请本周办结"}}, headers={"If-Match": f'"{version}"'})
    assert done.status_code == 200
    again = head.get(path).json
    assert "不重复催办" in again["why_not"]
    assert head.act(path, {"version": version, "given": {"note": "再催"}}).status_code == 422


def test_what_is_wrong_is_told_by_field_and_changes_nothing(town: Town, check: int):
    mine, path = program(town, "hb-officer1"), f"/work-items/{check}/acts/transfer"
    version = mine.get(path).json["version"]
    for given, field in (
        ({}, "to"),
        ({"to": "999999", "reason": "x"}, "to"),
        ({"to": ["1", "2"], "reason": "x"}, "to"),
        ({"to": "1", "reason": {"a": 1}}, "reason"),
        ({"to": "1", "reason": "长" * 4001}, "reason"),
    ):
        answer = mine.act(path, {"version": version, "given": given})
        assert answer.status_code == 422, given
        assert field in answer.json["errors"]
    unknown = mine.act(path, {"version": version, "given": {"to": "1", "reason": "x", "officer": "3"}})
    assert (unknown.status_code, unknown.json["code"]) == (422, "unknown_field")
    assert row(town, check).status == WorkStatus.OPEN
    reads = program(town, "hb-officer1", "read")
    assert reads.act(path, {"version": version, "given": {}}).status_code == 403
