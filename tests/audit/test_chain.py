"""The chain: it holds for a whole journey, and every bending of it is found and named."""

import dataclasses
import hashlib
import threading
from datetime import timedelta

import pytest
from cases.town import actor
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import ProgrammingError

from app.audit import service as audit
from app.audit.dictionary import DICTIONARIES
from app.audit.lines import Unreadable, chained, entry_of, genesis, pack, unpack
from app.audit.models import RecordEntry
from app.cases import acts
from app.cases.models import Case
from app.deadlines import service as deadlines
from app.flow import FLOW
from app.kernel import chain, clock, events


def stored(session, case_id):
    return audit.rows_of(session, case_id, case_id)[case_id]


def entry(case_id, row):
    return entry_of(case_id, row.seq, row.at, row.kind, row.actor_id, row.packed)


def change(session, case_id, seq, **columns):
    found = update(RecordEntry).where(RecordEntry.case_id == case_id, RecordEntry.seq == seq)
    session.execute(found.values(columns), execution_options={"synchronize_session": False})


def rewrite(session, case_id, entries, *, head=True):
    """What a forger with the program at hand would leave: a chain that is right in itself."""
    session.execute(text("delete from record_entry where case_id = :id"), {"id": case_id})
    digest = genesis(case_id)
    for one in entries:
        digest = chained(digest, one.line())
        columns = {n: getattr(one, n) for n in ("case_id", "seq", "at", "kind", "actor_id")}
        session.execute(insert(RecordEntry), [columns | {"digest": digest, "packed": one.packed()}])
    if head:
        mended = update(Case).where(Case.id == case_id).values(record_seq=len(entries), record_digest=digest)
        session.execute(mended, execution_options={"synchronize_session": False})
        session.expire_all()


def codes(found, case_id=None):
    return [(f.code, f.seq) for f in found if case_id is None or f.case_id == case_id]


def test_an_honest_record_holds(findings, whole):
    assert findings(render=True) == []


def test_a_line_is_what_was_hashed(forger, whole):
    digest = genesis(whole["done"])
    for row in stored(forger, whole["done"]):
        digest = chained(digest, entry(whole["done"], row).line())
        assert digest == row.digest
    assert forger.get(Case, whole["done"]).record_digest == digest


def test_nothing_personal_but_officers_is_in_a_line(forger, whole):
    party = forger.get(Case, whole["done"]).party
    texts = b"".join(unpack(row.packed) for row in stored(forger, whole["done"])).decode()
    for value in party.values():
        if isinstance(value, str) and len(value) > 1 and value not in ("organisation", "person"):
            assert value not in texts


def test_entries_stay_small(forger, whole):
    """About 200 bytes each, besides the 32 of the digest of every file handed in and every document issued."""
    files = 32 * sum(
        len(told.files) + len(told.documents)
        for row in stored(forger, whole["done"])
        if row.kind != "case.exported"
        for told in (entry(whole["done"], row),)
    )
    bytes_each, count = forger.execute(
        text(
            "select 28 + avg(pg_column_size(id) + pg_column_size(case_id) + pg_column_size(at)"
            " + coalesce(pg_column_size(actor_id), 0) + pg_column_size(seq) + pg_column_size(kind)"
            " + pg_column_size(digest) + pg_column_size(packed)), count(*)"
            " from record_entry where case_id = :id and kind <> 'case.exported'"
        ),
        {"id": whole["done"]},
    ).one()
    assert float(bytes_each) - files / count <= 200


@pytest.mark.parametrize("place", ["first", "middle", "last"])
@pytest.mark.requirement("S1-8", part="改动日志核验失败")
def test_changed_content_is_named(forger, findings, whole, place):
    case_id = whole["done"]
    rows = stored(forger, case_id)
    row = {"first": rows[0], "middle": rows[len(rows) // 2], "last": rows[-1]}[place]
    one = entry(case_id, row)
    forged = dataclasses.replace(one, content={**one.content, "steps": ["decide"]})
    change(forger, case_id, row.seq, packed=forged.packed())
    assert codes(findings(), case_id)[0] == ("changed", row.seq)


@pytest.mark.parametrize(
    "column", ["at = at - interval '1 day'", "kind = 'step.sent_back'", "actor_id = actor_id + 1"]
)
def test_a_changed_column_is_named(forger, findings, whole, column):
    bend = f"update record_entry set {column} where case_id = :id and seq = 5"  # noqa: S608 - our columns
    forger.execute(text(bend), {"id": whole["done"]})
    assert ("changed", 5) in codes(findings(), whole["done"])


def test_an_actor_s_name_cannot_be_exchanged(forger, findings, whole):
    row = stored(forger, whole["done"])[6]
    forged = dataclasses.replace(entry(whole["done"], row), actor_name="别人")
    change(forger, whole["done"], row.seq, packed=forged.packed())
    assert codes(findings()) == [("changed", row.seq)]


def test_what_is_torn_is_named(forger, findings, whole):
    change(forger, whole["done"], 4, packed=b"\x01\x01nonsense")
    assert ("unreadable", 4) in codes(findings(), whole["done"])
    with pytest.raises(Unreadable):
        audit.of_case(forger, whole["done"])


def test_an_entry_hashed_anew_no_longer_fits_the_next(forger, findings, whole):
    case_id = whole["done"]
    rows = stored(forger, case_id)
    forged = dataclasses.replace(entry(case_id, rows[4]), kind="work.claimed")
    digest = chained(rows[3].digest, forged.line())
    change(forger, case_id, 5, kind=forged.kind, packed=forged.packed(), digest=digest)
    assert ("changed", 6) in codes(findings(), case_id)


@pytest.mark.parametrize("seq", [1, 7])
def test_a_removed_entry_is_named(forger, findings, whole, seq):
    forger.execute(
        text("delete from record_entry where case_id = :id and seq = :seq"), {"id": whole["done"], "seq": seq}
    )
    assert ("removed", seq) in codes(findings(), whole["done"])


def test_a_removed_last_entry_is_a_truncation(forger, findings, whole):
    last = len(stored(forger, whole["done"]))
    forger.execute(
        text("delete from record_entry where case_id = :id and seq = :seq"),
        {"id": whole["done"], "seq": last},
    )
    assert ("truncated", last - 1) in codes(findings(), whole["done"])


def test_an_appended_entry_is_named(forger, findings, whole):
    case_id = whole["under_way"]
    rows = stored(forger, case_id)
    more = dataclasses.replace(entry(case_id, rows[-1]), seq=rows[-1].seq + 1)
    columns = {n: getattr(more, n) for n in ("case_id", "seq", "at", "kind", "actor_id")}
    digest = chained(rows[-1].digest, more.line())
    forger.execute(insert(RecordEntry), [columns | {"digest": digest, "packed": more.packed()}])
    assert ("appended", more.seq) in codes(findings(), case_id)


def test_an_entry_slipped_in_between_is_found(forger, findings, whole):
    case_id = whole["under_way"]
    entries = [entry(case_id, row) for row in stored(forger, case_id)]
    slipped = dataclasses.replace(entries[0], kind="work.claimed", content={"node": "register"})
    moved = [entries[0], slipped, *entries[1:]]
    rewrite(forger, case_id, [dataclasses.replace(e, seq=n) for n, e in enumerate(moved, 1)])
    assert ("rewritten", len(entries)) in codes(findings(), case_id)


def test_two_exchanged_entries_are_named(forger, findings, whole):
    for one, other in ((5, -9), (9, 5), (-9, 9)):
        places = {"id": whole["done"], "one": one, "other": other}
        forger.execute(
            text("update record_entry set seq = :other where case_id = :id and seq = :one"), places
        )
    assert {("changed", 5), ("changed", 9)} <= set(codes(findings(), whole["done"]))


def test_a_truncated_chain_with_a_mended_head_contradicts_the_anchor(forger, findings, whole):
    case_id = whole["under_way"]
    entries = [entry(case_id, row) for row in stored(forger, case_id)]
    rewrite(forger, case_id, entries[:-1])
    forger.execute(text("delete from submission where case_id = :id"), {"id": case_id})
    forger.execute(text("delete from document where case_id = :id"), {"id": case_id})
    assert ("truncated", len(entries) - 1) in codes(findings(), case_id)


def test_a_chain_rewritten_as_a_whole_contradicts_the_anchor(forger, findings, whole):
    case_id = whole["done"]
    entries = [entry(case_id, row) for row in stored(forger, case_id)]
    entries[3] = dataclasses.replace(entries[3], actor_name="别人")
    rewrite(forger, case_id, entries)
    assert codes(findings()) == [("rewritten", len(entries)), ("seal", None)]


def test_a_head_that_does_not_fit_is_named(forger, findings, whole):
    forger.execute(
        text("update \"case\" set record_digest = '\\x00' where id = :id"), {"id": whole["under_way"]}
    )
    last = len(stored(forger, whole["under_way"]))
    assert codes(findings(), whole["under_way"]) == [("head", last), ("seal", None)]


def test_a_case_without_record_and_a_record_without_case_are_named(forger, findings, whole):
    forger.execute(text("delete from record_entry where case_id = :id"), {"id": whole["later"]})
    forger.execute(text('delete from "case" where id = :id'), {"id": whole["under_way"]})
    found = findings()
    assert "no_record" in dict(codes(found, whole["later"]))
    assert "case_missing" in dict(codes(found, whole["under_way"]))


@pytest.mark.parametrize("table", ["record_entry", "record_anchor", "record_leaves"])
@pytest.mark.parametrize("act", ["update {} set {}", "delete from {}", "truncate {}"])
def test_the_database_refuses_to_change_the_record(town, whole, table, act):
    column = "at = now()" if table != "record_leaves" else "last_case = 1"
    with pytest.raises(ProgrammingError, match="append-only"), town.act() as session:
        session.execute(text(act.format(table, column)))


def test_nothing_is_appended_to_a_case_that_is_not_locked(town, whole):
    with town.act() as session, pytest.raises(LookupError):
        chain.held(session, whole["done"])


def test_two_acts_at_once_leave_one_gapless_chain(town, whole):
    case_id = town.open("dust-heap", "file_review")
    work, version = town.work(case_id, "file_review")
    given = town.answers("dust-heap", "penalty_file_review")
    barrier, outcomes = threading.Barrier(4), []

    def go(act) -> None:
        try:
            with town.act() as session:
                session.connection()
                barrier.wait(30)
                act(session)
            outcomes.append("done")
        except Exception as error:
            outcomes.append(type(error).__name__)

    def claim(session):
        acts.claim(session, actor(session, "hb-lead"), work, f"claim{'0' * 20}")

    def hand_in(n):
        key = f"handin{n}{'0' * 20}"
        return lambda s: acts.hand_in(s, actor(s, "hb-lead"), work, version, key, lambda *_: given)

    threads = [threading.Thread(target=go, args=[a]) for a in (claim, hand_in(1), hand_in(2), hand_in(3))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert outcomes.count("done") in (1, 2)
    with town.read() as session:
        rows = stored(session, case_id)
        assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
        case = session.scalars(select(Case).where(Case.id == case_id)).one()
        head = (case.record_seq, case.record_digest)
        assert audit.walk(case_id, "", rows, head).findings == []


def test_a_light_that_fails_leaves_the_other_chains_whole(town, whole):
    """The savepoint of one light is rolled back; the lights behind it are entered, their heads with them."""
    cases = [town.open("dust-heap", "register") for _ in "123"]
    due = clock.now() + timedelta(days=400)
    fails = []

    def once(session, event):
        if not fails and event.case_id in cases:
            fails.append(event.case_id)
            raise RuntimeError("a room that cannot take part")

    events.install({**FLOW, events.ClockTurned: (*FLOW[events.ClockTurned], once)})
    try:
        with clock.at(due), town.act() as session:
            deadlines.turn_lights(session, due, 500)
    finally:
        events.install(FLOW)
    turned = []
    with town.read() as session:
        for case_id in cases:
            case = session.get(Case, case_id)
            rows = stored(session, case_id)
            assert audit.walk(case_id, "", rows, (case.record_seq, case.record_digest)).findings == []
            turned += [case_id for row in rows if row.kind == "clock.light"]
    assert fails
    assert set(turned) >= set(cases) - set(fails)


@pytest.mark.parametrize("text", [b"{}", b'{"a":"' + b"e" * 64 + b'"}', b'["' + b"0" * 64 + b'"]' * 3])
def test_packing_gives_back_every_byte(text):
    assert unpack(pack(text)) == text


def test_the_dictionary_of_a_released_format_stays_as_it_is():
    known = {n: hashlib.sha256(words).hexdigest()[:16] for n, words in DICTIONARIES.items()}
    assert known == {1: "a616f69bfb15489b"}
