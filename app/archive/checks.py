"""What a case holds against what its record says: submissions, documents, files, attributes. Pure but for files."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from app.audit import service as audit
from app.cases.models import Case, CaseStatus, Submission
from app.documents import service as documents
from app.documents.models import Document
from app.kernel import files, sealed
from app.review.models import ReviewRemark

from .reading import LOST

STEPS = frozenset({"step.completed", "message.registered"})
HANDED_IN = "step.handed_in"
TAKEN_BACK = frozenset({"work.return", "work.withdraw", "work.reroute"})
CHANGED = "document.changed"
PIECE = 1024 * 1024
Told = tuple[str, str, int | None]
"""Code of a finding, its message, the entry's number."""


def case_row(case: Case, entries: Sequence[audit.Entry]) -> Iterator[Told]:
    """The case row against the record: number, attributes, whether it is closed."""
    if not entries:
        return
    opening = entries[0]
    if opening.kind == "case.opened" and opening.content.get("no") != case.no:
        yield "case", f"办件编号与立案时的记录（{opening.content.get('no')}）不符", opening.seq
    attributes: dict[str, Any] = {}
    for entry in entries:
        attributes |= entry.content.get("set", {})
    changed = sorted(n for n, value in attributes.items() if case.attributes.get(n) != value)
    if changed:
        yield "case", f"办件的要素与记录不符：{'、'.join(changed)}", None
    finished = any(entry.content.get("finished") for entry in entries)
    if finished != (case.status == CaseStatus.CLOSED):
        yield "case", "办件是否办结与记录不符", None


def seal(case: Case, intact: bool) -> Iterator[Told]:
    """The case row against its seal: state, deadlines and what else the record does not tell in full."""
    if not intact:
        yield "seal", "办件的数据与平台封存的不一致：有人绕过平台改动了数据库，或者换过签名密钥", None


def submissions(
    found: Iterable[Submission], data: Mapping[int, Any], entries: Sequence[audit.Entry]
) -> Iterator[Told]:
    """What was handed in (`data` by the submissions' ids) against the entries of the steps, both ways."""
    steps = {e.content["work"]: e for e in entries if e.kind in STEPS and e.content.get("work")}
    recorded = _recorded(entries)
    void = {work for e in entries if e.kind in TAKEN_BACK for work in e.content.get("void", ())}
    for one in found:
        if (one.work_item_id in void) != (one.void_at is not None):
            yield "submission", f"“{one.name}”提交的内容是否作废与记录不符：被改动", None
        entry = steps.pop(one.work_item_id, None)
        if entry is None:
            yield "submission", f"“{one.name}”提交的内容没有记录：被插入，或记录被删去", None
            continue
        if not _same(data[one.id], recorded[entry.seq]):
            yield "submission", f"“{one.name}”提交的内容与第{entry.seq}条记录不符：内容被改动", entry.seq
            continue
        stances = [key for key, v in data[one.id].items() if isinstance(v, Mapping) and "stance" in v]
        told = (entry.actor_id, entry.at, entry.content["node"], entry.content["form"])
        signed = list(entry.content.get("with", ())) == list(one.with_ids)
        opinion = not stances or one.opinion_field in stances
        if (one.by_id, one.at, one.node, one.form) != told or not signed or not opinion:
            yield "submission", f"“{one.name}”的办理人、时间或意见与第{entry.seq}条记录不符", entry.seq
    for entry in steps.values():
        yield (
            "submission",
            f"第{entry.seq}条记录（{entry.content['node']}）的提交内容不存在：被删去",
            entry.seq,
        )


def remarks(
    found: Iterable[ReviewRemark], said: Mapping[int, Any], entries: Sequence[audit.Entry]
) -> Iterator[Told]:
    """The legal reviewer's remarks (`said` by their ids) against the entry of the review they were handed in with. A review
    from before the record named them is left out."""
    told = {e.content.get("work"): e for e in entries if "remarks" in e.content}
    recorded = {one["id"]: (e, one) for e in told.values() for one in e.content["remarks"]}
    for remark in found:
        if remark.work_item_id not in told:
            continue
        entry, one = recorded.pop(remark.id, (told[remark.work_item_id], None))
        place = (remark.kind, remark.point, remark.source, remark.source_digest, remark.passage, remark.start)
        if one is None:
            yield "remark", f"法制审核批注没有写入第{entry.seq}条记录：被插入", entry.seq
        elif place != tuple(
            one[k] for k in ("kind", "point", "source", "text", "passage", "start")
        ) or not _same(said[remark.id], one["data"]):
            yield "remark", f"法制审核批注与第{entry.seq}条记录不符：内容或者位置被改动", entry.seq
    for entry, _ in recorded.values():
        yield "remark", f"第{entry.seq}条记录的法制审核批注不存在：被删去", entry.seq


def pending(node: str, ended: bool, data: Any, entries: Sequence[audit.Entry]) -> Iterator[Told]:
    """What waits for the second officer, or was given back, against the newest entry of its handing in; any of them
    where the task has `ended` without being done."""
    recorded = _recorded(entries)
    handed_in = [recorded[e.seq] for e in entries if e.seq in recorded and e.content.get("node") == node]
    if not any(_same(data, digest) for digest in (handed_in if ended else handed_in[-1:])):
        yield "pending", f"等待协办确认的内容（{node}）与记录不符：内容被改动", None


def _recorded(entries: Sequence[audit.Entry]) -> dict[int, str | None]:
    """The digest of what was handed in by the number of its entry. What others had to agree to was recorded when it was
    handed in; the entry of its completion does not repeat it."""
    found: dict[int, str | None] = {}
    waiting: dict[Any, str | None] = {}
    for entry in entries:
        if entry.kind in (*STEPS, HANDED_IN):
            node = entry.content.get("node")
            found[entry.seq] = entry.content.get("data") or waiting.get(node)
            if entry.kind == HANDED_IN:
                waiting[node] = found[entry.seq]
    return found


def _same(data: Any, digest: str | None) -> bool:
    return data is not LOST and audit.digest_of(data) == digest


def issued(
    found: Iterable[Document], data: Mapping[int, Any], entries: Sequence[audit.Entry]
) -> Iterator[Told]:
    """The issued documents (`data` by their ids) against the record, both ways."""
    recorded = {d["id"]: (e.seq, d) for e in entries for d in e.documents}
    became = dict(_became(entries))
    for document in found:
        name = f"《{document.title}》{document.number or ''}"
        seq, told = recorded.pop(document.id, (None, None))
        if told is None:
            yield "document", f"文书{name}没有记录：被插入，或记录被删去", None
            continue
        if (document.code, document.number) != (told["code"], told["number"]):
            yield "document", f"文书{name}的代码或文号与第{seq}条记录（{told['number']}）不符", seq
        if document.status != became.get(document.id, "issued"):
            yield "document", f"文书{name}是否作废、更正或者被替代与记录不符：被改动", None
        content = data[document.id]
        held = content is not LOST and documents.digest_of(content) == document.data_digest
        if not held or document.data_digest != told["digest"]:
            yield "document", f"文书{name}的内容与第{seq}条记录不符：内容被改动", seq
    for seq, told in recorded.values():
        yield "document", f"第{seq}条记录的文书{told['code']} {told['number'] or ''}不存在：被删去", seq


def _became(entries: Sequence[audit.Entry]) -> Iterator[tuple[int, str]]:
    """What the record says became of documents: fallen with a return, or changed by a decision."""
    for entry in entries:
        if entry.kind in TAKEN_BACK:
            yield from ((paper["id"], "void") for paper in entry.content.get("papers", ()))
        elif entry.kind == CHANGED:
            yield entry.content["paper"], entry.content["becomes"]


def rendered(document: Document) -> Iterator[Told]:
    """The stored PDF against the document's data, set anew: same program and fonts give the same bytes."""
    if document.pdf_digest is not None:
        try:
            again = hashlib.sha256(documents.render(document)).hexdigest()
        except sealed.Unreadable:
            return  # told already
        if again != document.pdf_digest:
            told = f"文书《{document.title}》的PDF与其内容重新排版的结果不同：被替换，或排版软件、字体已升级"
            yield "pdf", told, None


def file(digest: str, what: str) -> Iterator[Told]:
    """A file of the store against the digest it is stored under."""
    try:
        with files.open_read(digest) as stream:
            found = hashlib.sha256()
            while piece := stream.read(PIECE):
                found.update(piece)
    except (OSError, ValueError):
        yield "file", f"{what}（{digest[:12]}…）不在文件库中", None
        return
    except sealed.Unreadable:
        yield "file", f"{what}（{digest[:12]}…）无法打开：文件被改动，或其密钥不在本机", None
        return
    if found.hexdigest() != digest:
        yield "file", f"{what}（{digest[:12]}…）的内容与摘要不符：文件被改动", None
