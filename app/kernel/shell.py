"""The two addresses that belong to no room: the front door, and the switch for contrast and letter size."""

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from . import navigation
from .addresses import local_path
from .auth import PUBLIC, actor_or_none
from .web import Room

room = Room("shell", __name__)


@room.get("/", access=PUBLIC)
def home() -> ResponseReturnValue:
    """To the person's own work, or to the sign-in form."""
    if actor_or_none() is not None:
        if places := navigation.entries(actor_or_none()):
            return redirect(places[0]["url"])
    elif navigation.exists("people.sign_in"):
        return redirect(url_for("people.sign_in"))
    return render_template("home.html")


@room.get("/display", access=PUBLIC)
def display() -> ResponseReturnValue:
    """Remember a wish for high contrast or large letters in this browser, and go back."""
    wishes = navigation.display() | {
        name: request.args[name]
        for name, allowed in navigation.CHOICES.items()
        if request.args.get(name) in allowed
    }
    response = redirect(local_path(request.args.get("next")) or url_for("shell.home"))
    response.set_cookie(
        navigation.DISPLAY_COOKIE,
        "|".join(f"{name}:{value}" for name, value in sorted(wishes.items())),
        max_age=365 * 24 * 3600,
        samesite="Lax",
        httponly=False,  # the page's own script switches without a reload
        secure=current_app.config["SECURE_COOKIES"],
    )
    return response
