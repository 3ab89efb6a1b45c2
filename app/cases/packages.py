"""A version or a draft as a ZIP, with what its proof says, and a ZIP as a draft of this installation."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.diagrams import service as diagrams
from app.diagrams.models import Draft, ProcedureVersion
from app.kernel import release
from app.kernel.auth import Actor
from app.kernel.errors import Invalid, NotFound
from app.verify.findings import Severity
from app.verify.proof import Proof

from . import proving


def of_version(session: Session, version_id: int) -> tuple[str, bytes]:
    """A published version as a file: its name and its bytes.

    Raises:
        NotFound: there is no such version.
        Refused: it is not what was published.
    """
    version = diagrams.procedure(session, version_id)
    bundle = diagrams.bundle_of(session, version_id)
    about = {
        "key": version.key,
        "name": version.name,
        "number": version.number,
        "digest": version.digest,
        "release": release.version(),
        "provenance": {"origin": version.provenance.origin.value, "note": version.provenance.note},
        "effective_on": version.effective_on.isoformat() if version.effective_on else None,
        "proof": summary(proving.proof_of(bundle)),
    }
    return _file_name(version.key, f"v{version.number}"), diagrams.package.write(
        diagrams.to_tree(bundle), about
    )


def of_draft(session: Session, draft: Draft) -> tuple[str, bytes]:
    """A draft as a file. One that is no procedure yet is written as it is, without digest and proof."""
    tree = diagrams.drafts.texts(session, draft.tree)
    return of_tree(tree, draft.key, draft.name, f"draft{draft.id}-r{draft.revision}")


def of_tree(tree: Mapping[str, str], key: str, name: str, which: str) -> tuple[str, bytes]:
    """A tree of texts that is no version as a file; `which` is part of the file's name."""
    about: dict[str, Any] = {
        "key": key, "name": name, "number": None, "digest": "", "release": release.version(),
        "provenance": None, "effective_on": None, "proof": None,
    }  # fmt: skip
    try:
        bundle = diagrams.from_tree(tree, key)
        about |= {"digest": bundle.digest, "proof": summary(proving.proof_of(bundle))}
    except Invalid:
        pass  # said at the draft's pages; a ZIP may carry what is not finished
    return _file_name(key, which), diagrams.package.write(tree, about)


def _file_name(key: str, which: str) -> str:
    return f"{key.replace('/', '-')}-{which}.zip"


def summary(proof: Proof) -> Mapping[str, Any]:
    """What a proof says, in a few figures."""
    return {
        "proven": proof.proven,
        "conclusive": proof.conclusive,
        "states": proof.states,
        **{level.value: sum(f.severity is level for f in proof.findings) for level in Severity},
    }


def take_in(session: Session, actor: Actor, content: bytes) -> Draft:
    """A ZIP as a new draft of the analyst's agency: it goes the way of every draft before it is published.

    Raises:
        Forbidden: not an analyst.
        Invalid: it is no ZIP of a procedure; the Chinese message says what is wrong with it.
    """
    found = diagrams.package.read(content)
    newest = session.scalar(
        select(ProcedureVersion.id)
        .where(ProcedureVersion.key == found.key)
        .order_by(ProcedureVersion.number.desc())
        .limit(1)
    )
    what = f"第 {found.number} 版" if found.number else "草稿"
    note = f"导入自另一安装的{what}（平台 {found.release[:20]}，摘要 {(found.digest or '无')[:12]}）"
    name = found.name.strip()[:100] or found.key
    return diagrams.drafts.start(session, actor, found.key, name, found.tree, newest, note)


def version_named(session: Session, name: str) -> int:
    """The id of `key@number`, or of the newest version of `key`.

    Raises:
        NotFound: there is none.
    """
    if "@" in name:
        return diagrams.by_name(session, name).id
    known = diagrams.versions(session, name)
    if not known:
        raise NotFound(f"流程“{name[:80]}”还没有发布。")
    return known[0].id


def whence(origin: str, note: str) -> str:
    """How a version came into the house, in words."""
    match origin:
        case diagrams.Origin.SHIPPED:
            return f"平台 {note} 随附"
        case diagrams.Origin.APPROVED:
            return f"经 {note} 批准"
    return "旧版平台发布"
