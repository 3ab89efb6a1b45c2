"""The room as `create_app` takes it: every module that declares operations, and their description."""

from flask import Response, json

from app.kernel.auth import PUBLIC

from . import cases as cases
from . import desk as desk
from . import items as items
from . import on_demand as on_demand
from . import openapi
from . import papers as papers
from . import proofs as proofs
from . import work as work
from .room import room as room


@room.get("/openapi.json", access=PUBLIC)
def description() -> Response:
    """The OpenAPI document of this version."""
    content = json.dumps(openapi.document(), ensure_ascii=False)
    return Response(content, mimetype="application/json")
