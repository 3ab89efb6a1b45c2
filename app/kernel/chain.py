"""The heads of the record chains an act holds.

A case's record is a chain: every entry's digest covers the one before it. Its head, number and digest of the
newest entry, stands on the case row. Whoever locks the case row lends its head to the act (`hold`); `audit`
may append to the chains that are held and to no other, so that two acts can never write the same place.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import event
from sqlalchemy.orm import Session


@dataclass(slots=True)
class Head:
    """The newest entry of one case's record: its number (0: none yet) and its SHA-256 (empty: none yet)."""

    case_id: int
    seq: int
    digest: bytes
    save: Callable[["Head"], None]

    def advance(self, digest: bytes) -> None:
        """An entry with this digest was appended."""
        self.seq += 1
        self.digest = digest
        self.save(self)


def hold(session: Session, head: Head) -> None:
    """Lend the head of a case whose row this act has locked."""
    session.info.setdefault("heads", {})[head.case_id] = head


def held(session: Session, case_id: int) -> Head:
    """The head of a locked case.

    Raises:
        LookupError: the act has not locked this case; nothing may be appended to its record.
    """
    heads: dict[int, Head] = session.info.get("heads", {})
    if case_id not in heads:
        raise LookupError(f"case {case_id} is not locked by this act")
    return heads[case_id]


def release(session: Session) -> None:
    """Give all heads back: who wants to append must lock the case again."""
    session.info.pop("heads", None)


# a savepoint that was rolled back took its entries along: whoever goes on must lock the case and read its head anew
event.listen(Session, "after_soft_rollback", lambda session, _: session.info.pop("heads", None))
