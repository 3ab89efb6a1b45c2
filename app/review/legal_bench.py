"""Everything the workbench of a legal review shows, gathered once: the template only lays out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from app.cases import service as cases
from app.cases.models import Case, WorkItem
from app.documents import service as documents
from app.engine import service as engine
from app.forms import service as forms
from app.kernel.auth import Actor
from app.kernel.errors import Invalid, NotFound, XingquanError
from app.people import service as people

from . import legal_keeping, legal_noticed, legal_precedents, legal_remarks, legal_reminders, legal_rounds
from .legal_file import File, of_desk
from .legal_models import ReviewRemark
from .legal_points import Shape, shape_of
from .legal_text import Mark, Passage, Segment, Source, located, segments

Places = dict[str, dict[str, list[Mark]]]
"""Marks by source and passage."""


@dataclass(frozen=True, slots=True)
class Bench:
    """Where a task has a workbench of its own: what the link says, and where it leads."""

    label: str
    hint: str
    url: str


@dataclass(frozen=True, slots=True)
class RemarkView:
    """A remark as the page shows it; `lost` where its words stand in no text any more."""

    remark: ReviewRemark
    number: int
    kind: str
    point: str
    source: Source | None
    lost: bool

    @property
    def line(self) -> str:
        """The remark as a sentence of the opinion."""
        said = self.remark.said
        return f"《{said['title']}》“{said['quote']}”：{said['text']}"


@dataclass(frozen=True, slots=True)
class Qualification:
    """The certificate the reviewer must hold: its name, number and last day; `held` says whether it is valid today."""

    name: str
    number: str
    until: Any
    held: bool


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of a review with the marks in them."""

    file: File
    drafts: Sequence[Source]
    remarks: Sequence[RemarkView]
    marks: Places = field(default_factory=dict)

    def pieces(self, source: Source, passage: Passage) -> list[Segment]:
        """A passage cut where a mark begins or ends."""
        return segments(passage.text, self.marks.get(source.key, {}).get(passage.key, ()))

    def source(self, key: str) -> Source | None:
        """The text of this name."""
        return next((s for s in self.drafts if s.key == key), None) or self.file.source(key)


@dataclass(frozen=True, slots=True)
class BenchView:
    """The workbench."""

    work: WorkItem
    case: Case
    mode: str
    """`edit`, `claim` or `read`."""
    verb: str
    duty: str
    basis: str
    due: cases.DueView | None
    assignee: str
    form: forms.Form
    form_html: Any
    answers: Sequence[forms.Answer]
    errors: Mapping[str, Sequence[str]]
    shape: Shape
    texts: Texts
    opinions: Sequence[tuple[str, str]]
    """The documents the task itself issues: code and title."""
    noticed: legal_noticed.Noticed
    discretion: legal_precedents.Discretion | None
    established: Sequence[tuple[str, Sequence[cases.Established]]]
    again: legal_rounds.Again
    qualification: Qualification | None
    reminder: Any
    facts: Sequence[tuple[str, str]]

    @property
    def wanting(self) -> int:
        """How many things are established not to be in order: rules still ahead are none of them."""
        return sum(e.state == "open" for name, group in self.established for e in group if name != "法律规则")


def desk_of(session: Session, actor: Actor, work_item_id: int) -> cases.Desk:
    """A review task that exists for this person.

    Raises:
        NotFound: it does not exist, or is no review.
    """
    desk = cases.desk(session, actor, work_item_id)
    if desk.work.step != legal_keeping.REVIEW:
        raise NotFound("这项任务不是法制审核。")
    return desk


def shape(desk: cases.Desk) -> Shape:
    """What the form of the task asks for."""
    return shape_of(cases.form_of(desk.running, desk.work), desk.running.procedure.rules, desk.work.step)


def texts(
    session: Session, desk: cases.Desk, ahead: cases.Ahead, form_shape: Shape, remarks: Sequence[ReviewRemark]
) -> Texts:
    """The texts with the remarks of this round, and those of the round before as earlier ones."""
    found = Texts(of_desk(session, desk), legal_keeping.drafts(desk.running, ahead), [])
    mine = [r for r in remarks if r.work_item_id == desk.work.id]
    views = []
    for number, remark in enumerate(mine, 1):
        source = found.source(remark.source)
        place = _place(source, remark)
        if source and place:
            told = f"批注 {number}：{remark.said['text'] or legal_remarks.KINDS[remark.kind]}"
            _mark(found.marks, source, place, remark, Mark(0, 0, remark.kind, str(remark.id), number, told))
        point = form_shape.point(remark.point)
        kind = legal_remarks.KINDS[remark.kind]
        views.append(RemarkView(remark, number, kind, point.label if point else "", source, place is None))
    return Texts(found.file, found.drafts, views, found.marks)


def _place(source: Source | None, remark: ReviewRemark) -> tuple[str, int] | None:
    passages = list(source.passages()) if source else []
    return located(passages, remark.passage, remark.start, remark.said["quote"])


def _mark(marks: Places, source: Source, place: tuple[str, int], remark: ReviewRemark, like: Mark) -> None:
    key, start = place
    made = Mark(start, start + len(remark.said["quote"]), like.kind, like.ref, like.number, like.told)
    marks.setdefault(source.key, {}).setdefault(key, []).append(made)


def _merge(marks: Places, source: Source | None, more: Mapping[str, Sequence[Mark]], kind: str = "") -> None:
    for key, found in more.items() if source else ():
        marked = [Mark(m.start, m.end, kind or m.kind) for m in found]
        marks.setdefault(source.key, {}).setdefault(key, []).extend(marked)  # type: ignore[union-attr]


def bench(
    session: Session,
    actor: Actor,
    work_item_id: int,
    answers: Mapping[str, Any] | None,
    error: XingquanError | None,
) -> BenchView:
    """Everything the page shows. Without `answers` the form is filled in from this person's draft.

    Raises:
        NotFound: the task does not exist for this person, or is no review.
    """
    desk = desk_of(session, actor, work_item_id)
    work, running = desk.work, desk.running
    form = cases.form_of(running, work)
    form_shape = shape(desk)
    ahead = cases.decision_ahead(running)
    remarks = legal_remarks.of_case(session, running.case.id)
    found = texts(session, desk, ahead, form_shape, remarks)
    papers = found.file.papers
    told = legal_noticed.noticed(desk, ahead, papers, found.drafts[0] if found.drafts else None)
    again = legal_rounds.again(session, desk, form_shape, remarks, found.file, found.drafts)
    _show(found, told, again)
    mode = _mode(work, actor)
    info = engine.nodes(running.spec)[work.node]
    if answers is None:
        answers = desk.draft
    if answers is None:
        answers = {**form.prefilled(cases.context_of(running)), **_carried(again, form_shape)}
    errors = error.errors if isinstance(error, Invalid) else {}
    context = cases.form_context(running, f"work:{work.id}")
    done = next((s.data for s in desk.handed_in if s.work_item_id == work.id), None)
    declared = [d for d in info.documents if d.get("when", "complete") == "complete"]
    checked = cases.established(running, work, ahead)
    steps = cases.steps(session, running.case, running.procedure, desk.handed_in)
    names = people.officers(session, {work.assignee_id} if work.assignee_id else set())
    return BenchView(
        work=work,
        case=running.case,
        mode=mode,
        verb=info.attributes.get("verb", f"提交{work.name}"),
        duty=info.attributes.get("duty", ""),
        basis=info.attributes.get("basis", ""),
        due=cases.due_of(desk.clock) if work.status == cases.WorkStatus.OPEN else None,
        assignee=names[work.assignee_id].name if work.assignee_id else "",
        form=form,
        form_html=forms.render(form, answers, errors, context) if mode == "edit" else None,
        answers=forms.summary(form, done) if done else [],
        errors=errors,
        shape=form_shape,
        texts=found,
        opinions=[(d["code"], documents.kind(d["code"], running.procedure.templates).name) for d in declared],
        noticed=told,
        discretion=legal_precedents.discretion(session, actor, desk, ahead),
        established=[(g, [e for e in checked if e.group == g]) for g in cases.ESTABLISHED_GROUPS],
        again=again,
        qualification=qualification(session, actor, running),
        reminder=legal_reminders.state(session, running),
        facts=cases.key_facts(running, steps),
    )


def _carried(again: legal_rounds.Again, form_shape: Shape) -> dict[str, Any]:
    """What the last review said of the file itself; findings, conclusion and opinion are given anew."""
    if again.last is None:
        return {}
    anew = {form_shape.conclusion, form_shape.opinion}
    anew |= {key for point in form_shape.points for key in (point.key, point.note)}
    return {key: value for key, value in again.last.submission.data.items() if value and key not in anew}


def _show(found: Texts, told: legal_noticed.Noticed, again: legal_rounds.Again) -> None:
    """Mark in the texts what the comparisons found, and the remarks of the round before."""
    draft = found.drafts[0] if found.drafts else None
    _merge(found.marks, draft, told.text.new)
    _merge(found.marks, told.notice, told.text.old)
    _merge(found.marks, draft, again.draft.new, "changed")
    for paper in again.papers:
        _merge(found.marks, paper.source, paper.difference.new, "changed")
    for answered in again.answered:
        source = found.source(answered.remark.source)
        if source and (place := _place(source, answered.remark)):
            like = Mark(0, 0, "earlier", told=f"上次批注：{answered.remark.said['text']}")
            _mark(found.marks, source, place, answered.remark, like)


def _mode(work: WorkItem, actor: Actor) -> str:
    if work.status == cases.WorkStatus.OPEN and work.assignee_id == actor.officer_id:
        return "edit"
    free = work.status == cases.WorkStatus.OPEN and work.assignee_id is None
    return "claim" if free and work.position_key in actor.positions else "read"


def qualification(
    session: Session, actor: Actor, running: cases.Running | None = None
) -> Qualification | None:
    """The certificate the law asks of the reviewer; None where the procedure asks for none."""
    kind = "legal" if running is None else running.procedure.rules.certificates.get(legal_keeping.REVIEW)
    if not kind or actor.officer_id is None:
        return None
    card = people.officer(session, actor.officer_id)
    held = next((c for c in card.certificates if c.kind == kind), None)
    name = people.CERTIFICATE_NAMES[people.CertificateKind(kind)]
    return Qualification(name, held.number if held else "", held.valid_to if held else None, held is not None)
