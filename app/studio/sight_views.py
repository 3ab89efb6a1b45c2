"""运行分析: how long the steps of a version take, on its diagram and in a table."""

import gzip
import tempfile
from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Response, render_template, request, send_file
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from app.cases import service as cases
from app.diagrams import service as diagrams
from app.kernel.auth import Role, current_actor, roles
from app.kernel.db import db
from app.kernel.errors import Invalid, NotFound
from app.kernel.transaction import transaction
from app.kernel.web import row_number

from .room import room

LOOKERS = roles(Role.ANALYST, Role.SUPERVISOR, Role.OFFICER)
"""Officers too: the service lets heads of an agency pass and refuses the others."""
MOST_TRACES = 20_000
"""Cases of one log that is handed out while the page waits."""


@room.get("/studio/sight", access=LOOKERS)
def sight() -> ResponseReturnValue:
    """Durations, waiting and rework on the diagram of a version, with a table that says the same."""
    actor = current_actor()
    with transaction() as session:
        versions = cases.sight.versions(session, actor)
        chosen = _version(versions)
        errors: Mapping[str, list[str]] = {}
        asked, view = None, None
        if chosen is not None:
            try:
                asked = _asked(session, chosen.id)
            except Invalid as wrong:
                errors = wrong.errors
            else:
                view = cases.sight.sight(session, asked)
        node = request.args.get("node", "")
        return render_template(
            "studio/sight.html",
            versions=versions,
            chosen=chosen,
            agencies=cases.sight.agencies(session, actor),
            asked=asked,
            view=view,
            few=cases.sight.FEW,
            node=node,
            slowest=cases.sight.slowest(session, actor, asked, node) if asked and node else [],
            names={step.node: step.name for step in view.steps} if view else {},
            errors=errors,
            typed=request.args,
            data=_data(view) if view else {},
            head=cases.moving.is_head(actor),
        ), 422 if errors else 200


def _version(versions: Any) -> Any:
    number = row_number(request.args.get("version", ""))
    found = [one for one in versions if one.id == number]
    if number is not None and not found:
        raise NotFound("没有这个流程版本。")
    return next(iter(found or versions), None)


def _asked(session: Session, version_id: int) -> cases.sight.Filter:
    days = {}
    for name in ("since", "until"):
        told = request.args.get(name, "")
        try:
            days[name] = date.fromisoformat(told) if told else None
        except ValueError:
            raise Invalid(errors={name: ["请填写有效的日期，例如 2026-05-02。"]}) from None
    agency = request.args.get("agency", "")
    number = row_number(agency)
    if agency and number is None:
        raise Invalid(errors={"agency": ["没有这个机关，或者它不在您的范围内。"]})
    working = request.args.get("unit") != "day"
    return cases.sight.filter_of(
        session, current_actor(), version_id, number, days["since"], days["until"], working
    )


def _data(view: cases.sight.Sight) -> Mapping[str, Mapping[str, float]]:
    """What the picture shows, by node; only what may be told."""
    told = ("median", "ninetieth", "waited", "worked", "again")
    return {
        step.node: {name: getattr(step, name) for name in told}
        for step in view.steps
        if step.drawn and step.median is not None
    }


@room.get("/studio/sight/log", access=LOOKERS)
def sight_log() -> Response:
    """The event log of a version as XES, packed: without persons, numbers and content."""
    session, actor = db.session(), current_actor()
    chosen = _version(cases.sight.versions(session, actor))
    if chosen is None:
        raise NotFound("没有这个流程版本。")
    asked = _asked(session, chosen.id)
    if cases.event_log.count(session, asked) > MOST_TRACES:
        raise Invalid(
            f"这一范围超过 {MOST_TRACES} 件，请缩短期间，或者由管理员用 script/xq procedure log 导出。"
        )
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the answer
    with gzip.GzipFile(fileobj=file, mode="wb") as packed:
        cases.event_log.write(session, asked, packed)
    file.seek(0)
    name = f"{chosen.key.replace('/', '-')}-{chosen.number}.xes.gz"
    return send_file(file, mimetype="application/gzip", as_attachment=True, download_name=name)


@room.get("/studio/sight/<int:version_id>.bpmn", access=LOOKERS)
def sight_diagram(version_id: int) -> Response:
    """The internal diagram of a version."""
    session = db.session()
    cases.sight.scope_of(session, current_actor())
    content = diagrams.procedure(session, version_id).internal
    return Response(content, mimetype="application/xml", headers={"Cache-Control": "private, max-age=3600"})
