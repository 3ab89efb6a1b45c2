"""The page on which a case is played again along its diagrams, for those who may see the case."""

from typing import Any

from flask import Response, render_template, url_for

from app.diagrams import service as diagrams
from app.kernel.auth import Role, current_actor, roles
from app.kernel.db import db

from . import queries
from . import replay as playing
from .views import room

OFFICER = roles(Role.OFFICER)


@room.get("/cases/<int:case_id>/replay", access=OFFICER)
def replay(case_id: int) -> str:
    """Every entry of the record in order, on both diagrams and as a list."""
    session = db.session()
    case = queries.case(session, current_actor(), case_id)
    found = playing.replay(session, case)
    frames = [
        {
            "seq": one.seq,
            "version": one.version,
            "title": one.title,
            **_drawn(one, found.versions[one.version]),
            "passed": one.passed,
            "current": one.current,
            "off": bool(one.off),
            "moves": one.kind in playing.MOVES,
        }
        for one in found.frames
    ]
    sources = [
        {which: _source(case_id, one, which) for which in ("internal", "external")} for one in found.versions
    ]
    return render_template(
        "cases/replay.html", case=case, replay=found, data={"frames": frames, "versions": sources}
    )


def _drawn(frame: playing.Frame, version: diagrams.Procedure) -> dict[str, Any]:
    """Where a frame is drawn: what stands in a called process at its call."""
    calls = diagrams.calls.shown_at(version.whole)
    way, live = (
        list(dict.fromkeys(calls.get(one, one) for one in nodes)) for nodes in (frame.way, frame.live)
    )
    return {"node": calls.get(frame.node, frame.node), "way": way, "live": live}


def _source(case_id: int, version: diagrams.Procedure, which: str) -> str:
    return url_for("cases.replay_diagram", case_id=case_id, number=version.number, which=which)


@room.get("/cases/<int:case_id>/replay/<int:number>-<any(external, internal):which>.bpmn", access=OFFICER)
def replay_diagram(case_id: int, number: int, which: str) -> Response:
    """The diagram of a version of the case's procedure: a case may have moved from one to another."""
    session = db.session()
    case = queries.case(session, current_actor(), case_id)
    key = diagrams.procedure(session, case.procedure_id).key
    version = diagrams.by_name(session, f"{key}@{number}")
    content: Any = version.external if which == "external" else version.internal
    return Response(content, mimetype="application/xml", headers={"Cache-Control": "private, max-age=3600"})
