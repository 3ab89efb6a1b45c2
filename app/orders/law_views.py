"""The page on which a change of the legal basis is drawn up: nothing typed is lost, whatever is wrong with it."""

import json
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.catalogue import service as catalogue
from app.forms import service as forms
from app.kernel import auth, clock
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid, XingquanError
from app.kernel.transaction import transaction
from app.kernel.web import posted_version

from . import drafting, finding
from .models import ChangeOrder, Kind
from .room import DATA, KEEPER, for_proposers, room

proposing = catalogue.proposing
SAID = ("reason", "source", "excerpt")
NEW = "laws:new"
"""The scope of what is typed for an order that is not there yet."""


@lru_cache(maxsize=1)
def definition() -> dict[str, Any]:
    """`data/law.json`."""
    return json.loads((DATA / "law.json").read_text(encoding="utf-8"))


def _context() -> forms.FormContext:
    return forms.FormContext((), None, clock.today())


def _scope(order_id: int | None) -> str:
    return f"order:{order_id}" if order_id else NEW


@room.get("/laws/orders/new", access=KEEPER)
def new_law() -> str:
    """An empty one; `law`: the statute it is about; `like`: an order that was not confirmed, to begin with."""
    return _draw(None)


@room.get("/laws/orders/<int:order_id>/edit", access=KEEPER)
def edit_law(order_id: int) -> str:
    """A draft."""
    return _draw(order_id)


@room.post("/laws/orders/new", access=KEEPER)
def make_law() -> ResponseReturnValue:
    """Keep a new draft and look at what it touches."""
    return _save(None)


@room.post("/laws/orders/<int:order_id>/edit", access=KEEPER)
def save_law(order_id: int) -> ResponseReturnValue:
    """Keep the draft and look at what it touches."""
    return _save(order_id)


@room.post("/laws/orders/typed", access=KEEPER)
def type_law() -> Response:
    """Keep what has been typed so far for a new order, unchecked."""
    return _typed(None)


@room.post("/laws/orders/<int:order_id>/typed", access=KEEPER)
def type_more_law(order_id: int) -> Response:
    """Keep what has been typed so far, unchecked."""
    return _typed(order_id)


def _typed(order_id: int | None) -> Response:
    actor = auth.current_actor()
    for_proposers(actor)
    if order_id:
        finding.order(db.session(), actor, Kind.LAW, order_id)
    answers = forms.load(definition()).parse(request.form, request.files, _scope(order_id))
    with transaction() as session:
        forms.save_draft(session, actor.account_id, _scope(order_id), answers)
    return Response(f"已自动保存 {clock.now().astimezone(clock.CHINA):%H:%M}", mimetype="text/plain")


def _save(order_id: int | None) -> ResponseReturnValue:
    actor = auth.current_actor()
    for_proposers(actor)
    form, scope = forms.load(definition()), _scope(order_id)
    answers = form.parse(request.form, request.files, scope)
    if forms.partial(request.form):
        return _draw(order_id, answers)
    try:
        with transaction() as session:
            data = form.validate(answers, _context())
            content, day = _read(session, data)
            said = {name: str(data[name] or "") for name in SAID}
            revision = posted_version() if order_id else 0
            found = drafting.save(session, actor, Kind.LAW, order_id, revision, content, said, day)
            forms.drop_draft(session, actor.account_id, scope)
            made = found.id
    except (Invalid, Conflict) as error:
        with transaction() as session:
            forms.save_draft(session, actor.account_id, scope, answers)
        return _draw(order_id, answers, error=error), error.status
    return redirect(url_for("orders.order", place="laws", order_id=made), 303)


def _read(session: Session, data: Mapping[str, Any]) -> tuple[dict[str, Any], date]:
    """What is kept of the answers, and the day.

    Raises:
        Invalid: it cannot be recorded; by field.
    """
    articles, wrong = proposing.articles_in(str(data["articles"] or ""))
    errors: dict[str, list[str]] = {}
    if wrong:
        errors["articles"] = [f"“{'、'.join(wrong)[:60]}”不是条号，应写作“第五十四条”或者“54”，用顿号分开。"]
    content = {
        "change": data["change"],
        "law": proposing.named(str(data["law"])),
        "by": proposing.named(str(data["by"] or "")),
        "level": str(data["level"] or ""),
        "replaces": list(proposing.names_in(str(data["replaces"] or ""))),
        "articles": list(articles),
        "basis": str(data["basis"] or "").strip(),
        "adopted_on": data["adopted_on"],
    }
    day = date.fromisoformat(str(data["effective_on"]))
    proposed = proposing.from_json(content, day, str(data["source"] or ""))
    errors |= {k: v for k, v in proposing.problems(session, proposed).items() if k not in errors}
    if errors:
        raise Invalid(f"有 {len(errors)} 处需要修改。", errors=errors)
    return content, day


def _answers(found: ChangeOrder) -> dict[str, Any]:
    content = found.content
    return {
        **content,
        "articles": "、".join(catalogue.article_name(each) for each in content.get("articles") or ()),
        "replaces": "、".join(f"《{law}》" for law in content.get("replaces") or ()),
        **{name: getattr(found, name) for name in SAID},
        "effective_on": found.effective_on.isoformat() if found.effective_on else "",
    }


def _begin(session: Session, actor: auth.Actor) -> dict[str, Any]:
    """What a new order begins with: another one's answers, or the name of a statute."""
    like = request.args.get("like", "")
    if like.isdecimal() and len(like) < 16:
        return _answers(finding.order(session, actor, Kind.LAW, int(like)))
    law = proposing.named(request.args.get("law", "")[:200].replace("\0", ""))
    return {"law": law} if law else {}


def _draw(
    order_id: int | None, answers: Mapping[str, Any] | None = None, *, error: XingquanError | None = None
) -> str:
    session, actor = db.session(), auth.current_actor()
    for_proposers(actor)
    found = finding.order(session, actor, Kind.LAW, order_id) if order_id else None
    if found is not None and error is None:
        drafting.shown(actor, found)
    if answers is None:
        typed = forms.load_draft(session, actor.account_id, _scope(order_id))
        begun = _answers(found) if found else _begin(session, actor)
        answers = typed if typed is not None and not (begun and found is None) else begun
    errors = error.errors if isinstance(error, Invalid) else {}
    return render_template(
        "orders/law.html",
        order=found,
        number=finding.number(found) if found else "",
        form_html=forms.render(forms.load(definition()), answers, errors, _context()),
        error=error,
        errors=errors,
        save=url_for("orders.save_law", order_id=order_id) if order_id else url_for("orders.make_law"),
        typed=url_for("orders.type_more_law", order_id=order_id) if order_id else url_for("orders.type_law"),
    )
