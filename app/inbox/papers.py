"""批量打印文书: the documents of several cases in one PDF, with a bookmark for each case and each document.

What the person may see, as issued: of each kind the newest that is not void. Bounded in tasks, documents and bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from pypdf import PdfReader, PdfWriter
from sqlalchemy.orm import Session

from app.cases import service as cases
from app.documents import service as documents
from app.documents.models import Document
from app.kernel.auth import Actor
from app.kernel.errors import Invalid

PAPERS = 200
"""So many documents at once."""
BYTES = 100 * 1024 * 1024
"""So much in one file."""
NONE = "选中任务的案件还没有签发文书，或者不属于您可以查看的案件。"


@dataclass(frozen=True, slots=True)
class File:
    """A case with the documents to print."""

    no: str
    title: str
    papers: Sequence[Document]


def of_tasks(session: Session, actor: Actor, work_ids: Sequence[int]) -> list[File]:
    """The documents of the cases of these tasks, in the order of the tasks; each case once.

    Raises:
        Invalid: there are none, or too many for one file.
    """
    tasks = {task.id: task for task in cases.named_tasks(session, actor, work_ids)}
    found, seen = [], set()
    for number in work_ids:
        task = tasks.get(number)
        if task is None or task.case_id in seen:
            continue
        seen.add(task.case_id)
        newest = {paper.code: paper for paper in documents.valid_of(session, task.case_id)}
        papers = sorted(newest.values(), key=lambda paper: paper.id)
        if papers:
            found.append(File(task.no, task.title, papers))
    count = sum(len(one.papers) for one in found)
    if not found:
        raise Invalid(NONE, code="no_papers")
    if count > PAPERS:
        raise Invalid(
            f"一次最多打印 {PAPERS} 份文书，选中任务的案件共有 {count} 份，请分几次打印。", code="too_many"
        )
    return found


def bound(session: Session, found: Sequence[File]) -> bytes:
    """One PDF of them all.

    Raises:
        Invalid: it would be larger than `BYTES`.
    """
    writer, size = PdfWriter(), 0
    for one in found:
        of_case = None
        for paper in one.papers:
            content = documents.pdf(session, paper)
            size += len(content)
            if size > BYTES:
                raise Invalid("选中任务的文书合计过大，请分几次打印。", code="too_large")
            first = len(writer.pages)
            for page in PdfReader(BytesIO(content)).pages:
                writer.add_page(page)
            if of_case is None:
                of_case = writer.add_outline_item(title=f"{one.no} {one.title}", page_number=first, bold=True)
            named = f"{paper.title} {paper.number or ''}".strip()
            writer.add_outline_item(title=named, page_number=first, parent=of_case)
    writer.add_metadata({"/Title": "文书"})
    writer.page_mode = "/UseOutlines"
    file = BytesIO()
    writer.write(file)
    return file.getvalue()
