"""Gates about what is reckoned: amounts on the account, the day a term ends, the hours in which nothing is enforced."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from app.diagrams.rules import Quiet, Reckoned, Stated
from app.kernel import words
from app.kernel.clock import legal_day
from app.kernel.money import canonical

from ..money.reading import amounts
from ..money.reckoning import stand
from .base import ActFacts, Evaluate, Gate, Refusal, applies, matches

ONE_DAY = timedelta(days=1)


class Settled(Gate):
    """Nobody is told to have paid while something is still owed (行政处罚法第六十七条、第七十二条)."""

    code = "settled"
    article = "《中华人民共和国行政处罚法》第六十七条、第七十二条第一款第一项"

    def check(self, act: ActFacts, evaluate: Evaluate) -> Refusal | None:
        for each in act.rules.settled:
            if act.step not in each.steps or not act.after.get(each.attribute) or act.account is None:
                continue
            found = stand(act.account, _today(act))
            if found.balance > 0:
                owed = f"还有{canonical(found.balance)}元未缴"
                if found.surcharge_left:
                    owed += f"，其中加处罚款{canonical(found.surcharge_left)}元"
                return self.refuse(
                    f"{each.message}账上{owed}（计算到{words.day(found.as_of)}）。", each.article
                )
        return None


class StatedRight(Gate):
    """What a paper says is owed is what the account says (行政处罚法第七十二条、第七十三条第三款)."""

    code = "stated"
    article = "《中华人民共和国行政处罚法》第七十二条第一款第一项、第七十三条第三款"

    def check(self, act: ActFacts, evaluate: Evaluate) -> Refusal | None:
        for each in act.rules.stated:
            if applies(act, evaluate, (each.step,), each.when) and (message := _differs(act, each)):
                return self.refuse(message, each.article)
        return None


def _differs(act: ActFacts, each: Stated) -> str:
    """What is wrong with a stated amount, in Chinese; empty: nothing."""
    if act.account is None:
        return ""
    day = date.fromisoformat(act.data[each.day]) if each.day and act.data.get(each.day) else _today(act)
    right = amounts(stand(act.account, day))[each.value]
    said = Decimal(str(act.data.get(each.answer) or 0))
    unit = "日" if each.value == "days" else "元"
    if said == right:
        return ""
    return f"{each.message}计算到{words.day(day)}应为{canonical(right)}{unit}，填写的是{canonical(said)}{unit}。请改正。"


class DisputeOver(Gate):
    """Nothing that must wait for them is done while a review or a lawsuit is under way (行政强制法第五十三条)."""

    code = "disputed"
    article = "《中华人民共和国行政强制法》第五十三条"

    def check(self, act: ActFacts, evaluate: Evaluate) -> Refusal | None:
        for each in act.rules.pending:
            if act.disputes and matches(act.step, each.before):
                return self.refuse(f"{each.message}（{'、'.join(act.disputes)}）", each.article)
        return None


class DayReckoned(Gate):
    """A day on which a term of law ends is the day the law's reckoning gives; nothing that must wait for it is done
    before (行政强制法第五十三条; 行政处罚法第七十二条第二款)."""

    code = "reckoned"
    article = "《中华人民共和国行政强制法》第五十三条"

    def check(self, act: ActFacts, evaluate: Evaluate) -> Refusal | None:
        last: dict[str, tuple[date, Reckoned]] = {}
        for each in act.rules.reckoned:
            end = act.terms.get((each.start, each.term))
            if end is None or not applies(act, evaluate, (each.step,), each.when):
                continue
            if each.answer not in last or last[each.answer][0] < end:
                last[each.answer] = (end, each)
        for answer, (end, each) in last.items():
            if answer and str(act.data.get(answer) or "") != end.isoformat():
                return self.refuse(f"{each.message}应为{words.day(end)}，请核对后填写。", each.article)
            if not answer and _today(act) <= end:
                return self.refuse(f"{each.message}期限到{words.day(end)}，请届满后再办理。", each.article)
        return None


class QuietHours(Gate):
    """Nothing is enforced at night or on a holiday, but in an emergency (行政强制法第四十三条第一款)."""

    code = "quiet_hours"
    article = "《中华人民共和国行政强制法》第四十三条第一款"

    def check(self, act: ActFacts, evaluate: Evaluate) -> Refusal | None:
        for each in act.rules.quiet:
            if act.step not in each.steps or any(act.after.get(name) for name in each.unless):
                continue
            if when := _unquiet(act, each):
                return self.refuse(f"{each.message}填写的时间{when}。", each.article)
        return None


def _unquiet(act: ActFacts, each: Quiet) -> str:
    """Why a time is barred, in Chinese; empty: it is not."""
    told = [act.data.get(key) for key in (each.first, each.last)]
    moments = [datetime.fromisoformat(str(value)).replace(tzinfo=None) for value in told if value]
    if not moments:
        return ""
    first, last = moments[0], max(moments)
    if barred := sorted(day for day in act.rest_days if first.date() <= day <= last.date()):
        return f"在休息日或者法定节假日（{words.day(barred[0])}）"
    hours = (int(act.rules.params[name]) for name in (each.night_from, each.night_until))
    night, morning = hours
    at_night = (
        last.date() != first.date()
        or first.hour < morning
        or first.hour >= night
        or (last.hour, last.minute) > (night, 0)
    )
    return f"在夜间（{night}时至次日{morning}时）" if at_night else ""


def _today(act: ActFacts) -> date:
    return legal_day(act.at) if act.at else date.max
