"""Carry the record of the first release, rows without a chain, over into the chained form.

Called by the migration. What a later release changes elsewhere must not change this: it deals in rows and in the
frozen format of `lines` alone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from .lines import Entry, chained, digest_of, genesis

BATCH = 200
INSERT = text(
    "insert into record_entry (case_id, at, actor_id, seq, kind, digest, packed)"
    " values (:case_id, :at, :actor_id, :seq, :kind, :digest, :packed)"
)
HEAD = text('update "case" set record_seq = :seq, record_digest = :digest where id = :case_id')


def carry_over(connection: Connection, old: str) -> int:
    """Write every row of the table `old` into `record_entry`, chained, and set the heads; how many."""
    names = dict(connection.execute(text("select id, name from officer")).tuples().all())
    ids = connection.scalars(text(f"select distinct case_id from {old} order by 1")).all()  # noqa: S608 - our name
    done = 0
    for start in range(0, len(ids), BATCH):
        chosen = {"ids": ids[start : start + BATCH]}
        rows = connection.execute(
            text(
                "select case_id, seq, at, actor_id, kind, content, digests"  # noqa: S608 - our name
                f" from {old} where case_id = any(:ids) order by case_id, seq"
            ),
            chosen,
        ).all()
        work = _Work(connection, chosen)
        written, heads = [], []
        for case_id in chosen["ids"]:
            digest, seq = genesis(case_id), 0
            for entry in _entries([r for r in rows if r.case_id == case_id], names, work):
                digest, seq = chained(digest, entry.line()), entry.seq
                columns = {n: getattr(entry, n) for n in ("case_id", "at", "actor_id", "seq", "kind")}
                written.append(columns | {"digest": digest, "packed": entry.packed()})
            heads.append({"case_id": case_id, "seq": seq, "digest": digest})
        if written:
            connection.execute(INSERT, written)
            connection.execute(HEAD, heads)
        done += len(written)
    return done


class _Work:
    """The tasks and what was handed in at them: which position, which task an entry of the old form means."""

    def __init__(self, connection: Connection, chosen: Mapping[str, Any]):
        positions = connection.execute(
            text("select case_id, node, position_key from work_item where case_id = any(:ids)"), chosen
        )
        self.positions = {(row.case_id, row.node): row.position_key for row in positions}
        handed_in = connection.execute(
            text("select case_id, node, at, work_item_id from submission where case_id = any(:ids)"), chosen
        )
        self.works: dict[tuple[int, str, datetime], int] = {
            (row.case_id, row.node, row.at): row.work_item_id for row in handed_in
        }


def _entries(rows: Sequence[Any], names: Mapping[int, str], work: _Work) -> Iterator[Entry]:
    attributes: dict[str, Any] = {}
    for seq, row in enumerate(rows, 1):
        content, documents, files = _content(row, attributes, work)
        node = row.content.get("node", "")
        yield Entry(
            row.case_id,
            seq,
            row.at,
            row.kind,
            row.actor_id,
            names.get(row.actor_id, ""),
            work.positions.get((row.case_id, node), "") if row.actor_id is not None else "",
            content,
            documents,
            files,
        )
        attributes |= row.content.get("attributes", {})


def _content(
    row: Any, attributes: Mapping[str, Any], work: _Work
) -> tuple[dict[str, Any], Sequence[Mapping[str, Any]], Sequence[str]]:
    """Content, documents and files of an old row in the new form."""
    old: dict[str, Any] = dict(row.content)
    if row.kind == "document.issued":
        document = {"id": old["document"], "code": old["code"], "number": old["number"]}
        return {}, [document | {"digest": row.digests[0]}], ()
    if "opened" in old or "tasks" in old:
        old["opened"] = [task["node"] for task in old.pop("tasks", old.get("opened", ()))]
    if "data" in old:
        old["data"] = digest_of(old["data"])
    if row.kind in ("step.completed", "message.registered"):
        old["work"] = work.works.get((row.case_id, old["node"], row.at))
    if row.kind.startswith(("step", "message", "work")):
        old.pop("name", None)
    if "second" in old:
        old["with"] = [old.pop("second")]
    elif "with" in old:
        old["with"] = [signer["id"] for signer in old["with"]][1:]
    if "attributes" in old:
        after = old.pop("attributes")
        old["set"] = {name: value for name, value in after.items() if (name, value) not in attributes.items()}
    return _without(old, ("with", "steps", "actions", "opened", "set", "finished")), (), list(row.digests)


def _without(content: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Without those of these parts that are empty."""
    optional = set(names)
    return {name: value for name, value in content.items() if value or name not in optional}
