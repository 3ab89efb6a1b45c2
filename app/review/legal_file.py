"""The whole file of a case as texts to read: documents as issued, evidence, and what was handed in at each step."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from app.cases import service as cases
from app.documents import service as documents
from app.forms import service as forms
from app.kernel import words

from .legal_text import Block, Passage, Source, blocks_of, digest_of


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the file's index."""

    title: str
    sources: Sequence[Source]


@dataclass(frozen=True, slots=True)
class Paper:
    """A document of the case: its text, the code of its kind, when it was issued."""

    source: Source
    code: str
    at: datetime


@dataclass(frozen=True, slots=True)
class File:
    """The file: `papers` oldest first."""

    papers: Sequence[Paper]
    evidence: Sequence[Source]
    steps: Sequence[Source]

    @property
    def parts(self) -> list[Part]:
        """The index, without parts that hold nothing."""
        named = (
            ("文书", [paper.source for paper in self.papers]),
            ("证据", self.evidence),
            ("各环节办理内容", self.steps),
        )
        return [Part(title, sources) for title, sources in named if sources]

    def source(self, key: str) -> Source | None:
        """The text of this name."""
        return next((s for part in self.parts for s in part.sources if s.key == key), None)


def of_desk(session: Session, desk: cases.Desk) -> File:
    """The file of a task's case."""
    running = desk.running
    steps = cases.steps(session, running.case, running.procedure, desk.handed_in)
    return File(
        [Paper(of_document(d), d.code, d.issued_at) for d in documents.texts(session, running.case.id)],
        list(_evidence(session, desk)),
        [of_step(step) for step in steps],
    )


def of_document(document: Any) -> Source:
    """A document as it was issued."""
    return Source(
        f"document:{document.id}",
        document.title,
        blocks_of(document.data["blocks"]),
        document.data_digest,
        document.number or "",
        f"{words.day(document.issued_on)}签发",
        url_for("documents.pdf", document_id=document.id),
    )


def of_draft(code: str, data: Mapping[str, Any], digest: str = "") -> Source:
    """A draft as it would print."""
    blocks = blocks_of(data["blocks"])
    return Source(f"draft:{code}", data["meta"]["title"], blocks, digest or digest_of(blocks))


def of_step(step: cases.StepView) -> Source:
    """What was handed in at a step."""
    blocks = list(answer_blocks(step.answers))
    said = f"{'、'.join(step.by)}，{words.china(step.at)}" + ("" if step.latest else "（后来重新办理）")
    return Source(f"step:{step.id}", step.name, blocks, digest_of(blocks), said=said)


def answer_blocks(answers: Iterable[forms.Answer]) -> Iterable[Block]:
    """Answers of a form as blocks, under the headings of the form."""
    section = ""
    for answer in answers:
        if answer.section != section:
            section = answer.section
            yield Block("heading", [Passage("", section)])
        yield _answer(answer)


def _answer(answer: forms.Answer) -> Block:
    if answer.rows:
        rows = [
            [Passage(f"{answer.key}.{n}.{m}", cell.text) for m, cell in enumerate(row)]
            for n, row in enumerate(answer.rows)
        ]
        files = [file for row in answer.rows for cell in row for file in cell.files]
        return Block("table", (), answer.label, list(answer.head), rows, files)
    if answer.files:
        return Block("files", (), answer.label, files=list(answer.files))
    if answer.pairs:
        lines = [Passage(f"{answer.key}.{n}", f"{k}：{v}") for n, (k, v) in enumerate(answer.pairs)]
        return Block("pair", lines, answer.label)
    lines = [Passage(f"{answer.key}.{n}", line) for n, line in enumerate(answer.text.split("\n"))]
    return Block("pair", lines, answer.label)


def _evidence(session: Session, desk: cases.Desk) -> Iterable[Source]:
    """Each piece of evidence once, as it was entered last."""
    running = desk.running
    for line in cases.evidence_of(session, running.case.id, running.procedure):
        blocks = [
            Block("pair", [Passage(key, str(line[key]))], label)
            for key, label in (("kind", "证据种类"), ("proves", "证明内容"), ("pages", "页数"))
            if line.get(key)
        ]
        if line.get("file"):
            blocks.append(Block("files", (), "文件", files=[line["file"]]))
        said = f"“{line.get('step', '')}”中提交" if line.get("step") else ""
        name = str(line["name"])
        key = hashlib.sha256(name.encode()).hexdigest()[
            :12
        ]  # a piece keeps its name, not its place in the list
        yield Source(f"evidence:{key}", name, blocks, digest_of(blocks), said=said)
