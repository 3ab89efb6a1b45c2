"""The door of the forms room.

    form = load(json)                                # once per definition
    answers = form.parse(request.form, request.files, scope)
    data = form.validate(answers, context)           # or Invalid with errors for `render`
    form.routing(data)                               # what the case may branch on

A page that works without JavaScript also posts to be drawn again (`partial`): 增加一行, 更新表单.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from functools import lru_cache
from typing import Any

from markupsafe import Markup
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage

from app.kernel import clock, reads
from app.kernel.errors import Invalid, NotFound

from . import chunked, json_answers, reading, rendering
from . import json_schema as schema_of
from . import summary as reading_view
from .context import FormContext, OfficerOption
from .definition import EVIDENCE_KINDS, Definition, Evidence, Files
from .filetypes import EXTENSIONS
from .form import Form
from .models import FormDraft
from .parse import Answers
from .samples import lacking, sample
from .summary import Answer
from .uploads import Uploads

__all__ = [
    "DRAFT",
    "EVIDENCE_KINDS",
    "EXTENSIONS",
    "Answer",
    "Answers",
    "Form",
    "FormContext",
    "OfficerOption",
    "Uploads",
    "chunked",
    "draft_in",
    "draft_saved_at",
    "drafted",
    "drop_draft",
    "files_item",
    "from_json",
    "json_schema",
    "lacking",
    "load",
    "load_draft",
    "partial",
    "published",
    "render",
    "sample",
    "save_draft",
    "store",
    "summary",
    "to_json",
    "values_said",
]

MAX_DRAFT = 1024 * 1024


def load(definition: dict[str, Any]) -> Form:
    """The form that a JSON document defines, checked; cached by content.

    Raises:
        Invalid: code `bad_form`, `errors` by place in the document.
    """
    try:
        content = json.dumps(definition, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        reading.read(definition)
        raise
    if len(content) > reading.MAX_BYTES:
        reading.read(definition)
    return _load(content)


def published(digest: str, definitions: Mapping[str, Any], name: str) -> Form:
    """A form of a published bundle by the bundle's digest: its content never changes, so it is not even compared."""
    found = _published.get((digest, name))
    if found is None:
        if len(_published) >= MOST_PUBLISHED:  # drafts that are being tried come and go
            _published.clear()
        found = _published[digest, name] = load(dict(definitions[name]))
    return found


_published: dict[tuple[str, str], Form] = {}
MOST_PUBLISHED = 4096


@lru_cache(maxsize=512)
def _load(content: str) -> Form:
    definition = reading.read(json.loads(content))
    return Form(**{each.name: getattr(definition, each.name) for each in fields(Definition)})


def partial(post: Mapping[str, Any]) -> bool:
    """Whether a post only asks for the page again (more rows, conditions re-evaluated), not for the act."""
    return "_add_row" in post or "_refresh" in post


def render(
    form: Form,
    answers: Mapping[str, Any],
    errors: Mapping[str, list[str]] | None = None,
    context: FormContext | None = None,
) -> Markup:
    """The inside of a `<form>`: error summary, items, draft status."""
    return rendering.render(form, answers, errors, context=context or FormContext((), None, clock.today()))


def summary(form: Form, data: Mapping[str, Any]) -> list[Answer]:
    """Submitted data to read; empty and hidden items are left out."""
    return reading_view.summary(form, data)


def json_schema(form: Form, context: FormContext) -> dict[str, Any]:
    """The form as JSON Schema, for programs."""
    return schema_of.build(form, context)


def from_json(form: Form, values: Mapping[str, Any], scope: str) -> Answers:
    """The answers in a JSON object, not yet validated: read like a post.

    Raises:
        Invalid: see `Form.parse`; or `errors` by item for a wrong JSON type.
    """
    return json_answers.read(form, values, scope)


def to_json(form: Form, answers: Mapping[str, Any], scope: str) -> dict[str, Any]:
    """Answers in the shape that `from_json` takes; files under seal."""
    return json_answers.write(form, answers, scope)


def store(form: Form, field: str, upload: FileStorage, scope: str) -> dict[str, Any]:
    """Keep a file for an item of the form (`file` or `evidence`) and give it as `from_json` takes it.

    Raises:
        NotFound: the form has no such item for files.
        Invalid: code `file`: the file is not taken, with the reason.
    """
    item = files_item(form, field)
    uploads = Uploads(form.key, scope)
    kept, problems = uploads.collect(field, [], [], [upload], item.extensions, 1)
    if problems:
        raise Invalid(problems[0], code="file", field=field, errors={field: problems})
    return {"token": uploads.seal(field, kept[0]), **{k: kept[0][k] for k in ("name", "size", "type")}}


def files_item(form: Form, field: str) -> Files | Evidence:
    """The item of a form that takes files.

    Raises:
        NotFound: it has no such item.
    """
    item = next((i for i in form.keyed() if i.key == field and isinstance(i, (Files, Evidence))), None)
    if item is None:
        raise NotFound("这个表单没有这个上传附件的栏目。")
    return item


def save_draft(session: Session, account_id: int, scope: str, answers: Mapping[str, Any]) -> datetime:
    """Keep what a person has typed, and return when. The last save wins.

    Raises:
        Invalid: code `too_large`.
    """
    content = dict(answers)
    if len(json.dumps(content, ensure_ascii=False)) > MAX_DRAFT:
        raise Invalid("草稿过大，没有保存。请删减或者改为上传文件。", code="too_large")
    moment = clock.now()
    row = insert(FormDraft).values(account_id=account_id, scope=scope, answers=content, updated_at=moment)
    session.execute(
        row.on_conflict_do_update(
            index_elements=["account_id", "scope"],
            set_={"answers": row.excluded.answers, "updated_at": row.excluded.updated_at},
        )
    )
    return moment


def load_draft(session: Session, account_id: int, scope: str) -> dict[str, Any] | None:
    """What was typed here before, or None."""
    return session.scalar(select(FormDraft.answers).where(*_draft(account_id, scope)))


DRAFT = "select answers from form_draft where account_id = {account} and scope = {scope}"
"""The question of `load_draft`, for a page that reads everything in one round trip."""


def draft_in(rows: Sequence[reads.Row]) -> dict[str, Any] | None:
    """The draft among the rows of `DRAFT`."""
    return reads.entity(FormDraft, rows[0]).answers if rows else None


def draft_saved_at(session: Session, account_id: int, scope: str) -> datetime | None:
    """When the draft was saved, or None."""
    return session.scalar(select(FormDraft.updated_at).where(*_draft(account_id, scope)))


def drafted(session: Session, scope: str) -> bool:
    """Whether anybody has typed something here."""
    return session.scalar(select(FormDraft.account_id).where(FormDraft.scope == scope).limit(1)) is not None


def drop_draft(session: Session, account_id: int, scope: str) -> None:
    """Forget the draft (the act is done)."""
    session.execute(delete(FormDraft).where(*_draft(account_id, scope)))


def _draft(account_id: int, scope: str) -> tuple[Any, ...]:
    return FormDraft.account_id == account_id, FormDraft.scope == scope


def values_said(forms: Iterable[Form]) -> dict[str, dict[str, str]]:
    """What forms call the values they write: attribute -> value -> label, for attributes with only such values."""
    found: dict[str, dict[str, str]] = {}
    for form in forms:
        for write in form.writes:
            possible = form.owner(write.fact).values_of(write.fact) if write.fact else None
            for value, label in (possible or {}).items():
                found.setdefault(write.attribute, {}).setdefault(value, label)
    return found
