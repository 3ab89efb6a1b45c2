"""The roster of officers changes by orders alone (人员名录变更单): proposed by the agency, confirmed by the legal office,
from the day of the order. What takes away protects, and waits for nobody."""

import re
from datetime import date, timedelta

import pytest
from cases.town import Certificate, Posting, actor, post_to
from sqlalchemy import select

from app.kernel import clock
from app.kernel.errors import Invalid, Refused
from app.orders.models import State
from app.people import rostering
from app.people import service as people
from app.people.administration import NewCertificate
from app.people.models import Account, AccountAct, Officer

from .order_way import PROPOSER, again, examine, newest, order, send, sign, work

NEW = "/roster/orders/new"
PLACE = "roster"


def officer(town, login: str) -> int:
    with town.read() as session:
        return session.scalars(select(Account.officer_id).where(Account.login == login)).one()


def account(town, login: str) -> int:
    with town.read() as session:
        return session.scalars(select(Account.id).where(Account.login == login)).one()


def card(town, login: str, day: date | None = None) -> people.OfficerCard:
    with town.read() as session:
        return people.officer(session, officer(town, login), day)


def said(town, login: str, day: date, **more) -> dict:
    return {
        "officer": str(officer(town, login)), "effective_on": day.isoformat(), "source": "演示局任职文件1号",
        "reason": "工作需要（演示）。", "_version": "1",
    } | more  # fmt: skip


def propose(town, caller, login: str, day: date, **more):
    answer = caller.post(NEW, said(town, login, day, **more), page=NEW)
    assert answer.status_code == 303, re.findall("field-error[^>]*>([^<]+)", answer.get_data(as_text=True))
    return newest(town)


def paper(number: str) -> dict[str, str]:
    return {"paper": "legal", "number": number, "valid_from": "2026-01-01"}


@pytest.mark.requirement("S2-31", part="人员名录")
def test_positions_and_certificates_count_only_when_confirmed_and_from_the_day(town):
    """The administrator's page and the agency's write nothing; signed and its day come, the worker does."""
    day = clock.today() + timedelta(days=20)
    keeper = town.caller(PROPOSER)
    made = propose(town, keeper, "hb-finance", day, positions=["archive"], **paper("演示变更-1"))
    assert "任档案与公示岗" in keeper.get(f"/roster/orders/{made.id}").get_data(as_text=True)
    assert send(town, keeper, made.id, PLACE).status_code == 303
    examine(town, made.id, day.isoformat())

    def holds(on: date | None = None) -> tuple[bool, bool]:
        found = card(town, "hb-finance", on)
        return "archive" in found.positions, bool(found.certificate("legal"))

    assert holds() == (False, False), "not without the signature"
    sign(town, made.id, day.isoformat())
    assert order(town, made.id).state == State.CONFIRMED
    work(town)
    assert holds() == (False, False), "not before its day"
    with clock.at(clock.now() + timedelta(days=20)):
        work(town)
        assert holds() == (True, True)
        assert order(town, made.id).state == State.APPLIED
    assert "archive" not in card(town, "hb-finance", day - timedelta(days=1)).positions
    with town.read() as session:
        acts = session.scalars(
            select(AccountAct).where(AccountAct.account_id == account(town, "hb-finance"))
        ).all()
        assert {act.act for act in acts} >= {"posting_added", "certificate_added"}
        assert all(order(town, made.id).case_no in act.detail["order"] for act in acts)


def test_no_page_of_the_administrator_writes_the_roster(town):
    """Entering a person, a position, a certificate, giving one back, a whole table: all of it becomes a draft of the
    agency, which the agency sends in."""
    admin = town.caller("sf-admin")

    def written() -> list[int]:
        with town.read() as session:
            return [len(session.scalars(select(table.id)).all()) for table in (Posting, Certificate)]

    before = written()
    mark = account(town, "hb-archive")
    page = f"/admin/accounts/{mark}"
    assert admin.post(f"{page}/postings", {"position": "finance"}, page=page).status_code == 303
    again = admin.post(f"{page}/postings", {"position": "finance"}, page=page)
    assert (again.status_code, "已经提出同样的变更" in again.get_data(as_text=True)) == (409, True)
    given = {"kind": "hearing", "number": "演示变更-听", "valid_from": "2026-01-01", "valid_to": ""}
    assert admin.post(f"{page}/certificates", given, page=page).status_code == 303
    with town.read() as session:
        agency = str(people.agency_id_of(session, "370400-04"))
    person = {
        "name": "丁卯（演示）", "login": "hb-added", "agency_id": agency, "roles": ["officer"],
        "positions": ["investigator"], "enforcement_number": "演示变更-执", "enforcement_valid_from": "2026-01-01",
    }  # fmt: skip
    told = admin.post("/admin/accounts/new", person).get_data(as_text=True)
    assert "由所在机关核对后报送司法行政机关确认" in told
    assert written() == before
    assert card(town, "hb-added").positions == frozenset()
    draft = newest(town)
    assert len(draft.content["entries"]) == 4, "one draft of the agency"
    shown = admin.get(page).get_data(as_text=True)
    assert "待确认的名录变更" in shown
    keeper = town.caller(PROPOSER)
    assert "系统管理员拟定了人员名录变更单" in keeper.get("/staff/notices").get_data(as_text=True)
    unfinished = send(town, keeper, draft.id, PLACE)
    assert (unfinished.status_code, "还缺少" in unfinished.get_data(as_text=True)) == (422, True)
    day = clock.today()
    answers = said(town, "hb-archive", day, keep=["0", "1", "2", "3"], _version=str(draft.revision))
    answers.pop("officer")
    edit = f"/roster/orders/{draft.id}/edit"
    assert keeper.post(edit, answers, page=edit).status_code == 303
    assert send(town, keeper, draft.id, PLACE).status_code == 303
    examine(town, draft.id, day.isoformat())
    sign(town, draft.id, day.isoformat())
    assert order(town, draft.id).state == State.APPLIED, "its day has come"
    found = card(town, "hb-added")
    assert (found.positions, found.certificate()) == ({"investigator"}, "演示变更-执")
    assert "finance" in card(town, "hb-archive").positions


def test_what_protects_takes_effect_at_once_and_what_gives_back_waits(town):
    admin = town.caller("sf-admin")
    with town.read() as session:
        held = session.scalars(
            select(Certificate).where(
                Certificate.officer_id == officer(town, "hb-officer3"), Certificate.kind == "enforcement"
            )
        ).one()
        held_id, number = held.id, held.number
    page = f"/admin/accounts/{account(town, 'hb-officer3')}"
    address = f"{page}/certificates/{held_id}"
    assert admin.post(f"{address}/suspend", {"reason": "演示决定3号"}, page=page).status_code == 303
    assert not card(town, "hb-officer3").certificate()
    assert admin.post(f"{address}/restore", page=page).status_code == 303
    assert not card(town, "hb-officer3").certificate(), "giving back waits for the legal office"
    draft = newest(town)
    assert [entry["act"] for entry in draft.content["entries"]] == ["restore"]
    keeper = town.caller(PROPOSER)
    edit = f"/roster/orders/{draft.id}/edit"
    answers = said(town, "hb-officer3", clock.today(), keep=["0"], _version="1")
    answers.pop("officer")
    assert keeper.post(edit, answers, page=edit).status_code == 303
    assert send(town, keeper, draft.id, PLACE).status_code == 303
    examine(town, draft.id, clock.today().isoformat())
    sign(town, draft.id, clock.today().isoformat())
    assert card(town, "hb-officer3").certificate() == number
    posted = next(p for p in card(town, "hb-officer3").postings if p.key == "licence_review")
    assert admin.post(f"{page}/postings/{posted.id}/end", page=page).status_code == 303
    assert "licence_review" not in card(town, "hb-officer3").positions


def test_nobody_has_a_hand_in_the_own_order(town):
    """Not as the one who proposes, not as the one who examines or signs; nor does anybody of another agency propose."""
    day = clock.today() + timedelta(days=3)
    keeper = town.caller(PROPOSER)
    own = keeper.post(NEW, said(town, PROPOSER, day, positions=["archive"]), page=NEW)
    assert own.status_code == 422, "one's own name is not among those to choose from"
    foreign = keeper.post(NEW, said(town, "cg-finance", day, positions=["archive"]), page=NEW)
    assert foreign.status_code == 422
    office = town.caller("sf-review")
    made = propose(town, office, "sf-legal", day, positions=["archive"])
    assert send(town, office, made.id, PLACE).status_code == 303
    with pytest.raises(Refused, match="变更涉及您本人"):
        examine(town, made.id, day.isoformat())
    with town.act() as session:
        post_to(session, "sf-hearing", "legal_review")
        rostering.write(
            session,
            rostering.certificate(
                officer(town, "sf-hearing"),
                "演示",
                NewCertificate(people.CertificateKind.LEGAL, "演示变更-审", date(2020, 1, 1)),
            ),
            clock.today(),
        )
    examine(town, made.id, day.isoformat(), login="sf-hearing")
    with pytest.raises(Invalid) as wrong:
        sign(town, made.id, (day - timedelta(days=1)).isoformat())
    assert "不得早于" in wrong.value.errors["effective_on"][0]
    sign(town, made.id, conclusion="不同意")
    assert order(town, made.id).state == State.REJECTED
    anew = order(town, again(office, made.id, PLACE))
    assert anew.content["entries"] == order(town, made.id).content["entries"], "nothing typed is lost"
    assert (anew.state, anew.reason, anew.digest) == (State.DRAFT, made.reason, "")
    stranger = town.caller("cg-review")
    assert stranger.get(f"/roster/orders/{made.id}").status_code == 404
    assert stranger.get(f"/laws/orders/{made.id}").status_code == 404
    assert town.caller("hb-head").get(NEW).status_code == 403


def test_an_order_that_does_not_fit_on_its_day_changes_nothing_and_says_so(town):
    day = clock.today() + timedelta(days=5)
    keeper = town.caller(PROPOSER)
    made = propose(town, keeper, "hb-intake", day, positions=["complaint"], **paper("演示变更-5"))
    assert send(town, keeper, made.id, PLACE).status_code == 303
    examine(town, made.id, day.isoformat())
    sign(town, made.id, day.isoformat())
    with town.act() as session:
        person = session.get_one(Officer, actor(session, "hb-intake").officer_id)
        person.active = False
    with clock.at(clock.now() + timedelta(days=5)):
        work(town)
    failed = order(town, made.id)
    assert (failed.state, "账号已停用" in failed.trouble) == (State.FAILED, True)
    assert "没有能够调整" in keeper.get("/staff/notices").get_data(as_text=True)
    with town.read() as session:
        assert session.scalar(select(Certificate.id).where(Certificate.number == "演示变更-5")) is None


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"positions": []}, "请选择增加的岗位"),
        ({"positions": ["legal_review"]}, "已经在这个岗位上"),
        ({"positions": ["archive"], "effective_on": "2026-01-01"}, "不能早于"),
        ({"paper": "legal", "number": "", "valid_from": ""}, "请填写此项"),
        ({"paper": "legal", "number": "X", "valid_from": "2026-02-01", "valid_to": "2026-01-01"}, "不能早于"),
    ],
)
def test_what_is_wrong_is_told_and_what_was_typed_stays(town, more, told):
    keeper = town.caller(PROPOSER)
    given = said(town, "hb-legal", clock.today() + timedelta(days=1)) | more
    answer = keeper.post(NEW, given, page=NEW)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert told in page
    assert "工作需要（演示）。" in page
