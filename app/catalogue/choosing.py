"""Old law or lighter law for one item or text: what it cites as of the day of the act and as of that of the decision."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from sqlalchemy.orm import Session

from app.kernel.errors import NotFound
from app.people.models import Agency
from app.people.service import Scope

from . import lenity, library
from .lenity import Choice, Verdict
from .library import Resolved
from .models import PowerItem
from .ranges import Fine, Penalty, penalty
from .standards import Pair
from .validity import Standing


@dataclass(frozen=True, slots=True)
class Basis:
    """What is to be compared: the citations, and, of an item, its kinds of penalty and every range of its fine with the
    day until which it is the law."""

    name: str
    words: str
    kinds: frozenset[str] = frozenset()
    fines: tuple[Mapping[str, Any], ...] = ()


def of_words(words: str) -> Basis:
    """Citations as somebody typed them."""
    return Basis(words, words)


def basis_of(session: Session, scope: Scope, item_id: int) -> Basis:
    """An item's.

    Raises:
        NotFound: there is none, or it is not one of this person's agencies'.
    """
    row = session.get(PowerItem, item_id)
    agency = session.get(Agency, row.agency_id) if row else None
    if row is None or agency is None or not scope.sees(agency.id, agency.region_code):
        raise NotFound("没有找到这个事项。它可能不存在，或者不属于您的机关。")
    return of_contents({**row.content, "code": row.code, "name": row.name, "basis": row.basis})


def of_contents(content: Mapping[str, Any], *later: Mapping[str, Any]) -> Basis:
    """An item's as its version says (`service.Item.content`); what its `later` versions cite is compared too."""
    words = [str(each) for said in (content, *later) for each in said.get("basis") or ()]
    fines = [each for each in content.get("fine") or () if isinstance(each, Mapping)]
    return Basis(
        f"{content['code']} {content['name']}",
        "；".join(dict.fromkeys(words)),
        frozenset(content.get("kinds") or ()),
        tuple(fines),
    )


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two days: what is in force of the citations, what is not, and the penalty they set."""

    day: date
    held: tuple[Resolved, ...]
    lost: tuple[Resolved, ...]
    penalty: Penalty | None

    @property
    def law(self) -> list[Any]:
        """What the citations are on this day, to be compared with another."""
        stands = ((each.name, each.standing, each.version, each.words) for each in (*self.held, *self.lost))
        return sorted(stands, key=lambda each: each[0])


@dataclass(frozen=True, slots=True)
class Compared:
    """Both sides and the choice. `law` is what follows from the provisions alone; `from_item`: the ranges are the item's
    own, not read from the articles; `standards`: the item's discretion standards of both days, which are chosen with the
    law (None: it has none)."""

    basis: Basis
    old: Side
    new: Side
    law: Verdict
    from_item: bool
    standards: Pair | None = None

    @property
    def law_differs(self) -> bool:
        """Whether the two days are under different law at all, as far as is known."""
        return self.old.law != self.new.law or self.old.penalty != self.new.penalty

    @property
    def differs(self) -> bool:
        """Whether law or discretion standard of the two days differ."""
        return self.law_differs or self.standard_differs

    @property
    def standard_differs(self) -> bool:
        """Whether their discretion standards do."""
        return bool(self.standards and self.standards.differs)

    @property
    def verdict(self) -> Verdict:
        """The choice of both as one. Where the provisions say that the act is no violation the standard has no say."""
        if not self.standards or not self.standards.differs:
            return self.law
        told = self.standards.verdict
        if not self.law_differs:
            return told
        if (self.old.penalty is None or self.new.penalty is None) and self.law.choice is not Choice.WEIGH:
            return self.law
        if self.old.penalty == self.new.penalty and self.law.choice is Choice.OLD:
            return Verdict(told.choice, (*self.law.reasons, *told.reasons))
        return lenity.together(self.law, told)

    @property
    def words(self) -> str:
        """The choice with its reasons, as a decision may state it; empty where people have to weigh it."""
        if self.verdict.choice is Choice.WEIGH:
            return ""
        told = [f"违法行为终了于{_day(self.old.day)}"]
        told += [
            f"{title}的规定为{'、'.join(each.name for each in side.held)}"
            for title, side in (("当时", self.old), ("现行", self.new))
            if side.held
        ]
        if self.standards and self.standards.differs:
            pair = (("当时", self.standards.old), ("现行", self.standards.new))
            told += [f"{title}的裁量基准为{each.name}" for title, each in pair if each]
        applied = "新的规定" if self.verdict.choice is Choice.NEW else "行为时的规定"
        if self.standard_differs:
            applied += "和裁量基准"
        return f"{'，'.join(told)}。{''.join(self.verdict.reasons)}依照{lenity.BASIS}，适用{applied}。"


def compare(session: Session, basis: Basis, acted: date, decided: date, pair: Pair | None = None) -> Compared:
    """Both versions, and which counts. Where nothing cited is loaded for one of the days it is left to people.

    Args:
        pair: the discretion standards of both days, where it is about an item.
    """
    sides = []
    changing = any(each.get("until") for each in basis.fines)
    for day in (acted, decided):
        found = library.remembered(session, basis.words, day)
        held = tuple(each for each in found if each.standing is Standing.IN_FORCE and each.words)
        lost = tuple(each for each in found if each not in held)
        told = (
            _own(basis, day)
            if changing
            else penalty("\n".join(each.words for each in held))
            if held
            else None
        )
        sides.append(Side(day, held, lost, told))
    old, new = sides
    return Compared(basis, old, new, _verdict(old, new, certain=changing), changing, pair)


def _verdict(old: Side, new: Side, *, certain: bool) -> Verdict:
    doubtful = [each for side in (old, new) for each in side.lost if each.standing in
                (Standing.UNKNOWN, Standing.OUTDATED, Standing.IN_FORCE)]  # fmt: skip
    if certain:
        return lenity.compare(old.penalty, new.penalty)
    unloaded = not old.held or not new.held
    if (old.penalty is None or new.penalty is None) and (doubtful or unloaded):
        return Verdict(Choice.WEIGH, tuple(_whys(old, new)))
    verdict = lenity.compare(old.penalty, new.penalty)
    if verdict.choice is not Choice.WEIGH and doubtful:
        return Verdict(Choice.WEIGH, (*verdict.reasons, *_whys(old, new)))
    return verdict


def _whys(old: Side, new: Side) -> Iterable[str]:
    for title, side in (("行为时", old), ("决定时", new)):
        for each in side.lost:
            yield f"{title}：{each.name}{each.problem}"
        if not side.held and not side.lost:
            yield f"{title}：没有引用条文。"


def _own(basis: Basis, day: date) -> Penalty:
    return Penalty(basis.kinds, tuple(_fines(basis.fines, day)))


def ranges_on(rows: Sequence[Mapping[str, Any]], day: date) -> list[Mapping[str, Any]]:
    """The ranges of an item that are the law on a day: those that end after it, or, where none does, those without an
    end."""
    ended = [row for row in rows if row.get("until") and day < date.fromisoformat(str(row["until"]))]
    return ended or [row for row in rows if not row.get("until")]


def _fines(rows: Sequence[Mapping[str, Any]], day: date) -> Iterable[Fine]:
    for row in ranges_on(rows, day):
        high = _number(row.get("max"))
        if high is not None:
            yield Fine(
                _number(row.get("min")), high, str(row.get("unit") or "元"), str(row.get("base") or ""),
                str(row.get("condition") or ""),
            )  # fmt: skip


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _number(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value)) if value not in (None, "") else None
    except InvalidOperation:
        return None
