"""Suspending and extending a case's clock over HTTP: with cause, proof and cap, by the right person, on record."""

import io
import secrets
from datetime import timedelta

import pytest
from callers import Caller, caller, callers, cheap_hashes, city
from sqlalchemy import select

from app.audit import service as audit
from app.cases import demo, demo_content
from app.deadlines.models import Clock
from app.kernel.clock import today
from app.kernel.db import db
from app.kernel.transaction import transaction

__all__ = ["caller", "callers", "cheap_hashes", "city"]
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"


@pytest.fixture
def clock(app, published):
    """The ninety days of a case that was filed five days ago."""
    with app.app_context():
        plan = {**demo_content.case_of("dust-heap"), "opened": (today() - timedelta(days=9)).isoformat()}
        with transaction() as session:
            case_id = demo.Drive(session, plan).run("invest_plan")
        found = db.session.scalar(select(Clock).where(Clock.case_id == case_id, Clock.key == "decision"))
        return {"case": case_id, "clock": found.id, "due": found.due_on, "from": found.started_at}


def due(app, clock):
    with app.app_context():
        return db.session.get(Clock, clock["clock"]).due_on


def page(clock, act=""):
    return f"/cases/{clock['case']}/clocks/{clock['clock']}" + (f"/{act}" if act else "")


def keyed(answers, key=None):
    return {**answers, "_key": key or secrets.token_hex(16)}


def signed_in(callers, login) -> Caller:
    person = callers()
    person.sign_in(login)
    return person


def test_the_head_extends_within_the_cap_and_once(app, callers, clock):
    head = signed_in(callers, "hb-head")
    too_long = head.post(
        page(clock, "extend"), keyed({"number": "31", "reason": "案情复杂"}), page=page(clock)
    )
    assert too_long.status_code == 422
    assert due(app, clock) == clock["due"]
    done = head.post(page(clock, "extend"), keyed({"number": "30", "reason": "案情复杂"}), page=page(clock))
    assert done.status_code == 303
    assert due(app, clock) == clock["due"] + timedelta(days=30)
    assert "延长30日" in head.get(page(clock)).get_data(as_text=True).replace(" ", "")
    with app.app_context():
        kinds = [entry.kind for entry in audit.of_case(db.session, clock["case"])]
    assert kinds[-2:] == ["clock.due", "clock.extended"]


def test_a_deputy_may_not_extend_what_the_head_must(app, callers, clock):
    deputy = signed_in(callers, "hb-deputy")
    refused = deputy.post(
        page(clock, "extend"), keyed({"number": "10", "reason": "案情复杂"}), page=page(clock)
    )
    assert refused.status_code == 422
    assert "主要负责人" in refused.get_data(as_text=True)
    assert due(app, clock) == clock["due"]


def test_days_of_testing_do_not_count_with_their_proof(app, callers, clock):
    head = signed_in(callers, "hb-head")
    answers = {"cause": "testing", "from_day": today().isoformat(), "basis": ""}
    bare = head.post(page(clock, "suspend"), keyed(answers), page=page(clock))
    assert bare.status_code == 422
    assert "证明文件" in bare.get_data(as_text=True)
    answers["proof"] = (io.BytesIO(PDF), "鉴定委托书.pdf")
    assert head.post(page(clock, "suspend"), keyed(answers), page=page(clock)).status_code == 303
    with app.app_context():
        assert db.session.get(Clock, clock["clock"]).state == "paused"
        entry = audit.of_case(db.session, clock["case"])[-1]
    assert entry.kind == "clock.suspended"
    assert len(entry.digests[0]) == 64
    assert (
        head.post(
            page(clock, "resume"), keyed({"until_day": today().isoformat()}), page=page(clock)
        ).status_code
        == 303
    )
    assert due(app, clock) >= clock["due"]


def test_an_investigator_decides_no_suspension(app, callers, clock):
    officer = signed_in(callers, "hb-officer1")
    answers = {"cause": "stay", "from_day": today().isoformat(), "proof": (io.BytesIO(PDF), "a.pdf")}
    assert officer.post(page(clock, "suspend"), keyed(answers), page="/cases/new").status_code == 403


def test_another_agency_does_not_know_the_clock(callers, clock):
    stranger = signed_in(callers, "cg-head")
    assert stranger.get(page(clock)).status_code == 404
    assert (
        stranger.post(
            page(clock, "extend"), keyed({"number": "1", "reason": "x"}), page="/cases/new"
        ).status_code
        == 404
    )


def test_a_repeated_act_on_a_clock_is_carried_out_once(app, callers, clock):
    head = signed_in(callers, "hb-head")
    key = secrets.token_hex(16)
    answers = {"number": "10", "reason": "案情复杂"}
    for _ in "12":
        done = head.post(page(clock, "extend"), keyed(answers, key), page=page(clock))
        assert done.status_code == 303
    assert due(app, clock) == clock["due"] + timedelta(days=10)
    with app.app_context():
        kinds = [entry.kind for entry in audit.of_case(db.session, clock["case"])]
    assert kinds.count("clock.extended") == 1
    other = head.post(page(clock, "resume"), keyed({"until_day": today().isoformat()}, key), page=page(clock))
    assert other.status_code == 409
    bare = head.post(page(clock, "extend"), answers, page=page(clock))
    assert bare.status_code == 422
    assert "提交的标识缺失" in bare.get_data(as_text=True)
