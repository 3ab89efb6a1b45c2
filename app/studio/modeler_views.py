"""What the drawing of diagrams asks of the server: the lists it offers, and what it makes of a file from elsewhere."""

import base64
import binascii

from flask import jsonify
from flask.typing import ResponseReturnValue

from app.diagrams import service as diagrams
from app.documents import service as documents
from app.kernel.auth import current_actor
from app.kernel.db import db
from app.kernel.errors import Invalid
from app.people import service as people

from . import foreign, payload, service
from .room import ANALYST, room
from .vocabulary import vocabulary


@room.get("/studio/drafts/<int:draft_id>/vocabulary", access=ANALYST)
def words(draft_id: int) -> ResponseReturnValue:
    """Legal steps, positions, forms, documents and attributes of the saved draft."""
    session = db.session()
    draft = service.draft_of(session, current_actor(), draft_id)
    parts = service.content(session, draft)
    installed = {code: documents.kind(code).name for code in documents.codes()}
    return jsonify(vocabulary(parts, people.position_names(session), installed))


@room.post("/studio/drafts/<int:draft_id>/foreign", access=ANALYST)
def receive_foreign(draft_id: int) -> ResponseReturnValue:
    """What a BPMN file from elsewhere holds, and what of it is not understood. Nothing is stored."""
    session = db.session()
    draft = service.draft_of(session, current_actor(), draft_id)
    body = payload.read("which", "file")
    if (which := payload.text(body, "which", most=10)) not in ("internal", "external"):
        raise Invalid("请求的内容格式不对，请刷新页面后重试。", code="body")
    try:
        content = base64.b64decode(
            payload.text(body, "file", most=foreign.MAX_BYTES * 4 // 3 + 8), validate=True
        )
    except binascii.Error:
        raise Invalid("文件没有完整送达，请重新选择文件。", code="body") from None
    attributes, parts = None, service.content(session, draft)
    if which == "internal":
        attributes = vocabulary(parts, {})["attributes"]
    called = {**diagrams.calls.of_release(), **diagrams.calls.in_tree(parts)}
    return jsonify(foreign.receive(content, people.position_names(session), attributes, called).plain())
