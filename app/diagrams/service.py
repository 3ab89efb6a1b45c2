"""The door of the diagrams room: publish a bundle, find the version a case runs on."""

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.event import listen
from sqlalchemy.orm import Session

from app.kernel import clock, editions, sealing
from app.kernel.errors import Invalid, NotFound, Refused

from . import draft_tree as tree
from . import drafts
from . import rules as rule_set
from .bundle import Bundle, digest, form_keys, from_folder, safe_xml
from .models import PROCEDURES, ProcedureVersion

__all__ = [
    "Bundle", "Procedure", "by_name", "current", "digest_of", "drafts", "form_keys", "from_folder", "newest",
    "parts_of", "procedure", "publish", "safe_xml", "tree",
]  # fmt: skip

log = logging.getLogger(__name__)
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

    @property
    def version(self) -> str:
        """The version's name in events and in the record: `penalty/ordinary@3`."""
        return f"{self.key}@{self.number}"


def publish(session: Session, bundle: Bundle, gate: Gate) -> ProcedureVersion:
    """Publish a bundle as the newest version of its procedure; publishing the same content again is no new
    version.

    `gate` returns Chinese reasons why the bundle may not be published (none: it may).

    Raises:
        Invalid: the gate has reasons.
    """
    known = session.scalar(select(ProcedureVersion).where(ProcedureVersion.digest == bundle.digest))
    if known:
        return known
    parsed = rule_set.parse(bundle.rules)
    if reasons := gate(bundle, parsed):
        raise Invalid("流程不能发布：" + "；".join(reasons), errors={"bundle": reasons})
    number = session.scalar(
        select(func.coalesce(func.max(ProcedureVersion.number), 0) + 1).where(
            ProcedureVersion.key == bundle.key
        )
    )
    content = json.loads(json.dumps([dict(bundle.rules), dict(bundle.forms)]))
    if digest(bundle.key, bundle.external, bundle.internal, *content) != bundle.digest:
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
        published_at=clock.now(),
        seal=sealing.make(SEAL, _material(bundle.key, number, bundle.digest)),
    )
    session.add(version)
    session.flush()
    # nobody may meet the version in the cache after its transaction was rolled back
    listen(session, "after_soft_rollback", lambda *_, gone=version.id: _cache.pop(gone, None))
    return version


_cache: dict[int, Procedure] = {}
_newest: tuple[str, dict[str, int]] = ("", {})
"""The newest version of each procedure, as of an edition. Only a cache."""


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
        rule_set.parse(row.rules),
        row.forms,
    )
    _cache[version_id] = value
    return value


def _material(key: str, number: int, digest: str) -> bytes:
    return sealing.joined("xingquan procedure 1", key, str(number), digest)


def seal_of(row: Mapping[str, Any]) -> bytes:
    """The seal for a version that was published before there were seals; none when its content was changed."""
    found = digest(row["key"], bytes(row["external"]), bytes(row["internal"]), row["rules"], row["forms"])
    return sealing.make(SEAL, _material(row["key"], row["number"], found)) if found == row["digest"] else b""


def _as_published(row: ProcedureVersion) -> None:
    """Refuse a version whose content is not what the platform published: an edited row, or one put in by hand."""
    found = digest(row.key, row.external, row.internal, row.rules, row.forms)
    sealed = sealing.holds(SEAL, bytes(row.seal), _material(row.key, row.number, row.digest))
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
    found = session.scalar(
        select(ProcedureVersion.id).where(ProcedureVersion.key == key, ProcedureVersion.number == int(number))
    )
    if found is None:
        raise NotFound("没有这个流程版本。")
    return procedure(session, found)


def current(session: Session, key: str) -> Procedure:
    """The newest published version of a procedure.

    Raises:
        NotFound: the procedure was never published.
    """
    global _newest
    edition = editions.current(session, PROCEDURES)
    if _newest[0] != edition:
        _newest = (edition, {})
    known = _newest[1]
    if key not in known:
        version_id = session.scalar(
            select(ProcedureVersion.id)
            .where(ProcedureVersion.key == key)
            .order_by(ProcedureVersion.number.desc())
            .limit(1)
        )
        if version_id is None:
            raise NotFound(f"流程“{key}”还没有发布，不能发起办件。")
        known[key] = version_id
    return procedure(session, known[key])


def newest(session: Session) -> Sequence[ProcedureVersion]:
    """The newest version of every procedure, by key."""
    chosen = select(ProcedureVersion).distinct(ProcedureVersion.key)
    return session.scalars(chosen.order_by(ProcedureVersion.key, ProcedureVersion.number.desc())).all()


def parts_of(version: Procedure | ProcedureVersion, rules: Mapping[str, Any]) -> dict[str, str]:
    """A published version as the texts of a draft. `rules` is the rule set as it was published."""
    forms = {
        f"forms/{key}.json": json.dumps(form, ensure_ascii=False, indent=2) + "\n"
        for key, form in version.forms.items()
    }
    return {
        tree.EXTERNAL: version.external.decode(),
        tree.INTERNAL: version.internal.decode(),
        tree.RULES: drafts.rule_text(rules),
        **forms,
    }
