"""Foreign ids: another agency's case, task, document, clock, file, account, session or token, at every door.

All routes × roles: whoever is not entitled is answered as if the thing did not exist, and nothing is written.
That pages answer so for cases and tasks alone is also held by `tests/cases/test_isolation.py`.
"""

import io
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from api.programs import new_key
from callers import Caller
from cases.town import Town, as_post
from flask import Flask
from sqlalchemy import select
from werkzeug.routing import AnyConverter, IntegerConverter, Rule

from app.kernel.web import PROGRAMS
from app.people.models import Account

STRANGERS = ("hb-officer1", "hb-head", "szhb-officer1", "sgz-officer1", "szsf-legal", "szzf-finance")
"""Another bureau of the city, its head, other bureaus of the district, a town, and the own agency's finance,
which the case has not reached."""
WITHOUT_CASES = ("szsf-admin", "szsf-analyst", "szsf-super", "sf-admin")
REST = {
    "act": "urge",
    "digest": "a" * 64, "code": "SD-01", "field": "materials", "name": "release",
    "version_id": 987654321,  # what is published is no secret among analysts
}  # fmt: skip
PLAIN = frozenset(
    {
        *(
            "certificate_id",
            "posting_id",
            "training_id",
            "job_id",
            "version_id",
            "draft_id",
            "substitution_id",
        ),
        *("recusal_id", "change_id", "binding_id", "number", "thread_id", "batch_id", "place", "revision_id"),
        *("filter_id", "remark_id", "meeting_id", "hearing_id", "last", "upload_id", "part", "item_id"),
        *("item_version_id", "task_id", "import_id", "subscription_id"),
    }
)
"""Ids that the prey has none of: 1 will do, behind a case or a draft that is not theirs."""
STUDIO = {403, 404, 422}
"""The studio is closed to all but analysts, to whom another agency's draft does not exist; a post that is no JSON is
refused before anybody asks whose draft it is about."""
READ_BY = {
    "szzf-finance": {"items.item", "items.version", "orders.order"},
    "szsf-super": {"items.item", "items.version"},
}
"""A power item and its versions are read by the agency's own people and by the supervisors of its region, the draft of a
change order by the agency's own people."""
OWN = {"szzf-finance": {403, 404}}
"""Of the own agency's items and change orders one knows that they are there, and may not draw them up."""
OPEN = {"public.item_version"}
"""Open to everybody: what is not public is not there."""
BODIES: Mapping[str, Any] = {
    "carry_out": {"version": 1, "given": {"note": "请办理"}},
    "hand_in": {"version": 1, "answers": {}},
    "make_paper": {"answers": {}},
    "confirm": {"version": 1},
    "send_back": {"version": 1, "reason": "退回"},
}


def doors(app: Flask, prey: Mapping[str, Any]) -> Iterator[tuple[str, str, Rule]]:
    """Every address with an id in it, filled with the prey's, and its methods."""
    for rule in app.url_map.iter_rules():
        numbers = {n for n, c in rule._converters.items() if isinstance(c, IntegerConverter)}
        if not numbers:
            continue
        assert numbers <= set(prey) | PLAIN, f"nobody attacks {rule.rule}"
        words = {n: min(c.items) for n, c in rule._converters.items() if isinstance(c, AnyConverter)}
        values = {name: words.get(name) or prey.get(name) or REST.get(name, 1) for name in rule.arguments}
        for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}):
            yield method, app.url_map.bind("localhost").build(rule.endpoint, values, method), rule


def knock(who: Caller, token: str, method: str, path: str, rule: Rule) -> int:
    """One request as well-formed as the owner's would be."""
    headers = {"X-CSRF-Token": token, "Idempotency-Key": new_key(), "Accept": "application/json"}
    if not path.startswith(PROGRAMS):
        post = {"_key": new_key(), "_version": "1"}
        return who.client.open(
            path, method=method, headers=headers, data=post if method == "POST" else None
        ).status_code
    options: dict[str, Any] = {}
    if rule.endpoint.endswith(".upload"):
        options = {"data": {"file": (io.BytesIO(b"%PDF-1.7"), "a.pdf")}}
    elif method == "POST":
        options = {"json": BODIES.get(rule.endpoint.partition(".")[2], {})}
    return who.client.open(path, method=method, headers=headers, **options).status_code


@pytest.mark.parametrize("login", STRANGERS)
def test_a_stranger_finds_nothing_behind_any_door(town: Town, people, prey, stored, login):
    who = people(login)
    token, before = who.token("/account"), stored()
    wrong = {}
    for method, path, rule in doors(town.app, prey):
        if rule.endpoint in READ_BY.get(login, ()):
            continue
        status = knock(who, token, method, path, rule)
        shut = OWN.get(login, {404}) if path.startswith(("/items/", "/laws/orders/")) else {404}
        if path.startswith("/items/imports/"):
            shut = {403}  # open to those who keep an agency's items, whoever they are
        if status not in ({403} if "/admin/" in path else STUDIO if path.startswith("/studio/") else shut):
            wrong[f"{method} {path}"] = status
    assert wrong == {}
    assert stored() == before


@pytest.mark.parametrize("login", WITHOUT_CASES)
def test_roles_without_cases_get_in_nowhere(town: Town, people, prey, stored, login):
    who = people(login)
    token, before = who.token("/account"), stored()
    wrong = {}
    for method, path, rule in doors(town.app, prey):
        if "/admin/" in path and login.endswith("-admin"):
            continue  # below
        if rule.endpoint in READ_BY.get(login, ()):
            continue
        status = knock(who, token, method, path, rule)
        if status not in (STUDIO if path.startswith("/studio/") else {403, 404}):
            wrong[f"{method} {path}"] = status
    assert wrong == {}
    assert stored() == before


def test_a_visitor_gets_in_nowhere(town: Town, prey, stored):
    before = stored()
    client = town.app.test_client()
    for method, path, rule in doors(town.app, prey):
        shut = (404,) if rule.endpoint in OPEN else (302, 401)
        assert client.open(path, method=method).status_code in shut, path
    assert stored() == before


def test_an_administrator_reaches_no_account_above_or_beside(town: Town, people, stored):
    """The district's administrator at the doors of an account of the city and of another district."""
    with town.read() as session:
        found = session.scalars(select(Account).where(Account.login.in_(("hb-head", "xcsf-admin"))))
        ids = {account.login: account.id for account in found}
    assert len(ids) == 2
    who = people("szsf-admin")
    token, before = who.token("/account"), stored()
    for victim in ids.values():
        prey = {"account_id": victim, "certificate_id": 1, "posting_id": 1}
        others = (
            "case_id",
            "work_item_id",
            "document_id",
            "clock_id",
            "session_id",
            "token_id",
            "colleague_id",
            "order_id",
        )
        for method, path, rule in doors(town.app, {**dict.fromkeys(others, 1), **prey}):
            if "/admin/accounts/" in path:
                assert knock(who, token, method, path, rule) == 404, f"{method} {path}"
    assert stored() == before


def test_the_owner_does_get_in(town: Town, prey):
    """The walk above would be worth nothing if the doors were shut to everybody."""
    program = prey["program"]
    for path in ("/cases/{case_id}", "/cases/{case_id}/record", "/work-items/{work_item_id}",
                 "/documents/{document_id}", "/documents/{document_id}/pdf"):  # fmt: skip
        assert program.get(path.format(**prey)).status_code == 200, path
    assert prey["owner"].get(f"/cases/{prey['case_id']}/clocks/{prey['clock_id']}").status_code == 200


# ids in bodies and queries


@pytest.fixture
def mine(programs) -> Mapping[str, Any]:
    """A fresh task of the attacker's own."""
    item = programs("hb-intake").get("/items").json["items"][0]["id"]
    return programs("hb-intake").act("/cases", {"item_id": item}).json


def test_a_case_is_not_opened_on_another_agency_s_item(people, programs, prey, stored):
    browser, program = people("hb-intake"), programs("hb-intake")
    token, before = browser.token("/account"), stored()
    assert program.act("/cases", {"item_id": prey["item_id"]}).status_code == 404
    post = {"_csrf": token, "_key": new_key(), "item": str(prey["item_id"])}
    assert browser.bare_post("/cases/new", post).status_code == 404
    assert stored() == before


def test_no_officer_of_another_agency_is_named(town: Town, programs, prey, stored):
    """Whom a form names must be of the own agency, of the position, with the certificate."""
    work, _ = town.work(town.open("stone-mill", "check"), "check")
    program = programs("hb-officer1")
    if program.get(f"/work-items/{work}").json["mode"] == "claim":
        assert program.act(f"/work-items/{work}/claim").status_code == 200
    task = program.get(f"/work-items/{work}").json
    given = {
        k: v for k, v in town.answers("stone-mill", task["form"]["key"]).items() if v not in (None, "", [])
    }
    shapes = task["form"]["schema"]["properties"]
    named = [key for key, shape in shapes.items() if shape.get("type") == "integer"]
    assert named
    before = stored()
    for key in named:
        for other in (prey["officer_id"], str(prey["officer_id"]), 987654321):
            answers = {**given, key: other}
            answer = program.act(
                f"/work-items/{work}/hand-in", {"version": task["version"], "answers": answers}
            )
            assert answer.status_code == 422, answer.json
            assert key in answer.json["errors"]
    assert stored() == before


def test_a_file_of_another_case_is_not_attached(town: Town, programs, prey, mine, stored):
    """By its digest, by a guessed token, or by the token it has on its own page."""
    intake = programs("hb-intake")
    own = intake.open("POST", f"/work-items/{mine['work_item_id']}/files/materials",
                      data={"file": (io.BytesIO(b"%PDF-1.7 secret"), "a.pdf")}).json  # fmt: skip
    item = intake.get("/items").json["items"][0]["id"]
    other = intake.act("/cases", {"item_id": item}).json["work_item_id"]
    digest = "0" * 64
    before = stored()
    files = [
        {"token": own["token"]},  # sealed for another task
        {"token": digest},
        {"name": "a.pdf", "digest": digest, "size": 1, "type": "application/pdf"},
        {"token": own["token"], "digest": digest},
        {"token": own["token"][:-1] + ("A" if own["token"][-1] != "A" else "B")},
    ]
    for file in files:
        body = {"version": 1, "answers": {"cause": "扬尘", "materials": [file]}}
        answer = intake.act(f"/work-items/{other}/hand-in", body)
        assert answer.status_code == 422, file
        assert answer.json["code"] in ("forged_file", "unknown_field", "invalid"), answer.json
    assert stored() == before


def test_a_file_is_read_through_its_own_case_only(town: Town, people, programs, mine):
    """A digest that was seen elsewhere opens nothing: the case must hold the file."""
    intake = programs("hb-intake")
    stored_file = intake.open("POST", f"/work-items/{mine['work_item_id']}/files/materials",
                              data={"file": (io.BytesIO(b"%PDF-1.7 seen"), "a.pdf")}).json  # fmt: skip
    given = {k: v for k, v in town.answers("dust-heap", "penalty_lead").items() if v not in (None, "", [])}
    body = {"version": 1, "answers": {**given, "materials": [stored_file]}}
    assert intake.act(f"/work-items/{mine['work_item_id']}/hand-in", body).status_code == 200
    browser = people("hb-intake")
    page = browser.get(f"/cases/{mine['case_id']}").get_data(as_text=True)
    [digest] = set(re.findall(rf"/cases/{mine['case_id']}/files/([0-9a-f]{{64}})", page))
    assert browser.get(f"/cases/{mine['case_id']}/files/{digest}").status_code == 200
    item = intake.get("/items").json["items"][0]["id"]
    other = intake.act("/cases", {"item_id": item}).json["case_id"]
    assert browser.get(f"/cases/{other}/files/{digest}").status_code == 404
    stranger = people("szzf-officer1")
    assert stranger.get(f"/cases/{mine['case_id']}/files/{digest}").status_code == 404


def test_a_cursor_of_another_agency_shows_nothing_of_it(people, programs, prey):
    stranger = programs("hb-head")
    for path in (f"/cases?before={prey['case_id'] + 1}", f"/cases?q={prey['no']}", f"/inbox?q={prey['no']}"):
        text = stranger.get(path).get_data(as_text=True)
        assert prey["no"] not in text


def test_an_answer_of_another_act_is_not_shown(town: Town, people, programs, mine):
    """`?done=` shows what one's own act brought, whoever learns its key."""
    key = new_key()
    intake = programs("hb-intake")
    item = intake.get("/items").json["items"][0]["id"]
    opened = intake.act("/cases", {"item_id": item}, key=key).json
    said = opened["message"].rstrip("。")
    assert said in people("hb-intake").get(f"/cases/{opened['case_id']}?done={key}").get_data(as_text=True)
    assert said not in people("hb-head").get(f"/cases/{opened['case_id']}?done={key}").get_data(as_text=True)


def test_drafts_and_previews_are_their_author_s(town: Town, people, programs, mine, stored):
    author, colleague = people("hb-intake"), people("hb-head")
    work = mine["work_item_id"]
    post = as_post(town.answers("dust-heap", "penalty_lead")) | {"cause": "只有我知道的案由"}
    assert author.post(f"/work/{work}/draft", post, page=f"/work/{work}").status_code == 200
    assert programs("hb-intake").get(f"/work-items/{work}").json["answers"]["cause"] == "只有我知道的案由"
    for path in (f"/work/{work}", f"/work/{work}/preview/LA-01.pdf"):
        assert colleague.get(path).status_code == 404
    before = stored()
    token = colleague.token("/account")
    assert colleague.bare_post(f"/work/{work}/draft", {**post, "_csrf": token}).status_code == 404
    assert stored() == before
