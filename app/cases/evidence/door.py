"""What other rooms may do with the evidence of a case."""

from .listing import Entry, Line, Listing
from .listing import of_case as listing
from .register import (
    MARKS,
    ORIGINS,
    Piece,
    add,
    amend,
    declared,
    marks_of,
    may_add,
    moment_of,
    register,
    settle,
    to_prove,
    told_of,
)

__all__ = [
    "MARKS",
    "ORIGINS",
    "Entry",
    "Line",
    "Listing",
    "Piece",
    "add",
    "amend",
    "declared",
    "listing",
    "marks_of",
    "may_add",
    "moment_of",
    "register",
    "settle",
    "to_prove",
    "told_of",
]
