"""Which version of an item counts is decided by the day; the worker only brings the item's row to it, once."""

from datetime import UTC, date, datetime, timedelta

import pytest
from callers import cheap_hashes, city
from sqlalchemy import func, select, update

from app.catalogue import item_versions
from app.catalogue import service as catalogue
from app.catalogue.models import Change, ItemVersion, PowerItem
from app.kernel import clock
from app.kernel.errors import Conflict, NotFound
from app.people.models import Agency

__all__ = ["cheap_hashes", "city"]
NOW = datetime(2026, 3, 2, 2, tzinfo=UTC)
DAY = date(2026, 4, 1)
WRITTEN = {
    "code": "ZZ-02-CS-001",
    "name": "对演示行为的处罚（演示）",
    "type": "penalty",
    "procedure": "penalty/ordinary",
    "basis": ["《演示条例》第一条"],
    "content": {"kinds": ["罚款"]},
}


@pytest.fixture(autouse=True)
def today():
    with clock.at(NOW):
        yield


@pytest.fixture
def agencies(session, city) -> dict[str, int]:
    return dict(session.execute(select(Agency.code, Agency.id)).all())


@pytest.fixture
def item(session, agencies) -> PowerItem:
    made = catalogue.add(session, agencies["370400-04"], WRITTEN)
    session.flush()
    return made


def version(session, item: PowerItem, change: Change = Change.ADJUST, **said) -> ItemVersion:
    """A draft that says the same as the item but for what is given."""
    now = clock.now()
    values = {
        **dict.fromkeys(("name", "kind", "procedure", "basis", "content")),
        **{name: getattr(item, name) for name in ("name", "kind", "procedure", "basis", "content")},
        **said,
    }
    made = ItemVersion(item_id=item.id, agency_id=item.agency_id, change=change, state="audit", elements={},
                       created_at=now, created_by="演示", updated_at=now, checks=[], **values)  # fmt: skip
    session.add(made)
    session.flush()
    return made


def on(session, item: PowerItem, day: date) -> catalogue.Item:
    return catalogue.item(session, item.id, day)


def test_what_is_taken_over_always_counted(session, item):
    found = on(session, item, date(1999, 1, 1))
    assert (found.version, found.status, found.content["kinds"]) == (1, "published", ["罚款"])


def test_a_version_counts_from_its_day_and_not_before(session, item):
    new = version(session, item, content={"kinds": ["警告"]})
    item_versions.approve(session, new, DAY, NOW)
    before, after = on(session, item, DAY - timedelta(days=1)), on(session, item, DAY)
    assert (before.version, before.content["kinds"]) == (1, ["罚款"])
    assert (after.version, after.content["kinds"]) == (2, ["警告"])


def test_a_version_never_reaches_back_to_what_was_opened_before(session, item):
    new = version(session, item)
    for day in (clock.today(), clock.today() - timedelta(days=1)):
        with pytest.raises(Conflict, match="晚于公布当日"):
            item_versions.approve(session, new, day, NOW)


def test_the_worker_brings_the_row_to_it_once(session, item):
    new = version(session, item, name="改了名称的事项（演示）")
    item_versions.approve(session, new, DAY, NOW)
    noon = datetime(2026, 4, 1, 4, tzinfo=UTC)
    assert item_versions.apply_due(session, NOW, 10) == 0
    assert item.name == WRITTEN["name"]
    with clock.at(noon):
        assert item_versions.apply_due(session, noon, 10) == 1
        assert item_versions.apply_due(session, noon, 10) == 0
    assert (item.name, new.applied_at) == ("改了名称的事项（演示）", noon)


def test_nobody_waits_for_the_worker(session, item):
    """What may be opened follows the day, even where the worker stands still."""
    item_versions.approve(session, version(session, item, Change.ABOLISH), DAY, NOW)
    assert catalogue.published(session, item.agency_id, item.id).version == 1
    with clock.at(datetime(2026, 3, 31, 16, tzinfo=UTC)), pytest.raises(NotFound):  # midnight in China
        catalogue.published(session, item.agency_id, item.id)


def test_an_abolished_item_is_still_read_by_its_cases(session, item):
    item_versions.approve(session, version(session, item, Change.ABOLISH), DAY, NOW)
    with clock.at(datetime(2026, 5, 1, tzinfo=UTC)):
        item_versions.apply_due(session, clock.now(), 10)
        assert item.status == "abolished"
        assert item not in catalogue.items_of(session, item.agency_id)
        assert on(session, item, date(2026, 3, 1)).content["kinds"] == ["罚款"]


def test_a_new_item_cannot_be_exercised_before_its_day(session, agencies):
    item = PowerItem(agency_id=agencies["370400-04"], code="ZZ-02-CS-002", name="新事项（演示）", kind="penalty",
                     procedure="penalty/ordinary", status="draft", basis=[], content={})  # fmt: skip
    session.add(item)
    session.flush()
    new = version(session, item, Change.NEW)
    with pytest.raises(NotFound):
        catalogue.published(session, item.agency_id, item.id)
    item_versions.approve(session, new, DAY, NOW)
    with pytest.raises(NotFound):
        catalogue.published(session, item.agency_id, item.id)
    with clock.at(datetime(2026, 4, 1, 1, tzinfo=UTC)):
        assert catalogue.published(session, item.agency_id, item.id).version == 1


def test_a_row_that_went_through_nothing_cannot_be_exercised(session, item):
    """A row that somebody calls published has still gone through nothing."""
    bare = PowerItem(agency_id=item.agency_id, code="ZZ-02-CS-003", name="未经审核（演示）", kind="penalty",
                     procedure="penalty/ordinary", status="published", basis=[], content={})  # fmt: skip
    session.add(bare)
    session.flush()
    with pytest.raises(NotFound):
        catalogue.published(session, bare.agency_id, bare.id)


def test_a_transfer_takes_new_cases_along_and_leaves_the_others(session, item, agencies):
    to = agencies["370400-02"]
    item_versions.approve(session, version(session, item, Change.TRANSFER, to_agency_id=to), DAY, NOW)
    theirs = session.scalars(
        select(PowerItem).where(PowerItem.agency_id == to, PowerItem.code == item.code)
    ).one()
    assert catalogue.published(session, item.agency_id, item.id)
    with pytest.raises(NotFound):
        catalogue.published(session, to, theirs.id)
    with clock.at(datetime(2026, 4, 1, 1, tzinfo=UTC)):
        item_versions.apply_due(session, clock.now(), 10)
        with pytest.raises(NotFound):
            catalogue.published(session, item.agency_id, item.id)
        assert catalogue.published(session, to, theirs.id).content["kinds"] == ["罚款"]
        assert (item.status, theirs.status) == ("transferred", "published")
        assert on(session, item, date(2026, 3, 1)).status == "published"


def test_an_item_has_one_open_version(session, item):
    version(session, item)
    with pytest.raises(Exception, match="uq_power_item_version_open"), session.begin_nested():
        version(session, item)


def test_saving_a_draft_does_not_make_processes_read_items_anew(session, item):
    """Drafts are saved while people type: only what counts is a new edition."""
    from app.kernel import editions

    new = version(session, item)
    edition = editions.current(session, "catalogue")
    session.execute(update(ItemVersion).where(ItemVersion.id == new.id).values(revision=2))
    assert editions.current(session, "catalogue") == edition
    item_versions.approve(session, new, DAY, NOW)
    assert editions.current(session, "catalogue") != edition


def test_every_item_that_is_loaded_has_a_version(session, item):
    without = select(func.count()).select_from(PowerItem).where(
        ~select(ItemVersion.id).where(ItemVersion.item_id == PowerItem.id).exists()
    )  # fmt: skip
    assert session.scalar(without) == 0
