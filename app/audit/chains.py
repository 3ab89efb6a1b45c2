"""Does a record hold? Each chain link by link, its head, what the anchors say of it, and the anchors themselves."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from . import anchor_file, anchors, jobs, merkle
from .lines import Entry, Unreadable, chained, entry_of, genesis


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not fit. `where` is a case's number or `锚定`; `code` stays the same over releases."""

    code: str
    where: str
    message: str
    case_id: int | None = None
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain that was walked: the entries that could be read, and what is wrong."""

    entries: Sequence[Entry]
    findings: Sequence[Finding]


def walk(
    case_id: int,
    where: str,
    rows: Iterable[Any],
    head: tuple[int, bytes] | None,
    anchored: Sequence[tuple[int, merkle.Leaf]] = (),
) -> Chain:
    """Check one case's rows in order of `seq` (each: seq, at, kind, actor_id, digest, packed).

    `head` is what the case row says (None: there is no such case), `anchored` what anchors say.
    """
    found: list[Finding] = []
    entries: list[Entry] = []
    digests: dict[int, bytes] = {}

    def report(code: str, message: str, seq: int | None = None) -> None:
        found.append(Finding(code, where, message, case_id, seq))

    previous, last = genesis(case_id), 0
    for row in rows:
        if row.seq != last + 1:
            missing = f"第{last + 1}条" if row.seq == last + 2 else f"第{last + 1}至{row.seq - 1}条"
            report("removed", f"缺少{missing}：记录被删去", last + 1)
        try:
            entry = entry_of(case_id, row.seq, row.at, row.kind, row.actor_id, row.packed)
            entries.append(entry)
            if row.seq == last + 1 and chained(previous, entry.line()) != row.digest:
                report(
                    "changed",
                    f"第{row.seq}条（{row.kind}）与摘要不符，或与前一条不衔接：内容被改动，或有记录被插入、调换",
                    row.seq,
                )
        except Unreadable:
            report("unreadable", f"第{row.seq}条（{row.kind}）的内容无法识别：内容被改动", row.seq)
        digests[row.seq] = previous = row.digest
        last = row.seq
    found += _heads(case_id, where, last, previous, head)
    found += _anchored(case_id, where, last, digests, anchored)
    return Chain(entries, found)


def _heads(
    case_id: int, where: str, last: int, digest: bytes, head: tuple[int, bytes] | None
) -> Iterator[Finding]:
    if head is None:
        yield Finding("case_missing", where, f"有{last}条记录，却没有这个办件：办件被删去", case_id)
    elif not last:
        yield Finding("no_record", where, "办件没有任何记录", case_id)
    elif head[0] > last:
        yield Finding(
            "truncated",
            where,
            f"办件登记的末条是第{head[0]}条，记录只到第{last}条：记录被截断",
            case_id,
            last,
        )
    elif head[0] < last:
        yield Finding(
            "appended",
            where,
            f"办件登记的末条是第{head[0]}条，记录却有第{last}条：有记录被插入",
            case_id,
            last,
        )
    elif head[1] != digest:
        yield Finding("head", where, f"办件登记的末条摘要与第{last}条不符：记录或登记被改动", case_id, last)


def _anchored(
    case_id: int,
    where: str,
    last: int,
    digests: dict[int, bytes],
    anchored: Sequence[tuple[int, merkle.Leaf]],
) -> Iterator[Finding]:
    for number, leaf in anchored:
        if leaf.seq > last:
            told = f"第{number}号锚定时已有{leaf.seq}条记录，现只有{last}条：记录被截断"
            yield Finding("truncated", where, told, case_id, last)
            return
        if digests.get(leaf.seq) != leaf.digest:
            told = f"第{leaf.seq}条与第{number}号锚定不符：记录在锚定之后被改写"
            yield Finding("rewritten", where, told, case_id, leaf.seq)
            return


def walk_anchors(session: Session) -> list[Finding]:
    """Check the anchors: their chain, their signatures, their leaves, and the file beside the database."""
    found: list[Finding] = []

    def report(message: str) -> None:
        found.append(Finding("anchor", "锚定", message))

    content = anchor_file.read(
        anchors.folder(), anchors.sign
    )  # before the database: an anchor goes there first
    known = dict(anchors.all_of(session))
    previous, last = "", 0
    for number, anchor in known.items():
        name = f"第{number}号锚定"
        if number != last + 1:
            report(f"数据库缺少第{last + 1}号锚定：锚定被删去")
        last = number
        try:
            told = anchor.told
            links = number == told["anchor"] and previous in ("", told["previous"])
            root, cases, key = told["root"], told["cases"], told["key"]
        except (ValueError, KeyError, TypeError):
            report(f"{name}的内容无法识别：锚定被改动")
            continue
        if anchors.sign(anchor.line) != anchor.mac:
            other = key != anchors.key_name(anchors.key())
            report(f"{name}的签名不符：{'签名密钥已更换，须用原密钥核对' if other else '锚定被改动'}")
        if not links:
            report(f"{name}与前一号不衔接：锚定被改动、插入或调换")
        previous = anchor.digest
        counted = _Counted(leaf.hash() for leaf in anchors.leaves_of(session, number))
        if merkle.root(counted).hex() != root or counted.count != cases:
            report(f"{name}所列的{cases}个办件与其根摘要不符：锚定明细被改动")
    found += _beside(content, known, jobs.file_is_due(session))
    return found


class _Counted:
    """Counts what passes."""

    def __init__(self, inner: Iterable[bytes]):
        self.inner, self.count = inner, 0

    def __iter__(self) -> Iterator[bytes]:
        for each in self.inner:
            self.count += 1
            yield each


def _beside(
    content: anchor_file.Content | None, known: dict[int, anchors.Anchor], due: bool
) -> Iterator[Finding]:
    """Compare the file with the database; `due`: a worker is about to write the newest anchor into it."""
    place = anchors.folder() / anchor_file.NAME
    newest = max(known, default=0)
    if content is None:
        if known and not (due and newest == 1):
            yield Finding("anchor_file", "锚定", f"找不到锚定文件 {place}，无法与数据库核对")
        return
    yield from (Finding("anchor_file", "锚定", message) for message in content.wrong)
    for number in sorted(known.keys() | content.anchors.keys()):
        if number not in content.anchors and due and number == newest:
            continue
        if number not in content.anchors:
            told = f"锚定文件缺少第{number}号锚定：文件被截断或改动"
        elif number not in known:
            told = f"锚定文件有第{number}号锚定而数据库没有：数据库被改写，或恢复了较早的备份"
        elif (known[number].line, known[number].mac) != content.anchors[number]:
            told = f"第{number}号锚定在数据库和文件中不同：其中一处被改写"
        else:
            continue
        yield Finding("anchor_file", "锚定", told)


def as_json(findings: Sequence[Finding]) -> str:
    """The findings for a program."""
    fields = ("code", "where", "message", "case_id", "seq")
    return json.dumps([{name: getattr(f, name) for name in fields} for f in findings], ensure_ascii=False)
