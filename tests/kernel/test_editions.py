"""Data kept in a process is read again after any change, also one made and undone."""

from sqlalchemy import text

from app.kernel import editions
from app.kernel.db import db
from app.kernel.transaction import transaction


def test_every_change_is_a_new_edition_and_an_undone_one_is_met_by_nobody(app):
    add = text("insert into position (key, name, group_name, duty) values ('probe', '测试岗', '测试', '')")
    with app.app_context():
        before = editions.current(db.session(), "people")
        db.session.rollback()
        session = db.session()
        session.execute(add)
        undone = editions.current(session, "people")
        session.rollback()
        assert editions.current(session, "people") == before
        session.rollback()
        with transaction() as session:
            session.execute(add)
            first = editions.current(session, "people")
            session.execute(text("delete from position where key = 'probe'"))
            second = editions.current(session, "people")
        assert len({before, undone, first, second}) == 4
        assert editions.current(db.session(), "people") == second
        db.session.remove()
