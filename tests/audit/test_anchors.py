"""The anchors: daily, signed, in the database and beside it; whoever bends either is found."""

import hashlib
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app.audit import anchors, merkle
from app.audit import service as audit
from app.audit.lines import canonical
from app.audit.models import RecordAnchor
from app.kernel import clock, jobs
from app.kernel.errors import Conflict
from app.kernel.models import Job
from app.serve import set_aside

from .test_chain import codes, entry, rewrite, stored


def messages(found):
    return " ".join(f.message for f in found if f.where == "锚定")


def leaf(n: int) -> merkle.Leaf:
    return merkle.Leaf(n, n + 1, hashlib.sha256(str(n).encode()).digest())


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13])
def test_every_leaf_has_a_short_way_to_the_root(size):
    hashes = [leaf(n).hash() for n in range(size)]
    for place in range(size):
        found = hashes[place]
        for side, sibling in merkle.proof(hashes, place):
            pair = (bytes.fromhex(sibling), found) if side == "left" else (found, bytes.fromhex(sibling))
            found = hashlib.sha256(b"\1" + pair[0] + pair[1]).digest()
        assert found == merkle.root(hashes)


def test_an_anchor_covers_what_changed_and_names_the_one_before(forger, whole):
    (_, first), (_, second) = anchors.all_of(forger)
    assert second.told["previous"] == first.digest
    assert [each.case_id for each in anchors.leaves_of(forger, 1)] == [whole["done"], whole["under_way"]]
    assert whole["later"] in [each.case_id for each in anchors.leaves_of(forger, 2)]
    assert first.told["entries"] == sum(each.seq for each in anchors.leaves_of(forger, 1))


def test_only_changed_chains_are_anchored_again(town, whole, forger):
    with clock.at(clock.now() + timedelta(hours=2)):
        assert anchors.take(forger).told["cases"] >= 1, "what was written after the second anchor's mark"
    with clock.at(clock.now() + timedelta(hours=4)):
        assert anchors.take(forger).told["cases"] == 0


def test_an_anchor_that_was_changed_is_named(forger, findings, whole):
    row = forger.get(RecordAnchor, 1)
    told = {**json.loads(row.line), "day": "2020-01-01"}
    forger.execute(
        text("update record_anchor set line = :line where number = 1"), {"line": canonical(told).decode()}
    )
    found = messages(findings())
    assert "第1号锚定的签名不符" in found
    assert "第2号锚定与前一号不衔接" in found
    assert "第1号锚定在数据库和文件中不同" in found


def test_a_removed_anchor_is_named(forger, findings, whole):
    forger.execute(text("delete from record_anchor where number = 1"))
    assert "数据库缺少第1号锚定" in messages(findings())


def test_the_newest_anchor_removed_is_missed_in_the_database(forger, findings, whole):
    forger.execute(text("delete from record_anchor where number = 2"))
    assert "有第2号锚定而数据库没有" in messages(findings())


def test_changed_leaves_do_not_fit_the_root(forger, findings, whole):
    forger.execute(text("update record_leaves set packed = substr(packed, 45) where number = 1"))
    assert "第1号锚定所列的2个办件与其根摘要不符" in messages(findings())


def test_the_whole_database_rewritten_contradicts_the_file(forger, findings, whole):
    """Chain, head, leaves and anchors all made to fit, with the key: the file still knows better, and the case's row
    is no longer as the platform sealed it."""
    case_id = whole["done"]
    entries = [entry(case_id, row) for row in stored(forger, case_id)]
    rewrite(forger, case_id, [replace(entries[0], actor_name="别人"), *entries[1:]])
    forger.execute(text("delete from record_anchor"))
    forger.execute(text("delete from record_leaves"))
    for _ in "12":
        anchors.take(forger)
    found = findings()
    assert codes(found, case_id) == [("seal", None)]
    assert "第1号锚定在数据库和文件中不同" in messages(found)


def test_nobody_signs_without_the_key(forger, findings, whole, monkeypatch):
    with monkeypatch.context() as stolen:
        stolen.setattr(anchors, "key", lambda: b"a guess")
        forger.execute(text("delete from record_anchor"))
        forger.execute(text("delete from record_leaves"))
        anchors.take(forger)
    assert "第1号锚定的签名不符" in messages(findings())


@pytest.mark.parametrize(
    ("bend", "told"),
    [
        (lambda lines: [lines[0].replace("entries", "entrees"), lines[1]], "第1行（第1号锚定）的签名不符"),
        (lambda lines: lines[1:], "不连续"),
        (lambda lines: lines[:1], "锚定文件缺少第2号锚定"),
        (lambda lines: [lines[1], lines[0]], "不连续"),
        (lambda lines: ["nonsense", *lines], "第1行无法识别"),
    ],
)
def test_a_bent_file_is_named(anchor_lines, findings, whole, bend, told):
    bent = bend(anchor_lines.read_text().splitlines())
    anchor_lines.write_text("\n".join(bent) + "\n")
    assert told in messages(findings())


def test_a_file_that_is_gone_is_missed(anchor_lines, findings, whole):
    anchor_lines.unlink()
    assert "找不到锚定文件" in messages(findings())


def test_the_file_is_not_continued_over_a_contradiction(town, anchor_lines, whole):
    lines = anchor_lines.read_text().splitlines()
    bent = json.loads(lines[0])
    bent["mac"] = "00" * 32
    anchor_lines.write_text(json.dumps(bent) + "\n" + lines[1] + "\n")
    before = anchor_lines.read_bytes()
    with pytest.raises(Conflict), town.act() as session:
        audit.store(session)
    assert anchor_lines.read_bytes() == before


def test_a_torn_last_line_is_written_again(town, anchor_lines, findings, whole):
    lines = anchor_lines.read_text().splitlines()
    anchor_lines.write_text(lines[0] + "\n" + lines[1][:40])
    with town.act() as session:
        audit.store(session)
    assert len(anchor_lines.read_text().splitlines()) == 3
    assert "缺少" not in messages(findings())


def test_a_lawful_restoration_is_noted_in_the_file(forger, findings, anchor_lines, whole):
    forger.execute(text("delete from record_anchor where number = 2"))
    forger.execute(text("delete from record_leaves where number = 2"))
    assert audit.restored(forger, "磁盘损坏，恢复昨日备份") == 1
    assert findings() == []
    anchors.take(forger)
    audit.store(forger)
    assert findings() == []
    assert len(anchor_lines.read_text().splitlines()) == 4


def test_the_worker_anchors_once_a_day_and_writes_the_file(town, whole, anchor_lines, two_anchors):
    with town.app.app_context():
        now = clock.now()
        jobs._registry.inserted.pop("audit.anchor", None)
        for _ in "12":
            jobs.run_periodic(now)
            jobs.run_due(now)
            jobs.run_effects(clock.now())
    with town.read() as session:
        known = anchors.all_of(session)
        failed = session.scalars(select(Job.error).where(Job.kind.like("%anchor%"), Job.error != "")).all()
    assert failed == []
    assert len(known) == 3
    assert len(anchor_lines.read_text().splitlines()) == 3


def test_anchors_of_an_emptied_database_are_set_aside_and_kept(tmp_path):
    folder = tmp_path / "anchors"
    set_aside(folder)
    folder.mkdir()
    (folder / "anchors.jsonl").write_text("{}")
    set_aside(folder)
    assert not folder.exists()
    assert len(list(tmp_path.glob("anchors-until-*/anchors.jsonl"))) == 1
