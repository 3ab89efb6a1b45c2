"""Help in place: what a step asks for, the articles it rests on, an example of it."""

from typing import Any
from urllib.parse import urlencode

from flask import Response, render_template, request, url_for
from flask.blueprints import BlueprintSetupState

from app.cases import service as cases
from app.catalogue import service as catalogue
from app.diagrams import service as diagrams
from app.kernel.auth import SIGNED_IN, Role, current_actor, roles
from app.kernel.db import db
from app.kernel.errors import NotFound
from app.kernel.web import is_fragment
from app.people import service as people

from . import examples, steps
from .room import room

OFFICER = roles(Role.OFFICER, Role.ANALYST)
LAWS = "https://flk.npc.gov.cn"
"""The state's own collection of statutes, where the text in force can be read."""
MOST_ARTICLES = 40


@room.get("/work/<int:work_item_id>/help", access=OFFICER)
def task(work_item_id: int) -> str:
    """How to do this task lawfully. A part of the task page, and a page of its own."""
    session = db.session()
    work = cases.work_item(session, current_actor(), work_item_id)
    procedure = cases.running(session, work).procedure
    return _step(procedure, work.node, work)


@room.get("/help/procedures/<int:version_id>/steps/<node>", access=SIGNED_IN)
def step(version_id: int, node: str) -> str:
    """How to do a step of a published procedure."""
    return _step(published(version_id), node)


@room.get("/help/procedures/<int:version_id>/steps/<node>/example", access=SIGNED_IN)
def example(version_id: int, node: str) -> str:
    """The step's form filled in for a made-up case."""
    procedure = published(version_id)
    guide = steps.of_node(procedure, node)
    return _shown(
        "guide/example.html",
        procedure=procedure,
        guide=guide,
        example=examples.of_step(procedure, guide),
    )


@room.get("/help/procedures/<int:version_id>/examples/<code>.pdf", access=SIGNED_IN)
def example_paper(version_id: int, code: str) -> Response:
    """A document of a made-up case, marked as an example."""
    pdf = examples.paper(published(version_id), code)
    return Response(pdf, mimetype="application/pdf", headers={"Content-Disposition": "inline"})


@room.get("/help/articles", access=SIGNED_IN)
def articles() -> str:
    """The text of the articles a basis cites, as far as the installation has taken them in."""
    law = request.args.get("law", "")[:120].strip("《》 ")
    numbers = [n for n in request.args.get("no", "").split(",") if _is_article(n)][:MOST_ARTICLES]
    if not law or not numbers:
        raise NotFound("没有写明是哪部法律的第几条。")
    found = catalogue.article_texts(db.session(), law, numbers)
    return _shown(
        "guide/articles.html",
        law=law,
        articles=[(catalogue.article_name(n), found.get(n)) for n in numbers],
        source=LAWS,
    )


def _is_article(text: str) -> bool:
    return len(text) <= 8 and all(part.isascii() and part.isdecimal() and part for part in text.split("-", 1))


def published(version_id: int) -> diagrams.Procedure:
    """A published version: what was published is no secret among those who work with it."""
    return diagrams.procedure(db.session(), version_id)


def _step(procedure: diagrams.Procedure, node: str, work: Any = None) -> str:
    return _shown(
        "guide/step.html",
        procedure=procedure,
        guide=steps.of_node(procedure, node),
        work=work,
        positions=people.position_names(db.session()),
    )


def _shown(template: str, **values: Any) -> str:
    return render_template(template, fragment=is_fragment(), **values)


def _article_url(piece: catalogue.Piece) -> str:
    return f"{url_for('guide.articles')}?{urlencode({'law': piece.law, 'no': ','.join(piece.articles)})}"


@room.record
def _for_templates(state: BlueprintSetupState) -> None:
    """Every page prints legal bases with a way to the articles' words."""
    state.app.jinja_env.globals.update(cited=catalogue.cited, article_url=_article_url)
