"""The surcharge on a late fine: a share for each day, never more than the fine, standing still while the law says so."""

import random
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal

import pytest

from app.cases.money.reckoning import Account, Claim, Pause, Payment, Plan, stand

DUE = date(2025, 8, 19)
RATE, CAP = Decimal("0.03"), Decimal(1)


def fine(amount="3600", **more):
    return Claim("罚款", Decimal(amount), DUE, RATE, CAP, **more)


def after(days):
    return DUE + timedelta(days=days)


def pay(days, amount, part="罚款"):
    return Payment(after(days), Decimal(amount), part)


def surcharge(days, *payments, claim=None, **more):
    account = Account((claim or fine(),), payments, **more)
    return stand(account, after(days)).surcharge


def test_three_days_late():
    assert surcharge(3) == Decimal("324.00")
    assert surcharge(0) == 0
    assert surcharge(-5) == 0


def test_the_day_of_payment_is_the_last_that_counts():
    assert surcharge(40, pay(3, 3600)) == Decimal("324.00")
    assert surcharge(40, pay(0, 3600)) == 0


def test_it_never_exceeds_the_fine():
    assert surcharge(33) == Decimal("3564.00")
    assert surcharge(34) == surcharge(4000) == Decimal("3600.00")
    capped = stand(Account((fine(),)), after(4000))
    assert capped.capped
    assert (capped.days, capped.lines[-1].last) == (34, after(34))


def test_a_part_paid_leaves_the_rest_to_be_reckoned_on():
    assert surcharge(10, pay(4, 600)) == Decimal("3600") * RATE * 4 + Decimal("3000") * RATE * 6


def test_on_the_whole_fine_where_that_is_the_law_applied():
    assert surcharge(10, pay(4, 600), claim=fine(whole=True)) == Decimal("1080.00")


def test_review_and_litigation_do_not_count_and_it_goes_on_after():
    assert surcharge(10, pauses=(Pause(after(3), after(7)),)) == 3600 * RATE * 5
    assert surcharge(10, pauses=(Pause(after(3), None),)) == 3600 * RATE * 2
    assert surcharge(10, pauses=(Pause(after(-9), after(2)), Pause(after(2), after(4)))) == 3600 * RATE * 6


def test_a_deferral_stops_it_until_its_own_day():
    deferred = Plan(after(-3), ((after(20), Decimal(3600)),))
    assert surcharge(20, plans=(deferred,)) == 0
    assert surcharge(23, plans=(deferred,)) == 3600 * RATE * 3


def test_only_the_instalment_that_was_missed_is_late():
    halves = Plan(after(2), ((after(10), Decimal(1800)), (after(20), Decimal(1800))))
    assert surcharge(9, plans=(halves,)) == 3600 * RATE * 1, "what had run before the approval stays"
    assert surcharge(13, plans=(halves,)) == 3600 * RATE + 1800 * RATE * 3
    assert surcharge(20, pay(9, 1800), plans=(halves,)) == 3600 * RATE
    assert surcharge(22, pay(9, 1800), plans=(halves,)) == 3600 * RATE + 1800 * RATE * 2


def test_the_account_names_what_is_owed_paid_and_left():
    account = Account(
        (fine(), Claim("没收款", Decimal("500"))),
        (pay(3, "3600"), pay(5, "300", "没收款"), pay(5, "100", "加处罚款")),
        waived=Decimal("24"),
    )
    found = stand(account, after(30))
    assert [(p.name, p.paid, p.left) for p in found.parts] == [("罚款", 3600, 0), ("没收款", 300, 200)]
    assert (found.surcharge, found.surcharge_paid, found.surcharge_left) == (324, 100, 200)
    assert (found.unpaid, found.balance, found.overpaid) == (200, 400, 0)


def test_money_without_a_part_goes_where_it_saves_the_party_most():
    account = Account((Claim("没收款", Decimal("500")), fine()), (pay(3, "4000", ""), pay(4, "500", "")))
    found = stand(account, after(30))
    assert [p.left for p in found.parts] == [0, 0]
    assert found.surcharge == 324
    assert found.surcharge_paid == 400
    assert found.overpaid == 76


def oracle(account, as_of):
    """Day by day, as one would with a pencil."""
    claim, total, day = account.claims[0], Decimal(0), claim_first(account)
    while day <= as_of:
        plan = None
        for each in sorted(account.plans, key=lambda p: p.since):
            plan = each if each.since <= day else plan
        owed = claim.amount
        for last, part in plan.parts if plan else ():
            owed -= part if day <= last else 0
        for payment in account.payments:
            owed -= payment.amount if payment.on < day else 0
        stopped = any(p.first <= day and (p.last is None or day <= p.last) for p in account.pauses)
        if owed > 0 and not stopped:
            total = min(total + owed * claim.rate, claim.amount * claim.cap)
        day += timedelta(days=1)
    return total.quantize(Decimal("0.01"), ROUND_DOWN)


def claim_first(account):
    return account.claims[0].due_on + timedelta(days=1)


@pytest.mark.parametrize("seed", range(300))
def test_it_agrees_with_counting_every_day(seed):
    chance = random.Random(seed)
    amount = Decimal(chance.randrange(1, 5_000_00)) / 100
    payments = tuple(
        Payment(
            after(chance.randrange(-5, 70)), Decimal(chance.randrange(1, int(amount * 100) + 1)) / 100, "罚款"
        )
        for _ in range(chance.randrange(4))
    )
    pauses = tuple(
        Pause(after(first), None if chance.random() < 0.2 else after(first + chance.randrange(15)))
        for first in (chance.randrange(-5, 60) for _ in range(chance.randrange(3)))
    )
    plans = tuple(
        Plan(
            after(since), tuple((after(since + 7 * n), amount / 4) for n in range(1, chance.randrange(2, 5)))
        )
        for since in (chance.randrange(-5, 50) for _ in range(chance.randrange(3)))
    )
    account = Account((Claim("罚款", amount, DUE, RATE, CAP),), payments, plans, pauses)
    for days in (0, 1, chance.randrange(80), 200):
        found = stand(account, after(days))
        assert found.surcharge == oracle(account, after(days))
        assert found.surcharge <= amount
        assert (
            sum((line.amount for line in found.lines), Decimal(0)).quantize(Decimal("0.01"), ROUND_DOWN)
            == found.surcharge
        )
