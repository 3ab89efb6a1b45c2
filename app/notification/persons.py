"""The person behind an account at the moment a message is made: who may no longer sign in is told nothing."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.auth import Actor, Role
from app.kernel.errors import NotFound
from app.people import service as people
from app.people.models import Account, Officer


def actor(session: Session, account_id: int) -> Actor | None:
    """The officer with this account as of today; None where the account or the officer is no longer active."""
    row = session.execute(
        select(Account.officer_id, Account.roles)
        .join(Officer, Officer.id == Account.officer_id)
        .where(Account.id == account_id, Account.active, Officer.active)
    ).one_or_none()
    if row is None or Role.OFFICER not in row.roles:
        return None
    try:
        return people.actor_of(session, row.officer_id)
    except NotFound:
        return None
