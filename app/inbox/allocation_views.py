"""The heads' pages of allocation: the rule of every position, setting one, and what was set before."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from flask import redirect, render_template, request, url_for

from app.cases import service as cases
from app.cases.models import Way
from app.kernel.auth import current_actor
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid, NotFound, XingquanError
from app.kernel.transaction import transaction
from app.kernel.web import only_fields, posted_version, row_number
from app.people import service as people

from .room import OFFICER, room

allocation = cases.allocation
Line, Rule = allocation.Line, allocation.Rule
EMPTY = 3
"""So many empty lines below those of a division."""


@room.get("/inbox/allocation", access=OFFICER)
def allocation_rules() -> str:
    """Every position of the agency with its rule and with who would get the next task."""
    actor, session = current_actor(), db.session()
    allocation.for_heads(actor)
    lines = []
    for key, holders in allocation.positions_of(session, actor.agency_id).items():
        rule = allocation.rule_of(session, actor.agency_id, key)
        found: Sequence[allocation.Preview] = (
            allocation.preview(session, actor.agency_id, key, rule) if rule else ()
        )
        lines.append((key, holders, rule, found))
    names = people.position_names(session)
    return render_template("inbox/allocation.html", lines=lines, names=names, ways=allocation.WAYS)


@room.get("/inbox/allocation/<position>", access=OFFICER)
def allocation_rule(position: str) -> str:
    """The rule of one position."""
    return _page(position, None, None)


@room.post("/inbox/allocation/<position>", access=OFFICER)
def set_allocation_rule(position: str) -> Any:
    """Set it; on any error the page comes back with everything that was chosen."""
    allocation.for_heads(current_actor())
    only_fields("way", *(f"{name}.{n}" for n in range(allocation.MOST_LINES) for name in ("of", "officers")))
    lines, places = _lines()
    try:
        with transaction() as session:
            allocation.set_rule(
                session, current_actor(), position, request.form.get("way", ""), lines, posted_version()
            )
    except (Invalid, Conflict) as error:
        if isinstance(error, Invalid):  # the place in the page, where lines in between were left empty
            error.errors = {_placed(name, places): told for name, told in error.errors.items()}
        return _page(position, _given(), error), error.status
    return redirect(url_for("inbox.allocation_rules"), 303)


def _placed(name: str, places: Sequence[int]) -> str:
    word, _, number = name.partition(".")
    return f"{word}.{places[int(number)]}" if number and int(number) < len(places) else name


def _given() -> list[Line]:
    """The lines as posted, with those left empty in between."""
    found = []
    for n in range(allocation.MOST_LINES):
        chosen = [row_number(value) for value in request.form.getlist(f"officers.{n}")]
        found.append(Line(request.form.get(f"of.{n}", ""), tuple(i for i in chosen if i)))
    while found and not (found[-1].of or found[-1].officers):
        found.pop()
    return found


def _lines() -> tuple[list[Line], list[int]]:
    """The lines that say something, and where on the page each stands."""
    said = [(n, line) for n, line in enumerate(_given()) if line.of or line.officers]
    return [line for _, line in said], [n for n, _ in said]


def _page(position: str, given: Sequence[Line] | None, error: XingquanError | None) -> str:
    actor, session = current_actor(), db.session()
    allocation.for_heads(actor)
    holders = allocation.positions_of(session, actor.agency_id).get(position)
    if holders is None:
        raise NotFound("本机关没有人担任这个岗位。")
    rule = allocation.rule_of(session, actor.agency_id, position) or Rule(0, Way.HAND)
    past = allocation.history(session, actor.agency_id, position)
    names = people.officers(session, {row.set_by for row in past})
    lines = list(rule.lines if given is None else given)
    errors: Mapping[str, Sequence[str]] = error.errors if isinstance(error, Invalid) else {}
    return render_template(
        "inbox/allocation_rule.html",
        position=position,
        name=people.position_names(session)[position],
        holders=holders,
        rule=rule,
        way=request.form.get("way", rule.way),
        ways=allocation.WAYS,
        lines=[*lines, *[Line("", ())] * EMPTY][: allocation.MOST_LINES],
        fields=allocation.fields_of(session, actor.agency_id),
        previews=[
            (way, allocation.preview(session, actor.agency_id, position, Rule(0, way, rule.lines)))
            for way in Way
        ],
        past=[(row, names[row.set_by].name) for row in past],
        error=error,
        errors=errors,
        key=secrets.token_hex(16),
    )
