"""What a rule set says about money: which answers are claims, payments, plans, stops and waivers. Pure values.

`answer` names an answer as `form.key`; of a form that is handed in several times each submission counts, of stops the
newest alone. Rates and caps are names of params, which carry their source. `of: source` reads the forms of the case this
one came out of instead of its own, `of: following` those of the cases that follow the decision (review, lawsuit).
"""

from dataclasses import dataclass

SOURCE, FOLLOWING = "source", "following"
OTHERS = ("", SOURCE, FOLLOWING)
"""Whose forms an entry reads: the case's own, its source's, those of the cases that follow it."""
SURCHARGE = "加处罚款"
"""What the surcharge is called among the parts of a payment."""


@dataclass(frozen=True, slots=True)
class Claim:
    """An amount owed: the newest `answer`. Due on the day `due` (an answer), or when `term` after the legal step `after`
    has run out. With `rate` (a param: share a day) it grows when late, up to `cap` (a param: times the amount), reckoned
    on what is unpaid or, with `base: whole`, on the whole amount. `changed`: answers of the cases that follow; the newest
    of them replaces the amount (a decision changed or revoked)."""

    name: str
    answer: str
    article: str
    due: str = ""
    after: str = ""
    term: str = ""
    rate: str = ""
    cap: str = ""
    base: str = ""
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """Money that came in: the rows of a list `answer` (or the answers of a form, `answer` without a key), with the
    columns `day`, `amount`, `part` (a claim's name, or 加处罚款), `receipt`. `surcharge`: how much of the amount is
    surcharge."""

    answer: str
    day: str
    amount: str
    part: str = ""
    receipt: str = ""
    surcharge: str = ""
    of: str = ""


@dataclass(frozen=True, slots=True)
class Instalments:
    """A plan of payment: the rows of the list `answer` with the columns `day` (the last one) and `amount`, in force from
    the day `start` (an answer)."""

    answer: str
    start: str
    day: str
    amount: str
    article: str
    of: str = ""


@dataclass(frozen=True, slots=True)
class Stop:
    """Days for which no surcharge is reckoned: the rows of the list `answer` with the columns `first`, `last`, `cause`. Of
    cases that follow, `answer` is a form: one period for each such case, with `last` an answer (`form.key`) of it."""

    answer: str
    first: str
    last: str
    cause: str
    article: str
    of: str = ""


@dataclass(frozen=True, slots=True)
class Waiver:
    """Surcharge that was waived: the amounts `answer`."""

    answer: str
    article: str
