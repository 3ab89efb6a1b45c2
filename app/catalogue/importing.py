"""A file with power items from its handing in to its taking over: kept as it came, checked and taken over by jobs, so that
thousands of rows hold nobody up and nothing is lost when somebody leaves the page."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel import clock, files, jobs, sheets
from app.kernel.auth import Actor, Role
from app.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from app.people import service as people
from app.people.models import Agency
from app.people.service import Scope

from . import citing, intake
from .intake_models import ItemImport
from .item_rows import Fault, Read

KEEPER = "item_admin"
"""The position that enters the items of an agency."""
CHECK, TAKE = "catalogue.check_import", "catalogue.take_import"
PART = 1_000
"""Rows taken over in one act."""
SHOWN = 200
"""Faults a page shows; the marked file has all of them."""
KEPT = 5_000
"""Faults kept with the import."""


def scope_of(session: Session, actor: Actor) -> Scope:
    """The agencies whose items this person may enter: the own one, who keeps its items; an analyst's region.

    Raises:
        Forbidden: the person enters no items.
    """
    own = actor.agency_id if Role.OFFICER in actor.roles and KEEPER in actor.positions else None
    regions = people.analysed(session, actor).regions
    if own is None and not regions:
        raise Forbidden("导入事项由本机关的权力事项管理岗或者流程配置人员办理。")
    return Scope(own, regions)


def agencies(session: Session, scope: Scope) -> list[Agency]:
    """These agencies, in their order."""
    chosen = select(Agency).where(scope.condition(Agency))
    return list(session.scalars(chosen.order_by(Agency.region_code, Agency.code)))


def hand_in(session: Session, actor: Actor, agency_id: int, name: str, content: bytes, digest: str) -> int:
    """Take a file in for checking (its content is stored already); the import's number. The same file of the same agency
    that is still under way is not taken twice.

    Raises:
        NotFound: the agency is not one of this person's. Invalid: the file is none.
    """
    scope = scope_of(session, actor)
    agency = session.get(Agency, agency_id)
    if agency is None or not scope.sees(agency.id, agency.region_code):
        raise NotFound("没有这个机关，或者不归您导入。")
    if not content:
        raise Invalid("请选择要导入的文件。", field="file")
    if len(content) > sheets.MOST_BYTES:
        raise Invalid(f"文件超过 {sheets.MOST_BYTES // 1024 // 1024} MB。请分成几个文件。", field="file")
    if not name.lower().endswith((".xlsx", ".csv")):
        raise Invalid("只能导入 .xlsx 或者 .csv 文件。旧格式（.xls）请用办公软件另存为 .xlsx。", field="file")
    waiting = session.scalar(
        select(ItemImport.id).where(
            ItemImport.agency_id == agency_id,
            ItemImport.digest == digest,
            ItemImport.state.in_(("waiting", "taking")),
        )
    )
    if waiting is not None:
        return waiting
    row = ItemImport(
        agency_id=agency_id, handed_in_by=actor.account_id, handed_in_at=clock.now(), name=name[-120:], digest=digest,
        state="waiting", found={},
    )  # fmt: skip
    session.add(row)
    session.flush()
    jobs.enqueue(session, CHECK, {"id": row.id})
    return row.id


def register_jobs() -> None:
    """The work that is done in the background."""
    jobs.register(CHECK, _check)
    jobs.register(TAKE, _take)


def _check(session: Session, payload: Mapping[str, Any]) -> None:
    row = session.get(ItemImport, payload["id"], with_for_update=True)
    if row is None or row.state != "waiting":
        return
    try:
        _, read = _read(session, row)
    except Invalid as wrong:
        row.state, row.found, row.finished_at = "refused", {"message": wrong.message}, clock.now()
        return
    hints = intake.hints(session, read.rows, clock.today())
    row.state = "checked"
    row.total = len(read.rows)
    row.found = {
        "errors": [asdict(fault) for fault in read.faults[:KEPT]],
        "error_count": len(read.faults),
        "refused": len(read.refused),
        "elsewhere": len(read.elsewhere),
        "unused": read.unused[:40],
        "hints": [asdict(fault) for fault in hints[:KEPT]],
        **asdict(intake.compare(session, read.rows)),
    }


def _read(session: Session, row: ItemImport) -> tuple[sheets.Table, Read]:
    told = intake.known(session, Scope(row.agency_id), row.agency_id)
    return intake.check(session, files.get(row.digest), row.name, told)


def take(session: Session, actor: Actor, import_id: int) -> None:
    """Take over the rows of a checked file that have nothing wrong with them.

    Raises:
        NotFound, Conflict: it is not this person's, or not waiting for it.
    """
    row = found(session, actor, import_id, lock=True)
    if row.state != "checked":
        raise Conflict("这个文件已经在写入或者已经写入，请刷新页面查看。")
    if not row.total:
        raise Invalid("文件中没有可以写入的行。请修改后重新导入。")
    row.state, row.taken = "taking", 0
    row.found = {**row.found, "new": 0, "changed": 0, "same": 0}
    jobs.enqueue(session, TAKE, {"id": row.id})


def _take(session: Session, payload: Mapping[str, Any]) -> None:
    """One part of the rows, then the next job: each part is an act of its own, and doing it twice changes nothing."""
    row = session.get(ItemImport, payload["id"], with_for_update=True)
    if row is None or row.state != "taking":
        return
    _, read = _read(session, row)
    part = read.rows[row.taken : row.taken + PART]
    done = intake.put(session, part)
    row.taken += len(part)
    row.found = {**row.found, **{k: row.found[k] + n for k, n in asdict(done).items()}}
    if row.taken < row.total and part:
        jobs.enqueue(session, TAKE, {"id": row.id})
        return
    row.state, row.taken, row.finished_at = "taken", row.total, clock.now()
    citing.refresh(session)


def found(session: Session, actor: Actor, import_id: int, *, lock: bool = False) -> ItemImport:
    """An import of one of this person's agencies.

    Raises:
        NotFound: there is none.
    """
    scope = scope_of(session, actor)
    row = session.get(ItemImport, import_id, with_for_update=lock)
    agency = session.get(Agency, row.agency_id) if row else None
    if row is None or agency is None or not scope.sees(agency.id, agency.region_code):
        raise NotFound("没有找到这次导入。它可能不存在，或者不属于您的机关。")
    return row


def recent(session: Session, actor: Actor, most: int = 30) -> list[tuple[ItemImport, str]]:
    """The latest imports of this person's agencies, with the agency's name."""
    chosen = (
        select(ItemImport, Agency.name)
        .join(Agency, Agency.id == ItemImport.agency_id)
        .where(scope_of(session, actor).condition(Agency))
        .order_by(ItemImport.id.desc())
        .limit(most)
    )
    return list(session.execute(chosen).tuples())


def marked(session: Session, actor: Actor, import_id: int) -> bytes:
    """The file with everything that is wrong and everything to be looked at, as it would be told now.

    Raises:
        NotFound: there is none. Invalid: it cannot be read.
    """
    row = found(session, actor, import_id)
    table, read = _read(session, row)
    hints = [
        Fault(each.ref, f"提示：{each.message}") for each in intake.hints(session, read.rows, clock.today())
    ]
    return intake.marked(table, [*read.faults, *hints])
