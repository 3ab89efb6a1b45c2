"""Xingquan 行权: the application is the list of its rooms."""

from typing import Any

from flask import Flask

from . import flow
from .kernel import events, settings, web
from .kernel.db import db
from .people import views as people


def create_app(overrides: dict[str, Any] | None = None) -> Flask:
    """The WSGI application. `overrides` replaces settings (tests)."""
    app = Flask(__name__, static_folder="static", static_url_path="/static")
    app.config.update(settings.load())
    app.config.update(overrides or {})
    db.init_app(app)

    web.install(app, [people.room])
    people.install(app)
    events.install(flow.FLOW)
    return app
