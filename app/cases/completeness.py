"""What must be true of the cases after a restore: numbers without a gap, states that this release reads."""

from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.engine import service as engine

_GAPS = """
    select a.name, s.year, s.last, count(c.id)
    from document_series s
    join agency a on a.id = s.agency_id
    left join "case" c on c.agency_id = s.agency_id and c.no like '%〔' || s.year || '〕%'
    where s.type_char = '案'
    group by a.name, s.year, s.last
    having count(c.id) <> s.last or count(distinct c.no) <> s.last
"""


def numbering_gaps(session: Session) -> Iterator[str]:
    """A Chinese sentence for every agency and year whose case numbers have a gap or a double."""
    for name, year, last, count in session.execute(text(_GAPS)):
        yield f"{name} {year} 年案号登记到 {last} 号，实有 {count} 件案件。"


def state_formats(session: Session) -> list[int]:
    """The formats in which the states of cases are stored."""
    rows = session.execute(text('select distinct get_byte(state, 0) from "case" where length(state) > 0'))
    return sorted(value for (value,) in rows)


def unreadable_states(session: Session) -> Iterator[str]:
    """A Chinese sentence for every format this release cannot read."""
    for value in state_formats(session):
        if value not in engine.FORMATS:
            yield f"有案件的流程状态为格式 {value}，本版平台不能读取；请用写入它的版本恢复。"
