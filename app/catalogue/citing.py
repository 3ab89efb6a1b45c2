"""Who cites which statute: an index over everything that does, and what of it a change touches.

Rooms offer what they hold as a `Source`. The index is only a help: whoever asks reads anew what has changed since it was
written, so that no answer is ever out of date, and `refresh` brings the index up to what there is.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert, select, text
from sqlalchemy.orm import Session

from . import citations
from .law_models import Citation, CitingText

ITEM, BASELINE, PROCEDURE, TEMPLATE = "item", "baseline", "procedure", "template"
PART = 500
"""Texts read at a time."""


@dataclass(frozen=True, slots=True)
class Text:
    """Something that cites: its key among its kind, whose it is (None: everybody's), its name, its words."""

    ref: str
    agency_id: int | None
    label: str
    words: str


@dataclass(frozen=True, slots=True)
class Source:
    """A kind of thing that cites. `digests` is a query for (ref, digest) of each, with its parameters; `read` gives the
    texts with these refs."""

    kind: str
    digests: Callable[[Session], tuple[str, Mapping[str, Any]]]
    read: Callable[[Session, Sequence[str]], Iterable[Text]]


_sources: dict[str, Source] = {}


def install(source: Source) -> None:
    """Let a kind of thing be found by what it cites."""
    _sources[source.kind] = source


@dataclass(frozen=True, slots=True)
class Touched:
    """A thing that cites a statute, and the citations as they are written there."""

    kind: str
    ref: str
    agency_id: int | None
    label: str
    cited: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Gap:
    """Where the index lags behind: what to read anew (ref, digest), and what is gone."""

    changed: tuple[tuple[str, str], ...]
    gone: tuple[str, ...]


def _gap(session: Session, source: Source) -> _Gap:
    query, values = source.digests(session)
    rows = session.execute(
        text(
            f"select n.ref, n.digest, c.ref from ({query}) as n(ref, digest)"  # noqa: S608 - the rooms' own queries
            " full join (select ref, digest from citing_text where kind = :kind) c on c.ref = n.ref"
            " where n.digest is distinct from c.digest"
        ),
        {**values, "kind": source.kind},
    ).all()
    return _Gap(
        tuple((row[0], row[1]) for row in rows if row[0] is not None),
        tuple(row[2] for row in rows if row[0] is None),
    )


def refresh(session: Session) -> int:
    """Bring the index up to date; how many texts were read."""
    return sum(_refresh(session, source) for source in _sources.values())


def _refresh(session: Session, source: Source) -> int:
    gap = _gap(session, source)
    for at in range(0, len(gap.gone), PART):
        _drop(session, source.kind, gap.gone[at : at + PART])
    for at in range(0, len(gap.changed), PART):
        part = dict(gap.changed[at : at + PART])
        _drop(session, source.kind, list(part))
        _write(session, source.kind, part, list(source.read(session, list(part))))
    return len(gap.changed)


def _drop(session: Session, kind: str, refs: Sequence[str]) -> None:
    session.execute(delete(CitingText).where(CitingText.kind == kind, CitingText.ref.in_(refs)))


def _write(session: Session, kind: str, digests: Mapping[str, str], texts: Sequence[Text]) -> None:
    if not texts:
        return
    rows = [
        {"kind": kind, "ref": t.ref, "agency_id": t.agency_id, "label": t.label, "digest": digests[t.ref]}
        for t in texts
    ]
    ids = dict(
        session.execute(insert(CitingText).returning(CitingText.ref, CitingText.id), rows).tuples().all()
    )
    cited = [
        {"citing_id": ids[t.ref], "law_key": key, "article": article, "cited": words}
        for t in texts
        for key, article, words in cited_in(t.words)
    ]
    if cited:
        session.execute(insert(Citation), cited)


def cited_in(words: str) -> list[tuple[str, str, str]]:
    """What a text cites: (statute, article, as written), each once. A statute that is named without an article is cited
    as a whole."""
    found: dict[tuple[str, str], str] = {}
    for line in words.split("\n"):
        for law in citations.laws(line):
            found.setdefault((citations.same_law(law), ""), f"《{law}》")
        for piece in citations.pieces(line):
            for article in piece.articles:
                found.setdefault((citations.same_law(piece.law), article), f"《{piece.law}》{piece.text}")
    narrowed = {law for law, article in found if article}
    return [(law, article, told) for (law, article), told in found.items() if article or law not in narrowed]


def touched(
    session: Session, law: str, articles: Collection[str] = (), kinds: Collection[str] = ()
) -> list[Touched]:
    """Everything that cites a statute, or one of these articles of it or it as a whole; by kind and name."""
    key, wanted = citations.same_law(law), frozenset(articles)
    found: list[Touched] = []
    for source in _sources.values():
        if kinds and source.kind not in kinds:
            continue
        gap = _gap(session, source)
        stale = {ref for ref, _ in gap.changed} | set(gap.gone)
        found += [each for each in _indexed(session, source.kind, key, wanted) if each.ref not in stale]
        found += _fresh(session, source, [ref for ref, _ in gap.changed], key, wanted)
    return found


def _indexed(session: Session, kind: str, key: str, wanted: frozenset[str]) -> Iterator[Touched]:
    chosen = (
        select(CitingText.ref, CitingText.agency_id, CitingText.label, Citation.cited)
        .join(Citation, Citation.citing_id == CitingText.id)
        .where(Citation.law_key == key, CitingText.kind == kind)
        .order_by(CitingText.label, CitingText.id, Citation.id)
    )
    if wanted:
        chosen = chosen.where(Citation.article.in_([*wanted, ""]))
    together: dict[str, tuple[int | None, str, list[str]]] = {}
    for ref, agency_id, label, cited in session.execute(chosen):
        together.setdefault(ref, (agency_id, label, []))[2].append(cited)
    for ref, (agency_id, label, cited) in together.items():
        yield Touched(kind, ref, agency_id, label, tuple(cited))


def _fresh(
    session: Session, source: Source, refs: Sequence[str], key: str, wanted: frozenset[str]
) -> Iterator[Touched]:
    for at in range(0, len(refs), PART):
        for each in source.read(session, refs[at : at + PART]):
            cited = tuple(
                told
                for law, article, told in cited_in(each.words)
                if law == key and (not wanted or not article or article in wanted)
            )
            if cited:
                yield Touched(source.kind, each.ref, each.agency_id, each.label, cited)
