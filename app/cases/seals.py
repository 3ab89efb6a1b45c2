"""The seal of a case row: its state was left by an act of the platform, not by somebody's editor.

The seal covers what decides how a case may go on (`material`). It is verified wherever a case is locked for
an act (`verify`), and written together with the row whenever the row is written (`write`, called when a held
row is sent). A broken seal refuses every act; nothing mends it but a restored backup. There is no command that
seals anew: it would be the way around the gates.
"""

import hashlib
import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from app.diagrams import service as diagrams
from app.kernel import sealing
from app.kernel.errors import Refused

from .models import Case

log = logging.getLogger(__name__)

LABEL = "case"
LAYOUT = "xingquan case 1"
WATCHED = "xingquan case 2"
"""The layout of a case whose demands of law are kept (`monitor`); the first one is read for ever."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIELDS = (
    "id", "agency_id", "region_code", "item_id", "procedure_id", "status", "record_seq", "record_digest",
    "state", "attributes", "passed", "held", "late", "next_due",
)  # fmt: skip
"""The columns under the seal of the first layout."""
COLUMNS = (*FIELDS, "monitor")
"""All columns under the seal."""

ARTICLE = "行政执法全过程记录：不得擅自改动数据（S2-58）"
BROKEN = (
    "案件 {no} 的数据与平台封存的不一致，可能有人绕过平台直接改动了数据库。本次办理没有执行，案件保持原样。"
    "请立即报告本机关负责人和系统管理员查明原因，从备份恢复后再办理。"
)


def material(row: Mapping[str, Any], digest: str) -> bytes:
    """The bytes under the seal: layout, then the fields, each with its length before it (`sealing.joined`).

    `digest` is the SHA-256 of the published procedure the case runs on. A row without `monitor` has the first
    layout, so that what was sealed before there was one keeps its seal.
    """
    due, monitor = row["next_due"], row.get("monitor")
    return sealing.joined(
        LAYOUT if monitor is None else WATCHED,
        str(row["id"]),
        str(row["agency_id"]),
        row["region_code"],
        str(row["item_id"]),
        str(row["procedure_id"]),
        digest,
        str(row["status"]),
        str(row["record_seq"]),
        bytes(row["record_digest"]).hex(),
        hashlib.sha256(row["state"]).hexdigest(),
        sealing.canonical(row["attributes"]),
        sealing.canonical(row["passed"]),
        sealing.canonical(row["held"]),
        sealing.canonical(row["late"]),
        "" if due is None else str((due - EPOCH) // timedelta(microseconds=1)),
        *(() if monitor is None else (monitor,)),
    )


def row_of(case: Case) -> dict[str, Any]:
    """The columns under the seal as they stand in memory."""
    return {name: getattr(case, name) for name in COLUMNS}


def holds(row: Mapping[str, Any], digest: str, seal: bytes) -> bool:
    """Whether the seal fits the row."""
    return sealing.holds(LABEL, bytes(seal), material(row, digest))


def verify(case: Case, digest: str) -> None:
    """Let a case that was just locked take part in this act.

    Raises:
        Refused: its seal is broken; whoever reads the message learns whom to tell.
    """
    if not holds(row_of(case), digest, case.seal):
        log.error("the seal of case %s is broken", case.id)
        raise Refused(BROKEN.format(no=case.no), code="seal_broken", article=ARTICLE)


def intact(session: Session, case: Case) -> bool:
    """Whether the platform left a case row as it is, for whoever checks without acting."""
    return holds(row_of(case), diagrams.digest_of(session, case.procedure_id), case.seal)


def made(row: Mapping[str, Any], digest: str) -> bytes:
    """The seal for a row."""
    return sealing.make(LABEL, material(row, digest))


def write(case: Case, digest: str) -> None:
    """Seal the row as it is about to be written."""
    case.seal = made(row_of(case), digest)


@event.listens_for(Case, "before_update")
@event.listens_for(Case, "before_insert")
def _not_by_the_mapper(mapper: Any, connection: Any, case: Case) -> None:
    """Case rows are written by the act that has locked them, with their seal (`cases.locking`), and only so."""
    raise RuntimeError(f"case {case.id} is written by an act that has not locked it")
