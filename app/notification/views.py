"""通知设置: what I want to be told, by mail and in this browser."""

from pathlib import Path
from typing import Any

from flask import Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from app.kernel.auth import PUBLIC, Role, current_actor, roles
from app.kernel.db import db
from app.kernel.errors import Conflict, Invalid, XingquanError
from app.kernel.transaction import transaction
from app.kernel.web import only_fields
from app.people import service as people

from . import delivery, encryption, mail
from . import settings as wishes
from .room import room

OFFICER = roles(Role.OFFICER)
WORKER = Path(__file__).parent / "data" / "push-worker.js"


@room.get("/notifications", access=OFFICER)
def settings() -> str:
    """My settings."""
    return _page()


@room.post("/notifications/mail", access=OFFICER)
def set_mail() -> Any:
    """Turn the daily summary on or off."""
    only_fields("mail", "hour", "address")
    post, actor = request.form, current_actor()
    try:
        hour = int(post["hour"]) if post.get("hour", "").isdecimal() and len(post["hour"]) < 3 else -1
        with transaction() as session:
            sent = wishes.set_mail(
                session, actor.account_id, post.get("mail") == "on", hour, post.get("address", "")
            )
    except (Invalid, Conflict) as error:
        return _page(error), error.status
    return redirect(url_for("notification.settings", done="code" if sent else "mail"), 303)


@room.post("/notifications/mail/code", access=OFFICER)
def confirm_address() -> Any:
    """The code that came by mail."""
    only_fields("code")
    with transaction() as session:
        wrong = wishes.confirm(session, current_actor().account_id, request.form.get("code", "")[:20])
    if wrong:
        error = Invalid(errors={"code": [wrong]})
        return _page(error), error.status
    return redirect(url_for("notification.settings", done="confirmed"), 303)


@room.post("/notifications/push", access=OFFICER)
def subscribe() -> ResponseReturnValue:
    """Take push messages in this browser, as its script asks."""
    only_fields("endpoint", "p256dh", "auth")
    post = request.form
    agent = people.agent_label(request.headers.get("User-Agent", ""))
    with transaction() as session:
        wishes.subscribe(
            session,
            current_actor().account_id,
            post.get("endpoint", ""),
            post.get("p256dh", ""),
            post.get("auth", ""),
            agent,
        )
    return jsonify(ok=True)


@room.post("/notifications/push/<int:subscription_id>/end", access=OFFICER)
def unsubscribe(subscription_id: int) -> Response:
    """Stop push messages to one of my browsers."""
    only_fields()
    with transaction() as session:
        wishes.unsubscribe(session, current_actor().account_id, subscription_id)
    return redirect(url_for("notification.settings", done="ended"), 303)  # type: ignore[return-value]


@room.post("/notifications/push/here/end", access=OFFICER)
def unsubscribe_here() -> ResponseReturnValue:
    """The same for the browser whose script asks."""
    only_fields("endpoint")
    with transaction() as session:
        wishes.unsubscribe_browser(session, current_actor().account_id, request.form.get("endpoint", ""))
    return jsonify(ok=True)


@room.post("/notifications/push/try", access=OFFICER)
def try_push() -> Response:
    """Send a message to all my browsers."""
    only_fields()
    with transaction() as session:
        count = wishes.try_push(session, current_actor().account_id)
    return redirect(url_for("notification.settings", done="tried" if count else None), 303)  # type: ignore[return-value]


@room.get("/notifications/push-worker.js", access=PUBLIC)
def worker() -> Response:
    """The script that shows push messages. Its scope is this folder of addresses: it touches no page."""
    return Response(WORKER.read_text(encoding="utf-8"), mimetype="text/javascript")


def _page(error: XingquanError | None = None) -> str:
    session, actor = db.session(), current_actor()
    try:
        server = mail.configured()
    except mail.MailError:
        server = None
    return render_template(
        "notification/settings.html",
        wishes=wishes.of(session, actor.account_id),
        can_mail=server is not None,
        domains=sorted(server.domains) if server else [],
        can_push=not delivery.turned_off(),
        push_key=encryption.b64(encryption.public_bytes(encryption.server_key())),
        done=request.args.get("done", ""),
        error=error,
        errors=error.errors if isinstance(error, Invalid) else {},
        post=request.form,
    )
