"""The blueprint of the API: every operation declares access, what it takes and what it answers.

The OpenAPI document is made of these very declarations, so it cannot say anything else than what is checked.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from flask import Response, json
from marshmallow import Schema

from app.kernel.auth import Access
from app.kernel.web import Room

from . import reading

PREFIX = "/api/v1"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation as the document describes it. `media` is set where the answer is no JSON."""

    endpoint: str
    method: str
    rule: str
    summary: str
    tag: str
    access: Access
    query: Schema | None
    body: Schema | None
    answer: Schema | None
    status: int
    errors: tuple[int, ...]
    keyed: bool
    versioned: bool
    upload: bool
    media: str


class ApiRoom(Room):
    """A room whose routes are operations."""

    def __init__(self, name: str, import_name: str, **options: Any):
        super().__init__(name, import_name, **options)
        self.operations: list[Operation] = []

    def operation(
        self,
        method: str,
        rule: str,
        *,
        access: Access,
        summary: str,
        tag: str,
        query: type[Schema] | None = None,
        body: type[Schema] | None = None,
        answer: type[Schema] | None = None,
        status: int = 200,
        errors: tuple[int, ...] = (),
        keyed: bool = False,
        versioned: bool = False,
        upload: bool = False,
        media: str = "",
    ) -> Callable:
        """Declare an operation. The view gets `query`, `body`, `key` as far as they are declared, checked."""
        takes, told, gives = query and query(), body and body(), answer and answer()

        def decorate(view: Callable) -> Callable:
            @wraps(view)
            def call(**given: Any) -> Response:
                asked = reading.load(takes or _Nothing(), reading.query())
                if takes:
                    given["query"] = asked
                if keyed:
                    given["key"] = reading.act_key()
                if told:
                    given["body"] = reading.load(told, reading.json_object())
                elif method == "POST" and not upload:
                    reading.load(_Nothing(), reading.json_object())
                found = view(**given)
                if isinstance(found, Response):
                    return found
                response = Response(
                    json.dumps(gives.dump(found) if gives else found, ensure_ascii=False),
                    status=status,
                    mimetype="application/json",
                )
                if isinstance(found, dict) and "etag" in found:
                    response.set_etag(str(found["etag"]))
                return response

            self.operations.append(
                Operation(
                    view.__name__,
                    method,
                    rule,
                    summary,
                    tag,
                    access,
                    takes or None,
                    told or None,
                    gives or None,
                    status,
                    errors,
                    keyed,
                    versioned,
                    upload,
                    media,
                )
            )
            return self.route(rule, access=access, methods=[method])(call)

        return decorate


class _Nothing(Schema):
    """Where nothing is taken, nothing is silently left aside."""

    class Meta:
        unknown = "raise"

    error_messages = {"unknown": "没有这一项。"}  # noqa: RUF012 - marshmallow's own form


room = ApiRoom("api", __name__, url_prefix=PREFIX)
