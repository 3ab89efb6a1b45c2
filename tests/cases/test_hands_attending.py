"""抄送、催办、关注: what moves no task and lets nobody act."""

from datetime import timedelta

import pytest

from app.cases import acts
from app.cases import service as cases
from app.cases.desk_acts import ACTS
from app.cases.models import CaseStatus, Involvement, Urging
from app.kernel import clock
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused

from .town import actor, hand_in, waiting


def do(desk, case, login, work, name, *, key=None, version=None, at=None, **given):
    with clock.at(at or case.moment):
        return cases.desk_act(
            desk,
            actor(desk, login),
            work.id,
            work.version if version is None else version,
            key or case.key(),
            name,
            given,
        )


def officer(desk, login):
    return actor(desk, login).officer_id


@pytest.fixture
def taken(stage, desk):
    case = stage("dust-heap", until="check")
    work = waiting(desk, case.case_id, "check")
    acts.claim(desk, actor(desk, "hb-officer1"), work.id, case.key())
    return case, work


def test_a_copy_lets_people_read_and_nothing_else(taken, desk):
    case, work = taken
    reader = actor(desk, "hb-finance")
    with pytest.raises(NotFound):
        cases.desk(desk, reader, work.id)
    to = [str(officer(desk, login)) for login in ("hb-finance", "hb-archive")]
    key = case.key()
    done = do(desk, case, "hb-officer1", work, "copy", key=key, to=to, note="请提前准备票据")
    assert do(desk, case, "hb-officer1", work, "copy", key=key, to=to, note="请提前准备票据") == done
    assert desk.query(Involvement).filter_by(work_item_id=work.id, part="copy").count() == 2
    assert cases.desk(desk, reader, work.id).work.id == work.id
    assert cases.case(desk, reader, case.case_id).id == case.case_id
    assert case.case_id in {found.id for found in cases.cases(desk, reader).cases}
    assert case.case_id not in {found.id for found in cases.cases(desk, actor(desk, "hb-hearing")).cases}
    for name, given in {"transfer": {"to": to[0], "reason": "理由"}, "release": {"reason": "理由"}}.items():
        with pytest.raises(Forbidden):
            do(desk, case, "hb-finance", work, name, **given)
    with pytest.raises(Conflict):
        hand_in(case, "check", "hb-finance")
    with pytest.raises(Conflict):
        acts.claim(desk, reader, work.id, case.key())


def test_a_copy_is_read_when_it_is_opened(taken, desk):
    case, work = taken
    do(desk, case, "hb-officer1", work, "copy", to=[str(officer(desk, "hb-finance"))], note="")
    reader = actor(desk, "hb-finance")
    assert cases.read_copies(desk, actor(desk, "hb-archive"), work.id) == 0
    assert [cases.read_copies(desk, reader, work.id) for _ in range(2)] == [1, 0]
    part = desk.query(Involvement).filter_by(work_item_id=work.id, part="copy").one()
    assert (part.state, part.read_at is not None) == ("done", True)
    with pytest.raises(Invalid) as caught:
        do(desk, case, "hb-officer1", work, "copy", to=[str(reader.officer_id)], note="")
    assert "已经抄送" in caught.value.errors["to"][0]


@pytest.mark.parametrize("to", [[], ["hb-nobody"], ["szhb-officer1"]])
def test_a_copy_goes_to_officers_of_the_own_agency_alone(taken, desk, to):
    case, work = taken
    ids = [str(officer(desk, login)) if login != "hb-nobody" else "987654321" for login in to]
    with pytest.raises(Invalid) as caught:
        do(desk, case, "hb-officer1", work, "copy", to=ids, note="")
    assert "to" in caught.value.errors


def test_only_who_handles_a_task_or_gives_it_out_copies_it(taken, desk):
    case, work = taken
    to = [str(officer(desk, "hb-finance"))]
    with pytest.raises(Forbidden):
        do(desk, case, "hb-officer2", work, "copy", to=to, note="")
    with pytest.raises(NotFound):
        do(desk, case, "hb-archive", work, "copy", to=to, note="")
    with pytest.raises(Conflict):
        do(desk, case, "hb-officer1", work, "copy", version=work.version + 1, to=to, note="")
    do(desk, case, "hb-head", work, "copy", to=to, note="")


def test_urging_is_seen_by_whom_it_concerns_and_not_repeated_for_four_hours(taken, desk):
    case, work = taken
    key, version = case.key(), work.version
    done = do(desk, case, "hb-intake", work, "urge", key=key, note="举报人来电询问")
    assert do(desk, case, "hb-intake", work, "urge", key=key, note="举报人来电询问") == done
    assert work.version == version
    found = cases.urged(desk, [work.id])[work.id]
    assert (found.count, found.last.note) == (1, "举报人来电询问")
    assert desk.query(Urging).filter_by(work_item_id=work.id).one().officer_id == officer(desk, "hb-officer1")
    with pytest.raises(Refused) as caught:
        do(
            desk,
            case,
            "hb-intake",
            work,
            "urge",
            note="再催",
            at=case.moment + timedelta(hours=3, minutes=59),
        )
    assert "4 小时内不重复催办" in caught.value.message
    do(desk, case, "hb-head", work, "urge", note="请本周内核查")
    do(desk, case, "hb-intake", work, "urge", note="再催", at=case.moment + timedelta(hours=4))
    assert cases.urged(desk, [work.id])[work.id].count == 3
    assert [u.note for u in cases.urgings(desk, work.id)] == ["再催", "请本周内核查", "举报人来电询问"]
    assert cases.desk(desk, actor(desk, "hb-officer1"), work.id).urged == 3


def test_nobody_urges_himself_nor_what_he_cannot_see(taken, desk):
    case, work = taken
    with pytest.raises(Forbidden):
        do(desk, case, "hb-officer1", work, "urge", note="快")
    for login in ("hb-finance", "szhb-officer1"):
        with pytest.raises(NotFound):
            do(desk, case, login, work, "urge", note="快")
    with pytest.raises(Invalid):
        do(desk, case, "hb-intake", work, "urge", note=" ")


def test_whoever_is_waited_for_is_urged(taken, desk):
    case, work = taken
    hand_in(case, "check", "hb-officer1")
    work = waiting(desk, case.case_id, "check")
    second = desk.get(type(work), work.id).cosigner_id
    with pytest.raises(Forbidden):
        do(desk, case, "hb-officer2", work, "urge", note="请确认")
    do(desk, case, "hb-officer1", work, "urge", note="请确认")
    assert desk.query(Urging).filter_by(work_item_id=work.id).one().officer_id == second


def test_watching_is_one_s_own_and_gives_no_access(taken, desk):
    case, work = taken
    do(desk, case, "hb-intake", work, "watch")
    with pytest.raises(Forbidden):
        do(desk, case, "hb-intake", work, "watch")
    with pytest.raises(NotFound):
        cases.work_item(desk, actor(desk, "hb-intake"), work.id)
    with pytest.raises(NotFound):
        do(desk, case, "hb-finance", work, "watch")
    with pytest.raises(Forbidden):
        do(desk, case, "hb-officer1", work, "watch")
    do(desk, case, "hb-intake", work, "unwatch")
    with pytest.raises(Forbidden):
        do(desk, case, "hb-intake", work, "unwatch")
    do(desk, case, "hb-intake", work, "watch")


def test_over_http_urge_and_copy_once_each_and_the_page_shows_them(town):
    case_id = town.open("dust-heap", "check")
    work_id, version = town.work(case_id, "check")
    intake, owner, reader = (town.caller(login) for login in ("hb-intake", "hb-officer1", "hb-finance"))
    tokens = {who: who.token("/account") for who in (intake, owner, reader)}

    def post(who, name, key, **given):
        path = f"/work/{work_id}/acts/{name}"
        sent = {
            "_csrf": tokens[who],
            "_key": key * 32,
            "_version": str(town.work(case_id, "check")[1]),
            **given,
        }
        return who.bare_post(path, sent).status_code

    assert intake.get(f"/work/{work_id}/acts/urge").status_code == 200
    assert [post(intake, "urge", "a", note="请尽快核查") for _ in range(2)] == [303, 303]
    assert post(intake, "urge", "b", note="请尽快核查") == 422
    assert post(reader, "urge", "c", note="请尽快核查") == 404
    owner.bare_post(
        f"/work/{work_id}/claim", {"_csrf": tokens[owner], "_key": "d" * 32, "_version": str(version)}
    )
    page = owner.get(f"/work/{work_id}").get_data(as_text=True)
    assert "已被催办 1 次" in page
    assert "请尽快核查" in page
    assert reader.get(f"/work/{work_id}").status_code == 404
    with town.read() as session:
        to = str(actor(session, "hb-finance").officer_id)
    assert [post(owner, "copy", "e", to=to, note="请阅") for _ in range(2)] == [303, 303]
    page = reader.get(f"/work/{work_id}").get_data(as_text=True)
    assert "抄送给您" in page
    assert "请阅" in page
    assert "data-primary" not in page
    with town.read() as session:
        part = session.query(Involvement).filter_by(work_item_id=work_id, part="copy").one()
        assert part.state == "done"
    assert post(reader, "copy", "f", to=to, note="") == 403
    assert post(owner, "copy", "g", to=to, note="") == 422


def test_in_a_closed_case_nothing_moves_and_only_watching_ends(taken, desk):
    case, work = taken
    do(desk, case, "hb-intake", work, "watch")
    cases.lock(desk, case.case_id).case.status = CaseStatus.CLOSED
    for act in ACTS:
        if act.closed:
            continue
        with pytest.raises(Refused) as caught:
            do(desk, case, "hb-officer1", work, act.name)
        assert caught.value.code == "closed"
    do(desk, case, "hb-intake", work, "unwatch")
