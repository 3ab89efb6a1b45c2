"""The help centre, and the manual of every published procedure: to read, to print, as PDF."""

from flask import Response, render_template
from markupsafe import Markup
from sqlalchemy.orm import Session

from app.catalogue import service as catalogue
from app.diagrams import service as diagrams
from app.kernel.auth import SIGNED_IN, current_actor
from app.kernel.db import db
from app.people import service as people

from . import drawing, manual, steps, tours, usage
from .room import room
from .step_views import published


@room.get("/help", access=SIGNED_IN)
def index() -> str:
    """Where help is to be found."""
    session = db.session()
    return render_template(
        "guide/index.html",
        procedures=in_force(session),
        tour=tours.of(current_actor()),
        laws=catalogue.law_holdings(session),
    )


@room.get("/help/procedures/<int:version_id>", access=SIGNED_IN)
def procedure(version_id: int) -> str:
    """The manual of a procedure."""
    found = published(version_id)
    session = db.session()
    return render_template(
        "guide/manual.html",
        procedure=found,
        statutory=steps.statutory(found),
        drawing=Markup(drawing.svg(found.external)),  # noqa: S704 - shapes of ours, texts escaped
        strips=[Markup(part) for part, _ in drawing.strips(found.external)],  # noqa: S704
        guides=steps.of_procedure(found),
        positions=people.position_names(session),
        numbers=manual.numbered(steps.of_procedure(found)),
    )


@room.get("/help/procedures/<int:version_id>/usage", access=SIGNED_IN)
def procedure_usage(version_id: int) -> str:
    """What a procedure is for, when to choose it, what to decide before adopting it; with an overview of the version."""
    found = published(version_id)
    return render_template(
        "guide/usage.html",
        procedure=found,
        text=usage.of_release(found.key),
        adapted=found.provenance.origin is not diagrams.Origin.SHIPPED,
        overview=usage.overview(found),
        positions=people.position_names(db.session()),
    )


@room.get("/help/procedures/<int:version_id>/manual.pdf", access=SIGNED_IN)
def procedure_pdf(version_id: int) -> Response:
    """The manual as PDF."""
    found = published(version_id)
    content = manual.pdf(found, people.position_names(db.session()))
    return Response(content, mimetype="application/pdf", headers={"Content-Disposition": "inline"})


def in_force(session: Session) -> list[diagrams.Procedure]:
    """The versions on which cases may be started today, by key; of a procedure that is not in force yet the newest."""
    by_key: dict[str, list[int]] = {}
    for row in diagrams.versions(session):
        by_key.setdefault(row.key, []).append(row.id)
    found = []
    for ids in by_key.values():
        versions = [diagrams.procedure(session, version_id) for version_id in ids]
        found.append(next((v for v in versions if diagrams.in_force(v)), versions[0]))
    return found
