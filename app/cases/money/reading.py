"""The account of a case, read from what was handed in, as its rule set says. Pure but for the calendar it is given."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from app.diagrams.rules import FOLLOWING, SOURCE, SURCHARGE, Instalments, Receipt, Rules, Stop
from app.diagrams.rules import Claim as Declared
from app.kernel.money import canonical

from . import reckoning
from .reckoning import NOTHING, Account, Pause, Payment, Plan, Statement

Filed = Sequence[tuple[str, Mapping[str, Any]]]
"""What was handed in and counts, oldest first: (form, answers)."""


@dataclass(frozen=True, slots=True)
class Linked:
    """What was handed in at the cases tied to this one: the one it came out of, and each that follows the decision."""

    source: Filed = ()
    following: Sequence[Filed] = ()


ALONE = Linked()
DueOn = Callable[[str, str], date | None]
"""(legal step, term) -> the last day of the term after it; None: the step has not been passed."""


def account_of(rules: Rules, filed: Filed, due_on: DueOn, linked: Linked = ALONE) -> Account | None:
    """The account of a case; None where its rule set declares none, or nothing is owed yet."""
    claims = [claim for each in rules.claims if (claim := _claim(rules, each, filed, due_on, linked))]
    if not claims:
        return None
    return Account(
        tuple(claims),
        tuple(
            payment
            for each in rules.receipts
            for payment in _payments(each, linked.source if each.of == SOURCE else filed)
        ),
        tuple(
            plan
            for each in rules.instalments
            for plan in _plans(each, linked.source if each.of == SOURCE else filed)
        ),
        tuple(pause for each in rules.stops for pause in _stopped(each, filed, linked)),
        sum(
            (_amount(data.get(key)) for each in rules.waivers for data, key in _all(each.answer, filed)),
            NOTHING,
        ),
        SURCHARGE,
    )


def told(account: Account, as_of: date) -> dict[str, Any]:
    """The account on a day as documents, forms and pages say it. Days are ISO texts, amounts decimal texts of yuan."""
    found = reckoning.stand(account, as_of)
    dues = [claim.due_on for claim in account.claims if claim.due_on]
    return {
        "as_of": as_of.isoformat(),
        "due_on": min(dues).isoformat() if dues else "",
        "parts": [
            {
                "name": p.name,
                "amount": canonical(p.amount),
                "paid": canonical(p.paid),
                "left": canonical(p.left),
            }
            for p in found.parts
        ],
        **{name: canonical(value) for name, value in amounts(found).items() if name != "days"},
        "received": canonical(found.paid + found.surcharge_paid),
        "receipts": "、".join(
            dict.fromkeys(p.receipt for p in account.payments if p.receipt and p.on <= as_of)
        ),
        "days": found.days,
        "capped": found.capped,
        "lines": [_line(line) for line in found.lines],
        "payments": [
            {
                "on": p.on.isoformat(),
                "part": p.part or "罚没款",
                "amount": canonical(p.amount),
                "receipt": p.receipt,
            }
            for p in sorted(account.payments, key=lambda each: each.on)
            if p.on <= as_of
        ],
        "pauses": [
            {"first": p.first.isoformat(), "last": p.last.isoformat() if p.last else "", "cause": p.cause}
            for p in account.pauses
        ],
        "instalments": [
            {"due_on": day.isoformat(), "amount": canonical(amount)}
            for plan in account.plans[-1:]
            for day, amount in plan.parts
        ],
    }


def amounts(found: Statement) -> dict[str, Decimal]:
    """The figures of a statement by the names under which rule sets speak of them."""
    return {
        "principal": found.principal,
        "paid": found.paid,
        "unpaid": found.unpaid,
        "surcharge": found.surcharge,
        "surcharge_paid": found.surcharge_paid,
        "surcharge_left": found.surcharge_left,
        "waived": found.waived,
        "balance": found.balance,
        "overpaid": found.overpaid,
        "days": Decimal(found.days),
    }


def _line(line: reckoning.Line) -> dict[str, Any]:
    return {
        "first": line.first.isoformat(),
        "last": line.last.isoformat(),
        "days": line.days,
        "base": canonical(line.base),
        "daily": canonical(line.daily),
        "amount": canonical(line.amount),
    }


def _claim(
    rules: Rules, each: Declared, filed: Filed, due_on: DueOn, linked: Linked
) -> reckoning.Claim | None:
    amount = _amount(_newest(each.answer, filed))
    if amount <= 0:
        return None
    amount = _changed(each, linked, amount)
    day = (
        day_of(_newest(each.due, filed))
        if each.due
        else due_on(each.after, each.term)
        if each.after
        else None
    )
    rate, cap = (Decimal(str(rules.params[name])) if name else NOTHING for name in (each.rate, each.cap))
    return reckoning.Claim(each.name, amount, day, rate, cap, each.base == "whole")


def _changed(each: Declared, linked: Linked, amount: Decimal) -> Decimal:
    """What a claim has become by the cases that follow the decision, which are in the order of their opening."""
    for case in linked.following:
        for form, data in case:
            for path in each.changed:
                name, _, key = path.partition(".")
                if form == name and data.get(key) not in (None, ""):
                    amount = _amount(data[key])
    return amount


def _payments(each: Receipt, filed: Filed) -> Iterator[Payment]:
    for row in _rows(each.answer, filed):
        on, amount = day_of(row.get(each.day)), _amount(row.get(each.amount))
        if on is None or amount <= 0:
            continue
        part = str(row.get(each.part) or "") if each.part else ""
        receipt = str(row.get(each.receipt) or "") if each.receipt else ""
        more = min(_amount(row.get(each.surcharge)), amount) if each.surcharge else NOTHING
        if more > 0:
            yield Payment(on, more, SURCHARGE, receipt)
        if amount > more:
            yield Payment(on, amount - more, part, receipt)


def _plans(each: Instalments, filed: Filed) -> Iterator[Plan]:
    for data, key in _all(each.answer, filed):
        start = day_of(data.get(each.start.partition(".")[2]))
        parts = [(day_of(row.get(each.day)), _amount(row.get(each.amount))) for row in data.get(key) or ()]
        if start and parts:
            yield Plan(start, tuple((day, amount) for day, amount in parts if day))


def _stopped(each: Stop, filed: Filed, linked: Linked) -> Iterator[Pause]:
    if each.of != FOLLOWING:
        yield from _pauses(each, linked.source if each.of == SOURCE else filed)
        return
    for case in linked.following:
        if first := day_of(_newest(f"{each.answer}.{each.first}", case)):
            cause = str(_newest(f"{each.answer}.{each.cause}", case) or "")
            yield Pause(first, day_of(_newest(each.last, case)), cause)


def _pauses(each: Stop, filed: Filed) -> Iterator[Pause]:
    for row in _newest(each.answer, filed) or ():
        if first := day_of(row.get(each.first)):
            yield Pause(first, day_of(row.get(each.last)), str(row.get(each.cause) or ""))


def _all(answer: str, filed: Filed) -> Iterator[tuple[Mapping[str, Any], str]]:
    form, _, key = answer.partition(".")
    yield from ((data, key) for name, data in filed if name == form)


def _rows(answer: str, filed: Filed) -> Iterator[Mapping[str, Any]]:
    for data, key in _all(answer, filed):
        yield from (data.get(key) or ()) if key else (data,)


def _newest(answer: str, filed: Filed) -> Any:
    found = [data.get(key) for data, key in _all(answer, filed)]
    return found[-1] if found else None


def _amount(value: Any) -> Decimal:
    return Decimal(str(value)) if value not in (None, "") else NOTHING


def day_of(value: Any) -> date | None:
    """The day of an answer: a day, or a moment of China time; None where nothing was said."""
    return date.fromisoformat(str(value)[:10]) if value else None
