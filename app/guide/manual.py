"""The manual of a procedure as a book: generated from what was published, so that it never says anything else."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from app.diagrams import service as diagrams
from app.documents import service as documents
from app.kernel import clock, words

from . import drawing, steps

Block = Mapping[str, Any]
REMARK = (
    "本手册由平台根据已发布的流程图、规则、表单和文书模板自动生成，与办理页面的要求一致。"
    "流程发布新版本后，请重新打印。法律条文以现行有效的正式文本为准。"
)
STRIPS = 900
"""The width of a strip of the diagram, so that letters print at about 7 points."""


def numbered(guides: Sequence[steps.StepGuide]) -> dict[str, str]:
    """The number of each step in the manual, by node."""
    return {guide.node: f"{n}." for n, guide in enumerate(guides, 1)}


def file_name(procedure: diagrams.Procedure) -> str:
    """The name of its file: `penalty-ordinary-3.pdf`."""
    return f"{re.sub(r'[^A-Za-z0-9]+', '-', procedure.key).strip('-')}-{procedure.number}.pdf"


def pdf(procedure: diagrams.Procedure, positions: Mapping[str, str]) -> bytes:
    """The manual as PDF."""
    return documents.book_pdf(book(procedure, positions))


def book(procedure: diagrams.Procedure, positions: Mapping[str, str]) -> documents.Book:
    """The manual; `positions` names the positions by key."""
    today = clock.today()
    edition = f"{procedure.name}　第 {procedure.number} 版"
    if procedure.effective_on:
        edition += f"　{words.day(procedure.effective_on)}起施行"
    return documents.Book(
        title=f"{procedure.name}操作手册",
        subtitle="每一环节的职责、岗位、时限、依据、表单、文书、核对事项和退回",
        author="行权",
        edition=edition,
        made=f"{words.day(today)}生成　内容校验码 {procedure.digest[:12]}",
        remark=REMARK,
        moment=datetime.fromisoformat(f"{today}T00:00+08:00"),
        blocks=list(_blocks(procedure, positions)),
        keywords=["操作手册", procedure.name],
    )


def _blocks(procedure: diagrams.Procedure, positions: Mapping[str, str]) -> Iterator[Block]:
    guides = steps.of_procedure(procedure)
    yield _h(1, "一、法定流程")
    yield _p("下图和下表是对外公布的法定流程：法律要求的环节、期限和依据。")
    parts = drawing.strips(procedure.external, STRIPS)
    for n, (part, width) in enumerate(parts, 1):
        more = f"（第 {n} 部分，共 {len(parts)} 部分）" if len(parts) > 1 else ""
        yield {"t": "svg", "svg": part, "alt": f"{procedure.name}外部流程图{more}", "width": width}
    rows = [[str(n), s.name, s.limit or "—", s.basis] for n, s in enumerate(steps.statutory(procedure), 1)]
    yield _table(["序号", "法定环节", "法定期限", "依据"], [11, 30, 20, 68], rows)
    yield _h(1, "二、岗位和环节一览")
    rows = [
        [
            f"{n}",
            g.name,
            positions.get(g.position, g.position),
            g.limit or "—",
            "、".join(p.name for p in g.papers) or "—",
        ]
        for n, g in enumerate(guides, 1)
    ]
    yield _table(["序号", "环节", "岗位", "时限", "文书"], [11, 33, 26, 20, 43], rows)
    yield _h(1, "三、各环节办理")
    for n, guide in enumerate(guides, 1):
        yield from _step(n, guide, positions)


def _step(n: int, guide: steps.StepGuide, positions: Mapping[str, str]) -> Iterator[Block]:
    yield _h(2, f"{n}. {guide.name}{'（异常分支）' if guide.abnormal else ''}")
    rows = [("职责", f"{guide.duty}。" if guide.duty else "")]
    who = positions.get(guide.position, guide.position)
    rows.append(("岗位", f"{who}{f'，{guide.officers} 人' if guide.officers > 1 else ''}"))
    limits = [f"岗位时限 {guide.limit}"] if guide.limit else []
    if guide.statutory:
        limits.append(f"“{guide.statutory_name}”法定期限 {guide.statutory}")
    rows += [("时限", "；".join(limits)), ("依据", guide.basis), ("签名", guide.signs)]
    yield {"t": "kv", "rows": [[label, text] for label, text in rows if text]}
    if guide.guide:
        yield _h(3, "办理指引")
        yield _p(guide.guide)
    if guide.checks:
        yield _h(3, "提交时系统核对")
        checks = [(f"{c.when}的：{c.asks}" if c.when else c.asks, c.article) for c in guide.checks]
        yield _list("ol", checks)
    if guide.fields:
        yield _h(3, f"表单《{guide.form_title}》")
        yield _table(["栏目", "怎样填", "要求", "说明"], [30, 38, 13, 55], list(_field_rows(guide)))
    if guide.papers:
        yield _h(3, "产生的文书")
        papers = [
            (
                f"《{p.name}》",
                f"{p.when}签发{'，由系统编号' if p.numbered else ''}{'，加盖印章' if p.seal else ''}"
                f"{f'，一式 {p.copies} 份' if p.copies > 1 else ''}",
            )
            for p in guide.papers
        ]
        yield _list("ul", papers)
    if after := list(_after(guide, positions)):
        yield _h(3, "之后")
        yield _list("ul", after)
    if guide.mistakes:
        yield _h(3, "常见错误（系统将拒绝）")
        yield _list("ul", [(message, "") for message in guide.mistakes])


def _field_rows(guide: steps.StepGuide) -> Iterator[list[str]]:
    section = ""
    for field in guide.fields:
        if field.section != section:
            section = field.section
            yield [section]
        when = f"{field.when}时填写。" if field.when else ""
        yield [field.label, field.kind, field.required, f"{when}{field.help}"]


def _after(guide: steps.StepGuide, positions: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for started in guide.starts:
        yield f"开始计时：{started.name}（{started.limit}）", started.basis
    for stopped in guide.stops:
        yield f"停止计时：{stopped.name}", ""
    for way in guide.ways:
        branch = f"{way.branch}：" if way.branch and len(guide.ways) > 1 else ""
        yield f"{branch}{'退回' if way.back else '转到'}“{way.name}”", positions.get(way.position, "")


def _h(level: int, text: str) -> Block:
    return {"t": "h", "level": level, "text": text}


def _p(text: str) -> Block:
    return {"t": "p", "text": text}


def _list(kind: str, items: Sequence[tuple[str, str]]) -> Block:
    return {"t": kind, "items": [{"text": text, "note": note} for text, note in items]}


def _table(head: list[str], widths: list[int], rows: list[list[str]]) -> Block:
    return {"t": "table", "head": head, "widths": widths, "rows": rows}
