"""人员名册 and 提醒: who holds which position on a day, and what one is told about certificates and postings."""

from datetime import date

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from app.kernel import auth, clock
from app.kernel.auth import Role
from app.kernel.db import db
from app.kernel.errors import Invalid, NotFound
from app.kernel.transaction import transaction
from app.kernel.web import only_fields

from . import directory, notices, qualifications, refusals, substitution, training
from .room import room

OFFICER = auth.roles(Role.OFFICER)


def _day() -> date:
    given = request.args.get("on", "").strip()
    if not given:
        return clock.today()
    try:
        return date.fromisoformat(given)
    except ValueError as error:
        raise Invalid("日期格式应为 2026-01-31，请重新选择。", field="on") from error


def year_asked() -> int:
    """The year a page is asked for; without one, or with none that can be, this year."""
    given = request.args.get("year", "")
    this = clock.today().year
    return int(given) if given.isascii() and given.isdecimal() and 2000 <= int(given[:4]) <= this else this


@room.get("/staff", access=OFFICER)
def staff() -> str:
    """Who held which position of the own agency on a day, with certificates and training."""
    session, actor, on = db.session(), auth.current_actor(), _day()
    cards = directory.staff_on(session, actor.agency_id, on)
    return render_template(
        "people/staff.html",
        cards=cards,
        on=on,
        today=clock.today(),
        hours=qualifications.hours_of(session, [card.id for card in cards], on.year),
        standings={row.id: row.standings for row in training.rows(session, actor.agency_id, on.year)},
        head=substitution.heads(session, actor),
    )


@room.get("/staff/refusals", access=OFFICER)
def refused_acts() -> str:
    """What people of the agency tried and the law of persons keeps them from."""
    rows = refusals.listed(db.session(), auth.current_actor())
    return render_template("people/refusals.html", rows=rows, shown=refusals.SHOWN)


@room.get("/staff/<int:colleague_id>", access=OFFICER)
def officer_detail(colleague_id: int) -> str:
    """One officer of the own agency: every position with its days, certificates, training."""
    session, actor = db.session(), auth.current_actor()
    card = directory.officers(session, [colleague_id]).get(colleague_id)
    if card is None or card.agency_id != actor.agency_id:
        raise NotFound("本机关没有这名人员。")
    return render_template(
        "people/officer.html",
        card=card,
        history=directory.history(session, colleague_id),
        certificates=directory.certificates_of(session, colleague_id),
        training=qualifications.training_of(session, colleague_id),
        standing=training.of_years(session, card),
        today=clock.today(),
    )


@room.get("/staff/notices", access=OFFICER)
def staff_notices() -> str:
    """What this person is told, the newest first."""
    session, actor = db.session(), auth.current_actor()
    return render_template(
        "people/notices.html",
        rows=notices.listed(session, actor),
        shown=notices.SHOWN,
        figures=notices.figures(),
    )


@room.post("/staff/notices/<int:last>/read", access=OFFICER)
def read_notices(last: int) -> Response:
    """This person has read the notices up to one."""
    only_fields()
    with transaction() as session:
        notices.mark_read(session, auth.current_actor(), last)
    return redirect(url_for("people.staff_notices"), 303)


@room.get("/staff/notices/waiting", access=OFFICER)
def notices_waiting() -> str:
    """How many are unread, as a part of another page; nothing where there are none."""
    return render_template("people/_waiting.html", unread=notices.unread(db.session(), auth.current_actor()))
