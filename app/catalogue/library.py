"""The statutes that an installation has taken in: versions and articles, as they stood on any day."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.kernel import clock, editions

from . import citations, provisions, searching, validity
from .law_models import LAWS, Law, LawArticle, LawChange, LawVersion
from .statutes import Article, Statute
from .validity import Change, ChangeKind, Held, Standing, Version

REGISTER = Path(__file__).parent / "data" / "statutes.yaml"
LOADED = select(LawArticle.version_id).where(LawArticle.version_id == LawVersion.id).exists()
"""Of which versions there are articles."""
MOST_ARTICLES = 60
FOUND = 50
"""Articles that a search shows."""


def load(session: Session, statutes: Sequence[Statute]) -> int:
    """Take statutes in, each as the version of its day; a version that is there already gets what is new or different.
    Other versions stay. How many articles are new or changed."""
    return sum(_put(session, statute) for statute in statutes if statute.usable and statute.articles)


def register(session: Session) -> int:
    """Enter the statutes that the release knows by name and day, with no text (`data/statutes.yaml`); how many were new. Of
    a statute that the installation has taken in, nothing is entered."""
    known = set(session.scalars(select(LawVersion.law_key)))
    new = [each for each in registered() if citations.same_law(each.law) not in known]
    if new:
        names = [{"key": citations.same_law(each.law), "name": each.law, "level": each.level} for each in new]
        session.execute(insert(Law).values(names).on_conflict_do_nothing())
        session.execute(
            insert(LawVersion).values([_dated(citations.same_law(each.law), each) for each in new])
        )
    return len(new)


def registered() -> list[Statute]:
    """The register as statutes without articles."""
    rows = yaml.safe_load(REGISTER.read_text(encoding="utf-8"))["statutes"]
    return [
        Statute(
            row["name"], row["level"], row.get("doc_no", ""), date.fromisoformat(row["adopted"]),
            date.fromisoformat(row["effective"]) if row.get("effective") else None, row["source"], (),
        )
        for row in rows
    ]  # fmt: skip


def enter(session: Session, statute: Statute) -> None:
    """Enter a statute by name and days, with no text: it is taken in later."""
    _name(session, statute)
    _version_of(session, citations.same_law(statute.law), statute)


def _put(session: Session, statute: Statute) -> int:
    key = citations.same_law(statute.law)
    _name(session, statute)
    if statute.adopted_on is None:  # the text is there now: what was only registered would stand before it
        session.execute(delete(LawVersion).where(LawVersion.law_key == key, ~LOADED))
    version = _version_of(session, key, statute)
    rows = [
        {
            "version_id": version,
            "law_key": key,
            "article": each.article,
            "body": _plain(each.text),
            "source": each.source,
            "loaded_at": clock.now(),
        }
        for each in {a.article: a for a in statute.articles}.values()
    ]
    row = insert(LawArticle)
    row = row.on_conflict_do_update(
        index_elements=[LawArticle.version_id, LawArticle.article],
        set_={name: row.excluded[name] for name in ("body", "source", "loaded_at")},
        where=LawArticle.body != row.excluded.body,
    ).returning(LawArticle.article)
    return len(session.execute(row, rows).all())


def _name(session: Session, statute: Statute) -> None:
    key = citations.same_law(statute.law)
    named = insert(Law).values(key=key, name=statute.law, level=statute.level)
    longer = func.length(named.excluded.name) > func.length(Law.name)
    session.execute(
        named.on_conflict_do_update(
            index_elements=[Law.key],
            set_={"name": named.excluded.name, "level": func.coalesce(func.nullif(named.excluded.level, ""), Law.level)},
            where=longer | ((named.excluded.level != "") & (named.excluded.level != Law.level)),
        )
    )  # fmt: skip


def _dated(key: str, statute: Statute) -> dict[str, Any]:
    """The row of a version."""
    effective = validity.effective(statute.adopted_on, statute.stated_on)
    stated = statute.stated_on is not None and effective == statute.stated_on
    return {
        "law_key": key,
        "adopted_on": statute.adopted_on,
        "effective_on": effective,
        "dated": "stated" if stated else "adopted" if effective else "unknown",
        "doc_no": statute.doc_no,
        "source": statute.source,
        "loaded_at": clock.now(),
    }


def _version_of(session: Session, key: str, statute: Statute) -> int:
    values = _dated(key, statute)
    row = insert(LawVersion).values(values)
    told = ("effective_on", "dated", "doc_no", "source") if values["effective_on"] else ("source",)
    row = row.on_conflict_do_update(
        index_elements=[LawVersion.law_key, LawVersion.adopted_on], set_={n: row.excluded[n] for n in told}
    )
    return session.execute(row.returning(LawVersion.id)).scalar_one()


def _plain(body: str) -> str:
    return "\n".join(line.strip() for line in body.splitlines() if line.strip())


@dataclass(frozen=True, slots=True)
class History:
    """What is known of one statute: its versions and what changes it, in the order of time."""

    key: str
    name: str
    level: str
    versions: tuple[Version, ...] = ()
    changes: tuple[Change, ...] = ()

    def on(self, day: date) -> Held:
        """How it stands on a day."""
        return validity.on_day(self.versions, self.changes, day)


def histories(session: Session, laws: Collection[str]) -> dict[str, History]:
    """The histories of these statutes, by key (`citations.same_law`); of one that nobody knows an empty one."""
    keys = sorted({citations.same_law(law) for law in laws})
    names = {row.key: (row.name, row.level) for row in session.scalars(select(Law).where(Law.key.in_(keys)))}
    versions: dict[str, list[Version]] = {}
    chosen = select(LawVersion, LOADED).where(LawVersion.law_key.in_(keys))
    chosen = chosen.order_by(LawVersion.effective_on.nulls_first(), LawVersion.id)
    for row, loaded in session.execute(chosen).tuples():
        versions.setdefault(row.law_key, []).append(Version(row.id, row.adopted_on, row.effective_on, loaded))
    changes: dict[str, list[Change]] = {}
    for row in session.scalars(
        select(LawChange).where(LawChange.law_key.in_(keys)).order_by(LawChange.on_date)
    ):
        changes.setdefault(row.law_key, []).append(change_of(row))
        names.setdefault(row.law_key, (row.law, ""))
    return {
        key: History(
            key,
            *names.get(key, (key, "")),
            tuple(versions.get(key, ())),
            tuple(changes.get(key, ())),
        )
        for key in keys
    }


def change_of(row: LawChange) -> Change:
    """A recorded change as a value."""
    return Change(row.id, ChangeKind(row.kind), row.on_date, row.by_law, row.basis, tuple(row.articles))


@dataclass(frozen=True, slots=True)
class Resolved:
    """One place that a text cites, as it stands on a day: `words` are its text; `problem` says what is wrong with it, in
    Chinese, empty: nothing."""

    law: str
    place: provisions.Place
    standing: Standing
    words: str = ""
    version: Version | None = None
    change: Change | None = None
    problem: str = ""

    @property
    def name(self) -> str:
        """《…法》第五十四条第一款."""
        return f"《{self.law}》{self.place.name}"


def resolve(session: Session, text_: str, day: date) -> list[Resolved]:
    """Every place that a text cites, as in force on the day, in the order of the text."""
    cited = [
        (piece.law, place)
        for piece in citations.pieces(text_)
        if piece.articles
        for place in provisions.places(piece)
    ]
    known = histories(session, {law for law, _ in cited})
    held = {key: history.on(day) for key, history in known.items()}
    bodies = _bodies(session, [(held[citations.same_law(law)], place.article) for law, place in cited])
    return [
        _resolved(known[citations.same_law(law)], held[citations.same_law(law)], place, bodies)
        for law, place in cited
    ]


_kept: tuple[str, dict[tuple[str, date], tuple[Resolved, ...]]] = ("", {})
"""Only a cache: every question asks the database for the edition first."""
MOST_KEPT = 2_000


def remembered(session: Session, text_: str, day: date) -> tuple[Resolved, ...]:
    """As `resolve`, kept in the process until the legal basis changes: what the pages and gates of cases ask again and
    again of the same items."""
    global _kept
    edition = editions.current(session, LAWS)
    if _kept[0] != edition or len(_kept[1]) >= MOST_KEPT:
        _kept = (edition, {})
    known, key = _kept[1], (text_, day)
    if key not in known:
        known[key] = tuple(resolve(session, text_, day))
    return known[key]


def _bodies(session: Session, wanted: Sequence[tuple[Held, str]]) -> dict[tuple[int, str], str]:
    versions = {held.version.id for held, _ in wanted if held.version}
    articles = {article for _, article in wanted}
    rows = session.execute(
        select(LawArticle.version_id, LawArticle.article, LawArticle.body).where(
            LawArticle.version_id.in_(versions), LawArticle.article.in_(articles)
        )
    )
    return {(row[0], row[1]): row[2] for row in rows}


def _resolved(
    history: History, held: Held, place: provisions.Place, bodies: Mapping[tuple[int, str], str]
) -> Resolved:
    version = held.version
    body = bodies.get((version.id, place.article)) if version else None
    words = provisions.part(body, place) if body is not None else None
    return Resolved(
        history.name,
        place,
        held.standing,
        words or "",
        version,
        held.change,
        _problem(held, place, body, words),
    )


def _problem(held: Held, place: provisions.Place, body: str | None, words: str | None) -> str:
    if held.standing is Standing.REPEALED and held.change:
        return f"已于{_day(held.change.on)}被《{held.change.by}》废止。"
    if held.standing is Standing.OUTDATED and held.change:
        return f"已于{_day(held.change.on)}修改（{held.change.basis or held.change.by}），修改后的文本没有载入，请核对。"
    if held.standing is Standing.NOT_YET:
        since = held.version.effective_on if held.version else None
        return "尚未施行" + (f"，自{_day(since)}起施行。" if since else "。")
    if held.standing is Standing.UNKNOWN:
        return "没有载入这部法律的条文，无法核对。"
    if body is None and held.version and not held.version.loaded:
        return "条文没有载入，请核对原文。"
    if body is None:
        return f"载入的文本中没有{citations.article_name(place.article)}，请核对条号或者补充载入。"
    return "" if words is not None else f"{citations.article_name(place.article)}没有这一款项，请核对。"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def texts(session: Session, law: str, numbers: Sequence[str], day: date | None = None) -> dict[str, Article]:
    """The articles of a statute by number, as in force on a day (today); of a statute that is in force no more, or not
    yet, those of its last or first version."""
    history = histories(session, [law])[citations.same_law(law)]
    version = history.on(day or clock.today()).version
    if version is None:
        return {}
    rows = session.scalars(
        select(LawArticle).where(
            LawArticle.version_id == version.id, LawArticle.article.in_(list(numbers)[:MOST_ARTICLES])
        )
    )
    return {r.article: Article(history.name, r.article, r.body, version.adopted_on, r.source) for r in rows}


def held(session: Session, cited: Sequence[str]) -> dict[str, frozenset[str]]:
    """Which articles the texts in force today have of the statutes that these words cite: by statute
    (`citations.same_law`), only those of which a text was taken in."""
    laws = {piece.law for words in cited for piece in citations.pieces(words) if piece.law}
    found = {key: history.on(clock.today()).version for key, history in histories(session, laws).items()}
    versions = {version.id: key for key, version in found.items() if version}
    rows = session.execute(
        select(LawArticle.version_id, func.array_agg(LawArticle.article))
        .where(LawArticle.version_id.in_(versions))
        .group_by(LawArticle.version_id)
    )
    return {versions[number]: frozenset(articles) for number, articles in rows}


def articles_of(session: Session, version_id: int) -> list[Article]:
    """All articles of a version, in their order."""
    version = session.get(LawVersion, version_id)
    if version is None:
        return []
    name = session.get_one(Law, version.law_key).name
    rows = session.scalars(select(LawArticle).where(LawArticle.version_id == version_id)).all()
    found = [Article(name, r.article, r.body, version.adopted_on, r.source) for r in rows]
    return sorted(found, key=lambda each: [int(part) for part in each.article.split("-")])


def holdings(session: Session) -> list[tuple[str, int, date | None]]:
    """The statutes of which articles were taken in: name, how many articles the last version has, when it was adopted."""
    rows = session.execute(
        select(Law.name, func.count(LawArticle.article), LawVersion.adopted_on)
        .join(LawVersion, LawVersion.law_key == Law.key)
        .join(LawArticle, LawArticle.version_id == LawVersion.id)
        .group_by(Law.name, LawVersion.id, LawVersion.adopted_on)
        .order_by(Law.name, LawVersion.adopted_on.nulls_first())
    )
    return list({row[0]: (row[0], row[1], row[2]) for row in rows}.values())


NAMED = """
select l.name, v.adopted_on, f.article, f.body, v.id from found f
join law_version v on v.id = f.version_id join law l on l.key = f.law_key
order by l.name, v.adopted_on desc nulls last, length(f.article), f.article
"""
AMONG_FIRST = f"""
with first as materialized (select version_id, law_key, article, body from law_article limit %(first)s),
found as materialized (select * from first where body {{like}} %(like)s escape '!' limit %(most)s) {NAMED}
"""  # noqa: S608 - our own text
BY_PAIRS = f"""
with found as materialized (
    select version_id, law_key, article, body from law_article
    where text_pairs(body) @> text_pairs(%(word)s) and body {{like}} %(like)s escape '!' limit %(most)s
) {NAMED}
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class FoundArticle:
    """An article as a list of finds shows it: the statute's name, when its text was adopted, number, text, version."""

    name: str
    adopted_on: date | None
    article: str
    body: str
    id: int


def search(session: Session, word: str, most: int = FOUND) -> list[FoundArticle]:
    """Articles in which a word of two characters or more stands, any part of any text."""
    word = "".join(word.replace("\0", "").split())
    if len(word) < 2:
        return []
    found = searching.rows_with(session, word, AMONG_FIRST, BY_PAIRS, {"most": most})
    return [FoundArticle(**row) for row in found]


def laws(session: Session, word: str = "", after: str = "", most: int = 50) -> list[Law]:
    """Statutes by name, those whose name holds the word, page by page."""
    chosen = select(Law).where(Law.key > after)
    if word.strip():
        chosen = chosen.where(Law.name.ilike(searching.like(word.strip()), escape="!"))
    return list(session.scalars(chosen.order_by(Law.key).limit(most)))
