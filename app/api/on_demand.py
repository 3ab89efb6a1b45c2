"""制作文书: what a task lets its officer make when it is needed, its form, and making it."""

from collections.abc import Mapping
from typing import Any

from app.cases import service as cases
from app.forms import service as forms
from app.kernel.auth import current_actor
from app.kernel.db import db

from . import on_demand_answers, requests
from .room import room
from .work import ACT, OFFICER, act_on

LISTED = "/work-items/<int:work_item_id>/papers"
NAMED = "/work-items/<int:work_item_id>/papers/<string(maxlength=60):code>"


@room.operation(
    "GET", LISTED, access=OFFICER, summary="在一项任务中可以制作的文书", tag="任务",
    answer=on_demand_answers.Papers, errors=(404,),
)  # fmt: skip
def papers(work_item_id: int) -> dict[str, Any]:
    """What this person may make at the task as the case stands; nothing where the task is not theirs or is done."""
    session, actor = db.session(), current_actor()
    work = cases.work_item(session, actor, work_item_id)
    found = cases.on_demand.offered(cases.running(session, work), work, cases.officer_of(actor))
    return {"id": work.id, "papers": found}


@room.operation(
    "GET", NAMED, access=OFFICER, summary="一种可以制作的文书：表单和预填的内容", tag="任务",
    answer=on_demand_answers.PaperForm, errors=(404, 409),
)  # fmt: skip
def paper(work_item_id: int, code: str) -> dict[str, Any]:
    """The document's own form as JSON Schema, and what it begins with."""
    found, work, one = cases.on_demand.desk(db.session(), current_actor(), work_item_id, code)
    form = cases.on_demand.form_of(found, work, one)
    scope = cases.on_demand.scope_of(work, one)
    return {
        "id": work.id,
        "code": one.code,
        "name": one.name,
        "numbered": one.numbered,
        "form": {
            "key": form.key,
            "title": form.title,
            "version": form.version,
            "schema": forms.json_schema(form, cases.form_context(found, scope)),
        },
        "answers": forms.to_json(form, form.prefilled(cases.context_of(found)), scope),
    }


@room.operation(
    "POST", NAMED, summary="制作文书", body=requests.MakePaper,
    **{**ACT, "answer": on_demand_answers.Made, "status": 201},
)  # fmt: skip
def make_paper(work_item_id: int, code: str, body: Mapping[str, Any], key: str) -> cases.ActResult:
    """Issue the document, once for each key. Task, state and clocks stay as they are."""

    def given(form: forms.Form, context: forms.FormContext) -> Mapping[str, Any]:
        return forms.from_json(form, body["answers"], context.scope)

    return act_on(cases.on_demand.make, work_item_id, key, code, given)
