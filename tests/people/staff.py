"""People of the demonstration city, looked up by login."""

from sqlalchemy import select

from app.people import service
from app.people.models import Account, StaffNotice


def officer_of(session, login):
    return session.scalars(select(Account.officer_id).where(Account.login == login)).one()


def admin_of(session):
    account = session.scalars(select(Account).where(Account.login == "sf-admin")).one()
    agency = service.agency(session, account.agency_id)
    return service.actor_of(session, officer_of(session, "hb-head")).__class__(
        account.id,
        None,
        account.name,
        agency.id,
        agency.name,
        agency.region,
        frozenset(account.roles),
        frozenset(),
    )


def account_of(session, login):
    return session.scalars(select(Account.id).where(Account.login == login)).one()


def told(session, login):
    chosen = select(StaffNotice.told).where(StaffNotice.to_id == officer_of(session, login))
    return list(session.scalars(chosen.order_by(StaffNotice.id)))
