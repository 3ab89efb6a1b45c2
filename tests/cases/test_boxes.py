"""The boxes of the inbox, what narrows them, and that nobody finds in them what is not theirs."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from app.cases import service as cases
from app.cases.models import Case, Involvement, Part, PartState, Urging, WorkItem
from app.inbox import facets, filters, queries
from app.inbox import service as inbox
from app.inbox.boxes import Box
from app.kernel import clock
from app.kernel.errors import NotFound

from .town import Town, actor, post_to

CASE = "dust-heap"


def task_of(drive, node: str) -> WorkItem:
    (work,) = [one for one in cases.open_work(drive.session, drive.case_id) if one.node == node]
    return work


def ids(session, who, box: Box, **narrowed: list[str]) -> list[int | None]:
    """The tasks of a box, or of what an address makes of it (`not_node` is `not.node`)."""
    arguments = MultiDict(
        (name.replace("not_", "not."), one) for name, some in narrowed.items() for one in some
    )
    session.flush()
    asked = queries.Asked(chosen=filters.read(arguments))
    return [row.id for row in queries.page(session, who, box, asked=asked).rows]


def involve(drive, work: WorkItem, login: str, part: Part, **more) -> Involvement:
    found = actor(drive.session, login)
    made = Involvement(
        case_id=work.case_id,
        work_item_id=work.id,
        agency_id=work.agency_id,
        officer_id=found.officer_id,
        part=part,
        by_id=actor(drive.session, "hb-lead").officer_id,
        at=clock.now(),
        **more,
    )
    drive.session.add(made)
    drive.session.flush()
    return made


def urge(drive, work: WorkItem, login: str | None, said: str = "请抓紧办理。") -> Urging:
    made = Urging(
        case_id=work.case_id,
        work_item_id=work.id,
        agency_id=work.agency_id,
        officer_id=actor(drive.session, login).officer_id if login else None,
        by_id=actor(drive.session, "hb-head").officer_id,
        at=clock.now(),
        said={"note": said},
    )
    drive.session.add(made)
    drive.session.flush()
    return made


@pytest.fixture
def waits(drive):
    """A case whose file the lead has to review."""
    found = drive(CASE, until="lead_review")
    return found, task_of(found, "lead_review")


class TestBoxes:
    def test_who_is_asked_for_an_opinion_finds_it_until_it_is_given(self, waits):
        drive, work = waits
        who = actor(drive.session, "hb-officer2")
        assert work.id not in ids(drive.session, who, Box.OPINIONS)
        part = involve(drive, work, "hb-officer2", Part.SIGNER, said={"note": "请核对数额。"})
        assert ids(drive.session, who, Box.OPINIONS) == [work.id]
        (row,) = inbox.rows(drive.session, inbox.page(drive.session, who, Box.OPINIONS).rows)
        assert (row.said, row.said_by) == ("请核对数额。", actor(drive.session, "hb-lead").name)
        part.state = PartState.DONE
        assert ids(drive.session, who, Box.OPINIONS) == []

    def test_two_requests_for_one_task_are_one_line(self, waits):
        drive, work = waits
        involve(drive, work, "hb-officer2", Part.SIGNER)
        involve(drive, work, "hb-officer2", Part.DELEGATE)
        assert ids(drive.session, actor(drive.session, "hb-officer2"), Box.OPINIONS) == [work.id]

    def test_copies_come_unread_first_and_a_removed_one_is_gone(self, waits):
        drive, work = waits
        who = actor(drive.session, "hb-archive")
        read = involve(drive, work, "hb-archive", Part.COPY, read_at=clock.now())
        other = cases.open_work(drive.session, drive.case_id)[0]
        newer = involve(drive, other, "hb-archive", Part.COPY, read_at=clock.now())
        oldest = involve(drive, work, "hb-archive", Part.COPY)
        page = inbox.page(drive.session, who, Box.COPIED)
        assert [row.place for row in page.rows] == [oldest.id, newer.id, read.id]
        assert [row.unread for row in page.rows] == [True, False, False]
        assert page.counts[Box.COPIED] == 1
        oldest.state = PartState.REMOVED
        drive.session.flush()
        assert [row.place for row in inbox.page(drive.session, who, Box.COPIED).rows] == [newer.id, read.id]

    def test_urged_are_the_tasks_one_still_has(self, waits):
        drive, work = waits
        who, former = actor(drive.session, "hb-lead"), actor(drive.session, "hb-officer1")
        urge(drive, work, "hb-lead", "当事人来电询问。")
        urge(drive, work, "hb-lead", "请本周内办结。")
        urge(drive, work, "hb-officer1")
        assert ids(drive.session, who, Box.URGED) == [work.id]
        assert ids(drive.session, former, Box.URGED) == []
        (row,) = inbox.rows(drive.session, inbox.page(drive.session, who, Box.URGED).rows)
        assert row.urged.times == 3
        box = Box.MINE if work.assignee_id else Box.POSITIONS
        line = next(
            r for r in inbox.rows(drive.session, inbox.page(drive.session, who, box).rows) if r.id == work.id
        )
        assert line.urged.times == 3

    def test_who_may_take_an_urged_task_finds_it(self, waits):
        drive, work = waits
        work.assignee_id = None
        urge(drive, work, None)
        assert ids(drive.session, actor(drive.session, "hb-lead"), Box.URGED) == [work.id]
        assert ids(drive.session, actor(drive.session, "hb-officer1"), Box.URGED) == []
        assert ids(drive.session, actor(drive.session, "szhb-lead"), Box.URGED) == []

    def test_what_one_began_shows_where_it_stands(self, waits):
        drive, work = waits
        who = actor(drive.session, "hb-intake")
        page = inbox.page(drive.session, who, Box.INITIATED)
        (row,) = [row for row in inbox.rows(drive.session, page.rows) if row.case_id == drive.case_id]
        assert (row.id, row.name, row.due is not None) == (work.id, work.name, True)

    def test_to_watch_gives_no_right_to_see(self, waits):
        drive, work = waits
        insider, outsider = actor(drive.session, "hb-officer1"), actor(drive.session, "hb-finance")
        for login in ("hb-officer1", "hb-finance"):
            involve(drive, work, login, Part.WATCH)
        cases.case(drive.session, insider, drive.case_id)
        assert [r.case_id for r in inbox.page(drive.session, insider, Box.WATCHED).rows] == [drive.case_id]
        assert inbox.page(drive.session, outsider, Box.WATCHED).rows == []
        with pytest.raises(NotFound):
            cases.case(drive.session, outsider, drive.case_id)
        assert facets.count(drive.session, outsider, Box.WATCHED, (), filters.NONE).sampled == 0

    def test_a_head_finds_every_task_of_the_agency_and_nobody_else_does(self, waits):
        drive, work = waits
        assert work.id in ids(drive.session, actor(drive.session, "hb-head"), Box.AGENCY)
        assert work.id in ids(drive.session, actor(drive.session, "hb-deputy"), Box.AGENCY, node=[work.name])
        for login in ("hb-lead", "hb-officer1", "szhb-head"):
            who = actor(drive.session, login)
            assert (
                ids(drive.session, who, Box.AGENCY)
                == ids(drive.session, who, Box.AGENCY, not_two=["yes"])
                == []
            )

    def test_a_case_watched_twice_is_one_line(self, waits):
        drive, work = waits
        involve(drive, work, "hb-officer1", Part.WATCH)
        newest = involve(drive, work, "hb-officer1", Part.WATCH)
        page = inbox.page(drive.session, actor(drive.session, "hb-officer1"), Box.WATCHED)
        assert [row.place for row in page.rows] == [newest.id]


class TestFilters:
    @pytest.fixture
    def lead(self, waits):
        drive, work = waits
        work.assignee_id = actor(drive.session, "hb-lead").officer_id
        drive.session.flush()
        return drive, work, actor(drive.session, "hb-lead")

    @pytest.mark.parametrize(
        ("name", "value"),
        [("node", None), ("position", "team_lead"), ("two", "no"), ("returned", "no"), ("urged", "no"),
         ("kind", "penalty"), ("field", "STHJ")],
    )  # fmt: skip
    def test_every_facet_includes_and_excludes(self, lead, name, value):
        drive, work, who = lead
        value = value or work.name
        assert work.id in ids(drive.session, who, Box.MINE, **{name: [value]})
        assert work.id not in ids(drive.session, who, Box.MINE, **{f"not_{name}": [value]})

    def test_by_item_and_holder(self, lead):
        drive, work, who = lead
        item = drive.session.get(Case, drive.case_id).item_id
        for name, value in (("item", str(item)), ("holder", str(who.officer_id))):
            assert work.id in ids(drive.session, who, Box.MINE, **{name: [value]})
            assert work.id not in ids(drive.session, who, Box.MINE, **{f"not_{name}": [value]})
            assert work.id not in ids(drive.session, who, Box.MINE, **{name: ["999999"]})

    def test_lights_follow_the_clock(self, lead):
        drive, work, who = lead

        def light() -> list[str]:
            return [
                one
                for one in filters.FACETS["light"].words
                if work.id in ids(drive.session, who, Box.MINE, light=[one])
            ]

        with clock.at(work.due_at + timedelta(days=1)):
            assert light() == ["overdue"]
            assert work.id in ids(drive.session, who, Box.MINE, not_light=["normal", "warning"])
        with clock.at(work.opened_at + timedelta(minutes=1)):
            assert light() in (["normal"], ["warning"])

    def test_spans_of_days(self, lead):
        drive, work, who = lead
        day = work.opened_at.astimezone(clock.CHINA).date()
        before, after = day - timedelta(days=1), day + timedelta(days=1)
        assert work.id in ids(drive.session, who, Box.MINE, opened_from=[str(day)], opened_to=[str(day)])
        assert work.id not in ids(drive.session, who, Box.MINE, opened_from=[str(after)])
        assert work.id not in ids(drive.session, who, Box.MINE, opened_to=[str(before)])
        due = work.due_at.astimezone(clock.CHINA).date()
        assert work.id in ids(drive.session, who, Box.MINE, due_to=[str(due)])
        assert work.id not in ids(drive.session, who, Box.MINE, due_to=[str(due - timedelta(days=2))])

    def test_urged_tasks_alone(self, lead):
        drive, work, who = lead
        assert work.id not in ids(drive.session, who, Box.MINE, urged=["yes"])
        urge(drive, work, "hb-lead")
        assert work.id in ids(drive.session, who, Box.MINE, urged=["yes"])
        assert work.id not in ids(drive.session, who, Box.MINE, urged=["no"])

    def test_conditions_hold_together_and_nonsense_is_left_out(self, lead):
        drive, work, who = lead
        assert work.id in ids(drive.session, who, Box.MINE, node=[work.name], position=["team_lead"])
        assert work.id not in ids(drive.session, who, Box.MINE, node=[work.name], two=["yes"])
        assert work.id in ids(drive.session, who, Box.MINE, light=["blue"], item=["x"], opened_from=["soon"])

    def test_a_filter_goes_into_an_address_and_comes_back(self):
        given = MultiDict([("node", "办案机构审核"), ("not.light", "none"), ("opened_from", "2026-01-05")])
        chosen = filters.read(given)
        assert filters.read(MultiDict(chosen.pairs())) == chosen
        assert filters.read(filters.Kept(chosen.told())) == chosen
        assert (
            not chosen.turned("node", "办案机构审核", "").turned("light", "none", "").undated("opened_from")
        )


class TestFacets:
    def test_counts_leave_their_own_facet_aside(self, waits):
        drive, work = waits
        work.assignee_id = actor(drive.session, "hb-lead").officer_id
        drive.session.flush()
        who = actor(drive.session, "hb-lead")
        chosen = filters.read(MultiDict([("not.returned", "no")]))
        found = facets.count(drive.session, who, Box.MINE, (), chosen)
        (group,) = [group for group in found.groups if group.name == "returned"]
        counted = {value.value: value for value in group.values}
        assert counted["no"].count == found.sampled
        assert (counted["no"].state, found.total) == ("without", 0)

    def test_another_agency_is_in_no_count(self, waits):
        drive, work = waits
        stranger = actor(drive.session, "szhb-lead")
        for box in Box:
            found = facets.count(drive.session, stranger, box, (), filters.NONE)
            assert work.name not in {value.label for group in found.groups for value in group.values}
            assert found.sampled == 0


def test_a_position_given_up_shows_nothing_more(waits):
    drive, work = waits
    work.assignee_id = None
    drive.session.flush()
    post_to(drive.session, "hb-archive", "team_lead")
    assert work.id in ids(drive.session, actor(drive.session, "hb-archive"), Box.POSITIONS)
    assert work.id not in ids(drive.session, actor(drive.session, "hb-finance"), Box.POSITIONS)


@pytest.fixture(scope="module")
def opened() -> dict[str, int]:
    """Cases of the town that were driven once."""
    return {}


class TestPages:
    """Through the browser of somebody else: no box, filter or search shows another agency's case."""

    STRANGERS = ("szhb-officer1", "hb-head", "szsf-legal")

    @pytest.fixture
    def prey(self, town: Town, opened: dict[str, int]) -> tuple[int, str]:
        if not opened:
            opened["prey"] = town.open("rubble-field", "serve")
        case_id = opened["prey"]
        with town.read() as session:
            return case_id, session.scalars(select(Case.title).where(Case.id == case_id)).one()

    @pytest.mark.parametrize("box", list(Box))
    def test_nothing_of_another_agency(self, town: Town, prey, box):
        case_id, title = prey
        for login in self.STRANGERS:
            who = town.caller(login)
            for more in (
                "",
                f"&q={quote(title[:4])}",
                f"&q={quote('建筑垃圾')}&where=text",
                "&not.two=yes",
                "&panel=1",
            ):
                page = who.get(f"/inbox?box={box}{more}").get_data(as_text=True)
                assert title not in page.replace(quote(title), "")
                assert f"/cases/{case_id}" not in page
