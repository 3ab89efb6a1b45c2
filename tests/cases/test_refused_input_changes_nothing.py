"""A submission that is refused leaves every row of every table as it was, whatever it held."""

import re
from io import BytesIO
from typing import Any

import pytest

from app.cases import locking, stepping
from app.forms import service as forms
from app.kernel.errors import Invalid, XingquanError

from .town import Town, actor, as_post, hand_in, rows_of, waiting

HAN = re.compile(r"[\u4e00-\u9fff]{4,}")
PARTY = {"kind": "organisation", "name": "某公司", "id_code": "", "address": "某路1号"}

UNKNOWN: list[dict[str, Any]] = [
    {"legal_review_passed": "true"},
    {"legal_passed": "1"},
    {"_writes": '{"legal_passed": true}'},
    {"_form": "penalty_decide"},
    {"writes.legal_passed": "true"},
    {"attributes": '{"filing_ok": true}'},
    {"status": "closed"},
    {"state": "00"},
    {"assignee_id": "1"},
    {"procedure_id": "1", "agency_id": "2", "case_id": "3"},
    {"passed.decide": "2025-01-01T00:00"},
    {"fine_amount": "1.00"},
    {"conclusion": "同意"},
    {"party.officer": "1"},
    {"party": "某公司"},
    {"cause.x": "1"},
    {"__class__": "x"},
    {"materials.digest": "a" * 64},
]
"""Names the first form does not have."""

WRONG: list[dict[str, Any]] = [
    {"received_at": "yesterday"},
    {"received_at": "2999-01-01T00:00"},
    {"received_at": "2025-02-30T00:00"},
    {"source": "梦见"},
    {"party.kind": "alien"},
    {"party.id_code": "123"},
    {"cause": ""},
    {"cause": "长" * 61},
    {"summary": "长" * 20_000},
    {"cause": "含\u202e方向"},
    {"party.name": ""},
]
"""Answers a person could mend."""

FORGED: list[dict[str, Any]] = [
    {"materials.stored": "a" * 64},
    {"materials.stored": '["x.pdf","' + "a" * 64 + '",1,"application/pdf"].sig'},
    {"materials.stored": "x" * 5000},
    {"cause": ["一", "二"]},
    {f"k{n}": "v" for n in range(4001)},
]


@pytest.fixture(scope="module")
def first(town: Town) -> tuple[int, int]:
    """A case whose first task waits: case and task."""
    case_id = town.open("dust-heap", "register")
    return case_id, town.work(case_id, "register")[0]


@pytest.fixture(scope="module")
def intake(town: Town):
    return town.caller("hb-intake")


@pytest.fixture(scope="module")
def token(intake, first) -> str:
    return intake.token(f"/work/{first[1]}")


def draft_of(town: Town, login: str, work: int) -> Any:
    with town.read() as session:
        return forms.load_draft(session, actor(session, login).account_id, f"work:{work}")


def submit(town, intake, token, first, changes, **more):
    post = as_post(town.answers("dust-heap", "penalty_lead")) | changes
    page = {"_csrf": token, "_key": "0123456789abcdef0123", "_version": "1"} | more
    return intake.bare_post(f"/work/{first[1]}", post | page)


@pytest.mark.parametrize("changes", UNKNOWN + FORGED, ids=lambda c: next(iter(c)))
def test_what_the_form_does_not_have_is_refused_as_a_whole(town, intake, token, first, changes):
    with town.act() as session:
        forms.save_draft(
            session, actor(session, "hb-intake").account_id, f"work:{first[1]}", {"cause": "早稿"}
        )
    before = town.rows()
    answer = submit(town, intake, token, first, changes)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'role="alert"' in page
    assert "未作任何处理" in page or "过多" in page
    assert "早稿" in page, "the page shows the draft that was kept"
    assert town.rows() == before
    assert draft_of(town, "hb-intake", first[1]) == {"cause": "早稿"}


@pytest.mark.parametrize("changes", WRONG, ids=lambda c: next(iter(c)))
def test_wrong_answers_are_refused_and_kept_as_a_draft(town, intake, token, first, changes):
    before = town.rows()
    answer = submit(town, intake, token, first, changes)
    assert answer.status_code == 422
    assert "处需要修改" in answer.get_data(as_text=True)
    assert town.rows() == before
    [(name, value)] = changes.items()
    key, _, part = name.partition(".")
    kept = draft_of(town, "hb-intake", first[1])
    found = (kept[key] or {}).get(part) if part else kept[key]
    assert (found or "") == value.replace("\u202e", "")


def test_nothing_at_all_is_refused(town, intake, token, first):
    before = town.rows()
    answer = intake.bare_post(f"/work/{first[1]}", {"_csrf": token})
    assert answer.status_code == 422
    assert town.rows() == before


@pytest.mark.parametrize("stale", [{"_version": "9"}, {"_version": "x"}, {"_key": "?"}, {"_version": ""}])
def test_a_stale_page_keeps_what_was_typed(town, intake, token, first, stale):
    before = town.rows()
    answer = submit(town, intake, token, first, {"cause": "旧页面上的案由"}, **stale)
    assert answer.status_code in (409, 422)
    assert "旧页面上的案由" in answer.get_data(as_text=True)
    assert town.rows() == before
    assert draft_of(town, "hb-intake", first[1])["cause"] == "旧页面上的案由"


@pytest.mark.parametrize("name", ["stored-elsewhere", "html", "empty"])
def test_a_bad_file_is_refused(town, intake, token, first, name):
    before = town.rows()
    content = {"html": b"<html><script>alert(1)</script>", "empty": b""}.get(name, b"%PDF-1.7\n%%EOF")
    field = "materials" if name != "stored-elsewhere" else "evidence.0.file"
    answer = submit(town, intake, token, first, {field: (BytesIO(content), "材料.pdf")})
    assert answer.status_code == 422
    assert HAN.search(answer.get_data(as_text=True))
    assert town.rows() == before


def test_a_refused_review_cannot_be_posted_as_passed(town):
    case_id = town.open("stone-mill", "legal_review")
    work, version = town.work(case_id, "legal_review")
    legal = town.caller("hb-legal")
    found = legal.post(
        f"/work/{work}/claim", {"_key": "claim00000000000", "legal_passed": "true"}, page="/account"
    )
    assert found.status_code == 422
    assert legal.post(f"/work/{work}/claim", {"_key": "claim00000000001"}, page="/account").status_code == 303
    before = town.rows()
    answers = town.answers("no-permit", "penalty_legal_review") | {
        "conclusion": "不同意",
        "opinion": "不同意。",
    }
    page = {"_key": "review0000000000", "_version": str(version + 1)}
    for name in ("legal_passed", "legal_review_passed", "_writes", "writes.legal_passed"):
        answer = legal.post(f"/work/{work}", as_post(answers) | page | {name: "true"})
        assert answer.status_code == 422
        assert town.rows() == before


def test_other_doors_take_no_unknown_field_either(town, intake, token, first):
    before = town.rows()
    work = f"/work/{first[1]}"
    page = {"_csrf": token, "_key": "0123456789abcdef0124", "_version": "1"}
    with town.read() as session:
        item = str(waiting(session, first[0], "register").case_id)
    for path, post in [
        (f"{work}/claim", {"assignee_id": "7"}),
        (f"{work}/confirm", {"decision": "confirm", "pending": "{}"}),
        (f"{work}/draft", {"legal_passed": "true"}),
        ("/cases/new", {"item": item, "status": "closed"}),
        ("/cases/new", {"item": "9" * 5000}),
        ("/cases/new", {"item": "-1"}),
    ]:
        answer = intake.bare_post(path, page | post)
        assert answer.status_code == 422, path
        assert HAN.search(answer.get_data(as_text=True)), path
    assert town.rows() == before


NASTY = [
    1,
    True,
    1.5,
    float("nan"),
    [],
    {},
    [[]],
    [None],
    {"a": {}},
    "x" * 100_000,
    "\x00",
    "\ud800",
    {"id": []},
]


def test_no_value_from_a_program_gets_through_or_crashes(stage, desk):
    case = stage("dust-heap", until="register")
    before = rows_of(desk, case.case_id)
    work = waiting(desk, case.case_id, "register")
    running = locking.lock(desk, case.case_id)
    form = stepping.form_of(running, work)
    context = stepping.form_context(running, "")
    for key in ["source", "received_at", "party", "cause", "happened_on", "place", "materials", "summary"]:
        for value in NASTY:
            with pytest.raises(Invalid):
                form.validate({key: value}, context)
    for key in ["legal_passed", "_writes", "", "party.name", "status"]:
        with pytest.raises(XingquanError), desk.begin_nested():
            hand_in(case, "register", "hb-intake", given={"cause": "案由", key: True})
    assert rows_of(desk, case.case_id) == before
    assert work.version == 1


@pytest.mark.parametrize("digest", ["../../etc/passwd", "A" * 64, "a" * 63, None, 7])
def test_a_file_that_is_none_is_refused_from_a_program_too(stage, desk, digest):
    case = stage("dust-heap", until="register")
    forged = {"name": "x.pdf", "digest": digest, "size": 1, "type": "application/pdf"}
    with pytest.raises(XingquanError):
        hand_in(case, "register", "hb-intake", materials=[forged])
