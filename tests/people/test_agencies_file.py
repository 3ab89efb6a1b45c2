"""Regions and agencies from a file: entered, entered again, refused with every reason at once."""

import pytest
import yaml
from sqlalchemy import select

from app.kernel.errors import Invalid
from app.people import agencies, demo
from app.people.models import Agency


def content():
    return {
        "regions": [
            {"code": "990100", "name": "演示市", "level": "city", "parent": "990000"},
            {"code": "990000", "name": "演示省", "level": "province"},
        ],
        "agencies": [
            {
                "code": "990100-01",
                "name": "演示市某局",
                "abbreviation": "演某",
                "region": "990100",
                "kind": "演示",
                "uscc": "11990100XXXX00001A",
                "payment": {"bank": "演示银行"},
            }
        ],
    }


def test_entering_twice_refreshes_and_doubles_nothing(session):
    assert agencies.enter(session, content()) == (2, 1)
    changed = content()
    changed["agencies"][0]["address"] = "演示路1号"
    agencies.enter(session, changed)
    found = session.scalars(select(Agency).where(Agency.code == "990100-01")).one()
    assert (found.level, found.address, found.payment) == ("city", "演示路1号", {"bank": "演示银行"})


def test_every_reason_is_told_at_once(session):
    wrong = content()
    wrong["agencies"][0] |= {"region": "000000", "abbreviation": ""}
    wrong["regions"][0]["level"] = "county town"
    wrong["regions"][0]["parent"] = "111111"
    with pytest.raises(Invalid) as refused:
        agencies.enter(session, wrong)
    told = "\n".join(refused.value.errors["file"])
    for part in ("缺少 abbreviation", "区划 000000 不存在", "county town", "上级 111111 不存在"):
        assert part in told


@pytest.mark.parametrize("wrong", [None, [], {"agencies": 1}, {"regions": ["x"]}])
def test_a_file_of_another_kind_is_refused(session, wrong):
    with pytest.raises(Invalid):
        agencies.enter(session, wrong)


def test_the_demo_city_s_file_shows_the_form(session):
    city = yaml.safe_load((demo.DATA / "demo_city.yaml").read_text(encoding="utf-8"))
    assert agencies.enter(session, city) == (11, 17)
