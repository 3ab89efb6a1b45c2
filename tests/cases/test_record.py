"""Every act leaves its entry: who, when, what, which documents; in order, and never without the act."""

import dataclasses

import pytest
from sqlalchemy import select

from app.audit import service as audit
from app.audit.lines import digest_of
from app.cases import acts
from app.cases.models import Case, Submission, WorkItem
from app.documents import service as documents
from app.flow import FLOW
from app.kernel import clock, events
from app.kernel.errors import Refused
from app.people import service as people

from .town import actor, confirm, hand_in, rows_of, waiting


@pytest.fixture
def flow():
    """Put the table of subscribers back after the test."""
    yield events
    events.install(FLOW)


def entries(case):
    return audit.of_case(case.session, case.case_id)


def test_the_whole_way_of_a_case_is_in_its_record(stage):
    case = stage("stone-mill")
    session = case.session
    record = entries(case)
    assert [e.seq for e in record] == list(range(1, len(record) + 1))
    assert [e.at for e in record] == sorted(e.at for e in record)
    assert record[0].kind == "case.opened"
    assert record[0].content["no"] == session.get_one(Case, case.case_id).no

    done = select(WorkItem).where(WorkItem.case_id == case.case_id, WorkItem.status == "done")
    works = {w.node: w for w in session.scalars(done)}
    submitted = select(Submission).where(Submission.case_id == case.case_id)
    handed_in = {s.work_item_id: s.data for s in session.scalars(submitted)}
    completed = [e for e in record if e.kind in ("step.completed", "message.registered")]
    agreed_to = {e.content["node"]: e.content["data"] for e in record if e.kind == "step.handed_in"}
    assert {e.content["node"] for e in completed} == set(works)
    for entry in completed:
        work = works[entry.content["node"]]
        assert (entry.actor_id, entry.at) == (work.done_by, work.done_at)
        assert entry.actor_name == people.officer(session, work.done_by).name
        assert entry.position == work.position_key
        assert len(entry.content.get("with", ())) == max(work.officers, 1) - 1
        assert ("data" in entry.content) == (work.officers < 2), (
            "what waited was recorded when it was handed in"
        )
        recorded = entry.content.get("data") or agreed_to[work.node]
        assert recorded == digest_of(handed_in[work.id])
        assert entry.content["form"] == work.form

    issued = documents.of_case(session, case.case_id)
    told = [d for e in record for d in e.documents]
    assert told == [{"id": d.id, "code": d.code, "number": d.number, "digest": d.data_digest} for d in issued]
    assert completed[-1].content["finished"] is True


def test_only_what_an_act_changed_is_in_its_entry(stage):
    case = stage("stone-mill")
    attributes = {}
    for entry in entries(case):
        changes = entry.content.get("set", {})
        assert not changes.items() & attributes.items()
        attributes |= changes
    assert attributes.items() <= case.session.get_one(Case, case.case_id).attributes.items()
    assert attributes["legal_passed"] is True


def test_claims_submissions_and_returns_are_entered(stage):
    case = stage("dust-heap", until="check")
    session, work = case.session, waiting(case.session, case.case_id, "check")
    before = len(entries(case))
    first, second = actor(session, "hb-officer1"), actor(session, "hb-officer2")
    with clock.at(case.moment):
        acts.claim(session, first, work.id, case.key())
        hand_in(case, "check", "hb-officer1", facts="第一稿")
        acts.send_back(session, second, work.id, work.version, case.key(), "缺少照片")
        hand_in(case, "check", "hb-officer1", facts="第二稿")
        confirm(case, "check", "hb-officer2")
    new = entries(case)[before:]
    assert [(e.kind, e.actor_id) for e in new] == [
        ("work.claimed", first.officer_id),
        ("step.handed_in", first.officer_id),
        ("step.sent_back", second.officer_id),
        ("step.handed_in", first.officer_id),
        ("step.completed", first.officer_id),
    ]
    assert {e.at for e in new} == {case.moment}
    [submitted] = session.scalars(select(Submission).where(Submission.work_item_id == work.id))
    assert new[1].content["data"] != new[3].content["data"] == digest_of(submitted.data)
    assert "data" not in new[4].content
    assert new[2].content["reason"] == "缺少照片"
    assert [e.content["with"] for e in (new[1], new[3], new[4])] == [[second.officer_id]] * 3
    assert [(e.actor_name, e.position) for e in new[1:3]] == [
        (first.name, work.position_key),
        (second.name, work.position_key),
    ]


def test_files_that_were_brought_are_named_by_their_digest(stage):
    case = stage("dust-heap", until="register")
    files = [{"name": f"{n}.pdf", "digest": n * 64, "size": 9, "type": "application/pdf"} for n in "ab"]
    hand_in(case, "register", "hb-intake", materials=files)
    [entry] = [e for e in entries(case) if e.kind == "step.completed"]
    assert entry.files == ["a" * 64, "b" * 64]


def test_a_file_is_named_by_the_first_entry_that_has_it(stage):
    case = stage("stone-mill", until="lead_review")
    named = [(e.kind, e.content.get("node"), e.files) for e in entries(case) if e.files]
    evidence = case.session.scalars(
        select(Submission.data)
        .join(WorkItem)
        .where(WorkItem.case_id == case.case_id, WorkItem.node == "report")
    ).one()["evidence"]
    digests = [each["file"]["digest"] for each in evidence]
    assert len(digests) > 1
    assert [(kind, node) for kind, node, files in named if set(files) & set(digests)] == [
        ("step.handed_in", "investigate")
    ]
    assert set(digests) <= {digest for _, _, files in named for digest in files}


@pytest.mark.parametrize("event", [events.StepCompleted, events.DocumentIssued, events.CaseNoted])
def test_a_subscriber_that_fails_takes_everything_back(stage, desk, flow, event):
    case = stage("dust-heap", until="check" if event is events.CaseNoted else "register")
    node, login = ("check", "hb-officer1") if event is events.CaseNoted else ("register", "hb-intake")

    def boom(session, _):
        session.flush()
        raise RuntimeError("a room that cannot take part")

    before = rows_of(desk)
    flow.install({**FLOW, event: (*FLOW[event], boom)})
    with pytest.raises(RuntimeError), desk.begin_nested():
        hand_in(case, node, login)
    assert rows_of(desk) == before
    flow.install(FLOW)
    number = hand_in(case, node, login).documents
    assert not number or number[0]["number"] is not None


def test_the_number_taken_by_a_failed_act_is_given_to_the_next(town, flow):
    ids = [town.open("dust-heap", "file_approve") for _ in "12"]

    def boom(session, _):
        raise RuntimeError("the record cannot be written")

    given = town.answers("dust-heap", "penalty_file_approve")
    works = [town.work(case_id, "file_approve") for case_id in ids]
    flow.install({**FLOW, events.StepCompleted: (*FLOW[events.StepCompleted], boom)})
    before = town.rows()
    with pytest.raises(RuntimeError):
        town.do(acts.hand_in, "hb-deputy", *works[0], "record0000000000", lambda *_: given)
    assert town.rows() == before
    flow.install(FLOW)
    numbers = [
        town.do(acts.hand_in, "hb-deputy", *work, f"record000000000{n}", lambda *_: given).documents
        for n, work in enumerate(works, 1)
    ]
    serials = [int(n[0]["number"].split("〕")[1].rstrip("号")) for n in numbers]
    assert serials[1] == serials[0] + 1
    with town.read() as session:
        for case_id in ids:
            seqs = [e.seq for e in audit.of_case(session, case_id)]
            assert seqs == list(range(1, len(seqs) + 1))


def test_a_refused_act_is_not_in_the_record(stage, desk):
    case = stage("stone-mill", until="decide")
    before = rows_of(desk, case.case_id)
    with pytest.raises(Refused), desk.begin_nested():
        hand_in(case, "decide", "hb-head", fine_amount="900000.00")
    assert rows_of(desk, case.case_id) == before


def test_an_event_nobody_records_may_not_happen(desk):
    @dataclasses.dataclass(frozen=True)
    class Unheard:
        case_id: int = 1

    with pytest.raises(LookupError):
        events.publish(desk, Unheard())


@pytest.mark.requirement("S1-11", part="引擎事件")
def test_every_event_ends_in_the_record():
    """Only what opens another case comes after it, which has a record of its own."""
    own = [f"{s.__module__}.{s.__name__}" for s in FLOW[events.StepCompleted]]
    assert own[-3:] == [
        "app.audit.service.on_step",
        "app.cases.referring.on_step",
        "app.items.acts.after_record",
    ]
    others = {
        subscribers[-1].__module__ for kind, subscribers in FLOW.items() if kind is not events.StepCompleted
    }
    assert others == {"app.audit.service"}
