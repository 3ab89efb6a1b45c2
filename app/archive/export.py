"""A case's file as a ZIP that can be checked without the platform. The export itself is on the record."""

import hashlib
import json
import shutil
import zipfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from sqlalchemy.orm import Session

from app.audit import service as audit
from app.cases import service as cases
from app.documents import service as documents
from app.documents.models import Status
from app.kernel import events, files, sealed
from app.kernel.auth import Actor
from app.kernel.errors import Forbidden, Invalid

from . import contents

STAMP = (1980, 1, 1, 0, 0, 0)
"""Of every file in the ZIP: the same contents give the same bytes."""
MANIFEST, SIGNATURE = "manifest.json", "signature.json"
LONGEST = 2 * 1024**3


def may_export(actor: Actor) -> bool:
    """A head of the agency may: the file leaves the platform."""
    return bool(actor.positions & cases.OVERSEERS)


def enter(session: Session, case_id: int, actor: Actor | None = None) -> None:
    """Record the export with the PDFs that go out, each set by now; `actor` None: the operator's command.

    Raises:
        NotFound: the case does not exist for this person.
        Forbidden: this person may see the case, but not take its file away.
    """
    if actor is not None:
        cases.case(session, actor, case_id)
        if not may_export(actor):
            raise Forbidden("导出案卷由机关分管负责人或主要负责人进行。")
    running = cases.lock(session, case_id)
    issued = [d for d in documents.of_case(session, case_id) if d.status == Status.ISSUED]
    for document in issued:
        documents.pdf(session, document)
    case = running.case
    events.publish(
        session,
        events.CaseNoted(
            case_id=case_id,
            agency_id=case.agency_id,
            region=case.region_code,
            at=running.at,
            actor_id=cases.officer_of(actor) if actor else None,
            procedure=running.procedure.version,
            context={},
            actor_name=actor.name if actor else "",
            actor_position=" ".join(sorted(actor.positions)) if actor else "",
            kind="case.exported",
            files=[str(document.pdf_digest) for document in issued],
        ),
    )


def write(session: Session, case_id: int, target: IO[bytes]) -> None:
    """Write the ZIP. A file the store has lost or cannot open is left out; the script inside will name it."""
    parts = contents.of_case(session, case_id)
    listed: dict[str, dict[str, Any]] = {}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, part in sorted(parts.items()):
            try:
                source = files.open_read(part.digest) if isinstance(part, contents.Stored) else BytesIO(part)
            except (OSError, sealed.Unreadable):
                continue
            with source, archive.open(_info(path), "w", force_zip64=True) as inside:
                counted = _Counted(inside)
                shutil.copyfileobj(source, counted, 1024 * 1024)
            listed[path] = {"sha256": counted.digest.hexdigest(), "size": counted.size}
        manifest = contents.readable({"format": 1, "case": case_id, "files": listed})
        signature = {"manifest": audit.sign_export(manifest).hex()}
        for path, content in ((MANIFEST, manifest), (SIGNATURE, contents.readable(signature))):
            archive.writestr(_info(path), content)


def check(path: Path) -> list[str]:
    """What is wrong with a ZIP that claims to come from this platform (in Chinese, none: nothing).

    Raises:
        Invalid: it is no export of a case.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            manifest = archive.read(MANIFEST)
            signature = bytes.fromhex(json.loads(archive.read(SIGNATURE))["manifest"])
            listed: Mapping[str, Mapping[str, Any]] = json.loads(manifest)["files"]
            wrong = [] if audit.sign_export(manifest) == signature else ["清单的签名不是本平台的"]
            names = [name for name in archive.namelist() if name not in (MANIFEST, SIGNATURE)]
            if sorted(names) != sorted(listed):
                wrong.append("文件与清单不一致：有文件被增加、删去或重复")
            wrong += [f"文件被改动：{name}" for name in sorted(set(names) & set(listed))
                      if _digest(archive, name) != listed[name]["sha256"]]  # fmt: skip
    except (OSError, zipfile.BadZipFile, ValueError, KeyError, TypeError) as error:
        raise Invalid(f"{path} 不是完整的案卷压缩包：{error}") from error
    return wrong


def _digest(archive: zipfile.ZipFile, name: str) -> str:
    if archive.getinfo(name).file_size > LONGEST:
        raise ValueError(name)
    with archive.open(name) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()  # type: ignore[arg-type]


def _info(path: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(path, STAMP)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.create_system = 3
    info.external_attr = 0o100644 << 16
    return info


class _Counted:
    """Passes bytes on and counts them."""

    def __init__(self, inner: IO[bytes]):
        self.inner, self.digest, self.size = inner, hashlib.sha256(), 0

    def write(self, piece: bytes) -> int:
        self.digest.update(piece)
        self.size += len(piece)
        return self.inner.write(piece)
