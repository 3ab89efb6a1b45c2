"""Differences between two texts of a case, in places and in words. Pure."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from itertools import accumulate

from .legal_text import Mark, Passage

ALIKE = 0.5
"""Passages at least so alike are two versions of one; anything less is another passage."""
MOST = 250_000
"""Up to this product of two lengths texts are compared by characters, above it by clauses: the work grows with it."""
SHORT = 12
"""Passages below this length say too little to be told apart by likeness."""
_CITED = re.compile(
    r"《([^《》]{2,60})》((?:第[一二三四五六七八九十百千零〇\d]+条(?:之[一二三四五六七八九十])?"
    r"(?:第[一二三四五六七八九十\d]+款)?(?:第?[（(]?[一二三四五六七八九十\d]+[)）]?项)?[、和及]?)+)"
)
_YUAN = re.compile(r"[￥¥]\s?([\d,]+(?:\.\d{1,2})?)")


@dataclass(slots=True)
class Difference:
    """What one text has that the other has not: places by passage, and the words of each change."""

    old: dict[str, list[Mark]] = field(default_factory=dict)
    new: dict[str, list[Mark]] = field(default_factory=dict)
    changes: list["Change"] = field(default_factory=list)
    old_text: Sequence[Passage] = ()
    new_text: Sequence[Passage] = ()

    def without(self, old_wording: str, new_wording: str) -> "Difference":
        """The same without changes whose every clause stands in the wording of its own kind of document, or anywhere in
        the other text: the two put the same thing in other places or words of form."""
        texts = {key: _joined(each) for key, each in (("old", self.old_text), ("new", self.new_text))}
        kept = [
            c
            for c in self.changes
            if not (_usual(c.was, old_wording, texts["new"]) and _usual(c.now, new_wording, texts["old"]))
        ]
        found = Difference(changes=kept, old_text=self.old_text, new_text=self.new_text)
        for change in kept:
            for marks, place, words, kind, wording, other in (
                (found.old, change.old_place, change.was, "gone", old_wording, texts["new"]),
                (found.new, change.new_place, change.now, "new", new_wording, texts["old"]),
            ):
                if place and (span := _unusual(words, wording, other)):
                    mark = Mark(place[1] + span[0], place[1] + span[1], kind)
                    marks.setdefault(place[0], []).append(mark)
        return found

    @property
    def same(self) -> bool:
        """Whether nothing differs."""
        return not self.changes


@dataclass(frozen=True, slots=True)
class Change:
    """One change in words: `before` and `after` (either may be empty) at a passage of the new text, or of the old one
    where it is gone (`passage` names it, `gone` says which). `was` and `now` are the changed words alone, `old_place` and
    `new_place` where they stand (passage, from, to)."""

    before: str
    after: str
    passage: str
    gone: bool = False
    was: str = ""
    now: str = ""
    old_place: tuple[str, int, int] | None = None
    new_place: tuple[str, int, int] | None = None


def compare(old: Sequence[Passage], new: Sequence[Passage], only_alike: bool = False) -> Difference:
    """The differences. `only_alike`: passages without a counterpart are no difference (two kinds of document say
    different things anyway), only what became of what both say."""
    found = Difference(old_text=old, new_text=new)
    pairs = _paired(old, new)
    taken = set(pairs.values())
    for n, passage in enumerate(new):
        if not passage.text:
            continue
        if n not in pairs:
            if not only_alike:
                found.new.setdefault(passage.key, []).append(Mark(0, len(passage.text), "new"))
                found.changes.append(Change("", passage.text, passage.key))
            continue
        _within(old[pairs[n]], passage, found)
    if not only_alike:
        for n, passage in enumerate(old):
            if passage.text and n not in taken:
                found.old.setdefault(passage.key, []).append(Mark(0, len(passage.text), "gone"))
                found.changes.append(Change(passage.text, "", passage.key, True))
    return found


def _paired(old: Sequence[Passage], new: Sequence[Passage]) -> dict[int, int]:
    """The passage of the old text that each one of the new text was: the same words first, then the most alike."""
    pairs: dict[int, int] = {}
    left = {n for n, passage in enumerate(old) if passage.text}
    by_text: dict[str, list[int]] = {}
    for n in sorted(left):
        by_text.setdefault(old[n].text, []).append(n)
    for n, passage in enumerate(new):
        if passage.text and by_text.get(passage.text):
            pairs[n] = by_text[passage.text].pop(0)
            left.discard(pairs[n])
    letters = {n: _pairs_of(old[n].text) for n in left}
    for n, passage in enumerate(new):
        if n in pairs or len(passage.text) < SHORT:
            continue
        mine = _pairs_of(passage.text)
        best, place = max(((_likeness(letters[m], mine), -m) for m in left), default=(0.0, 0))
        if best >= ALIKE:
            pairs[n] = -place
            left.discard(-place)
    return pairs


def _likeness(one: Counter[str], other: Counter[str]) -> float:
    """How much of two texts is the same, from 0 to 1: pairs of neighbouring characters in common (Dice)."""
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 0.0


def _pairs_of(text: str) -> Counter[str]:
    return Counter(text[n : n + 2] for n in range(len(text) - 1)) if len(text) >= SHORT else Counter()


def _within(old: Passage, new: Passage, found: Difference) -> None:
    if old.text == new.text:
        return
    for begin, end, start, stop in pieces(old.text, new.text):
        if end > begin:
            found.old.setdefault(old.key, []).append(Mark(begin, end, "gone"))
        if stop > start:
            found.new.setdefault(new.key, []).append(Mark(start, stop, "new"))
        found.changes.append(
            Change(
                _around(old.text, begin, end) if end > begin else "",
                _around(new.text, start, stop) if stop > start else "",
                new.key,
                was=old.text[begin:end],
                now=new.text[start:stop],
                old_place=(old.key, begin, end),
                new_place=(new.key, start, stop),
            )
        )


def pieces(old: str, new: str) -> list[tuple[int, int, int, int]]:
    """The places that differ: from, to in the old text, from, to in the new one. Islands of less than four equal
    characters are part of the change around them: a letter both happen to have says nothing."""
    same = _common(old, new)
    ends = _common(old[same:][::-1], new[same:][::-1])
    one, other = old[same : len(old) - ends], new[same : len(new) - ends]
    merged: list[list[int]] = []
    for begin, end, start, stop in _unequal(one, other):
        if merged and begin - merged[-1][1] < 4 and start - merged[-1][3] < 4:
            merged[-1][1], merged[-1][3] = end, stop
        else:
            merged.append([begin, end, start, stop])
    return [(a + same, b + same, c + same, d + same) for a, b, c, d in merged if one[a:b] != other[c:d]]


def _common(one: str, other: str) -> int:
    return next(
        (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def _unequal(old: str, new: str) -> Iterator[tuple[int, int, int, int]]:
    """The unequal stretches: by characters, of long texts by clauses, whose number stays small."""
    if len(old) * len(new) <= MOST:
        whole: list[Sequence[str]] = [old, new]
        places = [range(len(old) + 1), range(len(new) + 1)]
    else:
        whole = [_CLAUSES.findall(text) for text in (old, new)]
        places = [[0, *accumulate(len(each) for each in clauses)] for clauses in whole]  # type: ignore[misc]
    for tag, a, b, c, d in SequenceMatcher(None, whole[0], whole[1], autojunk=False).get_opcodes():
        if tag != "equal":
            yield places[0][a], places[0][b], places[1][c], places[1][d]


_CLAUSES = re.compile(r"[^，。；：、？！\n]*[，。；：、？！\n]|[^，。；：、？！\n]+$")
_WORDS = re.compile(r"[^，。；：、？！,;:\s]+")


def _joined(passages: Sequence[Passage]) -> str:
    return "\n".join(passage.text for passage in passages)


def _usual(words: str, wording: str, other: str) -> bool:
    """Whether every clause of these words is the template's own, or said in the other text too."""
    return _unusual(words, wording, other) is None


def _unusual(words: str, wording: str, other: str) -> tuple[int, int] | None:
    """From the first to the last clause that says something of its own; None: no clause does."""
    own = [m.span() for m in _WORDS.finditer(words) if m[0] not in wording and m[0] not in other]
    return (own[0][0], own[-1][1]) if own else None


def _around(text: str, start: int, end: int) -> str:
    """The changed words with a little of what stands around them."""
    left, right = max(0, start - 6), min(len(text), end + 6)
    return f"{'…' if left else ''}{text[left:right]}{'…' if right < len(text) else ''}"


def cited(passages: Sequence[Passage]) -> dict[str, str]:
    """The statutes and articles a text cites, each with the passage that does so first."""
    found: dict[str, str] = {}
    for passage in passages:
        for law, articles in _CITED.findall(passage.text):
            found.setdefault(f"《{law}》{articles.rstrip('、和及')}", passage.key)
    return found


def sums(passages: Sequence[Passage]) -> Mapping[str, str]:
    """The sums of money in figures a text states, each with the passage that does so first."""
    found: dict[str, str] = {}
    for passage in passages:
        for figure in _YUAN.findall(passage.text):
            found.setdefault(figure.replace(",", ""), passage.key)
    return found
