"""Pages of the legal basis: statutes and their versions, what is in force on a day, old law or lighter law, what a change
touches and the work it makes."""

from datetime import date
from typing import Any

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.kernel import auth, clock
from app.kernel.auth import SIGNED_IN
from app.kernel.db import db
from app.kernel.errors import Invalid, NotFound
from app.kernel.transaction import transaction
from app.kernel.web import only_fields, row_number

from . import changes, choosing, citations, impact, library, searching, service, validity
from .law_models import Law, LawChange, LawVersion
from .law_room import ITEM_READERS, KEEPERS, READERS, agencies_of, room, seen_by
from .validity import ChangeKind, Standing

PART = 100
"""Articles on a page of a statute."""
WORD = 60
KINDS = {ChangeKind.REPEALED: "废止", ChangeKind.AMENDED: "修改"}
TONES = {Standing.IN_FORCE: "ok", Standing.NOT_YET: "info", Standing.OUTDATED: "warn"}
DATED = {"stated": "", "adopted": "按公布（通过）之日推定", "unknown": "施行日期未写明"}


@room.get("/laws", access=SIGNED_IN, endpoint="index")
def laws() -> str:
    """All statutes, by name; with a word also the articles in which it stands."""
    word = request.args.get("q", "").strip()[:WORD]
    session = db.session()
    found = library.laws(session, word, request.args.get("after", "")[:200].replace("\0", ""))
    known = library.histories(session, [row.key for row in found])
    today = clock.today()
    return render_template(
        "law/index.html",
        word=word,
        rows=[(row, known[row.key].on(today)) for row in found],
        standing=validity.WORDS,
        tones=TONES,
        after=found[-1].key if len(found) == 50 else "",
        articles=library.search(session, word),
        name=citations.article_name,
        changed=changes.recorded(session, 10),
        kinds=KINDS,
        may_read=bool(READERS.roles & auth.current_actor().roles),
        may_order=bool(ITEM_READERS.roles & auth.current_actor().roles),
    )


@room.get("/laws/statutes/<path:key>", access=SIGNED_IN, endpoint="statute")
def statute(key: str) -> str:
    """One statute: its versions and what changes it."""
    session = db.session()
    key = key.replace("\0", "")
    history = library.histories(session, [key])[citations.same_law(key)]
    if not history.versions and not history.changes:
        raise NotFound("没有载入这部法律，也没有登记它的变动。")
    rows = {row.id: row for row in session.query(LawVersion).filter_by(law_key=history.key)}
    return render_template(
        "law/statute.html",
        history=history,
        versions=[
            (rows[each.id], *validity.ends(history.versions, history.changes, each))
            for each in reversed(history.versions)
        ],
        held=history.on(clock.today()),
        loaded={each.id for each in history.versions if each.loaded},
        standing=validity.WORDS,
        tones=TONES,
        kinds=KINDS,
        dated=DATED,
        name=citations.article_name,
        may_read=bool(READERS.roles & auth.current_actor().roles),
    )


@room.get("/laws/versions/<int:version_id>", access=SIGNED_IN, endpoint="version")
def version(version_id: int) -> str:
    """The articles of one version, page by page."""
    session = db.session()
    row = session.get(LawVersion, version_id)
    if row is None:
        raise NotFound("没有载入这一版本的条文。")
    articles = library.articles_of(session, version_id)
    page = min(row_number(request.args.get("page", "")) or 1, len(articles) // PART + 1)
    wanted = [n for n, each in enumerate(articles) if each.article == request.args.get("no")]
    if wanted:
        page = wanted[0] // PART + 1
    law = session.get_one(Law, row.law_key)
    return render_template(
        "law/version.html",
        law=law,
        version=row,
        dated=DATED,
        articles=articles[max(page - 1, 0) * PART :][:PART],
        page=max(page, 1),
        pages=-(-len(articles) // PART),
    )


@room.get("/laws/choice", access=SIGNED_IN, endpoint="choice")
def choice() -> Any:
    """Both versions side by side: the law of the day of the act, and that of the day of the decision."""
    session, errors = db.session(), dict[str, list[str]]()
    given = {name: request.args.get(name, "").strip()[:500] for name in ("basis", "acted", "decided", "item")}
    acted, decided = _day(given["acted"], "acted", errors), _day(given["decided"], "decided", errors)
    item_id = row_number(given["item"])
    compared = None
    if given["basis"] or item_id:
        if acted is None and "acted" not in errors:
            errors["acted"] = ["请填写违法行为发生（终了）的日期。"]
        if acted and acted > (decided or clock.today()):
            errors["acted"] = ["行为日期不能晚于决定日期。"]
        if acted and not errors:
            scope = seen_by(session, auth.current_actor())
            basis = (
                choosing.basis_of(session, scope, item_id) if item_id else choosing.of_words(given["basis"])
            )
            day = decided or clock.today()
            pair = service.standards_of(session, item_id, acted, day) if item_id else None
            compared = choosing.compare(session, basis, acted, day, pair)
    word = request.args.get("q", "").strip()[:WORD]
    seen = agencies_of(session, seen_by(session, auth.current_actor())) if word else {}
    page = render_template(
        "law/choice.html",
        word=word,
        items=searching.items(session, word, seen.keys()),
        dates={name: given[name] or None for name in ("acted", "decided")},
        given=given,
        errors=errors,
        compared=compared,
        standing=validity.WORDS,
        today=clock.today(),
    )
    return page, 422 if errors else 200


def _day(value: str, name: str, errors: dict[str, list[str]]) -> date | None:
    try:
        return date.fromisoformat(value) if value else None
    except ValueError:
        errors[name] = ["日期写法不对，应为 2026-08-15。"]
        return None


@room.get("/laws/impact", access=READERS, endpoint="impact")
def impact_page() -> Any:
    """What a repeal or an amendment of a statute touches, as far as this person sees it."""
    session, actor = db.session(), auth.current_actor()
    law = request.args.get("law", "").strip("《》 ")[:120].replace("\0", "")
    errors: dict[str, list[str]] = {}
    day = _day(request.args.get("on", "").strip()[:20], "on", errors) or clock.today()
    articles = [each for each in request.args.get("no", "").split(",") if _is_article(each)][:200]
    agencies = agencies_of(session, seen_by(session, actor))
    found = None
    if law and not errors:
        found = impact.of(session, law, day, articles, agencies.keys(), actor=actor)
    page = render_template(
        "law/impact.html", law=law, day=day, found=found, agencies=agencies, errors=errors, standing=validity.WORDS,
        names=[citations.article_name(each) for each in articles],
    )  # fmt: skip
    return page, 422 if errors else 200


def _is_article(text: str) -> bool:
    return len(text) <= 8 and all(part.isascii() and part.isdecimal() and part for part in text.split("-", 1))


@room.get("/laws/changes", access=READERS, endpoint="changes")
def all_changes() -> str:
    """Recorded repeals and amendments, with how far the work is."""
    session = db.session()
    rows = changes.recorded(session)
    scope = seen_by(session, auth.current_actor())
    return render_template(
        "law/changes.html",
        rows=rows,
        kinds=KINDS,
        counts=changes.counts(session, [row.id for row in rows], scope),
    )


@room.get("/laws/changes/<int:change_id>", access=READERS, endpoint="change")
def one_change(change_id: int) -> str:
    """The work that one change makes, agency by agency."""
    return _change_page(change_id)


def _change_page(change_id: int, wrong: int = 0, errors: dict[str, list[str]] | None = None) -> str:
    session, actor = db.session(), auth.current_actor()
    row = session.get(LawChange, change_id)
    if row is None:
        raise NotFound("没有登记这一法律变动。")
    after = min(row_number(request.args.get("after", "")) or 0, 10**9)
    scope = seen_by(session, actor)
    found = changes.changes_for(session, scope=scope, change_id=change_id, after=after, most=changes.PAGE + 1)
    return render_template(
        "law/change.html",
        row=row,
        kinds=KINDS,
        tasks=found[: changes.PAGE],
        after=after + changes.PAGE if len(found) > changes.PAGE else None,
        period=changes.facts()["submit_before"],
        today=clock.today(),
        may_close=bool(KEEPERS.roles & actor.roles),
        may_items=bool(ITEM_READERS.roles & actor.roles),
        states={k: v for k, v in changes.TASK_WORDS.items() if k != changes.TaskState.OPEN},
        wrong=wrong,
        errors=errors or {},
        post=request.form,
        note=changes.NOTE,
        article=citations.article_name,
        counts=changes.counts(session, [change_id], scope).get(change_id, {}),
        words=changes.TASK_WORDS,
    )


@room.post("/laws/changes/<int:change_id>/tasks/<int:task_id>", access=KEEPERS)
def close_task(change_id: int, task_id: int) -> Response | tuple[str, int]:
    """Say what became of the work for an item."""
    only_fields("state", "note")
    actor = auth.current_actor()
    state, note = request.form.get("state", ""), request.form.get("note", "")
    try:
        with transaction() as session:
            changes.close(session, actor, seen_by(session, actor), task_id, state, note)
    except Invalid as error:
        return _change_page(change_id, task_id, {error.field or "note": [error.message]}), error.status
    return redirect(url_for("law.change", change_id=change_id, done=task_id), 303)
