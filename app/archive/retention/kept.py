"""How long a case's file is kept, as the file itself says it."""

from datetime import date

from sqlalchemy.orm import Session

from ..models import CaseRetention


def of_case(session: Session, case_id: int) -> CaseRetention | None:
    """The term of a case's file; None before it is closed and entered."""
    return session.get(CaseRetention, case_id)


def until(term: str, ends_on: date | None) -> str:
    """三十年（至2055年12月31日）, or 永久."""
    return f"{term}（至{ends_on.year}年{ends_on.month}月{ends_on.day}日）" if ends_on else term


def on_cover(session: Session, case_id: int) -> str:
    """The term as the cover states it; empty before the case is closed and entered."""
    found = of_case(session, case_id)
    return until(found.term, found.ends_on) if found else ""
