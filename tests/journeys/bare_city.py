"""A city before its first case: people, items and procedures. Run as a program on an empty DATABASE_URL."""

from callers import hashing_cheaply

from app import create_app
from app.cases import demo as cases
from app.catalogue import service as catalogue
from app.kernel import facts, migrations
from app.kernel.db import db
from app.kernel.transaction import transaction
from app.people import demo as people
from app.serve import state


def load() -> None:
    """Make the tables, load the city, and tell `serve` that nothing is left to prepare."""
    migrations.upgrade(db.engine)
    with transaction() as session:
        people.load_demo(session)
        cases.prepare(session)
        catalogue.register_statutes(session)
        catalogue.load_known(session)
        facts.put(session, "prepared", state())


if __name__ == "__main__":
    with create_app().app_context(), hashing_cheaply():
        load()
