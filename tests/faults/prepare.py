"""Prepare a home: an embedded database with the demo city, a few cases, and what clients need (plan.json). A program."""

import json

from callers import hashing_cheaply
from cases.town import plan_of

from app import create_app
from app.cases import demo, demo_content
from app.cases.models import Case
from app.kernel import clock, facts, migrations, postgres, settings
from app.kernel.db import db
from app.kernel.transaction import transaction
from app.people import demo as people_demo
from app.people import service as people
from app.people import tokens
from app.serve import state

LOGINS = ("hb-intake", "hb-officer1", "hb-officer2", "hb-lead")
FORMS = ("penalty_lead", "penalty_check", "penalty_file_review")


def load() -> dict:
    """Load it; what the clients need to know."""
    migrations.upgrade(db.engine)
    with transaction() as session, hashing_cheaply():
        people_demo.load_demo(session)
        demo.prepare(session)
        facts.put(session, "prepared", state())
    with transaction() as session:
        late = [demo.Drive(session, plan_of("stone-mill")).run("party_response") for _ in "123"]
        item = session.get_one(Case, late[0]).item_id
    with transaction() as session:
        from cases.town import actor

        people_of = {login: actor(session, login) for login in LOGINS}
        staff = demo.officers(session, people_of["hb-intake"].agency_id)
        plan, now = demo_content.case_of("dust-heap"), clock.now()
        secrets = {
            login: tokens.create(session, who.account_id, "故障演练", scope=tokens.TokenScope.ACT).secret
            for login, who in people_of.items()
        }
        answers = {form: demo_content.answers(plan, form, 0, staff, now) for form in FORMS}
        second = str(people.officer(session, people_of["hb-officer2"].officer_id).id)
        answers["penalty_check"]["second"] = second
    return {"late": late, "item": item, "secrets": secrets, "answers": answers}


if __name__ == "__main__":
    import os

    with postgres.running(settings.home()) as url:
        os.environ["DATABASE_URL"] = url
        with create_app().app_context():
            told = load()
    (settings.home() / "plan.json").write_text(json.dumps(told, ensure_ascii=False))
