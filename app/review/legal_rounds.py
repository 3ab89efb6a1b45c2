"""Earlier reviews of a case, and what has changed since the last one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any

from sqlalchemy.orm import Session

from app.cases import service as cases
from app.cases.models import Submission
from app.forms import service as forms
from app.people import service as people

from . import legal_keeping
from .legal_diff import Change, Difference, compare
from .legal_file import File, Paper
from .legal_models import ReviewRemark
from .legal_points import Shape
from .legal_text import Source

ALIKE = 0.35
"""An answer belongs to a remark at least so alike to what it says it answers."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the handlers answered: the row of their table in words (label, text), the first of them what it answers."""

    cells: Sequence[tuple[str, str]]
    step: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Answered:
    """A remark of the last round with what was answered to it (None: nothing that can be told to belong to it)."""

    remark: ReviewRemark
    reply: Reply | None


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field that was handed in anew with another content."""

    step: str
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class PaperChange:
    """A document issued anew: its differences from the one of the same kind before; `old` None: it is new."""

    source: Source
    old: Source | None
    difference: Difference


@dataclass(frozen=True, slots=True)
class Round:
    """An earlier review as its reviewer handed it in."""

    submission: Submission
    by: str
    conclusion: str
    opinion: str
    findings: Mapping[str, tuple[str, str]]
    """By point: the finding and its explanation."""
    passed: bool


@dataclass(frozen=True, slots=True)
class Again:
    """A second (third ...) review. `number` counts this one; `last` is the round before."""

    number: int = 1
    rounds: Sequence[Round] = ()
    answered: Sequence[Answered] = ()
    others: Sequence[Reply] = ()
    """Answers that belong to no remark in particular."""
    fields: Sequence[FieldChange] = ()
    papers: Sequence[PaperChange] = ()
    draft: Difference = field(default_factory=Difference)
    draft_kept: bool = False
    since: Sequence[Submission] = ()
    evidence: frozenset[str] = frozenset()
    """The evidence first handed in since."""

    @property
    def last(self) -> Round | None:
        """The round before this one."""
        return self.rounds[-1] if self.rounds else None

    @property
    def changes(self) -> int:
        """How many things changed since the last round."""
        return len(self.since) + len(self.papers) + len(self.draft.changes)

    @property
    def new(self) -> frozenset[str]:
        """The texts of the file that were not there before."""
        return (
            frozenset(f"step:{s.id}" for s in self.since)
            | {p.source.key for p in self.papers}
            | self.evidence
        )


def again(
    session: Session,
    desk: cases.Desk,
    shape: Shape,
    remarks: Sequence[ReviewRemark],
    file: File,
    drafts: Sequence[Source],
) -> Again:
    """What came before this round, and what changed since. `remarks` are those of all rounds."""
    work = desk.work
    earlier = [s for s in desk.handed_in if s.step == work.step and s.work_item_id != work.id]
    if not earlier:
        return Again()
    names = people.officers(session, {s.by_id for s in earlier})
    rounds = [_round(s, names[s.by_id].name, shape, desk) for s in earlier]
    last = earlier[-1]
    since = [s for s in desk.handed_in if s.id > last.id and s.work_item_id != work.id]
    replies = list(_replies(session, desk, since))
    mine = [r for r in remarks if r.work_item_id == last.work_item_id]
    answered, others = _matched(mine, replies)
    kept = legal_keeping.kept(session, last.work_item_id)
    difference = Difference()
    for draft in drafts:
        if before := kept.get(draft.key.partition(":")[2]):
            difference = compare(before, list(draft.passages()))
            break
    return Again(
        number=len(earlier) + 1,
        rounds=rounds,
        answered=answered,
        others=others,
        fields=list(_fields(desk, last, since)),
        papers=list(_papers(last, file.papers)),
        draft=difference,
        draft_kept=bool(kept),
        since=since,
        evidence=frozenset(_new_evidence(desk, last, file)),
    )


def _round(submission: Submission, by: str, shape: Shape, desk: cases.Desk) -> Round:
    data = submission.data
    findings = {p.key: (str(data.get(p.key) or ""), str(data.get(p.note) or "")) for p in shape.points}
    form = cases.form_named(desk.running.procedure, submission.form)
    return Round(
        submission,
        by,
        str(data.get(shape.conclusion) or ""),
        str(data.get(shape.opinion) or ""),
        findings,
        bool(form.routing(data).get(shape.passed)),
    )


def _replies(session: Session, desk: cases.Desk, since: Iterable[Submission]) -> Iterable[Reply]:
    """The rows of every table handed in since, in words: how a rectification answers one by one."""
    since = list(since)
    names = people.officers(session, {s.by_id for s in since})
    for submission in since:
        form = cases.form_named(desk.running.procedure, submission.form)
        for answer in forms.summary(form, submission.data):
            if answer.kind != "list":
                continue
            for row in answer.rows:
                cells = [(label, c.text) for label, c in zip(answer.head, row, strict=True) if c.text]
                if cells:
                    yield Reply(cells, submission.name, names[submission.by_id].name, submission.at)


def _new_evidence(desk: cases.Desk, last: Submission, file: File) -> Iterable[str]:
    """The evidence that nothing handed in up to the last review names."""
    before = {
        row.get("name")
        for s in desk.handed_in
        if s.id <= last.id
        for value in s.data.values()
        if isinstance(value, list)
        for row in value
        if isinstance(row, Mapping)
    }
    yield from (source.key for source in file.evidence if source.title not in before)


def _matched(remarks: Sequence[ReviewRemark], replies: Sequence[Reply]) -> tuple[list[Answered], list[Reply]]:
    """Each remark with the answer that is most alike to its words; an answer may settle several remarks."""
    found, taken = [], set()
    for remark in remarks:
        scores = [(_alike(remark.said, reply), n) for n, reply in enumerate(replies)]
        best, n = max(scores, default=(0.0, 0))
        if best >= ALIKE:
            taken.add(n)
        found.append(Answered(remark, replies[n] if best >= ALIKE else None))
    return found, [reply for n, reply in enumerate(replies) if n not in taken]


def _alike(said: Mapping[str, Any], reply: Reply) -> float:
    about = reply.cells[0][1]
    texts = [text for text in (said.get("text"), said.get("quote")) if text]
    if any(text in about or about in text for text in texts):
        return 1.0
    return max((SequenceMatcher(None, text, about, autojunk=False).ratio() for text in texts), default=0.0)


def _fields(desk: cases.Desk, last: Submission, since: Iterable[Submission]) -> Iterable[FieldChange]:
    """What was handed in again since with another content."""
    newest = {s.form: s for s in since}
    for name, submission in newest.items():
        old = next((s for s in reversed(desk.handed_in) if s.form == name and s.id < last.id), None)
        if old is None:
            continue
        form = cases.form_named(desk.running.procedure, name)
        before = {a.key: a.text for a in forms.summary(form, old.data)}
        after = {a.key: (a.label, a.text) for a in forms.summary(form, submission.data)}
        labels = {i.key: i.label for i in form.keyed()}
        for key in [*after, *(k for k in before if k not in after)]:
            text = after.get(key, ("", ""))[1]
            if before.get(key, "") != text:
                yield FieldChange(submission.name, labels[key], before.get(key, ""), text)


def _papers(last: Submission, papers: Sequence[Paper]) -> Iterable[PaperChange]:
    """Documents issued since the last review, each against the one of its kind before."""
    for n, paper in enumerate(papers):
        if paper.at <= last.at:
            continue
        old = next((p.source for p in reversed(papers[:n]) if p.code == paper.code), None)
        before = list(old.passages()) if old else []
        difference = compare(before, list(paper.source.passages())) if old else Difference()
        yield PaperChange(paper.source, old, difference)


__all__ = ["Again", "Answered", "Change", "FieldChange", "PaperChange", "Reply", "Round", "again"]
