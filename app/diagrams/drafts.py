"""Drafts: started from a published version or from texts, saved path by path, never losing what anybody wrote.

Two people who change different files of a draft meet without noticing. Where both changed the same file, the second
is told so and what he wrote is kept as a revision of its own.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import yaml
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kernel import clock
from app.kernel.auth import Actor, Role
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound

from . import draft_tree
from .draft_models import Draft, DraftRevision, DraftStatus, DraftText, RevisionKind
from .draft_tree import Changes, Tree

NO_DRAFT = "没有这份流程草稿，或者它属于其他机关。"
TOGETHER = timedelta(minutes=5)
"""Saves of one person within this time of the first are one revision in the history, unless one bears a note."""


@dataclass(frozen=True, slots=True)
class Saved:
    """The answer to saving.

    `parts` holds what others changed since the base (path → text, None: removed). Where `conflicts` is not empty
    nothing was saved: `parts` then also holds the others' texts of these paths, and `kept` is the id of the
    revision that keeps the saver's.
    """

    revision: int
    parts: Mapping[str, str | None]
    conflicts: tuple[str, ...] = ()
    kept: int | None = None


def start(
    session: Session,
    actor: Actor,
    key: str,
    name: str,
    parts: Mapping[str, str],
    base_id: int | None = None,
    note: str = "",
    origin_id: int | None = None,
) -> Draft:
    """A new draft of the analyst's agency. `origin_id` is the version it was copied from (None: `base_id`).

    Raises:
        Forbidden: not an analyst.
        Invalid: key, name or a text cannot be accepted.
    """
    _analyst(actor)
    draft_tree.key(key)
    if not name.strip() or len(name) > 100:
        raise Invalid(errors={"name": ["请填写流程名称，不超过一百个字。"]})
    draft_tree.checked(parts)
    _store(session, parts)
    tree = draft_tree.after({}, parts)
    now = clock.now()
    made = Draft(
        key=key,
        name=name.strip(),
        agency_id=actor.agency_id,
        region_code=actor.region,
        base_id=base_id,
        origin_id=origin_id or base_id,
        status=DraftStatus.EDITING,
        revision=1,
        tree=tree,
        touched={path: {"revision": 1, "by": actor.account_id} for path in tree},
        created_at=now,
        created_by=actor.account_id,
        updated_at=now,
        updated_by=actor.account_id,
    )
    session.add(made)
    session.flush()
    _keep(session, made, actor, RevisionKind.STARTED, tree, sorted(tree), note)
    return made


def draft(session: Session, actor: Actor, draft_id: int, *, lock: bool = False) -> Draft:
    """A draft of the actor's agency.

    Raises:
        NotFound: it does not exist for this person.
    """
    chosen = select(Draft).where(Draft.id == draft_id, Draft.agency_id == actor.agency_id)
    found = session.scalar(chosen.with_for_update() if lock else chosen)
    if found is None or Role.ANALYST not in actor.roles:
        raise NotFound(NO_DRAFT)
    return found


def drafts(session: Session, actor: Actor, *, ended: bool = False) -> Sequence[Draft]:
    """The drafts of the actor's agency, what was changed last first; with `ended` those that are over."""
    if Role.ANALYST not in actor.roles:
        return []
    over = (DraftStatus.PUBLISHED, DraftStatus.DISCARDED)
    chosen = select(Draft).where(Draft.agency_id == actor.agency_id)
    chosen = chosen.where(Draft.status.in_(over) if ended else Draft.status.not_in(over))
    return session.scalars(chosen.order_by(Draft.updated_at.desc(), Draft.id.desc()).limit(500)).all()


def texts(session: Session, tree: Tree, paths: Iterable[str] | None = None) -> dict[str, str]:
    """The texts of a tree by their paths, in the order of the tree; only `paths` where given."""
    wanted = [path for path in tree if paths is None or path in set(paths)]
    chosen = select(DraftText.digest, DraftText.content).where(
        DraftText.digest.in_({tree[path] for path in wanted})
    )
    found = {row.digest: row.content for row in session.execute(chosen)}
    return {path: found[tree[path]] for path in wanted}


def save(session: Session, actor: Actor, draft_id: int, base: int, changes: Changes, note: str = "") -> Saved:
    """Save changes that were made on revision `base`. Saving what is saved already changes nothing.

    Raises:
        NotFound: the draft does not exist for this person.
        Conflict: it is under review, published or discarded.
        Invalid: a path or text cannot be accepted, or the base is none of this draft's.
    """
    found = draft(session, actor, draft_id, lock=True)
    draft_tree.checked(changes)
    if not 0 < base <= found.revision:
        raise Invalid("页面内容与草稿不符，请刷新页面后重试。", code="draft_base")
    meeting = draft_tree.met(found.tree, found.touched, base, changes)
    news = texts(session, found.tree, meeting.news | meeting.conflicts)
    parts = {path: news.get(path) for path in sorted(meeting.news | meeting.conflicts)}
    new = draft_tree.after(found.tree, changes)
    if new == found.tree:
        return Saved(found.revision, parts)
    _editable(found)
    _store(session, {path: text for path, text in changes.items() if text is not None})
    _bounded(session, new)
    changed = [path for path in changes if new.get(path) != found.tree.get(path)]
    if meeting.conflicts:
        kept = _kept_already(session, found, actor, new) or _keep(
            session, found, actor, RevisionKind.CONFLICT, new, changed, note
        )
        return Saved(found.revision, parts, tuple(sorted(meeting.conflicts)), kept.id)
    _advance(session, found, actor, RevisionKind.SAVED, new, changed, note)
    return Saved(found.revision, parts)


def restore(session: Session, actor: Actor, draft_id: int, revision_id: int) -> Draft:
    """Go back to a revision: its tree becomes the draft's newest, and what was in between stays in the history.

    Raises:
        NotFound: draft or revision does not exist for this person.
        Conflict: the draft takes no changes.
    """
    found = draft(session, actor, draft_id, lock=True)
    past = revision(session, found, revision_id)
    changed = sorted(p for p in {*found.tree, *past.tree} if found.tree.get(p) != past.tree.get(p))
    if changed:
        _editable(found)
        note = f"恢复到第 {past.number} 次保存"
        _advance(session, found, actor, RevisionKind.RESTORED, dict(past.tree), changed, note)
    return found


def name_revision(
    session: Session, actor: Actor, draft_id: int, revision_id: int, note: str
) -> DraftRevision:
    """Give a revision a name of the analyst's, or take it away. One that bears a name is kept as it is.

    Raises:
        NotFound: draft or revision does not exist for this person.
        Invalid: the name is too long.
    """
    past = revision(session, draft(session, actor, draft_id, lock=True), revision_id)
    if len(note.strip()) > 200:
        raise Invalid("版本名称不得超过二百个字。", code="revision_note")
    past.note = note.strip()
    return past


def take_over(session: Session, actor: Actor, draft_id: int, revision_id: int, paths: Iterable[str]) -> Draft:
    """Take single files of a revision over into the draft as it is now; what stood there stays in the history.

    Raises:
        NotFound: draft, revision or file does not exist for this person.
        Conflict: the draft takes no changes.
    """
    found = draft(session, actor, draft_id, lock=True)
    past = revision(session, found, revision_id)
    wanted = [path for path in dict.fromkeys(paths) if found.tree.get(path) != past.tree.get(path)]
    if any(path not in past.tree and path not in past.changed for path in paths):
        raise NotFound("这一次保存的内容中没有这个文件。")
    if wanted:
        _editable(found)
        tree = {**found.tree, **{path: past.tree[path] for path in wanted if path in past.tree}}
        for path in wanted:
            if path not in past.tree:
                tree.pop(path, None)
        _bounded(session, tree)
        note = f"采用第 {past.number} 次保存{'时留存' if past.kind == RevisionKind.CONFLICT else ''}的内容"
        _advance(session, found, actor, RevisionKind.RESTORED, tree, wanted, note)
    return found


def revisions(
    session: Session, found: Draft, before: int | None = None, limit: int = 50
) -> Sequence[DraftRevision]:
    """The history of a draft, newest first, from the revision with id `before` on."""
    chosen = select(DraftRevision).where(DraftRevision.draft_id == found.id)
    if before is not None:
        chosen = chosen.where(DraftRevision.id < before)
    return session.scalars(chosen.order_by(DraftRevision.id.desc()).limit(limit)).all()


def revision(session: Session, found: Draft, revision_id: int) -> DraftRevision:
    """One revision of this draft.

    Raises:
        NotFound: it is none of this draft's.
    """
    past = session.get(DraftRevision, revision_id)
    if past is None or past.draft_id != found.id:
        raise NotFound("没有这一次保存的内容。")
    return past


def discard(session: Session, actor: Actor, draft_id: int) -> Draft:
    """Give a draft up. Its texts and its history stay; doing it twice changes nothing.

    Raises:
        NotFound: it does not exist for this person.
        Conflict: it is under review or published.
    """
    found = draft(session, actor, draft_id, lock=True)
    if found.status != DraftStatus.DISCARDED:
        _editable(found)
        found.status = DraftStatus.DISCARDED
        found.updated_at, found.updated_by = clock.now(), actor.account_id
    return found


def take_up(session: Session, actor: Actor, draft_id: int) -> Draft:
    """Go on with a draft that was given up.

    Raises:
        NotFound: it does not exist for this person.
        Conflict: it is under review or published.
    """
    found = draft(session, actor, draft_id, lock=True)
    if found.status == DraftStatus.DISCARDED:
        found.status = DraftStatus.EDITING
        found.updated_at, found.updated_by = clock.now(), actor.account_id
    return found


def rule_text(rules: Mapping) -> str:
    """A rule set as the text of `rules.yaml`."""
    return yaml.safe_dump(dict(rules), allow_unicode=True, sort_keys=False, width=110)


def _analyst(actor: Actor) -> None:
    if Role.ANALYST not in actor.roles:
        raise Forbidden("流程草稿由流程配置岗的人员维护。")


def _editable(found: Draft) -> None:
    if found.status == DraftStatus.REVIEW:
        raise Conflict("这份草稿正在审核，不能修改。需要修改时请先撤回送审。", code="draft_review")
    if found.status != DraftStatus.EDITING:
        raise Conflict("这份草稿已经结束，不能修改。需要修改时请以它为基础新建草稿。", code="draft_over")


def _store(session: Session, parts: Mapping[str, str]) -> None:
    rows = {draft_tree.digest(text): text for text in parts.values()}
    if rows:  # in one order: two savers of the same texts wait for each other in it
        values = [{"digest": name, "content": rows[name]} for name in sorted(rows)]
        session.execute(insert(DraftText).values(values).on_conflict_do_nothing())


def _bounded(session: Session, tree: Tree) -> None:
    chosen = select(func.coalesce(func.sum(func.octet_length(DraftText.content)), 0))
    if session.scalar(chosen.where(DraftText.digest.in_(set(tree.values())))) > draft_tree.MOST_TOTAL:
        raise Invalid("草稿的内容总量过大，请删除不用的文件。", code="draft_size")


def _advance(
    session: Session,
    found: Draft,
    actor: Actor,
    kind: RevisionKind,
    tree: dict[str, str],
    changed: list[str],
    note: str,
) -> None:
    found.revision += 1
    found.tree = tree
    mark = {"revision": found.revision, "by": actor.account_id}
    found.touched = {**found.touched, **dict.fromkeys(changed, mark)}
    found.updated_at, found.updated_by = clock.now(), actor.account_id
    _keep(session, found, actor, kind, tree, changed, note)


def _keep(
    session: Session,
    found: Draft,
    actor: Actor,
    kind: RevisionKind,
    tree: dict[str, str],
    changed: list[str],
    note: str,
) -> DraftRevision:
    now = since = clock.now()
    if kind is RevisionKind.SAVED and not note and (last := _last(session, found, actor)):
        since, changed = last.since, sorted({*changed, *last.changed})
        session.execute(delete(DraftRevision).where(DraftRevision.id == last.id))
    row = DraftRevision(
        draft_id=found.id,
        number=found.revision,
        kind=kind,
        tree=tree,
        changed=changed,
        note=note.strip()[:200],
        since=since,
        at=now,
        by=actor.account_id,
        by_name=actor.name,
    )
    session.add(row)
    session.flush()
    return row


def _kept_already(session: Session, found: Draft, actor: Actor, tree: Tree) -> DraftRevision | None:
    """What the same person wrote in the same conflict before: a page that is opened again says it again."""
    chosen = select(DraftRevision).where(
        DraftRevision.draft_id == found.id, DraftRevision.by == actor.account_id
    )
    chosen = (
        chosen.where(DraftRevision.kind == RevisionKind.CONFLICT).order_by(DraftRevision.id.desc()).limit(1)
    )
    last = session.scalar(chosen)
    return last if last is not None and last.number == found.revision and last.tree == tree else None


def _last(session: Session, found: Draft, actor: Actor) -> DraftRevision | None:
    """The newest revision, where it is this person's save without a note of a moment ago."""
    chosen = select(DraftRevision).where(DraftRevision.draft_id == found.id)
    last = session.scalar(chosen.order_by(DraftRevision.id.desc()).limit(1))
    if last is None or last.kind != RevisionKind.SAVED or last.note or last.by != actor.account_id:
        return None
    return last if clock.now() - last.since <= TOGETHER else None
