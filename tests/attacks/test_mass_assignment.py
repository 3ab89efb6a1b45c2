"""Mass assignment: fields nobody offered, in every post, at every depth.

Names of form items are held by `tests/cases/test_refused_input_changes_nothing.py` and
`tests/forms/test_hostile_posts.py`; here are all the other doors and the API.
"""

import io
from typing import Any

import pytest
from api.programs import new_key
from callers import Caller
from cases.town import Town
from werkzeug.routing import AnyConverter

from app.kernel.web import PROGRAMS
from app.people import demo

EXTRA = {"roles": "admin", "agency_id": "1", "assignee_id": "1", "legal_review_passed": "true"}
LOGINS = ("hb-officer1", "hb-intake", "hb-head", "sf-admin", "sf-super", "sf-analyst")


def posts(town: Town) -> list[str]:
    """Every page address that takes a post, filled with ids that are there."""
    found = []
    for rule in town.app.url_map.iter_rules():
        if "POST" in (rule.methods or ()) and not rule.rule.startswith(PROGRAMS):
            words = {n: min(c.items) for n, c in rule._converters.items() if isinstance(c, AnyConverter)}
            values = {name: words.get(name, 1) for name in rule.arguments}
            found.append(town.app.url_map.bind("localhost").build(rule.endpoint, values, "POST"))
    return sorted(found)


@pytest.mark.parametrize("extra", sorted(EXTRA))
def test_no_page_takes_a_field_it_does_not_offer(town: Town, people, prey, stored, extra):
    """`prey` makes sure that the ids lead somewhere."""
    who = {login: (people(login), people(login).token("/account")) for login in LOGINS}
    before = stored()
    for path in posts(town):
        for login, (browser, token) in who.items():
            if path == "/sign-out":
                continue  # below
            post = {"_csrf": token, "_key": new_key(), "_version": "1", extra: EXTRA[extra]}
            answer = browser.bare_post(path, post)
            assert 400 <= answer.status_code < 500, f"{path} as {login}: {answer.status_code}"
    assert stored() == before


def test_not_even_the_way_in_and_out(town: Town, stored):
    browser = town.caller("hb-officer2")
    token, before = browser.token("/account"), stored()
    assert browser.bare_post("/sign-out", {"_csrf": token, "all": "1"}).status_code == 422
    assert stored() == before
    visitor = Caller(town.app)
    answer = visitor.sign_in("hb-officer2", demo.password(), roles="admin")
    assert answer.status_code == 422
    assert visitor.client.get_cookie("xq_session") is None


BODIES: list[tuple[str, Any]] = [
    ("/cases", {"item_id": 1, "agency_id": 2}),
    ("/cases", {"item_id": 1, "assignee_id": 2, "state": "00"}),
    ("/cases", {"item_id": {"id": 1, "agency_id": 2}}),
    ("/cases", {"item_id": True}),
    ("/cases", {"item_id": "1"}),
    ("/cases", [{"item_id": 1}]),
    ("/work-items/{work}/claim", {"assignee_id": 1}),
    ("/work-items/{work}/claim", {"version": 1}),
    ("/work-items/{work}/confirm", {"version": 1, "by": 1}),
    ("/work-items/{work}/send-back", {"version": 1, "reason": "x", "assignee_id": 1}),
    ("/work-items/{work}/send-back", {"version": 1, "reason": {"text": "x"}}),
    ("/work-items/{work}/hand-in", {"version": 1, "answers": {}, "signers": [1]}),
    ("/work-items/{work}/hand-in", {"version": 1, "answers": {"legal_review_passed": True}}),
    ("/work-items/{work}/hand-in", {"version": 1, "answers": {"_writes": {"filing_ok": True}}}),
    ("/work-items/{work}/hand-in", {"version": 1, "answers": {"_key": "x", "_version": "9"}}),
    ("/work-items/{work}/hand-in", {"version": 1, "answers": {"party.officer": "1"}}),
    ("/work-items/{work}/hand-in", {"version": 1, "answers": {"party": {"name": "甲", "officer_id": 1}}}),
    ("/work-items/{work}/hand-in", {"version": 1, "answers": {"party": {"name": {"$ne": ""}}}}),
    ("/work-items/{work}/hand-in", {"version": 1, "answers": {"cause": {"text": "x"}}}),
    ("/work-items/{work}/hand-in", {"version": 1, "answers": {"materials": [{"token": "x", "path": "/"}]}}),
    ("/work-items/{work}/hand-in", {"version": 1, "answers": {"materials": "x"}}),
    ("/work-items/{work}/hand-in", {"version": 1, "answers": {"__class__": "x", "__proto__": {"a": 1}}}),
    ("/work-items/{work}/hand-in", {"version": "1", "answers": {}}),
    ("/work-items/{work}/hand-in", {"version": 1.5, "answers": {}}),
    ("/work-items/{work}/hand-in", {"answers": {}}),
    ("/work-items/{work}/acts/copy", {"version": 1, "given": {"to": ["1"]}, "by": 1}),
    ("/work-items/{work}/acts/copy", {"version": 1, "given": {"to": ["1"], "officer_id": "2"}}),
    ("/work-items/{work}/acts/copy", {"version": 1, "given": {"to": [1]}}),
    ("/work-items/{work}/acts/copy", {"version": 1, "given": {"to": {"id": "1"}}}),
    ("/work-items/{work}/acts/copy", {"version": 1, "given": {"to": True}}),
    ("/work-items/{work}/acts/copy", {"version": 1, "given": ["to"]}),
    ("/work-items/{work}/acts/copy", {"given": {"to": ["1"]}}),
]


@pytest.mark.parametrize(("path", "body"), BODIES, ids=lambda given: str(given)[:60])
def test_the_api_names_all_it_takes(town: Town, programs, register, stored, path, body):
    intake, before = programs("hb-intake"), stored()
    answer = intake.act(path.format(work=register), body)
    assert answer.status_code in (400, 422), answer.json
    assert answer.json["detail"]
    assert stored() == before


@pytest.fixture(scope="module")
def register(town: Town) -> int:
    """A first task that waits for its officer of intake."""
    return town.work(town.open("dust-heap", "register"), "register")[0]


@pytest.mark.parametrize(
    "query", ["agency_id=1", "box=all", "limit=100000", "q=a&q=b", "officer_id=1", "sort=id"]
)
def test_the_api_names_all_it_is_asked(programs, query):
    answer = programs("hb-intake").get(f"/inbox?{query}")
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert programs("hb-intake").get(f"/me?{query}").status_code == 422


def test_an_upload_takes_one_file_and_nothing_else(programs, register, stored):
    intake, before = programs("hb-intake"), stored()
    path = f"/work-items/{register}/files/materials"
    pdf = (b"%PDF-1.7 x", "a.pdf")
    for data in (
        {"file": (io.BytesIO(pdf[0]), pdf[1]), "digest": "a" * 64},
        {"file": (io.BytesIO(pdf[0]), pdf[1]), "other": (io.BytesIO(pdf[0]), pdf[1])},
        {"file": [(io.BytesIO(pdf[0]), pdf[1]), (io.BytesIO(pdf[0]), pdf[1])]},
        {"digest": "a" * 64},
        {},
    ):
        answer = intake.open("POST", path, data=data, content_type="multipart/form-data")
        assert answer.status_code == 422, data
    assert (
        intake.open(
            "POST", f"/work-items/{register}/files/cause", data={"file": (io.BytesIO(pdf[0]), "a.pdf")}
        ).status_code
        == 404
    )
    assert stored() == before
