"""Xingquan 行权: the application is the list of its rooms."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask


def create_app(overrides: dict[str, Any] | None = None) -> "Flask":
    """The WSGI application. `overrides` replaces settings (tests).

    The rooms are imported here and not above, because the process that supervises the database and the
    command line live in this package too and must start in a blink.
    """
    from flask import Flask
    from werkzeug.middleware.proxy_fix import ProxyFix

    from . import flow, ports
    from .api import views as api
    from .archive import binding_views as _______  # noqa: F401 - the bound files too
    from .archive import files_views as ________  # noqa: F401 - the register of files too
    from .archive import register_views as ______  # noqa: F401 - the register belongs to the archive
    from .archive import views as archive
    from .cases import change_views as _____  # noqa: F401 - the pages of changed documents too
    from .cases import clock_views as _  # noqa: F401 - the pages of clocks belong to the room of cases
    from .cases import decided_views as _________  # noqa: F401 - and those that find a decision by its number
    from .cases import evidence_views as ___  # noqa: F401 - and the pages of its evidence
    from .cases import recusal_views as ____  # noqa: F401 - and those of recusal
    from .cases import replay_views as __  # noqa: F401 - and so does the page that plays a case again
    from .cases import views as cases
    from .catalogue import intake_views as intake
    from .catalogue import law_views as law
    from .documents import views as documents
    from .guide import views as guide
    from .inbox import views as inbox
    from .items import views as items
    from .kernel import assets, events, health, keys, navigation, settings, shell, web, words
    from .kernel.db import db
    from .notification import views as notification
    from .operations import views as operations
    from .orders import views as orders
    from .people import views as people
    from .public import views as public
    from .review import views as review
    from .scene import views as scene
    from .studio import views as studio
    from .supervision import views as supervision

    app = Flask(__name__, static_folder="static", static_url_path="/static")
    app.config.update(settings.load())
    app.config.update(overrides or {})
    if proxies := app.config["TRUSTED_PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies)  # type: ignore[method-assign]
    db.init_app(app)
    if app.config.get("TESTING"):
        keys.ensure(None)

    rooms = [
        health, shell, people, cases, inbox, review, scene, studio, items, orders, documents, supervision, public,
        operations, archive, api, guide, notification, law, intake,
    ]  # fmt: skip
    web.install(app, [module.room for module in rooms])
    assets.install(app)
    navigation.install(app)
    words.install(app)
    people.install(app)
    events.install(flow.FLOW)
    ports.connect(app)
    return app
