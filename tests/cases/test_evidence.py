"""Evidence of a case: registered, described, set aside, listed; the investigation ends only when list and files agree."""

import os
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.audit import service as audit
from app.cases import service as cases
from app.cases.evidence import facts
from app.cases.models import Case, Evidence
from app.kernel import clock, files
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused

from .town import actor, answers, confirm, hand_in, waiting

TOLD = {"title": "门头照片", "kind": "书证", "proves": "经营场所", "copy": "original", "by": "演示"}
evidence = cases.evidence


def stored(name: str = "IMG_1.jpg") -> dict:
    content = b"\xff\xd8\xff" + os.urandom(40)
    return {"name": name, "digest": files.put(content), "size": len(content), "type": "image/jpeg"}


def add(
    drive, login: str = "hb-officer1", node: str = "report", file: dict | None = None, at=None, key: str = ""
):
    file = file or stored()
    work = waiting(drive.session, drive.case_id, node)
    with clock.at(drive.moment):
        done = evidence.register(
            drive.session,
            actor(drive.session, login),
            work.id,
            key or drive.key(),
            evidence.Piece(file, TOLD, at),
        )
    return file, done


def settle(drive, file: dict, *, out: bool = True, reason: str = "与本案无关。"):
    work = waiting(drive.session, drive.case_id, "report")
    with clock.at(drive.moment):
        return evidence.settle(
            drive.session,
            actor(drive.session, "hb-officer1"),
            work.id,
            drive.key(),
            file["digest"],
            reason,
            out=out,
        )


def refused(drive, **changes) -> str:
    with pytest.raises(Refused) as caught:
        hand_in(drive, "report", "hb-officer1", **changes)
    assert caught.value.code == "evidence_list"
    assert "第四十六条" in caught.value.article
    return caught.value.message


def rows(drive) -> list[dict]:
    return answers(drive, "penalty_report")["evidence"]


def listing(drive, **options):
    return evidence.listing(drive.session, drive.session.get_one(Case, drive.case_id), **options)


@pytest.mark.requirement("S2-25", part="清单缺附件")
def test_an_entry_without_its_file_keeps_the_investigation_open(stage):
    case = stage("dust-heap", until="report")
    bare = [{**row, "file": None} for row in rows(case)]
    assert "清单第 1 项" in refused(case, evidence=bare)


@pytest.mark.requirement("S2-25", part="附件未入清单")
def test_a_file_that_is_left_out_is_named(stage):
    case = stage("dust-heap", until="report")
    assert "没有列入清单" in refused(case, evidence=rows(case)[1:])
    assert rows(case)[0]["file"]["name"] in refused(case, evidence=rows(case)[1:])


def test_a_registered_file_belongs_into_the_list(stage):
    case = stage("dust-heap", until="report")
    file, done = add(case)
    assert done.outcome == "evidence"
    assert "“证据登记”的文件“门头照片”没有列入清单" in refused(case)
    listed = [*rows(case), {"kind": "书证", "name": "门头照片", "proves": "经营场所", "file": file}]
    assert hand_in(case, "report", "hb-officer1", evidence=listed).outcome == "cosign"


def test_what_is_set_aside_with_its_reason_need_not_be_listed(stage):
    case = stage("dust-heap", until="report")
    file, _ = add(case)
    with pytest.raises(Invalid):
        settle(case, file, reason="  ")
    settle(case, file)
    assert [line.title for line in listing(case).out] == ["门头照片"]
    settle(case, file, out=False)
    refused(case)
    settle(case, file)
    assert hand_in(case, "report", "hb-officer1").outcome == "cosign"
    kinds = [entry.kind for entry in audit.of_case(case.session, case.case_id)]
    assert kinds.count("evidence.set_aside") == 2


def test_a_file_that_came_with_a_form_is_set_aside_too(stage):
    case = stage("dust-heap", until="report")
    first = rows(case)[0]["file"]
    settle(case, first, reason="来源不明，不能查证属实。")
    assert hand_in(case, "report", "hb-officer1", evidence=rows(case)[1:]).outcome == "cosign"


def test_stored_files_are_compared_with_their_digests_when_it_counts(stage, monkeypatch):
    case = stage("dust-heap", until="report")
    lost = rows(case)[0]["file"]["digest"]
    whole = files.intact
    monkeypatch.setattr(facts.files, "intact", lambda digest: digest != lost and whole(digest))
    assert "校验值" in refused(case)


def test_a_file_that_vanished_before_the_confirmation_is_noticed_then(stage, monkeypatch):
    case = stage("dust-heap", until="report")
    hand_in(case, "report", "hb-officer1")
    monkeypatch.setattr(facts.files, "intact", lambda digest: False)
    with pytest.raises(Refused) as caught:
        confirm(case, "report", "hb-officer2")
    assert caught.value.code == "evidence_list"


def test_the_same_request_again_and_the_same_file_again(stage):
    case = stage("dust-heap", until="report")
    file, first = add(case, key="k" * 20)
    _, again = add(case, file=file, key="k" * 20)
    assert first == again
    with pytest.raises(Conflict, match="已经登记过"):
        add(case, file=file)
    assert len(case.session.scalars(select(Evidence).where(Evidence.case_id == case.case_id)).all()) == 1


@pytest.mark.parametrize("login", ["hb-legal", "hb-head", "hb-intake"])
def test_who_does_not_investigate_adds_nothing(stage, login):
    case = stage("dust-heap", until="report")
    with pytest.raises((Forbidden, NotFound)):
        add(case, login)


def test_after_the_investigation_nothing_is_added(stage):
    case = stage("dust-heap", until="pre_review")
    with pytest.raises((Forbidden, NotFound)):
        add(case, "hb-officer1", "pre_review")


@pytest.mark.requirement("S2-28", part="偏差标出")
def test_times_that_must_be_seen_are_marked(stage):
    case = stage("dust-heap", until="report")
    opened = waiting(case.session, case.case_id, "report").opened_at
    now = max(case.moment, opened) + timedelta(days=3)
    assert evidence.marks_of(None, now, opened) == []
    assert evidence.marks_of(now - timedelta(hours=1), now, opened) == []
    assert evidence.marks_of(now + timedelta(hours=1), now, opened) == ["after_entry"]
    assert evidence.marks_of(now - timedelta(hours=25), now, opened) == ["late_entry"]
    assert evidence.marks_of(opened - timedelta(days=400), now, opened) == ["before_task", "late_entry"]


def test_the_page_tells_whether_all_agrees(stage):
    case = stage("dust-heap", until="report")
    page = listing(case, check=True)
    assert page.agrees
    assert page.checked
    assert not page.handed_in
    assert {line.state for line in page.lines} == {"ok"}
    add(case)
    page = listing(case)
    assert not page.agrees
    assert [line.title for line in page.unlisted] == ["门头照片"]


def test_what_is_told_of_it_is_sealed(stage):
    case = stage("dust-heap", until="report")
    add(case)
    raw = case.session.connection().exec_driver_sql("select said::text from evidence").scalars().all()
    assert all("门头照片".encode().hex() not in text for text in raw)


def test_more_can_be_said_of_it(stage):
    case = stage("dust-heap", until="report")
    file, _ = add(case)
    work = waiting(case.session, case.case_id, "report")
    told = evidence.told_of({**TOLD, "title": "正门照片", "source": "当事人提供"})
    evidence.amend(
        case.session, actor(case.session, "hb-officer1"), work.id, case.key(), file["digest"], told
    )
    [line] = listing(case).unlisted
    assert (line.title, line.piece.said["source"]) == ("正门照片", "当事人提供")
    assert "正门照片" not in evidence.to_prove(case.session, case.session.get_one(Case, case.case_id))
    with pytest.raises(Invalid) as caught:
        evidence.told_of({"title": "", "kind": "石头", "copy": "x", "place": "长" * 300})
    assert set(caught.value.errors) == {"title", "kind", "proves", "copy", "place"}
