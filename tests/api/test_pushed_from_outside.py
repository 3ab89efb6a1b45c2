"""Licences and confirmations that another system receives come in by the door of programs, and run here as any other."""

import pytest
from cases.town import Town
from sqlalchemy import select

from app.cases.models import Case
from app.catalogue.models import PowerItem
from app.diagrams import service as diagrams

from .programs import program


@pytest.mark.requirement("S4-11", part="外部系统推送")
@pytest.mark.parametrize(
    ("kind", "login", "code", "plan"),
    [
        ("licence", "cg-intake", "ZZ-01-ZHZF-003", "rooftop-sign"),
        ("confirmation", "rs-intake", "ZZ-07-RSSB-001", "lathe-hand"),
    ],
)
def test_an_application_pushed_by_another_system_is_a_case(town: Town, kind, login, code, plan):
    outside = program(town, login)
    with town.read() as session:
        item = session.scalars(select(PowerItem).where(PowerItem.code == code)).one()
        assert diagrams.current(session, item.procedure).rules.kind == kind
        item_id = item.id
    assert item_id in [each["id"] for each in outside.get("/items").json["items"]]
    opened = outside.act("/cases", {"item_id": item_id})
    assert opened.status_code == 201, opened.json
    task = outside.get(f"/work-items/{opened.json['work_item_id']}").json
    answers = town.answers(plan, task["form"]["key"], login.split("-")[0])
    handed = outside.act(
        f"/work-items/{opened.json['work_item_id']}/hand-in",
        {
            "version": task["version"],
            "answers": {k: v for k, v in answers.items() if v not in (None, "", [])},
        },
    )
    assert handed.status_code == 200, handed.json
    assert handed.json["next"]
    told = outside.get(f"/cases/{opened.json['case_id']}").json
    assert told["steps"]
    with town.read() as session:
        assert session.get_one(Case, opened.json["case_id"]).item_id == item_id
    again = outside.get("/cases").json["cases"]
    assert opened.json["case_id"] in [each["id"] for each in again]
