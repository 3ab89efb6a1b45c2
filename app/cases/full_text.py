"""Finding cases by the words of opinions and of issued documents, which are sealed.

A job reads each opinion and each document once and keeps its keyed digests (`kernel.word_digests`): the step that
writes them is spared it, and what was there before is read in the same way. The digests name candidates; what is found
is opened and read before it is shown, so that no digest that two words share shows a case. The work of one request is
bounded: words that are everywhere are looked for row by row in the list they are asked for (`condition`).

Who asks brings the cases: this module looks into none that were not given to it as visible.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from app.documents import service as documents
from app.kernel import clock, facts, jobs, reads, word_digests
from app.kernel.sealed import unseal

OPINION, DOCUMENT = "opinion", "document"
READ_JOB = "cases.read_texts"
EVERY = 30
"""Seconds after which what was handed in is found at the latest, give or take the worker."""
BATCH = 300
SETTLED = timedelta(minutes=10)
"""By then every act that drew a number has committed or failed: the mark may pass it."""
FEW = 2_000
"""So many cases of one agency are looked at one by one."""
RARE = 20_000
"""Words of which even the rarest pair is in more texts than that are not asked of the index."""
PAIRS = 5
"""So many pairs of a word are asked of the index at most, the rarest ones."""
TEXTS = 400
"""So many texts are opened for one page at most."""
SECONDS = 0.03
"""So long texts are opened for one page."""
CHUNK = 20
"""Cases whose texts are opened at a time."""
AROUND = 16
"""Characters before and after a word in a snippet."""

SOURCES = {
    OPINION: """
select s.id, s.case_id, c.agency_id, w.done_at as at, s.data, s.opinion_field from submission s
join work_item w on w.id = s.work_item_id join "case" c on c.id = s.case_id where s.id > %(mark)s and s.opinion_field <> ''
and not exists (select from text_digests t where t.kind = 'opinion' and t.source_id = s.id)
order by s.id limit %(batch)s
""",
    DOCUMENT: """
select d.id, d.case_id, d.agency_id, d.issued_at as at, d.data from document d where d.id > %(mark)s
and not exists (select from text_digests t where t.kind = 'document' and t.source_id = d.id)
order by d.id limit %(batch)s
""",
}
PUT = """
insert into text_digests (kind, source_id, agency_id, case_id, pairs)
values (%(kind)s, %(id)s, %(agency)s, %(case)s, %(pairs)s::integer[]) on conflict do nothing
"""
COMMON = """
select pair, share * (select greatest(reltuples, 0) from pg_class where oid = 'text_digests'::regclass) as texts
from pg_stats, unnest(most_common_elems::text::integer[], most_common_elem_freqs) as known (pair, share)
where schemaname = current_schema() and tablename = 'text_digests' and attname = 'pairs'
    and pair = any(%(pairs)s::integer[])
"""
"""In about how many texts these digests are, of those that the statistics list: the frequent ones."""
OPINIONS = """
select s.id, s.case_id, s.data, s.opinion_field, w.name as title from submission s
join work_item w on w.id = s.work_item_id where s.id = any(%(ids)s::bigint[])
"""
DOCUMENTS = """
select id, case_id, data, title from document where id = any(%(ids)s::bigint[]) and status = 'issued'
"""


class Snippet(NamedTuple):
    """Where a word is read: in which opinion or document, and the words around it."""

    title: str
    before: str
    word: str
    after: str


@dataclass(frozen=True, slots=True)
class Found:
    """What was read. `snippets` by case, of the cases that hold every word; the first `read` of the given cases were
    looked at, and `given_up` says that there are more."""

    snippets: Mapping[int, Sequence[Snippet]] = field(default_factory=dict)
    read: int = 0
    given_up: bool = False


def opinion_text(data: Mapping[str, Any], opinion_field: str) -> str:
    """The words of an opinion in what was handed in."""
    opinion = data.get(opinion_field)
    return str(opinion.get("text") or "") if isinstance(opinion, Mapping) else ""


def register_jobs() -> None:
    """Let the workers read what has come since they last did, everything at first."""
    jobs.register(READ_JOB, lambda session, _: read_new(session, clock.now()))
    jobs.periodic("cases.texts", EVERY, read_new)


def read_new(session: Session, now: datetime) -> None:
    """Read a batch of the opinions and documents that nobody has read; the next batch is a job of its own.

    What is written refers to its case, which an act may hold: the cases come in the order of their ids, as everywhere,
    and only after everything has been read.
    """
    batches = [_read_batch(session, kind, now) for kind in SOURCES]
    found = sorted(
        (row for rows in batches for row in rows), key=lambda row: (row["case"], row["kind"], row["id"])
    )
    for values in found:
        session.connection().connection.driver_connection.execute(PUT, values)  # type: ignore[union-attr]
    if any(len(rows) == BATCH for rows in batches):
        jobs.enqueue(session, READ_JOB, {})


def _read_batch(session: Session, kind: str, now: datetime) -> list[dict[str, Any]]:
    """What is to be written of a kind; a full batch where there may be more."""
    fact = f"texts_read:{kind}"
    mark = facts.get(session, fact) or 0
    (rows,) = reads.fetch(session, (SOURCES[kind], {"mark": mark, "batch": BATCH}))
    settled = [row["id"] for row in rows if row["at"] < now - SETTLED]
    if settled:
        facts.put(session, fact, max(settled))
    return [_read(kind, row) for row in rows]


def _read(kind: str, row: Mapping[str, Any]) -> dict[str, Any]:
    agency = row["agency_id"]
    pairs = word_digests.digests(agency, text_in(kind, row))
    return {"kind": kind, "id": row["id"], "agency": agency, "case": row["case_id"], "pairs": pairs}


def text_in(kind: str, row: Mapping[str, Any]) -> str:
    """The words of an opinion or a document in a row as the database gives it."""
    if kind == OPINION:
        return opinion_text(unseal(row["data"], "submission.data"), row["opinion_field"])
    return documents.text_of(unseal(row["data"], "document.data"))


def askable(words: Sequence[str]) -> list[str]:
    """The words that texts can be asked for: two characters at least, and no long number."""
    return [word for word in words if word_digests.pairs_of(word_digests.plain(word))]


def candidates(session: Session, agency_id: int, words: Sequence[str]) -> list[int] | None:
    """Numbers of few cases of the agency among which are all in whose texts the words are; None if there are many."""
    digests = [word_digests.digests(agency_id, word) for word in words]
    (known,) = reads.fetch(session, (COMMON, {"pairs": [one for some in digests for one in some]}))
    common = {row["pair"]: row["texts"] for row in known}
    asked = [sorted(some, key=lambda one: common.get(one, 0.0))[:PAIRS] for some in digests]
    asked = [some for some in asked if common.get(some[0], 0.0) <= RARE]
    if not asked:
        return None
    asked.sort(key=lambda some: common.get(some[0], 0.0))
    query = (
        "select distinct case_id from (select case_id from text_digests where agency_id = %(agency)s"  # noqa: S608
        f" and pairs @> %(pairs)s::integer[] limit {RARE}) t limit {FEW + 1}"
    )
    _, found, _ = reads.fetch(
        session,
        ("select set_config('enable_seqscan', 'off', true)", {}),
        (query, {"agency": agency_id, "pairs": asked[0]}),
        ("select set_config('enable_seqscan', 'on', true)", {}),
    )
    return [row["case_id"] for row in found] if len(found) <= FEW else None


def condition(agency_id: int, words: Sequence[str], case: str) -> tuple[str, dict[str, Any]]:
    """That a case (its number as a column) may hold the words: true of all that do, and of few others."""
    parts, values = [], {}
    for n, word in enumerate(words):
        parts.append(
            f"exists (select from text_digests t where t.case_id = {case} and t.pairs @> %(pairs{n})s::integer[])"
        )
        values[f"pairs{n}"] = word_digests.digests(agency_id, word)
    return " and ".join(parts), values


def read(session: Session, agency_id: int, cases: Sequence[int], words: Sequence[str], wanted: int) -> Found:
    """Open the texts of these cases in order until so many hold every word, or enough was opened."""
    asked = [word_digests.plain(word) for word in words]
    began, opened, snippets = time.monotonic(), 0, {}
    for at in range(0, len(cases), CHUNK):
        chunk = cases[at : at + CHUNK]
        texts = list(_texts(session, agency_id, chunk, words))
        opened += len(texts)
        for case_id in dict.fromkeys(chunk):
            of_case = [(title, text) for number, title, text in texts if number == case_id]
            places = [_place(of_case, word) for word in asked]
            if all(places):
                snippets[case_id] = tuple(dict.fromkeys(place for place in places if place))
        done = at + len(chunk)
        enough = len(snippets) >= wanted or opened >= TEXTS or time.monotonic() - began > SECONDS
        if enough and done < len(cases):
            return Found(snippets, done, given_up=len(snippets) < wanted)
    return Found(snippets, len(cases))


def _texts(
    session: Session, agency_id: int, cases: Sequence[int], words: Sequence[str]
) -> Iterator[tuple[int, str, str]]:
    """Case, title and plain text of what may hold one of the words, newest first."""
    hits, values = [], {"cases": list(cases), "agency": agency_id}
    for n, word in enumerate(words):
        hits.append(f"t.pairs @> %(pairs{n})s::integer[]")
        values[f"pairs{n}"] = word_digests.digests(agency_id, word)
    query = (
        "select t.kind, t.source_id from text_digests t where t.case_id = any(%(cases)s::bigint[])"  # noqa: S608
        f" and t.agency_id = %(agency)s and ({' or '.join(hits)}) order by t.source_id desc"
    )
    (found,) = reads.fetch(session, (query, values))
    ids = {kind: [row["source_id"] for row in found if row["kind"] == kind] for kind in SOURCES}
    opinions, issued = reads.fetch(
        session, (OPINIONS, {"ids": ids[OPINION]}), (DOCUMENTS, {"ids": ids[DOCUMENT]})
    )
    for kind, rows in ((OPINION, opinions), (DOCUMENT, issued)):
        for row in sorted(rows, key=lambda row: -row["id"]):
            yield row["case_id"], _titled(kind, row["title"]), word_digests.plain(text_in(kind, row))


def _titled(kind: str, title: str) -> str:
    return f"“{title}”的意见" if kind == OPINION else f"《{title}》"


def _place(texts: Sequence[tuple[str, str]], word: str) -> Snippet | None:
    for title, text in texts:
        if (at := text.find(word)) >= 0:
            line = text.rfind("\n", 0, at) + 1
            stop = text.find("\n", at + len(word))
            before = text[max(line, at - AROUND) : at]
            after = text[
                at + len(word) : at + len(word) + AROUND if stop < 0 else min(stop, at + len(word) + AROUND)
            ]
            return Snippet(title, before, word, after)
    return None
