"""Does all that belongs to a case fit together? What one act writes stands in many rows: none may be missing or double."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.cases import service as cases
from app.cases.models import Case, CaseStatus
from app.diagrams import service as diagrams
from app.documents import service as documents
from app.engine import service as engine
from app.kernel import files

OPEN = text("""
select case_id, task_id, (select count(*) from clock k where k.case_id = w.case_id and k.task_id = w.task_id
    and k.kind = 'position' and k.state in ('running', 'paused')) as clocks
from work_item w where status in ('open', 'cosign', 'signing') and case_id = any(:cases)
""")
DOUBLE: Mapping[str, str] = {
    "办结的任务“{1}”（办件{0}）应有一份提交内容，实有{2}份": """
        select w.case_id, w.name, count(s.id) from work_item w left join submission s on s.work_item_id = w.id
        where w.status = 'done' group by w.id having count(s.id) <> 1""",
    "任务“{1}”（办件{0}）没有办结，却有{2}份提交内容": """
        select w.case_id, w.name, count(s.id) from work_item w join submission s on s.work_item_id = w.id
        where w.status <> 'done' group by w.id""",
    "办件{0}办结任务{1}项，记录中有{2}条": """
        select c.id, w.n, r.n from "case" c
        cross join lateral (select count(*) n from work_item where case_id = c.id and status = 'done') w
        cross join lateral (select count(*) n from record_entry where case_id = c.id
            and kind in ('step.completed', 'message.registered')) r where w.n <> r.n""",
    "办件{0}有操作答复{1}条，记录中有操作{2}条": """
        select c.id, d.n, r.n from "case" c
        cross join lateral (select count(*) n from act_done where case_id = c.id) d
        cross join lateral (select count(*) n from record_entry where case_id = c.id and (kind in ('case.opened',
            'step.completed', 'message.registered', 'step.handed_in', 'step.sent_back',
            'clock.suspended', 'clock.resumed', 'clock.extended') or kind like 'work.%' or kind like 'recusal.%'
            or kind like 'document.change%')
            and (actor_id is not null or kind not like 'work.%')) r where d.n <> r.n""",
    "办件{0}的任务{1}已经结束，仍有{2}个岗位计时在走": """
        select k.case_id, k.task_id, count(*) from clock k where k.kind = 'position'
        and k.state in ('running', 'paused') and not exists (select from work_item w where w.case_id = k.case_id
            and w.task_id = k.task_id and w.status in ('open', 'cosign', 'signing')) group by 1, 2""",
    "办件{0}的任务“{1}”已经结束，仍有{2}人待其交回或者签署": """
        select w.case_id, w.name, count(*) from work_item w join involvement i on i.work_item_id = w.id
        where w.status in ('done', 'cancelled') and i.state = 'open' and i.part in ('delegate', 'signer')
        group by w.id""",
    "文书{1}（办件{0}）没有生成PDF，也没有等待生成的任务{2}": """
        select d.case_id, d.ident_code, '' from document d where d.pdf_digest is null and d.status = 'issued'
        and not exists (select from job j where j.key = 'document:' || d.id and j.state <> 'done')""",
    "文号{1}（办件{0}）重复{2}次": """
        select min(case_id), number, count(*) from document where number is not null
        group by agency_id, number having count(*) > 1""",
}
FILES = text("""
select pdf_digest from document where pdf_digest is not null
union select docx_digest from document where docx_digest is not null
union select ofd_digest from document where ofd_digest is not null
union select digest from case_binding where digest is not null
""")
BATCH = 200


def everything(session: Session) -> Iterator[str]:
    """A Chinese sentence for everything that does not fit. Best asked of one moment, as acts go on meanwhile."""
    yield from _tasks(session)
    for words, query in DOUBLE.items():
        for row in session.execute(text(query)):
            yield words.format(*row) + "。"
    yield from documents.numbering_gaps(session)
    yield from cases.numbering_gaps(session)
    for (digest,) in session.execute(FILES):
        try:
            files.open_read(digest).close()
        except (OSError, ValueError):
            yield f"登记的文书文件 {digest[:12]}… 不在文件库中。"


def _tasks(session: Session) -> Iterator[str]:
    """The engine's live tasks against the inboxes, and the clocks of those that have a limit."""
    last = 0
    while rows := session.scalars(select(Case).where(Case.id > last).order_by(Case.id).limit(BATCH)).all():
        waiting: dict[int, dict[str, Any]] = {case.id: {} for case in rows}
        for case_id, task_id, clocks in session.execute(OPEN, {"cases": list(waiting)}):
            waiting[case_id][task_id] = clocks
        for case in rows:
            spec = cases.spec_of(diagrams.procedure(session, case.procedure_id))
            live = {task.id: task for task in engine.live(spec, case.state)}
            if case.status == CaseStatus.CLOSED:
                live = {}
            if live.keys() != waiting[case.id].keys():
                yield f"办件{case.id}：流程状态中的任务{sorted(live)}与待办{sorted(waiting[case.id])}不符。"
            for task_id in live.keys() & waiting[case.id].keys():
                wanted = 1 if live[task_id].attributes.get("limit") and live[task_id].kind == "user" else None
                if wanted is not None and waiting[case.id][task_id] != wanted:
                    yield f"办件{case.id}的任务{task_id}应有一个岗位计时，实有{waiting[case.id][task_id]}个。"
        last = rows[-1].id
        session.expunge_all()
