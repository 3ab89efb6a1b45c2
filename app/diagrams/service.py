"""The door of the diagrams room: publish a bundle, find the version a case runs on."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.event import listens_for
from sqlalchemy.orm import Session

from app.kernel import clock, editions, release, sealing
from app.kernel.errors import Invalid, NotFound, Refused

from . import calls, comments, diff, drafts, package, texts
from . import draft_tree as tree
from . import rules as rule_set
from .bundle import (
    Bundle,
    agreeing,
    digest,
    extras,
    for_trial,
    form_keys,
    from_folder,
    from_tree,
    on_disk,
    retitled,
    safe_xml,
    to_tree,
)
from .diff_words import condition as condition_words
from .models import PROCEDURES, ProcedureVersion
from .provenance import UNTOLD, Origin, Provenance, approved, of_release, shipped, write_shipped
from .texts import read_json

__all__ = [
    "Bundle", "Origin", "Procedure", "Provenance", "VersionRow", "approved", "bundle_of", "by_name", "calls",
    "comments", "compare", "condition_words", "current", "diff", "digest_of", "drafts", "for_trial", "form_keys",
    "from_folder", "from_tree", "in_force", "newest", "on_disk", "package", "parse_rules", "parts_of", "procedure",
    "publish", "read_json", "safe_xml", "shipped", "texts", "to_tree", "tree", "versions", "write_shipped",
]  # fmt: skip

log = logging.getLogger(__name__)
compare = diff.compare
parse_rules = rule_set.parse
SEAL = "procedure"

Gate = Callable[[Bundle, rule_set.Rules], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Procedure:
    """A published version, ready to use. Values only: it may be kept as long as the process lives."""

    id: int
    key: str
    number: int
    digest: str
    name: str
    kind: str
    external: bytes
    internal: bytes
    rules: rule_set.Rules
    forms: Mapping[str, Mapping[str, Any]]
    templates: Mapping[str, str] = field(default_factory=dict)
    """Its own document templates by code, used instead of the release's."""
    samples: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, str] = field(default_factory=dict)
    runs: Mapping[str, str] = field(default_factory=dict)
    written: Mapping[str, str] = field(default_factory=dict)
    provenance: Provenance = UNTOLD
    effective_on: date | None = None
    called: Mapping[str, str] = field(default_factory=dict)
    """The diagrams it calls, by name, in the edition it was published with."""

    @property
    def whole(self) -> bytes:
        """The internal diagram with what it calls in its place: what runs."""
        return calls.linked(self.internal, self.called)

    @property
    def version(self) -> str:
        """The version's name in events and in the record: `penalty/ordinary@3`."""
        return f"{self.key}@{self.number}"


def publish(
    session: Session,
    bundle: Bundle,
    gate: Gate,
    provenance: Provenance | None = None,
    effective_on: date | None = None,
) -> ProcedureVersion:
    """Publish a bundle as the newest version of its procedure; publishing the same content again is no new
    version.

    `gate` returns Chinese reasons why the bundle may not be published (none: it may). Without `provenance` it
    must be what the release ships. `effective_on` is the legal day from which it may be started (None: at once).

    Raises:
        Invalid: the gate has reasons.
        Refused: nobody has approved this content, and the release does not ship it.
    """
    known = session.scalar(select(ProcedureVersion).where(ProcedureVersion.digest == bundle.digest))
    if known:
        return known
    parsed = rule_set.parse(bundle.rules, bundle.tables)
    if reasons := gate(bundle, parsed):
        raise Invalid("流程不能发布：" + "；".join(reasons), errors={"bundle": reasons})
    whence = provenance or of_release(bundle.key, bundle.digest, release.version())
    number = session.scalar(
        select(func.coalesce(func.max(ProcedureVersion.number), 0) + 1).where(
            ProcedureVersion.key == bundle.key
        )
    )
    content = json.loads(json.dumps([dict(bundle.rules), dict(bundle.forms)]))
    more = extras(bundle.templates, bundle.samples, bundle.tables, bundle.runs, bundle.called)
    if digest(bundle.key, bundle.external, bundle.internal, *content, more) != bundle.digest:
        raise Invalid("流程内容与其摘要不符，不能发布。规则和表单只能含文字、数字、真假值及其列表和对象。")
    version = ProcedureVersion(
        key=bundle.key,
        number=number,
        digest=bundle.digest,
        name=parsed.name,
        kind=parsed.kind,
        external=bundle.external,
        internal=bundle.internal,
        rules=dict(bundle.rules),
        forms={k: dict(v) for k, v in bundle.forms.items()},
        templates=dict(bundle.templates),
        samples=dict(bundle.samples),
        tables=dict(bundle.tables),
        runs=dict(bundle.runs),
        written=agreeing(bundle.written, bundle.rules, bundle.forms),
        called=dict(bundle.called),
        origin=whence.origin,
        note=whence.note,
        case_id=whence.case_id,
        effective_on=effective_on,
        published_at=clock.now(),
        seal=sealing.make(SEAL, _material(bundle.key, number, bundle.digest, whence, effective_on)),
    )
    session.add(version)
    session.flush()
    session.info.setdefault(UNSETTLED, set()).add(version.id)
    return version


UNSETTLED = "diagrams.unsettled"
"""Versions of a transaction that is still open."""


@listens_for(Session, "after_soft_rollback")
def _forget_unsettled(session: Session, _: Any) -> None:
    """Nobody may meet a version in the cache after its transaction was rolled back."""
    for version_id in session.info.get(UNSETTLED, ()):
        _cache.pop(version_id, None)


_cache: dict[int, Procedure] = {}
_newest: tuple[tuple[str, date], dict[str, int]] = (("", date.min), {})
"""The newest version of each procedure in force, as of an edition and a legal day. Only a cache."""


def procedure(session: Session, version_id: int) -> Procedure:
    """A published version by its id, from the process's cache (versions never change).

    Raises:
        NotFound: there is no such version.
    """
    if cached := _cache.get(version_id):
        return cached
    row = session.get(ProcedureVersion, version_id)
    if row is None:
        raise NotFound("没有这个流程版本。")
    _as_published(row)
    value = Procedure(
        row.id,
        row.key,
        row.number,
        row.digest,
        row.name,
        row.kind,
        row.external,
        row.internal,
        rule_set.parse(row.rules, row.tables),
        row.forms,
        row.templates,
        row.samples,
        row.tables,
        row.runs,
        agreeing(row.written, row.rules, row.forms),
        _whence(row),
        row.effective_on,
        row.called,
    )
    _cache[version_id] = value
    return value


def bundle_of(session: Session, version_id: int) -> Bundle:
    """All that was published as a version.

    Raises:
        NotFound: there is no such version.
        Refused: it is not what was published.
    """
    row = session.get(ProcedureVersion, version_id)
    if row is None:
        raise NotFound("没有这个流程版本。")
    _as_published(row)
    return Bundle(
        key=row.key,
        external=bytes(row.external),
        internal=bytes(row.internal),
        rules=row.rules,
        forms=row.forms,
        digest=row.digest,
        templates=row.templates,
        samples=row.samples,
        tables=row.tables,
        runs=row.runs,
        written=agreeing(row.written, row.rules, row.forms),
        called=row.called,
    )


def _whence(row: ProcedureVersion) -> Provenance:
    return Provenance(Origin(row.origin), row.note, row.case_id)


def _material(
    key: str,
    number: int,
    digest: str,
    whence: Provenance = UNTOLD,
    effective_on: date | None = None,
) -> bytes:
    if whence.origin is Origin.EARLIER:  # sealed when versions did not say more
        return sealing.joined("xingquan procedure 1", key, str(number), digest)
    told = (whence.origin.value, whence.note, str(whence.case_id or ""), str(effective_on or ""))
    return sealing.joined("xingquan procedure 2", key, str(number), digest, *told)


def seal_of(row: Mapping[str, Any]) -> bytes:
    """The seal for a version that was published before there were seals; none when its content was changed."""
    found = digest(row["key"], bytes(row["external"]), bytes(row["internal"]), row["rules"], row["forms"])
    return sealing.make(SEAL, _material(row["key"], row["number"], found)) if found == row["digest"] else b""


def _as_published(row: ProcedureVersion) -> None:
    """Refuse a version whose content is not what the platform published: an edited row, or one put in by hand."""
    more = extras(row.templates, row.samples, row.tables, row.runs, row.called)
    found = digest(row.key, row.external, row.internal, row.rules, row.forms, more)
    if row.origin == Origin.EARLIER and (more or row.effective_on):
        found = ""  # none of this was there before versions said whence they came
    known = row.origin in set(Origin)
    material = _material(row.key, row.number, row.digest, _whence(row), row.effective_on) if known else b""
    sealed = known and sealing.holds(SEAL, bytes(row.seal), material)
    if found != row.digest or not sealed:
        log.error("procedure version %s (%s@%s) is not as published", row.id, row.key, row.number)
        raise Refused(
            f"流程“{row.key}”第 {row.number} 版不是平台发布的内容，可能有人绕过平台改动了数据库。"
            "使用这一版的案件暂停办理，请立即报告系统管理员，从备份恢复后再办理。",
            code="procedure_changed",
            article="流程经审核方可发布（S4-8）",
        )


def digest_of(session: Session, version_id: int) -> str:
    """The SHA-256 of a published version, empty when it is not what was published."""
    try:
        return procedure(session, version_id).digest
    except (NotFound, Refused):
        return ""


def by_name(session: Session, name: str) -> Procedure:
    """The version with this name (`key@number`, see `Procedure.version`).

    Raises:
        NotFound: there is no such version.
    """
    key, _, number = name.rpartition("@")
    for cached in _cache.values():
        if cached.key == key and str(cached.number) == number:
            return cached
    if not (number.isascii() and number.isdecimal() and len(number) < 10):
        raise NotFound("没有这个流程版本。")
    found = session.scalar(
        select(ProcedureVersion.id).where(ProcedureVersion.key == key, ProcedureVersion.number == int(number))
    )
    if found is None:
        raise NotFound("没有这个流程版本。")
    return procedure(session, found)


def current(session: Session, key: str) -> Procedure:
    """The newest published version of a procedure that is in force today.

    Raises:
        NotFound: the procedure was never published, or none of its versions is in force yet.
    """
    global _newest
    today = clock.today()
    state = (editions.current(session, PROCEDURES), today)
    if _newest[0] != state:
        _newest = (state, {})
    known = _newest[1]
    if key not in known:
        version_id = session.scalar(
            select(ProcedureVersion.id)
            .where(
                ProcedureVersion.key == key,
                or_(ProcedureVersion.effective_on.is_(None), ProcedureVersion.effective_on <= today),
            )
            .order_by(ProcedureVersion.number.desc())
            .limit(1)
        )
        if version_id is None:
            first = session.scalar(
                select(func.min(ProcedureVersion.effective_on)).where(ProcedureVersion.key == key)
            )
            if first is not None:
                raise NotFound(
                    f"流程“{key}”自 {first.year}年{first.month}月{first.day}日起施行，现在还不能发起办件。"
                )
            raise NotFound(f"流程“{key}”还没有发布，不能发起办件。")
        known[key] = version_id
    return procedure(session, known[key])


def in_force(procedure: Procedure, day: date | None = None) -> bool:
    """Whether cases may be started on a version, or moved to it, on a legal day (None: today)."""
    return procedure.effective_on is None or procedure.effective_on <= (day or clock.today())


@dataclass(frozen=True, slots=True)
class VersionRow:
    """A version as lists show it, without its content."""

    id: int
    key: str
    number: int
    name: str
    kind: str
    digest: str
    origin: Origin
    note: str
    case_id: int | None
    published_at: datetime
    effective_on: date | None


def versions(session: Session, key: str | None = None) -> list[VersionRow]:
    """Every published version (of one procedure), by key, the newest first."""
    columns = [getattr(ProcedureVersion, name) for name in VersionRow.__dataclass_fields__]
    query = select(*columns).order_by(ProcedureVersion.key, ProcedureVersion.number.desc())
    if key is not None:
        query = query.where(ProcedureVersion.key == key)
    rows = session.execute(query).mappings()
    return [VersionRow(**{**row, "origin": Origin(row["origin"])}) for row in rows]


def newest(session: Session) -> Sequence[ProcedureVersion]:
    """The newest version of every procedure, by key."""
    chosen = select(ProcedureVersion).distinct(ProcedureVersion.key)
    return session.scalars(chosen.order_by(ProcedureVersion.key, ProcedureVersion.number.desc())).all()


def parts_of(version: Procedure | ProcedureVersion, rules: Mapping[str, Any]) -> dict[str, str]:
    """A published version as the texts of a draft. `rules` is the rule set as it was published, perhaps under
    another key and name."""
    written = dict(version.written)
    if tree.RULES in written:
        written[tree.RULES] = retitled(written[tree.RULES], rules)
    return to_tree(
        Bundle(
            key=str(rules.get("key", version.key)),
            external=bytes(version.external),
            internal=bytes(version.internal),
            rules=rules,
            forms=version.forms,
            digest="",
            templates=version.templates,
            samples=version.samples,
            tables=version.tables,
            runs=version.runs,
            written=agreeing(written, rules, version.forms),
            called=version.called,
        )
    )
