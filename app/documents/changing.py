"""Changes of issued documents (更正、替代、补正、作废): what is entered in the register instead of an old document.

The register never loses a number: what replaces a document is a document of its own that names the old one, and the
old one stays in its place, marked. Who may do this, and when, is decided by `cases`.
"""

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from ..kernel import clock, events
from ..kernel.errors import Invalid
from . import own
from .entering import enter
from .filling import document_data
from .fonts import undrawable
from .models import Document, Status
from .own import Own
from .phrases import cn_date
from .template import Template, of_text

DATA = Path(__file__).parent / "data"
STATES = {"issued": "有效", "void": "已作废", "corrected": "已更正", "superseded": "已被替代"}
BECOMES = {"correct": Status.CORRECTED, "supersede": Status.SUPERSEDED}
FIXED_BLOCKS = frozenset({"redhead", "title", "number", "sign"})
LAYOUT = frozenset({"t", "align", "style"})
LONGEST = 2_000


@dataclass(frozen=True, slots=True)
class Pair:
    """A passage as it stands, and as it should."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A document as the list of a case shows it, whatever became of it. `replaced_by` and `replaces` are (id, title,
    number), `rectified_by` such a one for every later rectification."""

    id: int
    code: str
    title: str
    number: str | None
    issued_on: str
    status: str
    word: str
    reason: str
    relation: str
    replaces: tuple[int, str, str] | None
    replaced_by: tuple[int, str, str] | None
    rectified_by: tuple[tuple[int, str, str], ...]


@cache
def law() -> Mapping[str, Any]:
    """The kinds of change, what they are called and what the new document says (`data/changes.yaml`)."""
    return yaml.safe_load((DATA / "changes.yaml").read_text(encoding="utf-8"))


@cache
def _rectification() -> str:
    return (DATA / "rectification.yaml").read_text(encoding="utf-8")


def listed(session: Session, case_id: int) -> list[Listed]:
    """Every document of a case in the order of issue, void and replaced ones too, each with what it is bound to."""
    other = aliased(Document)
    rows = session.execute(
        select(Document, other)
        .outerjoin(other, Document.replaces_id == other.id)
        .where(Document.case_id == case_id)
        .order_by(Document.id)
    ).all()
    later: dict[int, list[Document]] = {}
    for document, old in rows:
        if old is not None:
            later.setdefault(old.id, []).append(document)
    return [_listed(document, old, later.get(document.id, ())) for document, old in rows]


def _named(document: Document) -> tuple[int, str, str]:
    return document.id, document.title, document.number or ""


def _listed(document: Document, old: Document | None, later: Sequence[Document]) -> Listed:
    instead = [d for d in later if d.relation in BECOMES]
    return Listed(
        document.id,
        document.code,
        document.title,
        document.number,
        document.issued_on.isoformat(),
        document.status,
        STATES[document.status],
        document.void_reason,
        document.relation,
        _named(old) if old else None,
        _named(instead[-1]) if instead else None,
        tuple(_named(d) for d in later if d.relation == "rectify"),
    )


def passages(data: Mapping[str, Any]) -> list[str]:
    """The texts of a filled document that a correction may change: statutory clauses, heading, number and signature
    excepted."""
    return [text for block in data["blocks"] if _open(block) for text in _texts(block)]


def _open(block: Mapping[str, Any]) -> bool:
    return block["t"] not in FIXED_BLOCKS and not block.get("lock")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if value.strip():
            yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            if name not in LAYOUT:
                yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def wrong_pairs(data: Mapping[str, Any], pairs: Sequence[Pair]) -> list[str]:
    """What is wrong with corrections of a document: nothing given, a passage it does not hold, a letter no font has."""
    if not pairs:
        return ["请写明原文和改正后的文字。"]
    told, texts = [], passages(data)
    for pair in pairs:
        if not pair.old or not pair.new:
            told.append("原文和改正后的文字都要填写。")
        elif pair.old == pair.new:
            told.append(f"“{pair.old}”与改正后的文字相同。")
        elif len(pair.old) > LONGEST or len(pair.new) > LONGEST:
            told.append(f"每处原文和改正后的文字不得超过 {LONGEST} 字。")
        elif not any(pair.old in text for text in texts):
            told.append(
                f"文书可以更正的内容中没有“{pair.old}”，请照原文逐字填写。法定条款、标题、文号和落款不能更正。"
            )
        elif characters := undrawable(pair.new):
            told.append(f"有字库中没有的字“{'”“'.join(characters)}”，请改用规范字形。")
    return told


def count_of(data: Mapping[str, Any], pair: Pair) -> int:
    """How often a passage stands in a document."""
    return sum(text.count(pair.old) for text in passages(data))


def _changed(value: Any, pairs: Sequence[Pair]) -> Any:
    if isinstance(value, str):
        for pair in pairs:
            value = value.replace(pair.old, pair.new)
        return value
    if isinstance(value, Mapping):
        return {name: inner if name in LAYOUT else _changed(inner, pairs) for name, inner in value.items()}
    return [_changed(inner, pairs) for inner in value] if isinstance(value, list) else value


def _note(change: str, old: Document, pairs: Sequence[Pair] = ()) -> dict[str, Any]:
    """The block at the end of a document that replaces another."""
    told = "；".join(f"“{pair.old}”更正为“{pair.new}”" for pair in pairs)
    text = law()["changes"][change]["note"].format(
        title=old.title, number=old.number or "", day=cn_date(old.issued_on.isoformat()), pairs=told
    )
    return {"t": "note", "lines": [text]}


def _template_of(old: Document, templates: Own) -> Template:
    return own.found(old.code, templates)


def correct(
    session: Session, event: events.CaseEvent, old: Document, pairs: Sequence[Pair], templates: Own
) -> Document:
    """The same document under a number of its own, with passages corrected and a note of what it corrects.

    Raises:
        Invalid: a passage does not stand in it (field `pairs`).
    """
    if told := wrong_pairs(old.data, pairs):
        raise Invalid(errors={"pairs": told})
    found = _template_of(old, templates)

    def make(about: dict[str, Any], moment: datetime) -> dict[str, Any]:
        def filler(*_: Any) -> tuple[str, list[dict[str, Any]]]:
            blocks = [
                _changed(block, pairs) if _open(block) else _renewed(block, old, about)
                for block in copy.deepcopy(old.data["blocks"])
            ]
            return old.title, [*blocks, _note("correct", old, pairs)]

        return document_data(found, event.context, about, moment, filler)

    return _entered(session, event, found, old, "correct", make=make)


def _renewed(block: dict[str, Any], old: Document, about: Mapping[str, Any]) -> dict[str, Any]:
    """A number, a signature, a statutory clause of the old document with the number and day of the new one."""
    if block["t"] == "number" and old.number:
        return {**block, "text": block["text"].replace(old.number, about["number"])}
    was = cn_date(old.issued_on.isoformat())
    if block["t"] == "sign" and block["date"] == was:
        return {**block, "date": cn_date(about["issued_on"])}
    return block


def supersede(session: Session, event: events.CaseEvent, old: Document, templates: Own) -> Document:
    """The document made anew from what the case says now, with a note of what it supersedes.

    Raises:
        DocumentError: the case does not say all it must state.
    """
    found = _template_of(old, templates)
    found.check_required(event.context)

    def make(about: dict[str, Any], moment: datetime) -> dict[str, Any]:
        data = document_data(found, event.context, about, moment)
        return {**data, "blocks": [*data["blocks"], _note("supersede", old)]}

    return _entered(session, event, found, old, "supersede", make=make)


def rectify(
    session: Session, event: events.CaseEvent, old: Document, pairs: Sequence[Pair], templates: Own
) -> Document:
    """A further document that puts slips of the pen right; the old one goes on holding. It is numbered in the series
    of the old one and sealed as that was.

    Raises:
        Invalid: a passage does not stand in it (field `pairs`).
        DocumentError: the case does not name its party.
    """
    if told := wrong_pairs(old.data, pairs):
        raise Invalid(errors={"pairs": told})
    before, form = _template_of(old, templates), of_text(_rectification(), "rectification")
    found = replace(form, type_char=before.type_char, seal=before.seal, copies=before.copies)
    change = {
        "title": old.title,
        "number": old.number or "",
        "issued_on": old.issued_on.isoformat(),
        "pairs": [{"old": pair.old, "new": pair.new} for pair in pairs],
    }
    context = {**event.context, "change": change}
    found.check_required(context)
    return _entered(session, event, found, old, "rectify", context=context)


def _entered(
    session: Session,
    event: events.CaseEvent,
    found: Template,
    old: Document,
    relation: str,
    make: Any = None,
    context: Mapping[str, Any] | None = None,
) -> Document:
    """Enter the new document. It belongs to the step and the task of the old one, so that it falls with them."""
    document = enter(session, event, found, old.step, context or event.context, make)
    document.replaces_id, document.relation = old.id, relation
    document.work_item_id = old.work_item_id
    session.flush()
    return document


def mark(session: Session, old: Document, status: Status, reason: str, actor: int) -> None:
    """Let an old document stand no more, because another takes its place."""
    old.status, old.void_reason = status, reason
    old.voided_at, old.voided_by = clock.now(), actor
    session.flush()
