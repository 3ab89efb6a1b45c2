"""What the party was told against what is proposed now: kind, amount, articles, facts."""

import re
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.cases import service as cases
from app.documents import service as documents
from app.kernel import words

from .legal_diff import Difference, cited, compare, sums
from .legal_file import Paper
from .legal_text import Source

SAME, LIGHTER, HEAVIER, OTHER = "same", "lighter", "heavier", "other"
WORDS = {SAME: "一致", LIGHTER: "轻于告知", HEAVIER: "重于告知", OTHER: "不一致"}


@dataclass(frozen=True, slots=True)
class Row:
    """One thing in words: as it was told, as it is proposed, and how they compare (`SAME` ...)."""

    label: str
    told: str
    proposed: str
    state: str
    article: str = ""

    @property
    def word(self) -> str:
        """The comparison in Chinese."""
        return WORDS[self.state]


@dataclass(frozen=True, slots=True)
class Noticed:
    """The comparison. `notice` is the document the party was given (None: none so far), `text` how the words of the
    draft differ from it."""

    notice: Source | None = None
    rows: Sequence[Row] = ()
    text: Difference = field(default_factory=Difference)

    @property
    def differing(self) -> int:
        """How many rows differ."""
        return sum(row.state != SAME for row in self.rows)


def noticed(desk: cases.Desk, ahead: cases.Ahead, papers: Sequence[Paper], draft: Source | None) -> Noticed:
    """Compare what was told (the newest of `papers` that the telling step rests on) with the draft.

    What only the templates of the two kinds of document word differently, or one says elsewhere, is no difference.
    """
    running, rows = desk.running, []
    paper: Paper | None = None
    rules = running.procedure.rules
    for limit in rules.no_increase:
        if limit.than not in running.case.passed:
            continue
        held = running.case.held.get(limit.than, {})
        for name in limit.attributes:
            number = name in rules.attributes and rules.attributes[name].type == "number"
            pair = (held.get(name), ahead.attributes.get(name))
            told_value, proposed = (0 if value is False and number else value for value in pair)
            label = rules.labels.get(name, name).removesuffix("（元）")
            rows.append(_valued(label, told_value, proposed, limit.article))
        rows += _kinds(desk, ahead, limit.than)
        told = {c for p in rules.documents_before if cases.matches(limit.than, p.before) for c in p.codes}
        paper = next((paper for paper in reversed(papers) if paper.code in told), paper)
    if paper is None or draft is None:
        return Noticed(paper.source if paper else None, rows)
    notice, own = paper.source, running.procedure.templates
    wordings = [documents.wording(code, own) for code in (paper.code, draft.key.partition(":")[2])]
    before, after = list(notice.passages()), list(draft.passages())
    procedural = {name for need in rules.needs for name in _LAW.findall(need.article)}
    laws = [_apart(cited(text), procedural) for text in (before, after)]
    rows += _sets("引用的实体法条款", laws[0], laws[1])
    rows += _sets("写明的金额", sums(before), sums(after), "元")
    found = compare(before, after, only_alike=True)
    return Noticed(notice, rows, found.without(wordings[0], wordings[1]))


_LAW = re.compile(r"《[^《》]+》")


def _apart(citations: Mapping[str, str], procedural: Set[str]) -> dict[str, str]:
    """Citations of other laws than those of procedure, which each kind of document cites for itself."""
    return {name: at for name, at in citations.items() if name[: name.index("》") + 1] not in procedural}


def _valued(label: str, told: Any, proposed: Any, article: str) -> Row:
    state = SAME
    if told != proposed:
        state = HEAVIER if (proposed or 0) > (told or 0) else LIGHTER
    return Row(label, _said(told), _said(proposed), state, article)


def _said(value: Any) -> str:
    if value is None:
        return "没有写明"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float | Decimal):
        return f"{words.amount(str(value))} 元"
    return str(value)


def _kinds(desk: cases.Desk, ahead: cases.Ahead, than: str) -> list[Row]:
    """The kinds of penalty: as the last proposal before the notice had them, and as the decision would."""
    told_at = next((s.id for s in reversed(desk.handed_in) if s.step == than), 0)
    for band in desk.running.procedure.rules.bands:
        if not band.kinds:
            continue
        told = next(
            (s.data.get(band.kinds) for s in reversed(desk.handed_in)
             if s.id < told_at and s.step in band.steps and s.data.get(band.kinds)), None,
        )  # fmt: skip
        proposed = ahead.answers.get(band.kinds)
        if told is None and proposed is None:
            continue
        more = set(proposed or ()) - set(told or ())
        less = set(told or ()) - set(proposed or ())
        state = HEAVIER if more else LIGHTER if less else SAME
        row = Row(
            "处罚种类", "、".join(told or ()) or "无", "、".join(proposed or ()) or "无", state, band.article
        )
        return [row]
    return []


def _sets(label: str, told: Mapping[str, str], proposed: Mapping[str, str], unit: str = "") -> list[Row]:
    """What only one of the two texts states; one row that says so where there is nothing."""
    gone = [name for name in told if name not in proposed]
    new = [name for name in proposed if name not in told]
    if not gone and not new:
        return [Row(label, _listed(told, unit), _listed(proposed, unit), SAME)] if told else []
    return [
        Row(
            label,
            "仅告知书：" + _listed(gone, unit) if gone else "决定书草案另有",
            "仅草案：" + _listed(new, unit) if new else "草案没有",
            OTHER,
        )
    ]


def _listed(names: Iterable[str], unit: str) -> str:
    return "；".join(f"{words.amount(name)} {unit}" if unit else name for name in names) or "无"
