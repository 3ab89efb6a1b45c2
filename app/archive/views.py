"""A head of the agency takes a case's file away, from the case page."""

import tempfile
from urllib.parse import quote

from flask import Response, send_file

from app.cases import service as cases
from app.kernel.auth import Role, current_actor, roles
from app.kernel.transaction import transaction
from app.kernel.web import Room, only_fields

from . import export
from .reading import one_moment

room = Room("archive", __name__)
OFFICER = roles(Role.OFFICER)


@room.post("/cases/<int:case_id>/export", access=OFFICER)
def take(case_id: int) -> Response:
    """The ZIP with everything; that it was taken, and by whom, is on the record."""
    only_fields()
    with transaction() as session:
        export.enter(session, case_id, current_actor())
        no = cases.case(session, current_actor(), case_id).no
    file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the answer
    with one_moment() as session:
        export.write(session, case_id, file)
    file.seek(0)
    answer = send_file(file, mimetype="application/zip")
    answer.headers["Content-Disposition"] = (
        f"attachment; filename=\"case-{case_id}.zip\"; filename*=UTF-8''{quote(no, safe='')}.zip"
    )
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
