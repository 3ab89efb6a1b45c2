"""公开完整度: what items in force lack is listed by agency and level; what lacks anything is not sent in."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime

import pytest
from cases.town import Town, actor
from catalogue.item_way import DRAWER, STEPS, Life
from sqlalchemy import select

from app.catalogue import item_versions
from app.catalogue import service as catalogue
from app.catalogue.models import ItemVersion, PowerItem
from app.kernel import clock
from app.kernel.errors import Refused
from app.people.models import Agency
from app.supervision import completeness

PAGE = "/supervision/completeness"
MADE_PUBLIC = {
    "权力名称": ("basics", "name"),
    "实施主体": ("subject", "subject"),
    "法律依据": ("basis", "basis"),
    "收费依据和标准": ("discretion", "fee"),
    "外部流程": ("running", "procedure"),
    "裁量基准": ("discretion", "discretion"),
    "法定期限": ("running", "statutory_unit"),
    "办理机构": ("running", "office"),
    "办理地点": ("running", "place"),
    "联系电话": ("running", "phone"),
    "监督电话": ("running", "supervision_phone"),
}
"""《规范行政权力网上运行的规定》九（七）2: what is made public of every power, by the element that holds it."""


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(datetime(2026, 3, 2, 9, 30, tzinfo=clock.CHINA)):
        yield


def published(town: Town) -> Life:
    life = Life(town)
    life.draw()
    life.to_audit("2026-04-01")
    life.review("同意", "2026-04-01")
    with clock.at(datetime(2026, 4, 1, 9, 30, tzinfo=clock.CHINA)), town.act() as session:
        item_versions.apply_due(session, clock.now(), 100)
    return life


@pytest.mark.requirement("S4-27")
@pytest.mark.requirement("S4-23")
def test_without_one_of_the_eleven_nothing_is_made_public(town):
    life = Life(town)
    life.draw()
    name, code = life.version().name, life.item().code
    whole = {**STEPS, "basics": {"code": code, "name": name, **STEPS["basics"]}}
    for label, (step, element) in MADE_PUBLIC.items():
        life.save(step, {key: value for key, value in whole[step].items() if key != element})
        with pytest.raises(Refused) as refused:
            life.send()
        assert "还没有填写" in refused.value.message, label
        assert (life.version().state, life.version().case_id) == ("draft", None)
        life.save(step, whole[step])
    life.save("running", {**whole["running"], "procedure": "penalty/never-drawn"})
    with pytest.raises(Refused) as refused:
        life.send()
    assert "没有已经施行的版本，请先发布流程图" in refused.value.message
    life.save("running", whole["running"])
    assert life.version().elements["fee"] == "no", "不收费 is an answer"
    life.send()
    assert life.version().state == "review"


def test_what_was_sent_in_complete_and_is_emptied_behind_is_not_published(town):
    life = Life(town)
    life.draw()
    life.to_audit()
    with town.act() as session:
        version = session.get_one(ItemVersion, life.version_id)
        version.elements = {**version.elements, "phone": ""}
    life.review()
    assert life.version().state == "audit", "what would be published is not what was examined"


@pytest.mark.requirement("S4-32")
def test_what_is_missing_is_listed_by_agency_and_level(town):
    whole = published(town)
    with clock.at(datetime(2026, 4, 1, 10, 0, tzinfo=clock.CHINA)):
        with town.read() as session:
            rows = completeness.rows(session, actor(session, "sf-super"))
            mine = next(row for row in rows if whole.item().agency_id == row.id)
            found = {one.item_id: one for one in mine.items}
            assert found[whole.item().id].complete
            bare = next(one for one in mine.items if not one.complete)
            levels = completeness.levels(rows)
            assert sum(level.items for level in levels) == sum(len(row.items) for row in rows)
            assert sum(level.complete for level in levels) == sum(row.complete for row in rows) >= 1
            assert {level.name for level in levels} >= {"市级", "县级"}
            in_force = session.scalars(
                select(PowerItem.id).where(
                    PowerItem.agency_id == mine.id,
                    PowerItem.status == "published",
                    PowerItem.kind != "governance",
                )
            ).all()
            assert set(found) <= set(in_force)
            assert whole.item().id in found
        supervisor = town.caller("sf-super")
        page = supervisor.get(f"{PAGE}?agency={mine.id}").text
        assert bare.name in page
        assert next(lack.message for lack in bare.lacks if lack.blocks) in page
        text = (
            supervisor.get(f"/supervision/missing?format=csv&agency={mine.id}").get_data().decode("utf-8-sig")
        )
        listed = list(csv.DictReader(io.StringIO(text)))
        assert len(listed) == mine.lacking
        assert bare.code in {row["事项代码"] for row in listed}
        assert whole.item().code not in {row["事项代码"] for row in listed}
        assert supervisor.get("/supervision/missing").get_data().startswith(b"PK")
        assert "市级" in supervisor.get(PAGE).text
        own = town.caller(DRAWER).get(PAGE).text
        assert "枣庄市生态环境局" in own
        assert "枣庄市市场监督管理局" not in own
        with town.read() as session:
            other = session.scalars(select(Agency.id).where(Agency.code == "370402-04")).one()
        assert town.caller(DRAWER).get(f"{PAGE}?agency={other}").status_code == 404
        assert town.caller("szsf-super").get(f"{PAGE}?agency={mine.id}").status_code == 404


@pytest.mark.requirement("S4-47", "S4-46")
def test_where_what_is_public_differs_from_what_was_examined_is_listed(town):
    """Examined, in force and not public: without its diagram, without a field, without a record of its examination."""
    whole = published(town)
    elements = {key: value for said in STEPS.values() for key, value in said.items() if key != "basis"}
    item = {
        "name": "对演示行为的处罚（演示）", "type": "penalty", "procedure": "penalty/ordinary",
        "basis": ["《中华人民共和国行政处罚法》第九条"], "content": {"kinds": ["警告"]}, "elements": elements,
    }  # fmt: skip
    lost = {
        "ZZ-02-YS-W1": ({"procedure": "penalty/never-drawn"}, "演审〔2015〕3号", "没有施行的流程图"),
        "ZZ-02-YS-W2": ({"elements": {**elements, "phone": ""}}, "演审〔2015〕3号", "公示内容缺少联系电话"),
        "ZZ-02-YS-W3": ({}, "", "没有部门初审和合法性审核的记录"),
    }
    with town.act() as session:
        agency_id = session.scalars(select(Agency.id).where(Agency.code == "370400-04")).one()
        for code, (changes, paper, _) in lost.items():
            catalogue.add(session, agency_id, {**item, **changes, "code": code}, paper)
    with clock.at(datetime(2026, 4, 1, 10, 0, tzinfo=clock.CHINA)):
        with town.read() as session:
            (row,) = completeness.rows(session, actor(session, "sf-super"), agency_id)
            told = {one.code: one.reasons for one in row.withheld}
        assert whole.item().code not in told
        page = town.caller("sf-super").get(f"{PAGE}?agency={agency_id}").text
        for code, (_, _, why) in lost.items():
            assert len(told[code]) == 1
            assert told[code][0].startswith(why)
            assert told[code][0] in page
        public = {
            line["code"]
            for line in town.app.test_client().get("/api/v1/public/items?agency=370400-04").json["items"]
        }
        in_force = {one.code for one in row.items}
        assert public | set(told) == in_force
        assert not public & set(told)
