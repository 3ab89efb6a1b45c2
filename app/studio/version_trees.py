"""The states a draft can be held against: its revisions, its content now, published versions of the procedure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.diagrams import service as diagrams
from app.diagrams.models import Draft, DraftRevision, ProcedureVersion
from app.kernel import clock
from app.kernel.errors import NotFound

from . import service

Parts = Mapping[str, str]
Change = diagrams.diff.Change
LAYOUT = diagrams.diff.ChangeKind.LAYOUT
NOW = "now"
KINDS = {"started": "新建", "saved": "保存", "restored": "恢复", "conflict": "冲突时留存"}
TONES = {"conflict": "warn", "restored": "info", "started": "info"}


@dataclass(frozen=True, slots=True)
class State:
    """One state by its reference: `now`, `r<revision id>` or `v<version id>`."""

    ref: str
    title: str
    parts: Parts


@dataclass(frozen=True, slots=True)
class Choice:
    """A state one can choose to compare with."""

    ref: str
    title: str
    group: str


def choices(session: Session, draft: Draft, limit: int = 60) -> list[Choice]:
    """What a draft can be compared with: published versions first, then its history, newest first."""
    found = [
        Choice(f"v{row.id}", version_title(row, draft), "已发布的版本") for row in versions(session, draft)
    ]
    found += [
        Choice(f"r{row.id}", revision_title(row), "草稿的历史")
        for row in diagrams.drafts.revisions(session, draft, limit=limit)
    ]
    return found


def versions(session: Session, draft: Draft) -> Sequence[ProcedureVersion]:
    """The published versions that a draft is about: those of its procedure and the one it came from, newest first."""
    chosen = select(ProcedureVersion).where(
        (ProcedureVersion.key == draft.key) | (ProcedureVersion.id == draft.base_id)
    )
    return session.scalars(
        chosen.order_by(ProcedureVersion.number.desc(), ProcedureVersion.id.desc()).limit(40)
    ).all()


def version_title(row: ProcedureVersion, draft: Draft) -> str:
    """What a published version is called."""
    base = "，本草稿的基础" if row.id == draft.base_id else ""
    return f"第 {row.number} 版（{row.published_at.astimezone(clock.CHINA).date().isoformat()} 发布{base}）"


def revision_title(row: DraftRevision) -> str:
    """What a revision is called: by its name where it bears one."""
    kind = "冲突时留存的内容" if row.kind == "conflict" else f"第 {row.number} 次保存"
    return f"{kind}（{row.by_name}{'，' + row.note if row.note else ''}）"


def state(session: Session, draft: Draft, ref: str, changes: Mapping[str, str | None] | None = None) -> State:
    """The state with this reference; `changes` lie over the content as it is now.

    Raises:
        NotFound: there is no such state of this draft.
    """
    number = int(ref[1:]) if ref[1:].isascii() and ref[1:].isdecimal() and len(ref) < 20 else None
    if ref == NOW:
        return State(ref, "现在的内容", service.content(session, draft, changes))
    if ref.startswith("r") and number is not None:
        row = diagrams.drafts.revision(session, draft, number)
        return State(ref, revision_title(row), diagrams.drafts.texts(session, row.tree))
    if ref.startswith("v") and number is not None:
        for version in versions(session, draft):
            if version.id == number:
                parts = diagrams.parts_of(diagrams.procedure(session, number), version.rules)
                return State(ref, version_title(version, draft), parts)
    raise NotFound("没有这个版本，它可能已经与后来的保存合并。请刷新页面后重新选择。")


def by_file(changes: Sequence[Change]) -> list[tuple[str, list[Change]]]:
    """Differences in groups of one file each, with what the file is called."""
    groups: dict[str, list[Change]] = {}
    for change in changes:
        groups.setdefault(change.path, []).append(change)
    return [(found[0].file, found) for found in groups.values()]


# ---------------------------------------------------------------- the history


@dataclass(frozen=True, slots=True)
class Row:
    """A revision as the page lists it."""

    revision: DraftRevision
    kind: str
    tone: str
    files: tuple[str, ...]
    """What the files it changed are called; of a first revision none, for it changed all."""
    conflict: bool
    newest: bool


def rows(session: Session, draft: Draft, before: int | None, limit: int) -> tuple[list[Row], int | None]:
    """A page of the history, newest first, and the id to go on from (None: there is no more)."""
    found = diagrams.drafts.revisions(session, draft, before, limit + 1)
    more = found[limit - 1].id if len(found) > limit else None
    listed = []
    for revision in found[:limit]:
        files = (
            ()
            if revision.kind == "started"
            else tuple(map(diagrams.diff.file_name, sorted(revision.changed)))
        )
        conflict = revision.kind == "conflict"
        newest = not conflict and revision.number == draft.revision
        listed.append(
            Row(revision, KINDS[revision.kind], TONES.get(revision.kind, ""), files, conflict, newest)
        )
    return listed, more


def changed_by(session: Session, draft: Draft, revision_id: int) -> tuple[Change, ...]:
    """What a revision changed against the one before it; of a conflict only the files that its writer changed.

    Raises:
        NotFound: it is none of this draft's.
    """
    row = diagrams.drafts.revision(session, draft, revision_id)
    chosen = select(DraftRevision).where(
        DraftRevision.draft_id == draft.id, DraftRevision.id < row.id, DraftRevision.kind != "conflict"
    )
    past = session.scalar(chosen.order_by(DraftRevision.id.desc()).limit(1))
    if past is None:
        return ()
    paths = set(row.changed) if row.kind == "conflict" else {*row.tree, *past.tree}
    trees = [
        tuple(
            sorted((path, name) for path, name in tree.items() if path in paths and _differs(path, row, past))
        )
        for tree in (past.tree, row.tree)
    ]
    key = (row.tree.get(diagrams.tree.RULES, ""), *trees)
    if key not in _told:
        if len(_told) > MOST_TOLD:
            _told.clear()
        texts = [_texts(session, dict(tree), row.tree) for tree in trees]
        _told[key] = diagrams.compare(texts[0], texts[1])
    return _told[key]


MOST_TOLD = 500
_told: dict[Any, tuple[Change, ...]] = {}
"""Differences by the digests of the texts they are between: texts never change. Only a cache."""


def _differs(path: str, row: DraftRevision, past: DraftRevision) -> bool:
    return row.tree.get(path) != past.tree.get(path)


def _texts(session: Session, tree: dict[str, str], whole: Mapping[str, str]) -> dict[str, str]:
    """The texts of a tree, with the rule set, which says what attributes are called."""
    rules = diagrams.tree.RULES
    if rules not in tree and rules in whole:
        tree = {**tree, rules: whole[rules]}
    return diagrams.drafts.texts(session, tree)


def meaning(changes: Sequence[Change]) -> list[Change]:
    """Differences that are more than the drawing."""
    return [change for change in changes if change.kind is not LAYOUT]
