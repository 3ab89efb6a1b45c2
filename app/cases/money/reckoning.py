"""How an account of fines stands on a day. PURE: values in, values out.

Sources: 行政处罚法第七十二条第一款第一项 (a daily share of the fine, never more than the fine), 第七十三条第三款 (not
during review and litigation), 第六十六条第二款 (deferral, instalments); 行政强制法第四十二条 (an agreement may waive the
surcharge). The day after the last day for paying is the first that counts, the day of payment the last: paid three
days late, three days.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_DOWN, Decimal
from itertools import pairwise

FEN = Decimal("0.01")
NOTHING = Decimal(0)
ONE_DAY = timedelta(days=1)


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, NOTHING)


@dataclass(frozen=True, slots=True)
class Claim:
    """An amount owed, in yuan. `rate` is the share of it that is added for each day late (0: none), `cap` how often the
    amount the surcharge may reach; `whole`: reckoned on the whole amount while anything of it is unpaid, else on what is
    unpaid."""

    name: str
    amount: Decimal
    due_on: date | None = None
    rate: Decimal = NOTHING
    cap: Decimal = NOTHING
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Payment:
    """Money that came in on a day. `part` names a claim or the surcharge; empty: it goes to the claims in their order,
    those with a surcharge first, what is left to the surcharge."""

    on: date
    amount: Decimal
    part: str = ""
    receipt: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """A deferral or instalments, in force from the day it was approved: (last day, amount) of each part."""

    since: date
    parts: tuple[tuple[date, Decimal], ...]


@dataclass(frozen=True, slots=True)
class Pause:
    """Days that do not count, both included; `last` None: it goes on."""

    first: date
    last: date | None
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """Everything the standing follows from. `surcharge` is what the surcharge is called among the payments."""

    claims: tuple[Claim, ...]
    payments: tuple[Payment, ...] = ()
    plans: tuple[Plan, ...] = ()
    pauses: tuple[Pause, ...] = ()
    waived: Decimal = NOTHING
    surcharge: str = "加处罚款"


@dataclass(frozen=True, slots=True)
class Line:
    """Days on end with one base: `days` of them, each `daily` yuan."""

    first: date
    last: date
    days: int
    base: Decimal
    daily: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Part:
    """One claim as it stands."""

    name: str
    amount: Decimal
    paid: Decimal

    @property
    def left(self) -> Decimal:
        return max(self.amount - self.paid, NOTHING)


@dataclass(frozen=True, slots=True)
class Statement:
    """An account on a day. Amounts in yuan; parts of the surcharge smaller than a 分 are dropped, in the party's favour."""

    as_of: date
    parts: tuple[Part, ...]
    lines: tuple[Line, ...]
    surcharge: Decimal
    surcharge_paid: Decimal
    waived: Decimal
    capped: bool
    overpaid: Decimal

    @property
    def principal(self) -> Decimal:
        return _sum(part.amount for part in self.parts)

    @property
    def paid(self) -> Decimal:
        return _sum(part.paid for part in self.parts)

    @property
    def unpaid(self) -> Decimal:
        return _sum(part.left for part in self.parts)

    @property
    def surcharge_left(self) -> Decimal:
        return max(self.surcharge - self.waived - self.surcharge_paid, NOTHING)

    @property
    def balance(self) -> Decimal:
        return self.unpaid + self.surcharge_left

    @property
    def days(self) -> int:
        return sum(line.days for line in self.lines)


def stand(account: Account, as_of: date) -> Statement:
    """The account at the end of a day: payments of that day are in, the day itself is counted."""
    shares = _allotted(account, as_of)
    lines: list[Line] = []
    capped = False
    for claim in account.claims:
        late = list(_late(claim, account, shares[claim.name], as_of))
        capped = capped or (bool(late) and _sum(line.amount for line in late) >= claim.cap * claim.amount)
        lines += late
    surcharge = _sum(line.amount for line in lines).quantize(FEN, ROUND_DOWN)
    parts = tuple(
        Part(claim.name, claim.amount, _sum(a for _, a in shares[claim.name])) for claim in account.claims
    )
    on_surcharge = _sum(a for _, a in shares[account.surcharge])
    waived = min(account.waived, surcharge)
    over = max(on_surcharge - (surcharge - waived), NOTHING)
    over += _sum(max(part.paid - part.amount, NOTHING) for part in parts)
    return Statement(as_of, parts, tuple(lines), surcharge, on_surcharge, waived, capped, over)


def _allotted(account: Account, as_of: date) -> dict[str, list[tuple[date, Decimal]]]:
    """What came in until a day, for each claim and for the surcharge."""
    found: dict[str, list[tuple[date, Decimal]]] = {claim.name: [] for claim in account.claims}
    found[account.surcharge] = []
    order = sorted(account.claims, key=lambda claim: claim.rate == 0)
    for payment in sorted(account.payments, key=lambda each: each.on):
        if payment.on > as_of:
            continue
        if payment.part in found:
            found[payment.part].append((payment.on, payment.amount))
            continue
        left = payment.amount
        for claim in order:
            share = min(left, claim.amount - _sum(a for _, a in found[claim.name]))
            if share > 0:
                found[claim.name].append((payment.on, share))
                left -= share
        if left > 0:
            found[account.surcharge].append((payment.on, left))
    return found


def _late(
    claim: Claim, account: Account, paid: Sequence[tuple[date, Decimal]], as_of: date
) -> Iterator[Line]:
    """The days late of one claim, in stretches of one base, until the cap is reached."""
    if claim.due_on is None or claim.rate <= 0:
        return
    room = claim.cap * claim.amount
    for first, last in _stretches(claim.due_on, account, paid, as_of):
        base = _late_on(first, claim, account.plans, paid)
        if base <= 0 or any(p.first <= first <= (p.last or as_of) for p in account.pauses):
            continue
        daily = base * claim.rate
        days = (last - first).days + 1
        needed = int((room / daily).to_integral_value(ROUND_CEILING))
        if needed <= days:
            if needed > 0:
                yield Line(first, first + (needed - 1) * ONE_DAY, needed, base, daily, room)
            return
        room -= daily * days
        yield Line(first, last, days, base, daily, daily * days)


def _stretches(
    due_on: date, account: Account, paid: Sequence[tuple[date, Decimal]], as_of: date
) -> Iterator[tuple[date, date]]:
    """(first, last) of the stretches within which nothing changes, from the first day late to `as_of`."""
    first = due_on + ONE_DAY
    changes = {first, as_of + ONE_DAY}
    changes |= {day + ONE_DAY for day, _ in paid}
    changes |= {plan.since for plan in account.plans}
    changes |= {day + ONE_DAY for plan in account.plans for day, _ in plan.parts}
    changes |= {pause.first for pause in account.pauses}
    changes |= {pause.last + ONE_DAY for pause in account.pauses if pause.last}
    days = sorted(day for day in changes if first <= day <= as_of + ONE_DAY)
    for start, until in pairwise(days):
        yield start, until - ONE_DAY


def _late_on(day: date, claim: Claim, plans: Sequence[Plan], paid: Sequence[tuple[date, Decimal]]) -> Decimal:
    """On what the surcharge of a day is reckoned: what should have come in before that day and has not."""
    if claim.due_on is None or day <= claim.due_on:
        return NOTHING
    said = sorted((p for p in plans if p.since <= day), key=lambda p: p.since)
    plan = said[-1] if said else None
    waits = _sum(amount for last, amount in plan.parts if last >= day) if plan else NOTHING
    late = claim.amount - waits - _sum(amount for on, amount in paid if on < day)
    if late <= 0:
        return NOTHING
    return claim.amount if claim.whole else late
