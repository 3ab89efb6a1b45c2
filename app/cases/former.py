"""What a procedure about to be published follows, and where it is looser: the version in force, and the procedure it was
copied from. Agencies may only tighten a rule set, unless the law itself was changed (`loosened` in the rule set)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy.orm import Session

from app.diagrams import service as diagrams
from app.diagrams import tables as decision_tables
from app.kernel.errors import Invalid, NotFound
from app.verify import reader
from app.verify.findings import Finding, Severity
from app.verify.loosening import Loosening, RuleSet, advice, excused, loosened

from .articles import article

RULE = "tighten"


@dataclass(frozen=True, slots=True)
class Former:
    """A rule set that may only be tightened, and what it is called."""

    name: str
    rules: Mapping[str, Any]
    officers: Mapping[str, int]


def formers_of(session: Session, key: str, origin_id: int | None = None) -> list[Former]:
    """What a new version of a procedure follows: the version in force, and, where it was copied from a version of
    another procedure, that one."""
    found = []
    if (standing := standing_id(session, key)) is not None:
        found.append(_version(session, standing))
    if origin_id is not None and origin_id != standing:
        origin = diagrams.procedure(session, origin_id)
        if origin.key != key:
            found.append(_version(session, origin_id))
    return found


def standing_id(session: Session, key: str) -> int | None:
    """The version of a procedure in force; the newest where none is yet; None where there is none at all."""
    try:
        return diagrams.current(session, key).id
    except NotFound:
        known = diagrams.versions(session, key)
        return known[0].id if known else None


def approved_before(session: Session, key: str) -> list[Former]:
    """The same for a procedure that comes with a release: it must not undo what an agency had approved. What one release
    changes of another is the release's own."""
    standing = standing_id(session, key)
    if (
        standing is None
        or diagrams.procedure(session, standing).provenance.origin != diagrams.Origin.APPROVED
    ):
        return []
    return [_version(session, standing)]


def from_parts(name: str, rules: Mapping[str, Any], tables: Mapping[str, str], internal: bytes) -> Former:
    """A former version as it lies on disk.

    Raises:
        Invalid: it cannot be read.
    """
    return Former(name, decision_tables.compiled_in(rules, tables), officers_of(internal))


def _version(session: Session, version_id: int) -> Former:
    version = diagrams.procedure(session, version_id)
    bundle = diagrams.bundle_of(session, version_id)
    return from_parts(f"{version.name}第 {version.number} 版", bundle.rules, bundle.tables, bundle.whole)


@lru_cache(maxsize=64)
def officers_of(internal: bytes) -> Mapping[str, int]:
    """How many officers sign each legal step; the fewest, where several tasks are the same step."""
    found: dict[str, int] = {}
    for process in reader.read(internal):
        for node in process.nodes.values():
            step, text = node.attributes.get("step", ""), node.attributes.get("officers", "1")
            number = int(text) if text.isdigit() else 1
            if step:
                found[step] = min(found.get(step, number), number)
    return found


def findings(formers: Sequence[Former], compiled: Mapping[str, Any], internal: bytes) -> list[Finding]:
    """Where a procedure is looser than what it follows: blocking, or, with its legal basis named, to be looked at.
    `compiled` is its rule set with the decision tables compiled in.

    Raises:
        Invalid: it cannot be read.
    """
    if not formers:
        return []
    named = excused(compiled, *(former.rules for former in formers))
    found = []
    for former in formers:
        for one in _compared(former, compiled, officers_of(internal)):
            basis = named.get(one.path)
            if basis is None:
                message = f"比{former.name}宽：{one.message}{advice(one.path)}"
                found.append(Finding(RULE, Severity.BLOCK, message, article("tighten")))
            else:
                message = f"比{former.name}宽，已写明依据：{one.message}依据：{basis['basis']}（{basis['document']}）。"
                found.append(Finding(RULE, Severity.WARN, message, basis["basis"]))
    return found


def _compared(former: Former, rules: Mapping[str, Any], officers: Mapping[str, int]) -> tuple[Loosening, ...]:
    one, other = (
        json.dumps(part, ensure_ascii=False, sort_keys=True, default=str) for part in (former.rules, rules)
    )
    return _looser(one, _counts(former.officers), other, _counts(officers))


def _counts(officers: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(officers.items()))


@lru_cache(maxsize=64)
def _looser(
    old: str, old_officers: tuple[tuple[str, int], ...], new: str, new_officers: tuple[tuple[str, int], ...]
) -> tuple[Loosening, ...]:
    """By the content alone: while somebody draws, the same two are compared again and again."""
    before, after = RuleSet(json.loads(old), dict(old_officers)), RuleSet(json.loads(new), dict(new_officers))
    try:
        return tuple(loosened(before, after))
    except (AttributeError, KeyError, TypeError, ValueError) as wrong:
        raise Invalid("规则的写法不对，不能与原版本比较宽严。请先改正规则。", code="draft") from wrong
